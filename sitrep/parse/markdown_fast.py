"""Python-Markdown made faster: the same HTML, without the work that leaves a text as it is.

Prose is mostly paragraphs without markup, and the library tries every pattern and every step on each. Here each is
left out where it cannot do anything, by a sign that the text lacks; what is left is done by the library's own methods.
A version of it that has a pattern or a kind of block which is not known here is slower, not wrong: it tries them all.
`tests/test_markdown_fast.py` holds both paces to the same HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import ParagraphProcessor
from markdown.preprocessors import NormalizeWhitespace
from markdown.treeprocessors import InlineProcessor
from markdown.util import ETX, STX, AtomicString

NEEDED: dict[str, tuple[str, ...]] = {
    "backtick": ("`",),
    "escape": ("\\",),
    "footnote": ("[^",),
    "wiki": ("[[",),
    "reference": ("[",),
    "link": ("](",),
    "image_link": ("![",),
    "image_reference": ("![",),
    "short_reference": ("[",),
    "short_image_ref": ("![",),
    "autolink": ("<",),
    "automail": ("<",),
    "linebreak": ("  \n",),
    "entity": ("&",),
    "not_strong": ("*", "_"),
    "em_strong": ("*", "_"),
    "em_strong2": ("_",),
}
"""Pattern → what a text must hold, one of these, for it to match at all."""
_SIGNS = ("", *sorted({sign for signs in NEEDED.values() for sign in signs}))
DEFINED = ("reference", "image_reference", "short_reference", "short_image_ref")
"""Patterns that mean nothing in a document which defines no `[name]: address`."""
BLOCKS = (
    *("empty", "indent", "code", "table", "hashheader", "setextheader", "hr", "olist", "ulist", "quote", "footnote"),
    *("reference", "paragraph"),
)
"""The kinds of block that `_PROSE` and `_MARKED` rule out."""


def hastened(md: Markdown) -> Markdown:
    """The converter, at a faster pace. To be called when all is registered."""
    known = all(
        p in [md.inlinePatterns[name] for name in NEEDED if name in md.inlinePatterns] for p in md.inlinePatterns
    )
    md.preprocessors.register(_Whitespace(md), "normalize_whitespace", 30)
    _only(md.preprocessors["fenced_code_block"], lambda lines: any(line.startswith(("```", "~~~")) for line in lines))
    blocks = md.parser.blockprocessors
    if known and len(blocks) == len(BLOCKS) and all(name in blocks for name in BLOCKS):
        blocks.register(_Prose(md.parser), "prose", 110)
        md.parser.blockprocessors = list(blocks)  # type: ignore[assignment]  # a registry makes a list for each block
    md.treeprocessors.register(_Inline(md, known), "inline", 20)
    _only(md.treeprocessors["unescape"], lambda _: any("\\" in line for line in md.lines))  # type: ignore[attr-defined]
    md.is_block_level = cache(md.is_block_level)  # type: ignore[method-assign]  # asked of each element, often
    return md


def _only(step: Any, needed: Callable[[Any], bool]) -> None:
    """Run a processor only where it is needed; otherwise it returns its input unchanged."""
    run = step.run
    step.run = lambda text: run(text) if needed(text) else text


def unmarked(text: str) -> bool:
    """Whether no inline pattern can match: the first character of each is searched for, which is faster than any
    regex."""
    return not (
        "*" in text
        or "_" in text
        or "[" in text
        or "&" in text
        or "<" in text
        or "`" in text
        or "\\" in text
        or "  \n" in text
    )


class _Whitespace(NormalizeWhitespace):
    """Checks whether there is anything to normalise before scanning the whole text several times."""

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        if "\n " in text or "\t" in text or "\r" in text or STX in text or ETX in text:
            return super().run(lines)
        return [*lines, "", ""]


class _Prose(ParagraphProcessor):
    """Detects a block that can only be a paragraph before a dozen block processors are tried."""

    _BEGINNING = re.compile(r"[^\W\d_]|[\"'“”‘’«»„‹›(…—–]")
    _MARKED = re.compile(r"\n(?![^\W_]|[\"'“”‘’«»„‹›(…—–])")
    """A line that does not begin as prose does: white space, `#`, `=`, `-`, `>`, `|`, `[`, `*` and the like."""

    def test(self, parent: Element, block: str) -> bool:
        return bool(self._BEGINNING.match(block)) and ("\n" not in block or not self._MARKED.search(block))

    def run(self, parent: Element, blocks: list[str]) -> None:
        if unmarked(blocks[0]) and not self.parser.state.isstate("list"):
            SubElement(parent, "p").text = AtomicString(blocks.pop(0))  # an atomic string is not processed again
        else:
            super().run(parent, blocks)


class _Inline(InlineProcessor):
    """Tries, on each run of text, only the patterns whose first character occurs in it. The rest is the library's."""

    def __init__(self, md: Markdown, known: bool) -> None:
        super().__init__(md)
        self._known = known
        self._signs: list[tuple[str, ...]] = [("",)] * len(md.inlinePatterns)  # every text contains ""
        self._defined = [False] * len(md.inlinePatterns)
        for name, signs in NEEDED.items():
            if name in md.inlinePatterns:
                at = md.inlinePatterns.get_index_for_name(name)
                self._signs[at], self._defined[at] = signs, name in DEFINED
        self._patterns = list(md.inlinePatterns)
        self._tried: dict[tuple[bool, ...], list[int]] = {}

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803
        if isinstance(data, AtomicString) or (self._known and unmarked(data)):
            return data
        # The replacement of a match contains no such character: one search for each is enough.
        present = tuple([sign in data for sign in _SIGNS])
        if present not in self._tried:
            signs = {sign for sign, holds in zip(_SIGNS, present, strict=True) if holds}
            self._tried[present] = [at for at, needed in enumerate(self._signs) if not signs.isdisjoint(needed)]
        apply = self._InlineProcessor__applyPattern  # type: ignore[attr-defined]
        for at in self._tried[present]:
            if at >= patternIndex and (not self._defined[at] or self.md.references):
                start, matched = 0, True
                while matched:
                    data, matched, start = apply(self._patterns[at], data, at, start)
        return data
