"""The views: all that a template may see, in one frozen class per template, with finished links.

A template gets `page` (its view) and `site` (the shared frame). `Html` fields are safe markup; templates escape all
other text. Dates are EDTF text as written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import markupsafe
import msgspec
from markupsafe import Markup

Html = Markup
EMPTY = Markup("")
escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", markupsafe.escape)
"""Escaped text. MarkupSafe 3 has a function in C for it."""
markup: Callable[[str], Html] = partial(str.__new__, Markup)
"""A string as markup. Faster than `Markup()`, which first looks for `__html__`."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all views."""


class Link(View, frozen=True, kw_only=True):
    """A link, or plain words if `href` is empty (the entry has no page)."""

    href: str
    text: str
    kind: str = ""
    """article, actor, event, source, claim, brief, topic; empty for other links."""
    id: str = ""


class ChainStep(View, frozen=True, kw_only=True):
    """One step of a chain. `unnamed`: the article describes a speaker without a name, in these words."""

    link: Link
    unnamed: bool = False
    of: Link | None = None


class Chain(View, frozen=True, kw_only=True):
    """An attribution chain, from speaker to publisher. `start`: named, document, unnamed or unattributed."""

    start: str
    steps: tuple[ChainStep, ...]


class Fact(View, frozen=True, kw_only=True):
    """A line of data about an entry: a label and one or more values."""

    label: str
    values: tuple[Link, ...]


class Novelty(View, frozen=True, kw_only=True):
    """What is new in a statement, compared with earlier reports."""

    how: str
    """new; number or date (another than those on record); repeats; also (in a report of the same date too)."""
    earlier: Link | None = None
    """The statement it repeats, or the other report."""
    origin: str = ""
    """Whether the repeated statement has the same origin: same, other; empty if unknown."""


class Statement(View, frozen=True, kw_only=True):
    """One annotation of an article, on the article's own page and on all pages that refer to it."""

    group: str
    """event or claim."""
    number: int
    href: str
    """To the words in the article."""
    note_id: str
    """The id of this statement's note on the article's page."""
    things: tuple[Link, ...]
    """The events or claims it is about; empty for a statement about the article itself."""
    stance: str
    quote: Html
    """The quoted words, pieces joined by an ellipsis; empty if the rights withhold them."""
    sentence: Html
    """The sentence around them, with the words in <mark>; empty if the rights withhold it, and on the article's own
    page, which has the text."""
    chains: tuple[Chain, ...]
    said: str
    happened: str
    value: str
    credibility: str
    roles: tuple[Fact, ...]
    note: Html
    translation: str
    proposed: bool
    article: Link
    source: Link | None
    published: str
    language: str
    standing: tuple[Novelty, ...] = ()
    """On the article's own page: for the events and claims it is about, without duplicates."""


class Mention(View, frozen=True, kw_only=True):
    """An article that mentions an actor, with the sentences that do (as the rights allow)."""

    article: Link
    source: Link | None
    published: str
    sentences: tuple[Link, ...]
    """Links to the words, with the sentence as text."""
    more: int
    """The number of further places in the article."""
    language: str


class Named(View, frozen=True, kw_only=True):
    """An actor that an article mentions, with the number of places and our note."""

    link: Link
    count: int
    note: Html


class ListRow(View, frozen=True, kw_only=True):
    """A row of a list: a link, its date, related links, and one line about it."""

    link: Link
    date: str = ""
    meta: tuple[Link, ...] = ()
    line: Html = EMPTY
    tally: tuple[tuple[str, int], ...] = ()
    """Statements by stance, for claims."""
    spark: Html = EMPTY
    """A sparkline of mentions over time; one scale for the whole list."""
    times: str = ""
    """The same in words."""


class LinkGroup(View, frozen=True, kw_only=True):
    """A titled list of links."""

    label: str
    links: tuple[Link, ...]


class Moment(View, frozen=True, kw_only=True):
    """A row of a timeline: its date, its link, and its strip on the axis."""

    date: str
    strip: Html
    link: Link
    meta: tuple[Link, ...] = ()
    """Beside the link: a place, a role; for a speaker, the start of a stance (`kind`)."""
    reported: bool = False
    """The date comes from an article, not from our record."""


class Timeline(View, frozen=True, kw_only=True):
    """Rows in chronological order on one axis. They are the table of the data in the strips."""

    axis: Html
    rows: tuple[Moment, ...]
    shows: str
    """Which date it shows."""
    key: tuple[tuple[Html, str], ...] = ()
    """The legend of the marks in use: a sample of each, and words."""
    left: int = 0
    """The number of rows left out."""


