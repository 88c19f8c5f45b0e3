"""`sitrep diff`: what differs between two states, told in the words of the product, and the same from either end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_noninterference import Made, corpora, files_of

from projects import HEAD, sitrep, tree, write
from sitrep.commands import diff
from sitrep.parallel.pool import each
from sitrep.project import open_project

EXAMPLES = int(os.environ.get("SITREP_EXAMPLES", "25"))
CLEAR = "marking: TLP:CLEAR\n"
TEXT = "The office said that 3000 troops are there, as the ministry did. Norhaven said nothing.\n"
OLD: dict[str, str | bytes] = {
    "content/articles/one.md": TEXT,
    "content/articles/one.yaml": HEAD + "claims:\n  - {id: troops, by: [office], quote: 3000 troops are there}\n"
    "  - {id: troops, by: [norhaven], stance: silent, quote: Norhaven said nothing}\n",
    "content/articles/gone.md": TEXT,
    "content/articles/gone.yaml": HEAD.replace("title: T", "title: Gone")
    + "claims: [{id: old-claim, quote: troops}]\n",
    "content/articles/turns-red.md": TEXT,
    "content/articles/turns-red.yaml": HEAD.replace("title: T", "title: Turns red"),
    "content/articles/was-red.md": TEXT,
    "content/articles/was-red.yaml": HEAD.replace("title: T", "title: Was red").replace("CLEAR", "RED"),
    "content/articles/stays-red.md": TEXT,
    "content/articles/stays-red.yaml": HEAD.replace("title: T", "title: Never told").replace("CLEAR", "RED"),
    "content/actors/office.yaml": CLEAR + "name: Office\n",
    "content/actors/norhaven.yaml": CLEAR + "name: Norhaven\n",
    "content/actors/ministry.yaml": CLEAR + "name: Ministry\n",
    "content/sources/wire.yaml": CLEAR + "name: Wire\n",
    "content/claims/old-claim.yaml": CLEAR + "statement: Old.\n",
    "content/claims/troops.yaml": CLEAR + "statement: Troops are there.\nassessments:\n"
    "  - {date: 2024-01-06, likelihood: likely, confidence: low, because: So.}\n",
    "content/briefs/b.yaml": CLEAR + "status: reviewed\ntitle: A brief\ndate: 2024-01-07\nkey_judgments:\n"
    "  - {text: It is so., likelihood: likely}\n",
}
MORE = TEXT.replace("3000 troops are there", "4000 troops are there")
NEW: dict[str, str | bytes] = {
    **{name: data for name, data in OLD.items() if "gone" not in name and "old-claim" not in name},
    "content/articles/one.md": "First of all. " + MORE,
    "content/articles/one.yaml": HEAD
    + "claims:\n  - {id: troops, by: [office, ministry], value: 4000, quote: 4000 troops are there}\n"
    "  - {id: troops, by: [norhaven], stance: withholds, quote: Norhaven said nothing}\n",
    "content/articles/turns-red.yaml": HEAD.replace("title: T", "title: Turns red").replace("CLEAR", "RED"),
    "content/articles/was-red.yaml": HEAD.replace("title: T", "title: Was red"),
    "content/articles/stays-red.yaml": HEAD.replace("title: T", "title: Never told, again").replace("CLEAR", "RED"),
    "content/actors/office.yaml": CLEAR + "name: The Office\n",
    "content/claims/new-claim.yaml": CLEAR + "statement: New @everyone *claim* <b>.\n",
    "content/claims/troops.yaml": CLEAR + "statement: Troops are there.\nassessments:\n"
    "  - {date: 2024-01-06, likelihood: very likely, confidence: low, because: So.}\n"
    "  - {date: 2024-01-09, likelihood: almost certain}\n",
    "content/briefs/b.yaml": CLEAR + "status: reviewed\ntitle: A brief\ndate: 2024-01-07\nkey_judgments:\n"
    "  - {text: It is so., likelihood: unlikely}\n",
}
TOLD = """\
Added
  claim new-claim: New @everyone *claim* <b>.

Removed
  claim old-claim: Old.
  article gone: Gone

Became withheld
  article turns-red: TLP:RED

Released
  article was-red: TLP:RED

