"""The short way to read YAML: the data that its events give, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from sitrep.problems import Problem
from sitrep.read import plain_yaml, yaml
from sitrep.read.yaml import Data

ROOT = Path(__file__).parents[1]
KEYS = st.sampled_from(["id", "quote", "exact", "a", "null", "by", "text_sha256", "<<", "12", "a b"])
VALUES = st.sampled_from(
    [
        *(
            "",
            "word",
            "two words",
            "null",
            "~",
            "''",
            '""',
            '"quoted"',
            "'quoted'",
            "'it''s'",
            r'"a \" b"',
            "TLP:CLEAR",
        ),
        *(
            "a: b",
            "a:",
            "a #b",
            "a#b",
            "# c",
            "word # c",
            '"q" # c',
            '"q"# c',
            "[a, b]",
            "[a,b]",
            "[]",
            "[a, ]",
            "[a, [b]]",
        ),
        *(
            "{exact: x}",
            '{exact: "x, y", occurrence: 2}',
            "{a: b, a: c}",
            "{a}",
            "{a: null, b: ''}",
            "{a: b}  # c",
            "{a: b:c}",
        ),
        *(
            "|-",
            ">-",
            "|",
            ">",
            "|- # c",
            "*a",
            "&a b",
            "!t b",
            "@",
            "%",
            "- a",
            "-5",
            "2024-06-18",
            "“words”",
            "(a)",
            "a'b",
            "it's",
        ),
    ]
)
GOOD = st.sampled_from(
    [
        *(
            "word",
            "two words",
            "null",
            "''",
            '""',
            '"a: b"',
            "TLP:CLEAR",
            "it's # c",
            "[a, 'b, c']",
            "{exact: x}",
            "“é”",
        ),
        *(
            '{exact: "x, y", occurrence: 2}',
            "{a: null, b: '', c: d}",
            "",
            "# c",
            "(a)",
            "2024-06-18",
            "'q'  # c",
            "a 'b' [c]",
        ),
    ]
)
Lines = list[str]


def mapping(items: list[tuple[str, Lines]]) -> Lines:
    """Keys with what stands behind them (one line) or below."""
    lines = []
    for key, (first, *rest) in items:
        lines += [
            f"{key}: {first}" if not rest else f"{key}:",
            *([f"  {line}" for line in (first, *rest)] if rest else []),
        ]
    return lines


def sequence(items: list[Lines], dash: str) -> Lines:
    return [(dash if n == 0 else " " * len(dash)) + line for item in items for n, line in enumerate(item)]


def under(key: str, items: Lines) -> Lines:
    """A list in the column of its key."""
    return [f"{key}:", *items]


NODES = st.recursive(
    st.tuples(GOOD).map(list),
    lambda inner: st.one_of(
        st.lists(st.tuples(st.sampled_from("abcdefgh"), inner), min_size=1, max_size=4, unique_by=lambda i: i[0]).map(
            mapping
        ),
        st.builds(sequence, st.lists(inner, min_size=1, max_size=3), st.sampled_from(["- ", "-   "])),
        st.builds(
            under, st.sampled_from("ijk"), st.builds(sequence, st.lists(inner, min_size=1, max_size=3), st.just("- "))
        ),
        st.sampled_from(
            [["x: >-", "    folded", "    text", ""], ["y: |-", "  # kept", "  a: b"], ["# remark", "z: 1", ""]]
        ),
    ),
    max_leaves=8,
)
ODD = st.builds(
    lambda indent, dash, key, value: " " * indent + dash + (f"{key}: {value}" if key else value),
    st.sampled_from([0, 2, 4, 1]),
    st.sampled_from(["", "", "- ", "-"]),
    st.none() | KEYS,
    VALUES,
)
TEXTS = st.builds(
    lambda lines, at, odd: "\n".join([*lines[:at], *odd, *lines[at:]]) + "\n",
    NODES,
    st.integers(0, 9),
    st.lists(ODD | st.sampled_from(["", "  # remark", "---", "...", "    words"]), max_size=1),
)


def by_events(text: str) -> tuple[Data, list[Problem]]:
    """What is read the long way."""
    problems: list[Problem] = []
    try:
        return yaml._build(text, "f.yaml", problems, None), problems
    except Exception as error:
        pytest.fail(f"read, and refused: {text!r}: {error}")


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("a:\n- b\nc: d\n")
@example("a: >-\n  b\n  c\n\n\nd: |-\n    e: f\n    # g\n")
@example("a: b\n  c\n")
@example("a:\n  - b: c\n    d:\n    - e\n  - f\n")
def test_what_is_read_is_what_the_events_give(text: str) -> None:
    data = plain_yaml.read(text)
    event("read" if data is not None else "left to the events")
    if data is not None:
        assert by_events(text) == (data, [])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_sidecar_with_a_few_characters_changed_is_read_as_its_events(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SIDECARS))[:1200]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(
            st.sampled_from(
                ["", " ", "\n", ":", "#", " #", "- ", '"', "'", "{", "]", ",", "\t", "\xa0", "é", "\n  ", ": "]
            )
        )
        text = text[:at] + put + text[at + data.draw(st.integers(0, 2)) :]
    read = plain_yaml.read(text)
    if read is not None:
        assert by_events(text) == (read, [])


SIDECARS = [path.read_text("utf-8") for path in sorted(ROOT.glob("content/*/*.yaml"))]


def test_the_sidecars_of_the_demonstration_are_read() -> None:
    """Nearly all: the short way is of use only where it is taken."""
    read = [plain_yaml.read(text) for text in SIDECARS]
    assert sum(data is not None for data in read) >= 0.9 * len(SIDECARS)
    for text, data in zip(SIDECARS, read, strict=True):
        if data is not None:
            assert by_events(text) == (data, [])


@pytest.mark.parametrize(
    "text", ["a: b\na: c\n", "a: &b c\n", "a: *b\n", "a: !b c\n", "a: b\n---\nc: d\n", "<<: a\n", "a: b: c\n"]
)
def test_what_is_refused_or_told_is_left_to_the_events(text: str) -> None:
    assert plain_yaml.read(text) is None
