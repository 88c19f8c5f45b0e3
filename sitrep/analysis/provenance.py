"""Who says so, and how it reached us: the chain behind each statement, and how many origins a claim has.

A chain is `by` → the statement's `via` → the article's `via` → the article's source; each name in `by` starts its own.
Its origin is its start, rolled up over `part_of` and `controlled_by` as of the date of the statement. A chain without a
named start, or through somebody unnamed, cannot be traced and never counts as an origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from sitrep.corpus.as_of import since
from sitrep.corpus.corpus import PARTIES, AnnotationRef, Corpus, Key
from sitrep.model.entries import Entry
from sitrep.model.records import Actor, Article, Assertion, Claim, Date, Link, Source, Stance, Tie

Start = Literal["named", "document", "unnamed", "unattributed"]


class ChainStep(msgspec.Struct, frozen=True):
    """One link of a chain: an entry with a page, or words."""

    key: Key | None
    words: str
    unnamed: bool = False
    of: Key | None = None


class Chain(msgspec.Struct, frozen=True):
    """From the speaker to the publisher. `start` is the type of its first link."""

    start: Start
    steps: tuple[ChainStep, ...]


def chains(corpus: Corpus, entry: Entry, assertion: Assertion) -> tuple[Chain, ...]:
    """The chains of one statement of an article: one for each name in `by`; one unattributed chain where there is
    none."""
    assert isinstance(entry.record, Article)
    article = entry.record
    rest = [_step(corpus, link) for link in (*assertion.via, *article.via)]
    if article.source:
        rest.append(ChainStep(("sources", article.source), ""))
    starts: list[tuple[Start, tuple[ChainStep, ...]]] = [
        (_start(link), (_step(corpus, link),)) for link in assertion.by
    ]
    starts = starts or [("unattributed", ())]
    return tuple(Chain(kind, _joined((*first, *rest))) for kind, first in starts)


def _start(link: Link) -> Start:
    if link.unnamed is not None:
        return "unnamed"
    return "document" if link.document is not None else "named"


def _step(corpus: Corpus, link: Link) -> ChainStep:
    if link.unnamed is not None:
        of = corpus.resolve(link.of, PARTIES) if link.of else None
        return ChainStep(None, link.unnamed, unnamed=True, of=of)
    if link.document is not None:
        return ChainStep(None, link.document)
    if link.article is not None:
        key: Key = ("articles", link.article)
        return ChainStep(key if corpus.get(key) else None, "" if corpus.get(key) else link.article)
    party = corpus.party(link)
    return ChainStep(party, "" if party else link.id or "")


def _joined(steps: tuple[ChainStep, ...]) -> tuple[ChainStep, ...]:
    """The steps without immediate repetition: a source that relays itself is one link."""
    joined: list[ChainStep] = []
    for step in steps:
        if not joined or step.key is None or joined[-1].key != step.key:
            joined.append(step)
    return tuple(joined)


# -- origins ----------------------------------------------------------------------------------------------------------


class Support(msgspec.Struct, frozen=True):
    """One chain of one statement, and how it leads to its origin.

    `through`: the bodies it was rolled up over (known origin), or the nearest named link (untraced); the origin's own
    comes last.
    """

    ref: AnnotationRef
    speaker: ChainStep | None
    through: tuple[str, ...]


class Origin(msgspec.Struct, frozen=True):
    """What one or several statements go back to. `id` is that of the body, or a constructed one for an untraced
    chain."""

    id: str
    key: Key | None
    words: str
    known: bool
    interested: bool
    supports: tuple[Support, ...]
    shares: tuple[str, ...] = ()
    """Ids of other origins merged into this one by `shares_evidence`."""


class Ledger(msgspec.Struct, frozen=True):
    """The evidence for a claim. Articles, outlets and origins count what asserts it; each stance is tallied apart."""

    articles: int
    outlets: int
    origins: tuple[Origin, ...]
    stances: dict[Stance, int]
    uncounted: tuple[tuple[AnnotationRef, str], ...]
    """Statements that stay visible and are not counted, with the reason."""
    loops: tuple[AnnotationRef, ...]
    """Statements whose chain leads back to itself."""

    @property
    def known(self) -> int:
        return sum(origin.known for origin in self.origins)

    @property
    def unknown(self) -> int:
        return len(self.origins) - self.known


NOTHING = Ledger(articles=0, outlets=0, origins=(), stances={}, uncounted=(), loops=())


def ledger(corpus: Corpus, id: str, until: str = "") -> Ledger:
    """The ledger of a claim. The number of origins is a maximum.

    With `until`, an ISO day, as of the end of that day: articles that were not known then are ignored.
    """
    key: Key = ("claims", id)
    entry = corpus.entries["claims"][id]
    claim = entry.record if isinstance(entry.record, Claim) else Claim()
    stances: dict[Stance, int] = {}
    counted: list[AnnotationRef] = []
    uncounted: list[tuple[AnnotationRef, str]] = []
    for ref in corpus.statements.get(key, ()):
        article = corpus.article(ref.article)
        if (ref.list, ref.n) in article.unanchored or not known(corpus, ref.article, until):
            continue
        why = uncounted_for(corpus, ref.article, until)
        if why:
            uncounted.append((ref, why))
            continue
        stance = corpus.statement(ref).stance
        stances[stance] = stances.get(stance, 0) + 1
        if stance == "asserts":
            counted.append(ref)
    tracer = Tracer(corpus, key, until)
    traces = [trace for ref in counted for trace in tracer.trace(ref)]
    order = _places(traces)
    articles = dict.fromkeys(ref.article for ref in counted)
    outlets = {_article(corpus, article).source or article for article in articles}
    return Ledger(
        articles=len(articles),
        outlets=len(outlets),
        origins=(*_known(corpus, claim, traces, order), *_unknown(corpus, traces, order)),
        stances=stances,
        uncounted=tuple(uncounted),
        loops=tuple(dict.fromkeys(trace.ref for trace in traces if trace.loop)),
    )


def known(corpus: Corpus, article: str, until: str) -> bool:
    """Whether an article was known by the end of a day; without a day, every article is."""
    return not until or since(_article(corpus, article)) <= until


def uncounted_for(corpus: Corpus, article: str, until: str = "") -> str:
    """Why the statements of an article do not count: a copy, replaced, withdrawn. Empty when they count."""
    if _article(corpus, article).copy_of:
        return "a copy"
    for later in corpus.updates.get(article, ()):
        if not known(corpus, later, until):
            continue
        updates = _article(corpus, later).updates
        if updates and updates.how in ("replaces", "withdraws"):
            return "replaced" if updates.how == "replaces" else "withdrawn"
    return ""


def _article(corpus: Corpus, id: str) -> Article:
    record = corpus.article(id).record
    assert isinstance(record, Article)
    return record


class End(msgspec.Struct, frozen=True):
    """Where one chain of a statement ends: at known bodies, or at the last link that can be named."""

    ref: AnnotationRef
    speaker: ChainStep | None
    roots: tuple[str, ...] = ()
    """Traced: the bodies its start rolls up to, mostly one."""
    lifted: tuple[str, ...] = ()
    nearest: str = ""
    """Untraced: the nearest named link."""
    words: tuple[str, str] = ("", "")
    """Untraced: the article, and its words for an unnamed speaker."""
    loop: bool = False


class Tracer:
    """Follows the chains of one claim, through articles we hold, to their ends.

    `until` may be moved to a later day: results stay valid where they did not ask for an article in `missed`.
    """

    def __init__(self, corpus: Corpus, claim: Key, until: str = "") -> None:
        self.corpus = corpus
        self.until = until
        self.missed: set[str] = set()
        """Articles that chains led to before they were known."""
        self._said_in: dict[str, list[AnnotationRef]] = {}
        for ref in corpus.statements.get(claim, ()):
            self._said_in.setdefault(ref.article, []).append(ref)

    def _article(self, id: str) -> Article | None:
        """An article that was known by then."""
        if self.corpus.get(("articles", id)) is None:
            return None
        if known(self.corpus, id, self.until):
            return _article(self.corpus, id)
        self.missed.add(id)
        return None

    def trace(self, ref: AnnotationRef) -> list[End]:
        return list(self._follow(ref, ref, frozenset()))

    def _speaks(self, ref: AnnotationRef, link: Link) -> bool:
        party = self.corpus.party(link)
        return party is not None and any(self.corpus.party(by) == party for by in self.corpus.statement(ref).by)

    def _follow(
        self, ref: AnnotationRef, behind: AnnotationRef, seen: frozenset[str], only: Link | None = None
    ) -> Iterator[End]:
        """The ends of the chains of `behind`, for `ref`, which reached it through the articles in `seen`."""
        article = _article(self.corpus, behind.article)
        assertion = self.corpus.statement(behind)
        rest = (*assertion.via, *article.via)
        party = self.corpus.party(only) if only else None
        starts = [by for by in assertion.by if party is None or self.corpus.party(by) == party]
        for first in starts or (None,):
            yield from self._chain(ref, behind, article, first, rest, seen | {behind.article})

    def _chain(
        self,
        ref: AnnotationRef,
        behind: AnnotationRef,
        article: Article,
        first: Link | None,
        rest: tuple[Link, ...],
        seen: frozenset[str],
    ) -> Iterator[End]:
        links = (first, *rest) if first else rest
        speaker = _step(self.corpus, first) if first else None
        dark = max((n for n, link in enumerate(links) if _is_unnamed(link)), default=-1)
        named = first if first is not None and first.article is None and dark < 0 else None
        held_article = next((link.article for link in links[dark + 1 :] if link.article is not None), None)
        if held_article is not None:
            yield from self._continued(ref, speaker, behind, named, held_article, links, dark, seen)
        elif named is not None:
            yield self._known(ref, speaker, named, self.corpus.statement(behind).said or article.published)
        else:
            yield self._dark(ref, speaker, behind, article, links, dark)

    def _known(self, ref: AnnotationRef, speaker: ChainStep | None, first: Link, when: Date | None) -> End:
        if first.document is not None:
            return End(ref, speaker, roots=(f"document:{first.document.strip().casefold()}",))
        raw = first.of if first.unnamed is not None else first.id
        roots, lifted = roll_up(self.corpus, raw or "", when)
        return End(ref, speaker, roots=roots, lifted=lifted)

    def _continued(
        self,
        ref: AnnotationRef,
        speaker: ChainStep | None,
        behind: AnnotationRef,
        named: Link | None,
        article_id: str,
        links: tuple[Link, ...],
        dark: int,
        seen: frozenset[str],
    ) -> Iterator[End]:
        """Continue in the chains that an article we hold has for the claim: in those of the same speaker, if any.

        If that article is a copy and has no statement, continue in the original. If nothing more is known about a named
        speaker, that speaker is the end.
        """
        if article_id in seen:
            yield End(ref, speaker, nearest=f"loop:{min(seen)}", loop=True)
            return
        text = self._article(article_id)
        stance = self.corpus.statement(behind).stance
        further = self._said_in.get(article_id, ()) if text else ()
        further = [other for other in further if self.corpus.statement(other).stance == stance] or list(further)
        if named is not None and named.id:
            speaking = [other for other in further if self._speaks(other, named)]
            further = speaking or further
        if further:
            for other in further:
                yield from self._follow(ref, other, seen, only=named if named and self._speaks(other, named) else None)
        elif text and (original := text.copy_of):
            yield from self._continued(ref, speaker, behind, named, original, links, dark, seen | {article_id})
        elif named is not None:
            article = _article(self.corpus, behind.article)
            yield self._known(ref, speaker, named, self.corpus.statement(behind).said or article.published)
        else:
            source = text.source if text else None
            yield End(ref, speaker, nearest=source or f"article:{article_id}")

    def _dark(
        self,
        ref: AnnotationRef,
        speaker: ChainStep | None,
        behind: AnnotationRef,
        article: Article,
        links: tuple[Link, ...],
        dark: int,
    ) -> End:
        """A chain that ends at somebody unnamed; its nearest named link is the first one after that."""
        nearest = next((name for link in links[dark + 1 :] if (name := self._name(link))), "")
        unnamed = links[dark].unnamed if dark >= 0 else None
        return End(
            ref,
            speaker,
            nearest=nearest or article.source or f"article:{behind.article}",
            words=(behind.article, unnamed.strip().casefold()) if unnamed else ("", ""),
        )

    def _name(self, link: Link) -> str:
        if link.article is not None:
            text = self._article(link.article)
            return (text.source if text else None) or f"article:{link.article}"
        if link.document is not None:
            return f"document:{link.document.strip().casefold()}"
        raw = link.of if link.unnamed is not None else link.id
        party = self.corpus.resolve(raw, PARTIES) if raw else None
        return party[1] if party else raw or ""


def _is_unnamed(link: Link) -> bool:
    """Whether nobody can say who this is: an unnamed speaker whose body is not known either."""
    return link.unnamed is not None and link.of is None


def roll_up(corpus: Corpus, raw: str, when: Date | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The bodies that a party finally speaks for, and all it passes on the way up, itself first.

    Over `part_of` of actors and `controlled_by` of sources as of `when`; an actor and a source that share an id are
    one. Bodies in a circle are one too: the first of them by id.
    """
    party = corpus.resolve(raw, PARTIES)
    first = party[1] if party else raw
    passed: dict[str, None] = {}
    ends: set[str] = set()
    waiting = [first]
    while waiting:
        id = waiting.pop(0)
        if id in passed:
            continue
        passed[id] = None
        above = [tie for kind in PARTIES for tie in _ties(corpus, (kind, id)) if _in_force(tie, when)]
        ups = [up[1] if (up := corpus.resolve(tie.id, PARTIES)) else tie.id for tie in above]
        ups = [up for up in ups if up != id]
        if not ups:
            ends.add(id)
        waiting += ups
    return tuple(sorted(ends)) or (min(passed),), tuple(passed)


