"""Automatic digests: what became known in a period, of everything or of one topic, generated from annotations alone.

Every sentence in one is quoted or composed of fields. What changed in a period, and for whom, is decided in
`analysis/history.py`.

"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar, cast

from markupsafe import Markup

from sitrep.analysis import history, phrasing
from sitrep.analysis.history import ClaimChange, Digest
from sitrep.analysis.phrasing import MOST, QUOTED, sentence, span
from sitrep.corpus.corpus import AnnotationRef
from sitrep.model.periods import Period
from sitrep.model.records import Event
from sitrep.pages.brief_references import age, outlets
from sitrep.pages.entry import line
from sitrep.pages.feeds import social_images
from sitrep.pages.parts.context import PageContext, anchor, written
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import (
    ChangedClaim,
    Correction,
    DigestPage,
    Link,
    ListRow,
    SpeakerSummary,
    Statement,
    StatementGroup,
    ValueChange,
)

T = TypeVar("T")
Made = TypeVar("Made")


class Neighbour(NamedTuple):
    """An adjacent period of the same topic in which something became known, and how many empty ones lie between."""

    id: str
    name: str
    between: int


class DigestListing(NamedTuple):
    """What lists show of a period's digest."""

    period: Period
    topics: tuple[str, ...]
    counts: tuple[str, ...]


def outputs(context: PageContext) -> Iterator[Output]:
    """A page for each period, and in it one for each topic.

    The changes are passed to the views as values, so that a page is rendered again when they change, and not whenever
    any of their inputs does.

    """
    for n, whole in enumerate(context.digests):
        topics = tuple(context.digest_topics[n])
        for topic in ("", *topics):
            digest = history.of_topic(context.corpus, whole, topic) if topic else whole
            make = partial(
                view, context, digest, topic, topics, _beside(context, n, topic, -1), _beside(context, n, topic, 1)
            )
            about = ("briefs", whole.period.id)
            yield Output(urls.digest(whole.period.id, topic), "digest.html", make, about=about)


def _beside(context: PageContext, n: int, topic: str, step: int) -> Neighbour | None:
    m = n + step
    while 0 <= m < len(context.digests):
        if not topic or topic in context.digest_topics[m]:
            here, there = context.digests[n].period, context.digests[m].period
            return Neighbour(there.id, phrasing.named(context.say, there), abs(here.number - there.number) - 1)
        m += step
    return None


def listed(context: PageContext) -> list[DigestListing]:
    """What lists show of digests, latest first. For plans only."""
    listings = [
        DigestListing(digest.period, tuple(topics), phrasing.summed(context.say, digest))
        for digest, topics in zip(context.digests, context.digest_topics, strict=True)
    ]
    return listings[::-1]


def view(
    context: PageContext,
    digest: Digest,
    topic: str,
    topics: tuple[str, ...],
    before: Neighbour | None,
    after: Neighbour | None,
) -> DigestPage:
    path = urls.digest(digest.period.id, topic)
    root = urls.root(path)
    page = _Page(context, digest, root)
    counts = phrasing.summed(context.say, digest)
    first, last = digest.period.first, digest.period.last
    return DigestPage(
        path=path,
        root=root,
        title=phrasing.title(context.say, context.corpus, digest, topic),
        kind="brief",
        description=context.say("digest.described", first=first, last=last, counts=", ".join(counts)),
        image=social_images.address(context, digest.period.id, phrasing.named(context.say, digest.period)),
        banner=context.banner(),
        canonical=context.canonical(path),
        lead=context.say("digest.lead"),
        period=span(digest.period),
        topic=context.link(("topics", topic), root) if topic else None,
        before=_to(before, topic, root) if before else None,
        gap=_gap(context, before, topic) if before else "",
        after=_to(after, topic, root) if after else None,
        others=tuple(_others(context, digest.period, topic, topics, root)),
        counts=counts,
        moves=page.few("moves", phrasing.by_weight(digest), page.move),
        events=page.few("events", digest.events, page.event),
        claims=page.few("claims", phrasing.new(digest), page.claim),
        contradicted=page.few("contradicted", phrasing.contradicted(context.corpus, digest), page.contradicted),
        corrections=page.few("corrections", digest.updates, page.correction),
        spoke=page.few("spoke", phrasing.speakers(context.corpus, digest), page.voice),
        silent=page.few("silent", phrasing.silent(context.corpus, digest), page.statement),
        alone=page.few("alone", phrasing.alone(digest), page.alone),
        due=page.few("due", digest.due, lambda id: line(context, ("events", id), root)),
        articles=page.few("articles", digest.articles, lambda id: context.article_row(id, root)),
        sources=(*outlets(context, digest.articles, root), *age(context, digest.articles, None)),
        more=page.more,
    )


