"""What a build writes, keeps and deletes; and that the same content is the same bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import lxml.html
import pytest

from conftest import ROOT
from projects import GOOD, HEAD, everything, sitrep, tree, write
from sitecheck import faults
from sitrep.build.build import build
from sitrep.build.report import Report
from sitrep.build.state import BuildOptions
from sitrep.parallel import pool
from sitrep.parallel.pool import FEW, each
from sitrep.project import open_project

FILES: dict[str, str | bytes] = {
    **GOOD,
    "content/articles/two.md": "Geneva spoke twice. A secret phrase nobody may see.\n",
    "content/articles/two.yaml": HEAD
    + "actors: [geneva]\nclaims: [{id: c, by: [geneva], quote: Geneva spoke twice}]\n",
    "content/actors/geneva.yaml": "name: Geneva\nmarking: TLP:CLEAR\n",
    "content/claims/c.yaml": "statement: It spoke.\nmarking: TLP:CLEAR\n",
}


def command(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "build.py"), "--root", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=120,
    )


def test_nothing_changed_writes_nothing_and_an_edit_its_pages(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    sitrep(tmp_path, "build")
    assert ": 0 files written, 0 deleted" in sitrep(tmp_path, "build").out
    before = tree(tmp_path / "site")
    write(tmp_path, {"content/articles/two.md": "Geneva spoke twice. Another phrase.\n"})
    sitrep(tmp_path, "build")
    after = tree(tmp_path / "site")
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed - {".sitrep-manifest.json"} == {"articles/two.html", "articles/two.json"}


def test_what_is_no_longer_made_is_deleted_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    sitrep(tmp_path, "build")
    write(tmp_path, {"site/CNAME": "example.org\n", "site/.git/HEAD": "ref\n"})
    for name in ("content/articles/two.md", "content/articles/two.yaml"):
        (tmp_path / name).rename(tmp_path / name.replace("two", "three"))
    sitrep(tmp_path, "build")
    assert not (tmp_path / "site/articles/two.html").exists()
    assert (tmp_path / "site/articles/three.html").exists()
    assert (tmp_path / "site/CNAME").read_text() == "example.org\n"
    assert (tmp_path / "site/.git/HEAD").exists()


def test_a_file_that_is_not_ours_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "site/index.html": "mine"})
    ran = sitrep(tmp_path, "build")
    assert (ran.code, "was not written by sitrep" in ran.err) == (2, True)
    assert tree(tmp_path / "site") == {"index.html": b"mine"}


@pytest.mark.parametrize("output", ["content", "content/site", ".", "templates", ".git", "config.yaml"])
def test_an_output_that_we_read_from_is_refused(output: str, tmp_path: Path) -> None:
    write(tmp_path, {**FILES, ".git/HEAD": "x", "templates/x.html": ""})
    before = tree(tmp_path)
    assert sitrep(tmp_path, "build", "--output", str(tmp_path / output)).code == 2
    assert {k: v for k, v in tree(tmp_path).items() if not k.startswith(".sitrep/")} == before


def test_a_tampered_manifest_deletes_nothing_outside(tmp_path: Path) -> None:
    write(tmp_path / "p", FILES)
    sitrep(tmp_path / "p", "build")
    (tmp_path / "precious").write_text("x")
    manifest = tmp_path / "p/site/.sitrep-manifest.json"
    manifest.write_text('{"sitrep": 1, "preview": false, "files": {"../../precious": ""}}')
    assert sitrep(tmp_path / "p", "build").code == 2
    assert (tmp_path / "precious").exists()


def test_withheld_is_never_written(tmp_path: Path) -> None:
    """A public build has the bytes of a build of the same content with the withheld files deleted."""
    marks = {"red": "TLP:RED", "amber": "TLP:AMBER", "none": "", "draft": "TLP:CLEAR"}
    secret: dict[str, str | bytes] = {}
    for name, mark in marks.items():
        head = HEAD.replace("marking: TLP:CLEAR\n", f"marking: {mark}\n" if mark else "")
        head = head.replace("reviewed", "draft") if name == "draft" else head
        more = "actors: [geneva, hidden-person]\nclaims: [{id: c, by: [hidden-person], quote: Geneva denied it}]\n"
        secret[f"content/articles/{name}.yaml"] = head + more
        secret[f"content/articles/{name}.md"] = "Geneva denied it, said the Hidden Person.\n"
    secret["content/actors/kyiv.yaml"] = "name: Kyiv\naliases: [Geneva]\nmarking: TLP:RED\n"
    write(tmp_path / "all", {**FILES, **secret})
    write(tmp_path / "deleted", FILES)
    ran = sitrep(tmp_path / "all", "build")
    sitrep(tmp_path / "deleted", "build")
    assert "withheld 5" in ran.out
    assert tree(tmp_path / "all/site") == tree(tmp_path / "deleted/site")
    assert "hidden-person" not in everything(tmp_path / "all/site").casefold().replace(" ", "-")


def test_something_public_that_becomes_red_is_gone_at_the_next_build(tmp_path: Path) -> None:
    write(tmp_path / "p", FILES)
    sitrep(tmp_path / "p", "build")
    red = {name: str(text).replace("TLP:CLEAR", "TLP:RED") for name, text in FILES.items() if "two.yaml" in name}
    write(tmp_path / "p", {**red})
    sitrep(tmp_path / "p", "build")
    write(tmp_path / "clean", {name: text for name, text in FILES.items() if "two" not in name})
    sitrep(tmp_path / "clean", "build")
    assert tree(tmp_path / "p/site") == tree(tmp_path / "clean/site")


def test_an_unmarked_file_may_be_assumed_clear(tmp_path: Path) -> None:
    files = {**GOOD, "content/articles/good.yaml": HEAD.replace("marking: TLP:CLEAR\n", "")}
    assert "withheld 1: 1 article unmarked" in sitrep(write(tmp_path, files), "build").out
    write(tmp_path, {}, config="title: T\npublish: {unmarked: TLP:CLEAR}\n")
    sitrep(tmp_path, "build")
    assert (tmp_path / "site/articles/good.html").exists()


def test_a_preview_shows_everything_and_says_so(tmp_path: Path) -> None:
    files = {**FILES, "content/articles/red.yaml": HEAD.replace("CLEAR", "RED"), "content/articles/red.md": "Red.\n"}
    write(tmp_path, files)
    assert sitrep(tmp_path, "build", "--preview").code == 0
    assert not (tmp_path / "site").exists()
    assert (tmp_path / "preview/NOT-FOR-RELEASE.txt").exists()
    pages = list((tmp_path / "preview").rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        assert "not for release" in page.read_text("utf-8"), page
    assert "TLP:RED" in (tmp_path / "preview/articles/red.html").read_text("utf-8")
    ran = sitrep(tmp_path, "build", "--output", str(tmp_path / "preview"))
    assert (ran.code, "a folder of its own" in ran.err) == (2, True)


RIGHTS = (
    "Alpha one two three four. Beta says it is so. " + "Gamma delta epsilon zeta eta theta iota kappa. " * 5 + "End.\n"
)


@pytest.mark.parametrize("rights", ["full", "excerpt", "metadata"])
def test_rights_decide_how_much_of_a_text_shows(rights: str, tmp_path: Path) -> None:
    sidecar = HEAD.replace("rights: full", f"rights: {rights}")
    sidecar += "actors: [gamma]\nclaims:\n  - {id: c, quote: Beta says it is so}\n"
    write(tmp_path, {"content/articles/a.yaml": sidecar, "content/articles/a.md": RIGHTS})
    assert sitrep(tmp_path, "build", "--quiet").code == 0
    shown = everything(tmp_path / "site")
    assert ("Beta says it is so" in shown) == (rights != "metadata")
    assert ("delta epsilon" in shown) == (rights == "full")
    assert ("Alpha one" in shown) == (rights == "full")
    assert ('"text": null' in shown) == (rights != "full")
    page = (tmp_path / "site/articles/a.html").read_text("utf-8")
    assert ("[…]" in page) == (rights == "excerpt")
    assert ('id="claim-1"' in page) == (rights != "metadata")


def test_an_excerpt_is_at_most_a_quarter(tmp_path: Path) -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(12)) + "\n"
    claims = "".join(f"  - {{quote: Sentence number {n} stands}}\n" for n in range(10))
    sidecar = HEAD.replace("rights: full", "rights: excerpt") + "claims:\n" + claims
    write(tmp_path, {"content/articles/a.yaml": sidecar, "content/articles/a.md": text})
    sitrep(tmp_path, "build")
    page = re.sub(r"<[^>]+>", "", (tmp_path / "site/articles/a.html").read_text("utf-8"))
    assert [n for n in range(12) if f"number {n} stands here" in page] == [0, 1, 2]


def test_a_long_list_is_paged_and_an_old_id_redirects(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"content/actors/a.yaml": "name: Alpha\nmarking: TLP:CLEAR\nformerly: [old]\n"}
    for n in range(95):
        files[f"content/articles/x{n:03}.md"] = f"Alpha spoke for the {n}th time.\n"
        files[f"content/articles/x{n:03}.yaml"] = HEAD + "actors: [a]\n"
    sitrep(write(tmp_path, files), "build")
    pages = [tmp_path / f"site/actors/{name}" for name in ("a.html", "a/2.html", "a/3.html")]
    seen = "".join(page.read_text("utf-8") for page in pages)
    assert not (tmp_path / "site/actors/a/4.html").exists()
    assert all(f"x{n:03}.html#actor-1" in seen for n in range(95))
    assert 'url=../actors/a.html"' in (tmp_path / "site/actors/old.html").read_text("utf-8")


def test_a_page_does_not_grow_with_the_statements_on_it(tmp_path: Path) -> None:
    """What goes on is paged or cut short, and says by how much; the article that says it all is as long as it is."""
    sizes = []
    for count in (150, 600):
        text = " ".join(f"In all a{n} counted {n} lorries." for n in range(1, count + 1))
        claims = "".join(
            f'  - {{id: c, by: [a{n}], value: {n}, said: 2024-01-{n % 28 + 1:02}, quote: "a{n} counted {n} lorries"}}\n'
            for n in range(1, count + 1)
        )
        files: dict[str, str | bytes] = {
            "content/articles/one.md": f"{text}\n",
            "content/articles/one.yaml": f"{HEAD}claims:\n{claims}",
            "content/claims/c.yaml": "statement: Lorries were counted.\nmarking: TLP:CLEAR\nabout: {actors: [a1]}\n",
        }
        root = write(tmp_path / str(count), files)
        assert sitrep(root, "build").code == 0
        page = (root / "site/claims/c.html").read_text("utf-8")
        assert f"and {count - 40} more" in page
        assert f"and {count - 60} more" in page
        sizes.append(len(page))
    assert sizes[1] < sizes[0] * 1.1


def test_prose_links_both_ways(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **FILES,
        "content/topics/t.yaml": "name: Tea\nmarking: TLP:CLEAR\ndescription: See [[claim:c]].\n",
        "content/topics/t.md": "Read [[article:two#claim-1|its words]] and [[geneva]].\n",
    }
    assert sitrep(write(tmp_path, files), "check", "--strict").code == 0
    sitrep(tmp_path, "build")
    page = (tmp_path / "site/topics/t.html").read_text("utf-8")
    for href in ("../claims/c.html", "../articles/two.html#claim-1", "../actors/geneva.html"):
        assert f'href="{href}"' in page
    for back in ("claims/c", "articles/two", "actors/geneva"):
        assert "../topics/t.html" in (tmp_path / f"site/{back}.html").read_text("utf-8")


def test_the_same_bytes_whatever_the_circumstances(tmp_path: Path) -> None:
    root = tmp_path / "p"
    shutil.copytree(ROOT / "content", root / "content")
    shutil.copy(ROOT / "config.yaml", root)
    found = []
    for n, (jobs, environment) in enumerate(
        [
            ("1", {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}),
            ("2", {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8"}),
        ]
    ):
        done = command(root, "build", "--jobs", jobs, "--output", str(tmp_path / f"site{n}"), **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(tree(tmp_path / f"site{n}"))
    assert found[0] == found[1]


def test_the_same_bytes_however_processes_are_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forked, started anew, or none but the one: from nothing, and from what a former build has kept."""
    root = tmp_path / "p"
    shutil.copytree(ROOT / "content", root / "content")
    exports = "exports: [stix, annotations, csl, csv, sqlite, text]\njson: true\nbriefs: {every: week}\n"
    (root / "config.yaml").write_text(f"title: Watch\nurl: https://watch.example/\nsearch: false\n{exports}")
    monkeypatch.setattr(pool, "FEW", 1)
    monkeypatch.setattr(pool, "MANY", 1)
    monkeypatch.setattr("sitrep.incremental.entry_store.MUCH", 1)
    ways = {"one": each(1), "fork": each(2, "fork"), "spawn": each(2, "spawn")}
    project, problems = open_project(root)
    assert not problems
    for edit in ("", "\nA word more.\n"):
        text = root / "content/articles/2024-12-05-bharatshakti-treaty-in-force.md"
        text.write_text(text.read_text("utf-8") + edit, "utf-8")
        for name, way in ways.items():
            build(project, BuildOptions(way, tmp_path / name))
        assert tree(tmp_path / "one") == tree(tmp_path / "fork") == tree(tmp_path / "spawn")


