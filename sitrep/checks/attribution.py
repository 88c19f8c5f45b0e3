"""Speakers compared with the text: a name that does not occur near the words attributed to it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property

from sitrep.anchoring.quotes import Matchable, Span, normal, stands_alone
from sitrep.checks.files import sidecar
from sitrep.checks.passages import blocks, short
from sitrep.checks.scope import of_each_article
from sitrep.corpus.corpus import Corpus, Key
from sitrep.model.entries import Entry, words
from sitrep.model.records import Actor, Article, Assertion, Link, Source
from sitrep.problems import WARNING, Path, Problem


@of_each_article
def unnamed_parties(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """A party of a statement's `by` or `via` that the text does not name near the quote or in its byline.

    *Near* is the paragraph, the list or the table of the quote, and one sentence before and after. The *byline* is the
    first line and the last two. The article's own source and what its own `via` names need not be named; an article in
    a chain goes by its source. A name counts, an alias, and any words that the sidecar annotates as this actor.
    """
    if not entry.prose.text:
        return
    granted = _granted(corpus, article)
    text: _ArticleText | None = None
    for group, n, key, k, link in _links(article):
        party = _party(corpus, link)
        if party is None or party[1] in granted or (group, n) in entry.unanchored:
            continue
        text = text or _ArticleText(corpus, entry)
        span = text.quotes.get((group, n))
        if span and not text.names(party, span):
            name = short(_names(corpus, party)[0])
            of = f", which published {link.article}," if link.article else ""
            yield Problem(
                code="attribution-not-in-text",
                severity=WARNING,
                file=sidecar(entry),
                at=(f"{group}s", n - 1, key, k),
                message=f"the text names {name}{of} neither near this quote nor in a byline",
                hint=f"correct ‘{key}’, or list under actors the words that mean {party[1]} here, as its quotes",
            )


@of_each_article
def unnamed_words(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """Words for an unnamed speaker that do not occur in the text of the article."""
    text = ""
    places: list[tuple[Path, Link]] = [
        ((f"{group}s", n - 1, key, k), link) for group, n, key, k, link in _links(article)
    ]
    places += [(("via", k), link) for k, link in enumerate(article.via)]
    for at, link in places:
        if link.unnamed is None or link.document is not None or not entry.prose.text:
            continue
        if link.unnamed.strip() and link.unnamed in entry.prose.text:
            continue
        text = text or Matchable(entry.prose.text).norm.casefold()
        wanted = normal(link.unnamed).casefold()
        if wanted not in text:
            yield Problem(
                code="unnamed-not-in-text",
                severity=WARNING,
                file=sidecar(entry),
                at=at,
                message=f"the words for this unnamed speaker are not in the text: “{short(link.unnamed)}”",
                hint="copy the words by which the text speaks of it",
            )


def _links(article: Article) -> Iterator[tuple[str, int, str, int, Link]]:
    """(list, number from 1, key, place, link) of each link in the article's statements."""
    groups: tuple[tuple[str, tuple[Assertion, ...]], ...] = (("event", article.events), ("claim", article.claims))
    for group, statements in groups:
        for n, statement in enumerate(statements, 1):
            for k, link in enumerate(statement.by):
                yield group, n, "by", k, link
            for k, link in enumerate(statement.via):
                yield group, n, "via", k, link


def _party(corpus: Corpus, link: Link) -> Key | None:
    """Whom a text would name for a link: the party, or the publisher of the article."""
    if link.article is not None:
        article = corpus.get(("articles", link.article))
        source = article.record.source if article and isinstance(article.record, Article) else None
        return ("sources", source) if source else None
    return corpus.party(link)


def _granted(corpus: Corpus, article: Article) -> set[str]:
    """Ids that need not be named: those of the article's own source and inputs."""
    parties = [_party(corpus, link) for link in article.via]
    return {party[1] for party in parties if party} | ({article.source} if article.source else set())


