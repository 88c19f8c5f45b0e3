"""A raw report becomes an article and a sidecar, with the names found in it as proposed mentions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sitrep.anchoring import quotes
from sitrep.anchoring.quotes import Matchable, Span
from sitrep.corpus.corpus import Corpus
from sitrep.edit.yaml_edit import scalar
from sitrep.importers.files import create
from sitrep.model import dates, ids
from sitrep.model.entries import words
from sitrep.model.records import Actor, Source
from sitrep.parse import markdown
from sitrep.parse.text import decode
from sitrep.problems import Problem, Unusable
from sitrep.project import Project

TITLE = 90
"""Length, in characters, of a title proposed from the first line."""


class Imported(NamedTuple):
    """What an import wrote, and what it proposes: ids, with the number of places of each."""

    id: str
    files: tuple[Path, Path]
    proposed: dict[str, int]
    problems: list[Problem]


def report(
    project: Project,
    corpus: Corpus,
    path: Path,
    *,
    id: str = "",
    source: str = "",
    published: str = "",
    url: str = "",
    encoding: str = "utf-8",
) -> Imported:
    """Import one `.txt` or `.md` file. Raises Unusable, having written nothing, if that is impossible."""
    if path.suffix not in (".txt", ".md"):
        raise Unusable(f"{path} is neither .txt nor .md")
    text, problems = _text(path, encoding)
    form = "text" if path.suffix == ".txt" else "markdown"
    prose, rendering = markdown.render(text, str(path), form=form, base=url)
    problems += rendering
    if prose is None:
        raise Unusable(f"{path} cannot be imported", problems)
    if published:
        try:
            dates.parse(published)
        except dates.DateError as error:
            raise Unusable(f"--published: {error}" + (f" ({error.hint})" if error.hint else "")) from None
    if url and not url.lower().startswith(("http://", "https://")):
        raise Unusable(f"--url: {url!r} is no web address: it should begin with https://")
    title = _title(prose.text)
    id = id or "-".join(part for part in (re.sub(r"[^0-9A-Za-z-]+", "", published), ids.slug(title)) if part)
    for what, value in (("the id", id), ("--source", source)):
        if (fault := ids.fault(value)) and (value or what == "the id"):
            raise Unusable(f"{what}: {fault}; pass --id ID" if what == "the id" else f"{what}: {fault}")
    names = known(corpus, prose.text)
    sidecar = _sidecar(title, source, published, url, form, text, names)
    folder = project.content / "articles"
    twin = next((p for p in folder.glob("*") if p.stem.casefold() == id.casefold()), None) if folder.is_dir() else None
    if twin:
        raise Unusable(f"{twin} exists already; nothing was written. Pass --id ID to choose another")
    files = (folder / f"{id}.md", folder / f"{id}.yaml")
    create({files[0]: text, files[1]: sidecar})
    return Imported(id, files, {name: len(spans) for name, spans in names.items()}, problems)


def known(corpus: Corpus, text: str) -> dict[str, list[Span]]:
    """The actors and sources whose name or alias occurs in the text, with the places; the longest match wins."""
    ready = Matchable(text)
    hits = []
    for norm, holders in _names(corpus).items():
        for span in quotes.occurrences(ready, norm):
            if quotes.stands_alone(text, span):
                hits.append((span[0], span[0] - span[1], span, "\n".join(holders)))
    places: dict[str, list[Span]] = {}
    for span, holders_text in quotes.longest(hits):
        for holder in holders_text.split("\n"):
            places.setdefault(holder, []).append(span)
    return places


def _names(corpus: Corpus) -> dict[str, list[str]]:
    """Each name and alias in matched form → who bears it, as a sidecar writes them."""
    table: dict[str, list[str]] = {}
    for kind, prefix in (("actors", "actor:"), ("sources", "source:")):
        for entry in corpus.entries[kind].values():  # type: ignore[index]
            record = entry.record
            names: Iterable[str] = (entry.name,)
            if isinstance(record, (Actor, Source)) and entry.files:
                names = (entry.name, *record.aliases)
            elif not entry.files:
                names = (words(entry.id), words(entry.id).upper())
            both = corpus.resolve(entry.id, ("actors", "sources")) != (kind, entry.id)
            written = prefix + entry.id if both else entry.id
            for name in dict.fromkeys(names):
                norm = quotes.normal(name)
                if norm and written not in table.setdefault(norm, []):
                    table[norm].append(written)
    return table


def _text(path: Path, encoding: str) -> tuple[str, list[Problem]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None
    if encoding.lower().replace("-", "") not in ("utf8", "utf8sig"):
        try:
            data = data.decode(encoding).encode()
        except (LookupError, UnicodeError) as error:
            raise Unusable(f"{path} cannot be read as {encoding}: {error}") from None
    text, problems = decode(data, str(path))
    if text is None:
        raise Unusable(f"{path} cannot be imported; --encoding NAME reads other encodings", problems)
    return text, problems


def _title(text: str) -> str:
    line = next((line.strip() for line in text.split("\n") if line.strip()), "Untitled")
    line = " ".join("".join(c if c.isprintable() else " " for c in line).split())
    if len(line) > TITLE:
        line = line[:TITLE].rpartition(" ")[0] or line[:TITLE]
        line = line.rstrip(",;:–—- ") + "…"
    return line


def _sidecar(
    title: str, source: str, published: str, url: str, form: str, text: str, names: dict[str, list[Span]]
) -> str:
    lines = [
        "# yaml-language-server: $schema=../.schema/article.json",
        f"title: {scalar(f'[{title}]')}   # proposed: brackets say that the words are ours; take them off a headline",
        f"source: {scalar(source)}" if source else "# source: ID                  # who published this text",
        "# via: [ID]                   # where it says it has it from",
        f"url: {scalar(url)}" if url else "# url: https://…",
        f"published: {scalar(published)}" if published else "# published: 2024-12-05      # EDTF date",
        "# language: en",
        "# marking: TLP:CLEAR          # who may see it; without one it is withheld",
        "# rights: excerpt             # full | excerpt | metadata",
        "status: draft                 # reviewed, once a person has confirmed what is below",
        *(["format: text                  # a line is a paragraph, nothing is markup"] if form == "text" else []),
        f"text_sha256: {hashlib.sha256(text.encode()).hexdigest()}",
    ]
    if names:
        lines += ["actors:                       # found by name: confirm each by deleting ‘proposed’, or delete it"]
        for id, spans in names.items():
            at = ", ".join(f"{start}-{end}" for start, end in spans)
            lines.append(f"  - {{id: {scalar(id)}, proposed: true, at: [{at}]}}")
    lines += [
        "# events:",
        "#   - {id: ID, by: [ID], quote: the words that say it happened}",
        "# claims:",
        "#   - id: ID",
        "#     by: [ID]                 # who says so; leave out when the text does not say",
        "#     quote: |-",
        "#       the words that say so, exactly",
    ]
    return "\n".join(lines) + "\n"
