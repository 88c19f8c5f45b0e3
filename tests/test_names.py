"""Names and sizes: one class name for one thing, no variable that says nothing, no function that is too long."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "sitrep"
VAGUE = {"made", "found", "said", "kept", "told", "given", "held"}
"""Participles that say that there is a value, and not which."""
PAIRS = frozenset(
    ("Annotation", "Assessment", "Chain", "ChainStep", "Judgment", "Ledger", "Link", "Mention", "Novelty", "Origin")
) | {"ValueChange"}
"""Names that a record and its view share, on purpose."""
LINES, BUILD_LINES = 80, 60
"""How long a function may be, and one of the build's steps."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def vague(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Variables and parameters that bear one of the names, with their lines; fields of records and views do not count:
    they are keys of content (`said: 2024-12-05`) and variables of templates."""
    fields = {
        id(field.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        if id(node) in fields:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in VAGUE:
            yield node.lineno, node.id
        elif isinstance(node, ast.arg) and node.arg in VAGUE:
            yield node.lineno, node.arg


def test_one_class_name_stands_for_one_thing() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    assert {name: where for name, where in places.items() if len(where) > 1 and name not in PAIRS} == {}


def test_variables_name_their_values() -> None:
    assert [f"{name}:{line}: {word}" for name, tree in modules() for line, word in vague(tree)] == []


def test_functions_fit_on_a_screen() -> None:
    """A longer one gives its reason in a comment above it that begins with "Long:"."""
    long = []
    for name, tree in modules():
        lines = (PACKAGE / name).read_text(encoding="utf-8").splitlines()
        limit = BUILD_LINES if name.startswith("build/") else LINES
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                reason = any("# Long: " in line for line in lines[max(first - 4, 0) : first - 1])
                if node.end_lineno - node.lineno + 1 > limit and not (reason and limit == LINES):
                    long.append(f"{name}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines")
    assert long == []


def test_the_release_policy_alone_reads_what_may_leave() -> None:
    """`publish.markings`, `.statuses` and `.unmarked` decide in `release/`; everybody else asks it."""
    readers = [
        f"{name}:{node.lineno}: {node.attr}"
        for name, tree in modules()
        if not name.startswith("release/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("markings", "statuses", "unmarked")
    ]
    assert readers == []