def _ties(corpus: Corpus, key: Key) -> tuple[Tie, ...]:
    entry = corpus.get(key)
    record = entry.record if entry else None
    if isinstance(record, Actor):
        return record.part_of
    return record.controlled_by if isinstance(record, Source) else ()


def _in_force(tie: Tie, when: Date | None) -> bool:
    """Whether a tie was in force then: unless it certainly was not."""
    if when is None:
        return True
    begun = tie.from_ is None or not when.surely_before(tie.from_)
    return begun and (tie.until is None or not tie.until.surely_before(when))


def _known(corpus: Corpus, claim: Claim, traces: list[End], order: Mapping[int, int]) -> Iterator[Origin]:
    """Known origins, those with most statements first. A chain that belongs to two bodies joins an origin that exists
    already."""
    merged = evidence(corpus, claim)
    groups: dict[str, list[End]] = {}
    for trace in sorted((t for t in traces if t.roots), key=lambda t: len(t.roots)):
        roots = [merged.get(root, root) for root in trace.roots]
        home = next((root for root in roots if root in groups), roots[0])
        groups.setdefault(home, []).append(trace)
    about = {root for id in claim.about.actors for root in roll_up(corpus, id, None)[0]}
    origins = []
    for home, group in groups.items():
        root, *shares = heads(corpus, merged, home, group)
        key = corpus.resolve(root, ("actors", "sources"))
        origin = Origin(
            id=root,
            key=key,
            words="" if key else root.removeprefix("document:"),
            known=True,
            interested=any(r in about for t in group for r in (*t.roots, *t.lifted)),
            supports=tuple(Support(t.ref, t.speaker, t.lifted[1:]) for t in _in_order(group, order)),
            shares=tuple(shares),
        )
        origins.append(origin)
    yield from sorted(origins, key=lambda origin: (-len(origin.supports), origin.id))


