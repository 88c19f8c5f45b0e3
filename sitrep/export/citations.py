"""CSL-JSON and BibTeX (biblatex): articles and briefs as bibliographic references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec

from sitrep.corpus.corpus import Key
from sitrep.export.context import ExportContext, web_address
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import Article, Brief, Date


class _Reference(NamedTuple):
    """A reference, independent of the format."""

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


def _works(context: ExportContext) -> Iterator[_Reference]:
    for entry in context.entries("articles", "briefs"):
        yield _article(context, entry) if entry.kind == "articles" else _brief(context, entry)


def _article(context: ExportContext, entry: Entry) -> _Reference:
    record = cast(Article, entry.record)
    publisher = context.name(("sources", record.source)) if record.source else ""
    return _Reference(
        *(("articles", entry.id), entry.name, publisher, record.published, record.captured),
        *(
            web_address(record.url) or context.address(("articles", entry.id)),
            web_address(record.archived),
            record.language,
        ),
        *(context.words(record.summary), context.marking(entry)),
    )


def _brief(context: ExportContext, entry: Entry) -> _Reference:
    record = cast(Brief, entry.record)
    return _Reference(
        *(
            ("briefs", entry.id),
            entry.name,
            context.config.title,
            record.date,
            None,
            context.address(("briefs", entry.id)),
            "",
        ),
        *(record.language or context.config.language, context.uncited(record.summary), context.marking(entry)),
    )


def _note(context: ExportContext, work: _Reference) -> str:
    return f"NOT FOR RELEASE; {work.marking}" if context.preview else work.marking


# -- CSL-JSON ---------------------------------------------------------------------------------------------------------


def csl(context: ExportContext) -> Iterator[bytes]:
    """CSL-JSON 1.0.2, one item a line."""
    yield b"[\n"
    for n, work in enumerate(_works(context)):
        yield (b",\n" if n else b"") + msgspec.json.encode(_item(context, work))
    yield b"\n]\n"


def _item(context: ExportContext, work: _Reference) -> dict[str, Any]:
    kind, id = work.key
    fields = {
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
        "note": _note(context, work),
    }
    return {key: value for key, value in fields.items() if value}


def _csl_date(date: Date | None) -> dict[str, Any]:
    """A date or an interval, with the parts (year, month, day) that it has."""
    if date is None:
        return {}
    start, end = iso(date)
    ends = [start or end] if start == end or not start or not end else [start, end]
    csl_date: dict[str, Any] = {"date-parts": [[int(part) for part in day.split("-")] for day in ends]}
    if date.uncertain or date.approximate:
        csl_date["circa"] = True
    return csl_date


# -- BibTeX -----------------------------------------------------------------------------------------------------------


def bibtex(context: ExportContext) -> Iterator[bytes]:
    """An entry for each work, with the `date` field of biblatex, which allows months, years and intervals."""
    if context.preview:
        yield b"% NOT FOR RELEASE: a preview that shows what is withheld.\n\n"
    for work in _works(context):
        yield _entry(context, work).encode("utf-8", "replace")


def _entry(context: ExportContext, work: _Reference) -> str:
    article = work.key[0] == "articles"
    fields = {
        "title": f"{{{_latex(work.title)}}}",
        "journaltitle" if article else "institution": _latex(work.publisher),
        "date": _bib_date(work.date),
        "urldate": iso(work.accessed)[0],
        "url": _address(work.url),
        "langid": work.language,
        "abstract": _latex(work.abstract),
        "note": _latex(_note(context, work)),
        **({} if article else {"type": "Brief"}),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{'article' if article else 'report'}{{{_key(context, work.key)},\n" + ",\n".join(lines) + "\n}\n\n"


def _key(context: ExportContext, key: Key) -> str:
    """The id, if BibTeX allows its characters; otherwise a UUID made from it."""
    prefix = "" if key[0] == "articles" else "brief:"
    return prefix + (key[1] if re.fullmatch(r"[0-9A-Za-z._-]+", key[1]) else context.uuid(*key))


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
    """Text with special characters escaped. Unbalanced braces become parentheses, since BibTeX counts escaped ones."""
    text = " ".join(text.split())
    if text.count("{") != text.count("}") or _closes_early(text):
        text = text.replace("{", "(").replace("}", ")")
    return "".join(_SPECIAL.get(c, c) for c in text)


def _closes_early(text: str) -> bool:
    """Whether a brace closes before it was opened."""
    depth = 0
    for c in text:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return True
    return False


def _address(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")
