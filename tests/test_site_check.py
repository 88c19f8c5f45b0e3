"""`sitrep check --site`: what must not be published is refused, each with its reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conftest import ROOT
from projects import GOOD, HEAD, sitrep, tree, write
from sitrep.parallel.pool import each
from sitrep.project import open_project
from sitrep.publish import site_check
from sitrep.publish.output_folder import MANIFEST, digest
from sitrep.publish.site_check import check_site

CONFIG = "title: Test\nurl: https://example.org/watch/\n"
FILES: dict[str, str | bytes] = {
    **GOOD,
    "content/articles/two.md": "Geneva spoke twice.\n",
    "content/articles/two.yaml": HEAD + "actors: [geneva]\nclaims: [{id: ça, by: [geneva], quote: Geneva spoke}]\n",
    "content/actors/geneva.yaml": "name: Geneva\nmarking: TLP:CLEAR\nformerly: [genf]\n",
    "content/actors/red.yaml": "name: Red\nmarking: TLP:RED\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with its site."""
    write(tmp_path, FILES, config=CONFIG)
    assert sitrep(tmp_path, "build").code == 0
    return tmp_path


def told(root: Path, *options: str) -> list[str]:
    """What is told of the site: nothing, or the run fails."""
    ran = sitrep(root, "check", "--site", str(root / "site"), "--quiet", *options)
    assert ran.code == (1 if ran.out else 0)
    return ran.lines


def replace(root: Path, name: str, old: str, new: str) -> None:
    """Change a file of the site, and the manifest with it."""
    path = root / "site" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    own(root, name, text.replace(old, new, 1).encode())


def own(root: Path, name: str, data: bytes) -> None:
    """Write a file of the site as a build would."""
    path = root / "site" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    held = json.loads((root / "site" / MANIFEST).read_bytes())
    held["files"][name] = digest(data)
    (root / "site" / MANIFEST).write_text(json.dumps(held))


def test_a_built_site_may_be_published(root: Path) -> None:
    before = tree(root)
    assert told(root) == []
    assert sitrep(root, "check", "--site", str(root / "site")).out == "no problems\n"
    assert tree(root) == before


def test_the_demonstration_may_be_published(demo_site: Path) -> None:
    assert check_site(open_project(ROOT)[0], demo_site, each(1)) == []


def test_without_an_address_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    sitrep(tmp_path, "build")
    assert told(tmp_path) == []


def test_a_preview_is_refused(root: Path) -> None:
    """By its manifest, by the file that says so, by the ribbon of its pages: told once."""
    sitrep(root, "build", "--preview")
    preview = root / "preview"
    manifest = preview / MANIFEST
    for place in (f"{MANIFEST}:1:1", "404.html:", "NOT-FOR-RELEASE.txt:1:1"):
        ran = sitrep(root, "check", "--site", str(preview), "--quiet")
        (line,) = ran.lines
        assert ran.code == 1
        assert line.startswith(f"preview/{place}")
        assert line.endswith("(run: sitrep build) [site-preview]")
        held = json.loads(manifest.read_bytes())
        if held["preview"]:
            held["preview"] = False
        else:
            for path in preview.rglob("*.html"):
                text = path.read_text(encoding="utf-8").replace('class="ribbon"', 'class="other"')
                path.write_text(text, encoding="utf-8")
                held["files"][path.relative_to(preview).as_posix()] = digest(text.encode())
        manifest.write_text(json.dumps(held))


def test_a_page_of_a_preview_is_refused(root: Path) -> None:
    replace(root, "index.html", "<header", '<p class="x ribbon">Preview</p><header')
    (line,) = told(root)
    assert line.endswith("error: this page says that it is a preview (run: sitrep build) [site-preview]")


def test_what_the_manifest_does_not_know(root: Path) -> None:
    write(root, {"site/actors/stray.html": "<p>x</p>", "site/.sitrep-tmp/x": ""}, config="")
    assert told(root) == [
        "site/.sitrep-tmp/x:1:1: error: the build did not write this file (delete it) [site-unknown]",
        "site/actors/stray.html:1:1: error: the build did not write this file (delete it) [site-unknown]",
    ]


def test_what_is_not_as_it_was_written(root: Path) -> None:
    path = root / "site/actors/geneva.html"
    path.write_bytes(path.read_bytes() + b"\n")
    (line,) = told(root)
    assert line.startswith("site/actors/geneva.html:1:1: error: this file is not as the build wrote it")
    held = json.loads((root / "site" / MANIFEST).read_bytes())
    held["files"]["actors/geneva.html"] = ""
    (root / "site" / MANIFEST).write_text(json.dumps(held))
    (line,) = told(root)
    assert "the build of this file did not end" in line


