"""What a page says of itself to whoever lists it or links to it, and the covers of briefs."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from conftest import ROOT, demonstration, once
from projects import HEAD, sitrep, tree, write
from sitrep.charts import cover
from sitrep.views.pages import Cover

URL = "https://example.org/watch/"
CONFIG = f"title: Watch\nurl: {URL}\ncovers: true\nbriefs: {{every: week}}\nfeeds: false\n"
BRIEF = "title: {}\nmarking: TLP:CLEAR\nstatus: reviewed\ndate: 2024-02-01\n"
FILES: dict[str, str | bytes] = {
    "content/articles/a.md": "The harbour is open.",
    "content/articles/a.yaml": f"{HEAD}claims: [{{id: open, quote: harbour is open}}]\n",
    "content/briefs/b.yaml": BRIEF.format("The harbour is open, and stays so"),
    "content/briefs/b.md": "It is [[claim:open]].",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with an address and covers."""
    return once(tmp_path_factory, "published", _build) / "site"


def _build(folder: Path) -> None:
    config = (ROOT / "config.yaml").read_text("utf-8").replace("exports: [", "exports: [] # [")
    demonstration(folder, f"{config}\nurl: {URL}\ncovers: true\nsearch: false\n")


def told(page: Path) -> dict[str, str]:
    """What a page's head says, by name or property."""
    head = lxml.html.fromstring(page.read_text("utf-8")).find("head")
    made = {meta.get("name") or meta.get("property") or "": meta.get("content") or "" for meta in head.iter("meta")}
    made |= {link.get("rel"): link.get("href") for link in head.iter("link") if link.get("rel") == "canonical"}
    return made | {"title": head.findtext("title")}


def is_page(path: Path) -> bool:
    return path.name != "404.html" and 'http-equiv="refresh"' not in path.read_text("utf-8")


def test_every_page_says_what_it_is_and_where(published: Path) -> None:
    titles: Counter[str] = Counter()
    for page in filter(is_page, sorted(published.rglob("*.html"))):
        path = page.relative_to(published).as_posix()
        said = told(page)
        address = URL if path == "index.html" else f"{URL}{path}"
        assert said["canonical"] == said["og:url"] == address
        assert said["description"] == said["og:description"] != ""
        assert len(said["description"]) <= 300, path
        assert said["og:title"] in said["title"]
        assert said["og:site_name"] == "DPRK–Russia watch"
        assert said["og:type"] == ("website" if path == "index.html" else "article")
        titles[f"{page.parent.name}: {said['title']}"] += 1  # an event and an actor may share a name
    assert [title for title, count in titles.items() if count > 1] == []


def test_pages_without_a_word_of_their_own_are_described_too(tmp_path: Path) -> None:
    """By what they are. Without an address a page has nothing to say to those who link to it."""
    write(tmp_path, FILES, config="title: Watch\n")
    sitrep(tmp_path, "build")
    site = tmp_path / "site"
    assert told(site / "articles/a.html")["description"] == "Article, Wire, 2024-01-02: T"
    assert told(site / "briefs/b.html")["description"] == "Brief: The harbour is open, and stays so"
    for page in filter(is_page, site.rglob("*.html")):
        said = told(page)
        assert said["description"]
        assert [name for name in said if name.startswith(("og:", "twitter:"))] == []
    assert list(site.rglob("*.png")) == []


def test_each_page_of_a_list_has_a_title_of_its_own(made_up_site: Path) -> None:
    titles = Counter(told(page)["title"] for page in (made_up_site / "articles").glob("*.html"))
    assert [title for title, count in titles.items() if count > 1] == []
    assert "Articles, page 2 · A made-up watch" in titles


# -- covers -----------------------------------------------------------------------------------------------------------


