"""The export formats, by their names in `sitrep export` and in `exports:` of config.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from sitrep.export import briefs, citations, followthemoney, graph, spreadsheet, sqlite, stix, web_annotation
from sitrep.export.context import ExportContext, File
from sitrep.parse.config import Export
from sitrep.views.outputs import Beside, Media, Output


class Format(NamedTuple):
    """A format of one file or, with `several`, of a folder of files; `path` is below `data/` on the site."""

    path: str
    make: Callable[[ExportContext, File], Iterator[bytes]]
    """The content of one file in chunks; no word is split between two chunks."""
    several: Callable[[ExportContext], Iterator[File]] | None = None
    """Lists the files of the folder."""
    media: Media = "data"
    binary: bool = False
    """A database: the leak guard cannot search its bytes."""

    def files(self, context: ExportContext) -> Iterator[File]:
        """The files to make."""
        return self.several(context) if self.several else iter((File(""),))


def _single(make: Callable[[ExportContext], Iterator[bytes]]) -> Callable[[ExportContext, File], Iterator[bytes]]:
    return lambda context, _: make(context)


FORMATS: dict[Export, Format] = {
    "stix": Format("stix.json", _single(stix.bundle)),
    "ftm": Format("entities.ftm.json", _single(followthemoney.entities)),
    "annotations": Format("annotations", web_annotation.file, web_annotation.files),
    "csl": Format("references.csl.json", _single(citations.csl)),
    "bibtex": Format("references.bib", _single(citations.bibtex)),
    "csv": Format("csv", spreadsheet.file, spreadsheet.files),
    "graphml": Format("graph.graphml", _single(graph.graphml), media="xml"),
    "sqlite": Format("sitrep.sqlite", _single(sqlite.database), binary=True),
    "text": Format("briefs", briefs.file, briefs.files),
}
FOLDER = "data"
"""The folder of the site for exports."""


def outputs(context: ExportContext) -> Iterator[Output]:
    """The export files of the site, in the formats of the configuration."""
    for name in dict.fromkeys(context.config.exports):
        form = FORMATS[name]
        for file in form.files(context):
            path = f"{FOLDER}/{form.path}" + (f"/{file.name}" if file.name else "")
            yield Output("", "", partial(content, context, name, file, context.now), (Beside(path, bytes, form.media),))


def content(context: ExportContext, name: Export, file: File, now: str) -> bytes:
    """The content of one file. A fresh context makes sure that everything it depends on is recorded for this file."""
    return b"".join(FORMATS[name].make(context.fresh(), file))