class Related(View, frozen=True, kw_only=True):
    """An actor or source it is tied to, and why. Arrows show the direction of a tie: → leads away from this one."""

    link: Link
    why: Html


class Pager(View, frozen=True, kw_only=True):
    """The position of this page among the pages of a long list. Absent hrefs are empty."""

    number: int
    count: int
    previous: str
    next: str
    pages: tuple[Link, ...]


class Banner(View, frozen=True, kw_only=True):
    """Handling: the TLP 2.0 marking and, in a preview, why the page is not for release."""

    marking: str
    withheld: str = ""


class FeedEntry(View, frozen=True, kw_only=True):
    """An entry of a feed: one report, assessment or correction. Timestamps are RFC 3339, or empty."""

    id: str
    title: str
    href: str
    updated: str
    """When it became known."""
    published: str
    by: str
    """The publisher; empty for our own."""
    content: Html
    topics: tuple[str, ...] = ()


class Feed(View, frozen=True, kw_only=True):
    """The content of a page's feed, for every format. Addresses are absolute if the site's is configured."""

    id: str
    title: str
    description: str
    site: str
    language: str
    marking: str
    href: str
    """Of the page."""
    addresses: dict[str, str]
    """Format → the address of the feed itself; empty if the site's address is not configured."""
    updated: str
    entries: tuple[FeedEntry, ...]


class Page(View, frozen=True, kw_only=True):
    """The base of all pages. `root` leads from the page to the site's root."""

    path: str
    root: str
    title: str
    kind: str
    """article, actor, event, source, claim, brief, topic (their lists too); home, about, missing, redirect."""
    description: str = ""
    banner: Banner
    canonical: str = ""
    data: str = ""
    """The address of its JSON, if any."""
    feeds: tuple[Link, ...] = ()
    """Its feeds, if any: `kind` is the media type."""
    feed: Feed | None = None
    """Their content; only on the first of an entry's pages."""
    pager: Pager | None = None
    image: str = ""
    """The absolute address of its social image, if any."""
    structured: Html = EMPTY
    """The page's subject as schema.org JSON-LD, safe inside a `<script>`; empty without one."""


class Annotation(View, frozen=True, kw_only=True):
    """One place of one annotation, for the article's JSON; offsets count code points of the whole text."""

    kind: str
    id: str | None
    fragment: str
    exact: str | None
    start: int | None
    end: int | None
    stance: str | None = None
    target: str | None = None


class ArticlePage(Page, frozen=True, kw_only=True):
    """article.html: one captured report with its annotations."""

    id: str
    source: Link | None
    via: tuple[Link, ...]
    published: str
    captured: str
    url: str
    archived: str
    language: str
    rights: str
    summary: Html
    notices: tuple[Html, ...]
    """Notices at the top: withdrawn, replaced, a copy, a translation."""
    body: Html
    omitted: str
    """The parts of the text that are not shown, and why; empty if all of it is shown."""
    statements: tuple[Statement, ...]
    speaks: str
    """Who speaks in it: 15 statements: 2 KCNA, 4 via unnamed media or speakers, 1 silence, 7 unattributed."""
    news: Html
    """How much of it is new, and how much repeats."""
    actors: tuple[Named, ...]
    topics: tuple[Link, ...]
    reviewed: str
    linked: tuple[Link, ...]
    text: str | None
    annotations: tuple[Annotation, ...]


class Assessment(View, frozen=True, kw_only=True):
    """Our dated assessment of a claim; likelihood and confidence are separate (ICD 203)."""

    date: str
    likelihood: str
    confidence: str
    because: Html
    would_change: Html


class EntryPage(Page, frozen=True, kw_only=True):
    """actor.html, event.html, source.html, claim.html and topic.html: one entry and all that refers to it."""

    id: str
    name: str
    filed: bool
    what: str
    """Its kind, in a word: person, agency; empty if not given."""
    answer: Html = EMPTY
    """What is known about it, in one line."""
    lead: Html
    """Its description, in a sentence or two."""
    body: Html
    timeline: Timeline | None = None
    facts: tuple[Fact, ...]
    assessments: tuple[Assessment, ...] = ()
    """Of a claim, the latest first."""
    tally: tuple[tuple[str, int], ...] = ()
    """Statements by stance, of a claim or an event."""
    statements: tuple[Statement, ...] = ()
    """About it (claims, events) or made by it (actors, sources)."""
    relayed: tuple[Statement, ...] = ()
    """Statements that it passed on."""
    articles: tuple[ListRow, ...] = ()
    """A source's own articles."""
    inputs: tuple[ListRow, ...] = ()
    """Articles of others that name it as their source."""
    mentions: tuple[Mention, ...] = ()
    rows: tuple[ListRow, ...] = ()
    """Of a topic: its entries."""
    groups: tuple[LinkGroup, ...] = ()
    """References from other entries' files, and entries it is often named with."""
    linked: tuple[Link, ...] = ()
    """Entries whose prose links here."""


