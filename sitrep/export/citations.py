"""CSL-JSON and BibTeX (biblatex): the articles and the briefs as references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.export.holding import ExportContext, web
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import Article, Brief, Date


class _Reference(NamedTuple):
    """A reference, before it is written in either format."""

    key: Key
    title: str
    publisher: str
    date: Date | None
    accessed: Date | None
    url: str
    archived: str
    language: str
    abstract: str
    marking: str


def _works(h: ExportContext) -> Iterator[_Reference]:
    for entry in h.things("articles", "briefs"):
        yield _article(h, entry) if entry.kind == "articles" else _brief(h, entry)


def _article(h: ExportContext, entry: Entry) -> _Reference:
    record = cast(Article, entry.record)
    publisher = h.name(("sources", record.source)) if record.source else ""
    return _Reference(
        *(("articles", entry.id), entry.name, publisher, record.published, record.captured),
        *(web(record.url) or h.address(("articles", entry.id)), web(record.archived), record.language),
        *(h.words(record.summary), h.marking(entry)),
    )


def _brief(h: ExportContext, entry: Entry) -> _Reference:
    record = cast(Brief, entry.record)
    return _Reference(
        *(("briefs", entry.id), entry.name, h.config.title, record.date, None, h.address(("briefs", entry.id)), ""),
        *(record.language or h.config.language, h.uncited(record.summary), h.marking(entry)),
    )


def _note(h: ExportContext, work: _Reference) -> str:
    return f"NOT FOR RELEASE; {work.marking}" if h.preview else work.marking


# -- CSL-JSON ---------------------------------------------------------------------------------------------------------


def csl(h: ExportContext) -> Iterator[bytes]:
    """CSL-JSON 1.0.2, one item a line."""
    yield b"[\n"
    for n, work in enumerate(_works(h)):
        yield (b",\n" if n else b"") + msgspec.json.encode(_item(h, work))
    yield b"\n]\n"


def _item(h: ExportContext, work: _Reference) -> dict[str, Any]:
    kind, id = work.key
    said = {
        "id": id if kind == "articles" else f"brief:{id}",
        "type": "article-newspaper" if kind == "articles" else "report",
        "title": work.title,
        "container-title" if kind == "articles" else "publisher": work.publisher,
        "issued": _csl_date(work.date),
        "accessed": _csl_date(work.accessed),
        "URL": work.url,
        "archive_location": work.archived,
        "language": work.language,
        "abstract": work.abstract,
        "note": _note(h, work),
    }
    return {key: value for key, value in said.items() if value}


def _csl_date(date: Date | None) -> dict[str, Any]:
    """As precise as the date is: parts that it does not have are left out."""
    if date is None:
        return {}
    start, end = iso(date)
    ends = [start or end] if start == end or not start or not end else [start, end]
    made: dict[str, Any] = {"date-parts": [[int(part) for part in day.split("-")] for day in ends]}
    if date.uncertain or date.approximate:
        made["circa"] = True
    return made


# -- BibTeX -----------------------------------------------------------------------------------------------------------


def bibtex(h: ExportContext) -> Iterator[bytes]:
    """An entry for each work; `date` is biblatex's, which takes months, years and intervals."""
    if h.preview:
        yield b"% NOT FOR RELEASE: a preview that shows what is withheld.\n\n"
    for work in _works(h):
        yield _entry(h, work).encode("utf-8", "replace")


def _entry(h: ExportContext, work: _Reference) -> str:
    article = work.key[0] == "articles"
    fields = {
        "title": f"{{{_latex(work.title)}}}",
        "journaltitle" if article else "institution": _latex(work.publisher),
        "date": _bib_date(work.date),
        "urldate": iso(work.accessed)[0],
        "url": _address(work.url),
        "langid": work.language,
        "abstract": _latex(work.abstract),
        "note": _latex(_note(h, work)),
        **({} if article else {"type": "Brief"}),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{'article' if article else 'report'}{{{_key(h, work.key)},\n" + ",\n".join(lines) + "\n}\n\n"


def _key(h: ExportContext, key: Key) -> str:
    """The id where BibTeX can have it; ids in other scripts become ones made of them."""
    prefix = "" if key[0] == "articles" else "brief:"
    return prefix + (key[1] if re.fullmatch(r"[0-9A-Za-z._-]+", key[1]) else h.uuid(*key))


def _bib_date(date: Date | None) -> str:
    if date is None:
        return ""
    start, end = iso(date)
    mark = "?" * date.uncertain or "~" * date.approximate
    if not start:
        return f"/{end}"
    return start + mark if start == end else f"{start}/{end}"


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _latex(text: str) -> str:
    """Text that LaTeX prints as it is. Braces are written so that they stay balanced, escaped or not."""
    text = " ".join(text.split())
    if text.count("{") != text.count("}") or _falls(text):
        text = text.replace("{", "(").replace("}", ")")
    return "".join(_SPECIAL.get(c, c) for c in text)


def _falls(text: str) -> bool:
    """Whether a brace closes that was not opened: BibTeX counts them even where they are escaped."""
    depth = 0
    for c in text:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return True
    return False


def _address(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")
