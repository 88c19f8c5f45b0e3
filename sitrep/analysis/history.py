"""What changed in each period: a claim followed through the days on which articles about it became known.

A statement is known by the end of the day its article was captured (else published), as on a site as of a day. For each
claim and each period in which something about it became known there is a state before and a state after. A state says
the same as the ledger of that day, but is computed from the state before it, since a long history has many.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple, cast

from sitrep.analysis.provenance import End, Tracer, evidence, heads, uncounted_for
from sitrep.corpus.as_of import since
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key
from sitrep.model.periods import Every, Period, period
from sitrep.model.records import STANCES, Article, Assessment, Claim, ClaimAssertion, Event, Stance


class State(NamedTuple):
    """The evidence for a claim at the end of a period, and our assessment of it."""

    articles: int
    outlets: int
    known: int
    unknown: int
    origin: str
    """The only known origin; empty where there is none, or more than one."""
    stances: tuple[tuple[Stance, int], ...]
    low: str
    """The lowest number that is asserted, as written; empty without numbers."""
    high: str
    assessment: Assessment | None


NOTHING = State(0, 0, 0, 0, "", (), "", "", None)


class ArticleUpdate(NamedTuple):
    """An article corrects, replaces or withdraws an earlier one."""

    article: str
    how: str
    earlier: str


class ClaimChange(NamedTuple):
    """A claim about which something became known in a period. `before` is None for a new claim."""

    id: str
    before: State | None
    after: State
    ref: tuple[AnnotationRef, ...]
    """The statements that became known, in the order of the site."""
    updates: tuple[ArticleUpdate, ...]
    assessed: bool


class Digest(NamedTuple):
    """What became known in one period."""

    period: Period
    articles: tuple[str, ...]
    claims: tuple[ClaimChange, ...]
    events: tuple[tuple[str, AnnotationRef], ...]
    """Events that were first reported, each with its first statement."""
    updates: tuple[ArticleUpdate, ...]
    due: tuple[str, ...]
    """Events known by the end of the period that were still to come, the nearest first."""


def digests(corpus: Corpus, every: Every) -> list[Digest]:
    """A digest for each period in which something became known, the earliest first."""
    periods = _Periods(corpus, every)
    articles: dict[Period, list[str]] = defaultdict(list)
    updates: dict[Period, list[ArticleUpdate]] = defaultdict(list)
    for entry, article in corpus.articles:
        if when := periods.of(entry.id):
            articles[when].append(entry.id)
            if article.updates and corpus.get(("articles", article.updates.article)):
                updates[when].append(ArticleUpdate(entry.id, article.updates.how, article.updates.article))
    claims: dict[Period, list[ClaimChange]] = defaultdict(list)
    for id in corpus.entries["claims"]:
        for when, moved in _followed(corpus, periods, id):
            claims[when].append(moved)
    events: dict[Period, list[tuple[str, AnnotationRef]]] = defaultdict(list)
    for id in corpus.entries["events"]:
        if first := _first(corpus, periods, ("events", id)):
            events[first[0]].append((id, first[1]))
    all_ = sorted({*articles, *claims}, key=lambda when: when.number)
    due = _due(corpus, all_, events)
    return [
        Digest(
            period=when,
            articles=tuple(articles[when]),
            claims=tuple(claims[when]),
            events=tuple(events[when]),
            updates=tuple(updates[when]),
            due=due[n],
        )
        for n, when in enumerate(all_)
    ]


def published(corpus: Corpus, every: Every | None) -> list[Digest]:
    """The digests that get an automatic summary. A written brief keeps the address it has."""
    if not every:
        return []
    taken = {id.casefold() for id in corpus.entries["briefs"]}
    taken |= {old.casefold() for kind, old in corpus.redirects if kind == "briefs"}
    return [digest for digest in digests(corpus, every) if digest.period.id.casefold() not in taken]


def of_topic(corpus: Corpus, digest: Digest, topic: str) -> Digest:
    """The part of a digest that belongs to a topic. An entry without topics belongs to those of the articles about
    it."""

    def mine(key: Key, refs: Iterable[AnnotationRef]) -> bool:
        own = corpus.entries[key[0]][key[1]].record.topics
        return topic in own if own else any(topic in _topics(corpus, ref.article) for ref in refs)

    return digest._replace(
        articles=tuple(id for id in digest.articles if topic in _topics(corpus, id)),
        claims=tuple(item for item in digest.claims if mine(("claims", item.id), item.ref)),
        events=tuple(item for item in digest.events if mine(("events", item[0]), item[1:])),
        updates=tuple(u for u in digest.updates if topic in _topics(corpus, u.article)),
        due=tuple(id for id in digest.due if topic in corpus.entries["events"][id].record.topics),
    )


def topics_of(corpus: Corpus, digest: Digest) -> list[str]:
    """The topics of the entries in a digest; events that are merely due do not count."""
    named: dict[str, None] = {}
    for id in digest.articles:
        named.update(dict.fromkeys(_topics(corpus, id)))
    for change in digest.claims:
        named.update(dict.fromkeys(corpus.entries["claims"][change.id].record.topics))
    for id, _ in digest.events:
        named.update(dict.fromkeys(corpus.entries["events"][id].record.topics))
    return [topic for topic in corpus.entries["topics"] if topic in named]


def _topics(corpus: Corpus, article: str) -> tuple[str, ...]:
    return corpus.article(article).record.topics


class _Periods:
    """The period in which each article became known, or None."""

    def __init__(self, corpus: Corpus, every: Every) -> None:
        self.every = every
        self._days: dict[str, Period | None] = {}
        self._of: dict[str, Period | None] = {}
        for entry, article in corpus.articles:
            self._of[entry.id] = self.on(since(article))

    def of(self, article: str) -> Period | None:
        return self._of[article]

    def on(self, day: str) -> Period | None:
        if day not in self._days:
            self._days[day] = period(day, self.every)
        return self._days[day]


def _first(corpus: Corpus, periods: _Periods, key: Key) -> tuple[Period, AnnotationRef] | None:
    """When an entry was first reported, and by which statement: of several on one day, the first on the site."""
    earliest: tuple[str, Period, AnnotationRef] | None = None
    for ref in corpus.statements.get(key, ()):
        entry = corpus.article(ref.article)
        when = periods.of(ref.article)
        if when and (ref.list, ref.n) not in entry.unanchored:
            day = since(cast(Article, entry.record))
            if earliest is None or day < earliest[0]:
                earliest = (day, when, ref)
    return earliest[1:] if earliest else None


def _due(
    corpus: Corpus, periods: list[Period], first_reports: dict[Period, list[tuple[str, AnnotationRef]]]
) -> list[tuple[str, ...]]:
    """For each period, the events known by its end that were planned for later, or planned without a date. An event
    that no article reports is known from its file, whenever that was written."""
    known = {id for upcoming in first_reports.values() for id, _ in upcoming}
    waiting: list[tuple[str, str]] = []
    for id in corpus.entries["events"]:
        if id not in known and not corpus.statements.get(("events", id)):
            _wait(corpus, id, waiting)
    upcoming = []
    for when in periods:
        for id, _ in first_reports.get(when, ()):
            _wait(corpus, id, waiting)
        while waiting and waiting[0][0] <= when.last:
            heappop(waiting)
        upcoming.append(tuple(id for _, id in sorted(waiting)))
    return upcoming


def _wait(corpus: Corpus, id: str, waiting: list[tuple[str, str]]) -> None:
    record = corpus.entries["events"][id].record
    assert isinstance(record, Event)
    if record.date:
        heappush(waiting, (record.date.earliest, id))
    elif record.phase == "planned":
        heappush(waiting, ("undated", id))


# -- one claim --------------------------------------------------------------------------------------------------------


def _followed(corpus: Corpus, periods: _Periods, id: str) -> Iterable[tuple[Period, ClaimChange]]:
    """The periods in which something about a claim became known, with its state before and after."""
    key: Key = ("claims", id)
    record = corpus.entries["claims"][id].record
    claim = record if isinstance(record, Claim) else Claim()
    refs: dict[Period, list[AnnotationRef]] = defaultdict(list)
    updates: dict[Period, dict[ArticleUpdate, None]] = defaultdict(dict)
    asserted = [
        (n, ref, when)
        for n, ref in enumerate(corpus.statements.get(key, ()))
        if corpus.is_anchored(ref) and (when := periods.of(ref.article))
    ]
    for _, ref, when in asserted:
        refs[when].append(ref)
        for later in corpus.updates.get(ref.article, ()):
            if then := periods.of(later):
                how = cast(Article, corpus.article(later).record).updates
                assert how is not None
                updates[max(when, then, key=lambda p: p.number)][ArticleUpdate(later, how.how, ref.article)] = None
    assessments = sorted(claim.assessments, key=lambda assessment: assessment.date.latest)
    if not refs and corpus.statements.get(key):
        return  # no article about it was ever known
    first = min((when.number for when in refs), default=0)
    assessed = {
        when for assessment in assessments if (when := periods.on(assessment.date.latest)) and when.number >= first
    }
    running = _Running(corpus, claim, key, {ref: n for n, ref, _ in asserted})
    before: State | None = None if refs else NOTHING
    for when in sorted({*refs, *updates, *assessed}, key=lambda when: when.number):
        running.add(refs.get(when, ()), when.last, withdrawn=bool(updates.get(when)))
        latest = [assessment for assessment in assessments if assessment.date.latest <= when.last]
        after = running.state(latest[-1] if latest else None)
        yield (
            when,
            ClaimChange(id, before, after, tuple(refs.get(when, ())), tuple(updates.get(when, ())), when in assessed),
        )
        before = after


class _Running:
    """The counts of a claim's ledger, updated from period to period.

    They are those of `provenance.ledger`. Each chain is followed once, and again only when it led to an article that
    was not known then and is known now. When an article stops counting, everything is counted again from the chains
    that were followed.
    """

    def __init__(self, corpus: Corpus, claim: Claim, key: Key, order: dict[AnnotationRef, int]) -> None:
        self._corpus = corpus
        self._merged = evidence(corpus, claim)
        self._tracer = Tracer(corpus, key)
        self._order = order
        self._traces: dict[AnnotationRef, list[End]] = {}
        """Statements that assert the claim and count."""
        self._stances: dict[AnnotationRef, Stance] = {}
        self._missed: dict[str, set[AnnotationRef]] = defaultdict(set)
        """Article that is not known yet → statements whose chains led to it."""
        self._reset()

    def add(self, refs: Iterable[AnnotationRef], until: str, *, withdrawn: bool) -> None:
        """Add what became known by a day."""
        self._tracer.until = until
        again: set[AnnotationRef] = set()
        for article in [a for a in self._missed if self._known(a, until)]:
            again |= self._missed.pop(article)
        if withdrawn:
            for ref in [ref for ref in self._stances if uncounted_for(self._corpus, ref.article, until)]:
                del self._stances[ref]
                self._traces.pop(ref, None)
        fresh: list[AnnotationRef] = []
        for ref in refs:
            if not uncounted_for(self._corpus, ref.article, until):
                self._stances[ref] = self._corpus.statement(ref).stance
                fresh += [ref] if self._stances[ref] == "asserts" else []
        for ref in (*fresh, *(ref for ref in again if ref in self._traces)):
            self._tracer.missed = set()
            self._traces[ref] = self._tracer.trace(ref)
            for article in self._tracer.missed:
                self._missed[article].add(ref)
        if withdrawn or again:
            self._reset()
            fresh = list(self._traces)
        for ref in fresh:
            self._count(ref)

    def _known(self, article: str, until: str) -> bool:
        return since(cast(Article, self._corpus.article(article).record)) <= until

    def _reset(self) -> None:
        self._articles: set[str] = set()
        self._outlets: set[str] = set()
        self._single: set[str] = set()
        """Origins of chains that start at a single body."""
        self._several: list[tuple[int, int, int, tuple[str, ...]]] = []
        """Origins of chains whose start belongs to several bodies, in the order in which they are assigned."""
        self._parent: dict[object, object] = {}
        """A union-find forest of what distinguishes untraced chains."""
        self._lineages = 0
        self._low: tuple[float, str] | None = None
        self._high: tuple[float, str] | None = None

    def _count(self, ref: AnnotationRef) -> None:
        article = cast(Article, self._corpus.article(ref.article).record)
        self._articles.add(ref.article)
        self._outlets.add(article.source or ref.article)
        for n, trace in enumerate(self._traces[ref]):
            if len(trace.roots) == 1:
                self._single.add(self._merged.get(trace.roots[0], trace.roots[0]))
            elif trace.roots:
                roots = tuple(self._merged.get(root, root) for root in trace.roots)
                insort(self._several, (len(roots), self._order[ref], n, roots))
            else:
                self._join(trace)
        assertion = self._corpus.statement(ref)
        if isinstance(assertion, ClaimAssertion) and (value := assertion.value):
            low, high = (value.low, value.text), (value.high, value.text)
            self._low = min(self._low, low) if self._low else low
            self._high = max(self._high, high) if self._high else high

    def _join(self, trace: End) -> None:
        marks: list[object] = [trace.nearest, *([trace.words] if trace.words[1] else [])]
        for mark in marks:
            if mark not in self._parent:
                self._parent[mark] = mark
                self._lineages += 1
        one, other = self._top(marks[0]), self._top(marks[-1])
        if one != other:
            self._parent[one] = other
            self._lineages -= 1

    def _top(self, mark: object) -> object:
        while self._parent[mark] != mark:
            mark = self._parent[mark]
        return mark

    def _head(self, origins: set[str]) -> str:
        """The name of the only origin."""
        (home,) = origins
        ends = [end for traces in self._traces.values() for end in traces if end.roots]
        return heads(self._corpus, self._merged, home, ends)[0]

    def state(self, assessment: Assessment | None) -> State:
        origins = set(self._single)
        for _, _, _, roots in self._several:
            if not any(root in origins for root in roots):
                origins.add(roots[0])
        stances = Counter(self._stances.values())
        return State(
            articles=len(self._articles),
            outlets=len(self._outlets),
            known=len(origins),
            unknown=self._lineages,
            origin=self._head(origins) if len(origins) == 1 else "",
            stances=tuple((stance, stances[stance]) for stance in STANCES if stances[stance]),
            low=self._low[1] if self._low else "",
            high=self._high[1] if self._high else "",
            assessment=assessment,
        )