def _names(corpus: Corpus, party: Key) -> tuple[str, ...]:
    entry = corpus.get(party)
    record = entry.record if entry else None
    names = (record.name, *record.aliases) if isinstance(record, (Actor, Source)) else ()
    named = tuple(name for name in names if name)
    return named or (words(party[1]),)


class _ArticleText:
    """One article: the places of its quotes, and which of its words are near which quote."""

    def __init__(self, corpus: Corpus, entry: Entry) -> None:
        self.corpus, self.entry, self.text = corpus, entry, entry.prose.text
        self.quotes: dict[tuple[str, int], Span] = {}
        for anchor in entry.quotes:
            start, end = self.quotes.get((anchor.kind, anchor.n), (anchor.start, anchor.end))
            self.quotes[anchor.kind, anchor.n] = (min(start, anchor.start), max(end, anchor.end))
        self._blocks: list[Span] = []
        self._byline: list[Span] = []

    def names(self, party: Key, quote: Span) -> bool:
        """Whether words for the party occur near a quote, or in the byline."""
        close = self._sentences(*quote)
        if self._stands_in(party, *close):  # first, since it does not depend on the places of other names
            return True
        starts = self._named.get(party[1], [])
        if self._within(starts, close):
            return True
        if not self._blocks:
            self._blocks = blocks(self.entry.prose.html)
            self._byline = self._edges()
        near = [self._around(quote), *self._byline]
        return any(self._within(starts, span) for span in near) or self._stands(party, near)

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        """Id of an actor or source → the offsets of words for it, in order."""
        assert isinstance(self.entry.record, Article)
        ids = [self.corpus.resolve(mention.id, ("actors", "sources")) for mention in self.entry.record.actors]
        positions: dict[str, list[int]] = {}
        for anchor in self.entry.anchors:
            if anchor.kind == "actor" and (key := ids[anchor.n - 1]):
                positions.setdefault(key[1], []).append(anchor.start)
        return positions

    @staticmethod
    def _within(starts: list[int], span: Span) -> bool:
        at = bisect_left(starts, span[0])
        return at < len(starts) and starts[at] < span[1]

    def _sentences(self, start: int, end: int) -> Span:
        """The sentences of a span, with one before and one after."""
        starts = self.entry.sentences
        first = max(0, bisect_right(starts, start) - 2)
        after = bisect_left(starts, end) + 1
        return starts[first], starts[after] if after < len(starts) else len(self.text)

    def _around(self, quote: Span) -> Span:
        """The blocks of a quote, with the sentence before and the one after."""
        inside = [block for block in self._blocks if block[0] < quote[1] and quote[0] < block[1]]
        start = min([quote[0], *(block[0] for block in inside)])
        end = max([quote[1], *(block[1] for block in inside)])
        return self._sentences(start, end)

    def _edges(self) -> list[Span]:
        """The first line and the last two that are not blank."""
        lines: list[Span] = []
        at = 0
        for line in self.text.split("\n"):
            if line.strip():
                lines.append((at, at + len(line)))
            at += len(line) + 1
        return [*lines[:1], *lines[1:][-2:]]

    def _stands_in(self, party: Key, start: int, end: int) -> bool:
        """Whether a name of the party, exactly as in its file, occurs in a span: fast, and mostly enough."""
        for name in _names(self.corpus, party):
            at = self.text.find(name, start, end)
            if at >= 0 and stands_alone(self.text, (at, at + len(name))):
                return True
        return False

    def _stands(self, party: Key, spans: list[Span]) -> bool:
        """Whether a name of the party, in whatever case, occurs in one of these spans as whole words."""
        text = Matchable("\n".join(self.text[start:end] for start, end in spans)).norm.casefold()
        for name in _names(self.corpus, party):
            wanted = normal(name).casefold()
            at = text.find(wanted) if wanted else -1
            while at >= 0:
                if stands_alone(text, (at, at + len(wanted))):
                    return True
                at = text.find(wanted, at + 1)
        return False
