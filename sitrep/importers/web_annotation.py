"""W3C Web Annotation and Hypothesis: annotations of existing articles, or of text files beside the imported file.

An annotation identifies its article by its target address: the `url` or `archived` of an article, the address of its
page, or a text file beside the annotations, which then becomes an article. The quote is searched for in the text; its
position only decides between several places.

"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from sitrep.anchoring import quotes as anchors
from sitrep.anchoring.quotes import AnchorFault, Matchable, Span
from sitrep.corpus.corpus import Corpus
from sitrep.importers.drafts import (
    GROUPS,
    FileProblems,
    Incoming,
    Made,
    Result,
    add,
    identifier,
    line,
    line_of,
    parsed,
    quoted,
    rendered,
    words,
    write_articles,
)
from sitrep.model.records import PLURAL, STANCES, Quote
from sitrep.parse.text import decode
from sitrep.problems import Unusable
from sitrep.project import Project


def web_annotation(project: Project, corpus: Corpus, path: Path) -> Result:
    """Import a collection, a page, a list, or an export of Hypothesis. Raises Unusable."""
    data, text = parsed(path)
    items = list(_items(data))
    if not items:
        raise Unusable(f"{path} holds no annotations: a collection, a page, a list, or Hypothesis's rows")
    problems = FileProblems(path)
    reader = _AnnotationReader(project, corpus, path, problems)
    for n, item in enumerate(items, 1):
        number = line_of(text, item.get("id")) if isinstance(item, dict) else 0
        if isinstance(item, dict):
            reader.take(item, n, number)
        else:
            problems.skip(number, f"annotation {n} is no mapping")
    return Result(reader.write(), problems.problems)


def _items(data: Any) -> Iterator[Any]:
    """The annotations in any of these containers."""
    if isinstance(data, list):
        yield from data
    elif isinstance(data, dict):
        for name in ("items", "rows", "annotations"):
            if isinstance(data.get(name), list):
                yield from data[name]
                return
        if isinstance(data.get("first"), dict):
            yield from _items(data["first"])
        elif "target" in data:
            yield data


class _Target:
    """A text that annotations are about: of an existing article, or of one to be created."""

    def __init__(self, id: str, text: str, source: str = "") -> None:
        self.id = id
        self.ready = Matchable(text)
        self.source = source
        """The text, where the article is new."""
        self.added: dict[str, list[Made]] = {group: [] for group in GROUPS}


class _AnnotationReader:
    def __init__(self, project: Project, corpus: Corpus, path: Path, problems: FileProblems) -> None:
        self.project = project
        self.corpus = corpus
        self.path = path
        self.problems = problems
        self.texts: dict[str, _Target | None] = {}
        self.articles: dict[str, _Target] = {}
        self.addresses: dict[str, str] = {}
        for entry, record in corpus.articles:
            for address in (record.url, record.archived):
                if address:
                    self.addresses.setdefault(_bare(address), entry.id)

    def write(self) -> list[Path]:
        files: list[Path] = []
        for text in self.articles.values():
            if not any(text.added.values()):
                continue
            if text.source:
                title = next((part for part in text.source.split("\n") if part.strip()), "Untitled")
                fields = {"title": f"[{line(title, 90)}]"}
                article = Incoming(text.id, text.source, fields, **cast(Any, text.added))
                files += write_articles(self.project, [(0, article)], self.problems)
            else:
                files += add(self.project, text.id, text.added, self.problems)
        return files

    # -- one annotation -------------------------------------------------------------------------------------------

    def take(self, item: dict[str, Any], n: int, number: int) -> None:
        targets = item.get("target")
        targets = targets if isinstance(targets, list) else [targets]
        taken: list[tuple[_Target, Made]] = []
        for target in targets:
            annotation = self._target(item, target, n, number)
            if annotation is None:
                return
            taken.append(annotation)
        if not taken or any(text is not taken[0][0] for text, _ in taken):
            self.problems.skip(number, f"annotation {n} has no target, or several in different texts")
            return
        self._add(taken[0][0], [quote for _, quote in taken], item)

    def _target(self, item: dict[str, Any], target: Any, n: int, number: int) -> tuple[_Target, Made] | None:
        source = item.get("uri")
        selectors: list[Any] = []
        if isinstance(target, dict):
            source = target.get("source") or source
            selector_data = target.get("selector")
            selectors = selector_data if isinstance(selector_data, list) else [selector_data]
        source = source.get("id") if isinstance(source, dict) else source
        text = self._text(words(source))
        if text is None:
            message = f"annotation {n} is of {line(source, 80) or 'no address'!r}, which no article here has"
            self.problems.skip(number, message, "import the text first, with --url; it is skipped")
            return None
        span = _place(text.ready, [one for one in selectors if isinstance(one, dict)])
        if isinstance(span, str):
            self.problems.skip(number, f"annotation {n}: {span}")
            return None
        quote = quoted(text.ready, *span)
        if quote is None:
            self.problems.skip(number, f"annotation {n} stands where no quote can mean it")
            return None
        return text, quote

    def _text(self, source: str) -> _Target | None:
        if source not in self.texts:
            self.texts[source] = self._text_of(source) if source else None
        return self.texts[source]

    def _text_of(self, source: str) -> _Target | None:
        id = self.addresses.get(_bare(source), "")
        name = unquote(source.partition("#")[0].rpartition("/")[2])
        stem, _, ending = name.rpartition(".")
        if not id and ending in ("html", "txt") and stem in self.corpus.entries["articles"]:
            id = stem
        if id:
            entry = self.corpus.article(id)
            if not any(file.endswith(".md") for file in entry.files):
                return None
            return self.articles.setdefault(id, _Target(id, entry.prose.text))
        beside = self.path.parent / name
        if ending != "txt" or "/" in name or "\\" in name or not _is_file(beside):
            return None
        text, problems = decode(beside.read_bytes(), str(beside))
        self.problems.problems += problems
        new = identifier(stem, stem)
        plain = rendered(text, "text") if text else None
        if text is None or plain is None or not new:
            return None
        return self.articles.setdefault(new, _Target(new, plain, text))

    def _add(self, text: _Target, quotes: list[Made], item: dict[str, Any]) -> None:
        ids_of_kind: dict[str, list[str]] = {}
        notes: list[str] = []
        stance = ""
        bodies = item.get("body")
        tags = item.get("tags")
        for body in bodies if isinstance(bodies, list) else [bodies]:
            if isinstance(body, dict) and isinstance(body.get("source"), str):
                kind, id = _entry_of_page(body["source"])
                if id:
                    ids_of_kind.setdefault(kind, []).append(id)
            elif isinstance(body, dict) and body.get("value") in STANCES and body.get("purpose") == "classifying":
                stance = body["value"]
            elif isinstance(body, dict) and body.get("purpose") != "moderating":
                notes.append(line(body.get("value")))
            elif isinstance(body, str):
                notes.append(line(body))
        notes.append(line(item.get("text")))
        for tag in tags if isinstance(tags, list) else ():
            kind, _, id = words(tag).partition(":")
            if kind in ("actor", "event", "claim") and (known := identifier(id, id)):
                ids_of_kind.setdefault(kind, []).append(known)
            elif tag in STANCES:
                stance = tag
            else:
                notes.append(line(tag))
        note = "; ".join(dict.fromkeys(part for part in notes if part)).replace("[[", "[ [")
        rest: Made = {"note": note} if note else {}
        rest["proposed"] = True
        for id in dict.fromkeys(ids_of_kind.get("actor", ())):
            text.added["actors"].append({"id": id, "quotes": quotes, **rest})
        quote: Any = quotes[0] if len(quotes) == 1 else quotes
        statement: Made = {**({"stance": stance} if stance and stance != "asserts" else {}), "quote": quote, **rest}
        if events := list(dict.fromkeys(ids_of_kind.get("event", ()))):
            text.added["events"].append({"id": events[0] if len(events) == 1 else events, **statement})
        claims = list(dict.fromkeys(ids_of_kind.get("claim", ())))
        if claims or not ids_of_kind:
            annotation = {"id": claims[0] if len(claims) == 1 else claims} if claims else {}
            text.added["claims"].append({**annotation, **statement})


def _place(ready: Matchable, selectors: list[dict[str, Any]]) -> Span | str:
    """The span the selectors identify, or why they identify none."""
    quote = next((one for one in selectors if one.get("type") == "TextQuoteSelector"), None)
    position = next((one for one in selectors if one.get("type") == "TextPositionSelector"), None)
    span = _span(position, len(ready.text))
    if quote is None or not isinstance(quote.get("exact"), str):
        return span or "it has no TextQuoteSelector, and no position in the text"
    exact = quote["exact"]
    if span and anchors.normal(ready.text[slice(*span)]) == anchors.normal(exact):
        return span
    prefix, suffix = words(quote.get("prefix")), words(quote.get("suffix"))
    place = anchors.find(ready, Quote(exact=exact))
    if isinstance(place, AnchorFault) and place.kind == "ambiguous":
        place = anchors.find(ready, Quote(exact=exact, prefix=prefix, suffix=suffix))
    if isinstance(place, AnchorFault):
        where = f"stands in {place.places} places" if place.kind == "ambiguous" else "is not in the text"
        return f"the quote “{line(exact, 60)}” {where}"
    return place


def _span(position: dict[str, Any] | None, length: int) -> Span | None:
    start, end = (position.get("start"), position.get("end")) if position else (None, None)
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        return None
    return start, end


def _entry_of_page(source: str) -> tuple[str, str]:
    """The kind and id of one of the site's own pages: `…/actors/kim.html`."""
    parts = source.partition("#")[0].rsplit("/", 2)
    stem = unquote(parts[-1]).removesuffix(".html")
    kind = next((one for one, many in PLURAL.items() if len(parts) > 1 and many == parts[-2]), "")
    kind = "actor" if kind == "source" else kind
    return (kind, identifier(stem, stem)) if kind and parts[-1].endswith(".html") else ("", "")


def _bare(address: str) -> str:
    """An address without the parts that do not change the page: fragment, trailing slash, case of the scheme."""
    return address.partition("#")[0].rstrip("/").replace("HTTPS://", "https://").replace("HTTP://", "http://")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
