"""Every format, by the name that `sitrep export` and `exports:` in config.yaml give it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from sitrep.export import citations, graph, money, spreadsheet, sqlite, stix, texts, web_annotation
from sitrep.export.holding import ExportContext, File
from sitrep.parse.config import Export
from sitrep.views.outputs import Beside, Output


class Format(NamedTuple):
    """`path` is that of the file, or of the folder when there are several, below `data/` on the site."""

    path: str
    what: str
    make: Callable[[ExportContext, File], Iterator[bytes]]
    """The content of one file, piece by piece; no word stands across two pieces."""
    several: Callable[[ExportContext], Iterator[File]] | None = None
    """The files in the folder, where it is several."""
    binary: bool = False
    """A database: what is in it is not to be read from its bytes."""

    def files(self, h: ExportContext) -> Iterator[File]:
        """What `make` is asked for."""
        yield from self.several(h) if self.several else (File(""),)


def _one(make: Callable[[ExportContext], Iterator[bytes]]) -> Callable[[ExportContext, File], Iterator[bytes]]:
    return lambda h, _: make(h)


FORMATS: dict[Export, Format] = {
    "stix": Format("stix.json", "STIX 2.1, one bundle", _one(stix.bundle)),
    "ftm": Format("entities.ftm.json", "FollowTheMoney, an entity a line", _one(money.entities)),
    "annotations": Format(
        "annotations", "W3C Web Annotation, one for each article", web_annotation.file, web_annotation.files
    ),
    "csl": Format("references.csl.json", "CSL-JSON: articles and briefs as references", _one(citations.csl)),
    "bibtex": Format("references.bib", "BibTeX: the same", _one(citations.bibtex)),
    "csv": Format("csv", "CSV, a file for each table", spreadsheet.file, spreadsheet.files),
    "graphml": Format("graph.graphml", "GraphML: things, statements and ties", _one(graph.graphml)),
    "sqlite": Format("sitrep.sqlite", "everything as one SQLite database", _one(sqlite.database), binary=True),
    "text": Format("briefs", "each brief as plain Markdown", texts.file, texts.files),
}
FOLDER = "data"
"""Of the site, where exports lie."""


def outputs(h: ExportContext) -> Iterator[Output]:
    """The files of the formats that the configuration turns on, for the site."""
    for name in dict.fromkeys(h.config.exports):
        form = FORMATS[name]
        for file in form.files(h):
            path = f"{FOLDER}/{form.path}" + (f"/{file.name}" if file.name else "")
            yield Output("", "", partial(content, h, name, file, h.now), (Beside(path, bytes),))


def content(h: ExportContext, name: Export, file: File, now: str) -> bytes:
    """One file, whole. What it looks at is noted anew for each, so nothing that another has looked up is used."""
    return b"".join(FORMATS[name].make(h.anew(), file))
