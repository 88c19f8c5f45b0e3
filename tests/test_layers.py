"""The floors of the house: a module imports from the floors below its own, and no imports go in circles.

On floor 3 the parts are strangers to each other; on the others a part may use its neighbours, acyclically.
Within one part (`read/`, `pages/`) modules may use each other, acyclically.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "sitrep"

FLOORS = (
    ("problems", "trace", "records", "entries", "views", "outputs", "data", "digests", "urls", "periods", "words"),
    ("read",),
    (
        *(
            "charts",
            "release",
            "rights",
            "corpus",
            "relating",
            "revising",
            "citing",
            "provenance",
            "history",
            "novelty",
        ),
        *("novelty", "telling", "network", "places"),
    ),
    ("pages", "export", "checks"),
    (
        *("project", "parallel", "templating", "render", "cache", "write", "images", "guard", "report", "fulltext"),
        *("load", "emit", "build", "look", "sections", "tables", "things", "moved", "steps", "theme"),
        *("assets", "knowing", "planning", "forked"),
    ),
    ("cli", "explain", "progress", "serve", "annotate", "importers", "scaffold", "sitecheck", "diff", "delivery"),
)
STRANGERS = 3
FLOOR = {part: number for number, floor in enumerate(FLOORS) for part in floor} | {
    "__init__": 0,
    "__main__": 5,
}

Imports = dict[str, frozenset[str]]


def faults(package: Path) -> list[str]:
    """Every import of the package that breaks the rule, every circle, and every module that has no floor."""
    imports = imports_of(package)
    unplaced = sorted({_part(module) for module in imports} - FLOOR.keys())
    told = [f"{part}: has no floor" for part in unplaced]
    for module, targets in sorted(imports.items()):
        told += [f"{module}: {fault}" for target in sorted(targets) if (fault := _fault(module, target))]
    parts: dict[str, set[str]] = {}
    for module, targets in imports.items():
        parts.setdefault(_part(module), set()).update({_part(target) for target in targets} - {_part(module)})
    circles = {_circle(imports), _circle({part: frozenset(targets) for part, targets in parts.items()})}
    return told + [f"imports go in a circle: {circle}" for circle in sorted(circles) if circle]


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
    told = faults(PACKAGE)
    assert not told, "\n".join(told)


SOUND = {
    "__init__.py": "",
    "__main__.py": "from .cli import main",
    "problems.py": "import ast",
    "records.py": "from sitrep.problems import Problem",
    "read/__init__.py": "",
    "read/yaml.py": "from sitrep.problems import Problem\nfrom sitrep.read import dates\nfrom . import text",
    "read/dates.py": "from .. import records",
    "read/text.py": "",
    "pages/claim.py": "from sitrep.pages.parts import row\nimport sitrep.read.yaml",
    "pages/parts.py": "from .. import __version__",
    "checks/line.py": "",
    "write.py": "",
    "build.py": "from sitrep import write, pages\nfrom sitrep.pages import claim",
    "cli.py": "def main():\n    from sitrep.serve import server",
    "serve/server.py": "from sitrep.build import build",
}


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("problems.py", "from sitrep.read.yaml import load", "problems: goes up to read.yaml (floor 0 to 1)"),
        ("read/text.py", "import sitrep.build", "read.text: goes up to build (floor 1 to 4)"),
        ("read/text.py", "from ..build import build", "read.text: goes up to build (floor 1 to 4)"),
        ("read/text.py", "from .. import build", "read.text: goes up to build (floor 1 to 4)"),
        ("read/text.py", "def f():\n  import sitrep.cli", "read.text: goes up to cli (floor 1 to 5)"),
        (
            "checks/line.py",
            "from sitrep.pages.parts import row",
            "checks.line: goes sideways to pages.parts (floor 3)",
        ),
        (
            "pages/parts.py",
            "import sitrep.checks.line",
            "pages.parts: goes sideways to checks.line (floor 3)",
        ),
        ("checks/line.py", "from sitrep import pages", "checks.line: goes sideways to pages (floor 3)"),
        ("write.py", "from sitrep.build import build", "imports go in a circle: "),
        ("read/text.py", "from sitrep.read.yaml import load", "imports go in a circle: "),
        ("utils.py", "", "utils: has no floor"),
    ],
)
def test_a_wrong_import_is_told(tmp_path: Path, file: str, text: str, fault: str) -> None:
    package = tmp_path / "sitrep"
    for name, source in SOUND.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(source, encoding="utf-8")
    assert faults(package) == []
    (package / file).write_text(text, encoding="utf-8")
    assert faults(package)[0].startswith(fault)


def test_parts_of_a_floor_may_not_use_each_other_both_ways(tmp_path: Path) -> None:
    for name, source in {
        "serve/server.py": "import sitrep.annotate.form",
        "annotate/form.py": "",
        "annotate/page.py": "import sitrep.serve.static",
        "serve/static.py": "",
    }.items():
        (tmp_path / "sitrep" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sitrep" / name).write_text(source, encoding="utf-8")
    (told,) = faults(tmp_path / "sitrep")
    assert "serve" in told
    assert "annotate" in told
