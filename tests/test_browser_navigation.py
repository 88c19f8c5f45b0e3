"""Navigation in a browser: the switcher, cards and the legend, from a folder and from a server."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from projects import HEAD, sitrep, write
from sitrep.pages.feeds import find_index

MARK = "marking: TLP:CLEAR\n"
FILES: dict[str, str | bytes] = {
    "content/articles/report.md": "Kim met Łukasz Ørsted in Geneva.\n\nThe bridge is open, he said. The ferry sails.\n",
    "content/articles/report.yaml": HEAD.replace("title: T", "title: The report of a meeting")
    + "actors: [kim, orsted, geneva]\nclaims: [{id: open, by: [kim], quote: The bridge is open}]\n"
    + "events: [{id: ferry, quote: The ferry sails}]\n",
    "content/articles/later.md": "Kim came again. Kim said that the bridge is shut.\n",
    "content/articles/later.yaml": HEAD.replace("2024-01-02", "2024-02-03")
    + "actors: [kim]\nclaims: [{id: open, by: [kim], stance: denies, quote: the bridge is shut}]\n",
    "content/articles/nested.md": "The crew says that the ferry is late today.\n",
    "content/articles/nested.yaml": HEAD.replace("title: T", "title: Words within words")
    + "claims: [{id: crew, quote: The crew says that the ferry is late today}, {id: late, quote: the ferry is late}]\n",
    "content/actors/kim.yaml": f"name: Kim\nkind: person\naliases: [김정은, Ким Чен Ын]\n{MARK}",
    "content/actors/orsted.yaml": f"name: Łukasz Ørsted\naliases: [The Façade]\n{MARK}",
    "content/actors/kimchi.yaml": f"name: Kimchi council\n{MARK}",
    "content/actors/old-kim.yaml": f"name: Old Kim\n{MARK}",
    "content/actors/wakim.yaml": f"name: Wakim\n{MARK}",
    "content/claims/open.yaml": f"statement: The bridge is open.\n{MARK}",
}
STILL = "() => [...document.querySelectorAll('h1, .body, .colophon, .note')].map((e) => e.getBoundingClientRect().top)"


def _site(root: Path) -> Path:
    ran = sitrep(write(root, FILES, config="title: Test\npublish: {repository: private}\n"), "build", "--quiet")
    assert (ran.code, ran.out) == (0, "")
    return root / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _site(tmp_path_factory.mktemp("ways"))


@contextlib.contextmanager
def served(folder: Path, pieces: int = 1) -> Iterator[str]:
    """A server's address. In more than one piece pages come slowly: the body in parts, each from the end of a line that
    ends a tag, and a while after the one before."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

        def copyfile(self, source: Any, outputfile: Any) -> None:
            text = source.read()
            start, step = 0, max(1, len(text) // pieces)
            while pieces > 1 and start + step < len(text) and str(source.name).endswith(".html"):
                end = text.find(b">\n", max(start + step, text.find(b"<body"))) + 2
                if end == 1:
                    break
                outputfile.write(text[start:end])
                outputfile.flush()
                time.sleep(0.06)
                start = end
            outputfile.write(text[start:])

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # a browser opens several connections at once

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(params=["folder", "server"])
def address(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    """Where the site is, opened from a folder and from a server."""
    if request.param == "folder":
        yield site.as_uri()
    else:
        with served(site) as at:
            yield at


def focused(page: Any) -> str:
    found: str = page.evaluate("() => document.activeElement.className || document.activeElement.tagName")
    return found


def options(page: Any) -> list[str]:
    found: list[str] = page.locator("#find-list [role=option]").all_inner_texts()
    return found


def ask(page: Any, text: str) -> list[str]:
    page.locator(".finder input").fill(text)
    return options(page)


# -- the file of names ------------------------------------------------------------------------------------------------


def listed(site: Path) -> dict[str, list[list[str]]]:
    text = (site / "names.js").read_text("utf-8")
    found: dict[str, list[list[str]]] = json.loads(text.removeprefix("sitrepNames(").removesuffix(");\n"))
    return found


def test_every_page_that_has_a_name_is_listed_once(demo_site: Path) -> None:
    """But the further pages of a long list, those of circles, and where old ids lead on."""
    held = listed(demo_site)
    paths = [f"{kind}/{id}.html" if kind != "pages" else id for kind, made in held.items() for id, *_ in made]
    assert len(paths) == len(set(paths))
    pages = {path.relative_to(demo_site).as_posix() for path in demo_site.rglob("*.html")}
    assert set(paths) <= pages
    left = {path for path in pages - set(paths) if 'http-equiv="refresh"' not in (demo_site / path).read_text("utf-8")}
    assert {path for path in left if not re.search(r"/page-\d+\.html$|/\d\.html$", path)} == {"404.html"}


def test_each_is_called_what_its_page_is_called(site: Path) -> None:
    held = listed(site)
    assert ["kim", "Kim", "김정은", "Ким Чен Ын"] in held["actors"]
    assert ["geneva", "Geneva"] in held["actors"]
    assert ["report", "The report of a meeting"] in held["articles"]
    assert ["open", "The bridge is open."] in held["claims"]
    assert ["index.html", "Test"] in held["pages"]


def test_the_file_holds_little_beside_names() -> None:
    """So that 10,000 articles, and twice as many pages, stay within `LARGEST`."""
    held: dict[str, list[find_index.Name]] = {
        "actors": [(f"actor-{n:05}", f"The actor {n}", "Alias") for n in range(1000)]
    }
    words = sum(len(part) for name in held["actors"] for part in name)
    assert len(find_index.script(held)) < words + 12 * 1000 + 100
    assert find_index.LARGEST > 20_000 * (30 + 30 + 12)


def test_what_is_withheld_bears_no_name(tmp_path: Path) -> None:
    secret = {
        "content/actors/secret-one.yaml": "name: Hidden Person\naliases: [The Mole]\nmarking: TLP:RED\n",
        "content/articles/secret.md": "Hidden Person met Only There.\n",
        "content/articles/secret.yaml": HEAD.replace("title: T", "title: A hidden title").replace("CLEAR", "AMBER")
        + "actors: [secret-one, only-there]\n",
    }
    with_, without = (_site(write(tmp_path / name, extra)) for name, extra in (("with", secret), ("without", {})))
    assert (with_ / "names.js").read_bytes() == (without / "names.js").read_bytes()
    assert sitrep(tmp_path / "with", "build", "--quiet", "--preview").code == 0
    shown = (tmp_path / "with/preview/names.js").read_text("utf-8")
    assert all(words in shown for words in ("Hidden Person", "The Mole", "A hidden title", "Only There"))


# -- the switcher -----------------------------------------------------------------------------------------------------


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
def test_a_page_is_found_and_opened_by_keyboard_alone(chromium_page: Any, address: str) -> None:
    asked: list[str] = []
    chromium_page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    chromium_page.goto(f"{address}/articles/report.html")
    assert "names.js" not in asked
    before = chromium_page.evaluate(STILL)
    chromium_page.keyboard.press("/")
    field = chromium_page.locator(".finder input")
    assert field.get_attribute("role") == "combobox"
    assert chromium_page.evaluate("() => document.activeElement.matches('.finder input')")
    chromium_page.keyboard.type("kim")
    found = chromium_page.locator("#find-list [role=option]")
    chromium_page.wait_for_selector("#find-list [role=option]")
    assert options(chromium_page)[:4] == ["Kim actor", "Kimchi council actor", "Old Kim actor", "Wakim actor"]
    assert asked.count("names.js") == 1
    assert field.get_attribute("aria-activedescendant") == found.nth(0).get_attribute("id")
    chromium_page.keyboard.press("ArrowDown")
    chromium_page.keyboard.press("ArrowDown")
    chromium_page.keyboard.press("ArrowUp")
    assert found.nth(1).get_attribute("aria-selected") == "true"
    assert field.get_attribute("aria-activedescendant") == found.nth(1).get_attribute("id")
    assert chromium_page.evaluate(STILL) == before
    chromium_page.keyboard.press("Enter")
    chromium_page.wait_for_url("**/actors/kimchi.html")


@pytest.mark.browser
def test_names_are_found_in_any_script_and_without_their_marks(chromium_page: Any, address: str) -> None:
    chromium_page.goto(f"{address}/index.html")
    chromium_page.keyboard.press("Control+k")
    chromium_page.wait_for_selector("#find-list [role=option]")
    assert ask(chromium_page, "lukasz orst") == ["Łukasz Ørsted actor"]
    assert ask(chromium_page, "FACADE") == ["Łukasz Ørsted The Façade, actor"]
    assert ask(chromium_page, "김정") == ["Kim 김정은, actor"]
    assert ask(chromium_page, "чен ын") == ["Kim Ким Чен Ын, actor"]
    assert ask(chromium_page, "bridge open") == ["The bridge is open. claim"]
    assert ask(chromium_page, "timel") == ["Timeline page"]
    assert ask(chromium_page, "nobody at all") == []
    assert "No page has this name" in chromium_page.locator(".finder [role=status]").inner_text()


@pytest.mark.browser
def test_the_switcher_is_left_to_where_one_was(chromium_page: Any, address: str) -> None:
    chromium_page.goto(f"{address}/articles/report.html")
    link = chromium_page.locator(".masthead nav a").nth(2)
    link.focus()
    here = link.get_attribute("href")
    chromium_page.keyboard.press("/")
    chromium_page.keyboard.type("and/or")
    assert chromium_page.locator(".finder input").input_value() == "and/or"
    chromium_page.keyboard.press("Escape")
    assert not chromium_page.locator(".finder").is_visible()
    assert chromium_page.evaluate("() => document.activeElement.getAttribute('href')") == here
    chromium_page.locator(".find").click()
    assert chromium_page.locator(".finder").is_visible()
    chromium_page.keyboard.press("Escape")
    assert focused(chromium_page) == "find"


@pytest.mark.slow
@pytest.mark.browser
def test_a_page_asks_for_little_at_first(chromium_page: Any, demo_site: Path) -> None:
    asked: list[str] = []
    chromium_page.on("request", lambda request: asked.append(request.url))
    with served(demo_site) as at:
        for path in sorted(demo_site.rglob("*.html")):
            asked.clear()
            chromium_page.goto(f"{at}/{path.relative_to(demo_site).as_posix()}")
            own = [url for url in asked if "icon." not in url]  # the browser asks for one when it likes
            assert len(own) <= 4, own
            scripts = [demo_site / url.removeprefix(f"{at}/") for url in own if url.endswith(".js")]
            sheets = [demo_site / url.removeprefix(f"{at}/") for url in own if url.endswith(".css")]
            assert sum(file.stat().st_size for file in scripts) <= 40_000
            assert sum(file.stat().st_size for file in sheets) <= 40_000


# -- cards ------------------------------------------------------------------------------------------------------------


def card(page: Any) -> str:
    page.wait_for_selector(".card:popover-open")
    text: str = page.locator(".card").inner_text()
    return text


def gone(page: Any) -> None:
    page.wait_for_selector(".card:popover-open", state="detached")


@pytest.mark.browser
def test_a_card_says_who_it_is_and_what_was_said_last(chromium_page: Any, site: Path) -> None:
    with served(site) as at:
        chromium_page.goto(f"{at}/articles/report.html")
        before = chromium_page.evaluate(STILL)
        chromium_page.locator(".body a.m").first.hover()
        shown = card(chromium_page)
        assert re.match(r"Actor · person\s+Kim\s+Named in 2 articles, last on 2024-02-03", shown)
        assert shown.index("the bridge is shut") < shown.index("The bridge is open")
        assert chromium_page.locator(".card blockquote").count() == 2
        assert chromium_page.evaluate(STILL) == before
        assert chromium_page.locator(".card .way").get_attribute("href") == "../actors/kim.html"
        for href in chromium_page.locator(".card a").evaluate_all("(links) => links.map((link) => link.href)"):
            assert (site / href.removeprefix(f"{at}/").partition("#")[0]).is_file()
        ids = "() => [...document.querySelectorAll('[id]')].map((element) => element.id)"
        found = chromium_page.evaluate(ids)
        assert len(found) == len(set(found))
        chromium_page.keyboard.press("Escape")
        gone(chromium_page)
        chromium_page.locator(".note .thing a").first.hover()
        assert re.match(r"Claim\s+The bridge is open\.", card(chromium_page))
        chromium_page.mouse.move(1, 1)
        gone(chromium_page)


def drawn(page: Any) -> list[str]:
    """The lines of the card, but what leads on from it."""
    card(page)
    lines: list[str] = page.locator(".card > div > *").all_inner_texts()
    return lines


@pytest.mark.browser
def test_in_a_folder_a_card_says_what_this_page_and_the_names_say(chromium_page: Any, site: Path) -> None:
    """Who it is by all its names, and what the page that is open has from it, the latest first."""
    asked: list[str] = []
    chromium_page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    chromium_page.goto((site / "articles/report.html").as_uri())
    assert "names.js" not in asked
    chromium_page.locator(".body a.m").first.hover()
    shown = ["Actor", "Kim", "also: 김정은, Ким Чен Ын", "The bridge is open", "2024-01-02 asserts The bridge is open."]
    assert drawn(chromium_page) == shown
    assert chromium_page.locator(".card .way").inner_text() == "Open the page"
    chromium_page.keyboard.press("Escape")
    gone(chromium_page)
    chromium_page.locator(".body a.m").nth(1).hover()
    assert drawn(chromium_page) == ["Actor", "Łukasz Ørsted", "also: The Façade"]
    assert asked.count("names.js") == 1
    chromium_page.goto((site / "actors/kim.html").as_uri())
    link = chromium_page.locator(".statements .thing a").last
    link.hover()
    quoted = chromium_page.locator(".statements .row").first.locator("blockquote, .date").all_inner_texts()
    assert drawn(chromium_page)[:3] == ["Claim", "The bridge is open.", quoted[1]]
    assert drawn(chromium_page)[3].startswith(f"{quoted[0]} ")


@pytest.mark.browser
def test_in_a_folder_without_names_a_card_says_what_its_link_says(chromium_page: Any, tmp_path: Path) -> None:
    site = _site(tmp_path)
    (site / "names.js").unlink()
    chromium_page.goto((site / "articles/report.html").as_uri())
    chromium_page.locator(".body a.m").nth(1).hover()
    assert drawn(chromium_page) == ["Actor", "Łukasz Ørsted"]
    chromium_page.keyboard.press("/")
    chromium_page.locator(".finder [role=status]", has_text="The names cannot be loaded.").wait_for()
    write(site, {"names.js": 'sitrepNames({"actors": [["kim", "Kim"]]});\n'}, config="")
    chromium_page.locator(".finder input").fill("kim")
    chromium_page.keyboard.press("Escape")
    chromium_page.keyboard.press("/")
    chromium_page.wait_for_selector("#find-list [role=option]")
    assert options(chromium_page) == ["Kim actor"]


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
def test_a_card_is_reached_and_left_by_keyboard(chromium_page: Any, address: str) -> None:
    chromium_page.goto(f"{address}/articles/report.html")
    links = chromium_page.locator(".body a.m")
    chromium_page.locator(".marks button").last.focus()
    chromium_page.keyboard.press("Tab")
    assert "Kim" in card(chromium_page)
    assert links.first.get_attribute("aria-details") == "card"
    chromium_page.keyboard.press("Tab")
    assert chromium_page.evaluate("() => document.activeElement.closest('.card') !== null")
    chromium_page.keyboard.press("Escape")
    gone(chromium_page)
    assert chromium_page.evaluate("() => document.activeElement.id") == links.first.get_attribute("id")
    assert links.first.get_attribute("aria-details") is None
    chromium_page.keyboard.press("Tab")  # who does not stay sees no card, and goes on
    assert chromium_page.evaluate("() => document.activeElement.id") == links.nth(1).get_attribute("id")
    assert "Ørsted" in card(chromium_page)
    chromium_page.locator(".card :is(a, button)").last.focus()
    chromium_page.keyboard.press("Tab")
    gone(chromium_page)
    assert chromium_page.evaluate("() => document.activeElement.id") == links.nth(2).get_attribute("id")
    chromium_page.keyboard.press("Enter")
    chromium_page.wait_for_url("**/actors/geneva.html")


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
def test_a_finger_sees_the_card_first_and_goes_on_from_it(chromium: Any, address: str) -> None:
    context = chromium.new_context(has_touch=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/articles/report.html")
    link = page.locator(".body a.m").nth(2)
    link.tap()
    assert "Geneva" in card(page)
    assert page.url.endswith("report.html")
    box = page.locator(".card").bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    page.locator(".card .way").tap()
    page.wait_for_url("**/actors/geneva.html")
    page.go_back()
    page.locator(".body a.m").nth(2).tap()
    card(page)
    page.locator(".body a.m").nth(2).tap()
    page.wait_for_url("**/actors/geneva.html")
    context.close()


@pytest.mark.browser
def test_a_click_follows_a_link_whatever_its_card_does(chromium_page: Any, address: str) -> None:
    chromium_page.goto(f"{address}/articles/report.html")
    chromium_page.locator(".body a.m").first.hover()
    card(chromium_page)
    chromium_page.locator(".body a.m").first.click()
    chromium_page.wait_for_url("**/actors/kim.html")


@pytest.mark.browser
def test_a_page_that_cannot_be_fetched_is_named_all_the_same(chromium_page: Any, tmp_path: Path) -> None:
    site = _site(tmp_path)
    (site / "actors/kim.html").unlink()
    with served(site) as at:
        chromium_page.goto(f"{at}/articles/report.html")
        chromium_page.locator(".body a.m").first.hover()
        assert re.match(r"Actor\s+Kim", card(chromium_page))


# -- links to copy ----------------------------------------------------------------------------------------------------


def pasted(page: Any) -> str:
    """What was copied, as it is pasted somewhere."""
    page.keyboard.press("/")
    page.locator(".finder input").fill("")
    page.keyboard.press("Control+v")
    value: str = page.locator(".finder input").input_value()
    page.keyboard.press("Escape")
    return value


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
@pytest.mark.parametrize("way", ["clipboard", "by hand"])
def test_each_marked_passage_copies_its_own_link(chromium_page: Any, address: str, way: str) -> None:
    """Of claims and events from their notes, of names from their cards; where there is no clipboard, another way."""
    if way == "by hand":
        chromium_page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    else:
        chromium_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at = f"{address}/articles/report.html"
    chromium_page.goto(f"{at}#event-1")
    before = chromium_page.evaluate(STILL)
    told = chromium_page.locator("body > [role=status]")
    for note, fragment, label in (("note-claim-1", "claim-1", "1"), ("note-event-1", "event-1", "e1")):
        button = chromium_page.locator(f"#{note} .copy")
        assert button.get_attribute("aria-label") == f"Copy link to passage {label}"
        button.focus()
        chromium_page.keyboard.press("Enter")
        chromium_page.wait_for_function("(told) => told.textContent === 'Link copied'", arg=told.element_handle())
        assert button.inner_text() == "✓"
        assert focused(chromium_page) == "copy"
        assert pasted(chromium_page) == f"{at}#{fragment}"
    assert chromium_page.evaluate(STILL) == before
    chromium_page.locator(".body a.m").first.focus()
    chromium_page.locator(".body a.m").first.hover()
    card(chromium_page)
    chromium_page.locator(".card .copy").click()
    chromium_page.wait_for_selector(".card .copy:text('Link copied')")
    fragment = chromium_page.locator(".body a.m").first.get_attribute("id")
    assert pasted(chromium_page) == f"{at}#{fragment}"


@pytest.mark.browser
def test_what_cannot_be_copied_is_told(chromium_page: Any, site: Path) -> None:
    chromium_page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;"
    )
    chromium_page.goto((site / "articles/report.html").as_uri())
    chromium_page.locator("#note-claim-1 .copy").focus()
    chromium_page.keyboard.press("Enter")
    told = chromium_page.locator("body > [role=status]")
    chromium_page.wait_for_function("(told) => told.textContent", arg=told.element_handle())
    assert told.text_content() == "The link could not be copied."


@pytest.mark.browser
def test_without_scripts_a_number_leads_to_its_note_and_back(chromium: Any, site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto((site / "articles/report.html").as_uri())
    assert page.locator(".copy").count() == 0
    page.locator(".n").first.click()
    assert page.url.endswith("#note-claim-1")
    page.locator("#note-claim-1 .num").click()
    assert page.url.endswith("#claim-1")
    context.close()


# -- notes in a narrow window -----------------------------------------------------------------------------------------

NOTES = "() => [...document.querySelectorAll('.note')].map((note) => [note.id, !!note.closest('.body')])"


@pytest.mark.browser
def test_in_a_narrow_window_a_note_opens_beneath_its_paragraph(chromium_page: Any, address: str) -> None:
    chromium_page.set_viewport_size({"width": 390, "height": 800})
    chromium_page.goto(f"{address}/articles/report.html")
    numbers = chromium_page.locator(".body .n")
    first = numbers.first
    column = chromium_page.evaluate(NOTES)
    assert [opened for _, opened in column] == [False, False]
    assert [number.get_attribute("aria-expanded") for number in numbers.all()] == ["false", "false"]
    second = chromium_page.locator(".body > p").nth(1)
    above = second.bounding_box()
    first.focus()
    chromium_page.keyboard.press("Enter")
    assert "#" not in chromium_page.url
    assert first.get_attribute("aria-expanded") == "true"
    note = chromium_page.locator("#note-claim-1")
    assert second.evaluate("(p) => p.nextElementSibling.contains(document.getElementById('note-claim-1'))")
    box, paragraph = note.bounding_box(), second.bounding_box()
    assert paragraph == above
    assert paragraph["y"] + paragraph["height"] <= box["y"] <= paragraph["y"] + paragraph["height"] + 40
    assert box["x"] + box["width"] <= 390
    numbers.nth(1).click()
    assert [opened for _, opened in chromium_page.evaluate(NOTES)] == [True, True]
    chromium_page.keyboard.press("Escape")
    chromium_page.locator("#note-claim-1 a").last.focus()
    chromium_page.keyboard.press("Escape")
    assert focused(chromium_page) == "n"
    assert first.get_attribute("aria-expanded") == "false"
    assert chromium_page.evaluate(NOTES) == column
    chromium_page.locator(".body mark.c").first.click()  # its words do what its number does
    assert first.get_attribute("aria-expanded") == "true"
    chromium_page.set_viewport_size({"width": 1440, "height": 800})
    chromium_page.wait_for_function("() => !document.querySelector('.body .note')")
    assert chromium_page.evaluate(NOTES) == column
    assert first.get_attribute("aria-expanded") is None
    first.click()
    assert chromium_page.url.endswith("#note-claim-1")


@pytest.mark.browser
def test_in_a_narrow_window_words_within_words_open_their_own_note(chromium_page: Any, site: Path) -> None:
    chromium_page.set_viewport_size({"width": 390, "height": 800})
    chromium_page.goto((site / "articles/nested.html").as_uri())
    chromium_page.locator(".body mark mark").click()
    assert chromium_page.locator(".body .note").get_attribute("id") == "note-claim-2"
    chromium_page.locator(".body p > mark").first.click(position={"x": 5, "y": 5})
    assert chromium_page.evaluate(NOTES) == [["note-claim-1", True], ["note-claim-2", True]]


@pytest.mark.browser
def test_in_a_narrow_window_a_name_within_a_passage_stays_a_link(chromium_page: Any, demo_site: Path) -> None:
    chromium_page.set_viewport_size({"width": 390, "height": 800})
    chromium_page.goto((demo_site / "articles/2024-12-05-bharatshakti-treaty-in-force.html").as_uri())
    name = chromium_page.locator(".body mark a.m").first
    href = name.get_attribute("href").removeprefix("..")
    name.click()
    chromium_page.wait_for_url(f"**{href}")


# -- the legend -------------------------------------------------------------------------------------------------------

LINE = "(element) => getComputedStyle(element).textDecorationLine"


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
def test_the_legend_takes_marks_off_and_puts_them_on(chromium_page: Any, address: str) -> None:
    chromium_page.goto(f"{address}/articles/report.html")
    claims, events, named = (chromium_page.locator(".marks button").nth(n) for n in range(3))
    mark, event, name = (chromium_page.locator(f".body {kind}").first for kind in (".c", ".e", ".m"))
    pressed = [button.get_attribute("aria-pressed") for button in (claims, events, named)]
    assert pressed == ["true", "true", "false"]
    assert [each.evaluate(LINE) for each in (mark, event, name)] == ["underline", "underline", "none"]
    claims.focus()
    chromium_page.keyboard.press("Enter")
    chromium_page.keyboard.press("Tab")
    chromium_page.keyboard.press("Tab")
    chromium_page.keyboard.press("Space")
    pressed = [button.get_attribute("aria-pressed") for button in (claims, events, named)]
    assert pressed == ["false", "true", "true"]
    assert [each.evaluate(LINE) for each in (mark, event, name)] == ["none", "underline", "underline"]
    assert not chromium_page.locator(".n[data-n='1']").is_visible()
    assert chromium_page.locator(".n[data-n=e1]").is_visible()
    claims.click()
    assert mark.evaluate(LINE) == "underline"
    chromium_page.reload()
    assert named.get_attribute("aria-pressed") == "false"


@pytest.mark.browser
def test_without_scripts_the_legend_is_plain_and_nothing_is_offered(chromium: Any, site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "articles/report.html").as_uri())
    assert page.locator(".marks li").all_inner_texts() == ["claims", "events", "names"]
    assert page.locator(".marks button").count() == 0
    assert not page.locator(".find").is_visible()
    assert not page.locator(".theme").is_visible()
    page.locator(".body a.m").first.click()
    assert page.url.endswith("/actors/kim.html")
    context.close()


def test_the_legend_names_what_is_there(site: Path, tmp_path: Path) -> None:
    plain = {"content/articles/plain.md": "All is well.\n", "content/articles/plain.yaml": HEAD}
    assert sitrep(write(tmp_path, plain), "build", "--quiet").code == 0
    assert 'class="marks"' not in (tmp_path / "site/articles/plain.html").read_text("utf-8")
    later = (site / "articles/later.html").read_text("utf-8")
    assert ">claims<" in later
    assert ">events<" not in later
