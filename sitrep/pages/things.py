"""Actors, events, sources, claims and topics: one thing, and all that refers to it as sentences in context."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from sitrep import urls
from sitrep.corpus import Corpus, Key, Tied
from sitrep.outputs import Output
from sitrep.pages.articles import web
from sitrep.pages.desk import PER_PAGE, Desk, pager, written
from sitrep.records import (
    SINGULAR,
    Actor,
    Claim,
    Date,
    Entry,
    Event,
    Kind,
    Office,
    Relation,
    Source,
    Tie,
)
from sitrep.views import EMPTY, Assessment, Fact, Group, Html, Link, Row, ThingPage

T = TypeVar("T")
RELATED = 12
"""How many of the things most often named together with this one are listed."""
TIED = {
    "part of it": "Part of it",
    "members": "Members",
    "holds office in it": "Hold office in it",
    "related": "Related",
    "owns": "Owns",
    "controls": "Speaks through",
    "took part": "Took part in",
    "includes": "Includes",
    "claims about it": "Claims about it",
    "conflicts": "In conflict with",
    "judgments resting on it": "Judgments that rest on it",
}


def outputs(desk: Desk) -> Iterator[Output]:
    for kind in ("actors", "events", "sources", "claims", "topics"):
        for id in desk.corpus.entries[kind]:
            count = _pages(desk.corpus, (kind, id))
            for number in range(1, count + 1):
                path = urls.page(kind, id, number)
                yield Output(path, f"{SINGULAR[kind]}.html", partial(view, desk, (kind, id), number))


def _lists(corpus: Corpus, key: Key) -> dict[str, Sequence[Any]]:
    """The long lists of a thing's page. Page n shows the nth stretch of each."""
    kind, id = key
    if kind in ("events", "claims"):
        return {"statements": corpus.asserted.get(key, ())}
    lists: dict[str, Sequence[Any]] = {
        "statements": corpus.spoken.get(key, ()),
        "relayed": corpus.relayed.get(key, ()),
        "inputs": corpus.inputs.get(key, ()),
        "mentions": corpus.mentions.get(key, ()),
    }
    if kind == "sources":
        lists["articles"] = corpus.published.get(id, ())
    if kind == "topics":
        lists = {"rows": corpus.topics.get(id, ())}
    return lists


