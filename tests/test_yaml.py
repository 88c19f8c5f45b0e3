"""The YAML reader: the structure that YAML gives, every scalar as it is written, and each refusal at its place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sitrep.parse.yaml import MAX_DEPTH, load, located, places
from sitrep.problems import Problem

EXAMPLES = settings(max_examples=150, deadline=None)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LINE_ENDS = "\x85\u2028\u2029"
"""What YAML 1.1 takes for the end of a line, and editors do not."""
SCALARS = st.one_of(
    WORDS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.dates(),
    st.sampled_from(["NO", "no", "12:30", "010", "null", "~", "1e3", "<<", "=", "- a", "a: b", "a #b", "@", "\ufeff"]),
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20
)
TEXTS = st.one_of(
    WORDS,
    st.text("ab:-?[]{},#&*!|>'\"%@` \n\t<\\0~.", max_size=60),
    st.text(st.characters(), max_size=20),
)
Value = dict[Any, Any] | list[Any] | str | None


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def dumped(data: object, *, flow: bool | None, width: int, unicode: bool) -> str:
    return yaml.dump(data, Dumper=Dumper, default_flow_style=flow, width=width, allow_unicode=unicode, sort_keys=False)


LAID_OUT = {
    "flow": st.sampled_from([True, False, None]),
    "width": st.sampled_from([20, 80, 10_000]),
    "unicode": st.booleans(),
}


def as_written(typed: object, strings: object) -> Value:
    """What PyYAML reads, typed, with its scalars replaced by what it reads when it types none; nothing stays None."""
    if isinstance(typed, dict) and isinstance(strings, dict):
        pairs = zip(typed.values(), strings.items(), strict=True)
        return {key: as_written(value, string) for value, (key, string) in pairs}
    if isinstance(typed, list) and isinstance(strings, list):
        return [as_written(value, string) for value, string in zip(typed, strings, strict=True)]
    return None if typed is None else str(strings)


@EXAMPLES
@given(DOCUMENTS, st.fixed_dictionaries(LAID_OUT))
def test_the_structure_is_what_pyyaml_reads(data: object, layout: dict[str, Any]) -> None:
    text = dumped(data, **layout)
    found, problems = load(text, "f.yaml")
    assert not problems
    assert found == as_written(yaml.safe_load(text), yaml.load(text, Loader=yaml.BaseLoader))


@pytest.mark.parametrize(
    "scalar", ["NO", "no", "yes", "on", "12:30", "010", "0x1F", "1_000", "1e3", ".inf", "2024-06-18", "true", "+1"]
)
def test_no_scalar_is_typed(scalar: str) -> None:
    assert load(f"a: {scalar}\n", "f.yaml") == ({"a": scalar}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [("a:", None), ("a: ~", None), ("a: null", None), ("a: ''", ""), ("a: 'null'", "null"), ('a: "~"', "~")],
)
def test_nothing_is_told_from_the_empty_text(text: str, value: str | None) -> None:
    assert load(text, "f.yaml")[0] == {"a": value}


def test_an_empty_document_is_nothing() -> None:
    assert load("", "f.yaml") == (None, [])
    assert load("# only a remark\n", "f.yaml") == (None, [])


REFUSED = {
    "a: [b\n": ("yaml", 2, 1),
    "a: b: c\n": ("yaml", 1, 5),
    "a: @b\n": ("yaml", 1, 4),
    "a: 'b\n": ("yaml", 2, 1),
    "a:\n\t- b\n": ("yaml", 2, 1),
    "a: b\n---\nc: d\n": ("yaml", 2, 1),
    "? [a]\n: b\n": ("yaml", 1, 3),
    "é: 'ü\x01'\n": ("yaml", 1, 6),
    "a: &b c\n": ("yaml-alias", 1, 4),
    "a: *b\n": ("yaml-alias", 1, 4),
    "&a b: c\n": ("yaml-alias", 1, 1),
    "a: {<<: {b: c}}\n": ("yaml-alias", 1, 5),
    "a: !!int 1\n": ("yaml-tag", 1, 4),
    "a: !b [c]\n": ("yaml-tag", 1, 4),
    "!!python/object/apply:os.system [ls]\n": ("yaml-tag", 1, 1),
    "- " * (MAX_DEPTH + 1) + "a\n": ("too-deep", 1, 2 * MAX_DEPTH + 1),
    "[" * 100_000: ("too-deep", 1, MAX_DEPTH + 1),
    "{a: " * 100_000: ("too-deep", 1, 4 * MAX_DEPTH + 1),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:24]))
def test_what_is_refused_gives_nothing_and_its_place(text: str) -> None:
    data, problems = load(text, "f.yaml")
    assert data is None
    (problem,) = problems
    assert (problem.code, problem.line, problem.column, problem.file) == (*REFUSED[text], "f.yaml")
    assert problem.message
    assert "\n" not in str(problem)


def test_the_message_of_a_tag_is_one_line() -> None:
    (problem,) = load("a: !<x%0Ay> b\n", "f.yaml")[1]
    assert len(str(problem).splitlines()) == 1


def test_as_deep_as_is_allowed_is_read() -> None:
    assert load("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yaml")[1] == []


def test_a_duplicate_key_is_told_once_for_each_and_the_first_stands() -> None:
    data, problems = load("a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n", "f.yaml")
    assert data == {"a": "1", "b": {"c": "1"}}
    assert [(p.code, p.line, p.column) for p in problems] == [
        ("duplicate-key", 2, 11),
        ("duplicate-key", 3, 1),
        ("duplicate-key", 4, 1),
    ]


def test_a_merge_key_in_quotes_is_a_key() -> None:
    assert load("'<<': a\n", "f.yaml") == ({"<<": "a"}, [])


@pytest.mark.parametrize("text", ["\ud800", "a: b\nc: \udfff\n"])
def test_half_a_character_is_told_and_has_no_places(text: str) -> None:
    data, (problem,) = load(text, "f.yaml")
    assert (data, problem.code, places(text)) == (None, "yaml", {})
    assert (problem.line, problem.column) == ((1, 1) if len(text) == 1 else (2, 4))


@EXAMPLES
@given(TEXTS)
def test_any_text_gives_data_or_a_problem(text: str) -> None:
    data, problems = load(text, "f.yaml")
    assert data is not None or problems or yaml_says_nothing(text)
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
    places(text)


def yaml_says_nothing(text: str) -> bool:
    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) is None
    except (yaml.YAMLError, ValueError):
        return False


@EXAMPLES
@given(st.dictionaries(WORDS, DOCUMENTS, max_size=4), st.fixed_dictionaries(LAID_OUT))
def test_places_are_where_pyyaml_composes_the_nodes(data: dict[str, object], layout: dict[str, Any]) -> None:
    text = dumped(data, **layout)
    assume(not any(sign in text for sign in LINE_ENDS))
    assert places(text) == composed(yaml.compose(text), ())


def composed(node: Any, path: tuple[Any, ...], key: Any = None) -> dict[Any, Any]:
    value = (node.start_mark.line + 1, node.start_mark.column + 1)
    found = {path: ((key.start_mark.line + 1, key.start_mark.column + 1) if key else value, value)}
    if isinstance(node, yaml.MappingNode):
        for name, item in node.value:
            found |= composed(item, (*path, name.value), name)
    elif isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            found |= composed(item, (*path, n))
    return found


PLACED = """\
title: T
claims:
  - id: x
    quote: {exact: "é𝒳", prefix: a}
  -
    by: [k, {unnamed: an official}]
