"""What the pages of actors, events, sources, claims and topics have in common: one entry, and everything that refers to
it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from sitrep.analysis import network
from sitrep.corpus.corpus import Backlink, Corpus, Key
from sitrep.model.entries import Entry
from sitrep.model.records import SINGULAR, Claim, Kind
from sitrep.pages import timelines
from sitrep.pages.feeds import feeds
from sitrep.pages.feeds import json as shapes
from sitrep.pages.parts import summary
from sitrep.pages.parts.context import PER_PAGE, PageContext, described, pager, unnumbered, written
from sitrep.pages.parts.facts import facts
from sitrep.views import urls
from sitrep.views.outputs import Beside, Output
from sitrep.views.pages import EMPTY, Assessment, EntryPage, Html, Link, LinkGroup, ListRow

T = TypeVar("T")
Lists = dict[str, Sequence[Any]]
"""The long lists of an entry's page, by field. Page n shows the nth part of each."""
RELATED = 12
"""The number of related entries, those named together most often, that a page lists."""
TIED = (
    "part of it",
    "members",
    "holds office in it",
    "related",
    "owns",
    "controls",
    "took part",
    "includes",
    "claims about it",
    "incompatible",
    "superseded",
    "different scope",
    "different as-of date",
    "judgments resting on it",
)
"""The groups of backlinks, in page order; conflicts are grouped by their kind."""