def test_each_brief_has_a_cover_and_its_page_names_it(published: Path) -> None:
    named = set()
    for page in (published / "briefs").rglob("*.html"):
        if page.name == "index.html" or page.name.startswith("page-"):
            continue
        said = told(page)
        assert said["og:image"].startswith(URL)
        assert said["twitter:card"] == "summary_large_image"
        path = published / said["og:image"].removeprefix(URL)
        with Image.open(path) as image:
            assert (image.format, image.size) == ("PNG", (1200, 630))
            assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
        named.add(path)
    assert named == set((published / "briefs").glob("*.png"))
    assert len(named) > 10
    assert "og:image" not in told(published / "index.html")


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_cover_is_the_same_bytes_in_every_run(seed: str, published: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Pyongyang", "LC_ALL": "C"}
    options = ["build", "--output", str(tmp_path / "site"), "--jobs", "1"]
    command = [sys.executable, str(ROOT / "build.py"), "--root", str(published.parent), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=300, env=environment)
    for path in (published / "briefs").glob("*.png"):
        assert (tmp_path / "site" / "briefs" / path.name).read_bytes() == path.read_bytes()


def test_a_cover_is_drawn_again_only_when_what_it_says_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    plain = cover.png
    monkeypatch.setattr(cover, "png", lambda made: (drawn.append(made.title), plain(made))[1])

    def after(change: dict[str, str | bytes]) -> list[str]:
        drawn.clear()
        write(tmp_path, change, config=CONFIG)
        sitrep(tmp_path, "build", "--jobs", "1")
        return sorted(drawn)

    brief = "The harbour is open, and stays so"
    assert after(FILES) == [brief, "Week 1 of 2024"]
    assert after({"content/briefs/b.md": "It is, we think, [[claim:open]]."}) == []
    assert after({"content/articles/a.md": "Hear: The harbour is open."}) == []
    assert after({"content/briefs/b.yaml": BRIEF.format("It shuts")}) == ["It shuts"]
    late = {"content/articles/c.md": "It shuts.", "content/articles/c.yaml": HEAD.replace("title: T", "title: U")}
    assert after(late) == ["Week 1 of 2024"]


@pytest.mark.parametrize("title", ["조선과 러시아", "اتفاق", "\U0001f6a2 sails", "a\u200bb"])
def test_what_the_font_cannot_write_has_no_cover(title: str, tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "content/briefs/b.yaml": BRIEF.format(f'"{title}"')}, config=CONFIG)
    sitrep(tmp_path, "build")
    assert [path.name for path in (tmp_path / "site").rglob("*.png")] == ["2024-W01.png"]
    assert "og:image" not in told(tmp_path / "site/briefs/b.html")
    assert told(tmp_path / "site/briefs/b.html")["og:title"]


def test_without_what_draws_them_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FILES, config=CONFIG)
    sitrep(tmp_path, "build")
    before = tree(tmp_path / "site")
    monkeypatch.setattr(cover, "MODULES", ("resvg_py", "a_package_that_is_not_there"))
    ran = sitrep(tmp_path, "build")
    assert ran.code == 2
    assert ran.err == (
        "sitrep: covers in config.yaml needs a_package_that_is_not_there: pip install 'sitrep-site[covers]'\n"
    )
    assert tree(tmp_path / "site") == before


def test_what_is_withheld_has_no_cover(tmp_path: Path) -> None:
    held = BRIEF.format("Nobody may know of this").replace("CLEAR", "RED")
    write(tmp_path, {**FILES, "content/briefs/held.yaml": held}, config=CONFIG)
    sitrep(tmp_path, "build")
    assert not (tmp_path / "site/briefs/held.png").exists()
    sitrep(tmp_path, "build", "--preview")
    assert (tmp_path / "preview/briefs/held.png").exists()


LETTERS = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc"]), max_size=400)


@settings(deadline=None)
@given(LETTERS, LETTERS, st.sampled_from(sorted(cover.LABELS)), st.booleans())
def test_a_cover_keeps_within_its_edges(site: str, title: str, marking: str, preview: bool) -> None:
    note = "Preview, not for release" if preview else ""
    made = Cover(site=site, marking=marking, title=title, line="Brief", counts=("1 article",), preview=note)
    drawing: Any = lxml.etree.fromstring(cover.svg(made))
    texts = list(drawing.iter("{*}text"))
    for text in texts:
        size, weight = int(text.get("font-size")), int(text.get("font-weight"))
        width = cover._width(text.text or "", size, weight)
        start = float(text.get("x")) - (width if text.get("text-anchor") else 0)
        assert cover.EDGE - 1 <= start <= start + width <= cover.WIDTH - cover.EDGE + 1
        assert 0 < float(text.get("y")) < cover.HEIGHT
    assert marking in [text.text for text in texts]
    assert ("Preview, not for release" in [text.text for text in texts]) == preview


def test_a_drawing_is_made_of_its_title_and_of_no_markup_in_it() -> None:
    made = Cover(site="W", marking="TLP:CLEAR", title='<image href="x"/> & co', line="", counts=(), preview="")
    with Image.open(io.BytesIO(cover.png(made))) as image:
        assert image.size == (1200, 630)
    assert "<image" not in cover.svg(made)
