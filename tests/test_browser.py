"""What a reader meets in a browser, on every kind of page of two sites: the demonstration and a made-up one.

Nobody is kept out (axe-core), nothing complains, nothing comes from elsewhere or holds the page up, the keyboard leads
everywhere, and all of it is there without scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from test_browser_navigation import served

from conftest import NO_PAGEFIND, absent

pytestmark = pytest.mark.browser

Axe = Callable[..., list[str]]
WIDTHS = (390, 820, 1440)
SCHEMES = ("light", "dark")
REQUESTS = 4
"""A page, its style sheet, its scripts: the first view of any page asks for no more."""
ICON = "/theme/icon."
REDIRECTS = 'http-equiv="refresh"'
STYLE = SCRIPT = 40 * 1024
INDEX, NAME = 200 * 1024, 100
"""What a first search loads at most, the program that searches with it; what names take, for each thing."""


@pytest.fixture(scope="module", params=["demonstration", "made up"])
def site(request: pytest.FixtureRequest) -> Path:
    name = {"demonstration": "demo_site", "made up": "made_up_site"}[request.param]
    found: Path = request.getfixturevalue(name)
    return found


def kinds(site: Path) -> list[Path]:
    """Pages of every kind: those at the top; of each folder its list, its first and its largest page and, where
    folders lie in it, the largest page of those."""
    pages = sorted(site.glob("*.html"))
    for folder in sorted(path for path in site.iterdir() if path.is_dir()):
        within = sorted(path for path in folder.glob("*.html") if REDIRECTS not in path.read_text("utf-8"))
        below = sorted(folder.glob("*/*.html"))
        chosen = [page for page in within if page.name == "index.html"]
        chosen += [page for page in within if page.name != "index.html"][:1]
        chosen += [max(found, key=lambda page: page.stat().st_size) for found in (within, below) if found]
        pages += dict.fromkeys(chosen)
    return pages


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_kept_out(site: Path, chromium_page: Any, axe: Axe, width: int) -> None:
    """In the dark nothing differs but colours, and one rule is about those."""
    told = []
    chromium_page.set_viewport_size({"width": width, "height": 900})
    for path in kinds(site):
        chromium_page.emulate_media(color_scheme="light")
        chromium_page.goto(path.as_uri(), wait_until="load")
        found = axe(chromium_page)
        chromium_page.emulate_media(color_scheme="dark")
        found += [f"in the dark: {line}" for line in axe(chromium_page, "color-contrast")]
        told += [f"{path.relative_to(site)}: {line}" for line in found]
    assert not told, "\n".join(told)


def reference(page: Any, site: str) -> None:
    page.goto(f"{site}/briefs/2024-10-31-troops-few-origins.html")
    page.locator("a.cite").nth(1).click()
    page.wait_for_selector(".card:popover-open .reference")


def mention(page: Any, site: str) -> None:
    page.goto(f"{site}/{ARTICLE}")
    page.locator(".body a.m").nth(3).hover()
    page.wait_for_selector(".card:popover-open blockquote")


def switcher(page: Any, site: str) -> None:
    page.goto(f"{site}/index.html")
    page.locator(".find").click()
    page.locator(".finder input").fill("north")
    page.wait_for_selector("#find-list [role=option]")


def results(page: Any, site: str) -> None:
    page.goto(f"{site}/search.html?q=treaty")
    page.wait_for_selector("#found blockquote mark")
    page.wait_for_load_state("networkidle")


def notes(page: Any, site: str) -> None:
    """Beneath their paragraph, where they do not stand beside it."""
    page.goto(f"{site}/{ARTICLE}")
    for number in page.locator(".body .n").all()[:3]:
        number.click()
    page.locator(".note").first.hover()
    assert page.locator(".body .note").count() == (0 if page.viewport_size["width"] >= 1100 else 3)


def outlet(page: Any, site: str) -> None:
    """The card of a source: a sentence that is a link, and beneath it another."""
    page.goto(f"{site}/{ARTICLE}")
    page.locator(".note .via a", has_text="Reuters").first.hover()
    page.wait_for_selector(".card blockquote > a")


ARTICLE = "articles/2024-12-05-bharatshakti-treaty-in-force.html"
OPENED = (reference, mention, switcher, results, notes, outlet)


@pytest.mark.mostly_slow(2)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("opened", OPENED)
def test_nobody_is_kept_out_of_what_opens(
    demo_site: Path, chromium: Any, axe: Axe, opened: Callable[[Any, str], None], width: int
) -> None:
    """Cards, the switcher, results and notes, as the system has its colours and as the reader chooses them."""
    if opened is results and not (demo_site / "pagefind").is_dir():
        absent("pagefind", NO_PAGEFIND)
    told = []
    with served(demo_site) as at:
        for scheme in SCHEMES:
            context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
            page = context.new_page()
            opened(page, at)
            told += [f"{scheme}: {line}" for line in axe(page)]
            page.evaluate("(other) => { document.documentElement.dataset.theme = other; }", SCHEMES[scheme == "light"])
            told += [f"chosen against {scheme}: {line}" for line in axe(page, "color-contrast")]
            context.close()
    assert not told, "\n".join(told)


# -- nothing moves ----------------------------------------------------------------------------------------------------

WATCHED = """() => {
    window.moved = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.moved.push(
        `${entry.value.toFixed(4)} ${entry.sources.map((source) => source.node && source.node.nodeName).join(' ')}`
    ))).observe({ type: 'layout-shift', buffered: true });
    window.boxes = () => [...document.querySelectorAll('body *:not(.card, .card *)')]
        .filter((one) => one.checkVisibility())
        .map((one) => one.getBoundingClientRect()).map((box) => [box.x, box.y, box.width, box.height].join());
}"""


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_while_a_page_loads(site: Path, chromium: Any, width: int) -> None:
    """Neither for what of it is still to come nor for scripts and fonts that come after the first paint, nor for the
    light that a reader has chosen."""
    context = chromium.new_context(color_scheme="light", viewport={"width": width, "height": 900})
    context.add_init_script(f"try {{ localStorage.setItem('sitrep-theme', 'dark'); }} catch (why) {{}} ({WATCHED})();")
    page = context.new_page()
    told = []
    with served(site, pieces=8) as at:
        for path in kinds(site):
            page.goto(f"{at}/{path.relative_to(site)}", wait_until="load")
            page.evaluate("() => document.fonts.ready")
            page.wait_for_timeout(100)
            told += [f"{path.relative_to(site)}: {line}" for line in page.evaluate("() => window.moved")]
            assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    context.close()
    assert not told, "\n".join(told)


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_when_a_card_opens(demo_site: Path, chromium: Any, width: int) -> None:
    """From a folder and from a server, and when it shuts again."""
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    with served(demo_site) as at:
        for site in (at, demo_site.as_uri()):
            page.goto(f"{site}/{ARTICLE}")
            page.locator(".body a.m").first.focus()
            page.evaluate(WATCHED)
            before = page.evaluate("() => window.boxes()")
            page.keyboard.press("Tab")
            page.wait_for_selector(".card:popover-open")
            scrolled = page.evaluate("() => scrollY")
            assert page.evaluate("() => [window.boxes(), window.moved]") == [before, []]
            page.keyboard.press("Escape")
            page.wait_for_selector(".card:popover-open", state="detached")
            assert page.evaluate("() => [window.boxes(), window.moved]") == [before, []]
            assert page.evaluate("() => scrollY") == scrolled
    context.close()


def test_who_keeps_somebody_out_is_told(tmp_path: Path, chromium_page: Any, axe: Axe) -> None:
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><title>t</title><main><h1>x</h1><p style="color: #ccc; background: #fff">pale'
        "<p><input></main>",
        encoding="utf-8",
    )
    chromium_page.goto((tmp_path / "index.html").as_uri())
    assert {line.partition(":")[0] for line in axe(chromium_page)} == {"color-contrast", "label"}


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_table_has_room_for_what_is_in_it(site: Path, chromium_page: Any, width: int) -> None:
    """Words in a cell are not broken into letters; an axis of time has room for its days, and is as wide as the strips
    beneath it."""
    told = []
    chromium_page.set_viewport_size({"width": width, "height": 900})
    for path in kinds(site):
        chromium_page.goto(path.as_uri(), wait_until="load")
        wrong = chromium_page.evaluate(SQUEEZED) + chromium_page.evaluate(OFF_AXIS)
        told += [f"{path.relative_to(site)}: {line}" for line in wrong]
    assert not told, "\n".join(told)


SQUEEZED = """() => [...document.querySelectorAll('main :is(td, th)')].filter((cell) => {
    const words = cell.innerText.trim(), box = cell.getBoundingClientRect(), drawn = cell.querySelector('svg');
    const least = drawn ? 100 : words.length > 5 ? 3 * parseFloat(getComputedStyle(cell).fontSize) : 0;
    return box.width > 0 && box.width < least;
}).map((cell) => `${cell.innerText.trim().slice(0, 40)}: ${Math.round(cell.getBoundingClientRect().width)} wide`)"""


OFF_AXIS = """() => [...document.querySelectorAll('.time table')].flatMap((table) => {
    const of = (drawn) => [drawn.getBoundingClientRect()]
        .map((box) => `${Math.round(box.left)} to ${Math.round(box.right)}`)[0];
    const axis = of(table.querySelector('th.axis > svg'));
    return [...table.querySelectorAll('td > svg')].map(of).filter((strip) => strip !== axis).slice(0, 1)
        .map((strip) => `an axis from ${axis}, a strip from ${strip}`);
})"""


# -- what a page asks for ---------------------------------------------------------------------------------------------


@pytest.mark.mostly_slow(1)
def test_a_page_says_nothing_and_asks_for_little_and_nothing_from_elsewhere(site: Path, chromium_page: Any) -> None:
    told: list[str] = []
    asked: list[str] = []
    current = ""
    chromium_page.on("console", lambda message: told.append(f"{current}: {message.type}: {message.text}"))
    chromium_page.on("pageerror", lambda error: told.append(f"{current}: {error.message}"))
    # The icon is the browser's own affair: fetched when it has time, once, and let be when another page is asked for.
    chromium_page.on(
        "requestfailed",
        lambda request: ICON in request.url or told.append(f"{current}: {request.url} does not load"),
    )
    chromium_page.on("request", lambda request: ICON in request.url or asked.append(request.url))
    for path in kinds(site):
        current = path.relative_to(site).as_posix()
        asked.clear()
        chromium_page.goto(path.as_uri(), wait_until="load")
        chromium_page.mouse.wheel(0, 20_000)
        told += [f"{current}: asks for {url}" for url in asked if not url.startswith((f"{site.as_uri()}/", "data:"))]
        if len(asked) > REQUESTS:
            told.append(f"{current}: asks for {len(asked)} files: {' '.join(asked)}")
    assert not told, "\n".join(told)


def test_nothing_holds_a_page_up_but_its_style_sheet(site: Path) -> None:
    told = []
    for path in kinds(site):
        page = lxml.html.fromstring(path.read_text("utf-8"))
        sheets = [link.get("href") for link in page.iter("link") if link.get("rel") == "stylesheet"]
        scripts = [script for script in page.iter("script") if script.get("type") != "application/ld+json"]
        told += [f"{path.relative_to(site)}: {len(sheets)} style sheets"] if len(sheets) != 1 else []
        told += [
            f"{path.relative_to(site)}: a script that is not deferred"
            for script in scripts
            if script.get("src") is None or script.get("defer") is None
        ]
        imports = any("@import" in (path.parent / sheet).read_text("utf-8") for sheet in sheets)
        told += [f"{path.relative_to(site)}: imports a style sheet"] if imports else []
    assert not told, "\n".join(told)


def test_what_a_page_loads_is_small(site: Path) -> None:
    """Each page's style and each page's scripts, uncompressed."""
    told = []
    for path in kinds(site):
        page = lxml.html.fromstring(path.read_text("utf-8"))
        sheets = [link.get("href") for link in page.iter("link") if link.get("rel") == "stylesheet"]
        scripts = [script.get("src") for script in page.iter("script") if script.get("src")]
        for what, files, most in (("style", sheets, STYLE), ("script", scripts, SCRIPT)):
            size = sum((path.parent / file).stat().st_size for file in files)
            told += [f"{path.relative_to(site)}: {size} bytes of {what}"] if size > most else []
    assert not told, "\n".join(told)


def test_an_index_is_loaded_when_it_is_used_and_is_small(made_up_site: Path, chromium_page: Any) -> None:
    """That of words by a search, that of names by the switcher: whatever of them a browser then asks for."""
    if not (made_up_site / "pagefind").is_dir():
        absent("pagefind", NO_PAGEFIND)
    asked: list[str] = []
    chromium_page.on("request", lambda request: asked.append(request.url))
    with served(made_up_site) as at:

        def size() -> int:
            files = {made_up_site / url.removeprefix(f"{at}/").partition("?")[0] for url in asked}
            return sum(file.stat().st_size for file in files if file.name == "names.js" or "pagefind" in file.parts)

        chromium_page.goto(f"{at}/search.html")
        chromium_page.wait_for_load_state("networkidle")
        assert size() == 0
        chromium_page.locator("input[type=search]").first.fill("market")
        chromium_page.keyboard.press("Enter")
        chromium_page.wait_for_selector("#found blockquote mark")
        chromium_page.wait_for_load_state("networkidle")
        assert 0 < size() <= INDEX
        asked.clear()
        chromium_page.locator(".find").click()
        chromium_page.wait_for_selector("#find-list [role=option]")
        chromium_page.wait_for_load_state("networkidle")
        names = len(list(made_up_site.rglob("*.json")))  # one for each thing
        assert 0 < size() <= NAME * names


# -- rows that are asked for ------------------------------------------------------------------------------------------

MANY = "actors/tolmubst-institute-1"
"""An actor of the made-up site whose mentions fill several pages."""
TOLD = "() => [...document.querySelectorAll('.tools [role=status]')].map((one) => one.textContent).filter(Boolean)"


def rows(page: Any) -> list[str]:
    """What the rows of the last list lead to, those that are seen, from the root of the site."""
    found: list[str] = page.evaluate(
        """() => [...[...document.querySelectorAll('ol.rows.dated')].pop().children]
            .filter((row) => !row.hidden).map((row) => new URL(row.querySelector('.head a').href).pathname)"""
    )
    return found


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("number", [1, 2, 4])
def test_rows_are_chosen_on_all_pages(made_up_site: Path, chromium_page: Any, number: int) -> None:
    written = [made_up_site / f"{MANY}{rest}.html" for rest in ("", "/2", "/3", "/4")]
    every, sources = [], set()
    for path in written:
        page = lxml.html.fromstring(path.read_text("utf-8"))
        for head in page.xpath("(//ol[@class='rows dated'])[last()]/li//p[@class='head']"):
            to = path.parent / head.xpath("a/@href")[0]
            every.append(f"/{to.resolve().relative_to(made_up_site.resolve())}")
            sources.add(head.xpath("string(span)"))
    assert len(every) > 3 * 40
    with served(made_up_site) as at:
        chromium_page.goto(f"{at}/{written[number - 1].relative_to(made_up_site)}")
        mine = rows(chromium_page)
        assert mine == every[(number - 1) * 40 : number * 40]
        bar = chromium_page.locator(".tools").last
        chosen = bar.get_by_label("Source")
        chosen.select_option(index=1)
        one, few = chosen.input_value(), rows(chromium_page)
        assert 0 < len(few) < len(mine)
        assert chromium_page.evaluate(TOLD) == [f"{len(few)} of {len(mine)} on this page shown"]
        chromium_page.route("**/tolmubst-institute-1/3.html", lambda route: route.abort())
        bar.get_by_role("button").click()
        bar.get_by_text("The other pages cannot be loaded.").wait_for()
        assert rows(chromium_page) == few
        chromium_page.unroute("**/tolmubst-institute-1/3.html")
        bar.get_by_role("button").click()
        bar.get_by_role("button").wait_for(state="detached")
        found = rows(chromium_page)
        assert chosen.input_value() == one
        assert set(few) < set(found) < set(every)
        assert chromium_page.evaluate(TOLD) == [f"{len(found)} of {len(every)} shown"]
        assert {option for option in chosen.locator("option").all_inner_texts() if option != "any"} == sources
        chosen.select_option("")
        assert rows(chromium_page) == every


def test_rows_of_other_pages_are_not_offered_from_a_folder(made_up_site: Path, chromium_page: Any) -> None:
    chromium_page.goto((made_up_site / f"{MANY}.html").as_uri())
    bar = chromium_page.locator(".tools").last
    assert bar.get_by_role("button").count() == 0
    bar.get_by_label("Source").select_option(index=1)
    (told,) = chromium_page.evaluate(TOLD)
    assert told.endswith(" of 40 on this page shown")


@pytest.mark.mostly_slow(1)
def test_without_scripts_everything_is_there(site: Path, chromium: Any) -> None:
    """Every word that scripts leave on a page is there without them, and can be seen; so does every link.

    The page of the search says without them that it needs them, and leads to the lists.
    """
    words = "() => document.querySelector('main').innerText.split(/\\s+/).filter(Boolean)"
    links = "() => [...document.querySelectorAll('main a[href]')].map((a) => a.getAttribute('href'))"
    found: dict[bool, dict[Path, tuple[set[str], set[str]]]] = {}
    for scripts in (True, False):
        context = chromium.new_context(java_script_enabled=scripts, viewport={"width": 1440, "height": 900})
        page = context.new_page()
        found[scripts] = {}
        for path in kinds(site):
            page.goto(path.as_uri(), wait_until="load")
            if scripts:
                page.evaluate("() => document.querySelectorAll('.tools, .copy').forEach((one) => one.remove())")
            found[scripts][path] = (set(page.evaluate(words)), set(page.evaluate(links)))
        context.close()
    told = []
    for path, (with_words, with_links) in found[True].items():
        bare_words, bare_links = found[False][path]
        if path.name == "search.html":
            assert {"Search", "needs", "JavaScript."} <= bare_words
            continue
        missing = sorted((with_words - bare_words) | (with_links - bare_links))
        told += [f"{path.relative_to(site)}: not there without scripts: {missing}"] if missing else []
    assert not told, "\n".join(told)


# -- the keyboard -----------------------------------------------------------------------------------------------------

FOCUSED = """() => {
    const at = document.activeElement, last = window.last, style = getComputedStyle(at);
    if (at === document.body || (last && at.matches('.skip'))) return null;
    const card = at.closest('.card');  // of the link before: from it the way leads on behind that link
    const before = !card && last && !(last.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (!card) window.last = at;
    const box = at.getBoundingClientRect(), dot = at.querySelector('.dot');
    const empty = box.width === 0 || box.height === 0;
    return {
        name: `${at.tagName} ${(at.textContent || at.className).trim().slice(0, 40)}`,
        seen: (!empty || dot && parseFloat(getComputedStyle(dot).strokeWidth) >= 14)
            && box.bottom >= 0 && box.top <= innerHeight && box.right >= 0 && box.left <= innerWidth,
        marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
        skip: at.matches('.skip'),
        inside: !!at.closest('main'),
        before: !!before,
    };
}"""


def stops(page: Any, most: int) -> Iterator[dict[str, Any]]:
    """Where the focus goes, key by key, until it leaves the page or begins anew."""
    page.evaluate("() => { window.last = null; }")
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return
        yield stop


@pytest.mark.mostly_slow(1)
def test_the_keyboard_leads_through_a_page(site: Path, chromium_page: Any) -> None:
    """The first stop is the way past the menu. Each stop comes in the order of the page, can be seen, and is marked."""
    told = []
    for path in kinds(site):
        chromium_page.goto(path.as_uri(), wait_until="load")
        for order, stop in enumerate(stops(chromium_page, 40)):
            faults = {
                "is the first stop": order == 0 and not stop["skip"],
                "has the focus and is not to be seen": not stop["seen"],
                "has the focus and no mark of it": not stop["marked"],
                "comes after what stands behind it": stop["before"],
            }
            told += [f"{path.relative_to(site)}: {stop['name']} {what}" for what, wrong in faults.items() if wrong]
    assert not told, "\n".join(told)


@pytest.mark.mostly_slow(1)
def test_the_first_key_leads_past_the_menu(site: Path, chromium_page: Any) -> None:
    for path in kinds(site):
        chromium_page.goto(path.as_uri(), wait_until="load")
        chromium_page.keyboard.press("Tab")
        chromium_page.keyboard.press("Enter")
        chromium_page.wait_for_url("**#content")
        first = next(stops(chromium_page, 1), None)
        own = "main a[href], main button:not(:disabled), main select:not(:disabled)"
        shown = f"() => [...document.querySelectorAll('{own}')].some((one) => one.checkVisibility())"
        linked = chromium_page.evaluate(shown)
        assert not linked or (first and first["inside"]), path