Changed
  claim troops
    named origins: 1 → 2
    latest number: none → “4000”
    silent: 1 → none
    withholds: none → 1
    origin added: Ministry
    assessment added: 2024-01-09, almost certain
    assertion altered (one): chain “office → wire” → “office → wire; ministry → wire”, value none → “4000”
    assertion altered (one): stance “silent” → “withholds”
    assessment altered (2024-01-06): likelihood “likely” → “very likely”
  brief b
    judgment altered (It is so.): likelihood “likely” → “unlikely”
  article one
    the text has changed
    quote altered (troops): words “3000 troops are there” → “4000 troops are there”
    1 quote moved
  actor office
    title: “Office” → “The Office”
"""
SUMMARY = (
    "1 claim added, 1 claim removed, 1 article removed, 1 quote altered, 1 quote moved, 1 retitled, 4 changed, "
    "1 became withheld, 1 released"
)


def git(root: Path, *arguments: str) -> str:
    env = {
        **os.environ,
        **{f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True, text=True).stdout


def laid_out(root: Path, files: dict[str, str | bytes]) -> Path:
    shutil.rmtree(root / "content", ignore_errors=True)
    return write(root, files, config="title: Test\njson: true\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits: OLD, tagged so, and NEW."""
    root = tmp_path / "repository"
    laid_out(root, OLD)
    git(root, "init", "-q", "-b", "main")
    for name, files in (("old", OLD), ("new", NEW)):
        laid_out(root, files)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", name)
        git(root, "tag", name)
    return root


# -- what is told -----------------------------------------------------------------------------------------------------


def test_between_two_revisions(repository: Path) -> None:
    before, status = tree(repository), git(repository, "status", "--porcelain")
    ran = sitrep(repository, "diff", "old", "new")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"old → new: {SUMMARY}\n\n{TOLD}"
    assert {name: data for name, data in tree(repository).items() if name in before} == before
    assert git(repository, "status", "--porcelain") == status == ""
    assert git(repository, "worktree", "list").count("\n") == 1
    assert sitrep(repository, "diff", "old", "main").out.partition("\n")[2] == f"\n{TOLD}"


def test_folders_revisions_and_sites_are_compared_alike(repository: Path, tmp_path: Path) -> None:
    folders = {name: laid_out(tmp_path / name, files) for name, files in (("a", OLD), ("b", NEW))}
    for folder in folders.values():
        assert sitrep(folder, "build", "--quiet").code == 0
    a, b = (str(folder) for folder in folders.values())
    for pair in ((a, b), ("old", b), (a, "new")):
        ran = sitrep(repository, "diff", *pair)
        assert (ran.code, ran.out.partition("\n")[2]) == (0, f"\n{TOLD}")
    # A built site does not say what is withheld: it is gone, or new.
    sites = sitrep(tmp_path, "diff", f"{a}/site", f"{b}/site").out
    expected = TOLD.replace("Added\n", "Added\n").replace("\nBecame withheld\n  article turns-red: TLP:RED\n", "")
    expected = expected.replace("\nReleased\n  article was-red: TLP:RED\n", "")
    expected = expected.replace("  article gone: Gone\n", "  article gone: Gone\n  article turns-red: Turns red\n")
    expected = expected.replace("*claim* <b>.\n", "*claim* <b>.\n  article was-red: Was red\n")
    assert sites.partition("\n")[2] == f"\n{expected}"


def test_what_is_withheld_on_both_sides_is_told_to_who_asks(repository: Path) -> None:
    assert "stays-red" not in sitrep(repository, "diff", "old", "new").out
    ran = sitrep(repository, "diff", "old", "new", "--all")
    assert "article stays-red\n    title: “Never told” → “Never told, again”" in ran.out
    assert "article turns-red: TLP:RED" in ran.out


def test_markdown_is_escaped_and_names_nobody(repository: Path) -> None:
    out = sitrep(repository, "diff", "old", "new", "--format", "markdown").out
    assert out.startswith(f"### `old` → `new`\n\n{SUMMARY}.\n")
    assert "- claim `new-claim`: New @\u2060everyone \\*claim\\* \\<b\\>\\.\n" in out
    assert "- claim `troops`\n  - named origins: 1 → 2\n" in out
    assert "@everyone" not in out


