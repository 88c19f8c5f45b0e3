"""What docs/theming.md shows is what a project can do: each of its code blocks is built, alone and with the others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from conftest import ROOT
from projects import HEAD, sitrep, tree, write
from sitrep.i18n.words import direction

GUIDE = (ROOT / "docs" / "theming.md").read_text(encoding="utf-8")
EXAMPLES = {
    name: re.sub(r"^    ", "", text, flags=re.MULTILINE).strip("\n") + "\n"
    for name, text in re.findall(r"^`(templates/[^`]+)`:\n\n((?:    .*\n|\n)+)", GUIDE, re.MULTILINE)
}
FONT = b"not a font, and not looked into"
CONTENT: dict[str, str | bytes] = {
    "content/articles/a.md": "The harbour is open.",
    "content/articles/a.yaml": f"{HEAD}claims: [{{id: open, quote: harbour is open}}]\n",
    "content/about.md": "We look at harbours.",
    "templates/assets/fonts/house-serif.woff2": FONT,
    "templates/assets/house.js": "document.documentElement.dataset.house = '';\n",
}


def built(root: Path, *names: str) -> Path:
    """The site, with these of the guide's examples."""
    write(root, {**CONTENT, **{name: EXAMPLES[name] for name in names}}, config="title: Watch\n")
    ran = sitrep(root, "build")
    assert ran.code == 0, ran.out + ran.err
    return root / "site"


def page(site: Path, name: str) -> str:
    return (site / name).read_text("utf-8")


def style(site: Path) -> str:
    (sheet,) = (site / "theme").glob("*.css")
    return sheet.read_text("utf-8")


def test_the_guide_shows_each_size_of_change() -> None:
    assert list(EXAMPLES) == [
        "templates/assets/own.css",
        "templates/article.html",
        "templates/base.html",
        "templates/about.html",
    ]


def test_one_style_sheet_has_ours_and_theirs(tmp_path: Path) -> None:
    plain = style(built(tmp_path / "plain"))
    site = built(tmp_path / "own", "templates/assets/own.css")
    mine = style(site)
    assert mine.startswith(plain)
    assert "--denies: light-dark(#7a1f5c, #e79ac9)" in mine[len(plain) :]
    named = re.findall(r"url\((fonts/house-serif\.[0-9a-f]+\.woff2)\)", mine)
    assert len(named) == 1
    assert (site / "theme" / named[0]).read_bytes() == FONT
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page(site, "articles/a.html"))
    assert [(site / "articles" / sheet).resolve().name for sheet in sheets] == [
        path.name for path in (site / "theme").glob("*.css")
    ]


@pytest.mark.browser
def test_a_custom_property_reaches_what_uses_it(tmp_path: Path, chromium_page: Any) -> None:
    site = built(tmp_path, "templates/assets/own.css")
    for scheme, colour in (("light", "rgb(122, 31, 92)"), ("dark", "rgb(231, 154, 201)")):
        chromium_page.emulate_media(color_scheme=scheme)
        chromium_page.goto((site / "method.html").as_uri())
        found = chromium_page.evaluate("() => getComputedStyle(document.querySelector('.s.denies')).color")
        assert found == colour


