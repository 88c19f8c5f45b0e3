"""What exports draw on: the corpus that may leave, and of each text the words that may be shown.

The same rules as for pages (`pages/context.py`), without addresses relative to a page: a statement whose quote has no
anchor is not told, a quote is given only where the rights show it whole.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from html import escape, unescape
from typing import Any, NamedTuple, cast, get_args
from urllib.parse import quote

from sitrep.analysis import history, provenance
from sitrep.analysis.citations import target
from sitrep.anchoring.quotes import Span
from sitrep.corpus.corpus import PARTIES, AnnotationRef, Corpus, Key
from sitrep.i18n.words import Words
from sitrep.model.entries import Anchor, Entry, Prose
from sitrep.model.records import (
    KINDS,
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

MARKINGS: tuple[Marking, ...] = get_args(Marking)
"""The mildest first."""
LEGAL = "!#$%&'()*+,/:;=?@~"
"""What may stand in an address beside letters, digits and `-._`; the rest is percent-encoded."""
PIECES = " … "
"""Between the pieces of one quotation."""


class ExportStep(NamedTuple):
    """One link of a chain: the thing where it has a page, and its words."""

    key: Key | None
    words: str
    unnamed: bool


class ExportRelation(NamedTuple):
    """Whom a thing belongs to, or is otherwise tied to, as its file says."""

    subject: Key
    how: str
    """part of, member of, office, owned by, controlled by, related"""
    object: Key
    words: str
    """The title of an office, the words of a relation."""
    since: Date | None
    until: Date | None
    marking: Marking


class ExportStatement(NamedTuple):
    """One statement of one article, as far as it may be told."""

    ref: AnnotationRef
    entry: Entry
    article: Article
    made: EventAssertion | ClaimAssertion
    kind: Kind
    things: tuple[str, ...]
    """The events or claims it is about; none for the article's own statement."""
    places: tuple[Anchor, ...]
    quote: str
    """The quoted words, empty where the rights keep them back."""
    chains: tuple[tuple[ExportStep, ...], ...]
    """From who spoke to who published."""
    marking: Marking

    @property
    def id(self) -> str:
        """`ARTICLE#note-claim-3`, as in the JSON beside pages: the article, and its note on the article's page."""
        return f"{self.ref.article}#note-{self.ref.list}-{self.ref.n}"

    @property
    def translation(self) -> str:
        return self.made.translation if self.quote else ""


class File(NamedTuple):
    """One file of a format: its name, empty where the format is one file, and plain values that it is made of."""

    name: str
    of: tuple[Any, ...] = ()


