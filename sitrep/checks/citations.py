"""Statements of a brief that cite nothing (ICD 206: a reference wherever a judgment depends on a source)."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks import files
from sitrep.checks.passages import Passage, passages, short
from sitrep.corpus import Corpus
from sitrep.problems import WARNING, Problem
from sitrep.read import markdown
from sitrep.records import Brief

SECTIONS = frozenset(("background", "discussion"))
"""Where a brief says what is so, as against what it is about, what may come, and what is not known."""


def uncited(corpus: Corpus) -> Iterator[Problem]:
    """A key judgment that rests on nothing, and a paragraph or an item that cites nothing.

    Paragraphs are those under Background and Discussion; of a brief without headings, all.
    """
    for entry in corpus.entries["briefs"].values():
        assert isinstance(entry.record, Brief)
        for n, judgment in enumerate(entry.record.key_judgments):
            if not judgment.rests_on and not markdown.references(f"{judgment.text} {judgment.because}"):
                yield Problem(
                    code="uncited",
                    severity=WARNING,
                    file=files.sidecar(entry),
                    at=("key_judgments", n),
                    message="this key judgment cites nothing",
                    hint="add rests_on: with claims, or [[…]] to its reasons",
                )
        found = list(passages(entry.prose.html))
        notes = {passage.item for passage in found if _cites(passage)} - {""}
        bare = not any(passage.tag[:1] == "h" for passage in found)
        for passage in found:
            states = passage.tag in ("p", "li") and not passage.quoted and not passage.item
            if not states or not (bare or any(heading.casefold() in SECTIONS for heading in passage.headings)):
                continue
            if _cites(passage) or any(f'href="#{note}"' in passage.html for note in notes):
                continue
            if passage.text.endswith(":") or len(passage.text.split()) < 4:
                continue
            where = f" under {passage.headings[-1]}" if passage.headings else ""
            what = "paragraph" if passage.tag == "p" else "item"
            yield Problem(
                code="uncited",
                severity=WARNING,
                file=files.prose(entry),
                message=f"this {what}{where} cites nothing: “{short(passage.text)}”",
                hint="link what it stands on: [[article:ID#claim-1|words]] or [[claim:ID]]",
            )


def _cites(passage: Passage) -> bool:
    return "<a data-ref=" in passage.html
