"""An automatic summary as plain Markdown: the sections of its page, from quotes and fields alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import TypeVar, cast

from sitrep.analysis import phrasing
from sitrep.analysis.citations import Target
from sitrep.analysis.history import ArticleUpdate, ClaimChange, Digest
from sitrep.corpus.corpus import AnnotationRef, Key
from sitrep.export.brief_markdown import Citations, header, one_line, quoted
from sitrep.export.context import ExportContext, ExportStatement
from sitrep.model.records import Article, Event

T = TypeVar("T")


def render(context: ExportContext, digest: Digest, topic: str) -> str:
    """What became known in a period, overall or on one topic. Cited articles are listed at the end."""
    mark = f"**{context.strictest}**"
    summary = _Summary(context, digest)
    say = context.say
    dated = say("text.label", label=say("digest.period"), text=phrasing.span(digest.period))
    if topic:
        dated += "  \n" + say("text.label", label=say("digest.topic"), text=context.name(("topics", topic)))
    title = one_line(phrasing.title(say, context.corpus, digest, topic))
    parts = [header(context, mark), f"# {title}", dated, say("digest.lead")]
    for title, text in summary.sections():
        parts += [f"## {title}", text] if text else []
    if summary.citations.numbers:
        parts += [f"## {say('brief.references')}", summary.citations.references()]
    return "\n\n".join([*parts, mark]) + "\n"


class _Summary:
    """The sections of a summary; long lists are cut as on the page, with a count of the rest."""

    def __init__(self, context: ExportContext, digest: Digest) -> None:
        self.context = context
        self.corpus = context.corpus
        self.digest = digest
        self.citations = Citations(context)
        self._statements: dict[str, dict[AnnotationRef, ExportStatement]] = {}

    def sections(self) -> Iterator[tuple[str, str]]:
        digest, corpus, say = self.digest, self.corpus, self.context.say
        counts = " · ".join(phrasing.summed(say, digest)) or say("digest.nothing")
        yield (
            say("digest.moved"),
            "\n\n".join(part for part in (counts, self._list(phrasing.by_weight(digest), self._change)) if part),
        )
        yield say("digest.corrections"), self._list(digest.updates, self._correction)
        yield say("digest.contradicted"), self._list(phrasing.contradicted(corpus, digest), self._contradicted)
        yield say("digest.events"), self._list(digest.events, self._event)
        yield say("digest.claims"), self._list(phrasing.new(digest), self._claim)
        yield say("digest.spoke"), self._list(phrasing.speakers(corpus, digest), self._speaker)
        yield say("digest.silent"), self._list(phrasing.silent(corpus, digest), self._silence)
        yield say("digest.alone"), self._list(phrasing.alone(digest), self._alone)
        yield say("digest.due"), self._list(digest.due, self._due)
        yield say("brief.sources"), "\n\n".join(self._sources())
        yield say("digest.articles"), self._list(digest.articles, self._article)

    def _list(self, items: Sequence[T], lines_of: Callable[[T], Iterable[str]]) -> str:
        """A bullet for the first line of each item, nested bullets for its further lines."""
        bullets = ["\n  - ".join(filter(None, lines_of(item))) for item in items[: phrasing.MOST]]
        lines = [f"- {text}" for text in bullets if text]
        if (left := len(items) - phrasing.MOST) > 0:
            lines.append("\n" + self.context.say("list.more", n=left))
        return "\n".join(lines)

    def _name(self, key: Key) -> str:
        return one_line(self.context.name(key))

    def _cite(self, article: str) -> str:
        return self.citations.number(Target(("articles", article)))

    # -- the lines of an item -------------------------------------------------------------------------------------

    def _change(self, change: ClaimChange) -> Iterator[str]:
        say = self.context.say
        how = say.term("moved", phrasing.how(change))
        yield say("text.label", label=how, text=self._name(("claims", change.id)))
        for value in phrasing.changes(say, change):
            text = f"{value.before} → {value.after}" if value.before else value.after
            yield say("text.label", label=value.label, text=text)
        yield phrasing.sentence(say, change.after)

    def _correction(self, update: ArticleUpdate) -> Iterator[str]:
        later, earlier = (f"{self._name(('articles', id))} {self._cite(id)}" for id in (update.article, update.earlier))
        say = self.context.say
        yield say("home.updated", article=later, how=say.term("update", update.how), earlier=earlier)
        if claims := phrasing.corrected(self.digest, update)[: phrasing.MOST]:
            yield f"{say('digest.earlier')} {'; '.join(self._name(('claims', claim.id)) for claim in claims)}"

    def _contradicted(self, change: ClaimChange) -> Iterator[str]:
        yield self._name(("claims", change.id))
        yield from self._quotes(phrasing.taking(self.corpus, change, phrasing.AGAINST)[: phrasing.QUOTED])

    def _event(self, first: tuple[str, AnnotationRef]) -> Iterator[str]:
        id, ref = first
        record = cast(Event, self.corpus.entries["events"][id].record)
        meta = [record.date.text] if record.date else []
        meta += [self.context.say.term("phase", record.phase)] if record.phase in ("planned", "alleged") else []
        yield ", ".join([self._name(("events", id)), *meta])
        yield from self._quotes([ref])

    def _claim(self, change: ClaimChange) -> Iterator[str]:
        yield self._name(("claims", change.id))
        yield from self._quotes(phrasing.first(self.corpus, change))

    def _speaker(self, speaker: phrasing.Speaker) -> Iterator[str]:
        say = self.context.say
        taken = ", ".join(f"{n} {say.term('stance', stance)}" for stance, n in speaker.tally)
        yield say("text.label", label=self._name(speaker.party), text=taken)
        yield from (self._name(("claims", id)) for id in speaker.claims[: phrasing.QUOTED])
        if (left := len(speaker.claims) - phrasing.QUOTED) > 0:
            yield say("list.more", n=left)

    def _silence(self, ref: AnnotationRef) -> Iterator[str]:
        if statement := self._statement(ref):
            yield "; ".join(map(self._name, statement.about))
            yield from self._quotes([ref])

    def _alone(self, change: ClaimChange) -> Iterator[str]:
        state = change.after
        yield self._name(("claims", change.id))
        say = self.context.say
        origin = say("digest.no_origin")
        if state.origin:
            origin = say("digest.one_origin", origin=self._origin(state.origin))
        yield f"{origin} {phrasing.sentence(say, state)}"

    def _origin(self, id: str) -> str:
        if id.startswith("document:"):
            return id.removeprefix("document:")
        key = self.corpus.resolve(id, ("actors", "sources"))
        return self._name(key) if key else id

    def _due(self, id: str) -> Iterator[str]:
        record = cast(Event, self.corpus.entries["events"][id].record)
        yield ", ".join([self._name(("events", id)), *([record.date.text] if record.date else [])])

    def _article(self, id: str) -> Iterator[str]:
        record = cast(Article, self.corpus.article(id).record)
        meta = [self._name(("sources", record.source))] if record.source else []
        meta += [record.published.text] if record.published else []
        yield f"{', '.join([self._name(('articles', id)), *meta])} {self._cite(id)}"
        yield one_line(self.context.words(record.summary))

    def _sources(self) -> Iterator[str]:
        say = self.context.say
        graded = phrasing.graded(self.corpus, self.digest.articles)
        if graded:
            parts = []
            for letter, sources in graded:
                names = [self._outlet(id, n) for id, n in sources]
                listed = reduce(lambda some, last: say("list.and", some=some, last=last), _but_last(names))
                parts.append(say("references.graded", sources=listed, grade=phrasing.grade(say, letter)))
            number = sum(len(sources) for _, sources in graded)
            yield say("references.outlets", n=number, names="; ".join(parts))
        yield from phrasing.age(say, self.corpus, self.digest.articles, None)

    def _outlet(self, id: str, n: int) -> str:
        name = self._name(("sources", id))
        return self.context.say("references.with", source=name, n=n) if n > 1 else name

    # -- statements -----------------------------------------------------------------------------------------------

    def _statement(self, ref: AnnotationRef) -> ExportStatement | None:
        """A statement of the corpus; None if its quote has no anchor."""
        if ref.article not in self._statements:
            entry = self.corpus.article(ref.article)
            self._statements[ref.article] = {statement.ref: statement for statement in self.context.statements(entry)}
        return self._statements[ref.article].get(ref)

    def _quotes(self, refs: Iterable[AnnotationRef]) -> Iterator[str]:
        """Each statement in a line: its stance, the words that may be shown, its chains, and the citation."""
        for statement in filter(None, map(self._statement, refs)):
            parts = quoted(statement.quote)
            parts += [f"({one_line(statement.translation)})"] if statement.translation else []
            parts += ["; ".join(statement.chain_texts), self._cite(statement.ref.article)]
            stance = self.context.say.term("stance", statement.assertion.stance)
            text = " ".join(parts)
            yield self.context.say("text.label", label=stance, text=text)


def _but_last(items: list[str]) -> list[str]:
    """The items but the last, joined by commas, and the last."""
    return [", ".join(items[:-1]), items[-1]] if len(items) > 1 else items
