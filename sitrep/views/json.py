"""The JSON beside pages: stable, documented shapes, from which docs/schema/ is generated. Absent values are null."""

from __future__ import annotations

from typing import Literal

import msgspec


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all JSON shapes."""


class RefData(Data, frozen=True, kw_only=True):
    """An entry, or the name of something without a page; then `id` is null."""

    kind: str | None
    id: str | None
    name: str


class ChainLink(Data, frozen=True, kw_only=True):
    """One step of an attribution chain, which runs from the speaker to the publisher."""

    id: str | None
    name: str
    role: Literal["speaker", "unnamed speaker", "document", "relay", "unnamed relay", "article", "outlet"]


class StatementData(Data, frozen=True, kw_only=True):
    """One statement of one article. `quote` is null if the rights withhold it; `chain` is the first of `chains`."""

    article: str
    annotation: str
    """The fragment of its note on the article's page: `note-claim-3`."""
    about: list[RefData]
    stance: str
    said: str | None
    happened: str | None
    published: str | None
    source: RefData | None
    quote: str | None
    chain: list[ChainLink]
    chains: list[list[ChainLink]]
    value: str | None
    credibility: str | None
    note: str | None
    translation: str | None


class AnnotationData(Data, frozen=True, kw_only=True):
    """One place of one annotation: code points into the whole text, null if the rights withhold the words."""

    kind: Literal["actor", "event", "claim"]
    id: str | None
    fragment: str
    exact: str | None
    start: int | None
    end: int | None
    stance: str | None


class FactData(Data, frozen=True, kw_only=True):
    label: str
    values: list[RefData]


class GroupData(Data, frozen=True, kw_only=True):
    label: str
    things: list[RefData]


class ArticleData(Data, frozen=True, kw_only=True):
    """articles/ID.json. `text` is the plain text as rendered, null unless the rights are full.

    `notices`: that it was withdrawn or corrected, or is a copy or a translation. `speaks`: who speaks in it. `news`:
    what is new in it and what repeats. `reviewed`: who signed it off. `omitted`: the parts of the text that are not
    shown, and why.
    """

    id: str
    title: str
    notices: list[str]
    speaks: str | None
    news: str | None
    source: RefData | None
    via: list[RefData]
    published: str | None
    captured: str | None
    url: str | None
    archived: str | None
    language: str | None
    marking: str
    rights: Literal["full", "excerpt", "metadata"]
    reviewed: str | None
    summary: str | None
    text: str | None
    omitted: str | None
    annotations: list[AnnotationData]
    statements: list[StatementData]
    topics: list[RefData]
    cited_by: list[RefData]


class OriginData(Data, frozen=True, kw_only=True):
    """The origin of several assertions. `assertions` are article ids with the annotation: `ID#note-claim-3`.

    `counted_with`: further origins that the analyst counts as one with it. `lineage` is unknown for an untraced chain.
    """

    id: str
    name: str
    lineage: Literal["known", "unknown"]
    interested: bool
    counted_with: list[RefData]
    assertions: list[str]


class SharedData(Data, frozen=True, kw_only=True):
    """Origins that share their evidence and are counted once, with our reason."""

    origins: list[RefData]
    because: str | None


class UncountedData(Data, frozen=True, kw_only=True):
    """An article whose assertions are shown but not counted."""

    article: str
    why: str


class OriginCounts(Data, frozen=True, kw_only=True):
    known: int
    unknown: int


class LedgerData(Data, frozen=True, kw_only=True):
    """Articles, outlets and origins count assertions only; `stances` counts all statements by stance."""

    articles: int
    outlets: int
    origins: OriginCounts
    stances: dict[str, int]


class AssessmentData(Data, frozen=True, kw_only=True):
    date: str
    likelihood: str | None
    confidence: str | None
    because: str | None
    would_change: str | None


class EntryData(Data, frozen=True, kw_only=True):
    """The members that the JSON of every entry has."""

    id: str
    name: str
    kind: str
    what: str | None
    filed: bool
    marking: str
    answer: str | None
    """What is known about it, in one line."""
    description: str | None
    prose: str | None
    """Our own prose about it, as plain text."""
    facts: list[FactData]
    related: list[GroupData]
    cited_by: list[RefData]
    pages: int