note: |
  words
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("title",), (1, 1), (1, 8)),
        (("claims",), (2, 1), (3, 3)),
        (("claims", 0), (3, 5), (3, 5)),
        (("claims", 0, "quote"), (4, 5), (4, 12)),
        (("claims", 0, "quote", "prefix"), (4, 26), (4, 34)),
        (("claims", 1, "by", 0), (6, 10), (6, 10)),
        (("claims", 1, "by", 1, "unnamed"), (6, 14), (6, 23)),
        (("note",), (7, 1), (7, 7)),
    ],
)
def test_places_count_from_one_in_characters(
    path: tuple[Any, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    assert places(PLACED)[path] == (key, value)
    assert places(PLACED, [path])[path] == (key, value)


def test_a_file_is_read_as_far_as_its_last_place_that_is_sought() -> None:
    whole = places(PLACED)
    for one in whole:
        for other in whole:
            found = places(PLACED, [one, other])
            assert found == {path: place for path, place in whole.items() if path in found}
            assert list(found)[-1] == max(one, other, key=list(whole).index)
    assert places(PLACED, [("title",), ("gone",)]) == whole


def test_a_place_that_the_file_lacks_is_that_of_what_holds_it() -> None:
    problem = Problem(code="type", severity="error", message="m", at=("claims", 1, "by", 1, "of"))
    assert located(problem, places(PLACED)) == (6, 13)
    assert located(Problem(code="type", severity="error", message="m", at=("gone",)), places(PLACED)) == (1, 1)


def test_a_key_is_placed_at_the_key() -> None:
    problem = Problem(code="unknown-key", severity="error", message="m", at=("claims", 0, "quote"), on_key=True)
    assert located(problem, places(PLACED)) == (4, 5)


@pytest.mark.parametrize("separator", list(LINE_ENDS))
def test_lines_are_counted_as_editors_count_them(separator: str) -> None:
    text = f'a: "x{separator}y"\nb: c\n'
    assert places(text)[("b",)] == ((2, 1), (2, 4))
    (problem,) = load(text + "b: d\n", "f.yaml")[1]
    assert (problem.line, problem.column) == (3, 1)
