"""Every link of the demonstration site holds, and the checker that says so can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitecheck import faults

SOUND = """<!doctype html><html lang="en"><head><title>t</title>
<link rel="stylesheet" href="assets/site.css"><link rel="canonical" href="https://example.org/">
<link rel="alternate" href="a%20b.html"></head>
<body><h1 id="ß">t</h1><a href="#%C3%9F">1</a><a href="#top">2</a><a href="a%20b.html?q=1#x">3</a>
<a href="https://example.org/x#y">4</a><a href="mailto:a@example.org">5</a><a href="">6</a>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="">
<img srcset="assets/p.png 1x, assets/p.png 2x" alt="">
<svg><a href="a%20b.html"><text>7</text></a><use href="#ß"></use></svg></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A tiny site in which every link holds."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "site.css").write_text('/* url(no) */ body { background: url("p.png") }', encoding="utf-8")
    (tmp_path / "assets" / "p.png").touch()
    (tmp_path / "index.html").write_text(SOUND, encoding="utf-8")
    (tmp_path / "a b.html").write_text('<p id="x"><a href="index.html">up</a></p>', encoding="utf-8")
    return tmp_path


def test_the_demonstration_site_has_no_broken_link(demo_site: Path) -> None:
    assert (demo_site / "index.html").is_file()
    told = faults(demo_site)
    assert not told, "\n".join(told)


def test_no_page_of_the_demonstration_is_heavy(demo_site: Path) -> None:
    """The budget of a page's HTML is 60 KB."""
    sizes = {path.relative_to(demo_site).as_posix(): path.stat().st_size for path in demo_site.rglob("*.html")}
    assert {path: size for path, size in sizes.items() if size > 60 * 1024} == {}


def test_a_sound_site_has_no_faults(site: Path) -> None:
    assert faults(site) == []


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<a href="gone.html">x</a>', "there is no such file"),
        ('<a href="A b.html">x</a>', "the disk spells it a b.html"),
        ('<a href="#gone">x</a>', "no element of page.html has this id"),
        ('<a href="index.html#gone">x</a>', "no element of index.html has this id"),
        ('<a href="assets/">x</a>', "is a folder: name its index.html"),
        ('<a href="./">x</a>', "is a folder: name its index.html"),
        ('<a href="index.html/">x</a>', "is a file: no slash follows it"),
        ('<a href="../index.html">x</a>', "leads out of the site"),
        ('<a href="/index.html">x</a>', "is absolute: it breaks below a folder, and with no server"),
        ('<a href="file:///tmp/x">x</a>', "only http, https, mailto may lead out"),
        ('<a href="javascript:alert(1)">x</a>', "only http, https, mailto may lead out"),
        ('<a href="//example.org/x">x</a>', "only http, https, mailto may lead out"),
        ('<a href="https:///x">x</a>', "names no host"),
        ('<a href="assets\\p.png">x</a>', "holds a backslash"),
        ('<a href="http://[x">x</a>', "is no address: Invalid IPv6 URL"),
        ('<img src="" alt="">', "is empty"),
        ('<img src="https://example.org/p.png" alt="">', "is loaded from elsewhere"),
        ('<img srcset="assets/p.png 1x, gone.png 2x" alt="">', "there is no such file"),
        ('<script src="//example.org/x.js"></script>', "is loaded from elsewhere"),
        ('<link rel="stylesheet" href="https://example.org/x.css">', "is loaded from elsewhere"),
        ('<link rel="preconnect" href="https://example.org/">', "is loaded from elsewhere"),
        ('<base href="https://example.org/">', "a base moves every link of the page"),
        ('<meta http-equiv="refresh" content="0; url=gone.html">', "there is no such file"),
        ('<p style="background: url(gone.png)">x</p>', "there is no such file"),
        ("<style>@import 'https://example.org/x.css';</style>", "is loaded from elsewhere"),
        ('<svg><use xlink:href="gone.svg#x"></use></svg>', "there is no such file"),
        ('<form action="gone.html"></form>', "there is no such file"),
    ],
)
def test_a_broken_link_is_told(site: Path, markup: str, fault: str) -> None:
    (site / "page.html").write_text(f"<!doctype html><title>t</title>{markup}", encoding="utf-8")
    (told,) = faults(site)
    assert told.startswith("page.html: ")
    assert told.endswith(f": {fault}")


def test_a_stylesheet_is_read_too(site: Path) -> None:
    (site / "assets" / "site.css").write_text("@import url(gone.css);", encoding="utf-8")
    assert faults(site) == ['assets/site.css: url() "gone.css": there is no such file']
