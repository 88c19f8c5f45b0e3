"""What is said of a digest: the words and numbers that the page and the text of an assembled brief share.

Each is quoted, or made of fields. What a period moved is `history`'s to find out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, cast

from sitrep.corpus import Corpus, Key, Said
from sitrep.history import Digest, Moved, State, Update
from sitrep.periods import Period
from sitrep.provenance import Ledger
from sitrep.records import Article, Date, Source, Stance

MOST = 25
"""Lines of a list; the rest is counted."""
QUOTED = 3
"""Statements under one claim, claims under one speaker."""
AGAINST: tuple[Stance, ...] = ("denies", "doubts")
SILENT: tuple[Stance, ...] = ("withholds", "silent")
DONE = {"withdraws": "withdrawn", "replaces": "replaced", "corrects": "corrected"}
MOVES = ("withdrawn", "replaced", "corrected", "contradicted", "changed", "new", "repeated")
"""How a claim may have moved, what needs most attention first."""
RELIABILITY: dict[str, str] = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "cannot be judged",
}
"""The Admiralty code."""
LEAD = (
    "What became known in this period, put together from the annotations. "
    "It holds no judgment but those marked as our assessments."
)


class Change(NamedTuple):
    """One thing that is otherwise than before. `before` is empty where there was none."""

    label: str
    before: str
    after: str


class Speaker(NamedTuple):
    """Whoever is named as a speaker on a claim, how often they took each stance, and on which claims."""

    party: Key
    tally: tuple[tuple[Stance, int], ...]
    claims: tuple[str, ...]


def counted(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def sentence(made: Ledger | State) -> str:
    """A ledger in one line. Unknown never counts as an origin, and nothing is ever called independent."""
    if not made.articles:
        return "Nobody asserts it here."
    parts = [counted(made.articles, "article"), counted(made.outlets, "outlet")]
    parts += [f"at most {counted(made.known, 'distinct origin')}" if made.known else "no known origin"]
    parts += [f"{made.unknown} of unknown lineage"] if made.unknown else []
    return " · ".join(parts)


def title(corpus: Corpus, digest: Digest, topic: str = "") -> str:
    entry = corpus.get(("topics", topic)) if topic else None
    return f"{digest.period.name}: {entry.name}" if entry else digest.period.name


def span(period: Period) -> str:
    return period.first if period.first == period.last else f"{period.first}/{period.last}"


# -- how claims moved -------------------------------------------------------------------------------------------------


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


def by_weight(digest: Digest) -> list[Moved]:
    """The claims that moved, what needs most attention first."""
    return sorted(digest.claims, key=lambda made: MOVES.index(how(made)))


def changes(moved: Moved) -> list[Change]:
    """What is otherwise than before; of what is new, its numbers and what we make of it."""
    if moved.before is not None:
        return list(_changes(moved.before, moved.after))
    found = [Change("numbers", "", _range(moved.after))] if moved.after.low else []
    if (made := moved.after.assessment) and made.likelihood:
        found.append(Change("likelihood, as we assess it", "", made.likelihood))
    return found


def _changes(before: State, after: State) -> Iterator[Change]:
    """What is otherwise than before, field by field. That more articles say the same is not among it."""
    for label, was, now in (
        ("distinct origins, at most", before.known, after.known),
        ("of unknown lineage", before.unknown, after.unknown),
    ):
        if was != now:
            yield Change(label, str(was), str(now))
    if (before.low, before.high) != (after.low, after.high):
        yield Change("numbers", _range(before), _range(after))
    for stance in (*AGAINST, *SILENT):
        if _count(before, stance) != _count(after, stance):
            yield Change(stance, str(_count(before, stance)), str(_count(after, stance)))
    was_made, made = before.assessment, after.assessment
    if made and made != was_made:
        for label, value, old in (
            ("likelihood, as we assess it", made.likelihood, was_made.likelihood if was_made else None),
            ("confidence, as we assess it", made.confidence, was_made.confidence if was_made else None),
        ):
            if value != old:
                yield Change(label, old or "", value or "not given")


def _count(state: State, stance: str) -> int:
    return sum(n for taken, n in state.stances if taken == stance)


def _range(state: State) -> str:
    return state.low if state.low == state.high else f"{state.low} to {state.high}"


# -- what the sections are of -----------------------------------------------------------------------------------------


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


def taking(corpus: Corpus, moved: Moved, stances: tuple[Stance, ...]) -> list[Said]:
    """The statements on a claim that take one of these stances."""
    return [said for said in moved.said if corpus.statement(said).stance in stances]


def contradicted(corpus: Corpus, digest: Digest) -> list[Moved]:
    return [made for made in digest.claims if taking(corpus, made, AGAINST)]


def new(digest: Digest) -> list[Moved]:
    return [made for made in digest.claims if made.before is None]


def first(corpus: Corpus, moved: Moved) -> list[Said]:
    """The first statement that asserts a claim; where none does, the first that speaks of it."""

    def published(said: Said) -> str:
        made = cast(Article, corpus.entries["articles"][said.article].record).published
        return made.earliest if made else "~"

    return sorted(taking(corpus, moved, ("asserts",)) or moved.said, key=published)[:1]


def corrected(digest: Digest, update: Update) -> list[Moved]:
    """The claims that the earlier text speaks of."""
    return [made for made in digest.claims if any(u == update for u in made.updates)]


def silent(corpus: Corpus, digest: Digest) -> list[Said]:
    """Statements of silence, or that an answer was withheld; one about several claims is one."""
    return list(dict.fromkeys(said for moved in digest.claims for said in taking(corpus, moved, SILENT)))


def speakers(corpus: Corpus, digest: Digest) -> list[Speaker]:
    """Who spoke, and where they stood; who spoke most comes first."""
    stances: dict[Key, Counter[Stance]] = {}
    claims: dict[Key, dict[str, None]] = {}
    seen: set[Said] = set()
    for moved in digest.claims:
        for said in moved.said:
            assertion = corpus.statement(said)
            for party in dict.fromkeys(p for by in assertion.by if (p := corpus.party(by))):
                stances.setdefault(party, Counter())[assertion.stance] += said not in seen
                claims.setdefault(party, {})[moved.id] = None
            seen.add(said)
    order: tuple[Stance, ...] = ("asserts", *AGAINST, *SILENT)
    return [
        Speaker(party, tuple((s, stances[party][s]) for s in order if stances[party][s]), tuple(claims[party]))
        for party in sorted(stances, key=lambda party: (-stances[party].total(), party))
    ]


def alone(digest: Digest) -> list[Moved]:
    """What rests on one origin, or on none that is known."""
    return [made for made in digest.claims if made.after.articles and made.after.known < 2]


# -- the source summary statement -------------------------------------------------------------------------------------


def graded(corpus: Corpus, articles: Iterable[str]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Who published these articles, by their grades: letter, and each source with how many. Without a grade is last."""
    found: dict[str, Counter[str]] = {}
    for id in articles:
        source = cast(Article, corpus.entries["articles"][id].record).source
        if source:
            record = corpus.entries["sources"][source].record
            letter: str = (record.reliability if isinstance(record, Source) else None) or ""
            found.setdefault(letter, Counter())[source] += 1
    letters = sorted(found, key=lambda letter: letter or "Z")
    return [(letter, sorted(found[letter].items(), key=lambda item: (-item[1], item[0]))) for letter in letters]


def grade(letter: str) -> str:
    return f"reliability {letter}, {RELIABILITY[letter]}" if letter else "not graded"


def age(corpus: Corpus, articles: Iterable[str], on: Date | None) -> Iterator[str]:
    """From when to when they were published, and how old the latest was."""
    dates = [made for id in articles if (made := cast(Article, corpus.entries["articles"][id].record).published)]
    if not dates:
        return
    first, last = min(dates, key=lambda d: d.earliest), max(dates, key=lambda d: d.latest)
    age = days(last, on)
    what = f"; the latest {age}" if age else ""
    if first.text == last.text:
        yield f"They were published on {first.text}{f', {age}' if age else ''}."
    else:
        yield f"They were published from {first.text} to {last.text}{what}."


def days(published: Date | None, on: Date | None) -> str:
    """How long before a brief something was published; empty where that cannot be said."""
    if not published or not on or published.earliest != published.latest or on.earliest != on.latest:
        return ""
    try:
        count = (date.fromisoformat(on.earliest) - date.fromisoformat(published.earliest)).days
    except ValueError:
        return ""
    if count < 0:
        return f"{counted(-count, 'day')} after this brief"
    return f"{counted(count, 'day')} before this brief" if count else "on the day of this brief"
