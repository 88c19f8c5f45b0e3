"""brat standoff: a folder of `.txt` with an `.ann` beside each, as brat writes it (https://brat.nlplab.org)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sitrep.anchoring import quotes as anchors
from sitrep.anchoring.quotes import Matchable, Span
from sitrep.corpus.corpus import Corpus
from sitrep.importers.drafts import FileProblems, Incoming, Made, Result, identifier, line, quoted, write_articles
from sitrep.parse.text import decode, printable
from sitrep.problems import Problem, Unusable
from sitrep.project import Project

KINDS = {
    **dict.fromkeys(("person", "per", "people"), "person"),
    **dict.fromkeys(("organization", "organisation", "org", "company"), "organization"),
    **dict.fromkeys(("gpe", "country", "state", "nation"), "state"),
    **dict.fromkeys(("location", "loc", "place", "geographical_entity", "facility", "fac"), "place"),
    **dict.fromkeys(("group", "norp"), "group"),
}
"""Entity types of common corpora → kinds of actors. Others leave the kind open."""


class _Bound(NamedTuple):
    """A text-bound annotation: its type, its spans, and its line number."""

    type: str
    spans: tuple[Span, ...]
    number: int


def brat(project: Project, corpus: Corpus, folder: Path) -> Result:
    """Import every text of a folder. Raises Unusable where there is none."""
    if not folder.is_dir():
        raise Unusable(f"{folder} is no folder: name the one with the .txt and .ann files")
    texts = sorted(folder.rglob("*.txt"))
    if not texts:
        raise Unusable(f"{folder} holds no .txt file")
    known = _known(corpus)
    files: list[Path] = []
    problems: list[Problem] = []
    for path in texts:
        file_problems = FileProblems(path.with_suffix(".ann"))
        name = "-".join(path.relative_to(folder).with_suffix("").parts)
        article = _article(path, identifier(name, name), known, file_problems)
        if article:
            files += write_articles(project, [(0, article)], file_problems)
        problems += file_problems.problems
    return Result(files, problems)


def _known(corpus: Corpus) -> dict[str, str]:
    """Name or alias in matched form → the id of the only actor that bears it."""
    known_ids: dict[str, set[str]] = {}
    for entry in corpus.entries["actors"].values():
        for name in (entry.name, *getattr(entry.record, "aliases", ())):
            known_ids.setdefault(anchors.normal(name), set()).add(entry.id)
    return {name: next(iter(ids)) for name, ids in known_ids.items() if len(ids) == 1}


def _article(path: Path, id: str, known: dict[str, str], problems: FileProblems) -> Incoming | None:
    text = _decoded(path, problems)
    if text is None:
        return None
    if not id:
        problems.skip(0, f"the name of {path.name} makes no id", "rename it")
        return None
    first = next((part for part in text.split("\n") if part.strip()), "Untitled")
    article = Incoming(id, text, {"title": f"[{line(first, 90)}]"}, actors=[], events=[], claims=[])
    notes = path.with_suffix(".ann")
    if not notes.exists():
        problems.skip(0, "there is no such file", "the text is imported without annotations")
        return article
    source = _decoded(notes, problems)
    if source is not None:
        _AnnReader(article, printable(text), known, problems).read(source)
    return article


def _decoded(path: Path, file_problems: FileProblems) -> str | None:
    try:
        text, problems = decode(path.read_bytes(), str(path))
    except OSError as error:
        file_problems.skip(0, f"{path.name} cannot be read: {error.strerror}")
        return None
    file_problems.problems += problems
    return text


class _AnnReader:
    """Reads one `.ann` file. Lines may refer to later ones, so references are resolved at the end."""

    def __init__(self, article: Incoming, text: str, known: dict[str, str], problems: FileProblems) -> None:
        self.article = article
        self.text = text
        self.ready = Matchable(text)
        self.known = known
        self.problems = problems
        self.bound: dict[str, _Bound] = {}
        self.events: dict[str, tuple[str, list[tuple[str, str]], int]] = {}
        self.notes: dict[str, list[str]] = {}
        self.later: list[tuple[str, str, int]] = []
        """What one line states about another annotation: its id, the words, the line."""

    def read(self, source: str) -> None:
        for number, row in enumerate(source.split("\n"), 1):
            if row.strip():
                self._line(row, number)
        triggers = {trigger for trigger, _, _ in self.events.values()}
        for id, statement, number in self.later:
            if id in self.bound or id in self.events:
                self.notes.setdefault(id, []).append(statement)
            else:
                self.problems.skip(number, f"there is no annotation {id}")
        actors = self._actors({id: bound for id, bound in self.bound.items() if id not in triggers})
        for id, (trigger, roles, number) in self.events.items():
            self._event(id, trigger, roles, number, actors)

    def _line(self, row: str, number: int) -> None:
        id, tab, rest = row.partition("\t")
        head, _, words = rest.partition("\t")
        parts = head.split()
        sign = id[:1]
        if not tab or not parts or sign not in "TEMARN#*":
            self.problems.skip(number, f"this is no line of brat's: {line(row, 40)!r}")
        elif id in self.bound or id in self.events:
            self.problems.skip(number, f"{id} stands here a second time")
        elif sign == "T":
            self._text_bound(id, parts[0], head.partition(" ")[2], words, number)
        elif sign == "E":
            pairs = [part.partition(":")[::2] for part in parts]
            if all(name and target for name, target in pairs):
                roles = [(name.lower(), target) for name, target in pairs[1:]]
                self.events[id] = (pairs[0][1], roles, number)
            else:
                self.problems.skip(number, "an event is TYPE:TRIGGER ROLE:ID …")
        elif sign == "#" and len(parts) > 1:
            self.later.append((parts[1], words, number))
        elif sign == "N" and len(parts) > 2:
            self.later.append((parts[1], f"{parts[2]} {words}".strip(), number))
        elif sign in "AM" and len(parts) > 1:
            self.later.append((parts[1], ": ".join([parts[0], *parts[2:3]]), number))
        elif sign == "R" and len(parts) > 2:
            ends = [part.partition(":")[2] for part in parts[1:3]]
            self.later.append((ends[0], f"{parts[0]} → {self._words_of(ends[1])}", number))
        elif sign != "*":
            self.problems.skip(number, f"this line lacks something: {line(row, 40)!r}")
        # `*` lines (coreference) are ignored: one name has one id here, and `sitrep merge` merges several.

    def _words_of(self, id: str) -> str:
        bound = self.bound.get(id)
        return f"“{self._words(bound.spans)}”" if bound else id

    def _words(self, spans: tuple[Span, ...]) -> str:
        return " ".join(self.text[start:end] for start, end in spans)

    def _text_bound(self, id: str, kind: str, places: str, words: str, number: int) -> None:
        spans: list[Span] = []
        for piece in places.split(";"):
            ends = piece.split()
            if len(ends) != 2 or not all(end.isascii() and end.isdigit() and len(end) < 10 for end in ends):
                return self.problems.skip(
                    number, f"{places!r} is no place: two numbers, or several pairs with ; between"
                )
            start, end = int(ends[0]), int(ends[1])
            if not start < end <= len(self.text):
                return self.problems.skip(
                    number, f"{start} to {end} is no stretch of a text of {len(self.text)} characters"
                )
            spans.append((start, end))
        here = " ".join(self._words(tuple(spans)).split())
        if " ".join(words.split()) != here:
            message = f"the text has {line(here, 40)!r} there, and not {line(words, 40)!r}"
            return self.problems.skip(number, message, "is it the .txt that was annotated? it is skipped")
        self.bound[id] = _Bound(kind, tuple(spans), number)
        return None

    def _actors(self, bounds: dict[str, _Bound]) -> dict[str, str]:
        """Entities become mentions, one for each id. Returns brat's id → sitrep's."""
        ours: dict[str, str] = {}
        mentions: dict[str, Made] = {}
        for id, bound in bounds.items():
            words = " ".join(self._words(bound.spans).split())
            actor = self.known.get(anchors.normal(words)) or identifier(words)
            quotes = [quoted(self.ready, *span) for span in bound.spans]
            if not actor or None in quotes:
                self.problems.skip(
                    bound.number, f"{line(words, 40)!r} makes no id, or stands where no quote can mean it"
                )
                continue
            ours[id] = actor
            kind = KINDS.get(bound.type.lower(), "")
            mention = mentions.setdefault(actor, {"id": actor, **({"kind": kind} if kind else {}), "quotes": []})
            mention["quotes"] += [quote for quote in quotes if quote not in mention["quotes"]]
            self._noted(mention, id)
        self.article.actors += [{**mention, "proposed": True} for mention in mentions.values()]
        return ours

    def _noted(self, annotation: Made, id: str) -> None:
        if notes := [line(note) for note in self.notes.get(id, ()) if note.strip()]:
            before = [annotation["note"]] if "note" in annotation else []
            annotation["note"] = "; ".join([*before, *notes]).replace("[[", "[ [")

    def _event(self, id: str, trigger: str, roles: list[tuple[str, str]], number: int, actors: dict[str, str]) -> None:
        bound = self.bound.get(trigger)
        if bound is None:
            return self.problems.skip(number, f"there is no {trigger}, which should be the trigger of {id}")
        quotes = [quoted(self.ready, *span) for span in bound.spans]
        event = identifier(f"{bound.type} {self.article.id} {id}")
        if not event or None in quotes:
            return self.problems.skip(number, f"{id} makes no id, or its trigger stands where no quote can mean it")
        parts: dict[str, list[str]] = {}
        stated = []
        for role, target in roles:
            if target in actors:
                if actors[target] not in parts.setdefault(role, []):
                    parts[role].append(actors[target])
            else:
                stated.append(f"{role}: {self._words_of(target)}")
        event_entry: Made = {"id": event, **({"roles": parts} if parts else {})}
        event_entry["quote"] = quotes[0] if len(quotes) == 1 else quotes
        self.notes[id] = [*stated, *self.notes.get(id, ())]
        self._noted(event_entry, id)
        self.article.events.append({**event_entry, "proposed": True})
        return None