def test_what_is_not_there(root: Path) -> None:
    (root / "site/articles/two.html").unlink()
    codes = [line.rpartition("[")[2] for line in told(root)]
    assert codes.count("site-missing]") == 1
    assert set(codes) == {"site-missing]", "site-link]"}


@pytest.mark.parametrize("data", [None, "{", "[]", '{"files": 1, "preview": false}'])
def test_a_manifest_that_cannot_be_read(root: Path, data: str | None) -> None:
    (root / "site" / MANIFEST).unlink()
    if data is not None:
        (root / "site" / MANIFEST).write_text(data)
    (line,) = told(root)
    assert line.startswith(f"site/{MANIFEST}:1:1: error: the manifest ")


def test_links_and_modes_that_pages_refuses(root: Path) -> None:
    site = root / "site"
    (site / "actors/geneva.html").rename(root / "elsewhere.html")
    (site / "actors/geneva.html").symlink_to(root / "elsewhere.html")
    (site / "out").symlink_to(root / "content")
    os.link(site / "about.html", root / "twin.html")
    os.mkfifo(site / "pipe")
    (site / "method.html").chmod(0o600)
    (site / "claims").chmod(0o700)
    lines = [line for line in told(root) if line.endswith("[site-file]")]
    assert [(line.split(":")[0], line.split(": ")[2].split(" (")[0]) for line in lines] == [
        ("site/about.html", "is a hard link"),
        ("site/actors/geneva.html", "is a symbolic link"),
        ("site/claims", "not everyone may read this folder"),
        ("site/method.html", "not everyone may read this file"),
        ("site/out", "is a symbolic link"),
        ("site/pipe", "is no plain file"),
    ]


def test_a_build_mends_what_it_finds(root: Path) -> None:
    site = root / "site"
    (site / "actors/geneva.html").rename(root / "elsewhere.html")
    (site / "actors/geneva.html").symlink_to(root / "elsewhere.html")
    os.link(site / "about.html", root / "twin.html")
    (site / "method.html").chmod(0o600)
    sitrep(root, "build")
    assert told(root) == []


def test_everyone_may_read_what_is_built_whatever_the_umask(tmp_path: Path) -> None:
    write(tmp_path, FILES, config=CONFIG)
    former = os.umask(0o077)
    try:
        assert sitrep(tmp_path, "build").code == 0
    finally:
        os.umask(former)
    assert told(tmp_path) == []


def test_too_large_a_site(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_check, "LARGEST", 10_000)
    (line,) = told(root)
    assert line.startswith("error: the site has 0 MB; GitHub Pages takes 0")
    assert line.endswith("[site-size]")


def test_a_folder_that_is_not_there(root: Path) -> None:
    ran = sitrep(root, "check", "--site", str(root / "nowhere"))
    assert (ran.code, "there is no folder" in ran.err) == (2, True)


SOUND = """<!doctype html><html lang="en"><head><title>t</title>
<link rel=stylesheet href="site.css"><link rel="canonical" href="https://example.org/watch/actors/geneva.html">
<link rel="alternate" href="a%20b.html"><!-- <a href="gone.html"> --><script>'<a href="gone.html">'</script></head>
<body><h1 id="ß">t</h1><a href="#%C3%9F">1</a><a href="#top">2</a><a href='a%20b.html?q=1#x'>3</a>
<a href="https://example.org/x#y">4</a><a href="mailto:a@example.org">5</a><a href="">6</a>
<a title="<a href='gone.html'> > " href="actors/geneva.html">7</a> <p>&lt;a href="gone.html"&gt; href="gone.html"</p>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=""><q cite="https://example.org/">q</q>
<img srcset="p.png 1x, p.png 2x" alt=""><svg><a href="a%20b.html"><text>8</text></a><use href="#ß"></use></svg>
<p style="background: url(&quot;p.png&quot;)">x</p><style>/* url(gone) */ p { background: url(p.png) }</style>
"""


@pytest.fixture
def sound(root: Path) -> Path:
    """A site with a page in which every link holds."""
    own(root, "site.css", b'/* url(no) */ body { background: url("p.png") }')
    own(root, "p.png", b"")
    own(root, "a b.html", b'<p id=x><a name="y" href="index.html">up</a></p>')
    own(root, "page.html", SOUND.encode())
    return root


def test_a_sound_page(sound: Path) -> None:
    assert told(sound) == []


