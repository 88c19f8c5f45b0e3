"""An article's text with its annotations marked: spans may overlap, nest, coincide, and cross any markup.

Marking adds elements and never text: the text content of the result is that of the source.

"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape, unescape
from operator import attrgetter
from typing import NamedTuple

from sitrep.anchoring.quotes import Span
from sitrep.model.entries import Anchor, Prose


class Marks(NamedTuple):
    """How one anchor is marked. `first` opens its first fragment, `rest` any later one; `after` follows its last."""

    first: str
    rest: str
    close: str
    after: str = ""
    link_first: str = ""
    link_rest: str = ""
    """For marks that may be links: used where no enclosing link exists."""


Token = tuple[str, str, int]
"""("tag", markup, 0) or ("text", plain characters, their offset in the text)."""
_TAGS = re.compile(r"""(<(?:[^>"']|"[^"]*"|'[^']*')*>)""")
_NEVER = 1 << 60
"""An offset beyond any text."""


def woven(prose: Prose, anchors: tuple[Anchor, ...], marks: Mapping[Anchor, Marks], spans: tuple[Span, ...]) -> str:
    """The HTML of a text with its anchors marked; only `spans` of it are shown, and gaps between them are indicated."""
    whole = spans == ((0, len(prose.text)),)
    return "".join(_weave(_tokens(prose.html) if whole else _excerpt(prose.text, spans), anchors, marks))


def _tokens(html: str) -> Iterator[Token]:
    offset = 0
    for n, piece in enumerate(_TAGS.split(html)):  # text and tags alternately
        if n & 1:
            yield "tag", piece, 0
        elif piece:
            piece = unescape(piece) if "&" in piece else piece
            yield "text", piece, offset
            offset += len(piece)


def _excerpt(text: str, spans: tuple[Span, ...]) -> Iterator[Token]:
    """Paragraphs of the shown spans; what lies between is marked as a gap."""
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


class _Mark:
    """An anchor while the text is traversed."""

    __slots__ = ("after", "close", "end", "first", "link_first", "link_rest", "order", "rest")

    def __init__(self, anchor: Anchor, marks: Marks, rank: int) -> None:
        self.end = anchor.end
        self.order = (anchor.start - anchor.end, anchor.kind == "actor", anchor.n, rank)
        """Sort key: of anchors over the same text, the longest is outermost."""
        self.first, self.rest, self.close, self.after, self.link_first, self.link_rest = marks


_outermost = attrgetter("order")


def _weave(tokens: Iterable[Token], anchors: tuple[Anchor, ...], marks: Mapping[Anchor, Marks]) -> list[str]:
    """The pieces of the page. Most of a text has no anchor over it and is copied unchanged."""
    waiting = sorted(anchors, key=lambda a: (a.start, -a.end, a.kind != "claim", a.kind != "event", a.n), reverse=True)
    upcoming = waiting[-1].start if waiting else _NEVER
    active: list[_Mark] = []
    ending = _NEVER
    """The offset at which the first active anchor ends."""
    linked = 0
    pending: list[str] = []
    out: list[str] = []
    for what, piece, offset in tokens:
        if what == "tag":
            if piece[:2] == "<a":
                linked += 1
            elif piece == "</a>":
                linked -= 1
            out.append(piece)
            if pending and not linked:
                out += pending
                pending.clear()
            continue
        at, end = offset, offset + len(piece)
        plain = "&" not in piece and "<" not in piece and ">" not in piece
        while at < end:
            if ending <= at:
                active = [mark for mark in active if mark.end > at]
                ending = min([mark.end for mark in active]) if active else _NEVER
            while upcoming <= at:
                a = waiting.pop()
                upcoming = waiting[-1].start if waiting else _NEVER
                if a.end > at:
                    active.append(_Mark(a, marks[a], -len(waiting)))
                    active.sort(key=_outermost)
                    ending = min(ending, a.end)
            stop = end if end < ending else ending
            if upcoming < stop:
                stop = upcoming
            words = piece[at - offset : stop - offset]
            shown = words if plain else escape(words, quote=False)
            if active and words.strip(" \n"):
                _wrap(out, shown, active, stop, pending if linked else None)
            else:
                out.append(shown)
            at = stop
    return out


def _wrap(out: list[str], words: str, active: list[_Mark], stop: int, pending: list[str] | None) -> None:
    """Text with the same anchors over it, the longest outermost; the innermost that can be a link is one.

    Links cannot nest: inside a link of the text, what follows an anchor is `held` until that link has ended.

    """
    link = None
    if pending is None:
        for mark in active:
            if mark.link_first:
                link = mark
    closing = ""
    for mark in active:
        if mark is link:
            out.append(mark.link_first)
            closing = "</a>" + closing
        else:
            out.append(mark.first)
            closing = mark.close + closing
        mark.first, mark.link_first = mark.rest, mark.link_rest
    out += words, closing
    for mark in active:
        if mark.after and mark.end == stop:
            (out if pending is None else pending).append(mark.after)
