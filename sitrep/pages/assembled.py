"""Assembled briefs: what became known in a period, of everything or of one topic, from annotations alone.

Every sentence in one is quoted, or made of fields. What a period moved, and for whom, is `history`'s to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeVar, cast

from markupsafe import Markup

from sitrep import history, urls
from sitrep.corpus import Key, Said
from sitrep.history import Digest, Moved, State
from sitrep.outputs import Output
from sitrep.pages.apparatus import age, counted, outlets
from sitrep.pages.claims import sentence
from sitrep.pages.desk import Desk, anchor, written
from sitrep.pages.things import line
from sitrep.periods import Period
from sitrep.records import Article, Event, Stance
from sitrep.views import AssembledPage, Change, Correction, Link, Move, Row, Statement, Told, Voice

T = TypeVar("T")
Made = TypeVar("Made")
MOST = 25
"""Lines of a list; the rest is counted."""
QUOTED = 3
"""Statements under one claim."""
AGAINST: tuple[Stance, ...] = ("denies", "doubts")
SILENT: tuple[Stance, ...] = ("withholds", "silent")
DONE = {"withdraws": "withdrawn", "replaces": "replaced", "corrects": "corrected"}
MOVES = ("withdrawn", "replaced", "corrected", "contradicted", "changed", "new", "repeated")
"""How a claim may have moved, what needs most attention first."""


class Neighbour(NamedTuple):
    """A period beside this one in which something became known, of the same topic; how many are between."""

    id: str
    name: str
    between: int


class Listed(NamedTuple):
    """What a list says of a period's brief."""

    period: Period
    topics: tuple[str, ...]
    counts: tuple[str, ...]


def outputs(desk: Desk) -> Iterator[Output]:
    """A page for each period, and in it one for each topic.

    What moved is given to the views as values, so that a page is made again when that changes, and not whenever
    anything does that it might have come from.
    """
    for n, whole in enumerate(desk.digests):
        topics = tuple(desk.digest_topics[n])
        for topic in ("", *topics):
            digest = history.of_topic(desk.corpus, whole, topic) if topic else whole
            make = partial(view, desk, digest, topic, topics, _beside(desk, n, topic, -1), _beside(desk, n, topic, 1))
            about = ("briefs", whole.period.id)
            yield Output(urls.assembled(whole.period.id, topic), "assembled.html", make, about=about)


def _beside(desk: Desk, n: int, topic: str, step: int) -> Neighbour | None:
    m = n + step
    while 0 <= m < len(desk.digests):
        if not topic or topic in desk.digest_topics[m]:
            here, there = desk.digests[n].period, desk.digests[m].period
            return Neighbour(there.id, there.name, abs(here.number - there.number) - 1)
        m += step
    return None


def listed(desk: Desk) -> list[Listed]:
    """What lists say of assembled briefs, the latest first. For plans."""
    made = [
        Listed(digest.period, tuple(topics), summed(digest))
        for digest, topics in zip(desk.digests, desk.digest_topics, strict=True)
    ]
    return made[::-1]


def view(
    desk: Desk, digest: Digest, topic: str, topics: tuple[str, ...], before: Neighbour | None, after: Neighbour | None
) -> AssembledPage:
    path = urls.assembled(digest.period.id, topic)
    root = urls.root(path)
    page = _Page(desk, digest, root)
    counts = summed(digest)
    return AssembledPage(
        path=path,
        root=root,
        title=title(desk, digest, topic),
        kind="brief",
        description=f"What became known, {digest.period.first} to {digest.period.last}: {', '.join(counts)}",
        banner=desk.banner(),
        canonical=desk.canonical(path),
        period=_span(digest.period),
        topic=desk.link(("topics", topic), root) if topic else None,
        before=_to(before, topic, root) if before else None,
        gap=_gap(desk, before, topic) if before else "",
        after=_to(after, topic, root) if after else None,
        others=tuple(_others(desk, digest.period, topic, topics, root)),
        counts=counts,
        moves=page.few("moves", sorted(digest.claims, key=lambda made: MOVES.index(how(made))), page.move),
        events=page.few("events", digest.events, page.event),
        claims=page.few("claims", [m for m in digest.claims if m.before is None], page.claim),
        contradicted=page.few("contradicted", [m for m in digest.claims if page.of(m, AGAINST)], page.contradicted),
        corrections=page.few("corrections", digest.updates, page.correction),
        spoke=page.few("spoke", page.speakers(), page.voice),
        silent=page.few("silent", page.silent(), page.statement),
        alone=page.few("alone", [m for m in digest.claims if m.after.articles and m.after.known < 2], page.alone),
        due=page.few("due", digest.due, lambda id: line(desk, ("events", id), root)),
        articles=page.few("articles", digest.articles, lambda id: desk.article_row(id, root)),
        sources=(*outlets(desk, digest.articles, root), *age(desk.corpus, digest.articles, None)),
        more=page.more,
    )