def _pages(corpus: Corpus, key: Key) -> int:
    longest = max((len(items) for items in _lists(corpus, key).values()), default=0)
    return max(1, -(-longest // PER_PAGE))


def view(desk: Desk, key: Key, number: int = 1) -> ThingPage:
    kind, id = key
    corpus = desk.corpus
    entry = corpus.entries[kind][id]
    path = urls.page(kind, id, number)
    root = urls.root(path)
    lists = _lists(corpus, key)

    def part(name: str, make: Callable[[Any], T | None]) -> tuple[T, ...]:
        stretch = lists.get(name, ())[(number - 1) * PER_PAGE : number * PER_PAGE]
        return tuple(made for item in stretch if (made := make(item)) is not None)

    first = number == 1
    lead = desk.words(getattr(entry.record, "description", ""), root)
    return ThingPage(
        path=path,
        root=root,
        title=entry.name,
        kind=SINGULAR[kind],
        description=_described(entry, lead),
        banner=desk.banner(key),
        canonical=desk.canonical(path),
        pager=pager(kind, id, number, _pages(corpus, key)),
        id=id,
        name=entry.name,
        filed=bool(entry.files),
        what=getattr(entry.record, "kind", None) or "",
        lead=lead if first else EMPTY,
        body=desk.prose(entry.prose, root) if first else EMPTY,
        facts=tuple(_facts(desk, entry, root)) if first else (),
        assessments=tuple(_assessments(desk, entry, root)) if first else (),
        tally=desk.tally(key) if kind in ("events", "claims") else (),
        statements=part("statements", lambda said: desk.statement(said, root)),
        relayed=part("relayed", lambda said: desk.statement(said, root)),
        articles=part("articles", lambda article: desk.article_row(article, root)),
        inputs=part("inputs", lambda article: desk.article_row(article, root)),
        mentions=part("mentions", lambda said: desk.mention(said, root)),
        rows=part("rows", lambda thing: line(desk, thing, root)),
        groups=tuple(_groups(desk, key, root)) if first else (),
        linked=desk.linked(key, root) if first else (),
    )


def line(desk: Desk, key: Key, root: str) -> Row:
    """A thing as a line of a list."""
    kind, id = key
    if kind == "articles":
        return desk.article_row(id, root)
    entry = desk.corpus.entries[kind][id]
    record = entry.record
    date = getattr(record, "date", None)
    tally = desk.tally(key) if kind == "claims" else ()
    text = getattr(record, "summary", "") if kind == "briefs" else getattr(record, "description", "")
    what = getattr(record, "kind", None) or ""
    meta = (Link(href="", text=what),) if what else ()
    return Row(link=desk.link(key, root), date=written(date), meta=meta, line=desk.words(text, root), tally=tally)


def _described(entry: Entry, lead: Html) -> str:
    words = lead.striptags() if lead else f"{SINGULAR[entry.kind].capitalize()}: {entry.name}"
    return words if len(words) <= 300 else words[:297].rpartition(" ")[0] + "…"


def _plain(text: str) -> tuple[Link, ...]:
    return (Link(href="", text=text),) if text else ()


def _dated(words: str, start: Date | None, until: Date | None) -> str:
    if not (start or until):
        return words
    return f"{words} ({written(start)}–{written(until)})"


def _facts(desk: Desk, entry: Entry, root: str) -> Iterator[Fact]:
    """The data of a thing's file as labelled lines; empty ones are left out."""
    record = entry.record
    found: list[tuple[str, tuple[Link, ...]]] = []
    if isinstance(record, Actor):
        found = [
            ("Also", tuple(Link(href="", text=alias) for alias in record.aliases)),
            ("Part of", _ties(desk, record.part_of, root)),
            ("Member of", _ties(desk, record.member_of, root)),
            ("Roles", tuple(_office(desk, office, root) for office in record.roles)),
            ("Relations", tuple(_relation(desk, relation, root) for relation in record.relations)),
            ("Wikidata", _identifier("https://www.wikidata.org/wiki/", record.identifiers.wikidata)),
            ("ISO 3166", _plain(record.identifiers.iso3166)),
            ("Web", _address(record.url)),
        ]
    elif isinstance(record, Source):
        found = [
            ("Also", tuple(Link(href="", text=alias) for alias in record.aliases)),
            ("Country", _plain(record.country)),
            ("Owner", _ties(desk, record.owner, root)),
            ("Controlled by", _ties(desk, record.controlled_by, root)),
            ("Reliability", _plain(_reliability(record.reliability))),
            ("Web", _address(record.url)),
        ]
    elif isinstance(record, Event):
        phase = {"planned": "planned", "alleged": "alleged", "occurred": "occurred"}.get(record.phase or "", "")
        kind = " · ".join(part for part in (record.class_, record.mode) if part)
        place = record.place
        where = place.name if place else ""
        if place and place.lat is not None and place.lon is not None:
            where += f" ({place.lat:g}, {place.lon:g})"
        found = [
            ("Date", _plain(written(record.date))),
            ("Place", _plain(where)),
            ("Class", _plain(kind)),
            ("Phase", _plain(phase)),
            *((fact.label.capitalize(), fact.values) for fact in desk.roles(record.roles, root)),
            ("Part of", tuple(desk.named(id, ("events",), root) for id in record.part_of)),
            ("Related", tuple(desk.named(id, ("events",), root) for id in record.related)),
        ]
    elif isinstance(record, Claim):
        found = [
            ("About", tuple(desk.named(id, ("actors",), root) for id in record.about.actors)),
            ("Events", tuple(desk.named(id, ("events",), root) for id in record.about.events)),
            ("Measures", _plain(record.measure)),
        ]
    found.append(("Topics", desk.links([("topics", topic) for topic in record.topics], root)))
    for label, values in found:
        if values:
            yield Fact(label=label, values=values)


def _ties(desk: Desk, ties: tuple[Tie, ...], root: str) -> tuple[Link, ...]:
    made = []
    for tie in ties:
        link = desk.named(tie.id, ("actors", "sources"), root)
        made.append(Link(href=link.href, text=_dated(link.text, tie.from_, tie.until), kind=link.kind))
    return tuple(made)


def _office(desk: Desk, office: Office, root: str) -> Link:
    of = desk.named(office.of, ("actors", "sources"), root) if office.of else None
    words = f"{office.title}, {of.text}" if of else office.title
    return Link(href=of.href if of else "", text=_dated(words, office.from_, office.until))


def _relation(desk: Desk, relation: Relation, root: str) -> Link:
    to = desk.named(relation.to, ("actors",), root)
    return Link(href=to.href, text=_dated(f"{relation.how} {to.text}", relation.from_, relation.until))


def _reliability(letter: str | None) -> str:
    words = {
        "A": "completely reliable",
        "B": "usually reliable",
        "C": "fairly reliable",
        "D": "not usually reliable",
        "E": "unreliable",
        "F": "cannot be judged",
    }
    return f"{letter}: {words[letter]} (Admiralty code, as declared)" if letter else ""


def _identifier(base: str, value: str) -> tuple[Link, ...]:
    return (Link(href=base + value, text=value),) if value else ()


def _address(url: str) -> tuple[Link, ...]:
    return (Link(href=web(url), text=url),) if url else ()


def _assessments(desk: Desk, entry: Entry, root: str) -> Iterator[Assessment]:
    record = entry.record
    if isinstance(record, Claim):
        for made in sorted(record.assessments, key=lambda a: a.date.earliest, reverse=True):
            yield Assessment(
                date=made.date.text,
                likelihood=made.likelihood or "",
                confidence=made.confidence or "",
                because=desk.words(made.because, root),
                would_change=desk.words(made.would_change, root),
            )


def _groups(desk: Desk, key: Key, root: str) -> Iterator[Group]:
    """References from other files, then what articles name together with this thing."""
    by_how: dict[str, list[Link]] = {}
    record = desk.corpus.entries[key[0]][key[1]].record
    conflicts = record.conflicts if isinstance(record, Claim) else ()
    own = [Tied(("claims", made.claim), "conflicts", made.how) for made in conflicts]
    for tied in (*own, *desk.corpus.tied.get(key, ())):
        made = desk.link(tied.key, root)
        text = f"{made.text} ({tied.note})" if tied.note else made.text
        links = by_how.setdefault(tied.how, [])
        link = Link(href=made.href, text=text, kind=made.kind)
        if link not in links:
            links.append(link)
    roles: dict[Key, str] = {}
    for role, said in desk.corpus.roles.get(key, ()):
        for event in desk.corpus.statement(said).id:  # type: ignore[attr-defined]
            roles.setdefault(("events", event), role)
    for event_key, role in roles.items():
        made = desk.link(event_key, root)
        link = Link(href=made.href, text=f"{made.text} ({role})", kind=made.kind)
        if link not in by_how.setdefault("took part", []):
            by_how["took part"].append(link)
    for how, label in TIED.items():
        if how in by_how:
            yield Group(label=label, links=tuple(by_how[how]))
    related = _named_together(desk.corpus, key)
    if related:
        links = [desk.link(other, root) for other, _ in related]
        counted = [
            Link(href=link.href, text=f"{link.text} ({n})", kind=link.kind)
            for link, (_, n) in zip(links, related, strict=True)
        ]
        yield Group(label="Often in the same articles", links=tuple(counted))


def _named_together(corpus: Corpus, key: Key) -> list[tuple[Key, int]]:
    """Actors that share most articles with this one, with how many; at least two."""
    if key[0] not in ("actors", "events"):
        return []
    saids = corpus.mentions.get(key, ()) if key[0] == "actors" else corpus.asserted.get(key, ())
    counts: Counter[Key] = Counter()
    for article in dict.fromkeys(said.article for said in saids):
        counts.update(corpus.named_in(article))
    counts.pop(key, None)
    shared = [(other, n) for other, n in counts.items() if n > 1]
    return sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:RELATED]


def every(desk: Desk, kind: Kind) -> list[Key]:
    """All things of a kind, in the order of their list."""
    return [(kind, id) for id in desk.corpus.entries[kind]]
