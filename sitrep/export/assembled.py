"""An assembled brief as plain Markdown: the sections of its page, each line quoted or made of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, cast

from sitrep import telling
from sitrep.citing import Target
from sitrep.corpus import Key, Said
from sitrep.export.holding import Holding, Statement
from sitrep.export.plain import QUOTED, Cited, headed, one_line
from sitrep.history import Digest, Moved, Update
from sitrep.records import Article, Event

T = TypeVar("T")


def brief(h: Holding, digest: Digest, topic: str) -> str:
    """What became known in a period, of everything or of one topic. Articles are cited and listed at the end."""
    mark = f"**{h.strictest}**"
    made = _Brief(h, digest)
    dated = f"Period: {telling.span(digest.period)}" + (f"  \nTopic: {h.name(('topics', topic))}" if topic else "")
    parts = [headed(h, mark), f"# {one_line(telling.title(h.corpus, digest, topic))}", dated, telling.LEAD]
    for title, text in made.sections():
        parts += [f"## {title}", text] if text else []
    if made.cited.numbers:
        parts += ["## References", made.cited.references()]
    return "\n\n".join([*parts, mark]) + "\n"


class _Brief:
    """The sections of one; a list that would run too long is cut as on the page, and the rest counted."""

    def __init__(self, h: Holding, digest: Digest) -> None:
        self.h = h
        self.corpus = h.corpus
        self.digest = digest
        self.cited = Cited(h)
        self._statements: dict[str, dict[Said, Statement]] = {}

    def sections(self) -> Iterator[tuple[str, str]]:
        made, corpus = self.digest, self.corpus
        counts = " · ".join(telling.summed(made)) or "Nothing."
        yield (
            "What moved",
            "\n\n".join(part for part in (counts, self._list(telling.by_weight(made), self._move)) if part),
        )
        yield "Corrected, replaced, withdrawn", self._list(made.updates, self._correction)
        yield "Contradicted", self._list(telling.contradicted(corpus, made), self._contradicted)
        yield "New events", self._list(made.events, self._event)
        yield "New claims", self._list(telling.new(made), self._claim)
        yield "Who spoke, and who did not", self._list(telling.speakers(corpus, made), self._speaker)
        yield "Silence, and answers withheld", self._list(telling.silent(corpus, made), self._silence)
        yield "What rests on one origin, or on none that is known", self._list(telling.alone(made), self._alone)
        yield "What is due", self._list(made.due, self._due)
        yield "Source summary statement", "\n\n".join(self._sources())
        yield "Articles", self._list(made.articles, self._article)

    def _list(self, items: Sequence[T], make: Callable[[T], Iterable[str]]) -> str:
        """A bullet for each item that has lines, bullets below it for its further lines."""
        found = [
            "\n  - ".join(lines) for item in items[: telling.MOST] if (lines := [text for text in make(item) if text])
        ]
        left = len(items) - telling.MOST
        return "\n".join([*(f"- {text}" for text in found), *([f"\nand {left} more"] if left > 0 else [])])

    def _named(self, key: Key) -> str:
        return one_line(self.h.name(key))

    def _cite(self, article: str) -> str:
        return self.cited.number(Target(("articles", article)))

    # -- the lines of each ----------------------------------------------------------------------------------------

    def _move(self, moved: Moved) -> Iterator[str]:
        yield f"{telling.how(moved)}: {self._named(('claims', moved.id))}"
        for made in telling.changes(moved):
            yield f"{made.label}: {f'{made.before} → ' if made.before else ''}{made.after}"
        yield telling.sentence(moved.after)

    def _correction(self, update: Update) -> Iterator[str]:
        later, earlier = (
            f"{self._named(('articles', id))} {self._cite(id)}" for id in (update.article, update.earlier)
        )
        yield f"{later} {update.how} {earlier}"
        if claims := telling.corrected(self.digest, update)[: telling.MOST]:
            yield f"The earlier text speaks of: {'; '.join(self._named(('claims', made.id)) for made in claims)}"

    def _contradicted(self, moved: Moved) -> Iterator[str]:
        yield self._named(("claims", moved.id))
        yield from self._said(telling.taking(self.corpus, moved, telling.AGAINST)[: telling.QUOTED])

    def _event(self, first: tuple[str, Said]) -> Iterator[str]:
        id, said = first
        record = cast(Event, self.corpus.entries["events"][id].record)
        meta = [record.date.text] if record.date else []
        meta += [record.phase] if record.phase in ("planned", "alleged") else []
        yield ", ".join([self._named(("events", id)), *meta])
        yield from self._said([said])

    def _claim(self, moved: Moved) -> Iterator[str]:
        yield self._named(("claims", moved.id))
        yield from self._said(telling.first(self.corpus, moved))

    def _speaker(self, found: telling.Speaker) -> Iterator[str]:
        yield f"{self._named(found.party)}: {', '.join(f'{n} {stance}' for stance, n in found.tally)}"
        yield from (self._named(("claims", id)) for id in found.claims[: telling.QUOTED])
        if (left := len(found.claims) - telling.QUOTED) > 0:
            yield f"and {left} more"

    def _silence(self, said: Said) -> Iterator[str]:
        if made := self._statement(said):
            yield "; ".join(self._named(("claims", id)) for id in made.things)
            yield from self._said([said])

    def _alone(self, moved: Moved) -> Iterator[str]:
        state = moved.after
        yield self._named(("claims", moved.id))
        what = f"One known origin: {self._origin(state.origin)}" if state.origin else "No known origin"
        yield f"{what}. {telling.sentence(state)}"

    def _origin(self, id: str) -> str:
        if id.startswith("document:"):
            return id.removeprefix("document:")
        key = self.corpus.resolve(id, ("actors", "sources"))
        return self._named(key) if key else id

    def _due(self, id: str) -> Iterator[str]:
        record = cast(Event, self.corpus.entries["events"][id].record)
        yield ", ".join([self._named(("events", id)), *([record.date.text] if record.date else [])])

    def _article(self, id: str) -> Iterator[str]:
        record = cast(Article, self.corpus.entries["articles"][id].record)
        meta = [self._named(("sources", record.source))] if record.source else []
        meta += [record.published.text] if record.published else []
        yield f"{', '.join([self._named(('articles', id)), *meta])} {self._cite(id)}"
        yield one_line(self.h.words(record.summary))

    def _sources(self) -> Iterator[str]:
        found = telling.graded(self.corpus, self.digest.articles)
        if found:
            parts = []
            for letter, sources in found:
                names = [self._named(("sources", id)) + (f" with {n}" if n > 1 else "") for id, n in sources]
                parts.append(f"{_listed(names)} ({telling.grade(letter)})")
            number = sum(len(sources) for _, sources in found)
            yield f"The articles are of {telling.counted(number, 'outlet')}: {'; '.join(parts)}."
        yield from telling.age(self.corpus, self.digest.articles, None)

    # -- statements -----------------------------------------------------------------------------------------------

    def _statement(self, said: Said) -> Statement | None:
        """None where its quote is not in the text: what cannot be shown there is not told."""
        if said.article not in self._statements:
            entry = self.corpus.entries["articles"][said.article]
            self._statements[said.article] = {made.said: made for made in self.h.statements(entry)}
        return self._statements[said.article].get(said)

    def _said(self, saids: Iterable[Said]) -> Iterator[str]:
        """Each statement: its stance, the words as far as they may be shown, from whom, through whom, where."""
        for made in filter(None, map(self._statement, saids)):
            words = one_line(made.quote)
            quoted = [words if words[:1] in QUOTED else f"“{words}”"] if words else []
            quoted += [f"({one_line(made.translation)})"] if made.translation else []
            chains = "; ".join(" → ".join(step.words for step in chain) for chain in made.chains)
            yield f"{made.made.stance}: {' '.join([*quoted, chains])} {self._cite(made.said.article)}"


def _listed(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
