"""An article's text with its annotations marked: spans may overlap, nest and coincide, and cross any markup.

Marking adds elements and never text: the text content of the result is that of the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape, unescape
from typing import NamedTuple

from sitrep.read.anchors import Span
from sitrep.read.markdown import TAG
from sitrep.records import Anchor, Prose


class Marks(NamedTuple):
    """How one anchor is marked. `first` opens its first piece, `rest` any later one; `after` follows its last."""

    first: str
    rest: str
    close: str
    after: str = ""
    link_first: str = ""
    link_rest: str = ""
    """For what may be a link: used instead where no other link is around it."""


Token = tuple[str, str, int]
"""("tag", markup, 0) or ("text", plain characters, their offset in the text)."""


def woven(prose: Prose, anchors: tuple[Anchor, ...], marks: Mapping[Anchor, Marks], spans: tuple[Span, ...]) -> str:
    """The HTML of a text with its anchors marked; only `spans` of it are shown, gaps between them are marked."""
    whole = spans == ((0, len(prose.text)),)
    tokens = _tokens(prose.html) if whole else _excerpt(prose.text, spans)
    if not anchors:
        return "".join(t[1] if t[0] == "tag" else escape(t[1], quote=False) for t in tokens)
    return "".join(_weave(tokens, anchors, marks))


def _tokens(html: str) -> Iterator[Token]:
    at = offset = 0
    for match in TAG.finditer(html):
        if match[0][0] == "&":
            continue
        if match.start() > at:
            piece = html[at : match.start()]
            piece = unescape(piece) if "&" in piece else piece
            yield "text", piece, offset
            offset += len(piece)
        yield "tag", match[0], 0
        at = match.end()
    if at < len(html):
        yield "text", unescape(html[at:]), offset


def _excerpt(text: str, spans: tuple[Span, ...]) -> Iterator[Token]:
    """Paragraphs of the shown spans; what lies between them is a gap."""
    gap = '<span class="gap">[…]</span>'
    at = 0
    paragraph = False
    for start, end in spans:
        skipped = text[at:start]
        if paragraph and "\n" in skipped.strip(" "):
            if skipped.strip():
                yield "tag", f" {gap}", 0
            yield "tag", "</p>\n", 0
            paragraph = False
        if not paragraph:
            yield "tag", "<p>", 0
            if skipped.strip() and at == 0:
                yield "tag", f"{gap} ", 0
            paragraph = True
        elif skipped.strip():
            yield "tag", f" {gap} ", 0
        else:
            yield "tag", " ", 0
        for n, line in enumerate(text[start:end].split("\n")):
            if n and line.strip():
                yield "tag", "</p>\n<p>", 0
            if line:
                yield "text", line, start
            start += len(line) + 1
        at = end
    if paragraph:
        if text[at:].strip():
            yield "tag", f" {gap}", 0
        yield "tag", "</p>", 0


def _weave(tokens: Iterable[Token], anchors: tuple[Anchor, ...], marks: Mapping[Anchor, Marks]) -> Iterator[str]:
    waiting = sorted(anchors, key=lambda a: (a.start, -a.end, a.kind != "claim", a.kind != "event", a.n), reverse=True)
    active: list[Anchor] = []
    opened: set[Anchor] = set()
    linked = 0
    held: list[str] = []
    for what, piece, offset in tokens:
        if what == "tag":
            if piece.startswith("<a"):
                linked += 1
            elif piece == "</a>":
                linked -= 1
            yield piece
            if not linked:
                yield from held
                held.clear()
            continue
        at, end = offset, offset + len(piece)
        while at < end:
            active = [a for a in active if a.end > at]
            while waiting and waiting[-1].start <= at:
                anchor = waiting.pop()
                if anchor.end > at:
                    active.append(anchor)
            stop = min([end, *(a.end for a in active), *([waiting[-1].start] if waiting else [])])
            words = escape(piece[at - offset : stop - offset], quote=False)
            if active and words.strip(" \n"):
                yield from _wrapped(words, active, marks, opened, stop, held if linked else None)
            else:
                yield words
            at = stop


def _wrapped(
    words: str,
    active: list[Anchor],
    marks: Mapping[Anchor, Marks],
    opened: set[Anchor],
    stop: int,
    held: list[str] | None,
) -> Iterator[str]:
    """One stretch with the same anchors over it, the longest outermost; the innermost that can be a link is one.

    Inside a link of the text there can be no other: what follows an anchor there is `held` until that link has ended.
    """
    order = sorted(active, key=lambda a: (a.start - a.end, a.kind == "actor", a.n))
    link = next((a for a in reversed(order) if marks[a].link_first), None) if held is None else None
    closing: list[str] = []
    for anchor in order:
        mark = marks[anchor]
        new = anchor not in opened
        opened.add(anchor)
        if anchor is link:
            yield mark.link_first if new else mark.link_rest
            closing.append("</a>")
        else:
            yield mark.first if new else mark.rest
            closing.append(mark.close)
    yield words
    yield from reversed(closing)
    for anchor in order:
        if anchor.end == stop and marks[anchor].after:
            if held is None:
                yield marks[anchor].after
            else:
                held.append(marks[anchor].after)