def heads(corpus: Corpus, merged: dict[str, str], home: str, ends: list[End]) -> list[str]:
    """The origins that are merged into this one, by weight: most statements, then the earliest, then the name."""
    refs_by_root: dict[str, set[AnnotationRef]] = {}
    for trace in ends:
        for root in trace.roots:
            if merged.get(root, root) == home:
                refs_by_root.setdefault(root, set()).add(trace.ref)

    def rank(root: str) -> tuple[int, str, str, str]:
        first = min(
            (when.earliest for refs_by_root in refs_by_root[root] if (when := moment(corpus, refs_by_root))),
            default="9999",
        )
        key = corpus.resolve(root, PARTIES)
        entry = corpus.get(key) if key else None
        return -len(refs_by_root[root]), first, entry.name if entry else root, root

    return sorted(refs_by_root, key=rank)


def moment(corpus: Corpus, ref: AnnotationRef) -> Date | None:
    """The date of a statement: as annotated, else the publication date of its article."""
    return corpus.statement(ref).said or _article(corpus, ref.article).published


def evidence(corpus: Corpus, claim: Claim) -> dict[str, str]:
    """Root → the root it is merged into by `shares_evidence`. Merging only ever lowers the count."""
    merged: dict[str, str] = {}

    def find(root: str) -> str:
        while root in merged and merged[root] != root:
            root = merged[root]
        return root

    for shared in claim.shares_evidence:
        roots = sorted({find(root) for id in shared.origins for root in roll_up(corpus, id, None)[0][:1]})
        for root in roots[1:]:
            merged[root] = roots[0]
    return {root: find(root) for root in merged}


