"""The demonstration site is valid HTML and CSS, and a browser opens it from a folder without complaint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ICON = "/theme/icon."
WIDTHS = (390, 820, 1440)
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > innerWidth)
    .slice(0, 5)
    .map((element) => [element.tagName.toLowerCase(), ...element.classList].join('.'))"""


def kinds(site: Path) -> list[Path]:
    """One page of each kind: those at the top, and each folder's index and first other page."""
    pages = sorted(site.glob("*.html"))
    for folder in sorted(path for path in site.iterdir() if path.is_dir()):
        within = sorted(folder.glob("*.html"))
        pages += [page for page in within if page.name == "index.html"]
        pages += [page for page in within if page.name != "index.html" and not page.name.startswith("page-")][:1]
    return pages


@pytest.mark.validator
def test_the_nu_checker_finds_no_errors(demo_site: Path, vnu: Callable[[Path], list[str]]) -> None:
    errors = vnu(demo_site)
    assert not errors, "\n".join(errors)


@pytest.mark.validator
def test_the_nu_checker_can_fail(tmp_path: Path, vnu: Callable[[Path], list[str]]) -> None:
    (tmp_path / "good.html").write_text('<!doctype html><html lang="en"><title>t</title><p>x', encoding="utf-8")
    (tmp_path / "bad.html").write_text('<!doctype html><html lang="en"><title>t</title><b><p>x', encoding="utf-8")
    (tmp_path / "bad.css").write_text("a { color: nonsense }", encoding="utf-8")
    errors = vnu(tmp_path)
    assert {error.split(":")[0] for error in errors} == {"bad.html", "bad.css"}


@pytest.mark.mostly_slow(1)
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_open_from_a_folder(demo_site: Path, chromium_page: Any, width: int, scheme: str) -> None:
    pages = kinds(demo_site)
    assert demo_site / "index.html" in pages
    told = complaints(chromium_page, demo_site, pages, width, scheme)
    assert not told, "\n".join(told)


@pytest.mark.browser
def test_a_bad_page_is_told(tmp_path: Path, chromium_page: Any) -> None:
    (tmp_path / "x.js").write_text("missing();", encoding="utf-8")
    (tmp_path / "index.html").write_text(
        """<!doctype html><html lang="en"><title>t</title><script src="x.js"></script>
        <img src="http://127.0.0.1:9/p.png" alt=""><pre class="wide" style="width: 1000px">x</pre>""",
        encoding="utf-8",
    )
    told = complaints(chromium_page, tmp_path, [tmp_path / "index.html"], 390, "light")
    assert "index.html: asks for http://127.0.0.1:9/p.png" in told
    assert "index.html: missing is not defined" in told
    assert any(line.startswith("index.html: is 10") and line.endswith("wide in 390: pre.wide") for line in told)


def complaints(page: Any, site: Path, pages: list[Path], width: int, scheme: str) -> list[str]:
    """What a browser has against these pages: script and loading errors, other hosts, sideways scrolling."""
    told: list[str] = []
    current = ""

    def tell(what: str) -> None:
        told.append(f"{current}: {what}")

    page.on("console", lambda message: message.type == "error" and tell(f"{message.text} ({message.location})"))
    page.on("pageerror", lambda error: tell(error.message))
    # A browser fetches the icon for itself when it has time, and lets it be when the next page is asked for.
    page.on(
        "requestfailed",
        lambda request: ICON in request.url or tell(f"{request.url} does not load: {request.failure}"),
    )
    page.on("request", lambda request: _is_inside(request.url, site) or tell(f"asks for {request.url}"))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in pages:
        current = path.relative_to(site).as_posix()
        page.goto(path.as_uri(), wait_until="load")
        scroll, inner = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        if scroll > inner:
            tell(f"is {scroll} wide in {inner}: {', '.join(page.evaluate(TOO_WIDE))}")
    return told


def _is_inside(url: str, site: Path) -> bool:
    return url.startswith((site.as_uri() + "/", "data:", "blob:"))
