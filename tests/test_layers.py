"""The floors of the house: a folder imports from the floors below its own, and no imports go in circles.

On the floor of pages, folders do not import each other; on the others a folder may use its neighbours, acyclically.
Within a folder modules may use each other, acyclically. `ARCHITECTURE.md` has the same table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sitrep"

FLOORS = (
    ("problems", "model"),
    ("views", "anchoring", "parallel"),
    ("parse", "project"),
    ("corpus", "release", "i18n"),
    ("analysis", "charts", "incremental"),
    ("pages", "export", "checks", "render"),
    ("publish",),
    ("build",),
    ("edit", "serve", "commands", "importers", "scaffold"),
    ("cli",),
)
"""Folders, and the modules beside them, from the ground up."""
STRANGERS = 5
"""The floor whose folders do not import each other."""
FLOOR = {folder: number for number, floor in enumerate(FLOORS) for folder in floor} | {
    "__init__": 0,
    "__main__": 9,
}

Imports = dict[str, frozenset[str]]


def faults(package: Path) -> list[str]:
    """Every import of the package that breaks the rule, every circle, and every module that has no floor."""
    imports = imports_of(package)
    unplaced = sorted({_part(module) for module in imports} - FLOOR.keys())
    wrong = [f"{part}: has no floor" for part in unplaced]
    for module, targets in sorted(imports.items()):
        wrong += [f"{module}: {fault}" for target in sorted(targets) if (fault := _fault(module, target))]
    parts: dict[str, set[str]] = {}
    for module, targets in imports.items():
        parts.setdefault(_part(module), set()).update({_part(target) for target in targets} - {_part(module)})
    circles = {_circle(imports), _circle({part: frozenset(targets) for part, targets in parts.items()})}
    return wrong + [f"imports go in a circle: {circle}" for circle in sorted(circles) if circle]


def imports_of(package: Path) -> Imports:
    """Module to the modules of the package that it imports, anywhere in it; names leave the package out."""
    paths = {_name(path, package): path for path in sorted(package.rglob("*.py"))}
    known = paths.keys() | {_part(name) for name in paths}
    return {name: frozenset(_imported(name, path, package.name, known)) - {name} for name, path in paths.items()}


def _name(path: Path, package: Path) -> str:
    """`read.yaml`; a folder's `__init__` goes by the folder's name, the package's own by `__init__`."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path, package: str, modules: Set[str]) -> Iterator[str]:
    here = [] if name == "__init__" else name.split(".")
    folder = here if path.name == "__init__.py" else here[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                if first == package:
                    yield ".".join(rest) or "__init__"
        elif isinstance(node, ast.ImportFrom):
            steps = node.module.split(".") if node.module else []
            if node.level:
                steps = [*folder[: len(folder) - node.level + 1], *steps]
            elif steps[0] == package:
                steps = steps[1:]
            else:
                continue
            for alias in node.names:
                module = ".".join((*steps, alias.name))
                yield module if module in modules else ".".join(steps) or "__init__"


def _part(module: str) -> str:
    return module.split(".")[0]


def _fault(module: str, target: str) -> str:
    source, aim = _part(module), _part(target)
    if source == aim or source not in FLOOR or aim not in FLOOR:
        return ""
    if FLOOR[aim] > FLOOR[source]:
        return f"goes up to {target} (floor {FLOOR[source]} to {FLOOR[aim]})"
    if FLOOR[aim] == FLOOR[source] and FLOOR[aim] == STRANGERS:
        return f"goes sideways to {target} (floor {FLOOR[aim]})"
    return ""


def _circle(imports: Imports) -> str:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return " > ".join(error.args[1])
    return ""


def test_imports_go_down() -> None:
    assert imports_of(PACKAGE)
    wrong = faults(PACKAGE)
    assert not wrong, "\n".join(wrong)


def test_the_table_of_the_architecture_has_these_floors() -> None:
    table: dict[int, list[str]] = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| (\d) \| (.*?) \|", line):
            table.setdefault(int(row[1]), []).extend(re.findall(r"`([a-z0-9_]+)(?:/|\.py)`", row[2]))
    assert [set(table.get(number, [])) for number in range(len(FLOORS))] == [set(floor) for floor in FLOORS]


def test_each_folder_says_what_may_happen_in_it() -> None:
    for path in sorted(folder / "__init__.py" for folder in PACKAGE.rglob("*") if any(folder.glob("*.py"))):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert docstring, path
        assert len(docstring.split()) >= 8, path


SOUND = {
    "__init__.py": "",
    "__main__.py": "from .cli import main",
    "problems.py": "import ast",
    "model/records.py": "from sitrep.problems import Problem",
    "model/dates.py": "from . import records",
    "parse/__init__.py": "",
    "parse/yaml.py": "from sitrep.problems import Problem\nfrom sitrep.model import dates\nfrom . import text",
    "parse/text.py": "",
    "pages/claims.py": "from sitrep.pages.parts.rows import row\nimport sitrep.parse.yaml",
    "pages/parts/rows.py": "from ... import __version__",
    "checks/line.py": "",
    "publish/output_folder.py": "",
    "build/build.py": "from sitrep.publish import output_folder\nfrom sitrep.pages import claims",
    "cli.py": "def main():\n    from sitrep.serve import server",
    "serve/server.py": "from sitrep.build.build import build",
}


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("problems.py", "from sitrep.parse.yaml import load", "problems: goes up to parse.yaml (floor 0 to 2)"),
        ("parse/text.py", "import sitrep.build.build", "parse.text: goes up to build.build (floor 2 to 7)"),
        ("parse/text.py", "from ..build.build import build", "parse.text: goes up to build.build (floor 2 to 7)"),
        ("parse/text.py", "from ..build import build", "parse.text: goes up to build.build (floor 2 to 7)"),
        ("parse/text.py", "def f():\n  import sitrep.cli", "parse.text: goes up to cli (floor 2 to 9)"),
        (
            "checks/line.py",
            "from sitrep.pages.parts.rows import row",
            "checks.line: goes sideways to pages.parts.rows (floor 5)",
        ),
        (
            "pages/claims.py",
            "import sitrep.checks.line",
            "pages.claims: goes sideways to checks.line (floor 5)",
        ),
        ("checks/line.py", "from sitrep import pages", "checks.line: goes sideways to pages (floor 5)"),
        ("publish/output_folder.py", "from sitrep.build import build", "publish.output_folder: goes up to build.build"),
        ("parse/text.py", "from sitrep.parse.yaml import load", "imports go in a circle: "),
        ("utils.py", "", "utils: has no floor"),
    ],
)
def test_a_wrong_import_is_reported(tmp_path: Path, file: str, text: str, fault: str) -> None:
    package = tmp_path / "sitrep"
    for name, source in SOUND.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(source, encoding="utf-8")
    assert faults(package) == []
    (package / file).write_text(text, encoding="utf-8")
    assert faults(package)[0].startswith(fault)


def test_folders_of_a_floor_may_not_use_each_other_both_ways(tmp_path: Path) -> None:
    for name, source in {
        "serve/server.py": "import sitrep.edit.form",
        "edit/form.py": "",
        "edit/page.py": "import sitrep.serve.static",
        "serve/static.py": "",
    }.items():
        (tmp_path / "sitrep" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sitrep" / name).write_text(source, encoding="utf-8")
    (fault,) = faults(tmp_path / "sitrep")
    assert "serve" in fault
    assert "edit" in fault
