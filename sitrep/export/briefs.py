"""The files of the `text` format: written briefs and automatic summaries of a period, as plain Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.analysis import history
from sitrep.analysis.history import Digest
from sitrep.export import brief_markdown, digest_markdown
from sitrep.export.context import ExportContext, File


def files(context: ExportContext) -> Iterator[File]:
    """`ID.md` for each brief, `PERIOD.md` and `PERIOD/TOPIC.md` for each automatic summary, like the pages.

    A digest is passed as a value, so that its file is invalidated when the digest changes.
    """
    yield from (File(f"{id}.md") for id in context.corpus.entries["briefs"])
    for whole in context.digests:
        yield File(f"{whole.period.id}.md", (whole, ""))
        for topic in history.topics_of(context.corpus, whole):
            yield File(f"{whole.period.id}/{topic}.md", (history.of_topic(context.corpus, whole, topic), topic))


def file(context: ExportContext, target: File) -> Iterator[bytes]:
    yield _text(context, target).encode("utf-8", "replace")


def _text(context: ExportContext, file: File) -> str:
    if file.values:
        digest, topic = file.values
        assert isinstance(digest, Digest)
        return digest_markdown.render(context, digest, topic)
    return brief_markdown.render(context, context.corpus.entries["briefs"][file.name.removesuffix(".md")])
