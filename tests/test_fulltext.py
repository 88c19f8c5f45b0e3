"""Full-text search: what is found and how it is narrowed, in a browser; and how the index comes and goes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_browser_navigation import served

from conftest import NO_PAGEFIND, absent
from projects import HEAD, sitrep, tree, write
from served import Served, serving
from sitrep.build import build as building
from sitrep.build.state import BuildOptions
from sitrep.pages.search import Searched
from sitrep.parallel.pool import each
from sitrep.project import open_project
from sitrep.publish import search_index
from sitrep.publish.output_folder import MANIFEST

CONFIG = "title: Test\npublish: {repository: private}\n"
MARK = "marking: TLP:CLEAR\n"
FILES: dict[str, str | bytes] = {
    "content/articles/bridge.md": "The bridge was closed. Engineers from Zürich have looked at its façade.\n",
    "content/articles/bridge.yaml": HEAD.replace("title: T", "title: A look at the bridge") + "topics: [roads]\n",
    "content/articles/kursk.md": "Министр прибыл в Москву. Переговоры продолжаются.\n",
    "content/articles/kursk.yaml": HEAD.replace("title: T", "title: Arrival")
    .replace("wire", "moscow-paper")
    .replace("2024-01-02", "2024-03-09")
    + "language: ru\n",
    "content/articles/seoul.md": "정부는 조약이 발효되었다고 밝혔다. 장관은 말하지 않았다.\n",
    "content/articles/seoul.yaml": HEAD.replace("title: T", "title: In force") + "language: ko\n",
    "content/actors/office.yaml": f"name: The office\naliases: [Bureau Ödland]\n{MARK}",
    "content/actors/secret.yaml": "name: Hidden Quagga\nmarking: TLP:RED\n",
    "content/topics/roads.yaml": f"name: Roads and rails\n{MARK}",
}


@pytest.fixture(autouse=True, scope="module")
def _pagefind() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(search_index.PROGRAM)
        if not search_index.program():
            absent("pagefind", NO_PAGEFIND)
        yield


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _pagefind: None) -> Path:
    root = write(tmp_path_factory.mktemp("search"), FILES, config=CONFIG)
    ran = sitrep(root, "build", "--quiet")
    assert (ran.code, ran.out) == (0, "")
    return root / "site"


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    with served(site) as at:
        yield at


def hits(page: Any, address: str, query: str) -> dict[str, str]:
    """Path → the sentence shown, of what the search page finds, in order."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(f"{request.url}: {request.failure}"))
    page.goto(f"{address}/search.html?{query}")
    told = page.locator("#told")
    deadline = time.monotonic() + 30
    while "page" not in told.inner_text() and "Nothing" not in told.inner_text():
        assert time.monotonic() < deadline, (told.inner_text(), said)
        time.sleep(0.02)
    count = int(told.inner_text().split()[0]) if "page" in told.inner_text() else 0
    if count:
        page.locator("#found > li").nth(count - 1).wait_for()
    found = page.locator("#found > li").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('a').href, row.querySelector('blockquote')?.textContent ?? ''])"
    )
    assert len(found) == count
    return {href.removeprefix(f"{address}/").partition("#")[0]: sentence for href, sentence in found}


# -- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
@pytest.mark.parametrize(
    ("query", "path", "sentence"),
    [
        ("engineers", "articles/bridge.html", "Engineers from Zürich have looked at its façade."),
        ("looking", "articles/bridge.html", "Engineers from Zürich have looked at its façade."),
        ("zurich facade", "articles/bridge.html", "Engineers from Zürich have looked at its façade."),
        ("Министр", "articles/kursk.html", "Министр прибыл в Москву."),
        ("переговоры", "articles/kursk.html", "Переговоры продолжаются."),
        ("발효", "articles/seoul.html", "정부는 조약이 발효되었다고 밝혔다."),
        ("odland", "actors/office.html", "Bureau Ödland."),
    ],
)
def test_words_are_found_with_their_sentence(
    chromium_page: Any, address: str, query: str, path: str, sentence: str
) -> None:
    assert hits(chromium_page, address, f"q={query}") == {path: sentence}