ARTICLE = "articles/2024-12-05-bharatshakti-treaty-in-force.html"
PAPER = {"light": "rgb(252, 251, 248)", "dark": "rgb(23, 22, 19)"}
SEEN = "() => getComputedStyle(document.body).backgroundColor"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_or_dark_is_the_system_s_or_the_reader_s(demo_site: Path, chromium_page: Any, scheme: str) -> None:
    """A switch of three states; what is chosen holds on every page, and drawings follow."""
    chromium_page.emulate_media(color_scheme=scheme)
    chromium_page.goto((demo_site / "claims/dprk-troops-in-russia.html").as_uri())
    button = chromium_page.locator(".theme")
    before = button.bounding_box()
    assert chromium_page.evaluate(SEEN) == PAPER[scheme]
    button.focus()
    for name, paper in (("light", PAPER["light"]), ("dark", PAPER["dark"])):
        chromium_page.keyboard.press("Enter")
        assert button.get_attribute("aria-label") == f"Colours: {name}"
        assert chromium_page.evaluate(SEEN) == paper
        used = "() => getComputedStyle(document.documentElement).colorScheme"
        assert chromium_page.evaluate(used) == name
        ink = chromium_page.evaluate("() => getComputedStyle(document.body).color")
        drawn = "() => getComputedStyle(document.querySelector('.chart:not(.axis)')).fill"
        assert chromium_page.evaluate(drawn) == ink
    for page in ("index.html", "search.html", "map.html"):
        chromium_page.goto((demo_site / page).as_uri())
        assert chromium_page.evaluate(SEEN) == PAPER["dark"]
    chromium_page.emulate_media(media="print", color_scheme=scheme)
    assert chromium_page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "light"
    assert chromium_page.evaluate("() => getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not button.is_visible()
    chromium_page.emulate_media(media="screen", color_scheme=scheme)
    button.click()
    assert button.get_attribute("aria-label") == "Colours: as in the system"
    assert chromium_page.evaluate(SEEN) == PAPER[scheme]
    assert button.bounding_box() == before


@pytest.mark.browser
def test_the_switch_works_where_nothing_can_be_kept(demo_site: Path, chromium_page: Any) -> None:
    told: list[str] = []
    chromium_page.on("pageerror", lambda error: told.append(error.message))
    chromium_page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    chromium_page.goto((demo_site / "index.html").as_uri())
    chromium_page.locator(".theme").click()
    chromium_page.locator(".theme").click()
    assert chromium_page.evaluate(SEEN) == PAPER["dark"]
    assert told == []


@pytest.mark.browser
def test_what_was_chosen_is_there_before_anything_else_happens(demo_site: Path, chromium_page: Any) -> None:
    """It is set by the first script that runs, as soon as the page has been read; no other script has run before."""
    chromium_page.emulate_media(color_scheme="light")
    chromium_page.add_init_script(
        "window.order = []; new MutationObserver((changes) => changes.forEach(({ attributeName: name, target }) =>"
        " window.order.push(name === 'data-theme' ? 'light' : target.className)))"
        ".observe(document, { subtree: true, childList: true, attributes: true });"
        "document.addEventListener('DOMContentLoaded', () => window.order.push('read'));"
    )
    chromium_page.goto((demo_site / "index.html").as_uri())
    chromium_page.locator(".theme").click()
    chromium_page.locator(".theme").click()
    for path in ("index.html", "search.html", ARTICLE):
        chromium_page.goto((demo_site / path).as_uri(), wait_until="load")
        first = chromium_page.evaluate("() => [window.order.indexOf('light'), window.order.indexOf('read')]")
        assert 0 <= first[0] < first[1], path
        scripts = chromium_page.evaluate("() => [...document.scripts].map((script) => script.src).filter(Boolean)")
        assert "/ways." in scripts[0], path


def test_a_block_is_changed_and_the_rest_is_ours(tmp_path: Path) -> None:
    plain = page(built(tmp_path / "plain"), "articles/a.html")
    site = built(tmp_path / "own", "templates/article.html")
    mine = page(site, "articles/a.html")
    added = ["<div><dt>Cite as</dt><dd>Watch, T</dd></div>"]
    added += ['<p class="meta">Is something wrong here? Write to corrections@example.org.</p>']
    assert [line for line in mine.splitlines() if line not in plain.splitlines()] == added
    assert [line for line in plain.splitlines() if line not in mine.splitlines()] == []
    facts = lxml.html.fromstring(mine).find_class("facts")[0]
    assert [dt.text for dt in facts.iter("dt")][-1] == "Cite as"
    assert "Cite as" not in page(site, "claims/open.html")


def test_the_frame_is_changed_on_every_page(tmp_path: Path) -> None:
    site = built(tmp_path, "templates/base.html")
    pages = list(site.rglob("*.html"))
    assert len(pages) > 15
    for path in pages:
        text = path.read_text("utf-8")
        assert "Published by the Harbour Desk." in text, path
        assert 'class="masthead"' in text, path
        (script,) = re.findall(r'src="([^"]*house\.[0-9a-f]+\.js)"', text)
        assert path.name == "404.html" or (path.parent / script).is_file()


def test_a_whole_template_is_taken_instead_of_ours(tmp_path: Path) -> None:
    site = built(tmp_path, "templates/about.html")
    assert "<h1>Who we are</h1>" in page(site, "about.html")
    assert "We look at harbours." in page(site, "about.html")
    assert "harbour is open" in page(site, "articles/a.html")


def test_all_of_them_together_and_again(tmp_path: Path) -> None:
    """Together they are what they are alone; a build that has a past sees that a template has changed, come or gone."""
    site = built(tmp_path, *EXAMPLES)
    assert "Cite as" in page(site, "articles/a.html")
    assert "Published by the Harbour Desk." in page(site, "about.html")
    once = tree(site)
    (tmp_path / "templates" / "article.html").unlink()
    sitrep(tmp_path, "build")
    assert "Cite as" not in page(site, "articles/a.html")
    write(tmp_path, {"templates/article.html": EXAMPLES["templates/article.html"]}, config="title: Watch\n")
    sitrep(tmp_path, "build")
    assert tree(site) == once


def test_a_folder_of_the_project_s_own_does_not_stand_in_for_ours(tmp_path: Path) -> None:
    site = built(tmp_path, "templates/article.html")
    before = page(site, "articles/a.html")
    write(tmp_path, {"templates/theme/article.html": "theirs"}, config="title: Watch\n")
    assert sitrep(tmp_path, "build").code == 0
    assert page(site, "articles/a.html") == before


def test_a_template_that_extends_what_is_not_there_is_told(tmp_path: Path) -> None:
    write(
        tmp_path, {**CONTENT, "templates/article.html": '{% extends "theme/artikel.html" %}\n'}, config="title: Watch\n"
    )
    ran = sitrep(tmp_path, "build")
    assert ran.code == 1
    assert "templates/article.html" in ran.out + ran.err
    assert "theme/artikel.html" in ran.out + ran.err


def test_the_blocks_of_the_guide_are_those_of_the_templates() -> None:
    rows = re.findall(r"^\| (`[^|]*) \| ([^|]*) \|$", GUIDE, re.MULTILINE)
    told = {
        name: set(re.findall(r"`(\w+)`", blocks)) for names, blocks in rows for name in re.findall("`([^`]+)`", names)
    }
    assert "base.html" in told
    for name, blocks in told.items():
        text = (ROOT / "templates" / name).read_text("utf-8")
        own = set(re.findall(r"\{% block (\w+)", text))
        assert (own - {"head", "main"} if name != "base.html" else own) == blocks, name
    others = {path.name for path in (ROOT / "templates").glob("*.html")} - told.keys()
    told_of_things = told["entry.html"] | told["base.html"]
    for name in others:
        assert set(re.findall(r"\{% block (\w+)", (ROOT / "templates" / name).read_text("utf-8"))) <= told_of_things


# -- from right to left -----------------------------------------------------------------------------------------------

MARK = "marking: TLP:CLEAR\n"
LEFTWARDS: dict[str, str | bytes] = {
    "content/articles/report.md": "وصل كيم إلى جنيف. قال إن الجسر مفتوح.\n\nنفت جنيف ذلك.\n",
    "content/articles/report.yaml": HEAD.replace("title: T", "title: تقرير")
    + "actors: [{id: kim, quotes: [كيم]}, {id: geneva, quotes: [جنيف]}]\n"
    + "claims: [{id: open, by: [kim], said: 2024-01-01, quote: الجسر مفتوح}]\n",
    "content/actors/kim.yaml": f"name: كيم\nformerly: [old]\n{MARK}",
    "content/actors/geneva.yaml": f"name: جنيف\n{MARK}",
    "content/claims/open.yaml": f"statement: الجسر مفتوح.\nmeasure: x\n{MARK}",
    "templates/languages/ar.yaml": "arrow: {to: ←, from: →}\nstatement: {said: قيل}\npage: {find: ابحث}\n",
}


@pytest.fixture(scope="module")
def leftwards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in a language that is written from right to left, with few words of it."""
    root = write(tmp_path_factory.mktemp("leftwards"), LEFTWARDS, config="title: مرصد\nlanguage: ar\n")
    ran = sitrep(root, "build")
    assert ran.code == 0, ran.out + ran.err
    return root / "site"


@pytest.mark.parametrize(
    ("language", "way"),
    [("en", "ltr"), ("ar", "rtl"), ("ar-EG", "rtl"), ("fa", "rtl"), ("he", "rtl"), ("ur-PK", "rtl"), ("uz", "ltr")]
    + [("uz-Arab-AF", "rtl"), ("az-Latn", "ltr"), ("ku-Arab", "rtl"), ("ar-Latn", "ltr"), ("zh-Hant-TW", "ltr")],
)
def test_a_language_is_written_in_its_direction(language: str, way: str) -> None:
    assert direction(language) == way


def test_every_page_says_its_direction(leftwards: Path, demo_site: Path) -> None:
    pages = list(leftwards.rglob("*.html"))
    assert len(pages) > 15
    assert {lxml.html.fromstring(path.read_text("utf-8")).getroottree().getroot().get("dir") for path in pages} == {
        "rtl"
    }
    assert lxml.html.fromstring(page(demo_site, "index.html")).getroottree().getroot().get("dir") is None
    text = lxml.html.fromstring(page(leftwards, "articles/report.html")).find_class("via")[0].text_content()
    assert text.split() == ["كيم", "←", "Wire"]


@pytest.mark.browser
def test_a_page_from_right_to_left_is_the_mirror_of_one_from_left_to_right(
    leftwards: Path, chromium_page: Any, axe: Any
) -> None:
    chromium_page.set_viewport_size({"width": 1440, "height": 900})
    chromium_page.goto((leftwards / "articles/report.html").as_uri())

    def box(selector: str) -> Any:
        return chromium_page.locator(selector).first.bounding_box()

    text, note = box(".body"), box(".note")
    assert note["x"] + note["width"] < text["x"]
    assert box(".sitename")["x"] > box(".find")["x"] > box(".theme")["x"] > box(".masthead .tlp")["x"]
    assert abs(box(".num")["x"] + box(".num")["width"] - (note["x"] + note["width"])) < 1
    link = chromium_page.locator(".body a.m").first
    link.hover()
    chromium_page.wait_for_selector(".card:popover-open")
    card, words = box(".card"), link.bounding_box()
    assert words["x"] + words["width"] <= card["x"] + card["width"] <= 1440
    assert axe(chromium_page) == []
    # The digits of a date stand in their order, whatever is before them.
    said = chromium_page.locator(".particulars span:has(> .k)").first
    order = """(span) => {
        const range = document.createRange(), date = span.lastChild, at = date.data.indexOf('2024');
        range.setStart(date, at); range.setEnd(date, at + 4);
        const year = range.getBoundingClientRect();
        range.setStart(date, at + 5); range.setEnd(date, at + 10);
        return [year.right, range.getBoundingClientRect().left];
    }"""
    year, rest = said.evaluate(order)
    assert year <= rest
    for path in sorted(leftwards.rglob("*.html")):
        if path.name == "old.html":  # leads on at once
            continue
        for width in (390, 1440):
            chromium_page.set_viewport_size({"width": width, "height": 900})
            chromium_page.goto(path.as_uri(), wait_until="load")
            room = chromium_page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
            assert room[0] <= room[1], (path, width)