FORKED = """
import threading, time
from sitrep.parallel import pool
pool.FEW, pool.FRESH = 1, 4
lock = threading.Lock()
def work(n):
    with lock:
        time.sleep(0.001)
    return n
assert list(pool.each(3, "fork")(work, range(200))) == list(range(200))
"""


@pytest.mark.skipif(pool.START != "fork", reason="needs: fork")
def test_nothing_is_forked_while_this_process_may_hold_a_lock() -> None:
    """Who is forked while another thread holds a lock waits for it for ever."""
    subprocess.run([sys.executable, "-c", FORKED], check=True, timeout=60)


FAILING = """
import os, signal, sys, time
from sitrep.parallel import pool
from sitrep.problems import Unusable

class Odd(Exception):
    def __init__(self, one, other):  # cannot be made again of what it holds
        super().__init__(one + other)

here = os.getpid()

def work(n):
    time.sleep(0.001)
    if n > 50 and sys.argv[1] not in ("left", "alone") and (os.getpid() == here) == (sys.argv[1] == "here"):
        if sys.argv[1] == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise Odd("no", "!") if sys.argv[1] == "odd" else ValueError("no!")
    return n

if sys.argv[1] == "alone":
    def refused():
        raise BlockingIOError(11, "Resource temporarily unavailable")
    os.fork = refused
results = iter(pool.each(3, "fork")(work, range(1000)))
if sys.argv[1] == "left":
    assert next(results) == 0
    results.close()
else:
    try:
        print(list(results) == list(range(1000)))
    except (ValueError, RuntimeError, Unusable) as error:
        print(type(error).__name__, error)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none is left")
"""


