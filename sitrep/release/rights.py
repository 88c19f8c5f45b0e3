"""How much of a released article's text may be shown. Every output draws on these spans and on nothing else."""

from __future__ import annotations

import re
from bisect import bisect_right

from sitrep.anchoring.quotes import Span, merged, normal, sentence_span
from sitrep.model.entries import Entry
from sitrep.model.records import Article, Rights

QUARTER = 4
"""An excerpt is at most one word in this many."""
WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]|[^\W_]+")
"""A word, or a letter of a script that is written without spaces."""


def shown(entry: Entry, default: Rights) -> tuple[Span, ...]:
    """The spans of an article's text that may be shown, in order and not adjacent.

    Excerpt: the sentences of claim and event quotes, in reading order, as many as fit into a quarter of the words.

    """
    assert isinstance(entry.record, Article)
    rights = entry.record.rights or default
    text = entry.prose.text
    if rights == "full":
        return ((0, len(text)),)
    if rights == "metadata":
        return ()
    left = len(WORD.findall(text)) // QUARTER
    taken: list[Span] = []
    for anchor in entry.quotes:
        if anchor.kind == "actor":
            continue
        span = sentence_span(entry.sentences, text, (anchor.start, anchor.end))
        new = _beyond(span, taken)
        words = sum(len(WORD.findall(text[start:end])) for start, end in new)
        if words <= left:
            left -= words
            taken = merged([*taken, span])
    return tuple(taken)


def visible(spans: tuple[Span, ...], start: int, end: int) -> bool:
    """Whether the whole of a span of the text is shown."""
    at = bisect_right(spans, (start, 1 << 60)) - 1
    return at >= 0 and spans[at][0] <= start and end <= spans[at][1]


def may_say(text: str, spans: tuple[Span, ...], words: str) -> bool:
    """Whether an article's words for an unnamed source lie in what is shown of it."""
    if spans == ((0, len(text)),):
        return True
    wanted = normal(words)
    return any(wanted in normal(text[start:end]) for start, end in spans)


def _beyond(span: Span, taken: list[Span]) -> list[Span]:
    """The parts of a span that are not covered yet."""
    parts, at = [], span[0]
    for start, end in taken:
        if end <= at or start >= span[1]:
            continue
        if start > at:
            parts.append((at, start))
        at = max(at, end)
    return [*parts, (at, span[1])] if at < span[1] else parts