class ConflictData(Data, frozen=True, kw_only=True):
    claim: str
    how: str


class StanceChangeData(Data, frozen=True, kw_only=True):
    """A speaker's stance, and since when. `moved`: it is their first on the claim, or differs from the one before."""

    date: str | None
    speaker: RefData
    unnamed: bool
    stance: str
    moved: bool
    value: str | None
    article: str


class NumberData(Data, frozen=True, kw_only=True):
    """One number of a claim, as stated. `flags`: doubts about it, in words."""

    date: str
    value: str
    form: Literal["exact", "at least", "at most", "about", "range"]
    stance: str
    speaker: RefData
    unnamed: bool
    article: str
    flags: list[str]


class ClaimData(EntryData, frozen=True, kw_only=True):
    """claims/ID.json."""

    statement: str
    ledger: LedgerData
    origins: list[OriginData]
    shared_evidence: list[SharedData]
    uncounted: list[UncountedData]
    assertions: list[StatementData]
    assessments: list[AssessmentData]
    conflicts: list[ConflictData]
    unheard: list[RefData]
    """Actors it is about for whom no report has a statement on it, nor says that they were silent."""
    last_change: list[str]
    """The changes of the latest day with any."""
    best_for: StatementData | None
    best_against: StatementData | None
    open: list[str]
    """Open questions, a sentence each."""
    turns: list[StanceChangeData]
    """Positions over time, the latest first."""
    measure: str | None
    numbers: list[NumberData]


class EventDateData(Data, frozen=True, kw_only=True):
    date: str
    articles: list[str]
    differs: bool


class EventData(EntryData, frozen=True, kw_only=True):
    """events/ID.json."""

    assertions: list[StatementData]
    dates: list[EventDateData]


class MentionData(Data, frozen=True, kw_only=True):
    article: str
    published: str | None
    sentences: list[str]


class TieData(Data, frozen=True, kw_only=True):
    """An actor it is tied to, and why. Arrows show the direction of a tie: → leads away from this one."""

    actor: RefData
    why: str


class ActorData(EntryData, frozen=True, kw_only=True):
    """actors/ID.json."""

    says: list[StatementData]
    relays: list[StatementData]
    mentions: list[MentionData]
    denies: list[RefData]
    claims_about: list[RefData]
    ties: list[TieData]


class RelayData(Data, frozen=True, kw_only=True):
    source: RefData
    statements: int


class RouteData(Data, frozen=True, kw_only=True):
    """A chain by which statements reached us, with their stance and number."""

    chain: list[ChainLink]
    stance: str
    statements: int


class SourceData(EntryData, frozen=True, kw_only=True):
    """sources/ID.json. `spoke` counts the statements that originate with it, `passed` those that it passed on."""

    says: list[StatementData]
    relays: list[StatementData]
    articles: list[RefData]
    inputs: list[RefData]
    """Articles of others that name it as their source."""
    mentions: list[MentionData]
    spoke: int
    passed: int
    relays_from: list[RelayData]
    alone: list[RefData]
    ways: list[RouteData]
    """The chains that include it, those with the most statements first, at most 24."""


class TopicData(EntryData, frozen=True, kw_only=True):
    """topics/ID.json."""

    things: list[RefData]


class JudgmentData(Data, frozen=True, kw_only=True):
    text: str
    likelihood: str | None
    confidence: str | None
    because: str | None
    rests_on: list[RefData]


class BriefData(Data, frozen=True, kw_only=True):
    """briefs/ID.json. `text` is the plain text of the body."""

    id: str
    title: str
    date: str | None
    period: str | None
    marking: str
    summary: str | None
    judgments: list[JudgmentData]
    text: str | None
    sources: list[str]
    """The source summary statement, a sentence each."""
    references: list[RefData]
    """The cited entries, in the order of their numbers."""
    topics: list[RefData]


EVERY: dict[str, type[Data]] = {
    "article": ArticleData,
    "actor": ActorData,
    "event": EventData,
    "source": SourceData,
    "claim": ClaimData,
    "topic": TopicData,
    "brief": BriefData,
}
"""Kind → the shape of its JSON."""
