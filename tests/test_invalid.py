"""Every problem code has a failing example, and the documents show it.

`tests/invalid/CODE/` is a project with `expected.txt`, what `check` prints of it. `SITREP_REWRITE=1` writes those anew.
What git or an editor would mend is made here instead.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from pathlib import Path

import pytest

import sitrep as package
from projects import GOOD, HEAD, sitrep, write
from sitrep.problems import CODES

HERE = Path(__file__).parent / "invalid"
EXAMPLES = sorted(path.name for path in HERE.iterdir())
REWRITE = bool(os.environ.get("SITREP_REWRITE"))
CODE = re.compile(r"\[([a-z]+(?:-[a-z]+)*)\]$", re.MULTILINE)


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_tells_its_problem(code: str, tmp_path: Path) -> None:
    root = tmp_path / code
    shutil.copytree(HERE / code, root)
    told = sitrep(root, "check", "--quiet").out
    expected = HERE / code / "expected.txt"
    if REWRITE:
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")
    assert code in CODE.findall(told)


MADE: dict[str, dict[str, str | bytes]] = {
    "byte-order-mark": {"content/actors/a.yaml": b"\xef\xbb\xbfname: A\n"},
    "encoding": {"content/actors/a.yaml": "name: é\n".encode("latin-1")},
    "too-large": {"content/articles/a.yaml": HEAD, "content/articles/a.md": "x" * (5 << 20)},
    "twin-ids": {"content/actors/a.yaml": "name: A\n", "content/actors/A.yaml": "name: B\n"},
    "template": {"templates/list.html": "{{ page.nothing }}"},
    "leak": {  # what only a build finds
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": "See [the notes](assets/notes.csv).\n",
        "content/assets/notes.csv": "who,where\nThe Nightjar,north\n",
        "content/actors/courier.yaml": "name: The Nightjar\nmarking: TLP:RED\n",
    },
}


@pytest.mark.parametrize("code", MADE)
def test_an_example_that_git_would_mend(code: str, tmp_path: Path) -> None:
    told = sitrep(write(tmp_path, {**GOOD, **MADE[code]}), "build", "--quiet").out
    assert code in CODE.findall(told), told


def test_an_unreadable_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "content/articles/a.md").symlink_to("nowhere")
    assert "unreadable" in CODE.findall(sitrep(tmp_path, "check").out)


def test_an_index_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pagefind"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PAGEFIND_BINARY_PATH", str(program))
    ran = sitrep(write(tmp_path / "project", GOOD), "build", "--quiet")
    assert (ran.code, CODE.findall(ran.out)) == (1, ["no-index"])
    assert HINTED.search(ran.lines[0])


HINTED = re.compile(r"\(.+\) \[[a-z-]+\]$")


@pytest.mark.parametrize("code", [*EXAMPLES, *MADE])
def test_every_problem_says_what_to_do(code: str, tmp_path: Path) -> None:
    if code in MADE:
        lines = sitrep(write(tmp_path, {**GOOD, **MADE[code]}), "build", "--quiet").lines
    else:
        lines = (HERE / code / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not HINTED.search(line)] == []


SITE = {code for code in CODES if code.startswith("site-")}
"""Of a built site: `test_site_check.py` has an example of each."""
UNREACHED = {
    "twin-outputs": "ids that differ in case alone are refused before they become pages",
    "import": "told by `sitrep import`: `test_importers.py` has examples",
}


def test_every_code_has_an_example() -> None:
    assert CODES.keys() == {*EXAMPLES, *MADE, *UNREACHED, *SITE, "unreadable", "no-index"}


def test_every_code_in_the_source_is_listed() -> None:
    """A code is the keyword `code=`, or the argument of one of the functions that make a problem."""
    makers = {"add": (1,), "tell": (1,), "_problem": (1, 3), "_Refused": (1,)}
    found: set[str] = set()
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            places = [node.args[n] for n in makers.get(name, ()) if n < len(node.args)]
            values = [k.value for k in node.keywords if k.arg == "code"] + places
            found |= {v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    slugs = {word for word in found if re.fullmatch(r"[a-z]+(-[a-z]+)*", word)}
    assert slugs <= CODES.keys()


def test_no_example_tells_a_code_that_is_not_listed() -> None:
    for code in EXAMPLES:
        told = set(CODE.findall((HERE / code / "expected.txt").read_text(encoding="utf-8")))
        assert told <= CODES.keys(), code
