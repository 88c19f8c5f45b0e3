"""The preview in a browser: pages follow the files, and what is wrong is laid over them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projects import CONFIG, GOOD, write
from served import Served, serving, wait

pytestmark = pytest.mark.browser

LONG = "\n\n".join(f"Paragraph {n} of a long report about the weather in Geneva." for n in range(120))
FILES = GOOD | {
    "content/articles/good.md": f"All is well in Geneva.\n\n{LONG}\n",
    "content/articles/other.md": "All is well in Bern.\n",
    "content/articles/other.yaml": "title: Other\nsource: wire\npublished: 2024-01-03\nmarking: TLP:AMBER\n",
    "content/about.md": "About it. ![A dot](assets/dot.png)\n",
}


def dot(red: int) -> bytes:
    import io

    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (4, 4), (red, 0, 0)).save(held, "PNG")
    return held.getvalue()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    files: dict[str, str | bytes] = {**FILES, "content/assets/dot.png": dot(10)}
    files["templates/assets/style.css"] = (Path(__file__).parent.parent / "templates/assets/style.css").read_bytes()
    root = write(tmp_path.resolve(), files, config=CONFIG + "url: https://user.example/watch/\n")
    with serving(root) as running:
        yield running


def opened(page: Any, served: Served, path: str) -> list[str]:
    """Open a page; what its console says of errors, and each time it is loaded, is gathered."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"{served.address}{served.base}{path}")
    comes(page, "document.querySelector('sitrep-overlay')")
    page.evaluate("window.same = true")  # gone after the page is loaded again
    listening(page)
    return told


def listening(page: Any) -> None:
    comes(page, "performance.getEntriesByType('resource').some(e => e.name.includes('/_live.css'))")
    time.sleep(0.3)


def comes(page: Any, expression: str) -> None:
    """Wait for it; Playwright's own way to wait is forbidden by the pages' policy."""
    from playwright.sync_api import Error

    def holds() -> bool:
        try:
            return bool(page.evaluate(expression))
        except Error:  # the page is being loaded
            return False

    wait(holds, lambda: expression)


def save(root: Path, name: str, text: str | bytes) -> None:
    (root / name).write_bytes(text.encode() if isinstance(text, str) else text)


def overlaid(page: Any) -> str:
    comes(page, "document.querySelector('sitrep-overlay')")  # a page that has just been loaded again makes it last
    found: str = page.evaluate(
        "document.querySelector('sitrep-overlay').shadowRoot.querySelector('.over')?.innerText ?? ''"
    )
    return found


def test_a_page_is_loaded_again_when_it_has_changed_and_stays_where_it_was(
    served: Served, chromium_page: Any, tmp_path: Path
) -> None:
    told = opened(chromium_page, served, "articles/good.html")
    chromium_page.evaluate("scrollTo(0, 1500)")
    save(tmp_path, "content/articles/good.md", FILES["content/articles/good.md"].replace("is well", "has changed"))
    comes(chromium_page, "document.body.innerText.includes('All has changed') && !window.same")
    comes(chromium_page, "Math.abs(scrollY - 1500) < 2")
    assert told == []


