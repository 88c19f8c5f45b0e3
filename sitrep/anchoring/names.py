"""A bare id anchors the actor's name and aliases: whole words, the longest at each place."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Any, cast

import msgspec

from sitrep.anchoring.quotes import Matchable, longest, normal, occurrences, stands_alone
from sitrep.model.entries import Anchor, Entry, words
from sitrep.model.records import Actor, Article, Kind, Mention, Source

Names = Mapping[str, tuple[str, ...]]
"""`actors/ID` or `sources/ID` → the name and aliases of that file."""


def table(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """The names of all actors and sources that have files."""
    names_of = {}
    for entry in entries:
        record = entry.record
        if isinstance(record, (Actor, Source)):
            names_of[f"{entry.kind}/{entry.id}"] = (record.name or words(entry.id), *record.aliases)
    return names_of


class FiledNames(dict[str, tuple[str, ...]]):
    """The same for entries that are looked up on demand; `entry` returns nothing for an id without a file."""

    def __init__(self, entry: Callable[[Kind, str], Entry | None]) -> None:
        super().__init__()
        self._entry = entry

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            kind, _, id = name.partition("/")
            entry = self._entry(cast(Kind, kind), id)
            self[name] = table([entry]).get(name, ()) if entry else ()
        return self[name] or default


def sought(article: Article, names: Names) -> tuple[tuple[str, ...], ...]:
    """For each mention, the names to search for. An id without a file stands for its words: `kcna` → Kcna, KCNA."""
    sought_names = []
    for mention in article.actors:
        id = mention.id
        if id.startswith("source:"):
            known = names.get(f"sources/{id[7:]}")
        elif id.startswith("actor:"):
            known = names.get(f"actors/{id[6:]}")
        else:
            known = names.get(f"actors/{id}") or names.get(f"sources/{id}")
        if not known:
            plain = words(id.partition(":")[2] or id)
            known = (plain, plain.upper())
        sought_names.append(known)
    return tuple(sought_names)


def annotate(entry: Entry, names: tuple[tuple[str, ...], ...], ready: Matchable | None = None) -> tuple[Anchor, ...]:
    """All anchors of an article, in reading order, including those of names (one tuple for each mention).

    The longest wins: a name gives way to a longer name around it, whoever bears it, and to a longer quote of its own
    actor; a plain quote gives way to a longer name of its own actor.

    """
    ready = ready or Matchable(entry.prose.text)
    hits = []
    for n, group in enumerate(names):
        for name in group:
            norm = normal(name)
            if norm:
                for span in occurrences(ready, norm):
                    if stands_alone(ready.text, span):
                        hits.append((span[0], span[0] - span[1], span, str(n)))
    longest_spans = {span for span, _ in longest(list(hits))}
    own: dict[int, set[tuple[int, int]]] = {}
    for anchor in entry.quotes:
        if anchor.kind == "actor":
            own.setdefault(anchor.n, set()).add((anchor.start, anchor.end))
    assert isinstance(entry.record, Article)
    for _, _, span, index in sorted(hits):
        mention = entry.record.actors[int(index)]
        spans = own.setdefault(int(index) + 1, set())
        if span in longest_spans and span not in spans:
            overlapping = [s for s in spans if s[0] < span[1] and span[0] < s[1]]
            inside = [s for s in overlapping if span[0] <= s[0] and s[1] <= span[1]]
            if all(_bare(mention, ready.text[start:end]) for start, end in inside) and len(inside) == len(overlapping):
                spans.difference_update(inside)
                spans.add(span)
    anchors = [a for a in entry.quotes if a.kind != "actor"]
    for n, spans in own.items():
        anchors += [Anchor("actor", n, k + 1, start, end) for k, (start, end) in enumerate(sorted(spans))]
    anchors.sort(key=lambda a: (a.start, -a.end, a.kind, a.n, a.k))
    return tuple(anchors)


def places(article: str, names: tuple[tuple[str, ...], ...], anchors: Iterable[Anchor]) -> bytes:
    """Digest of where an article's mentions stand: `PLACE` bytes for the names searched for, then as many for each
    mention."""
    placements = [array("I", [n]) for n in range(len(names))]
    for anchor in anchors:
        if anchor.kind == "actor":
            placements[anchor.n - 1].extend((anchor.start, anchor.end))
    whose = article.encode()
    return looked(names) + b"".join([blake2b(whose + one.tobytes(), digest_size=PLACE).digest() for one in placements])


def looked(names: tuple[tuple[str, ...], ...]) -> bytes:
    """Whether two such digests are of the same searched names."""
    return blake2b(_PACK(names), digest_size=PLACE).digest()


PLACE = 8
_PACK = msgspec.msgpack.Encoder().encode


def _bare(mention: Mention, words: str) -> bool:
    """Whether a mention's quote is a plain string, which means every occurrence."""
    wanted = normal(words)
    return all(quote.bare for quote in mention.quotes if normal(quote.exact) == wanted)