@pytest.mark.browser
def test_what_is_found_is_narrowed_by_facets(chromium_page: Any, address: str) -> None:
    every = {"articles/bridge.html", "articles/kursk.html", "articles/seoul.html"}
    assert set(hits(chromium_page, address, "kind=article")) == every
    assert set(hits(chromium_page, address, "date=2024")) == every
    assert set(hits(chromium_page, address, "date=2024-03")) == {"articles/kursk.html"}
    assert set(hits(chromium_page, address, "source=Moscow+Paper")) == {"articles/kursk.html"}
    assert set(hits(chromium_page, address, "topic=Roads+and+rails")) == {"articles/bridge.html"}
    assert set(hits(chromium_page, address, "q=engineers&kind=actor")) == set()
    assert set(hits(chromium_page, address, "status=reviewed&kind=actor")) == {"actors/office.html"}


def _tells(message: Any) -> bool:
    """Whether it is an error of ours: the browser asks for an icon by itself."""
    return message.type == "error" and not message.location["url"].endswith("/favicon.ico")


@pytest.mark.browser
def test_a_query_is_typed_chosen_and_kept_in_the_address(chromium_page: Any, address: str) -> None:
    asked: list[str] = []
    told: list[str] = []
    chromium_page.on("request", lambda request: asked.append(request.url))
    chromium_page.on("console", lambda message: _tells(message) and told.append(message.text))
    chromium_page.on("pageerror", lambda error: told.append(str(error)))
    chromium_page.goto(f"{address}/search.html")
    assert not [url for url in asked if "pagefind" in url]
    chromium_page.locator("input[name=q]").focus()
    chromium_page.keyboard.type("engineers")
    chromium_page.locator("#found > li").wait_for()
    chromium_page.locator("select[name=kind]").select_option("actor")
    chromium_page.locator("#found > li").wait_for(state="detached")
    assert chromium_page.url.endswith("/search.html?q=engineers&kind=actor")
    assert chromium_page.locator("#told").inner_text() == "Nothing found."
    chromium_page.locator("select[name=kind]").select_option("")
    chromium_page.locator("#found a").click()
    chromium_page.wait_for_url("**/articles/bridge.html**")
    assert told == []
    assert all(url.startswith(address) for url in asked)


@pytest.mark.browser
def test_the_switcher_hands_over_to_the_search(chromium_page: Any, address: str) -> None:
    chromium_page.goto(f"{address}/index.html")
    chromium_page.keyboard.press("/")
    chromium_page.keyboard.type("engineers")
    chromium_page.locator("#find-list [role=option]").wait_for()
    chromium_page.keyboard.press("Enter")
    chromium_page.wait_for_url("**/search.html?q=engineers")
    chromium_page.locator("#found > li").wait_for()


@pytest.mark.browser
def test_in_a_folder_and_without_scripts_the_page_says_what_to_do(chromium: Any, site: Path) -> None:
    for scripts, words in ((True, "Opened from a folder"), (False, "Search needs JavaScript")):
        context = chromium.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto((site / "search.html").as_uri())
        assert words in page.inner_text("main")
        if not scripts:
            page.locator("main a", has_text="Articles").click()
            assert page.url.endswith("/articles/index.html")
        context.close()


@pytest.mark.browser
def test_the_preview_finds_what_is_withheld_and_the_site_does_not(chromium_page: Any, tmp_path: Path) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    assert sitrep(root, "build", "--quiet", "--preview").code == 0
    assert sitrep(root, "build", "--quiet").code == 0
    with served(root / "preview") as at:
        assert set(hits(chromium_page, at, "q=quagga")) == {"actors/secret.html"}
    with served(root / "site") as at:
        assert hits(chromium_page, at, "q=quagga") == {}


# -- the index --------------------------------------------------------------------------------------------------------