class Backing(View, frozen=True, kw_only=True):
    """One chain with this origin: its speaker, and how it rolls up to the origin or where it becomes untraced."""

    speaker: Link
    unnamed: bool
    through: tuple[Link, ...]
    statement: Link
    """A link to the words, with the article's name."""
    source: Link | None
    published: str
    article: str
    number: int


class Origin(View, frozen=True, kw_only=True):
    """The origin of several statements: an actor or source (known), or the last step of chains that are untraced."""

    id: str
    link: Link
    known: bool
    interested: bool
    """The claim is about it."""
    shares: tuple[Link, ...]
    """Origins counted with this one, since they share their evidence."""
    backing: tuple[Backing, ...]


class Shared(View, frozen=True, kw_only=True):
    """Origins that share their evidence, with our reason."""

    origins: tuple[Link, ...]
    because: Html


class Ledger(View, frozen=True, kw_only=True):
    """The evidence for a claim. Articles, outlets and origins count assertions only."""

    line: str
    """5 articles · 4 outlets · at most 2 distinct origins · 1 of unknown lineage"""
    articles: int
    outlets: int
    known: int
    unknown: int
    stances: tuple[tuple[str, int], ...]
    origins: tuple[Origin, ...]
    shared: tuple[Shared, ...]
    uncounted: tuple[tuple[Link, str], ...]
    """Statements that are not counted, each with the reason: a copy, replaced, withdrawn."""


class StanceChange(View, frozen=True, kw_only=True):
    """A speaker's stance on a claim, and since when. `moved`: it is their first, or differs from the one before."""

    date: str
    speaker: Link
    unnamed: bool
    stance: str
    moved: bool
    value: str
    statement: Link
    source: Link | None


class Measured(View, frozen=True, kw_only=True):
    """One number of a claim. `flags`: doubts about it, in words.

    `lines`: the number of consecutive rows with this number, day and speaker, for a cell that spans them; 0 if the row
    before includes this one.
    """

    date: str
    value: str
    form: str
    stance: str
    speaker: Link
    unnamed: bool
    statement: Link
    source: Link | None
    flags: tuple[str, ...]
    lines: int = 1


class StanceHolders(View, frozen=True, kw_only=True):
    """The speakers whose latest statement on a claim takes this stance, and how many more there are.

    Without any, only unnamed speakers take it.
    """

    stance: str
    speakers: tuple[Link, ...]
    more: int


class News(View, frozen=True, kw_only=True):
    """A change: its date, its kind, and a sentence about it."""

    date: str
    what: str
    """assessment, stance, correction, claim, report, number, origin."""
    text: Html


class ClaimPage(EntryPage, frozen=True, kw_only=True):
    """claim.html: a claim, our assessments, who says so, and the number of origins."""

    ledger: Ledger
    conflicts: tuple[tuple[Link, str], ...]
    """Claims in conflict with it, and how."""
    sides: tuple[StanceHolders, ...]
    unheard: tuple[Link, ...]
    """Actors it is about for whom no report has a statement on it, nor says that they were silent."""
    number: Measured | None
    """The latest number that an assertion gives."""
    changed: tuple[News, ...]
    """The changes of the latest day with any."""
    best_for: Statement | None
    best_against: Statement | None
    turns: tuple[StanceChange, ...]
    open: tuple[Html, ...]
    """Open questions, a line each."""
    measure: str
    measured: tuple[Measured, ...]
    unlisted: int
    """The number of the earliest ones, which the page does not list."""
    track: Html
    """The chart of the numbers, if there are two or more."""
    diagram: Html
    """The diagram of the chains."""


class EventDate(View, frozen=True, kw_only=True):
    """A date that articles give for an event, and these articles."""

    date: str
    articles: tuple[Link, ...]
    differs: bool
    """It contradicts another of the dates."""
    strip: Html = EMPTY
    """Its strip on the axis."""


class EventPage(EntryPage, frozen=True, kw_only=True):
    """event.html: something that occurred, is planned, or is alleged."""

    given: tuple[EventDate, ...]
    """The dates that articles give."""
    axis: Html
    """The axis for the strips of `given`; empty without strips."""
    diagram: Html