def pages(
    context: PageContext,
    kind: Kind,
    ids: Iterable[str],
    lists: Callable[[Corpus, Key], Lists],
    view: Any,
    data: Any = None,
) -> Iterator[Output]:
    """The pages of the entries of a kind: as many for each as its longest list needs. The JSON belongs to the first."""
    for id in ids:
        key: Key = (kind, id)
        longest = max((len(items) for items in lists(context.corpus, key).values()), default=0)
        for number in range(1, max(1, -(-longest // PER_PAGE)) + 1):
            beside: tuple[Beside, ...] = ()
            if number == 1:
                beside = (Beside(urls.data(kind, id), data, "data"),) if data and context.config.json else ()
                beside += feeds.beside(context, key)
            path = urls.page(kind, id, number)
            make_view = partial(view, context, key, number)
            yield Output(path, f"{SINGULAR[kind]}.html", make_view, beside, key)


def stretch(items: Sequence[Any], number: int, make: Callable[[Any], T | None]) -> tuple[T, ...]:
    """The part of a long list that page `number` shows, each item as shown."""
    part = items[(number - 1) * PER_PAGE : number * PER_PAGE]
    return tuple(view for item in part if (view := make(item)) is not None)


def common(context: PageContext, key: Key, number: int, lists: Lists) -> dict[str, Any]:
    """The fields of the shared page view, as keyword arguments for the view of one kind."""
    kind, id = key
    entry = context.corpus.entries[kind][id]
    path = urls.page(kind, id, number)
    root = urls.root(path)
    longest = max((len(items) for items in lists.values()), default=0)
    first = number == 1
    lead = context.words(getattr(entry.record, "description", ""), root)
    makers: dict[str, Callable[[Any], Any]] = {
        "statements": lambda ref: context.statement(ref, root),
        "relayed": lambda ref: context.statement(ref, root),
        "articles": lambda article: context.article_row(article, root),
        "inputs": lambda article: context.article_row(article, root),
        "mentions": lambda ref: context.mention(ref, key, root),
        "rows": lambda thing: line(context, thing, root),
    }
    return {
        "path": path,
        "root": root,
        "title": entry.name,
        "kind": SINGULAR[kind],
        "description": _described(context, entry, lead),
        "banner": context.banner(key),
        "canonical": context.canonical(path),
        "data": root + urls.href(urls.data(kind, id)) if context.config.json else "",
        "feeds": feeds.links(context, root, entry.name, key),
        "pager": pager(kind, id, number, max(1, -(-longest // PER_PAGE))),
        "id": id,
        "name": entry.name,
        "filed": bool(entry.files),
        "what": getattr(entry.record, "kind", None) or "",
        "lead": lead if first else EMPTY,
        "body": context.prose(entry.prose, root) if first else EMPTY,
        "facts": tuple(facts(context, entry, root)) if first else (),
        "assessments": tuple(_assessments(context, entry, root)) if first else (),
        "tally": context.tally(key) if kind in ("events", "claims") else (),
        "groups": tuple(_groups(context, key, root)) if first else (),
        "linked": context.linked(key, root) if first else (),
        **{name: stretch(items, number, makers[name]) for name, items in lists.items()},
    }


def topics(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    yield from pages(context, "topics", ids, _topic_lists, topic, shapes.topic)


def _topic_lists(corpus: Corpus, key: Key) -> Lists:
    return {"rows": corpus.tagged.get(key[1], ())}


def topic(context: PageContext, key: Key, number: int = 1) -> EntryPage:
    shared = common(context, key, number, _topic_lists(context.corpus, key))
    first = number == 1
    return EntryPage(
        **shared,
        answer=summary.topic(context, key) if first else EMPTY,
        timeline=timelines.of_topic(context, key[1], shared["root"]) if first else None,
        feed=feeds.of_thing(context, key, shared) if first else None,
    )


def line(context: PageContext, key: Key, root: str) -> ListRow:
    """An entry as a line of a list."""
    kind, id = key
    if kind == "articles":
        return context.article_row(id, root)
    entry = context.corpus.entries[kind][id]
    record = entry.record
    date = getattr(record, "date", None)
    tally = context.tally(key) if kind == "claims" else ()
    if kind == "briefs":
        text = context.words(getattr(record, "summary", ""), root, unnumbered)
    else:
        text = context.words(getattr(record, "description", ""), root)
    what = getattr(record, "kind", None) or ""
    meta = (Link(href="", text=context.say.term("what", what)),) if what else ()
    return ListRow(link=context.link(key, root), date=written(date), meta=meta, line=text, tally=tally)


def _described(context: PageContext, entry: Entry, lead: Html) -> str:
    kind = SINGULAR[entry.kind]
    return described(lead, context.say("entry.described", kind=context.say(f"{kind}.{kind}"), name=entry.name))


def _assessments(context: PageContext, entry: Entry, root: str) -> Iterator[Assessment]:
    record = entry.record
    if isinstance(record, Claim):
        for assessment in sorted(record.assessments, key=lambda a: a.date.earliest, reverse=True):
            yield Assessment(
                date=assessment.date.text,
                likelihood=assessment.likelihood or "",
                confidence=assessment.confidence or "",
                because=context.words(assessment.because, root),
                would_change=context.words(assessment.would_change, root),
            )


def _groups(context: PageContext, key: Key, root: str) -> Iterator[LinkGroup]:
    """Backlinks by group, then what articles name together with this entry."""
    by_how: dict[str, dict[Link, None]] = {}
    record = context.corpus.entries[key[0]][key[1]].record
    conflicts = record.conflicts if isinstance(record, Claim) else ()
    drawn = timelines.drawn(context, key) if key[0] == "actors" else ()
    own = [Backlink(("claims", conflict.claim), "conflicts", conflict.how) for conflict in conflicts]
    for tied in (*own, *context.corpus.backlinks.get(key, ())):
        if key[0] == "actors" and tied.how == "claims about it":
            continue  # an actor's page lists these with their tallies
        if tied.how == "took part" and tied.key[1] in drawn:
            continue
        target = context.link(tied.key, root)
        conflict = tied.how == "conflicts"
        note = "" if conflict else tied.note
        if tied.how == "took part":
            note = context.say.term("role", note)
        text = context.say("backlinks.note", name=target.text, note=note) if note else target.text
        by_how.setdefault(tied.note if conflict else tied.how, {})[context.link(tied.key, root, text)] = None
    roles: dict[Key, str] = {}
    for role, ref in context.corpus.roles.get(key, ()):
        for event in context.corpus.statement(ref).id:
            if event not in drawn:
                roles.setdefault(("events", event), role)
    for event_key, role in roles.items():
        link = context.link(event_key, root)
        by_how.setdefault("took part", {})[
            context.link(
                event_key, root, context.say("backlinks.note", name=link.text, note=context.say.term("role", role))
            )
        ] = None
    for how in TIED:
        if how in by_how:
            yield LinkGroup(label=context.say.term("backlinks", how), links=tuple(by_how[how]))
    related = _named_together(context.corpus, key)
    if related:
        links = [
            context.link(other, root, context.say("backlinks.note", name=context.link(other, root).text, note=n))
            for other, n in related
        ]
        yield LinkGroup(label=context.say("backlinks.together"), links=tuple(links))


def _named_together(corpus: Corpus, key: Key) -> list[tuple[Key, int]]:
    """Actors that at least two articles name together with this event, with the number of articles."""
    if key[0] != "events":  # an actor's page explains each relation
        return []
    counts = network.named_with(corpus, key, corpus.statements.get(key, ()))
    shared = [(other, n) for other, n in counts.items() if n > 1]
    return sorted(shared, key=lambda pair: (-pair[1], pair[0]))[:RELATED]