def test_json_has_everything_by_name(repository: Path) -> None:
    made = json.loads(sitrep(repository, "diff", "old", "new", "--format", "json").out)
    assert (made["old"], made["new"]) == ("old", "new")
    assert made["withheld"] == [{"kind": "article", "id": "turns-red", "name": "Turns red", "why": "TLP:RED"}]
    (claim,) = (one for one in made["changed"] if one["id"] == "troops")
    assert {"name": "named origins", "old": 1, "new": 2} in claim["fields"]
    jsonschema.validate(made, msgspec.json.schema(diff.Difference))


def test_nothing_differs(repository: Path) -> None:
    ran = sitrep(repository, "diff", "new")
    assert (ran.code, ran.out, ran.err) == (0, "new → the folder: no differences\n", "")
    assert (
        sitrep(repository, "diff", "new", "HEAD", "--format", "markdown").out
        == "### `new` → `HEAD`\n\nNo differences.\n"
    )


def test_a_renamed_speaker_changes_itself_alone(tmp_path: Path) -> None:
    """Chains are compared by whom they mean, not by what these are called."""
    a = laid_out(tmp_path / "a", OLD)
    b = laid_out(tmp_path / "b", {**OLD, "content/actors/office.yaml": CLEAR + "name: Office\naliases: [The Office]\n"})
    write(b, {"content/actors/norhaven.yaml": CLEAR + "name: North Haven\naliases: [Norhaven]\n"})
    out = sitrep(a, "diff", str(a), str(b)).out
    assert out.count("    title: ") == 1
    assert "assertion" not in out


def test_long_lists_are_cut_in_markdown_and_it_says_so() -> None:
    added = [diff.DiffEntry(kind="claim", id=f"c{n}", name="N") for n in range(diff.MOST + 5)]
    made = diff.Difference(old="a", new="b", added=added, removed=[], withheld=[], released=[], changed=[])
    assert diff.markdown(made).endswith("- and 5 more\n")
    assert diff.text(made).count("claim c") == diff.MOST + 5


def test_a_claim_of_more_statements_than_a_page_holds_is_compared_whole(tmp_path: Path) -> None:
    def files(last: str) -> dict[str, str | bytes]:
        made: dict[str, str | bytes] = {}
        for n in range(60):
            stance = last if n == 59 else "asserts"
            made[f"content/articles/a{n:02}.md"] = TEXT
            made[f"content/articles/a{n:02}.yaml"] = (
                HEAD.replace("2024-01-02", f"2024-01-{28 - n // 3:02}")
                + f"claims: [{{id: troops, stance: {stance}, quote: 3000 troops are there}}]\n"
            )
        return made

    sites = []
    for name in ("asserts", "doubts"):
        root = laid_out(tmp_path / name, files(name))
        assert sitrep(root, "build", "--quiet").code == 0
        sites.append(str(root / "site"))
    assert "assertion altered (a59): stance “asserts” → “doubts”" in sitrep(tmp_path, "diff", *sites).out


# -- git --------------------------------------------------------------------------------------------------------------


def test_a_project_in_a_folder_of_its_repository(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "watch" / "project", OLD)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "x")
    laid_out(root, NEW)
    ran = sitrep(root, "diff", "HEAD")
    assert ran.code == 0
    assert ran.out == f"HEAD → the folder: {SUMMARY}\n\n{TOLD}"


