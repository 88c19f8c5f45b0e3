"""Briefs as text: those that were written, and those that are assembled of what became known in a period."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.analysis import history
from sitrep.analysis.history import Digest
from sitrep.export import assembled, plain
from sitrep.export.holding import ExportContext, File


def files(h: ExportContext) -> Iterator[File]:
    """`ID.md` for each brief, `PERIOD.md` and `PERIOD/TOPIC.md` for each that is assembled: the paths of their pages.

    What moved is given to the text as a value, so that it is made again when that changes, as the page is.
    """
    yield from (File(f"{id}.md") for id in h.corpus.entries["briefs"])
    for whole in h.digests:
        yield File(f"{whole.period.id}.md", (whole, ""))
        for topic in history.topics_of(h.corpus, whole):
            yield File(f"{whole.period.id}/{topic}.md", (history.of_topic(h.corpus, whole, topic), topic))


def file(h: ExportContext, made: File) -> Iterator[bytes]:
    yield _text(h, made).encode("utf-8", "replace")


def _text(h: ExportContext, made: File) -> str:
    if made.of:
        digest, topic = made.of
        assert isinstance(digest, Digest)
        return assembled.brief(h, digest, topic)
    return plain.brief(h, h.corpus.entries["briefs"][made.name.removesuffix(".md")])
