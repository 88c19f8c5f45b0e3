"""The home page: what changed, what is contested, what rests on one origin, what is coming."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, pairwise
from typing import cast

from markupsafe import Markup

from sitrep.analysis import phrasing, provenance
from sitrep.analysis.phrasing import sentence
from sitrep.corpus.corpus import OPEN, AnnotationRef, Key, day
from sitrep.corpus.corpus import latest as latest_day
from sitrep.i18n.words import Words
from sitrep.model.records import KINDS, Article, Assessment, Claim, Event
from sitrep.pages.claims import moment
from sitrep.pages.digest_briefs import DigestListing, listed, row
from sitrep.pages.entry import line
from sitrep.pages.feeds import feeds
from sitrep.pages.parts.context import PageContext, anchor, written
from sitrep.pages.timelines import dated
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import HomePage, Html, Link, ListRow, News

LATEST = 10
"""The number of lines of each list."""
CHANGES = 16
BRIEFS = 5
WEIGHED = 200
"""The number of claims examined for a single origin, those asserted by most articles first."""
CONTESTING = (*phrasing.AGAINST, *phrasing.SILENT)


def outputs(context: PageContext) -> Iterator[Output]:
    digests = listed(context)
    latest = digests[0] if digests else None
    yield Output(
        "index.html", "home.html", partial(home, context, latest, context.now), feeds.beside(context), ("", "index")
    )


def home(context: PageContext, latest: DigestListing | None, now: str) -> HomePage:
    corpus = context.corpus
    today = now or latest_day(corpus)
    happened, coming, overdue = _events(context, today)
    return HomePage(
        path="index.html",
        root="",
        title=context.config.title,
        kind="home",
        description=context.config.description,
        banner=context.banner(),
        canonical=context.canonical(""),
        feeds=feeds.links(context, "", context.config.title),
        feed=feeds.of_site(context, context.config.title),
        asof=today,
        briefs=_rows(context, (("briefs", id) for id in islice(corpus.entries["briefs"], BRIEFS))),
        digests=(row(context, latest, ""),) if latest else (),
        changes=tuple(news for _, news in islice(_changes(context), CHANGES)),
        contested=_rows(context, _contested(context)),
        single=tuple(_single(context)),
        events=_rows(context, happened),
        coming=_rows(context, coming),
        overdue=_rows(context, overdue),
        topics=_rows(context, (("topics", id) for id in corpus.entries["topics"])),
        counts=tuple(
            Link(href=urls.index(kind), text=context.say(f"count.{kind}", n=len(corpus.entries[kind])), kind=kind)
            for kind in KINDS
        ),
    )


def _rows(context: PageContext, keys: Iterable[Key]) -> tuple[ListRow, ...]:
    return tuple(line(context, key, "") for key in keys)


def _events(context: PageContext, today: str) -> tuple[list[Key], list[Key], list[Key]]:
    """Past events, latest first; planned events, next first; and overdue ones that nobody reports to have happened."""
    happened: list[tuple[str, str]] = []
    coming: list[tuple[str, str]] = []
    overdue: list[tuple[str, str]] = []
    for id, entry in context.corpus.entries["events"].items():
        event = dated(context, id)
        when = event.date if event else None
        if cast(Event, entry.record).phase != "planned":
            happened.append((day(when), id))
        elif when and when.latest < today:
            overdue.append((day(when), id))
        else:
            coming.append((day(when) or OPEN, id))

    def keys(events: list[tuple[str, str]], latest: bool = False) -> list[Key]:
        # Ids in their own order among those of one day, whichever way the days run.
        order = sorted(sorted(events, key=lambda item: item[1]), key=lambda item: item[0], reverse=latest)
        return [("events", id) for _, id in order[:LATEST]]

    return keys(happened, latest=True), keys(coming), keys(overdue, latest=True)


def _contested(context: PageContext) -> list[Key]:
    """Claims that somebody denies, doubts or refuses to comment on; the most disputed first."""
    contested: list[tuple[int, Key]] = []
    for id in context.corpus.entries["claims"]:
        key: Key = ("claims", id)
        weight = sum(n for stance, n in context.tally(key) if stance in CONTESTING)
        if weight:
            contested.append((-weight, key))
    return [key for _, key in sorted(contested)[:LATEST]]


def _single(context: PageContext) -> Iterator[ListRow]:
    """Claims asserted by several articles whose origins are one side only, or nobody named."""
    corpus = context.corpus
    ranked: list[tuple[int, str]] = []
    for id in corpus.entries["claims"]:
        refs = corpus.statements.get(("claims", id), ())
        articles = {ref.article for ref in refs if corpus.statement(ref).stance == "asserts"}
        if len(articles) > 1:
            ranked.append((-len(articles), id))
    count = 0
    for _, id in sorted(ranked)[:WEIGHED]:
        ledger = provenance.ledger(corpus, id)
        if ledger.known <= 1 and ledger.articles > 1:
            link = context.link(("claims", id), "")
            yield ListRow(link=link, line=Markup("{}").format(sentence(context.say, ledger)))
            count += 1
            if count == LATEST:
                return


# -- what changed -----------------------------------------------------------------------------------------------------


def _changes(context: PageContext) -> list[tuple[tuple[str, int, str], News]]:
    """Changed judgments, changed stances, corrections, new claims and new reports, the latest first."""
    changes = [*_judged(context), *_moved(context), *_updated(context), *_published(context)]
    changes.sort(key=lambda item: (item[0][1], item[0][2]))
    changes.sort(key=lambda item: item[0][0], reverse=True)
    return changes


def _judgment(say: Words, assessment: Assessment) -> str:
    return say.term("likelihood", assessment.likelihood) if assessment.likelihood else say("home.likelihood")


def _confidence(say: Words, assessment: Assessment) -> str:
    return say.term("confidence", assessment.confidence) if assessment.confidence else say("home.confidence")


def _judged(context: PageContext) -> Iterator[tuple[tuple[str, int, str], News]]:
    say = context.say
    for id, entry in context.corpus.entries["claims"].items():
        if not isinstance(entry.record, Claim):
            continue
        assessments = sorted(entry.record.assessments, key=lambda one: one.date.earliest)
        claim = anchor(context.link(("claims", id), ""))
        for before, after in pairwise([None, *assessments]):
            assert after is not None
            what = _judgment(say, after)
            if before is None:
                text = say.html("home.judged_html", likelihood=what, claim=claim)
            elif (before.likelihood, before.confidence) == (after.likelihood, after.confidence):
                continue
            elif before.likelihood == after.likelihood:
                was, now = _confidence(say, before), _confidence(say, after)
                text = say.html("home.still_html", likelihood=what, before=was, confidence=now, claim=claim)
            else:
                text = say.html("home.from_html", before=_judgment(say, before), likelihood=what, claim=claim)
            yield (after.date.earliest, 0, id), News(date=after.date.text, what="assessment", text=text)


def _moved(context: PageContext) -> Iterator[tuple[tuple[str, int, str], News]]:
    """Speakers that changed their stance, and new claims."""
    corpus = context.corpus
    for id in corpus.entries["claims"]:
        refs = [(when, ref) for ref in corpus.statements.get(("claims", id), ()) if (when := moment(context, ref))]
        refs.sort(key=lambda item: (item[0].earliest, item[1]))
        claim = anchor(context.link(("claims", id), ""))
        record = corpus.entries["claims"][id].record
        judged = {one.date.earliest for one in record.assessments} if isinstance(record, Claim) else set()
        stood: dict[Key, str] = {}
        new = True
        for when, ref in refs:
            if not context.corpus.is_anchored(ref):
                continue
            statement = corpus.statement(ref)
            speakers = [party for link in statement.by if (party := corpus.party(link))]
            if new and when.earliest not in judged:
                text = context.say.html("home.new", source=_source(context, ref), claim=claim)
                yield (when.earliest, 2, id), News(date=when.text, what="claim", text=text)
            new = False
            for party in dict.fromkeys(speakers):
                before = stood.get(party)
                stood[party] = statement.stance
                if before and before != statement.stance:
                    who = anchor(context.link(party, ""))
                    now, then = context.say.term("now", statement.stance), context.say.term("then", before)
                    stance = Markup('<span class="s {}">{}</span>').format(statement.stance, now)
                    text = context.say.html("home.turned", who=who, now=stance, then=then, claim=claim)
                    yield (when.earliest, 1, f"{id} {party}"), News(date=when.text, what="stance", text=text)


def _source(context: PageContext, ref: AnnotationRef) -> Html:
    record = cast(Article, context.corpus.article(ref.article).record)
    source = context.link(("sources", record.source), "").text if record.source else context.say("home.report")
    return anchor(Link(href=context.link(("articles", ref.article), "").href, text=source))


def _updated(context: PageContext) -> Iterator[tuple[tuple[str, int, str], News]]:
    for entry, record in context.corpus.articles:
        if record.updates and record.published and context.corpus.get(("articles", record.updates.article)):
            text = context.say.html(
                "home.updated",
                article=anchor(context.link(("articles", entry.id), "")),
                how=context.say.term("update", record.updates.how),
                earlier=anchor(context.link(("articles", record.updates.article), "")),
            )
            key = (record.published.earliest, 1, entry.id)
            yield key, News(date=record.published.text, what="correction", text=text)


def _published(context: PageContext) -> Iterator[tuple[tuple[str, int, str], News]]:
    for entry, record in islice(context.corpus.articles, LATEST):
        if record.published:
            source = context.link(("sources", record.source), "").text if record.source else ""
            text = Markup('{} <span class="meta">{}</span>').format(
                anchor(context.link(("articles", entry.id), "")), source
            )
            yield (
                (record.published.earliest, 3, entry.id),
                News(date=written(record.published), what="report", text=text),
            )