def _unknown(corpus: Corpus, traces: list[End], order: Mapping[int, int]) -> Iterator[Origin]:
    """Untraced chains: those that share their nearest named link, or one article's words for a speaker, are one."""
    groups: list[tuple[set[object], list[End]]] = []
    for trace in traces:
        if trace.roots:
            continue
        marks: set[object] = {trace.nearest} | ({trace.words} if trace.words[1] else set())
        component = [trace]
        apart = []
        for others, members in groups:
            if others & marks:
                marks |= others
                component = members + component
            else:
                apart.append((others, members))
        groups = [*apart, (marks, component)]
    groups.sort(key=lambda group: (-len(group[1]), order[id(group[1][0])]))
    for number, (_, members) in enumerate(groups, 1):
        members = _in_order(members, order)
        nearest = members[0].nearest
        key = corpus.resolve(nearest, PARTIES)
        yield Origin(
            id=f"unknown-{number}",
            key=key,
            words="" if key else nearest.partition(":")[2] or nearest,
            known=False,
            interested=False,
            supports=tuple(Support(t.ref, t.speaker, (t.nearest,)) for t in members),
        )


def _places(traces: list[End]) -> dict[int, int]:
    return {id(trace): n for n, trace in enumerate(traces)}


def _in_order(ends: Iterable[End], order: Mapping[int, int]) -> list[End]:
    return sorted(ends, key=lambda trace: order[id(trace)])


