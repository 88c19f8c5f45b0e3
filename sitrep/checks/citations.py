"""Statements of a brief that cite nothing (ICD 206: a reference wherever a judgment depends on a source)."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

from sitrep.checks import files
from sitrep.checks.passages import Passage, passages, short
from sitrep.corpus.corpus import Corpus
from sitrep.model.records import Brief
from sitrep.parse import markdown
from sitrep.problems import INFO, WARNING, Problem

SECTIONS = frozenset(("background", "discussion"))
"""Headings under which a brief says what is so, as against its subject, its outlook and its gaps."""


PARTS = {
    "Scope": ("scope",),
    "Alternatives": ("alternative",),
    "Outlook and indicators": ("outlook", "indicator", "watch"),
    "Gaps and assumptions": ("gap", "assumption"),
}
"""Sections that a brief has in prose, by words of their headings. The others come from data or from its citations."""


def anatomy(corpus: Corpus) -> Iterator[Problem]:
    """The parts that a brief lacks, in one line."""
    for entry in corpus.entries["briefs"].values():
        record = entry.record
        assert isinstance(record, Brief)
        if record.language and not record.language.lower().startswith("en"):
            continue  # headings are recognised in English
        values = {"title": record.title, "date": record.date, "summary": record.summary}
        lacks = [f"{key}:" for key, value in (*values.items(), ("key_judgments", record.key_judgments)) if not value]
        headings = [p.text.casefold() for p in passages(entry.prose.html) if p.tag[:1] == "h"]
        for name, words in PARTS.items():
            if not any(word in heading for word in words for heading in headings):
                lacks.append(f"## {name}")
        if lacks:
            yield Problem(
                code="anatomy",
                severity=INFO,
                file=entry.files[0],
                message=f"this brief lacks {', '.join(lacks)}",
                hint="keys go into the .yaml, sections into the .md",
            )


def uncited(corpus: Corpus) -> Iterator[Problem]:
    """A key judgment that rests on nothing, and a paragraph or an item that cites nothing.

    Paragraphs are those under Background and Discussion; of a brief without headings, all.
    """
    for entry in corpus.entries["briefs"].values():
        assert isinstance(entry.record, Brief)
        for n, judgment in enumerate(entry.record.key_judgments):
            cited = markdown.references(f"{judgment.text} {judgment.because}")
            if not judgment.rests_on and not any(_evidence(corpus, raw) for raw in cited):
                yield Problem(
                    code="uncited",
                    severity=WARNING,
                    file=files.sidecar(entry),
                    at=("key_judgments", n),
                    message="this key judgment cites nothing",
                    hint="add rests_on: with claims, or [[…]] to its reasons",
                )
        all_passages = list(passages(entry.prose.html))
        notes = {passage.item for passage in all_passages if _cites(corpus, passage)} - {""}
        bare = not any(passage.tag[:1] == "h" for passage in all_passages)
        for passage in all_passages:
            states = passage.tag in ("p", "li") and not passage.quoted and not passage.item
            if not states or not (bare or any(heading.casefold() in SECTIONS for heading in passage.headings)):
                continue
            if _cites(corpus, passage) or any(f'href="#{note}"' in passage.html for note in notes):
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


def _cites(corpus: Corpus, passage: Passage) -> bool:
    return any(_evidence(corpus, unescape(match[1])) for match in markdown.REFERENCE.finditer(passage.html))


def _evidence(corpus: Corpus, raw: str) -> bool:
    """Whether a link is a citation: one to an actor is not. Broken links are reported elsewhere."""
    key, _ = corpus.target(raw)
    return key is None or key[0] in ("articles", "claims", "events")
