"""What a citation in a brief means: `[[claim:x]]`, `[[article:x#claim-3]]`, `[[event:x]]`."""

from __future__ import annotations

import re
from typing import NamedTuple

from sitrep.corpus.corpus import AnnotationRef, Corpus, Key

CITED = ("articles", "claims", "events")
"""Kinds that are evidence; links to others are links."""
_FRAGMENT = re.compile(r"(claim|event)-(\d+)(?:-\d+)?", re.ASCII)


class Target(NamedTuple):
    """What a citation means: a thing and, of an article, one of its annotations; no key where it is not here."""

    key: Key | None
    said: AnnotationRef | None = None
    raw: str = ""
    """What an absent one is written as: two that differ are two references."""


def target(corpus: Corpus, raw: str, key: Key | None, fragment: str) -> Target | None:
    """What is cited; None when it is no evidence."""
    if key is None:
        prefix, colon, _ = raw.partition("#")[0].partition(":")
        return None if colon and f"{prefix}s" not in CITED else Target(None, raw=raw.partition("#")[0])
    if key[0] not in CITED:
        return None
    match = _FRAGMENT.fullmatch(fragment) if key[0] == "articles" else None
    if match:
        entry = corpus.entries["articles"][key[1]]
        said = AnnotationRef(key[1], match[1], int(match[2]))
        made = getattr(entry.record, f"{said.list}s")
        if 1 <= said.n <= len(made) and (said.list, said.n) not in entry.faulty:
            return Target(key, said)
    return Target(key)