# -- what a source is used for ----------------------------------------------------------------------------------------


class Use(msgspec.Struct):
    """How a source or an actor figures in chains: as speaker, as relay, and as the only basis of claims."""

    spoke: int = 0
    passed: int = 0
    relays: dict[Key, int] = msgspec.field(default_factory=dict)
    """Whose statements it passed on: the link before it, with how many."""
    alone: list[str] = msgspec.field(default_factory=list)
    """Claims whose every counted assertion comes through it."""
    ways: dict[tuple[Chain, Stance], list[AnnotationRef]] = msgspec.field(default_factory=dict)
    """The chains it is a link of, by stance towards the claim or event, each with its statements."""


def use(corpus: Corpus, party: Key) -> Use:
    """How one source or actor figures in the chains of all statements that it may be part of."""
    usage = Use()
    claims: dict[str, None] = {}
    for ref in _through(corpus, party):
        entry = corpus.article(ref.article)
        if (ref.list, ref.n) in entry.unanchored:
            continue
        assertion = corpus.statement(ref)
        part = False
        for chain in chains(corpus, entry, assertion):
            before: Key | None = None
            if any(step.key == party for step in chain.steps):
                part = True
                usage.ways.setdefault((chain, assertion.stance), []).append(ref)
            for place, step in enumerate(chain.steps):
                if step.key == party:
                    if place == 0 and chain.start != "unattributed":
                        usage.spoke += 1
                    else:
                        usage.passed += 1
                        if before is not None:
                            usage.relays[before] = usage.relays.get(before, 0) + 1
                before = step.key if step.key and step.key[0] != "articles" else None
        if part and _counts(corpus, ref, assertion):
            claims.update(dict.fromkeys(assertion.id))
    usage.alone += [claim for claim in sorted(claims) if _alone(corpus, claim, party)]
    return usage


def _through(corpus: Corpus, party: Key) -> Iterator[AnnotationRef]:
    """The statements that a party makes, passes on or publishes, or whose article names it as input."""
    refs = dict.fromkeys((*corpus.statements_by.get(party, ()), *corpus.statements_via.get(party, ())))
    own = corpus.articles_of.get(party[1], ()) if party[0] == "sources" else ()
    for id in dict.fromkeys((*own, *corpus.articles_via.get(party, ()))):
        article = _article(corpus, id)
        refs.update(dict.fromkeys(AnnotationRef(id, "event", n + 1) for n in range(len(article.events))))
        refs.update(dict.fromkeys(AnnotationRef(id, "claim", n + 1) for n in range(len(article.claims))))
    return iter(refs)


def _counts(corpus: Corpus, ref: AnnotationRef, assertion: Assertion) -> bool:
    return ref.list == "claim" and assertion.stance == "asserts" and not uncounted_for(corpus, ref.article)


def _alone(corpus: Corpus, claim: str, party: Key) -> bool:
    """Whether every counted assertion of a claim comes through a party."""
    for ref in corpus.statements.get(("claims", claim), ()):
        entry = corpus.article(ref.article)
        assertion = corpus.statement(ref)
        if (ref.list, ref.n) in entry.unanchored or not _counts(corpus, ref, assertion):
            continue
        statement_chains = chains(corpus, entry, assertion)
        if not any(step.key == party for chain in statement_chains for step in chain.steps):
            return False
    return True
