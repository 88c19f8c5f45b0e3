"""The input of all export formats: the released corpus, with the words of each text that may be shown.

The rules are those of pages (`pages/parts/context.py`): a statement whose quote has no anchor is left out, and a quote
is empty unless the rights show all of it. Addresses are absolute.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from html import escape, unescape
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from sitrep.analysis import history, provenance
from sitrep.analysis.citations import target
from sitrep.anchoring.quotes import Span
from sitrep.corpus.corpus import PARTIES, AnnotationRef, Corpus, Key
from sitrep.i18n.words import Words
from sitrep.model.entries import Anchor, Entry, Prose
from sitrep.model.records import (
    KINDS,
    MARKINGS,
    SINGULAR,
    Actor,
    Article,
    ClaimAssertion,
    Date,
    EventAssertion,
    Kind,
    Marking,
    Source,
)
from sitrep.parse import markdown
from sitrep.parse.config import Config
from sitrep.release.policy import marking
from sitrep.release.rights import may_say, shown, visible
from sitrep.views import urls

LEGAL = "!#$%&'()*+,/:;=?@~"
"""Characters of an address that are not percent-encoded, besides letters, digits and `-._`."""
PIECES = " … "
"""Joins the pieces of a quote."""


class ExportStep(NamedTuple):
    """One step of a chain: the entry, if it has a page, and its name."""

    key: Key | None
    words: str
    unnamed: bool


class ExportRelation(NamedTuple):
    """A tie that the file of an actor or source declares."""

    subject: Key
    how: str
    """part of, member of, office, owned by, controlled by, related"""
    object: Key
    words: str
    """The title of an office, or the words of a relation."""
    since: Date | None
    until: Date | None
    marking: Marking


class ExportStatement(NamedTuple):
    """One statement of one article, with the words that may be shown."""

    ref: AnnotationRef
    entry: Entry
    article: Article
    assertion: EventAssertion | ClaimAssertion
    about: tuple[Key, ...]
    """The events or claims it is about; empty for a statement about the article itself."""
    places: tuple[Anchor, ...]
    quote: str
    """The quoted words; empty if the rights withhold them."""
    chains: tuple[tuple[ExportStep, ...], ...]
    """From the speaker to the publisher."""
    marking: Marking

    @property
    def id(self) -> str:
        """`ARTICLE#note-claim-3`, as in the JSON of pages: the article and the fragment of the note on its page."""
        return f"{self.ref.article}#{self.fragment}"

    @property
    def fragment(self) -> str:
        return f"note-{self.ref.list}-{self.ref.n}"

    @property
    def translation(self) -> str:
        return self.assertion.translation if self.quote else ""

    @property
    def chain_texts(self) -> list[str]:
        return [" → ".join(step.words for step in chain) for chain in self.chains]


class File(NamedTuple):
    """One file of a format: its name, empty if the format is a single file, and plain values that it depends on."""

    name: str
    values: tuple[Any, ...] = ()


class ExportContext:
    """The released corpus and the configuration. `now` is the latest day with evidence, as ISO, or empty.

    `digests` returns the digest of each period with an automatic summary; without it they are computed.
    """

    def __init__(
        self,
        corpus: Corpus,
        config: Config,
        *,
        strictest: Marking,
        preview: bool,
        now: str,
        words: Words,
        digests: Callable[[], list[history.Digest]] | None = None,
    ) -> None:
        self.corpus = corpus
        self.config = config
        self.strictest = strictest
        self.preview = preview
        self.now = now
        self.say = words
        self.space = uuid.uuid5(uuid.NAMESPACE_URL, f"sitrep:{config.id or config.url or config.title}")
        self._digests = digests or partial(history.published, corpus, config.briefs.every)
        self._shown: dict[str, tuple[Span, ...]] = {}

    @cached_property
    def digests(self) -> list[history.Digest]:
        """The digest of each period. Only for listing files: a file gets its digest as a value."""
        return self._digests()

    @property
    def title(self) -> str:
        """The site's title; a preview is marked as such."""
        return f"NOT FOR RELEASE: {self.config.title}" if self.preview else self.config.title

    def fresh(self) -> ExportContext:
        """The same context with empty caches, so that a file's lookups are all recorded."""
        return ExportContext(
            self.corpus, self.config, strictest=self.strictest, preview=self.preview, now=self.now, words=self.say
        )

    # -- entries --------------------------------------------------------------------------------------------------

    def entries(self, *kinds: Kind) -> Iterator[Entry]:
        """All entries of these kinds (by default of all), with or without a file, in the order of the site's lists."""
        for kind in kinds or KINDS:
            yield from self.corpus.entries[kind].values()

    def name(self, key: Key) -> str:
        entry = self.corpus.get(key)
        return entry.name if entry else key[1]

    def marking(self, entry: Entry) -> Marking:
        """The marking of an entry: the strictest of the site if it has no file, TLP:RED if its file has none."""
        if not entry.files:
            return self.strictest
        return marking(entry.record.marking, self.config.publish) or "TLP:RED"

    def address(self, key: Key, fragment: str = "") -> str:
        """The absolute address of an entry's page; empty if it has no page or the site's address is not configured."""
        return self.absolute(urls.href(urls.page(*key), fragment)) if self.corpus.get(key) else ""

    def absolute(self, href: str) -> str:
        return f"{self.config.url.rstrip('/')}/{href}" if self.config.url else ""

    def uuid(self, *parts: str) -> str:
        """A UUIDv5 of the site and these parts, the same in every run."""
        return str(uuid.uuid5(self.space, "/".join(parts)))

    # -- words ----------------------------------------------------------------------------------------------------

    def words(self, text: str) -> str:
        """A line of our prose, with each `[[…]]` replaced by the words it shows."""
        return markdown.WIKI.sub(lambda m: m[2] or self.called(m[1].strip()), text) if "[[" in text else text

    def prose(self, prose: Prose) -> str:
        """A document of our prose as plain text."""
        html = markdown.REFERENCE.sub(lambda m: m[2] or escape(self.called(unescape(m[1])), quote=False), prose.html)
        return markdown.text_of(html)

    def uncited(self, text: str) -> str:
        """A line of a brief without citations: one with words of its own leaves these words."""
        return markdown.WIKI.sub(lambda m: m[2] or self._uncited(m[1].strip()), text) if "[[" in text else text

    def uncited_prose(self, prose: Prose) -> str:
        """The body of a brief as plain text, without citations."""
        html = markdown.REFERENCE.sub(lambda m: m[2] or escape(self._uncited(unescape(m[1])), quote=False), prose.html)
        return markdown.text_of(html)

    def _uncited(self, raw: str) -> str:
        key, fragment = self.corpus.target(raw)
        return "" if target(self.corpus, raw, key, fragment) else self.called(raw)

    def called(self, raw: str) -> str:
        """The words that a `[[…]]` without words of its own shows."""
        key, _ = self.corpus.target(raw)
        return self.name(key) if key else raw.partition("#")[0].rpartition(":")[2]

    def spans(self, entry: Entry) -> tuple[Span, ...]:
        """The parts of an article's text that may be shown; in a preview, all of it."""
        spans = self._shown.get(entry.id)
        if spans is None:
            whole = ((0, len(entry.prose.text)),)
            spans = whole if self.preview else shown(entry, self.config.publish.rights)
            self._shown[entry.id] = spans
        return spans

    def rights(self, article: Article) -> str:
        return article.rights or self.config.publish.rights

    def shows_all(self, entry: Entry) -> bool:
        """Whether all of an article's text may be shown."""
        return self.preview or self.rights(cast(Article, entry.record)) == "full"

    def excerpt(self, entry: Entry) -> str:
        """The parts of the text that may be shown, joined by lines with an ellipsis."""
        return "\n…\n".join(entry.prose.text[start:end] for start, end in self.spans(entry))

    # -- statements -----------------------------------------------------------------------------------------------

    def statements(self, entry: Entry) -> Iterator[ExportStatement]:
        """The statements of an article with an anchored quote: events, then claims, in the order of its sidecar."""
        article = cast(Article, entry.record)
        places: dict[tuple[str, int], list[Anchor]] = {}
        for anchor in entry.anchors:
            places.setdefault((anchor.kind, anchor.n), []).append(anchor)
        groups: tuple[tuple[str, Kind, tuple[EventAssertion | ClaimAssertion, ...]], ...] = (
            ("event", "events", article.events),
            ("claim", "claims", article.claims),
        )
        for group, kind, assertions in groups:
            entries = self.corpus.entries[kind]
            for n, assertion in enumerate(assertions, 1):
                if (group, n) in entry.unanchored:
                    continue
                about = [entries[id] for id in dict.fromkeys(assertion.id) if id in entries]
                markings = [self.marking(entry), *(self.marking(subject) for subject in about if subject.files)]
                chains = provenance.chains(self.corpus, entry, assertion)
                quoted = tuple(places.get((group, n), ()))
                yield ExportStatement(
                    ref=AnnotationRef(entry.id, group, n),
                    entry=entry,
                    article=article,
                    assertion=assertion,
                    about=tuple((kind, subject.id) for subject in about),
                    places=quoted,
                    quote=self._quote(entry, quoted),
                    chains=tuple(tuple(self._step(entry, step) for step in chain.steps) for chain in chains),
                    marking=max(markings, key=MARKINGS.index),
                )

    def _quote(self, entry: Entry, places: tuple[Anchor, ...]) -> str:
        """The words at these places; empty unless all of them may be shown."""
        spans, text = self.spans(entry), entry.prose.text
        if not all(visible(spans, place.start, place.end) for place in places):
            return ""
        return PIECES.join(text[place.start : place.end] for place in places)

    def _step(self, entry: Entry, step: provenance.ChainStep) -> ExportStep:
        if step.key:
            return ExportStep(step.key, self.name(step.key), False)
        if step.unnamed and not may_say(entry.prose.text, self.spans(entry), step.words):
            return ExportStep(None, self.say("statement.unnamed"), True)
        return ExportStep(None, step.words, step.unnamed)

    def speakers(self, statement: ExportStatement) -> list[str]:
        """The names of the speakers; empty if the article names none."""
        return [chain[0].words for chain in statement.chains if chain] if statement.assertion.by else []

    def parties(self, statement: ExportStatement) -> list[Key]:
        """The actors and sources among the speakers."""
        return list(dict.fromkeys(key for link in statement.assertion.by if (key := self.corpus.party(link))))

    def mentioned(self, entry: Entry) -> list[tuple[int, Key, list[Anchor]]]:
        """The actors that an article mentions: the annotation's number, the actor or source, and its visible places."""
        spans = self.spans(entry)
        places: dict[int, list[Anchor]] = {}
        for anchor in entry.anchors:
            if anchor.kind == "actor" and visible(spans, anchor.start, anchor.end):
                places.setdefault(anchor.n, []).append(anchor)
        mentions = []
        for n, mention in enumerate(cast(Article, entry.record).actors, 1):
            if key := self.corpus.resolve(mention.id, ("actors", "sources")):
                mentions.append((n, key, places.get(n, [])))
        return mentions

    # -- ties -----------------------------------------------------------------------------------------------------

    def relations(self) -> Iterator[ExportRelation]:
        """The ties that files of actors and sources declare to entries of the corpus."""
        for entry in self.entries("actors", "sources"):
            for how, raw, words, since, until in self._declared_ties(entry):
                kinds: tuple[Kind, ...] = ("actors",) if how == "related" else PARTIES
                key = self.corpus.resolve(raw, kinds)
                if key:
                    yield ExportRelation((entry.kind, entry.id), how, key, words, since, until, self.marking(entry))

    def _declared_ties(self, entry: Entry) -> Iterator[tuple[str, str, str, Date | None, Date | None]]:
        record = entry.record
        if isinstance(record, Actor):
            ties = (("part of", record.part_of), ("member of", record.member_of))
            for office in record.roles:
                if office.of:
                    yield "office", office.of, office.title, office.from_, office.until
            for relation in record.relations:
                yield "related", relation.to, relation.how, relation.from_, relation.until
        elif isinstance(record, Source):
            ties = (("owned by", record.owner), ("controlled by", record.controlled_by))
        else:
            return
        for how, links in ties:
            for tie in links:
                yield how, tie.id, "", tie.from_, tie.until


def written(date: Date | None) -> str:
    """A date as written in the content; empty without one."""
    return date.text if date else ""


def qualified_id(key: Key) -> str:
    """`actor:kim-jong-un`."""
    return f"{SINGULAR[key[0]]}:{key[1]}"


def web_address(address: str) -> str:
    """An http or https address, percent-encoded (RFC 3986); empty for any other scheme."""
    return quote(address, safe=LEGAL) if address.lower().startswith(("https://", "http://")) else ""