class ActorPage(EntryPage, frozen=True, kw_only=True):
    """actor.html: an actor, its statements, claims about it, and what it denies."""

    denies: tuple[ListRow, ...]
    """Claims it denies or doubts."""
    about: tuple[ListRow, ...]
    """Claims about it, with who denies them."""
    related: tuple[Related, ...]
    """Actors and sources it is tied to, the closest first."""
    ties: Html
    """The diagram of these ties."""
    diagram: Html


class Route(View, frozen=True, kw_only=True):
    """A chain by which statements reached us, with their number."""

    chain: Chain
    stance: str
    count: int
    statement: Link
    """A link to the words of the earliest of them."""


class SourcePage(EntryPage, frozen=True, kw_only=True):
    """source.html: a publisher or relay, what rests on it, and whom it relays."""

    spoke: int
    """The number of statements that originate with it."""
    passed: int
    """The number of statements of others that it passed on."""
    relays: tuple[tuple[Link, int], ...]
    """Whom it relays, with the number of statements, the most first."""
    alone: tuple[ListRow, ...]
    """Claims of which it passed on every assertion."""
    ways: tuple[Route, ...]
    """The chains that include it, those with the most statements first; the diagram shows the same."""
    more: int
    """The number of further chains."""
    diagram: Html


class Reference(View, frozen=True, kw_only=True):
    """A numbered reference of a brief, with the words and the chain that it rests on."""

    number: int
    cite: str
    """The id of the first citation in the prose; empty if data cites it first."""
    link: Link
    """A link to the words in the article, if any, else to the entry; without href if it is not published."""
    source: Link | None
    published: str
    statement: Statement | None
    """The annotation cited; for a claim or event, the statement with the most direct chain to a named speaker."""
    facts: tuple[Html, ...]
    """Its descriptors (ICD 206), a sentence or two each."""


class Judgment(View, frozen=True, kw_only=True):
    text: Html
    likelihood: str
    confidence: str
    because: Html
    rests_on: tuple[tuple[Link, int], ...]
    """Claims, each with the number of its reference."""


class Term(View, frozen=True, kw_only=True):
    """A term of likelihood of ICD 203 with its range, and whether a judgment of this brief uses it."""

    word: str
    range: str
    used: bool


class BriefPage(Page, frozen=True, kw_only=True):
    """brief.html: a finished product. In its prose, citations are numbers that lead to its references."""

    id: str
    date: str
    period: str
    status: str
    summary: Html
    judgments: tuple[Judgment, ...]
    body: Html
    topics: tuple[Link, ...]
    reviewed: str
    sources: tuple[Html, ...]
    """The source summary statement, a sentence each."""
    terms: tuple[Term, ...]
    """The row of terms in use."""
    references: tuple[Reference, ...]
    linked: tuple[Link, ...]


class ValueChange(View, frozen=True, kw_only=True):
    """A changed value; `before` is empty if there was none."""

    label: str
    before: str
    after: str


class ChangedClaim(View, frozen=True, kw_only=True):
    """A claim with new evidence in the period; `what` is the kind of change, in a word."""

    link: Link
    what: str
    line: str
    """Its ledger at the end of the period."""
    changes: tuple[ValueChange, ...]


class StatementGroup(View, frozen=True, kw_only=True):
    """A claim or an event, and statements about it."""

    link: Link
    date: str
    meta: str
    statements: tuple[Statement, ...]


class Correction(View, frozen=True, kw_only=True):
    """An article that corrects, replaces or withdraws an earlier one, and the claims of the earlier one."""

    article: Link
    how: str
    earlier: Link
    claims: tuple[Link, ...]


class SpeakerSummary(View, frozen=True, kw_only=True):
    """A named speaker, with the number of statements by stance in the period, and their claims."""

    link: Link
    tally: tuple[tuple[str, int], ...]
    claims: tuple[Link, ...]
    more: int


class DigestPage(Page, frozen=True, kw_only=True):
    """digest.html: the automatic summary of a period, overall or on one topic, from annotations alone.

    Long lists are cut; `more` has the number of rows left out, by the name of the field.
    """

    lead: str
    period: str
    topic: Link | None
    before: Link | None
    gap: str
    """A note on the periods between this one and the one before; empty if there are none."""
    after: Link | None
    others: tuple[Link, ...]
    """The summaries of the same period by topic; on a topic's summary, the overall one."""
    counts: tuple[str, ...]
    moves: tuple[ChangedClaim, ...]
    events: tuple[StatementGroup, ...]
    claims: tuple[StatementGroup, ...]
    contradicted: tuple[StatementGroup, ...]
    corrections: tuple[Correction, ...]
    spoke: tuple[SpeakerSummary, ...]
    silent: tuple[Statement, ...]
    alone: tuple[ListRow, ...]
    """Claims with statements in the period that rest on one named origin, or on none."""
    due: tuple[ListRow, ...]
    articles: tuple[ListRow, ...]
    sources: tuple[Html, ...]
    more: dict[str, int]


