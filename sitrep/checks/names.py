"""Names that two entries share, or nearly: one entity filed twice, or an ambiguous name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from sitrep.anchoring.quotes import normal
from sitrep.checks.files import sidecar
from sitrep.corpus.corpus import Corpus, Key
from sitrep.model.entries import Entry, words
from sitrep.model.records import SINGULAR, Actor, Kind, Source
from sitrep.problems import WARNING, Path, Problem

LETTERS = 8
"""From this length on, names may be nearly alike; in shorter ones an edit makes another name."""
WORD = 4
"""From this length on, a word in such a name may differ: not `Group A` from `Group B`."""
_ACRONYM = 4
"""From this length on, names that differ in case and the like are alike: not `US` and `Us`."""
_WORDS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")


class _Name(NamedTuple):
    entry: Entry
    text: str
    main: bool
    at: Path
    words: tuple[str, ...]
    """Folded: without case, accents and punctuation."""


def alike_names(corpus: Corpus) -> Iterator[Problem]:
    """Two actors, or two sources, that may be one; and a name or alias that means two.

    Names are *alike* if they are equal without case, accents, punctuation and the order of words, or have at least
    eight letters and differ by one edit within a word. Entries of which one refers to the other are known to be two.
    """
    kinds: tuple[Kind, ...] = ("actors", "sources")
    for kind in kinds:
        names = [name for entry in corpus.entries[kind].values() for name in _names(entry)]
        reported: set[frozenset[str]] = set()
        for first, second in _shared(names):
            pair = frozenset((first.entry.id, second.entry.id))
            if not (first.main and second.main):
                reported.add(pair)
                yield _ambiguous(corpus, kind, first, second)
            elif pair not in reported and not _related(corpus, kind, first.entry.id, second.entry.id):
                reported.add(pair)
                yield _duplicate(corpus, kind, first, second)
        for first, second in (*_equal(names), *_near(names)):
            pair = frozenset((first.entry.id, second.entry.id))
            if pair not in reported and not _related(corpus, kind, first.entry.id, second.entry.id):
                reported.add(pair)
                yield _duplicate(corpus, kind, first, second)


def _ambiguous(corpus: Corpus, kind: Kind, first: _Name, second: _Name) -> Problem:
    """Reported in the file whose name is only an alias, where there is one."""
    here, there = (first, second) if second.main else (second, first)
    word = SINGULAR[kind]
    file, at = _place(corpus, kind, here)
    return Problem(
        code="ambiguous-alias",
        severity=WARNING,
        file=file,
        at=at,
        message=f"“{here.text}” is {_what(here)} of {here.entry.id} and {_what(there)} of {there.entry.id}",
        hint=f"take it out of one and give it there as quotes; if both are one {word}, merge them",
    )


def _duplicate(corpus: Corpus, kind: Kind, first: _Name, second: _Name) -> Problem:
    """Reported where the entry without a file is mentioned, else in the file of the second."""
    here, there = (first, second) if not first.entry.files else (second, first)
    word = SINGULAR[kind]
    file, at = _place(corpus, kind, here)
    alike = "is also" if normal(here.text) == normal(there.text) else f"is nearly “{there.text}”,"
    apart = "relate them in a file" if kind == "actors" else "say so in owner or controlled_by"
    message = f"“{here.text}”, {_what(here)} of the {word} {here.entry.id}, {alike} {_what(there)} of {there.entry.id}"
    return Problem(
        code="near-duplicate",
        severity=WARNING,
        file=file,
        at=at,
        message=message,
        hint=f"if they are one: sitrep merge {word} {here.entry.id} {there.entry.id}; if two, {apart}",
    )


def _what(name: _Name) -> str:
    return "the name" if name.main else "an alias"


def _names(entry: Entry) -> Iterator[_Name]:
    record = entry.record
    assert isinstance(record, (Actor, Source))
    main = record.name or words(entry.id)
    yield _Name(entry, main, True, ("name",) if record.name else (), _folded(main))
    for n, alias in enumerate(record.aliases):
        yield _Name(entry, alias, False, ("aliases", n), _folded(alias))


def _folded(name: str) -> tuple[str, ...]:
    if not name.isascii():
        apart = unicodedata.normalize("NFKD", name)
        name = unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))
    return tuple(_WORDS.findall(name.casefold()))


Pairs = Iterator[tuple[_Name, _Name]]


def _shared(names: list[_Name]) -> Pairs:
    """Names that are written alike."""
    seen: dict[str, _Name] = {}
    for name in names:
        other = seen.setdefault(normal(name.text), name) if name.words else name
        if other.entry.id != name.entry.id:
            yield other, name


def _equal(names: list[_Name]) -> Pairs:
    """Names of the same words in any order, or of the same letters with other spaces."""
    seen: dict[str, _Name] = {}
    for name in names:
        together = "".join(name.words)
        if len(together) < _ACRONYM:
            continue
        for key in dict.fromkeys((together, " ".join(sorted(name.words)))):
            other = seen.setdefault(key, name)
            if other.entry.id != name.entry.id:
                yield other, name


def _near(names: list[_Name]) -> Pairs:
    """Names one edit apart within a word: they meet where that letter is left out.

    Numbers must be the same. Scripts in which a character is a syllable or a word are excluded.
    """
    seen: dict[str, dict[str, _Name]] = {}
    for name in names:
        if sum(map(len, name.words)) < LETTERS or any(max(word) >= "\u0e00" for word in name.words):
            continue
        for n, word in enumerate(name.words):
            if len(word) < WORD - 1 or _DIGITS.search(word):
                continue
            rest = " ".join(sorted((*name.words[:n], *name.words[n + 1 :])))
            for variant in dict.fromkeys((word, *(word[:k] + word[k + 1 :] for k in range(len(word))))):
                group = seen.setdefault(f"{rest}|{variant}", {})
                for other_word, other in group.items():
                    if other.entry.id != name.entry.id and _one_edit(other_word, word):
                        yield other, name
                group.setdefault(word, name)


def _one_edit(a: str, b: str) -> bool:
    """Whether one letter was inserted, deleted or replaced, or two neighbours were swapped, in words long enough."""
    if len(a) > len(b):
        a, b = b, a
    if a == b or len(b) < WORD or len(b) - len(a) > 1:
        return False
    head = next((n for n in range(len(a)) if a[n] != b[n]), len(a))
    if len(a) < len(b):
        return a[head:] == b[head + 1 :]
    if len(a) < WORD:
        return False
    swapped = a[head : head + 2] == b[head : head + 2][::-1] and a[head + 2 :] == b[head + 2 :]
    return a[head + 1 :] == b[head + 1 :] or swapped


def _related(corpus: Corpus, kind: Kind, one: str, other: str) -> bool:
    """Whether the file of one refers to the other."""
    pairs: tuple[tuple[Key, Key], ...] = (((kind, one), (kind, other)), ((kind, other), (kind, one)))
    return any(tied.key == b for a, b in pairs for tied in corpus.backlinks.get(a, ()))


def _place(corpus: Corpus, kind: Kind, name: _Name) -> tuple[str, Path]:
    """Where a name is written; for an entry without a file, where it is first mentioned."""
    if name.entry.files:
        return sidecar(name.entry) or name.entry.files[0], name.at
    key: Key = (kind, name.entry.id)
    for index in (corpus.mentions, corpus.statements_by, corpus.statements_via):
        for ref in index.get(key, ()):
            return sidecar(corpus.article(ref.article)), (f"{ref.list}s", ref.n - 1)
    for article in corpus.articles_of.get(key[1], ()) if kind == "sources" else ():
        return sidecar(corpus.article(article)), ("source",)
    return "", ()
