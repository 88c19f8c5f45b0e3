"""The finished pieces that pages are made of: links, statements, sentences in context, lines of lists.

A context belongs to one corpus. What it makes depends on that and on where the page stands (`root`), so pieces are kept
and used again: a statement appears on its article's page, its claim's, its speaker's.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from html import escape, unescape
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from markupsafe import Markup
from markupsafe import escape as escaped

from sitrep.analysis import history, novelty, phrasing, provenance
from sitrep.analysis.citations import CITED
from sitrep.anchoring.quotes import Span, merged, sentence_span
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key
from sitrep.i18n.words import Words
from sitrep.model.entries import Anchor, Body, Entry, Prose
from sitrep.model.records import SINGULAR, STANCES, AnyAssertion, Article, Date, Kind, Roles
from sitrep.model.tracking import Memoised, TrackedCache
from sitrep.parse import markdown
from sitrep.parse.config import Config
from sitrep.release.rights import may_say, shown, visible
from sitrep.views import urls
from sitrep.views.pages import (
    EMPTY,
    Banner,
    Chain,
    ChainStep,
    Fact,
    Html,
    Link,
    ListRow,
    Mention,
    Pager,
    Statement,
    markup,
)

T = TypeVar("T")
PER_PAGE = 40
"""Entries of a list on one page: with sentences in context, a page stays near 60 KB."""
LONGEST = 420
"""Characters of context around a quote; the quote itself is never cut."""
_START = attrgetter("start")
KEPT = 500
"""Statements cached for the next page: those of one article are used close together, and all of a large site would not
fit in memory."""


class Handling(NamedTuple):
    """The banner of the whole site: its marking, and whether it is a preview."""

    marking: str
    preview: bool = False


class Citing(Protocol):
    """Makes the links in prose; in a brief, citations become numbers."""

    def __call__(self, raw: str, key: Key | None, fragment: str, words: str) -> str | None:
        """The markup for `[[raw|words]]`, which means that entry; None for an ordinary link."""


class ValueCache(Protocol):
    """Where values that plans use are kept from one build to the next."""

    def get(self, name: str, make: Callable[[], T], shape: type[T]) -> T:
        """The value of this name: plain data of this type."""


class PageContext:
    def __init__(
        self,
        corpus: Corpus,
        config: Config,
        handling: Handling,
        words: Words,
        pieces: ValueCache | None = None,
        now: str = "",
    ) -> None:
        self.corpus = corpus
        self._pieces = pieces
        self.say = words
        """The words of the interface."""
        self.now = now
        """The reference day, where one is given; else the day of the latest report."""
        self.config = config
        self.handling = handling
        self._shared: TrackedCache[str, Any] = TrackedCache(corpus.recorder)
        self.repeated = Memoised()
        self._links: TrackedCache[tuple[Key, str], Link] = TrackedCache(corpus.recorder)
        self._statements: TrackedCache[tuple[AnnotationRef, str], Statement] = TrackedCache(corpus.recorder, KEPT)
        self._shown: TrackedCache[str, tuple[Span, ...]] = TrackedCache(corpus.recorder, KEPT)
        self._former: TrackedCache[str, dict[Key, list[Key]]] = TrackedCache(corpus.recorder)
        self._steps: TrackedCache[tuple[Key, str], ChainStep] = TrackedCache(corpus.recorder)
        self._records: TrackedCache[Key, novelty.Record] = TrackedCache(corpus.recorder)
        self.orders: TrackedCache[Kind, list[Key]] = TrackedCache(corpus.recorder)
        """The entries of a kind in the order of its list."""
        self._opened: tuple[Body | None, dict[tuple[str, int], list[Anchor]]] = (None, {})

    def renew(self, changed: AbstractSet[int], pieces: ValueCache) -> None:
        """Drop the cached values that depend on these changed keys; the corpus has been updated."""
        self._pieces = pieces
        for cache in [value for value in vars(self).values() if isinstance(value, TrackedCache)]:
            cache.invalidate(changed)
        self._opened = (None, {})

    def shared(self, name: str, make: Callable[[], T]) -> T:
        """A value that several pages use, computed once."""
        value: T = self._shared.get(name, make)
        return value

    def lasting(self, name: str, make: Callable[[], T], shape: type[T]) -> T:
        """A value that plans use and that takes long to compute: plain data of this type, computed from the corpus
        alone."""
        return self._pieces.get(name, make, shape) if self._pieces else make()

    @property
    def digests(self) -> list[history.Digest]:
        """What changed in each period that has a digest.

        For plans only, since it is computed from everything: pages receive what they show of it as values of their
        views.

        """
        return self.shared("digests", partial(history.published, self.corpus, self.config.briefs.every))

    @property
    def composed_names(self) -> list[str]:
        """Names that the site composes."""
        return phrasing.made_up(self.say, self.digests)

    @property
    def digest_topics(self) -> list[list[str]]:
        """The topics concerned by each digest."""
        return self.shared(
            "topics of digests", lambda: [history.topics_of(self.corpus, digest) for digest in self.digests]
        )

    # -- links ----------------------------------------------------------------------------------------------------

    def link(self, key: Key, root: str, text: str = "") -> Link:
        """A link to an entry's page, named as the entry is; plain words where it has no page."""
        known_link = self._links.get((key, root), partial(self._link, key, root))
        return Link(href=known_link.href, text=text, kind=known_link.kind, id=known_link.id) if text else known_link

    def _link(self, key: Key, root: str) -> Link:
        entry = self.corpus.get(key)
        if entry is None:
            return Link(href="", text=key[1], kind=SINGULAR[key[0]], id=key[1])
        return Link(href=root + urls.href(urls.page(*key)), text=entry.name, kind=SINGULAR[key[0]], id=key[1])

    def named(self, raw: str, kinds: tuple[Kind, ...], root: str) -> Link:
        """A link to the entry of an id, or the id itself where there is none."""
        key = self.corpus.resolve(raw, kinds)
        return self.link(key, root) if key else Link(href="", text=raw, id=raw)

    def links(self, keys: Iterable[Key], root: str) -> tuple[Link, ...]:
        return tuple(self.link(key, root) for key in keys)

    # -- prose ----------------------------------------------------------------------------------------------------

    def words(self, text: str, root: str, citing: Citing | None = None) -> Html:
        """A line of the project's own prose, with links for its `[[…]]`."""
        if not text:
            return EMPTY
        if "[[" not in text:
            return markup(escape(text, quote=False))
        return self._linked(markdown.inline(text), root, citing)

    def prose(self, prose: Prose, root: str, citing: Citing | None = None) -> Html:
        """A Markdown document of the project's own, with links for its `[[…]]` and its assets."""
        return self._linked(prose.html, root, citing) if prose.html else EMPTY

    def _linked(self, html: str, root: str, citing: Citing | None) -> Html:
        def link(match: re.Match[str]) -> str:
            raw, words = unescape(match[1]), match[2]
            key, fragment = self.corpus.target(raw)
            markup = citing(raw, key, fragment, words) if citing else None
            return plain(raw, key, fragment, words) if markup is None else markup

        def plain(raw: str, key: Key | None, fragment: str, words: str) -> str:
            if key is None:
                plain = raw.partition("#")[0].rpartition(":")[2]
                return words or escape(plain, quote=False)
            markup = self.link(key, root)
            href = f"{markup.href}#{fragment}" if self.has(key, fragment) else markup.href
            return f'<a class="{markup.kind}" href="{escape(href)}">{words or escape(markup.text, quote=False)}</a>'

        return Markup(self.assets(markdown.REFERENCE.sub(link, html), root))

    def has(self, key: Key, fragment: str) -> bool:
        """Whether the page of an article has this annotation."""
        entry = self.corpus.get(key)
        return (
            bool(fragment)
            and entry is not None
            and any(a.fragment == fragment and visible_part(self.shown(entry), a) for a in entry.anchors)
        )

    def assets(self, html: str, root: str) -> str:
        """`asset:` addresses made relative to the page."""
        if '"asset:' not in html:
            return html

        def address(match: re.Match[str]) -> str:
            return f'"{root}assets/{escape(urls.href(unescape(match[1])))}"'

        return markdown.TAG.sub(lambda tag: markdown.ASSET.sub(address, tag[0]), html)

    # -- articles -------------------------------------------------------------------------------------------------

    def shown(self, entry: Entry) -> tuple[Span, ...]:
        """The spans of an article's text that its rights allow; in a preview, all of it."""
        if entry.kind != "articles":
            return ()
        rights = cast(Article, entry.record).rights or self.config.publish.rights
        if rights == "full" or self.handling.preview:
            return ((0, len(entry.prose.text)),)
        return self._shown.get(entry.id, partial(shown, entry, rights))

    def open(self, entry: Entry) -> None:
        """Keep an article's anchors in memory: its own page asks for all of them, other pages for one or two."""
        table: dict[tuple[str, int], list[Anchor]] = {}
        body = entry.named
        for anchor in body.anchors:
            table.setdefault((anchor.kind, anchor.n), []).append(anchor)
        self._opened = (body, table)

    def _anchors(self, body: Body, ref: AnnotationRef) -> list[Anchor]:
        """The places of a statement in this text, in reading order, without those of names."""
        if self._opened[0] is body:
            return self._opened[1].get((ref.list, ref.n), [])
        kind, n = ref.list, ref.n
        return sorted([a for a in body.quotes if a.n == n and a.kind == kind], key=_START)

    def statement(self, ref: AnnotationRef, root: str) -> Statement | None:
        """A statement, or None when its quote has no anchor: what cannot be shown in the text is not shown at all."""
        entry = self.corpus.article(ref.article)
        if (ref.list, ref.n) in entry.unanchored:
            return None
        return self._statements.get((ref, root), partial(self._statement, entry, ref, root))

    def statements(self, refs: Iterable[AnnotationRef], root: str) -> tuple[Statement, ...]:
        return tuple(statement for ref in refs if (statement := self.statement(ref, root)))

    def notes(self, entry: Entry, refs: Iterable[AnnotationRef], root: str) -> tuple[Statement, ...]:
        """Statements for their own article's page, which already has the text: the sentence is not quoted again."""
        shown = [ref for ref in refs if (ref.list, ref.n) not in entry.unanchored]
        return tuple([self._statement(entry, ref, root, beside=True) for ref in shown])

    def _statement(self, entry: Entry, ref: AnnotationRef, root: str, *, beside: bool = False) -> Statement:
        record = cast(Article, entry.record)
        event = record.events[ref.n - 1] if ref.list == "event" else None
        claim = None if event else record.claims[ref.n - 1]
        assertion = cast(AnyAssertion, event or claim)
        kind: Kind = "events" if event else "claims"
        body = entry.body
        anchors = self._anchors(body, ref)
        spans = self.shown(entry)
        text = body.prose.text
        quote = sentence = EMPTY
        open_ = bool(anchors)
        for anchor in anchors:
            open_ = open_ and visible(spans, anchor.start, anchor.end)
        if open_:
            pieces = [escaped(text[a.start : a.end]) for a in anchors]
            quote = pieces[0] if len(pieces) == 1 else Markup(" … ").join(pieces)
            if not beside:
                sentence = _context(body, spans, [(a.start, a.end) for a in anchors])
        article = self.link(("articles", entry.id), root)
        note = f"note-{ref.list}-{ref.n}"
        fragment = anchors[0].fragment if open_ or (anchors and visible_part(spans, anchors[0])) else note
        chains = provenance.chains(self.corpus, entry, assertion)
        return Statement(
            group=ref.list,
            number=ref.n,
            href=f"{article.href}#{fragment}",
            note_id=note,
            things=tuple([self.link((kind, id), root) for id in dict.fromkeys(assertion.id)]),
            stance=assertion.stance,
            quote=quote,
            sentence=sentence,
            chains=tuple([self.chain(entry, chain, root) for chain in chains]),
            said=written(assertion.said),
            happened=written(event.date) if event else "",
            value=claim.value.text if claim and claim.value else "",
            credibility=assertion.credibility or "",
            roles=self.roles(event.roles, root) if event and event.roles else (),
            note=self.words(assertion.note, root) if assertion.note else EMPTY,
            translation=assertion.translation,
            proposed=assertion.proposed,
            article=article,
            source=self.link(("sources", record.source), root) if record.source else None,
            published=written(record.published),
            language=record.language,
        )

    def record(self, key: Key) -> novelty.Record:
        """The record of a claim or an event: articles that state something about it link to this."""
        return self._records.get(key, partial(novelty.record, self.corpus, key))

    def chain(self, entry: Entry, chain: provenance.Chain, root: str) -> Chain:
        """An attribution chain with finished links, as its article's rights allow."""
        return Chain(start=chain.start, steps=tuple([self._step(entry, step, root) for step in chain.steps]))

    def _step(self, entry: Entry, step: provenance.ChainStep, root: str) -> ChainStep:
        if step.key:
            return self._steps.get((step.key, root), partial(self._party, step.key, root))
        of = self.link(step.of, root) if step.of else None
        return ChainStep(link=self.step(entry, step, root), unnamed=step.unnamed, of=of)

    def _party(self, key: Key, root: str) -> ChainStep:
        return ChainStep(link=self.link(key, root))

    def step(self, entry: Entry, step: provenance.ChainStep, root: str) -> Link:
        """One link of a chain. An article's words for an unnamed source are shown as its rights allow."""
        if step.key:
            return self.link(step.key, root)
        if step.unnamed and not may_say(entry.prose.text, self.shown(entry), step.words):
            return Link(href="", text=self.say("statement.unnamed"))
        return Link(href="", text=step.words)

    def mention(self, ref: AnnotationRef, named: Key, root: str, most: int = 3) -> Mention:
        """An article that names an actor or a source, with the first few sentences in which it does."""
        entry = self.corpus.article(ref.article)
        record = cast(Article, entry.record)
        article = self.link(("articles", entry.id), root)
        body = entry.body
        text, starts = body.prose.text, body.sentences
        spans = self.shown(entry)
        places: dict[Span, list[Anchor]] = {}
        for anchor in self.corpus.anchors(ref, named):
            if visible(spans, anchor.start, anchor.end):
                sentence = sentence_span(starts, text, (anchor.start, anchor.end))
                places.setdefault(sentence, []).append(anchor)
        sentences = [
            Link(
                href=f"{article.href}#{anchors[0].fragment}",
                text=_context(body, spans, [(a.start, a.end) for a in anchors], sentence),
                kind="sentence",
            )
            for sentence, anchors in islice(places.items(), most)
        ]
        return Mention(
            article=article,
            source=self.link(("sources", record.source), root) if record.source else None,
            published=written(record.published),
            sentences=tuple(sentences),
            more=max(0, len(places) - most),
            language=record.language,
        )

    def article_row(self, id: str, root: str) -> ListRow:
        """An article as a line of a list."""
        record = cast(Article, self.corpus.article(id).record)
        return ListRow(
            link=self.link(("articles", id), root),
            date=written(record.published),
            meta=(self.link(("sources", record.source), root),) if record.source else (),
            line=self.words(record.summary, root),
        )

    # -- the rest of a page ---------------------------------------------------------------------------------------

    def roles(self, roles: Roles, root: str) -> tuple[Fact, ...]:
        return tuple(
            Fact(label=role, values=tuple(self.named(id, ("actors",), root) for id in ids))
            for role, ids in roles.items()
        )

    def banner(self, key: Key | None = None) -> Banner:
        """An entry's own marking where it has one, else the site's."""
        entry = self.corpus.get(key) if key else None
        marking = (entry.record.marking if entry else None) or self.handling.marking
        return Banner(marking=marking, withheld=self.corpus.withheld.get(f"{key[0]}/{key[1]}", "") if key else "")

    def canonical(self, path: str) -> str:
        return self.config.url.rstrip("/") + "/" + urls.href(path) if self.config.url else ""

    def former(self, key: Key) -> list[Key]:
        """The old ids that redirect to an entry's page."""
        return self._former.get("", self._old_ids).get(key, [])

    def _old_ids(self) -> dict[Key, list[Key]]:
        ids: dict[Key, list[Key]] = {}
        for old, now in self.corpus.redirects.items():
            ids.setdefault(now, []).append(old)
        return ids

    def linked(self, key: Key, root: str) -> tuple[Link, ...]:
        """Links to everything whose prose links to this entry."""
        return self.links(self.corpus.prose_links.get(key, ()), root)

    def tally(self, key: Key) -> tuple[tuple[str, int], ...]:
        """The number of statements about a claim or an event for each stance that occurs."""
        counts: dict[str, int] = {}
        for ref in self.corpus.statements.get(key, ()):
            if self.corpus.is_anchored(ref):
                stance = self.corpus.statement(ref).stance
                counts[stance] = counts.get(stance, 0) + 1
        return tuple((stance, counts[stance]) for stance in STANCES if stance in counts)


