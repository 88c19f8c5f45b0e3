"""What a citation in a brief refers to: `[[claim:x]]`, `[[article:x#claim-3]]`, `[[event:x]]`."""

from __future__ import annotations

import re
from typing import NamedTuple

from sitrep.corpus.corpus import AnnotationRef, Corpus, Key

CITED = ("articles", "claims", "events")
"""Kinds that can be evidence; links to others are plain links."""
_FRAGMENT = re.compile(r"(claim|event)-(\d+)(?:-\d+)?", re.ASCII)


class Target(NamedTuple):
    """What a citation refers to: an entry and, for an article, one of its annotations. No key: the entry is not
    here."""

    key: Key | None
    ref: AnnotationRef | None = None
    raw: str = ""
    """The text of a citation of an absent entry: two different texts are two references."""


def target(corpus: Corpus, raw: str, key: Key | None, fragment: str) -> Target | None:
    """What is cited; None when it cannot be evidence."""
    if key is None:
        prefix, colon, _ = raw.partition("#")[0].partition(":")
        return None if colon and f"{prefix}s" not in CITED else Target(None, raw=raw.partition("#")[0])
    if key[0] not in CITED:
        return None
    match = _FRAGMENT.fullmatch(fragment) if key[0] == "articles" else None
    if match:
        entry = corpus.entries["articles"][key[1]]
        ref = AnnotationRef(key[1], match[1], int(match[2]))
        annotations = getattr(entry.record, f"{ref.list}s")
        if 1 <= ref.n <= len(annotations) and (ref.list, ref.n) not in entry.unanchored:
            return Target(key, ref)
    return Target(key)