def test_what_is_not_committed_is_said(repository: Path) -> None:
    write(repository, {"content/topics/new.yaml": CLEAR + "name: New\n"})
    ran = sitrep(repository, "diff", "new")
    assert "topic new: New" in ran.out
    assert "note: uncommitted changes: content/topics/new.yaml; the folder is compared with these changes" in ran.err
    ran = sitrep(repository, "diff", "old", "new")
    assert ran.out == f"old → new: {SUMMARY}\n\n{TOLD}"
    assert "content/topics/new.yaml; they are not compared" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such",), "'no-such' is neither a folder with config.yaml, nor a built site, nor a revision"),
        (("old:content",), "nor a revision"),
        (("--", "--output=x"), "nor a revision"),
        (("empty",), "empty has no config.yaml: there was no project yet"),
        (("broken",), "broken: config.yaml cannot be used"),
    ],
)
def test_what_cannot_be_compared_is_refused(repository: Path, arguments: tuple[str, ...], message: str) -> None:
    empty = git(
        repository, "commit-tree", "-m", "x", git(repository, "hash-object", "-t", "tree", "-w", os.devnull).strip()
    )
    git(repository, "tag", "empty", empty.strip())
    write(repository, {"config.yaml": "titel: x\n"}, config="")
    git(repository, "commit", "-qam", "x")
    git(repository, "tag", "broken")
    git(repository, "reset", "-q", "--hard", "new")
    ran = sitrep(repository, "diff", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_without_a_repository_or_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a = laid_out(tmp_path / "a", OLD)
    ran = sitrep(a, "diff", "HEAD")
    assert ran.code == 2
    assert "revisions need a git repository" in ran.err
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = sitrep(a, "diff", "HEAD")
    assert ran.code == 2
    assert "git is not installed" in ran.err
    assert sitrep(a, "diff", str(a), str(a)).out.endswith(": no differences\n")


def test_a_site_that_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "a", OLD)
    assert sitrep(root, "build", "--preview", "--quiet").code == 0
    ran = sitrep(root, "diff", str(root / "preview"), str(root))
    assert ran.code == 2
    assert "is a preview" in ran.err
    assert sitrep(root, "diff", str(root / "preview"), str(root), "--all").out.endswith(": no differences\n")
    write(root, {}, config="title: Test\n")
    assert sitrep(root, "build", "--quiet").code == 0
    ran = sitrep(root, "diff", str(root / "site"), str(root))
    assert ran.code == 2
    assert "has no JSON to compare: set json: true" in ran.err
    (root / "site/.sitrep-manifest.json").write_text("{")
    assert "cannot be read as a built site" in sitrep(root, "diff", str(root / "site"), str(root)).err


def test_a_file_that_cannot_be_read_whole_is_named(tmp_path: Path) -> None:
    a = laid_out(tmp_path / "a", OLD)
    b = laid_out(tmp_path / "b", {**OLD, "content/claims/troops.yaml": "statement: [\n"})
    ran = sitrep(a, "diff", str(a), str(b))
    assert ran.code == 1
    assert f"cannot be read completely, and is not compared: {b}: content/claims/troops.yaml" in ran.err


# -- properties -------------------------------------------------------------------------------------------------------


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Made, list[Any], list[Any]]:
    """Two states of things that are alike: some of each in one alone, some of both in another form."""
    one, other = draw(corpora()), draw(corpora())
    theirs = {(thing.kind, thing.id): thing for thing in other.things}
    mixed = [
        theirs.get((thing.kind, thing.id), thing) if draw(st.integers(0, 3)) == 0 else thing
        for thing in one.things
        if draw(st.integers(0, 5))
    ]
    return one, one.things, mixed


def side(folder: Path, config: dict[str, Any], things: list[Any], everything: bool) -> diff.Revision:
    write(folder, {**files_of(things), "config.yaml": json.dumps(config)}, config="")
    return diff.from_project(open_project(folder)[0], folder.name, each(1), everything)


@pytest.mark.proof
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),
    print_blob=True,
)
@given(pairs(), st.booleans())
def test_a_difference_is_the_reverse_of_the_other_way_round(
    made: tuple[Made, list[Any], list[Any]], everything: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        a = side(Path(folder) / "a", made[0].config, made[1], everything)
        b = side(Path(folder) / "b", made[0].config, made[2], everything)
    for one in (a, b):
        assert diff.difference(one, one).empty
    there, back = diff.difference(a, b), diff.difference(b, a)
    assert there.reversed() == back
    assert there.reversed().reversed() == there
    assert there.empty == (diff.summary(there) == "no differences")
    assert diff.text(there).count("\n") >= 1
    diff.markdown(there)
    if not everything:
        assert a.withheld is not None
        assert b.withheld is not None
        hidden = (a.withheld.keys() & b.withheld.keys()) - a.entries.keys() - b.entries.keys()
        named = {
            (thing.kind, thing.id)
            for kind in ("added", "removed", "withheld", "released")
            for thing in getattr(there, kind)
        }
        assert not named & {(diff.SINGULAR[kind], id) for kind, id in hidden}


def test_a_built_site_says_what_its_project_says(demo_site: Path) -> None:
    from conftest import ROOT

    ran = sitrep(ROOT, "diff", str(ROOT), str(demo_site))
    assert (ran.code, ran.out.splitlines()) == (0, [f"{ROOT} → {demo_site}: no differences"])
