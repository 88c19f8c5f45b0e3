"""Words and numbers that the page and the text of an automatic summary share.

What changed in a period is computed in `history.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, cast

from sitrep.analysis.history import ArticleUpdate, ClaimChange, Digest, State
from sitrep.analysis.provenance import Ledger
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key
from sitrep.i18n.words import Words
from sitrep.model.periods import Period
from sitrep.model.records import STANCES, Article, Date, Source, Stance

MOST = 25
"""Lines of a list; the rest are counted."""
QUOTED = 3
"""Statements under one claim, claims under one speaker."""
AGAINST: tuple[Stance, ...] = ("denies", "doubts")
SILENT: tuple[Stance, ...] = ("withholds", "silent")
DONE = {"withdraws": "withdrawn", "replaces": "replaced", "corrects": "corrected"}
MOVES = ("withdrawn", "replaced", "corrected", "contradicted", "changed", "new", "repeated")
"""How a claim may have changed, the most important first."""


class ValueChange(NamedTuple):
    """One value that differs from before. `before` is empty where there was none."""

    label: str
    before: str
    after: str


class Speaker(NamedTuple):
    """A named speaker, how often they took each stance, and on which claims."""

    party: Key
    tally: tuple[tuple[Stance, int], ...]
    claims: tuple[str, ...]


def sentence(say: Words, counts: Ledger | State) -> str:
    """A ledger in one line. An untraced chain never counts as an origin, and nothing is ever called independent."""
    if not counts.articles:
        return say("ledger.nobody")
    parts = [say("count.articles", n=counts.articles), say("ledger.outlets", n=counts.outlets)]
    parts += [say("ledger.at_most", n=counts.known) if counts.known else say("ledger.no_origin")]
    parts += [say("ledger.unknown", n=counts.unknown)] if counts.unknown else []
    return " · ".join(parts)


def named(say: Words, period: Period) -> str:
    """The name of a period: Week 49 of 2024, December 2024, 5 December 2024."""
    year, _, rest = period.id.partition("-")
    if rest.startswith("W"):
        return say("period.week", week=int(rest[1:]), year=int(year))
    month, _, day = rest.partition("-")
    name = say.term("month", str(int(month)))
    if day:
        return say("period.day", day=int(day), month=name, year=int(year))
    return say("period.month", month=name, year=int(year))


def made_up(say: Words, digests: Iterable[Digest]) -> list[str]:
    """Names that the site composes itself, those of periods: a withheld entry with such a name is not given away
    by it."""
    return [f"{digest.period.id}\n{named(say, digest.period)}" for digest in digests]


def title(say: Words, corpus: Corpus, digest: Digest, topic: str = "") -> str:
    entry = corpus.get(("topics", topic)) if topic else None
    name = named(say, digest.period)
    return say("digest.titled", topic=name, name=entry.name) if entry else name


def span(period: Period) -> str:
    return period.first if period.first == period.last else f"{period.first}/{period.last}"


# -- how claims moved -------------------------------------------------------------------------------------------------


def how(moved: ClaimChange) -> str:
    """How a claim changed, in a word: the first of MOVES that applies."""
    done = {DONE[update.how] for update in moved.updates}
    for word in MOVES[:3]:
        if word in done:
            return word
    if any(_count(moved.after, s) > (_count(moved.before, s) if moved.before else 0) for s in AGAINST):
        return "contradicted"
    if moved.before is None:
        return "new"
    return "changed" if _other(moved.before, moved.after) else "repeated"


def _other(before: State, after: State) -> bool:
    """Whether anything but the number of articles has changed."""
    was, now = before.assessment, after.assessment
    if now and (now.likelihood, now.confidence) != ((was.likelihood, was.confidence) if was else (None, None)):
        return True
    numbers = (before.known, before.unknown, before.low, before.high)
    if numbers != (after.known, after.unknown, after.low, after.high):
        return True
    return any(_count(before, stance) != _count(after, stance) for stance in (*AGAINST, *SILENT))


def by_weight(digest: Digest) -> list[ClaimChange]:
    """The claims that changed, the most important first."""
    return sorted(digest.claims, key=lambda change: MOVES.index(how(change)))


def changes(say: Words, moved: ClaimChange) -> list[ValueChange]:
    """What changed; for a new claim, its numbers and our assessment."""
    if moved.before is not None:
        return list(_changes(say, moved.before, moved.after))
    entries = [ValueChange(say("ledger.numbers"), "", _range(say, moved.after))] if moved.after.low else []
    if (assessment := moved.after.assessment) and assessment.likelihood:
        entries.append(ValueChange(say("ledger.likelihood"), "", say.term("likelihood", assessment.likelihood)))
    return entries


def _changes(say: Words, before: State, after: State) -> Iterator[ValueChange]:
    """What changed, field by field."""
    for key, was, now in (
        ("ledger.origins", before.known, after.known),
        ("ledger.lineage", before.unknown, after.unknown),
    ):
        if was != now:
            yield ValueChange(say(key), str(was), str(now))
    if (before.low, before.high) != (after.low, after.high):
        yield ValueChange(say("ledger.numbers"), _range(say, before), _range(say, after))
    for stance in (*AGAINST, *SILENT):
        if _count(before, stance) != _count(after, stance):
            yield ValueChange(say.term("stance", stance), str(_count(before, stance)), str(_count(after, stance)))
    former, assessment = before.assessment, after.assessment
    if assessment and assessment != former:
        for group, value, old in (
            ("likelihood", assessment.likelihood, former.likelihood if former else None),
            ("confidence", assessment.confidence, former.confidence if former else None),
        ):
            if value != old:
                shown = say.term(group, value) if value else say("ledger.not_given")
                yield ValueChange(say(f"ledger.{group}"), say.term(group, old) if old else "", shown)


def _count(state: State, stance: str) -> int:
    return sum(n for taken, n in state.stances if taken == stance)


def _range(say: Words, state: State) -> str:
    return state.low if state.low == state.high else say("ledger.range", low=state.low, high=state.high)


# -- what the sections are of -----------------------------------------------------------------------------------------


def summed(say: Words, digest: Digest) -> tuple[str, ...]:
    """What a digest contains, in numbers."""
    words = Counter(how(change) for change in digest.claims)
    new = sum(change.before is None for change in digest.claims)
    parts = [say("count.articles", n=len(digest.articles))] if digest.articles else []
    parts += [say("ledger.new_events", n=len(digest.events))] if digest.events else []
    parts += [say("ledger.new_claims", n=new)] if new else []
    for word in ("contradicted", "changed"):
        parts += [say(f"ledger.{word}", n=words[word])] if words[word] else []
    parts += [say("ledger.corrections", n=len(digest.updates))] if digest.updates else []
    return tuple(parts)


def taking(corpus: Corpus, moved: ClaimChange, stances: tuple[Stance, ...]) -> list[AnnotationRef]:
    """The statements on a claim that take one of these stances."""
    return [ref for ref in moved.ref if corpus.statement(ref).stance in stances]


def contradicted(corpus: Corpus, digest: Digest) -> list[ClaimChange]:
    return [change for change in digest.claims if taking(corpus, change, AGAINST)]


def new(digest: Digest) -> list[ClaimChange]:
    return [change for change in digest.claims if change.before is None]


def first(corpus: Corpus, moved: ClaimChange) -> list[AnnotationRef]:
    """The first statement that asserts a claim; without one, the first about it."""

    def published(ref: AnnotationRef) -> str:
        publication = cast(Article, corpus.article(ref.article).record).published
        return publication.earliest if publication else "~"

    return sorted(taking(corpus, moved, ("asserts",)) or moved.ref, key=published)[:1]


def corrected(digest: Digest, update: ArticleUpdate) -> list[ClaimChange]:
    """The claims that the earlier text is about."""
    return [change for change in digest.claims if any(u == update for u in change.updates)]


def silent(corpus: Corpus, digest: Digest) -> list[AnnotationRef]:
    """Statements of silence, or of declining to say; one about several claims is listed once."""
    return list(dict.fromkeys(ref for moved in digest.claims for ref in taking(corpus, moved, SILENT)))


def speakers(corpus: Corpus, digest: Digest) -> list[Speaker]:
    """Who spoke, and their stances; who spoke most comes first."""
    stances: dict[Key, Counter[Stance]] = {}
    claims: dict[Key, dict[str, None]] = {}
    seen: set[AnnotationRef] = set()
    for moved in digest.claims:
        for ref in moved.ref:
            assertion = corpus.statement(ref)
            for party in dict.fromkeys(p for by in assertion.by if (p := corpus.party(by))):
                stances.setdefault(party, Counter())[assertion.stance] += ref not in seen
                claims.setdefault(party, {})[moved.id] = None
            seen.add(ref)
    return [
        Speaker(party, tuple((s, stances[party][s]) for s in STANCES if stances[party][s]), tuple(claims[party]))
        for party in sorted(stances, key=lambda party: (-stances[party].total(), party))
    ]


def alone(digest: Digest) -> list[ClaimChange]:
    """Claims on one known origin, or none."""
    return [change for change in digest.claims if change.after.articles and change.after.known < 2]


# -- the source summary statement -------------------------------------------------------------------------------------


def graded(corpus: Corpus, articles: Iterable[str]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Who published these articles, by grade: letter, and each source with its number of articles. Ungraded come
    last."""
    grades: dict[str, Counter[str]] = {}
    for id in articles:
        source = cast(Article, corpus.article(id).record).source
        if source:
            record = corpus.entries["sources"][source].record
            letter: str = (record.reliability if isinstance(record, Source) else None) or ""
            grades.setdefault(letter, Counter())[source] += 1
    letters = sorted(grades, key=lambda letter: letter or "Z")
    return [(letter, sorted(grades[letter].items(), key=lambda item: (-item[1], item[0]))) for letter in letters]


