"""The faster pace of Python-Markdown: the HTML of its own pace, whatever the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitrep.parse.markdown import converter
from sitrep.parse.markdown_fast import BLOCKS, NEEDED, hastened
from sitrep.parse.text import decode, printable

ROOT = Path(__file__).parents[1]
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
SIGNS = st.text("ab1 \n\t*_[]()!<>&;#`~|:-=+.\\^\"'/@é“", max_size=40)
MARKUP = st.sampled_from(
    [
        *(
            "plain words",
            "a word of *stress*",
            "__two__ of **them**, ***three*** and *un**even*",
            "snake_case_name",
            "* * *",
        ),
        *(
            "[a link](https://example.org/a_b)",
            "[named][one]",
            "[one]",
            "[one]: https://example.org 'title'",
            "[x](<a b>)",
        ),
        *("![image](assets/a.png)", "![image][one]", "<https://example.org/?a=1&b=2>", "<a@example.org>", "<b>raw</b>"),
        *(
            "a note[^1]",
            "[^1]: the note",
            "    more of the note",
            "[^1]: the note\n[^2]: another",
            "[[actor:a|A]] and [[b]]",
        ),
        *(
            "# heading",
            "heading\n=======",
            "heading\n---",
            "words\n## heading",
            "- item",
            "- item\n  more",
            "1. item",
            "+ item",
        ),
        *(
            "    code *as it is*",
            "```\nfenced *code*\n```",
            "~~~ python\na = 1\n~~~",
            "> quoted\nlazily",
            "> - list\n>\n> words",
        ),
        *(
            "a | b\n--|--\n1 | 2",
            "|a|\n|-|\n|b|",
            "words\n- no list",
            "words\n1. no list",
            "words\n> quoted",
            "words\n* * *",
        ),
        *(
            "&amp; &lt; & &copy;",
            "line  \nbreak",
            "a \\* b \\\\ c \\[",
            "`code` ``co`de``",
            "\\`a`",
            "a\n\n\n\nb",
            "   three spaces",
        ),
        *(
            "\ttab",
            "\u00a0",
            "\u2028",
            "“Quoted,” he said.\n‘And more.’",
            "1,000 people",
            "-5 degrees",
            "(words)",
            "words\n(words)",
        ),
        *(
            "///Footnotes Go Here///",
            "words\n\n    code\n\nwords",
            "- a\n\n    b\n\n- c\n\n        code",
            "1. a\n\n   b\n2. c",
        ),
    ]
)
PIECES = st.one_of(MARKUP, MARKUP, WORDS, SIGNS)
TEXTS = st.lists(
    st.tuples(PIECES, st.sampled_from(["\n\n", "\n", " ", "", "\n\n\n", "\n    ", "\n> "])), max_size=8
).map(lambda parts: "".join(piece + between for piece, between in parts))


def converted(md: Any, text: str) -> tuple[str, set[str]]:
    md.reset()
    md.sitrep.update(base="https://example.org/news/", seen=set())
    return md.convert(printable(text)), md.sitrep["seen"]


@pytest.fixture(scope="module", params=[False, True], ids=["article", "prose"])
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return converter(request.param), hastened(converter(request.param))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("[" * 40)
@example("*a **b* c**\n\n- d\n\n  [x]: y\n\n[x]")
@example("a[^1]\n\n[^1]: b *c*\n\n    - d\n\n    e\\*")
def test_the_html_is_that_of_the_library(both: tuple[Any, Any], text: str) -> None:
    slow, fast = both
    assert converted(fast, text) == converted(slow, text)


def test_the_html_of_every_text_at_hand_is_that_of_the_library(both: tuple[Any, Any]) -> None:
    slow, fast = both
    files = [
        *ROOT.glob("content/**/*.md"),
        *ROOT.glob("tests/sites/**/*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("*.md"),
    ]
    assert len(files) > 20
    for file in files:
        text, _ = decode(file.read_bytes(), file.name)
        assert text is not None
        assert converted(fast, text) == converted(slow, text), file


def test_every_pattern_and_kind_of_block_is_known(both: tuple[Any, Any]) -> None:
    """Or else the faster pace is slower than it could be, silently."""
    slow, fast = both
    known = {slow.inlinePatterns.get_index_for_name(name) for name in NEEDED if name in slow.inlinePatterns}
    assert known == set(range(len(slow.inlinePatterns)))
    assert {slow.parser.blockprocessors.get_index_for_name(n) for n in BLOCKS} == set(range(len(BLOCKS)))
    assert len(fast.parser.blockprocessors) == len(BLOCKS) + 1


def test_a_pattern_that_is_not_known_is_tried_everywhere() -> None:
    """One that a later version of the library may have."""
    from markdown.inlinepatterns import SimpleTagInlineProcessor

    def with_deletions() -> Any:
        md = converter(False)
        md.inlinePatterns.register(SimpleTagInlineProcessor("(~~)(.*?)~~", "del"), "deletion", 55)
        return md

    text = "These ~~words~~ are *ordinary ~~no~~*.\n\nThese are."
    slow, fast = converted(with_deletions(), text), converted(hastened(with_deletions()), text)
    assert fast == slow
    assert "<del>words</del>" in fast[0]
