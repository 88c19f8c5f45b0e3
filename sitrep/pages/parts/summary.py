"""The one-line summary at the head of an entry's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

from markupsafe import Markup

from sitrep.analysis import phrasing, provenance
from sitrep.corpus.corpus import AnnotationRef, Key, day
from sitrep.i18n.words import Words, capital
from sitrep.model.records import STANCES, Article, Claim, Event, Kind
from sitrep.pages.parts.context import PageContext, anchor
from sitrep.views.pages import EMPTY, Html


def actor(context: PageContext, key: Key) -> Html:
    """Named in 12 articles, last on 2024-12-05. 5 statements begin with it: 3 assert, 2 deny."""
    corpus = context.corpus
    parts = list(_named(context, key))
    refs = [ref for ref in corpus.statements_by.get(key, ()) if context.corpus.is_anchored(ref)]
    spoken = [ref for ref in refs if corpus.statement(ref).stance != "silent"]
    if spoken:
        parts.append(context.say("answer.begin", n=len(spoken), stances=_stances(context, spoken)))
    elif parts:
        parts.append(context.say("answer.begin_none"))
    if len(refs) > len(spoken):
        parts.append(context.say("answer.silence", n=len(refs) - len(spoken)))
    return Markup(" ").join(parts) if parts else EMPTY


def _named(context: PageContext, key: Key) -> Iterator[str]:
    articles = dict.fromkeys(ref.article for ref in context.corpus.mentions.get(key, ()))
    if not articles:
        return
    latest = max(day(cast(Article, context.corpus.article(id).record).published) for id in articles)
    yield context.say("answer.named_last" if latest else "answer.named", n=len(articles), date=latest)


def _stances(context: PageContext, refs: Sequence[AnnotationRef]) -> str:
    """2 assert, 1 denies."""
    counts = Counter(context.corpus.statement(ref).stance for ref in refs)
    return ", ".join(_taken(context.say, counts[stance], stance) for stance in STANCES if counts[stance])


def _taken(say: Words, count: int, stance: str) -> str:
    return say("answer.stance", n=count, stance=say.term("stance" if count == 1 else "stances", stance))


def event(context: PageContext, key: Key, refs: Sequence[AnnotationRef]) -> Html:
    """Alleged · 2024-10 · 3 articles speak of it: 2 assert, 1 denies."""
    record = cast(Event, context.corpus.entries["events"][key[1]].record)
    parts = [capital(context.say.term("phase", record.phase))] if record.phase else []
    parts += [record.date.text] if record.date else []
    articles = len({ref.article for ref in refs})
    if articles:
        parts.append(context.say("answer.speak", n=articles, stances=_stances(context, refs)))
    else:
        parts.append(context.say("answer.speak_none"))
    return Markup(" · ").join(parts)


def source(context: PageContext, key: Key, used: provenance.Use) -> Html:
    """14 articles published here. 5 statements begin with it; 10 came through it. 2 claims rest on it alone."""
    parts = []
    published = len(context.corpus.articles_of.get(key[1], ()))
    if published:
        parts.append(context.say("answer.published", n=published))
    parts.append(context.say("answer.source", n=used.spoke, passed=used.passed))
    if used.alone:
        parts.append(context.say("answer.alone", n=len(used.alone)))
    return Markup(" ").join(parts)


def claim(
    context: PageContext, record: Claim, ledger: provenance.Ledger, refs: Sequence[AnnotationRef], root: str
) -> Html:
    """Very likely, we assessed on 2024-10-28. 2 named origins assert it …; 1 chain is untraced. Russia denies it."""
    parts: list[Html] = []
    if record.assessments:
        latest = max(record.assessments, key=lambda one: one.date.earliest)
        likelihood = latest.likelihood
        words = (
            capital(context.say.term("likelihood", likelihood)) if likelihood else context.say("answer.no_likelihood")
        )
        parts.append(context.say.html("answer.judged_html", likelihood=words, date=latest.date.text))
    else:
        parts.append(context.say.html("answer.not_assessed_html"))
    if ledger.articles:
        say = context.say.html
        origins = say("answer.origins", n=ledger.known) if ledger.known else say("answer.no_origin")
        untraced = say("answer.untraced", n=ledger.unknown) if ledger.unknown else say("answer.all_traced")
        parts.append(say("answer.sentence", words=Markup("; ").join((origins, untraced))))
    against = _against(context, refs, root)
    if against:
        parts.append(context.say.html("answer.sentence", words=against))
    return Markup(" ").join(parts)


def _against(context: PageContext, refs: Sequence[AnnotationRef], root: str) -> Html:
    """Up to three speakers whose latest statement denies or doubts it."""
    latest: dict[Key, tuple[str, AnnotationRef, str]] = {}
    for ref in refs:
        statement = context.corpus.statement(ref)
        record = cast(Article, context.corpus.article(ref.article).record)
        when = statement.said or record.published
        for link in statement.by:
            party = context.corpus.party(link)
            word = (when.earliest if when else "", ref, statement.stance)
            if party and (party not in latest or word[:2] > latest[party][:2]):
                latest[party] = word
    parts = []
    for stance in phrasing.AGAINST:
        who = sorted(party for party, word in latest.items() if word[2] == stance)
        if who:
            names = Markup(", ").join(anchor(context.link(party, root)) for party in who[:3])
            if len(who) > 3:
                names = context.say.html("list.and_more", some=names, n=len(who) - 3)
            parts.append(context.say.html(f"answer.{stance}", n=len(who), who=names))
    return Markup("; ").join(parts)


def topic(context: PageContext, key: Key) -> Html:
    """What belongs to it: 3 briefs, 5 claims, 12 events."""
    counts = Counter(kind for kind, _ in context.corpus.tagged.get(key[1], ()))
    shown: tuple[Kind, ...] = ("briefs", "claims", "events", "articles")
    parts = [context.say(f"count.{kind}", n=counts[kind]) for kind in shown if counts[kind]]
    return context.say.html("answer.belong", things=", ".join(parts)) if parts else EMPTY