def grade(say: Words, letter: str) -> str:
    if not letter:
        return say("ledger.ungraded")
    return say("ledger.grade", letter=letter, reliability=say.term("reliability", letter))


def age(say: Words, corpus: Corpus, articles: Iterable[str], on: Date | None) -> Iterator[str]:
    """The dates of the first and the last article, and the age of the last."""
    dates = [date for id in articles if (date := cast(Article, corpus.article(id).record).published)]
    if not dates:
        return
    first, last = min(dates, key=lambda d: d.earliest), max(dates, key=lambda d: d.latest)
    age = days(say, last, on)
    if first.text == last.text:
        key = "ledger.published_on_age" if age else "ledger.published_on"
    else:
        key = "ledger.published_age" if age else "ledger.published"
    yield say(key, first=first.text, last=last.text, age=age)


def days(say: Words, published: Date | None, on: Date | None) -> str:
    """How long before a brief something was published; empty where that cannot be said."""
    if not published or not on or published.earliest != published.latest or on.earliest != on.latest:
        return ""
    try:
        count = (date.fromisoformat(on.earliest) - date.fromisoformat(published.earliest)).days
    except ValueError:
        return ""
    if count < 0:
        return say("ledger.after", n=-count)
    return say("ledger.before", n=count) if count else say("ledger.same_day")