def unnumbered(raw: str, key: Key | None, fragment: str, words: str) -> str | None:
    """A brief's words where its references are not shown: a citation without words is omitted."""
    return "" if not words and (key is None or key[0] in CITED) else None


def web(address: str) -> str:
    """A web address, or nothing: no other scheme is linked."""
    return address if address.lower().startswith(("https://", "http://")) else ""


def anchor(link: Link) -> Html:
    """A link as markup, for a composed sentence."""
    words = escaped(link.text)
    return Markup(f'<a href="{escaped(link.href)}">{words}</a>') if link.href else words


def plainly(html: Html) -> str:
    """The text of a line of markup. Most lines have neither tags nor entities."""
    return html.striptags() if "<" in html or "&" in html else " ".join(html.split())


def described(words: Html, otherwise: str) -> str:
    """A page in a line or two, for lists and previews; cut at a word where it is too long."""
    plain = plainly(words) or otherwise
    return plain if len(plain) <= 300 else plain[:297].rpartition(" ")[0] + "…"


def written(date: Date | None) -> str:
    """A date as its file writes it."""
    return date.text if date else ""


def pager(kind: Kind, id: str | None, number: int, count: int) -> Pager | None:
    """The pager of page `number` of a thing (or, without an id, of a kind's list)."""
    if count < 2:
        return None
    return pager_of([urls.page(kind, id, n) if id else urls.index(kind, n) for n in range(1, count + 1)], number)