def title(desk: Desk, digest: Digest, topic: str = "") -> str:
    entry = desk.corpus.get(("topics", topic)) if topic else None
    return f"{digest.period.name}: {entry.name}" if entry else digest.period.name


def row(desk: Desk, made: Listed, root: str) -> Row:
    """An assembled brief as a line of a list, with those by topic beside it."""
    id = made.period.id
    return Row(
        link=Link(href=root + urls.href(urls.assembled(id)), text=made.period.name, kind="brief", id=id),
        date=_span(made.period),
        meta=tuple(_by_topic(desk, id, topic, root) for topic in made.topics),
        line=Markup(" · ").join(Markup("{}").format(part) for part in made.counts),
    )


def _by_topic(desk: Desk, id: str, topic: str, root: str) -> Link:
    href = root + urls.href(urls.assembled(id, topic))
    return Link(href=href, text=desk.link(("topics", topic), root).text, kind="brief", id=id)


def how(moved: Moved) -> str:
    """How a claim moved, in a word: the first of MOVES that applies."""
    done = {DONE[update.how] for update in moved.updates}
    for word in MOVES[:3]:
        if word in done:
            return word
    if any(_count(moved.after, s) > (_count(moved.before, s) if moved.before else 0) for s in AGAINST):
        return "contradicted"
    if moved.before is None:
        return "new"
    return "changed" if any(_changes(moved.before, moved.after)) else "repeated"


def summed(digest: Digest) -> tuple[str, ...]:
    """What a digest holds, in numbers."""
    words = Counter(how(made) for made in digest.claims)
    new = sum(made.before is None for made in digest.claims)
    parts = [counted(len(digest.articles), "article")] if digest.articles else []
    parts += [counted(len(digest.events), "new event")] if digest.events else []
    parts += [counted(new, "new claim")] if new else []
    for word in ("contradicted", "changed"):
        parts += [f"{words[word]} {word}"] if words[word] else []
    parts += [counted(len(digest.updates), "correction")] if digest.updates else []
    return tuple(parts)


# -- what is different ------------------------------------------------------------------------------------------------


def _count(state: State, stance: str) -> int:
    return sum(n for taken, n in state.stances if taken == stance)


def _changes(before: State, after: State) -> Iterator[Change]:
    """What is otherwise than before, field by field. That more articles say the same is not among it."""
    for label, was, now in (
        ("distinct origins, at most", before.known, after.known),
        ("of unknown lineage", before.unknown, after.unknown),
    ):
        if was != now:
            yield Change(label=label, before=str(was), after=str(now))
    if (before.low, before.high) != (after.low, after.high):
        yield Change(label="numbers", before=_range(before), after=_range(after))
    for stance in (*AGAINST, *SILENT):
        if _count(before, stance) != _count(after, stance):
            yield Change(label=stance, before=str(_count(before, stance)), after=str(_count(after, stance)))
    was_made, made = before.assessment, after.assessment
    if made and made != was_made:
        for label, value, old in (
            ("likelihood, as we assess it", made.likelihood, was_made.likelihood if was_made else None),
            ("confidence, as we assess it", made.confidence, was_made.confidence if was_made else None),
        ):
            if value != old:
                yield Change(label=label, before=old or "", after=value or "not given")


def _range(state: State) -> str:
    return state.low if state.low == state.high else f"{state.low} to {state.high}"


# -- the rows ---------------------------------------------------------------------------------------------------------


