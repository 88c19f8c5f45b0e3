"""An assembled brief as plain Markdown: the sections of its page, each line quoted or made of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import TypeVar, cast

from sitrep.analysis import phrasing
from sitrep.analysis.citations import Target
from sitrep.analysis.history import ArticleUpdate, ClaimChange, Digest
from sitrep.corpus.corpus import AnnotationRef, Key
from sitrep.export.holding import ExportContext, ExportStatement
from sitrep.export.plain import QUOTED, Cited, headed, one_line
from sitrep.model.records import Article, Event

T = TypeVar("T")


def brief(h: ExportContext, digest: Digest, topic: str) -> str:
    """What became known in a period, of everything or of one topic. Articles are cited and listed at the end."""
    mark = f"**{h.strictest}**"
    made = _Brief(h, digest)
    say = h.say
    dated = say("text.label", label=say("assembled.period"), text=phrasing.span(digest.period))
    if topic:
        dated += "  \n" + say("text.label", label=say("assembled.topic"), text=h.name(("topics", topic)))
    title = one_line(phrasing.title(say, h.corpus, digest, topic))
    parts = [headed(h, mark), f"# {title}", dated, say("assembled.lead")]
    for title, text in made.sections():
        parts += [f"## {title}", text] if text else []
    if made.cited.numbers:
        parts += [f"## {say('brief.references')}", made.cited.references()]
    return "\n\n".join([*parts, mark]) + "\n"


class _Brief:
    """The sections of one; a list that would run too long is cut as on the page, and the rest counted."""

    def __init__(self, h: ExportContext, digest: Digest) -> None:
        self.h = h
        self.corpus = h.corpus
        self.digest = digest
        self.cited = Cited(h)
        self._statements: dict[str, dict[AnnotationRef, ExportStatement]] = {}

    def sections(self) -> Iterator[tuple[str, str]]:
        made, corpus, say = self.digest, self.corpus, self.h.say
        counts = " · ".join(phrasing.summed(say, made)) or say("assembled.nothing")
        yield (
            say("assembled.moved"),
            "\n\n".join(part for part in (counts, self._list(phrasing.by_weight(made), self._move)) if part),
        )
        yield say("assembled.corrections"), self._list(made.updates, self._correction)
        yield say("assembled.contradicted"), self._list(phrasing.contradicted(corpus, made), self._contradicted)
        yield say("assembled.events"), self._list(made.events, self._event)
        yield say("assembled.claims"), self._list(phrasing.new(made), self._claim)
        yield say("assembled.spoke"), self._list(phrasing.speakers(corpus, made), self._speaker)
        yield say("assembled.silent"), self._list(phrasing.silent(corpus, made), self._silence)
        yield say("assembled.alone"), self._list(phrasing.alone(made), self._alone)
        yield say("assembled.due"), self._list(made.due, self._due)
        yield say("brief.sources"), "\n\n".join(self._sources())
        yield say("assembled.articles"), self._list(made.articles, self._article)

    def _list(self, items: Sequence[T], make: Callable[[T], Iterable[str]]) -> str:
        """A bullet for each item that has lines, bullets below it for its further lines."""
        found = [
            "\n  - ".join(lines) for item in items[: phrasing.MOST] if (lines := [text for text in make(item) if text])
        ]
        left = len(items) - phrasing.MOST
        return "\n".join(
            [*(f"- {text}" for text in found), *(["\n" + self.h.say("list.more", n=left)] if left > 0 else [])]
        )

    def _named(self, key: Key) -> str:
        return one_line(self.h.name(key))

    def _cite(self, article: str) -> str:
        return self.cited.number(Target(("articles", article)))

    # -- the lines of each ----------------------------------------------------------------------------------------

    def _move(self, moved: ClaimChange) -> Iterator[str]:
        say = self.h.say
        how = say.term("moved", phrasing.how(moved))
        yield say("text.label", label=how, text=self._named(("claims", moved.id)))
        for made in phrasing.changes(say, moved):
            text = f"{made.before} → {made.after}" if made.before else made.after
            yield say("text.label", label=made.label, text=text)
        yield phrasing.sentence(say, moved.after)

    def _correction(self, update: ArticleUpdate) -> Iterator[str]:
        later, earlier = (
            f"{self._named(('articles', id))} {self._cite(id)}" for id in (update.article, update.earlier)
        )
        say = self.h.say
        yield say("home.updated", article=later, how=say.term("update", update.how), earlier=earlier)
        if claims := phrasing.corrected(self.digest, update)[: phrasing.MOST]:
            yield f"{say('assembled.earlier')} {'; '.join(self._named(('claims', made.id)) for made in claims)}"

    def _contradicted(self, moved: ClaimChange) -> Iterator[str]:
        yield self._named(("claims", moved.id))
        yield from self._said(phrasing.taking(self.corpus, moved, phrasing.AGAINST)[: phrasing.QUOTED])

    def _event(self, first: tuple[str, AnnotationRef]) -> Iterator[str]:
        id, ref = first
        record = cast(Event, self.corpus.entries["events"][id].record)
        meta = [record.date.text] if record.date else []
        meta += [self.h.say.term("phase", record.phase)] if record.phase in ("planned", "alleged") else []
        yield ", ".join([self._named(("events", id)), *meta])
        yield from self._said([ref])

    def _claim(self, moved: ClaimChange) -> Iterator[str]:
        yield self._named(("claims", moved.id))
        yield from self._said(phrasing.first(self.corpus, moved))

    def _speaker(self, found: phrasing.Speaker) -> Iterator[str]:
        say = self.h.say
        taken = ", ".join(f"{n} {say.term('stance', stance)}" for stance, n in found.tally)
        yield say("text.label", label=self._named(found.party), text=taken)
        yield from (self._named(("claims", id)) for id in found.claims[: phrasing.QUOTED])
        if (left := len(found.claims) - phrasing.QUOTED) > 0:
            yield say("list.more", n=left)

    def _silence(self, ref: AnnotationRef) -> Iterator[str]:
        if made := self._statement(ref):
            yield "; ".join(self._named(("claims", id)) for id in made.things)
            yield from self._said([ref])

    def _alone(self, moved: ClaimChange) -> Iterator[str]:
        state = moved.after
        yield self._named(("claims", moved.id))
        say = self.h.say
        what = say("assembled.no_origin")
        if state.origin:
            what = say("assembled.one_origin", origin=self._origin(state.origin))
        yield f"{what} {phrasing.sentence(say, state)}"

    def _origin(self, id: str) -> str:
        if id.startswith("document:"):
            return id.removeprefix("document:")
        key = self.corpus.resolve(id, ("actors", "sources"))
        return self._named(key) if key else id

    def _due(self, id: str) -> Iterator[str]:
        record = cast(Event, self.corpus.entries["events"][id].record)
        yield ", ".join([self._named(("events", id)), *([record.date.text] if record.date else [])])

    def _article(self, id: str) -> Iterator[str]:
        record = cast(Article, self.corpus.article(id).record)
        meta = [self._named(("sources", record.source))] if record.source else []
        meta += [record.published.text] if record.published else []
        yield f"{', '.join([self._named(('articles', id)), *meta])} {self._cite(id)}"
        yield one_line(self.h.words(record.summary))

    def _sources(self) -> Iterator[str]:
        say = self.h.say
        found = phrasing.graded(self.corpus, self.digest.articles)
        if found:
            parts = []
            for letter, sources in found:
                names = [self._outlet(id, n) for id, n in sources]
                listed = reduce(lambda some, last: say("list.and", some=some, last=last), _but_last(names))
                parts.append(say("apparatus.graded", sources=listed, grade=phrasing.grade(say, letter)))
            number = sum(len(sources) for _, sources in found)
            yield say("apparatus.outlets", n=number, names="; ".join(parts))
        yield from phrasing.age(say, self.corpus, self.digest.articles, None)

    def _outlet(self, id: str, n: int) -> str:
        name = self._named(("sources", id))
        return self.h.say("apparatus.with", source=name, n=n) if n > 1 else name

    # -- statements -----------------------------------------------------------------------------------------------

    def _statement(self, ref: AnnotationRef) -> ExportStatement | None:
        """None where its quote is not in the text: what cannot be shown there is not told."""
        if ref.article not in self._statements:
            entry = self.corpus.article(ref.article)
            self._statements[ref.article] = {made.ref: made for made in self.h.statements(entry)}
        return self._statements[ref.article].get(ref)

    def _said(self, refs: Iterable[AnnotationRef]) -> Iterator[str]:
        """Each statement: its stance, the words as far as they may be shown, from whom, through whom, where."""
        for made in filter(None, map(self._statement, refs)):
            words = one_line(made.quote)
            quoted = [words if words[:1] in QUOTED else f"“{words}”"] if words else []
            quoted += [f"({one_line(made.translation)})"] if made.translation else []
            chains = "; ".join(" → ".join(step.words for step in chain) for chain in made.chains)
            stance = self.h.say.term("stance", made.made.stance)
            text = f"{' '.join([*quoted, chains])} {self._cite(made.ref.article)}"
            yield self.h.say("text.label", label=stance, text=text)


def _but_last(items: list[str]) -> list[str]:
    """All but the last in one, and the last."""
    return [", ".join(items[:-1]), items[-1]] if len(items) > 1 else items