class Cover(View, frozen=True, kw_only=True):
    """The texts of the social image of a brief."""

    site: str
    marking: str
    title: str
    line: str
    counts: tuple[str, ...]
    """The numbers of its parts. Likelihood is left out, since it belongs to a single judgment."""
    preview: str
    """The words that mark a preview; empty on a release."""


class ListPage(Page, frozen=True, kw_only=True):
    """list.html: all entries of one kind; for briefs, the written ones, then the automatic summaries."""

    rows: tuple[ListRow, ...]
    total: int
    digests: tuple[ListRow, ...] = ()
    periods: int = 0
    """The number of periods with an automatic summary."""
    sparks: str = ""
    """The caption of the sparklines."""


class HomePage(Page, frozen=True, kw_only=True):
    """home.html: what’s new, contested claims, claims on one origin, planned events."""

    asof: str
    """The latest day with evidence."""
    briefs: tuple[ListRow, ...]
    digests: tuple[ListRow, ...]
    """The latest automatic summary."""
    changes: tuple[News, ...]
    contested: tuple[ListRow, ...]
    single: tuple[ListRow, ...]
    """Claims that several articles assert and that rest on one named origin, or none."""
    events: tuple[ListRow, ...]
    coming: tuple[ListRow, ...]
    overdue: tuple[ListRow, ...]
    """Planned for a day that has passed; not yet reported as done."""
    topics: tuple[ListRow, ...]
    counts: tuple[Link, ...]


class TimelinePage(Page, frozen=True, kw_only=True):
    """timeline.html: events in chronological order, all of them or those of a year."""

    total: int
    density: Html
    """The chart of events by year or month."""
    years: tuple[Link, ...]
    """Pages of single years, with their number of events; empty if all events fit on one page."""
    timeline: Timeline | None
    undated: tuple[ListRow, ...]


class Community(View, frozen=True, kw_only=True):
    """Actors with closer ties to each other than to the rest."""

    link: Link
    """Named by its most connected members; with href if it has a page of its own."""
    members: tuple[Link, ...]
    left: int
    """The number of members left out."""


class TieRow(View, frozen=True, kw_only=True):
    """A declared tie, which reads from `start` to `end`."""

    start: Link
    how: str
    end: Link
    when: str


class NetworkPage(Page, frozen=True, kw_only=True):
    """network.html: ties between actors and sources, overall or in one community."""

    total: int
    arcs: Html
    """The diagram of declared ties."""
    matrix: Html
    """The matrix of the most connected, in the order of their communities."""
    shown: int
    """The number of rows of the matrix."""
    pairs: tuple[TieRow, ...]
    """Undeclared pairs in the matrix, the closest first; `how` is the number of articles that name both."""
    communities: tuple[Community, ...]
    members: tuple[Link, ...]
    """All members of a community."""
    ties: tuple[TieRow, ...]
    left: int
    """The number of declared ties left out."""


class PlaceRow(View, frozen=True, kw_only=True):
    """A place and its events."""

    id: str
    name: str
    link: Link | None
    """A link to the place's page, if it is an actor."""
    where: str
    """Coordinates and their precision."""
    events: tuple[Moment, ...]
    left: int


class MapPage(Page, frozen=True, kw_only=True):
    """map.html: events by place."""

    picture: Html
    places: tuple[PlaceRow, ...]
    key: tuple[tuple[Html, str], ...]
    total: int
    elsewhere: int
    """The number of events without coordinates."""


class TextPage(Page, frozen=True, kw_only=True):
    """about.html, method.html and 404.html: prose."""

    body: Html


class RedirectPage(Page, frozen=True, kw_only=True):
    """redirect.html: an entry that has been renamed."""

    target: Link


class Site(View, frozen=True, kw_only=True):
    """The frame, the same for every page, so that adding a page does not change others."""

    title: str
    description: str
    language: str
    direction: str
    """ltr or rtl: how that language is written."""
    url: str
    preview: bool
    as_of: str
    """The day up to which the site shows evidence; empty for all of it."""
    nav: tuple[Link, ...]
    """`href` from the site's root: put `page.root` before it."""
    assets: dict[str, str]
    """Name of a theme file → its path from the root, which includes a digest of its content."""


def plain(view: Any) -> Any:
    """A view as plain data, for JSON and for fingerprints."""
    return msgspec.to_builtins(view, enc_hook=str)