def test_a_page_that_has_not_changed_is_left_alone(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    told = opened(chromium_page, served, "articles/good.html")
    save(tmp_path, "content/articles/other.md", "Nothing is well in Bern.\n")
    served.shows("articles/other.html", "Nothing is well")
    time.sleep(0.5)
    assert chromium_page.evaluate("window.same") is True
    save(tmp_path, "content/articles/good.md", FILES["content/articles/good.md"].replace("is well", "is better"))
    comes(chromium_page, "document.body.innerText.includes('All is better') && !window.same")
    assert told == []


@pytest.mark.slow
def test_style_sheets_are_swapped_in_place(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    told = opened(chromium_page, served, "articles/good.html")
    sheet = (tmp_path / "templates/assets/style.css").read_text()
    for colour in ("rgb(1, 2, 3)", "rgb(4, 5, 6)"):
        save(tmp_path, "templates/assets/style.css", f"{sheet}\nbody {{ background: {colour}; }}\n")
        comes(chromium_page, f"getComputedStyle(document.body).backgroundColor === '{colour}'")
        assert chromium_page.evaluate("window.same") is True
        comes(chromium_page, "document.querySelectorAll('link[rel=stylesheet]').length === 1")
    assert told == []


@pytest.mark.slow
def test_an_image_that_a_page_shows_is_part_of_it(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    opened(chromium_page, served, "about.html")
    save(tmp_path, "content/assets/dot.png", dot(200))
    comes(chromium_page, "!window.same")


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("config.yaml", "title: [\n", "config.yaml:2:1"),
        ("content/articles/other.yaml", "title: [\n", "content/articles/other.yaml:2:1"),
        ("templates/base.html", "<p>\n{% if %}\n", "templates/base.html:2:1"),
    ],
)
def test_what_is_broken_is_laid_over_the_page_until_it_is_mended(
    served: Served, chromium_page: Any, tmp_path: Path, name: str, text: str, place: str
) -> None:
    opened(chromium_page, served, "articles/good.html")
    good = (tmp_path / name).read_bytes() if (tmp_path / name).exists() else None
    save(tmp_path, name, text)
    wait(lambda: place in overlaid(chromium_page))
    assert "All is well" in chromium_page.inner_text("main")
    assert chromium_page.evaluate("window.same") is True
    chromium_page.goto(f"{served.address}{served.base}")  # on every page
    wait(lambda: place in overlaid(chromium_page))
    chromium_page.keyboard.press("Escape")
    assert overlaid(chromium_page) == ""
    if good is None:
        (tmp_path / name).unlink()
    else:
        save(tmp_path, name, good)
    served.until(lambda s: not s.state()["message"])
    save(tmp_path, name, text)
    wait(lambda: not overlaid(chromium_page))
    if good is None:
        (tmp_path / name).unlink()
    else:
        save(tmp_path, name, good)
    served.until(lambda s: not s.state()["message"])


def test_the_overlay_goes_away_by_itself(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    told = opened(chromium_page, served, "articles/good.html")
    save(tmp_path, "config.yaml", "title: '<img src=x onerror=alert(1)>'\nnot-a-key: 1\nurl: [<b>]\n")
    wait(lambda: "config.yaml:" in overlaid(chromium_page))
    assert (
        chromium_page.evaluate(
            "document.querySelector('sitrep-overlay').shadowRoot.querySelectorAll('img, li b b').length"
        )
        == 0
    )
    save(tmp_path, "config.yaml", CONFIG + "url: https://user.example/watch/\n")
    wait(lambda: not overlaid(chromium_page))
    assert chromium_page.evaluate("window.same") is True
    assert told == []


@pytest.mark.slow
def test_problems_are_on_their_page(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    told = opened(chromium_page, served, "articles/good.html")
    assert chromium_page.locator(".sitrep-problems").count() == 0
    save(tmp_path, "content/articles/good.yaml", FILES["content/articles/good.yaml"] + "claims: [{quote: Not there}]\n")
    chromium_page.wait_for_selector(".sitrep-problems")
    box = chromium_page.inner_text(".sitrep-problems")
    assert "content/articles/good.yaml:8:18" in box
    assert overlaid(chromium_page) == ""
    save(tmp_path, "content/articles/good.yaml", FILES["content/articles/good.yaml"])
    chromium_page.wait_for_selector(".sitrep-problems", state="detached")
    assert told == []


@pytest.mark.slow
def test_a_page_comes_where_there_was_none(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    told = opened(chromium_page, served, "actors/bern.html")
    assert "There is no page at this address" in chromium_page.inner_text("main")
    told.clear()  # the browser tells of the 404
    (tmp_path / "content/actors").mkdir()
    save(tmp_path, "content/actors/bern.yaml", "name: Bern\nmarking: TLP:CLEAR\n")
    comes(chromium_page, "document.querySelector('h1').innerText === 'Bern'")
    listening(chromium_page)
    (tmp_path / "content/actors/bern.yaml").unlink()
    comes(chromium_page, "document.querySelector('main').innerText.includes('There is no page')")


def test_changes_follow(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    told: list[str] = []
    chromium_page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    chromium_page.goto(f"{served.address}/_changes")
    comes(chromium_page, "document.body.innerText.includes('no public build')")
    listening(chromium_page)
    save(tmp_path, "content/articles/good.md", "All is well in Geneva. So they say.\n")
    served.shows("articles/good.html", "So they say")
    comes(chromium_page, "performance.getEntriesByType('navigation')[0].type === 'reload'")
    assert told == []


def test_a_page_says_when_the_server_is_gone(served: Served, chromium_page: Any) -> None:
    opened(chromium_page, served, "index.html")
    served.process.send_signal(2)
    comes(chromium_page, "document.querySelector('sitrep-overlay').shadowRoot.textContent.includes('does not answer')")
    served.process.wait(20)


@pytest.mark.slow
def test_many_tabs_do_not_block_each_other(served: Served, chromium_page: Any, tmp_path: Path) -> None:
    """A browser opens six connections to a server, and each page that looks holds one."""
    pages = [chromium_page.context.new_page() for _ in range(5)]
    for page in pages:
        opened(page, served, "articles/good.html")
    save(tmp_path, "content/articles/good.md", "All has changed in Geneva.\n")
    for page in pages:
        comes(page, "document.body.innerText.includes('All has changed')")