def pager_of(paths: Sequence[str], number: int) -> Pager | None:
    """The pager of page `number` of a list whose pages are these."""
    count = len(paths)
    if count < 2:
        return None
    root = urls.root(paths[number - 1])
    hrefs = [root + urls.href(path) for path in paths]
    window = sorted({1, count, *range(max(1, number - 2), min(count, number + 2) + 1)})
    return Pager(
        number=number,
        count=count,
        previous=hrefs[number - 2] if number > 1 else "",
        next=hrefs[number] if number < count else "",
        pages=tuple(Link(href=hrefs[n - 1], text=str(n)) for n in window),
    )


def _context(body: Body, allowed: tuple[Span, ...], spans: list[Span], whole: Span | None = None) -> Html:
    """The sentences in which spans lie, as far as allowed, with the spans marked; shortened at words where too long."""
    text = body.prose.text
    first, last = spans[0]
    whole = whole or sentence_span(body.sentences, text, (first, max([end for _, end in spans])))
    start, end = whole
    if len(spans) == 1 and end - start <= LONGEST and allowed[0] == (0, len(text)):
        # the common case: one span, in a sentence that is shown and short enough
        return _marked(text[start:first], text[first:last], text[last:end])
    at = bisect_right(allowed, (first, 1 << 60)) - 1
    start, end = max(start, allowed[at][0]), min(end, allowed[at][1])
    start, end = _trimmed(text, start, end, spans)
    out = ["… "] if start > whole[0] else []
    here = start
    for first, last in merged(spans):
        out += [escape(text[here:first], quote=False), "<mark>", escape(text[first:last], quote=False), "</mark>"]
        here = last
    out.append(escape(text[here:end], quote=False))
    if end < whole[1]:
        out.append(" …")
    return markup("".join(out))


def _marked(before: str, words: str, behind: str) -> Html:
    """Words of a text, marked, with the words around them."""
    marked_words = f"{before}{words}{behind}"
    if "&" in marked_words or "<" in marked_words or ">" in marked_words:
        before, words, behind = (escape(text, quote=False) for text in (before, words, behind))
    return markup(f"{before}<mark>{words}</mark>{behind}")


def visible_part(spans: tuple[Span, ...], anchor: Anchor) -> bool:
    """Whether any of an anchor is shown, so that its fragment exists on the page."""
    return any(start < anchor.end and anchor.start < end for start, end in spans)


def _trimmed(text: str, start: int, end: int, spans: list[Span]) -> Span:
    """Shorten long text at words on both sides of the spans, never inside them."""
    first, last = min(s for s, _ in spans), max(e for _, e in spans)
    start, end = min(start, first), max(end, last)
    room = max(0, LONGEST - (last - first)) // 2
    if end - start > LONGEST:
        if first - start > room:
            cut = text.find(" ", first - room, first)
            start = cut + 1 if cut >= 0 else first
        if end - last > room:
            cut = text.rfind(" ", last, last + room)
            end = cut if cut >= 0 else last
    return start, end