def row(context: PageContext, listing: DigestListing, root: str) -> ListRow:
    """A digest as a line of a list, with its topics beside it."""
    id = listing.period.id
    return ListRow(
        link=Link(
            href=root + urls.href(urls.digest(id)),
            text=phrasing.named(context.say, listing.period),
            kind="brief",
            id=id,
        ),
        date=span(listing.period),
        meta=tuple(_by_topic(context, id, topic, root) for topic in listing.topics),
        line=Markup(" · ").join(Markup("{}").format(part) for part in listing.counts),
    )


def _by_topic(context: PageContext, id: str, topic: str, root: str) -> Link:
    href = root + urls.href(urls.digest(id, topic))
    return Link(href=href, text=context.link(("topics", topic), root).text, kind="brief", id=id)


# -- the rows ---------------------------------------------------------------------------------------------------------


class _Page:
    """Builds the rows of one page; counts those that its lists have no room for."""

    def __init__(self, context: PageContext, digest: Digest, root: str) -> None:
        self.context = context
        self.digest = digest
        self.root = root
        self.more: dict[str, int] = {}

    def few(self, name: str, items: Sequence[T], make: Callable[[T], Made | None]) -> tuple[Made, ...]:
        if len(items) > MOST:
            self.more[name] = len(items) - MOST
        return tuple(view for item in items[:MOST] if (view := make(item)) is not None)

    def statement(self, ref: AnnotationRef) -> Statement | None:
        return self.context.statement(ref, self.root)

    def link(self, moved: ClaimChange) -> Link:
        return self.context.link(("claims", moved.id), self.root)

    def move(self, moved: ClaimChange) -> ChangedClaim:
        say = self.context.say
        changes = tuple(
            ValueChange(label=c.label, before=c.before, after=c.after) for c in phrasing.changes(say, moved)
        )
        what = say.term("moved", phrasing.how(moved))
        return ChangedClaim(link=self.link(moved), what=what, line=sentence(say, moved.after), changes=changes)

    def event(self, first: tuple[str, AnnotationRef]) -> StatementGroup:
        id, ref = first
        record = cast(Event, self.context.corpus.entries["events"][id].record)
        return StatementGroup(
            link=self.context.link(("events", id), self.root),
            date=written(record.date),
            meta=self.context.say.term("phase", record.phase) if record.phase in ("planned", "alleged") else "",
            statements=self.context.statements([ref], self.root),
        )

    def claim(self, moved: ClaimChange) -> StatementGroup:
        return self._statements(moved, phrasing.first(self.context.corpus, moved))

    def contradicted(self, moved: ClaimChange) -> StatementGroup:
        return self._statements(moved, phrasing.taking(self.context.corpus, moved, phrasing.AGAINST)[:QUOTED])

    def _statements(self, moved: ClaimChange, refs: Iterable[AnnotationRef]) -> StatementGroup:
        return StatementGroup(
            link=self.link(moved), date="", meta="", statements=self.context.statements(refs, self.root)
        )

    def correction(self, update: history.ArticleUpdate) -> Correction:
        claims = phrasing.corrected(self.digest, update)
        return Correction(
            article=self.context.link(("articles", update.article), self.root),
            how=update.how,
            earlier=self.context.link(("articles", update.earlier), self.root),
            claims=tuple(self.link(claim) for claim in claims[:MOST]),
        )

    def voice(self, speaker: phrasing.Speaker) -> SpeakerSummary:
        return SpeakerSummary(
            link=self.context.link(speaker.party, self.root),
            tally=speaker.tally,
            claims=tuple(self.context.link(("claims", id), self.root) for id in speaker.claims[:QUOTED]),
            more=max(0, len(speaker.claims) - QUOTED),
        )

    def alone(self, moved: ClaimChange) -> ListRow:
        state = moved.after
        link = self.context.named(state.origin, ("actors", "sources"), self.root) if state.origin else None
        if link and state.origin.startswith("document:"):
            link = Link(href="", text=state.origin.removeprefix("document:"))
        say = self.context.say
        what = say.html("digest.one_origin", origin=anchor(link)) if link else say.html("digest.no_origin")
        return ListRow(link=self.link(moved), line=Markup("{} {}").format(what, sentence(say, state)))


def _to(other: Neighbour, topic: str, root: str) -> Link:
    return Link(href=root + urls.href(urls.digest(other.id, topic)), text=other.name, kind="brief", id=other.id)


def _gap(context: PageContext, before: Neighbour, topic: str) -> str:
    """A note on the empty periods since the previous digest, which have no page."""
    if not before.between:
        return ""
    every = context.config.briefs.every or "week"
    return context.say(f"digest.gap_{every}_topic" if topic else f"digest.gap_{every}", n=before.between)


def _others(context: PageContext, period: Period, topic: str, topics: tuple[str, ...], root: str) -> Iterator[Link]:
    """The same period for other topics; for a topic's digest, the whole."""
    if topic:
        href = root + urls.href(urls.digest(period.id))
        yield Link(
            href=href,
            text=context.say("digest.whole", name=phrasing.named(context.say, period)),
            kind="brief",
            id=period.id,
        )
        return
    for other in topics:
        yield _by_topic(context, period.id, other, root)