class Ran:
    """How often pagefind has run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[list[str]] = []
        real = search_index.index

        def index(program: str, pages: Any, leave: Callable[[], bool]) -> Any:
            found = list(pages)
            self.paths.append([page.path for page, _ in found])
            return real(program, found, leave)

        monkeypatch.setattr(search_index, "index", index)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    return Ran(monkeypatch)


def parts(site: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(site).items() if name.startswith("pagefind/")}


def kinds_of(files: dict[str, bytes]) -> Counter[str]:
    """How many files of each kind: their names are digests, and pagefind does not order all that is in them."""
    return Counter(name.rpartition(".")[2] for name in files)


def kinds(site: Path) -> Counter[str]:
    return kinds_of(parts(site))


def owned(site: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((site / MANIFEST).read_bytes())["files"]
    return found


def test_the_index_is_made_of_released_pages_and_only_when_they_change(tmp_path: Path, ran: Ran) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    (root / "site").mkdir()
    (root / "site/foreign.html").write_text("<!doctype html><title>x</title><main data-pagefind-body>Foreign</main>")
    assert sitrep(root, "build", "--quiet").code == 0
    assert len(ran.paths) == 1
    assert set(ran.paths[0]) == {
        *(f"articles/{id}.html" for id in ("bridge", "kursk", "seoul")),
        *("actors/office.html", "sources/wire.html", "sources/moscow-paper.html", "topics/roads.html"),
        *("about.html", "method.html"),
    }
    assert set(parts(root / "site")) <= owned(root / "site").keys()
    assert sitrep(root, "build", "--quiet").code == 0
    shutil.rmtree(root / ".sitrep")
    assert sitrep(root, "build", "--quiet").code == 0
    assert len(ran.paths) == 1
    before = parts(root / "site")
    write(root, {"content/articles/bridge.md": "The bridge was opened.\n"}, config="")
    assert sitrep(root, "build", "--quiet").code == 0
    assert len(ran.paths) == 2
    after = parts(root / "site")
    assert before.keys() - after.keys()
    assert set(after) <= owned(root / "site").keys()
    assert sitrep(root, "check", "--site", str(root / "site")).code == 1  # the foreign page, and nothing else
    (root / "site/foreign.html").unlink()
    assert sitrep(root, "check", "--site", str(root / "site")).code == 0


def test_what_is_lost_or_altered_is_made_again(tmp_path: Path, ran: Ran) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    assert sitrep(root, "build", "--quiet").code == 0
    whole = parts(root / "site")
    next((root / "site/pagefind/fragment").iterdir()).unlink()
    assert sitrep(root, "build", "--quiet").code == 0
    assert kinds(root / "site") == kinds_of(whole)
    shutil.rmtree(root / ".sitrep")
    (root / "site/pagefind/pagefind.js").write_text("gone()")
    assert sitrep(root, "build", "--quiet").code == 0
    assert parts(root / "site")["pagefind/pagefind.js"] == whole["pagefind/pagefind.js"]
    assert len(ran.paths) == 3


def test_without_search_there_is_no_index_no_page_and_no_way_to_it(tmp_path: Path) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    assert sitrep(root, "build", "--quiet").code == 0
    write(root, {}, config=CONFIG + "search: false\n")
    ran = sitrep(root, "build")
    assert "full-text" not in ran.out
    assert not (root / "site/pagefind").exists()
    assert not (root / "site/search.html").exists()
    assert "search.html" not in (root / "site/index.html").read_text("utf-8")
    assert "indexed" not in json.loads((root / "site" / MANIFEST).read_bytes())


def test_without_pagefind_the_build_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "program", lambda: "")
    root = write(tmp_path, FILES, config=CONFIG)
    for _ in range(2):
        ran = sitrep(root, "build")
        assert ran.code == 0
        assert search_index.MISSING in ran.lines
    assert not (root / "site/search.html").exists()


def test_cleaning_takes_the_index_along(tmp_path: Path) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    assert sitrep(root, "build", "--quiet").code == 0
    assert sitrep(root, "clean").code == 0
    assert not (root / "site").exists()


def test_a_program_that_fails_is_told_and_the_next_build_heals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    real, bad = search_index.program(), tmp_path / "bad"
    bad.write_text("#!/bin/sh\necho pagefind\n")
    bad.chmod(0o755)
    monkeypatch.setattr(search_index, "program", lambda: str(bad))
    for _ in range(2):
        ran = sitrep(root, "build")
        assert ran.code == 1
        assert "the pages are written, but not the index that they are searched by: pagefind failed" in ran.out
        assert "[no-index]" in ran.out
        assert (root / "site/articles/bridge.html").exists()
    monkeypatch.setattr(search_index, "program", lambda: real)
    assert sitrep(root, "build", "--quiet").code == 0
    assert parts(root / "site")


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("moment", ["commit", "_place", "_manifest"])
def test_a_kill_midway_is_healed(tmp_path: Path, moment: str, ran: Ran) -> None:
    """Killed while the new index is moved into place, at three moments; then the text is as it was, or another."""
    root = write(tmp_path, FILES, config=CONFIG)
    assert sitrep(root, "build", "--quiet").code == 0
    whole = parts(root / "site")
    write(root, {"content/articles/bridge.md": "The bridge was opened.\n"}, config="")
    killed = f"""
import os, sys
from pathlib import Path
from sitrep.publish import output_folder, search_index
from sitrep.cli import main
real, index = output_folder.OutputFolder.{moment}, search_index.index
def killing(*a, **k):
    armed = True
    def kill(self, *a, **k):
        if {moment!r} == "_place":
            real(self, list(*a)[:-3])
        os._exit(9)
    output_folder.OutputFolder.{moment} = kill
    return made