class ExportContext:
    """A corpus, the configuration, and what was decided about it. `now` is the latest day that it knows of.

    `digests` says what moved in each period that a brief is assembled for, where somebody has found that out already.
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
        """For plans alone: what a file has of them is given to it as a value."""
        return self._digests()

    def anew(self) -> ExportContext:
        """The same, having looked at nothing yet."""
        return ExportContext(
            self.corpus, self.config, strictest=self.strictest, preview=self.preview, now=self.now, words=self.say
        )

    # -- things ---------------------------------------------------------------------------------------------------

    def things(self, *kinds: Kind) -> Iterator[Entry]:
        """Every thing of these kinds, filed or only mentioned, in the order of the site's lists."""
        for kind in kinds or KINDS:
            yield from self.corpus.entries[kind].values()

    def name(self, key: Key) -> str:
        entry = self.corpus.get(key)
        return entry.name if entry else key[1]

    def marking(self, entry: Entry) -> Marking:
        """A file's marking. What has no file bears the strictest of all that is here; what is unmarked, RED."""
        if not entry.files:
            return self.strictest
        return marking(entry.record.marking, self.config.publish) or "TLP:RED"

    def stricter(self, markings: Iterable[Marking]) -> Marking:
        return max(markings, key=MARKINGS.index)

    def address(self, key: Key, fragment: str = "") -> str:
        """The absolute address of a thing's page, where the configuration says where the site stands."""
        return self.absolute(urls.href(urls.page(*key), fragment)) if self.corpus.get(key) else ""

    def absolute(self, href: str) -> str:
        return f"{self.config.url.rstrip('/')}/{href}" if self.config.url else ""

    def uuid(self, *parts: str) -> str:
        """A UUIDv5 of the site and these words: the same in every run."""
        return str(uuid.uuid5(self.space, "/".join(parts)))

    # -- words ----------------------------------------------------------------------------------------------------

    def words(self, text: str) -> str:
        """A line of ours, its `[[…]]` as the words they show."""
        return markdown.WIKI.sub(lambda m: m[2] or self.called(m[1].strip()), text) if "[[" in text else text

    def prose(self, prose: Prose) -> str:
        """A document of ours as plain text."""
        html = markdown.REFERENCE.sub(lambda m: m[2] or escape(self.called(unescape(m[1])), quote=False), prose.html)
        return markdown.text_of(html)

    def uncited(self, text: str) -> str:
        """A line of a brief without its references: what is cited and has no words of its own is left out."""
        return markdown.WIKI.sub(lambda m: m[2] or self._uncited(m[1].strip()), text) if "[[" in text else text

    def uncited_prose(self, prose: Prose) -> str:
        """A brief's text in the same way."""
        html = markdown.REFERENCE.sub(lambda m: m[2] or escape(self._uncited(unescape(m[1])), quote=False), prose.html)
        return markdown.text_of(html)

    def _uncited(self, raw: str) -> str:
        key, fragment = self.corpus.target(raw)
        return "" if target(self.corpus, raw, key, fragment) else self.called(raw)

    def called(self, raw: str) -> str:
        """What a `[[…]]` without words of its own shows."""
        key, _ = self.corpus.target(raw)
        return self.name(key) if key else raw.partition("#")[0].rpartition(":")[2]

    def spans(self, entry: Entry) -> tuple[Span, ...]:
        """What of an article's text may be shown; in a preview, all of it."""
        found = self._shown.get(entry.id)
        if found is None:
            whole = ((0, len(entry.prose.text)),)
            found = whole if self.preview else shown(entry, self.config.publish.rights)
            self._shown[entry.id] = found
        return found

    def rights(self, article: Article) -> str:
        return article.rights or self.config.publish.rights

    def full(self, entry: Entry) -> bool:
        """Whether all of an article's text may be shown."""
        return self.preview or self.rights(cast(Article, entry.record)) == "full"

    def excerpt(self, entry: Entry) -> str:
        """What may be shown of the text, its pieces apart."""
        return "\n…\n".join(entry.prose.text[start:end] for start, end in self.spans(entry))

    # -- statements -----------------------------------------------------------------------------------------------

    def statements(self, entry: Entry) -> Iterator[ExportStatement]:
        """What an article states, events first, in the order of its sidecar."""
        article = cast(Article, entry.record)
        places: dict[tuple[str, int], list[Anchor]] = {}
        for anchor in entry.anchors:
            places.setdefault((anchor.kind, anchor.n), []).append(anchor)
        groups: tuple[tuple[str, Kind, tuple[EventAssertion | ClaimAssertion, ...]], ...] = (
            ("event", "events", article.events),
            ("claim", "claims", article.claims),
        )
        mark = self.marking(entry)
        for group, kind, assertions in groups:
            for n, made in enumerate(assertions, 1):
                if (group, n) not in entry.unanchored:
                    there = tuple(places.get((group, n), ()))
                    yield self._statement(entry, article, AnnotationRef(entry.id, group, n), made, kind, there, mark)

    def _statement(
        self,
        entry: Entry,
        article: Article,
        ref: AnnotationRef,
        made: EventAssertion | ClaimAssertion,
        kind: Kind,
        places: tuple[Anchor, ...],
        mark: Marking,
    ) -> ExportStatement:
        spans = self.spans(entry)
        text = entry.prose.text
        told = bool(places) and all(visible(spans, a.start, a.end) for a in places)
        things = tuple(id for id in dict.fromkeys(made.id) if id in self.corpus.entries[kind])
        filed = [e for id in things if (e := self.corpus.entries[kind][id]).files]
        return ExportStatement(
            ref=ref,
            entry=entry,
            article=article,
            made=made,
            kind=kind,
            things=things,
            places=places,
            quote=PIECES.join(text[a.start : a.end] for a in places) if told else "",
            chains=tuple(
                tuple(self._link(entry, step) for step in chain.steps)
                for chain in provenance.chains(self.corpus, entry, made)
            ),
            marking=self.stricter([mark, *map(self.marking, filed)]),
        )

    def _link(self, entry: Entry, step: provenance.ChainStep) -> ExportStep:
        if step.key:
            return ExportStep(step.key, self.name(step.key), False)
        if step.unnamed and not may_say(entry.prose.text, self.spans(entry), step.words):
            return ExportStep(None, self.say("statement.unnamed"), True)
        return ExportStep(None, step.words, step.unnamed)

    def speakers(self, ref: ExportStatement) -> list[str]:
        """Who says so, in words; nobody where the article does not say."""
        return [chain[0].words for chain in ref.chains if chain] if ref.made.by else []

    def parties(self, ref: ExportStatement) -> list[Key]:
        """The actors and sources that say so."""
        return list(dict.fromkeys(key for link in ref.made.by if (key := self.corpus.party(link))))

    def mentioned(self, entry: Entry) -> list[tuple[int, Key, list[Anchor]]]:
        """Whom an article names: the annotation's number, the thing, and its places that are shown."""
        spans = self.spans(entry)
        places: dict[int, list[Anchor]] = {}
        for anchor in entry.anchors:
            if anchor.kind == "actor" and visible(spans, anchor.start, anchor.end):
                places.setdefault(anchor.n, []).append(anchor)
        found = []
        for n, mention in enumerate(cast(Article, entry.record).actors, 1):
            if key := self.corpus.resolve(mention.id, ("actors", "sources")):
                found.append((n, key, places.get(n, [])))
        return found

    # -- ties -----------------------------------------------------------------------------------------------------

    def relations(self) -> Iterator[ExportRelation]:
        """What the files of actors and sources say of their ties. A tie to what is not here is no tie."""
        for entry in self.things("actors", "sources"):
            for how, raw, words, since, until in self._ties(entry):
                kinds: tuple[Kind, ...] = ("actors",) if how == "related" else PARTIES
                key = self.corpus.resolve(raw, kinds)
                if key:
                    yield ExportRelation((entry.kind, entry.id), how, key, words, since, until, self.marking(entry))

    def _ties(self, entry: Entry) -> Iterator[tuple[str, str, str, Date | None, Date | None]]:
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
        for how, found in ties:
            for tie in found:
                yield how, tie.id, "", tie.from_, tie.until


def singular(key: Key) -> str:
    return f"{SINGULAR[key[0]]}:{key[1]}"


def web(address: str) -> str:
    """An address of the web as RFC 3986 has it, or nothing: no other scheme leaves as a link."""
    return quote(address, safe=LEGAL) if address.lower().startswith(("https://", "http://")) else ""