@pytest.mark.mostly_slow(8)
@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<a href="gone.html">x</a>', "“gone.html” leads nowhere"),
        ("<a href='gone.html'>x</a>", "“gone.html” leads nowhere"),
        ("<A HREF=gone.html>x</A>", "“gone.html” leads nowhere"),
        ('<a href="A b.html">x</a>', "“A b.html” leads nowhere: the file is spelt a b.html"),
        ('<a href="#gone">x</a>', "“#gone” leads nowhere in page.html"),
        ('<a href="index.html#gone">x</a>', "“#gone” leads nowhere in index.html"),
        ('<a href="articles/two.html#claim-2">x</a>', "“#claim-2” leads nowhere in articles/two.html"),
        ('<a href="actors/">x</a>', "“actors/” leads to a folder: name its index.html"),
        ('<a href="actors">x</a>', "“actors” leads to a folder: name its index.html"),
        ('<a href="./">x</a>', "“./” leads to a folder: name its index.html"),
        ('<a href="../index.html">x</a>', "“../index.html” leads out of the site"),
        ('<a href="/index.html">x</a>', "“/index.html” is absolute: it breaks below a folder, and with no server"),
        ('<a href="javascript:alert(1)">x</a>', "leads out by another way than http, https or mailto"),
        ('<a href="//example.org/x">x</a>', "leads out by another way than http, https or mailto"),
        ('<a href="https:///x">x</a>', "names no host"),
        ('<a href="actors\\geneva.html">x</a>', "holds a backslash"),
        ('<a href="http://[x">x</a>', "is no address"),
        ('<img src="" alt="">', "“” is empty"),
        ('<img src="https://example.org/p.png" alt="">', "is loaded from elsewhere"),
        ('<img srcset="p.png 1x, gone.png 2x" alt="">', "“gone.png” leads nowhere"),
        ('<script src="//example.org/x.js"></script>', "is loaded from elsewhere"),
        ('<link rel="stylesheet" href="https://example.org/x.css">', "is loaded from elsewhere"),
        ('<link rel="preconnect" href="https://example.org/">', "is loaded from elsewhere"),
        ('<link rel="canonical" href="https://example.org/watch/gone.html">', "gone.html” leads nowhere"),
        ('<meta http-equiv="refresh" content="0; url=gone.html">', "“gone.html” leads nowhere"),
        ('<p style="background: url(gone.png)">x</p>', "“gone.png” leads nowhere"),
        ("<style>\n@import 'https://example.org/x.css';</style>", "is loaded from elsewhere"),
        ('<svg><use xlink:href="gone.svg#x"></use></svg>', "“gone.svg#x” leads nowhere"),
        ('<form action="gone.html"></form>', "“gone.html” leads nowhere"),
        ('<a title=">" href="gone.html">x</a>', "“gone.html” leads nowhere"),
    ],
)
def test_a_broken_link_is_told_at_its_line(sound: Path, markup: str, fault: str) -> None:
    own(sound, "page.html", f"<!doctype html>\n<title>t</title>\n{markup}\n".encode())
    (line,) = told(sound)
    line_number = 4 if "@import" in markup else 3
    assert line.startswith(f"site/page.html:{line_number}:")
    assert line.endswith(f"{fault} [site-link]")


def test_a_style_sheet_is_read_too(sound: Path) -> None:
    own(sound, "site.css", b"body {}\n@import url(gone.css);")
    assert told(sound) == ["site/site.css:2:9: error: “gone.css” leads nowhere [site-link]"]


@pytest.mark.parametrize(
    ("href", "fault"),
    [
        ("https://example.org/watch/actors/geneva.html", ""),
        ("/watch/actors/geneva.html", ""),
        ("/watch/", ""),
        ("https://example.org/watch/gone.html", "leads nowhere"),
        ("/watch/gone.html", "leads nowhere"),
        ("/actors/geneva.html", "does not begin with /watch/, where the site will stand"),
        ("actors/geneva.html", "is relative, and this page is shown at any address"),
        ("https://elsewhere.example/", ""),
    ],
)
def test_the_page_for_addresses_that_lead_nowhere(sound: Path, href: str, fault: str) -> None:
    own(sound, "404.html", f'<!doctype html><a href="{href}">x</a><a href="#top">y</a>'.encode())
    lines = told(sound)
    assert bool(lines) == bool(fault)
    assert not fault or lines[0].endswith(f"“{href}” {fault} [site-link]")


def test_several_processes_tell_what_one_tells(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sitrep.parallel import pool

    own(sound, "page.html", b'<a href="gone.html">x</a><a href="index.html#gone">x</a>')
    monkeypatch.setattr(pool, "FEW", 1)
    project, _ = open_project(sound)
    one, two = (check_site(project, sound / "site", each(jobs)) for jobs in (1, 2))
    assert one == two
    assert len(one) == 2


def test_problems_as_github_shows_them(sound: Path) -> None:
    own(sound, "page.html", b'<a href="gone.html">x</a>')
    (line,) = told(sound, "--format", "github")
    assert line == "::error file=site/page.html,line=1,col=4,title=site-link::“gone.html” leads nowhere"