def indexing(*a, **k):
    global made
    made = list(index(*a, **k))
    return killing()
search_index.index = indexing
main(["--root", {str(root)!r}, "build", "--quiet", "--jobs", "1"])
"""
    done = subprocess.run([sys.executable, "-c", killed], check=False, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    write(root, FILES, config=CONFIG)
    assert sitrep(root, "build", "--quiet").code == 0
    assert kinds(root / "site") == kinds_of(whole)
    assert set(parts(root / "site")) <= owned(root / "site").keys()
    assert sitrep(root, "check", "--site", str(root / "site")).code == 0


def test_an_index_that_is_left_is_made_by_the_next_build(tmp_path: Path, ran: Ran) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    project, _ = open_project(root)
    asked: list[bool] = []

    def soon() -> bool:
        """Left once it has begun."""
        asked.append(True)
        return len(asked) > 1

    for leave in (lambda: True, soon):
        left = building.build(project, BuildOptions(each(1), root / "site", postpone_index=leave))
        assert left.index_outdated
        assert (root / "site/search.html").exists()
        assert not (root / "site/pagefind").exists()
    assert not building.build(project, BuildOptions(each(1), root / "site")).index_outdated
    whole = owned(root / "site")
    assert any(path.startswith("pagefind/") for path in whole)
    write(root, {"content/articles/bridge.md": "The bridge was opened.\n"}, config="")
    assert building.build(project, BuildOptions(each(1), root / "site", postpone_index=lambda: True)).index_outdated
    assert not any(path.startswith("pagefind/") for path in owned(root / "site"))  # it may hold what is no longer said
    assert not building.build(project, BuildOptions(each(1), root / "site")).index_outdated
    assert len(ran.paths) == 3


def test_an_index_goes_with_what_is_withheld_however_the_build_ends(tmp_path: Path) -> None:
    root = write(tmp_path, FILES, config=CONFIG)
    project, _ = open_project(root)
    assert not building.build(project, BuildOptions(each(1), root / "site")).index_outdated
    article = root / "content/articles/bridge.yaml"
    article.write_text(article.read_text("utf-8").replace("reviewed", "draft"), "utf-8")
    assert building.build(project, BuildOptions(each(1), root / "site", postpone_index=lambda: True)).index_outdated
    assert not (root / "site/articles/bridge.html").exists()
    assert not (root / "site/pagefind").exists()
    shown = root / "preview"
    assert not building.build(project, BuildOptions(each(1), shown, preview=True)).index_outdated
    article.write_text(article.read_text("utf-8") + "summary: New words.\n", "utf-8")
    assert building.build(
        project, BuildOptions(each(1), shown, preview=True, postpone_index=lambda: True)
    ).index_outdated
    assert (shown / "pagefind").exists()  # a preview is searched by what it was until there is another


def test_what_is_added_is_escaped_and_alone() -> None:
    page = Searched("a.html", (("kind", "article"), ("source", "<b>&")), ("A & B",))
    text = search_index.marked(page, b"<html><body><p>x</p></body></html>")
    assert "<b>" not in text
    assert text.endswith("</body></html>")
    assert '<p data-pagefind-filter="source">&lt;b&gt;&amp;</p>' in text


# -- the preview ------------------------------------------------------------------------------------------------------


def test_the_preview_does_not_wait_for_its_index(tmp_path: Path) -> None:
    root = write(tmp_path.resolve(), FILES, config=CONFIG)

    def entry(served: Served) -> Any:
        answer = served.get(f"{served.base}pagefind/pagefind-entry.json")
        assert answer.status in (200, 404), (answer, served.lines)
        return json.loads(answer.body) if answer.status == 200 else None

    with serving(root) as running:
        assert running.get(running.base + "search.html").status == 200
        running.until(entry)
        first = entry(running)
        (root / "content/articles/bridge.md").write_text("The bridge was opened.\n")
        running.shows("articles/bridge.html", "was opened")
        assert entry(running) == first
        running.until(lambda s: entry(s) != first)


@pytest.mark.slow
@pytest.mark.browser
def test_the_preview_can_be_searched(tmp_path: Path, chromium_page: Any) -> None:
    root = write(tmp_path.resolve(), FILES, config=CONFIG)
    with serving(root) as running:
        running.until(lambda s: s.get(s.base + "pagefind/pagefind-entry.json").status == 200)
        assert set(hits(chromium_page, running.address, "q=quagga")) == {"actors/secret.html"}