@pytest.mark.mostly_slow(2)
@pytest.mark.skipif(pool.START != "fork", reason="needs: fork")
@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("here", "ValueError no!"),
        ("there", "ValueError no!"),
        ("odd", "RuntimeError Odd: no!"),
        ("killed", "Unusable a process that did part of the work was ended from outside: nothing was done"),
        ("left", ""),
        ("alone", "True"),
    ],
)
def test_what_fails_in_a_process_that_helps_is_told_by_this_one_and_none_is_left(how: str, told: str) -> None:
    done = subprocess.run([sys.executable, "-c", FAILING, how], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [*([told] if told else []), "none is left"]


def test_a_build_that_is_killed_leaves_a_site_that_the_next_one_mends(tmp_path: Path) -> None:
    root = tmp_path / "p"
    shutil.copytree(ROOT / "content", root / "content")
    shutil.copy(ROOT / "config.yaml", root)
    command(root, "build", "--output", str(tmp_path / "clean"))
    for seconds in (0.35, 0.5, 0.6, 0.7):
        build = subprocess.Popen(
            [sys.executable, str(ROOT / "build.py"), "--root", str(root), "build"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(seconds)
        build.send_signal(signal.SIGKILL)
        build.wait()
    done = command(root, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(root / "site") == tree(tmp_path / "clean")


def test_a_second_build_stops_and_names_the_first(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    program = (
        "import sys, time; from pathlib import Path; from sitrep.project import open_project;"
        "from sitrep.publish.output_folder import locked\n"
        "with locked(open_project(Path(sys.argv[1]))[0]): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        done = command(tmp_path, "build")
        assert done.returncode == 2
        assert f"(process {holder.pid})" in done.stderr
    finally:
        holder.kill()
        holder.communicate()
    assert command(tmp_path, "build").returncode == 0


def test_as_known_on_a_day(tmp_path: Path) -> None:
    early = HEAD.replace("2024-01-02", "2023-01-02") + "actors: [geneva]\n"
    files = {**FILES, "content/articles/good.yaml": early}
    sitrep(write(tmp_path, files), "build", "--as-of", "2023-12-31")
    assert (tmp_path / "site/articles/good.html").exists()
    assert not (tmp_path / "site/articles/two.html").exists()
    assert not (tmp_path / "site/claims/c.html").exists()
    assert "As known on 2023-12-31" in (tmp_path / "site/index.html").read_text("utf-8")


def test_the_launcher_builds_where_no_command_is_given(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert command(tmp_path).returncode == 0
    assert (tmp_path / "site/index.html").exists()
    assert command(tmp_path, "--output", str(tmp_path / "other")).returncode == 0
    assert command(tmp_path, "nonsense").returncode == 2


def test_a_new_project_builds_and_checks_clean(tmp_path: Path) -> None:
    root = tmp_path / "new"
    assert sitrep(tmp_path, "init", str(root)).code == 0
    assert sitrep(root, "check", "--strict").out.strip() == "no problems"
    assert sitrep(root, "build", "--strict").code == 0
    for kind in ("article", "actor", "event", "source", "claim", "brief", "topic"):
        assert sitrep(root, "new", kind, f"my-{kind}").code == 0
        assert sitrep(root, "new", kind, f"MY-{kind}").code == 2
    ran = sitrep(root, "build", "--quiet")
    assert ran.code == 0, ran.out
    assert not list((root / "site").rglob("my-*"))
    assert sitrep(tmp_path, "init", str(root)).code == 2


# -- how much a build does --------------------------------------------------------------------------------------------


def made(root: Path, output: str = "site", **options: bool) -> Report:
    return build(open_project(root)[0], BuildOptions(each(1), root / output, **options))


EDITS: dict[str, tuple[dict[str, str | bytes], set[str]]] = {
    "a text that nothing quotes": (
        {"content/articles/two.md": "Geneva spoke twice. Another phrase.\n"},
        {"articles/two.html", "articles/two.json"},
    ),
    "a summary": (
        {"content/articles/two.yaml": str(FILES["content/articles/two.yaml"]) + "summary: It spoke.\n"},
        {"articles/two.html", "articles/two.json", "articles/index.html", "sources/wire.html", "index.html"},
    ),
    "a description": (
        {"content/actors/geneva.yaml": "name: Geneva\ndescription: A city.\nmarking: TLP:CLEAR\n"},
        {"actors/geneva.html", "actors/geneva.json", "actors/index.html"},
    ),
    "a comment in a sidecar": (
        {"content/articles/two.yaml": "# nothing new\n" + str(FILES["content/articles/two.yaml"])},
        set(),
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_writes_what_it_touches_and_nothing_else(edit: str, tmp_path: Path) -> None:
    files, affected = EDITS[edit]
    root = write(tmp_path, FILES)
    first = made(root)
    assert first.written == len(tree(root / "site")) - 1  # the manifest is not counted
    assert made(root)._replace(problems=[], output=None) == first._replace(problems=[], output=None, written=0)
    write(root, {f"content/articles/x{n}.md": "Elsewhere.\n" for n in range(3)})
    write(root, {f"content/articles/x{n}.yaml": HEAD.replace("source: wire\n", "source: post\n") for n in range(3)})
    made(root)
    times = {path: path.stat().st_mtime_ns for path in (root / "site").rglob("*") if path.is_file()}
    before = tree(root / "site")
    write(root, files)
    report = made(root)
    after = tree(root / "site")
    changed = {name for name in after if after[name] != before[name]} - {".sitrep-manifest.json"}
    assert changed <= affected
    assert bool(changed) == bool(affected)
    assert (report.written, report.deleted) == (len(changed), 0)
    for path, at in times.items():
        name = path.relative_to(root / "site").as_posix()
        assert (path.stat().st_mtime_ns == at) == (after[name] == before[name]), name


def test_deleted_content_is_deleted_from_the_site_with_its_folders(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "content/actors/geneva.yaml": "name: Geneva\nmarking: TLP:CLEAR\nformerly: [genf]\n"
    }
    for n in range(45):
        files[f"content/articles/x{n:03}.md"] = "Geneva spoke.\n"
        files[f"content/articles/x{n:03}.yaml"] = HEAD + "actors: [geneva]\n"
    root = write(tmp_path, {**GOOD, **files})
    made(root)
    assert (root / "site/actors/geneva/2.html").exists()
    assert (root / "site/actors/genf.html").exists()
    for name in files:
        (root / name).unlink()
    report = made(root)
    assert report.deleted > 90
    assert not (root / "site/actors/geneva").exists()
    assert not (root / "site/actors/genf.html").exists()
    write(tmp_path / "clean", GOOD)
    made(tmp_path / "clean")
    assert tree(root / "site") == tree(tmp_path / "clean/site")


def test_a_preview_and_a_public_site_never_share_a_folder(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    assert sitrep(root, "build").code == 0
    before = tree(root / "site")
    ran = sitrep(root, "build", "--preview", "--output", str(root / "site"))
    assert (ran.code, "a folder of its own" in ran.err) == (2, True)
    assert tree(root / "site") == before
    assert sitrep(root, "build", "--preview").code == 0
    assert tree(root / "site") == before
    ribbon = "Preview — not for release."
    for page in (root / "site").rglob("*.html"):
        assert ribbon not in page.read_text("utf-8")
    pages = {path.name: path.read_text("utf-8") for path in (root / "preview").rglob("*.html")}
    assert {"index.html", "404.html", "about.html", "two.html", "geneva.html"} <= pages.keys()
    assert all(ribbon in text and "noindex" in text for text in pages.values())


# -- the same bytes, whatever happens ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of so many things that several processes share the work, and its site as one process makes it."""
    root = tmp_path_factory.mktemp("many")
    files: dict[str, str | bytes] = {}
    for n in range(FEW + 10):
        files[f"content/articles/x{n:03}.md"] = f"Geneva spoke to City{n % 7} on {n}.\n"
        more = f"actors: [geneva, city{n % 7}]\nclaims: [{{id: c{n % 5}, by: [geneva], quote: spoke to}}]\n"
        files[f"content/articles/x{n:03}.yaml"] = HEAD + f"topics: [t{n % 3}]\n" + more
    write(root, files)
    done = command(root, "build", "--quiet", "--jobs", "1", PYTHONHASHSEED="0", TZ="UTC")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "0", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "1", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"},
    ],
)
def test_several_processes_elsewhere_make_what_one_makes_here(
    environment: dict[str, str], many: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    arguments = ["--root", os.path.relpath(many, here), "build", "--quiet", "--jobs", "2", "--output", "out"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "build.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=here,
        env={**os.environ, **environment},
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(here / "out") == tree(many / "site")


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
name, left = sys.argv[3], int(sys.argv[4])
real = getattr(os, name)
def call(*arguments, **options):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
setattr(os, name, call)
from sitrep.cli import main
main(["--root", sys.argv[1], "build", "--quiet", "--jobs", "1"])
"""


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize(
    ("call", "after"), [("replace", 0), ("replace", 1), ("replace", 6), ("unlink", 0), ("unlink", 1), ("write", 5)]
)
def test_a_build_killed_at_any_step_leaves_whole_files_and_the_next_mends(
    call: str, after: int, tmp_path: Path
) -> None:
    root = write(tmp_path / "p", FILES)
    made(root)
    former = tree(root / "site")
    for name in ("content/articles/two.md", "content/articles/two.yaml"):
        (root / name).unlink()
    write(
        root, {"content/articles/new.md": "Geneva again.\n", "content/articles/new.yaml": HEAD + "actors: [geneva]\n"}
    )
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), str(ROOT), call, str(after)], check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    between = tree(root / "site")
    shutil.copytree(root / "content", tmp_path / "clean/content")
    write(tmp_path / "clean", {})
    made(tmp_path / "clean")
    clean = tree(tmp_path / "clean/site")
    for name, data in between.items():
        if name != ".sitrep-manifest.json" and not name.startswith(".sitrep-tmp/"):
            assert data in (former.get(name), clean.get(name)), name
    made(root)
    assert tree(root / "site") == clean


# -- the command line -------------------------------------------------------------------------------------------------


WARNED = {"content/articles/warned.md": "Warned.\n", "content/articles/warned.yaml": HEAD.replace("source: wire\n", "")}
WRONG = {"content/articles/wrong.md": "Wrong.\n", "content/articles/wrong.yaml": HEAD + "claims: [{quote: Right}]\n"}


@pytest.mark.parametrize("name", ["build", "check"])
def test_exit_codes(name: str, tmp_path: Path) -> None:
    root = write(tmp_path, GOOD)  # `geneva` and `wire` are only mentioned: information
    assert sitrep(root, name, "--strict").code == 0
    write(root, WARNED)
    assert sitrep(root, name).code == 0
    assert sitrep(root, name, "--strict").code == 1
    write(root, WRONG)
    assert sitrep(root, name).code == 1
    assert sitrep(root, name, "--no-such-option").code == 2
    assert sitrep(root, name, "--format", "xml").code == 2
    assert sitrep(tmp_path / "nowhere", name).code == 2
    write(root, {}, config="titel: T\n")
    assert sitrep(root, name).code == 2


def test_a_problem_in_one_file_leaves_the_others_built(tmp_path: Path) -> None:
    root = write(
        tmp_path, {**GOOD, **WRONG, "content/articles/broken.yaml": "title: [\n", "content/articles/broken.md": "x"}
    )
    ran = sitrep(root, "build", "--quiet")
    assert ran.code == 1
    assert {line.partition(":")[0] for line in ran.lines} == {
        "content/articles/broken.yaml",
        "content/articles/wrong.yaml",
    }
    assert {path.stem for path in (root / "site/articles").glob("*.json")} == {"good", "wrong"}


def test_problems_of_a_build_as_json_and_for_github(tmp_path: Path) -> None:
    root = write(tmp_path, {**GOOD, **WARNED, **WRONG})
    ran = sitrep(root, "build", "--format", "json")
    told = json.loads(ran.out)
    assert list(told) == ["problems"]
    assert {(p["severity"], p["file"]) for p in told["problems"]} == {
        ("warning", "content/articles/warned.yaml"),
        ("error", "content/articles/wrong.yaml"),
    }
    for problem in told["problems"]:
        assert list(problem) == ["code", "severity", "file", "line", "column", "message", "hint"]
        assert isinstance(problem["line"], int)
        assert isinstance(problem["column"], int)
    (wrong,) = (p for p in told["problems"] if p["severity"] == "error")
    assert (wrong["code"], wrong["line"]) == ("quote-gone", 7)
    lines = sitrep(root, "build", "--format", "github").lines
    assert len(lines) == 2
    pattern = re.compile(r"::(error|warning) file=content/articles/w\w+\.yaml,line=\d+,col=\d+,title=[a-z-]+::\S.*")
    assert all(pattern.fullmatch(line) for line in lines), lines


def test_the_launcher_and_the_command_make_the_same(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    found = []
    for n, start in enumerate(([str(ROOT / "build.py")], ["-m", "sitrep"])):
        arguments = ["--root", str(tmp_path), *(["build"] if n else []), "--output", str(tmp_path / f"out{n}")]
        done = subprocess.run(
            [sys.executable, *start, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        found.append((done.stdout.replace(f"out{n}", "out"), tree(tmp_path / f"out{n}")))
    assert found[0] == found[1]


@pytest.mark.parametrize("url", ["", "https://example.org/anything/"])
def test_the_site_works_from_a_folder_and_below_any_address(url: str, tmp_path: Path) -> None:
    long: dict[str, str | bytes] = {}
    for n in range(45):
        long[f"content/articles/x{n:03}.md"] = "Geneva spoke.\n"
        long[f"content/articles/x{n:03}.yaml"] = HEAD + f"actors: [geneva]\nformerly: [old{n:03}]\n"
    config = "title: T\njson: true\n" + (f"url: {url}\n" if url else "")
    root = write(tmp_path, {**FILES, **long}, config=config)
    made(root)
    (tmp_path / "www").mkdir()
    shutil.copytree(root / "site", tmp_path / "www/anything")
    assert not [fault for fault in faults(tmp_path / "www") if not fault.startswith("anything/404.html: ")]
    for page in (root / "site").rglob("*.html"):
        document = lxml.html.document_fromstring(page.read_bytes())
        for element, attribute, link, _ in document.iterlinks():
            if page.name == "404.html" and url:
                assert link.startswith((url, "#")), (page, link)
            elif element.get("rel") != "canonical":
                assert not re.match(r"/|[a-z]+:", link), (page, attribute, link)


def test_the_words_for_an_unnamed_speaker_are_the_articles_words(tmp_path: Path) -> None:
    text = "A keeper who did not want to be named said it would take two months. " + "More words stand here. " * 30
    claim = (
        "claims: [{id: c, by: [{unnamed: A keeper who did not want to be named}], quote: it would take two months}]\n"
    )
    for rights in ("full", "excerpt", "metadata"):
        sidecar = HEAD.replace("rights: full", f"rights: {rights}") + claim
        write(tmp_path / rights, {"content/articles/a.yaml": sidecar, "content/articles/a.md": text})
        assert sitrep(tmp_path / rights, "build", "--quiet").code == 0
        shown = everything(tmp_path / rights / "site")
        assert ("did not want to be named" in shown) == (rights != "metadata")
        assert ("an unnamed speaker" in shown) == (rights == "metadata")


def test_a_signed_file_that_was_edited_is_a_draft_again(tmp_path: Path) -> None:
    write(tmp_path, {**GOOD, "content/articles/good.yaml": HEAD + "reviewed: {by: E, on: 2024-01-03, digest: '0'}\n"})
    ran = sitrep(tmp_path, "check", "--quiet")
    digest = re.search(r"[0-9a-f]{64}", ran.out)
    assert "[stale-sign-off]" in ran.out
    assert digest
    sitrep(tmp_path, "build")
    assert not (tmp_path / "site/articles/good.html").exists()
    signed = HEAD + f"reviewed: {{by: E, on: 2024-01-03, digest: {digest[0]}}}\n"
    write(tmp_path, {"content/articles/good.yaml": signed})
    assert sitrep(tmp_path, "build", "--strict").code == 0
    assert (tmp_path / "site/articles/good.html").exists()
    write(tmp_path, {"content/articles/good.md": "All is well in Geneva, or not.\n"})
    assert "withheld 1: 1 article draft" in sitrep(tmp_path, "build").out


# -- what a build keeps ----------------------------------------------------------------------------------------------


def test_a_build_after_a_build_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    root = write(tmp_path, {**GOOD, "content/claims/c.yaml": "statemnt: x\n"})
    first, second = sitrep(root, "build"), sitrep(root, "build")
    assert first.code == second.code == 1
    assert "0 files written, 0 deleted" in second.out
    assert [line for line in first.lines if "files written" not in line] == [
        line for line in second.lines if "files written" not in line
    ]


def test_a_damaged_cache_costs_a_build_and_a_line(tmp_path: Path) -> None:
    root = write(tmp_path, GOOD)
    sitrep(root, "build")
    before = tree(root / "site")
    for path in (root / ".sitrep").glob("[st]*"):
        path.write_bytes(b"not what was there")
    ran = sitrep(root, "build")
    assert ran.code == 0
    assert "the cache was damaged" in ran.out
    assert tree(root / "site") == before
    assert "the cache was" not in sitrep(root, "build").out


def test_explain_says_what_changed_and_what_a_page_is_made_of(tmp_path: Path) -> None:
    root = write(tmp_path, {**GOOD, "content/actors/geneva.yaml": "name: Geneva\nmarking: TLP:CLEAR\n"})
    assert "build first" in sitrep(root, "explain", "actors/geneva.html").err
    sitrep(root, "build")
    sitrep(root, "build")
    write(root, {"content/articles/good.md": "All is very well in Geneva.\n"})
    sitrep(root, "build")
    told = sitrep(root, "explain", "actors/geneva.html").out
    assert "was rendered by the last build" in told
    assert "articles/good: its text" in told
    assert "was reused" in sitrep(root, "explain", "method.html").out
    assert "did you mean" in sitrep(root, "explain", "actors/geneve.html").err


def test_clean_deletes_what_is_ours_and_nothing_else(tmp_path: Path) -> None:
    root = write(tmp_path, GOOD)
    sitrep(root, "build")
    write(root, {"site/CNAME": "example.org\n", "site/actors/mine.txt": "mine\n"})
    assert "files deleted" in sitrep(root, "clean").out
    assert tree(root / "site") == {"CNAME": b"example.org\n", "actors/mine.txt": b"mine\n"}
    assert sorted(path.name for path in (root / ".sitrep").iterdir()) == [".gitignore", "lock"]
    assert sitrep(root, "build").code == 0


def test_the_profile_names_each_stage(tmp_path: Path) -> None:
    told = sitrep(write(tmp_path, GOOD), "build", "--profile").err
    assert all(f" s  {stage}\n" in told for stage in ("scan", "read", "relate", "check", "plan", "make", "keep"))


def test_a_second_build_with_more_and_with_less_is_as_a_clean_one(tmp_path: Path) -> None:
    """Things that come and go renumber what former results looked at."""
    root = write(tmp_path / "kept", {**GOOD, "content/topics/ports.yaml": "marking: TLP:CLEAR\n"})
    new = root / "content/actors/bern.yaml"
    for step in ("first", "more", "less"):
        if step == "more":
            write(root, {"content/actors/bern.yaml": "name: Bern\nmarking: TLP:CLEAR\ntopics: [ports]\n"})
        elif step == "less":
            new.unlink()
        assert sitrep(root, "build").code == 0
        clean = tmp_path / step
        shutil.copytree(root / "content", clean / "content")
        shutil.copy(root / "config.yaml", clean)
        assert sitrep(clean, "build").code == 0
        assert tree(root / "site") == tree(clean / "site")
