"""Make `docs/screenshots/` from the demonstration: `make screenshots`. Needs Chromium and Playwright (`.[test]`).

Most kinds of page are there as they open in a wide window, some in a narrow one, in the dark, or whole. They are
looked at before they are committed: a picture that shows something wrong is a fault of the theme, to be mended there.
`--full DIR` writes all of them, in each width and theme, as long as the pages are, for whoever looks through a change.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
SIZES = {390: 844, 820: 1180, 1440: 1000}
"""Windows: width and height."""
PAGES = {
    "home": "index.html",
    "article": "articles/2024-12-05-bharatshakti-treaty-in-force.html",
    "claim": "claims/dprk-troops-in-russia.html",
    "brief": "briefs/2024-10-31-troops-few-origins.html",
    "summary": "briefs/2024-W49.html",
    "actor": "actors/north-korea.html",
    "event": "events/treaty-in-force.html",
    "source": "sources/reuters.html",
    "topic": "topics/troops-in-russia.html",
    "claims": "claims/index.html",
    "actors": "actors/index.html",
    "timeline": "timeline.html",
    "network": "network.html",
    "map": "map.html",
    "method": "method.html",
}
ALSO = (
    *(("home", 390, "light"), ("article", 390, "dark"), ("article", 820, "light"), ("claim", 1440, "dark")),
    *(("claim", 390, "light"), ("brief", 390, "light"), ("timeline", 390, "dark"), ("network", 1440, "dark")),
)


class Shot(NamedTuple):
    page: str
    width: int
    scheme: str

    @property
    def name(self) -> str:
        plain = self.width == 1440 and self.scheme == "light"
        return self.page if plain else f"{self.page}-{self.width}" + ("-dark" if self.scheme == "dark" else "")


def main(arguments: list[str]) -> None:
    full = Path(arguments[1]) if arguments[:1] == ["--full"] else None
    folder = full or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        site = _site(Path(temporary))
        shots = [Shot(page, 1440, "light") for page in PAGES] + [Shot(*made) for made in ALSO]
        if full:
            shots = [Shot(page, width, scheme) for page in PAGES for width in SIZES for scheme in ("light", "dark")]
        for shot, png in _taken(site, shots, whole=full is not None):
            with Image.open(io.BytesIO(png)) as image:
                image.convert("RGB").save(folder / f"{shot.name}.webp", quality=70, method=6)
    if not full:
        kept = {f"{shot.name}.webp" for shot in shots}
        for path in folder.glob("*.webp"):
            if path.name not in kept:
                path.unlink()


def _site(folder: Path) -> Path:
    for name in ("content", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "config.yaml", folder)
    subprocess.run([sys.executable, str(ROOT / "build.py"), "--root", str(folder), "build", "--quiet"], check=True)
    return folder / "site"


def _taken(site: Path, shots: list[Shot], *, whole: bool) -> Iterator[tuple[Shot, bytes]]:
    from playwright.sync_api import sync_playwright

    executable = os.environ.get("SITREP_CHROMIUM") or shutil.which("chromium")
    if not executable:
        raise SystemExit("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        for shot in shots:
            size: Any = {"width": shot.width, "height": SIZES[shot.width]}
            scheme: Any = shot.scheme
            context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.goto((site / PAGES[shot.page]).as_uri(), wait_until="load")
            yield shot, page.screenshot(full_page=whole)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
