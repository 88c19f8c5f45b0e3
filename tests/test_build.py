"""What a build writes, keeps and deletes; and that the same content is the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from projects import GOOD, HEAD, everything, sitrep, tree, write

from conftest import ROOT

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
        "from sitrep.write import locked\n"
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
