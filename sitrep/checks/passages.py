"""Prose as checks read it: passages under their headings, sentences, and our own words without quoted ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from sitrep.anchoring import quotes
from sitrep.anchoring.quotes import Span
from sitrep.parse.markdown import TAG, WIKI, text_of

_BLOCKS = {
    *("p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "div", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_VOID = {"br", "hr", "img"}
_NAME = re.compile(r"</?([a-z0-9]+)")
_LIST_ITEM = re.compile(r'<li id="([^"]*)"')
_QUOTED = re.compile(r"“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|\"([^\"]*)\"|‘([^‘’]*(?:’\w[^‘’]*)*)’")


class Passage(NamedTuple):
    """A run of words in one block: a paragraph, an item, a cell, a heading."""

    tag: str
    html: str
    text: str
    """On one line."""
    headings: tuple[str, ...]
    """Its headings, the outermost first."""
    quoted: bool
    """Within a block quotation."""
    item: str
    """The id of its list item, if it has one: `fn:1` is a footnote."""


def passages(html: str) -> Iterator[Passage]:
    """The passages of a document as `parse/markdown.py` renders it, in order, headings included."""
    open_blocks: list[tuple[str, str]] = []
    headings: list[tuple[int, str]] = []
    start = 0
    for match in TAG.finditer(html):
        name = _NAME.match(match[0])
        if name is None or name[1] not in _BLOCKS:
            continue
        inner = html[start : match.start()]
        text = " ".join(text_of(inner).split())
        if text:
            tag = open_blocks[-1][0] if open_blocks else ""
            quoted = any(block == "blockquote" for block, _ in open_blocks)
            item = next((id for block, id in reversed(open_blocks) if block == "li" and id), "")
            if tag[:1] == "h":
                level = int(tag[1])
                headings = [heading for heading in headings if heading[0] < level]
                yield Passage(tag, inner, text, tuple(heading for _, heading in headings), quoted, item)
                headings.append((level, text))
            else:
                yield Passage(tag, inner, text, tuple(heading for _, heading in headings), quoted, item)
        start = match.end()
        if match[0][1] == "/":
            if open_blocks:
                open_blocks.pop()
        elif name[1] not in _VOID:
            id = _LIST_ITEM.match(match[0])
            open_blocks.append((name[1], id[1] if id else ""))


def blocks(html: str) -> list[Span]:
    """The spans of the outermost blocks in the document's text: a paragraph, a whole list, a whole table."""
    spans: list[Span] = []
    at = end = depth = start = 0
    for match in TAG.finditer(html):
        at += match.start() - end
        end = match.end()
        if match[0][0] == "&":
            at += len(unescape(match[0]))
            continue
        name = _NAME.match(match[0])
        if name is None or name[1] in _VOID:
            continue
        if match[0][1] == "/":
            depth -= 1
            if depth == 0:
                spans.append((start, at))
        else:
            if depth == 0:
                start = at
            depth += 1
    return spans


def own_words(text: str) -> str:
    """Our own words, on one line: without quotations, and with links as the words they show."""
    if "[[" in text:
        text = WIKI.sub(lambda match: match[2] or "", text)
    return " ".join(_QUOTED.sub(_emptied, text).split())


def _emptied(match: re.Match[str]) -> str:
    """The marks of a quotation, and the sign that ends a sentence in it, so that sentences still end."""
    inner = match[0][1:-1].rstrip()
    return f"“{inner[-1] if inner[-1:] in ('.', '!', '?') else ''}”"


def sentences(text: str) -> list[str]:
    """The sentences of a passage."""
    starts = quotes.sentences(text)
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def short(text: str, length: int = 80) -> str:
    """The beginning of a text, as a name for it."""
    return text if len(text) <= length else f"{text[: length - 1].rpartition(' ')[0] or text[: length - 1]}…"