class _Page:
    """Makes the rows of one page; counts those that its lists have no room for."""

    def __init__(self, desk: Desk, digest: Digest, root: str) -> None:
        self.desk = desk
        self.digest = digest
        self.root = root
        self.more: dict[str, int] = {}

    def few(self, name: str, items: Sequence[T], make: Callable[[T], Made | None]) -> tuple[Made, ...]:
        if len(items) > MOST:
            self.more[name] = len(items) - MOST
        return tuple(made for item in items[:MOST] if (made := make(item)) is not None)

    def of(self, moved: Moved, stances: tuple[Stance, ...]) -> list[Said]:
        return [said for said in moved.said if self.desk.corpus.statement(said).stance in stances]

    def statement(self, said: Said) -> Statement | None:
        return self.desk.statement(said, self.root)

    def link(self, moved: Moved) -> Link:
        return self.desk.link(("claims", moved.id), self.root)

    def move(self, moved: Moved) -> Move:
        changes = list(_changes(moved.before, moved.after)) if moved.before else []
        if moved.before is None and moved.after.low:
            changes.append(Change(label="numbers", before="", after=_range(moved.after)))
        if moved.before is None and (made := moved.after.assessment) and made.likelihood:
            changes.append(Change(label="likelihood, as we assess it", before="", after=made.likelihood))
        return Move(link=self.link(moved), what=how(moved), line=sentence(moved.after), changes=tuple(changes))

    def event(self, first: tuple[str, Said]) -> Told:
        id, said = first
        record = cast(Event, self.desk.corpus.entries["events"][id].record)
        return Told(
            link=self.desk.link(("events", id), self.root),
            date=written(record.date),
            meta=record.phase if record.phase in ("planned", "alleged") else "",
            statements=self.desk.statements([said], self.root),
        )

    def claim(self, moved: Moved) -> Told:
        """By the first that asserts it; where none does, by the first that speaks of it."""
        asserted = self.of(moved, ("asserts",)) or moved.said
        return self._told(moved, sorted(asserted, key=self._published)[:1])

    def contradicted(self, moved: Moved) -> Told:
        return self._told(moved, self.of(moved, AGAINST)[:QUOTED])

    def _told(self, moved: Moved, saids: Iterable[Said]) -> Told:
        return Told(link=self.link(moved), date="", meta="", statements=self.desk.statements(saids, self.root))

    def _published(self, said: Said) -> str:
        published = cast(Article, self.desk.corpus.entries["articles"][said.article].record).published
        return published.earliest if published else "~"

    def correction(self, update: history.Update) -> Correction:
        claims = [made for made in self.digest.claims if any(u == update for u in made.updates)]
        return Correction(
            article=self.desk.link(("articles", update.article), self.root),
            how=update.how,
            earlier=self.desk.link(("articles", update.earlier), self.root),
            claims=tuple(self.link(made) for made in claims[:MOST]),
        )

    def silent(self) -> list[Said]:
        """Statements of silence, or that an answer was withheld; one about several claims is one."""
        return list(dict.fromkeys(said for moved in self.digest.claims for said in self.of(moved, SILENT)))

    def speakers(self) -> list[tuple[Key, Counter[str], list[str]]]:
        """Whoever is named as a speaker on a claim, with their stances and the claims; who spoke most comes first."""
        stances: dict[Key, Counter[str]] = {}
        claims: dict[Key, dict[str, None]] = {}
        counted: set[Said] = set()
        for moved in self.digest.claims:
            for said in moved.said:
                assertion = self.desk.corpus.statement(said)
                for party in dict.fromkeys(p for by in assertion.by if (p := self.desk.corpus.party(by))):
                    stances.setdefault(party, Counter())[assertion.stance] += said not in counted
                    claims.setdefault(party, {})[moved.id] = None
                counted.add(said)
        order = sorted(stances, key=lambda party: (-stances[party].total(), party))
        return [(party, stances[party], list(claims[party])) for party in order]

    def voice(self, found: tuple[Key, Counter[str], list[str]]) -> Voice:
        party, stances, claims = found
        return Voice(
            link=self.desk.link(party, self.root),
            tally=tuple((s, stances[s]) for s in ("asserts", *AGAINST, *SILENT) if stances[s]),
            claims=tuple(self.desk.link(("claims", id), self.root) for id in claims[:QUOTED]),
            more=max(0, len(claims) - QUOTED),
        )

    def alone(self, moved: Moved) -> Row:
        state = moved.after
        link = self.desk.named(state.origin, ("actors", "sources"), self.root) if state.origin else None
        if link and state.origin.startswith("document:"):
            link = Link(href="", text=state.origin.removeprefix("document:"))
        what = Markup("One known origin: {}").format(anchor(link)) if link else Markup("No known origin")
        return Row(link=self.link(moved), line=Markup("{}. {}").format(what, sentence(state)))


def _span(period: Period) -> str:
    return period.first if period.first == period.last else f"{period.first}/{period.last}"


def _to(other: Neighbour, topic: str, root: str) -> Link:
    return Link(href=root + urls.href(urls.assembled(other.id, topic)), text=other.name, kind="brief", id=other.id)


def _gap(desk: Desk, before: Neighbour, topic: str) -> str:
    """What is to be said of the empty periods since the one before, which have no page."""
    if not before.between:
        return ""
    every = desk.config.briefs.every or ""
    what = "Nothing of this topic" if topic else "Nothing"
    return f"{what} became known in the {every if before.between == 1 else f'{before.between} {every}s'} between."


def _others(desk: Desk, period: Period, topic: str, topics: tuple[str, ...], root: str) -> Iterator[Link]:
    """The same period by topic; of a topic's brief, the whole."""
    if topic:
        href = root + urls.href(urls.assembled(period.id))
        yield Link(href=href, text=f"All of {period.name}", kind="brief", id=period.id)
        return
    for other in topics:
        yield _by_topic(desk, period.id, other, root)
