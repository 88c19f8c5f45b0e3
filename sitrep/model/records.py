"""One frozen record for each file, and for each annotation in it. Records contain ids, never links.

The annotations of these classes *are* the schema: `parse/schema.py` types YAML by them, and `parse/json_schema.py`
publishes them for editors. A field's `Meta(description=…)` is what an analyst sees while typing.

"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta, field

Kind = Literal["articles", "actors", "events", "sources", "claims", "briefs", "topics"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SINGULAR: dict[Kind, str] = {
    "articles": "article",
    "actors": "actor",
    "events": "event",
    "sources": "source",
    "claims": "claim",
    "briefs": "brief",
    "topics": "topic",
}
PLURAL: dict[str, Kind] = {singular: kind for kind, singular in SINGULAR.items()}


class Ref(msgspec.Struct, frozen=True):
    """Marks an annotated string as the id of an entry of one of these kinds, resolved in this order."""

    kinds: tuple[Kind, ...]


class Slug(msgspec.Struct, frozen=True):
    """Marks an annotated string as an id that need not belong to an entry."""


Text = Annotated[str, Meta(description="plain text on one line")]
Words = Annotated[str, Meta(description="text; [[id]], [[kind:id]] and [[id|words]] link")]
ActorId = Annotated[str, Ref(("actors",))]
EventId = Annotated[str, Ref(("events",))]
SourceId = Annotated[str, Ref(("sources",))]
ClaimId = Annotated[str, Ref(("claims",))]
ArticleId = Annotated[str, Ref(("articles",))]
OldId = Annotated[str, Slug()]
TopicId = Annotated[str, Ref(("topics",))]
Named = Annotated[str, Ref(("actors", "sources"))]
"""A party named in a text: an actor, or a source that shares its id with no actor."""
Party = Annotated[str, Ref(("sources", "actors"))]
"""Who speaks or relays: a source, else an actor. `actor:x` and `source:x` choose where both exist."""

Marking = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
MARKINGS: tuple[Marking, ...] = get_args(Marking)
"""The strictest last."""
"""Traffic Light Protocol 2.0 (FIRST, August 2022). `TLP:WHITE`, version 1's name for CLEAR, is read as CLEAR."""
Status = Literal["draft", "reviewed"]
Rights = Literal["full", "excerpt", "metadata"]
Stance = Literal["asserts", "denies", "doubts", "withholds", "silent"]
STANCES: tuple[Stance, ...] = get_args(Stance)
"""In the order in which they are listed."""
Confidence = Literal["high", "moderate", "low"]
Likelihood = Literal[
    "almost no chance",
    "very unlikely",
    "unlikely",
    "roughly even chance",
    "likely",
    "very likely",
    "almost certain",
    "remote",
    "highly improbable",
    "improbable",
    "roughly even odds",
    "probable",
    "highly probable",
    "nearly certain",
]
"""The two rows of terms of ICD 203; a product keeps to one of them."""
Reliability = Literal["A", "B", "C", "D", "E", "F"]
"""Admiralty code, of the source. F is *cannot be judged*, not the worst."""
Credibility = Literal["1", "2", "3", "4", "5", "6"]
"""Admiralty code, of the information. 6 is *cannot be judged*, not the worst."""
ActorKind = Literal["person", "organization", "state", "group", "place"]
Phase = Literal["planned", "occurred", "alleged"]

PLOVER: dict[str, tuple[str, ...]] = {
    "AGREE": (),
    "CONSULT": ("visit", "third-party", "multilateral", "phone"),
    "SUPPORT": (),
    "CONCEDE": (),
    "COOPERATE": (),
    "AID": (),
    "RETREAT": ("withdraw", "release", "disarm", "ceasefire", "access", "resign"),
    "REQUEST": ("assist", "change", "yield", "meet"),
    "ACCUSE": ("disapprove", "investigate", "allege"),
    "REJECT": ("assist", "change", "yield", "meet"),
    "THREATEN": ("restrict", "arrest", "relations", "expel", "territory", "violence"),
    "PROTEST": ("demo", "riot", "strike", "hunger", "boycott", "obstruct", "vandalize"),
    "SANCTION": ("convict", "expel", "withdraw", "discontinue"),
    "MOBILIZE": ("troops", "weapons", "police", "militia"),
    "COERCE": (
        *("seize", "restrict", "censor", "curfew", "martial-law", "arrest", "deport"),
        *("withhold", "misinformation", "cyber"),
    ),
    "ASSAULT": (
        *("abduct", "beat", "torture", "sexual", "targeted", "destroy", "primitive", "firearms"),
        *("explosives", "suicide-attack", "aerial", "drone", "heavy-weapons", "crowd-control", "unconventional"),
    ),
}
"""Event classes and their modes: PLOVER 2.0, the manual."""
EventClass = Literal[
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all records. `shorthand` names the field that a bare value stands for."""

    shorthand: ClassVar[str] = ""


class Date(Record, frozen=True, kw_only=True):
    """An EDTF date (ISO 8601-2, Library of Congress) with the days it may cover.

    `earliest` and `latest` are ISO days, inclusive; an open end is `0000-00-00` or `9999-99-99`, so both compare
    and sort as strings.
    """

    text: str
    earliest: str
    latest: str
    uncertain: bool = False
    approximate: bool = False

    def surely_before(self, other: Date) -> bool:
        """Whether every day this date may mean lies before every day the other may mean."""
        return self.latest < other.earliest


class Quantity(Record, frozen=True, kw_only=True):
    """A number as a text gives it: `1500` exact, `>10000` at least, `<500` at most, `~3000` about, `10..12` a range."""

    text: str
    form: Literal["exact", "at least", "at most", "about", "range"]
    low: float
    high: float


class Quote(Record, frozen=True, kw_only=True):
    """Words of the text, verbatim. A plain string may stand for each of its occurrences (`every`); a mapping for
    one only.

    Follows the W3C Web Annotation TextQuoteSelector, with an ordinal as the last resort.

    """

    shorthand: ClassVar[str] = "exact"

    exact: Annotated[str, Meta(description="the words, exactly as the text has them")]
    prefix: Annotated[str, Meta(description="the words just before")] = ""
    suffix: Annotated[str, Meta(description="the words just after")] = ""
    occurrence: Annotated[int, Meta(description="which occurrence, from 1, through the whole text", ge=1)] | None = None
    bare: Annotated[bool, "unwritten"] = False
    """Written as a plain string."""


class Link(Record, frozen=True, kw_only=True):
    """One link of an attribution chain: a party, a captured article, a document, or an unnamed source."""

    shorthand: ClassVar[str] = "id"

    id: Annotated[Party | None, Meta(description="a source or an actor; source:x or actor:x says which")] = None
    article: Annotated[ArticleId | None, Meta(description="a text we hold: its own chain continues there")] = None
    document: Annotated[str | None, Meta(description="a document, named")] = None
    unnamed: Annotated[str | None, Meta(description="the article's own words for a speaker it does not name")] = None
    of: Annotated[Party | None, Meta(description="the body an unnamed speaker belongs to, where known")] = None


Lat = Annotated[float, Meta(description="degrees north", ge=-90, le=90)]
Lon = Annotated[float, Meta(description="degrees east", ge=-180, le=180)]
Radius = Annotated[float, Meta(description="kilometres about the point: somewhere within", ge=1, le=5000)]


class Place(Record, frozen=True, kw_only=True):
    """Where an event took place: a name and, to be shown on the map, coordinates."""

    shorthand: ClassVar[str] = "name"

    name: Text
    lat: Lat | None = None
    lon: Lon | None = None
    radius: Radius | None = None
    uncertain: Annotated[bool, Meta(description="it may have been elsewhere")] = False


class Position(Record, frozen=True, kw_only=True):
    """The location of an actor that is a place."""

    lat: Lat
    lon: Lon
    radius: Radius | None = None


Roles = dict[str, tuple[ActorId, ...]]


class Annotation(Record, frozen=True, kw_only=True):
    """Fields common to all annotations of a text."""

    note: Annotated[Words, Meta(description="our remark on this annotation")] = ""
    translation: Annotated[str, Meta(description="the quoted words in the site's language")] = ""
    proposed: Annotated[bool, Meta(description="found by import, not yet confirmed by a person")] = False
    at: Annotated[tuple[str, ...], Meta(description="where import or repair found it: start-end in the text")] = ()


class Mention(Annotation, frozen=True, kw_only=True):
    """An actor (or a source) that the text names. A bare id anchors its name and aliases; `quotes` adds to them."""

    shorthand: ClassVar[str] = "id"

    id: Named
    kind: Annotated[ActorKind | None, Meta(description="what it is, where it has no file of its own")] = None
    quotes: Annotated[tuple[Quote, ...], Meta(description="further words that mean it here")] = ()


class Assertion(Annotation, frozen=True, kw_only=True):
    """One article's statement: that something happened, or that a claim holds. `quote` in pieces is one quotation."""

    stance: Annotated[Stance, Meta(description="asserts unless said")] = "asserts"
    by: Annotated[tuple[Link, ...], Meta(description="who says so; each name starts a chain of its own")] = ()
    via: Annotated[tuple[Link, ...], Meta(description="through whom it reached the article")] = ()
    said: Annotated[Date | None, Meta(description="when it was said, if not when it was published")] = None
    quote: Annotated[
        tuple[Quote, ...], Meta(description="the words that say so; a list is one quotation in pieces")
    ] = ()
    credibility: Annotated[Credibility | None, Meta(description="Admiralty code, 1 to 6")] = None


class EventAssertion(Assertion, frozen=True, kw_only=True):
    """An article's statement that an event happened, will happen, or is reported to have happened."""

    shorthand: ClassVar[str] = "id"

    id: tuple[EventId, ...] = ()
    date: Annotated[Date | None, Meta(description="when it happened, as this article gives it (EDTF)")] = None
    roles: Annotated[Roles, Meta(description="role: actors, as this article gives them")] = field(default_factory=dict)


class ClaimAssertion(Assertion, frozen=True, kw_only=True):
    """An article's statement about a claim. Without an id it is shown on the article's page only and has no claim
    page."""

    id: tuple[ClaimId, ...] = ()
    value: Annotated[Quantity | None, Meta(description="1500, >10000, <500, ~3000 or 10000..12000")] = None


AnyAssertion: TypeAlias = EventAssertion | ClaimAssertion


class SignOff(Record, frozen=True, kw_only=True):
    """Who reviewed the file, when, and the digest of what was reviewed."""

    by: Text = ""
    on: Date | None = None
    digest: Text = ""


class Update(Record, frozen=True, kw_only=True):
    """That this article corrects, replaces or withdraws an earlier one."""

    article: ArticleId
    how: Literal["corrects", "replaces", "withdraws"]


class Item(Record, frozen=True, kw_only=True):
    """Fields common to all kinds of files."""

    label: ClassVar[str] = "name"
    """The field that names the entry on pages."""

    marking: Annotated[Marking | None, Meta(description="who may see it (TLP 2.0); unmarked is withheld")] = None
    status: Annotated[Status | None, Meta(description="articles and briefs are drafts until they say reviewed")] = None
    reviewed: Annotated[SignOff | None, Meta(description="the sign-off: a later edit makes it a draft again")] = None
    topics: Annotated[tuple[TopicId, ...], Meta(description="ids of topics")] = ()
    language: Annotated[str, Meta(description="BCP 47: en, ko, fa", pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = (
        ""
    )
    formerly: Annotated[tuple[OldId, ...], Meta(description="old ids, which redirect here")] = ()


class Article(Item, frozen=True, kw_only=True, tag=True):
    """The sidecar of a captured report."""

    label: ClassVar[str] = "title"

    title: Annotated[Text, Meta(description="as published; in [brackets] where the words are ours")] = ""
    source: Annotated[SourceId | None, Meta(description="who published this text")] = None
    via: Annotated[tuple[Link, ...], Meta(description="where it says it has it from; ends every chain")] = ()
    url: Text = ""
    archived: Annotated[Text, Meta(description="address of an archived copy")] = ""
    translation_of: ArticleId | None = None
    copy_of: ArticleId | None = None
    updates: Update | None = None
    published: Annotated[Date | None, Meta(description="EDTF date")] = None
    captured: Annotated[Date | None, Meta(description="EDTF date: when we took the copy")] = None
    rights: Annotated[Rights | None, Meta(description="how much of the text may be shown")] = None
    format: Annotated[Literal["markdown", "text"], Meta(description="text: a line is a paragraph")] = "markdown"
    summary: Annotated[Words, Meta(description="ours, in a sentence or two")] = ""
    text_sha256: Annotated[Text, Meta(description="digest of the text when it was last checked")] = ""
    actors: tuple[Mention, ...] = ()
    events: tuple[EventAssertion, ...] = ()
    claims: tuple[ClaimAssertion, ...] = ()


class Tie(Record, frozen=True, kw_only=True):
    """A dated membership: `ukraine`, or `{id: ukraine, from: 2020, until: 2023-09}`."""

    shorthand: ClassVar[str] = "id"

    id: Party
    from_: Date | None = field(default=None, name="from")
    until: Date | None = None


class Office(Record, frozen=True, kw_only=True):
    """A role somebody holds: `{title: Minister of Defence, of: ukraine, from: 2023-09}`."""

    shorthand: ClassVar[str] = "title"

    title: Text
    of: Party | None = None
    from_: Date | None = field(default=None, name="from")
    until: Date | None = None


class Relation(Record, frozen=True, kw_only=True):
    """A relation to another actor, worded from this one to that one: `{to: russia, how: ally of}`."""

    to: ActorId
    how: Text
    from_: Date | None = field(default=None, name="from")
    until: Date | None = None
    note: Words = ""


class Identifiers(Record, frozen=True, kw_only=True):
    wikidata: Annotated[str, Meta(description="Wikidata item", pattern=r"^Q[1-9][0-9]{0,11}$")] = ""
    iso3166: Annotated[str, Meta(description="ISO 3166-1 alpha-2", pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] = ""


class Actor(Item, frozen=True, kw_only=True, tag=True):
    """A person, organization, state or group."""

    name: Text = ""
    kind: Annotated[ActorKind | None, Meta(description="what it is")] = None
    aliases: Annotated[tuple[Text, ...], Meta(description="other spellings and names found in texts")] = ()
    description: Words = ""
    part_of: Annotated[tuple[Tie, ...], Meta(description="whom it speaks as: origins are lifted along it")] = ()
    member_of: Annotated[tuple[Tie, ...], Meta(description="an alliance or group: does not lift")] = ()
    roles: tuple[Office, ...] = ()
    relations: tuple[Relation, ...] = ()
    position: Annotated[Position | None, Meta(description="of a place: events with it as their `place` are there")] = (
        None
    )
    identifiers: Identifiers = field(default_factory=Identifiers)
    url: Text = ""


class Event(Item, frozen=True, kw_only=True, tag=True):
    """Something that happened, will happen, or is reported to have happened."""

    name: Text = ""
    date: Annotated[Date | None, Meta(description="EDTF date: our best account")] = None
    place: Place | None = None
    class_: Annotated[EventClass | None, Meta(description="PLOVER 2.0 class")] = field(default=None, name="class")
    mode: Annotated[Text, Meta(description="PLOVER 2.0 mode of that class")] = ""
    phase: Phase | None = None
    roles: Annotated[Roles, Meta(description="role: actors")] = field(default_factory=dict)
    part_of: tuple[EventId, ...] = ()
    related: tuple[EventId, ...] = ()
    description: Words = ""


class Source(Item, frozen=True, kw_only=True, tag=True):
    """Who publishes or relays: an outlet, an agency, a ministry, an account."""

    name: Text = ""
    kind: Annotated[
        Literal["agency", "outlet", "broadcaster", "ministry", "government", "organization", "account", "other"] | None,
        Meta(description="what it is"),
    ] = None
    aliases: Annotated[tuple[Text, ...], Meta(description="other names found in texts")] = ()
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2", pattern=r"^[A-Z]{2}$")] = ""
    owner: tuple[Tie, ...] = ()
    controlled_by: Annotated[tuple[Tie, ...], Meta(description="whose voice it is: origins are lifted along it")] = ()
    reliability: Annotated[Reliability | None, Meta(description="Admiralty code, A to F")] = None
    url: Text = ""
    description: Words = ""


class About(Record, frozen=True, kw_only=True):
    actors: tuple[ActorId, ...] = ()
    events: tuple[EventId, ...] = ()


class SharedEvidence(Record, frozen=True, kw_only=True):
    """Declares that these origins rest on the same evidence: the count of origins can only decrease."""

    origins: tuple[Party, ...]
    because: Words


class Assessment(Record, frozen=True, kw_only=True):
    """The project's own dated judgment, apart from what anybody asserts (ICD 203: likelihood and confidence are
    distinct)."""

    date: Date
    likelihood: Annotated[Likelihood | None, Meta(description="ICD 203 term")] = None
    confidence: Confidence | None = None
    because: Words = ""
    would_change: Annotated[Words, Meta(description="what would change our mind")] = ""


class Conflict(Record, frozen=True, kw_only=True):
    claim: ClaimId
    how: Literal["incompatible", "superseded", "different scope", "different as-of date"]
    note: Words = ""


class Claim(Item, frozen=True, kw_only=True, tag=True):
    """A proposition that can be true or false, apart from who asserts it and how it is assessed."""

    label: ClassVar[str] = "statement"

    statement: Annotated[Text, Meta(description="one sentence that can be true or false")] = ""
    about: About = field(default_factory=About)
    measure: Annotated[Text, Meta(description="what a `value` counts: DPRK troops in Russia, total")] = ""
    shares_evidence: tuple[SharedEvidence, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    description: Words = ""


class Judgment(Record, frozen=True, kw_only=True):
    """A key judgment of a brief, as data."""

    shorthand: ClassVar[str] = "text"

    text: Words
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    because: Words = ""
    rests_on: Annotated[tuple[ClaimId, ...], Meta(description="claims it rests on")] = ()


class Brief(Item, frozen=True, kw_only=True, tag=True):
    """A finished product."""

    label: ClassVar[str] = "title"

    title: Annotated[Text, Meta(description="carries the bottom line")] = ""
    date: Annotated[Date | None, Meta(description="EDTF date of the product")] = None
    period: Annotated[Date | None, Meta(description="EDTF interval it covers")] = None
    summary: Annotated[Words, Meta(description="the bottom line, up front")] = ""
    key_judgments: tuple[Judgment, ...] = ()


class Topic(Item, frozen=True, kw_only=True, tag=True):
    name: Text = ""
    description: Words = ""


Content = Article | Actor | Event | Source | Claim | Brief | Topic
RECORD: dict[Kind, type[Content]] = {
    "articles": Article,
    "actors": Actor,
    "events": Event,
    "sources": Source,
    "claims": Claim,
    "briefs": Brief,
    "topics": Topic,
}
