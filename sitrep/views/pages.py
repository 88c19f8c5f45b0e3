"""Everything a template may see: one frozen type for each template, with finished links.

Templates get `page` and `site` and nothing else.

`Html` fields are safe markup; all other text is escaped by the templates. Dates are EDTF text as written.
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
"""Text as it stands in a page; in C, where MarkupSafe is version 3."""
markup: Callable[[str], Html] = partial(str.__new__, Markup)
"""A string that is markup, without the question that `Markup` asks first: whether it can say so itself."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The base of what templates see."""


class Link(View, frozen=True, kw_only=True):
    """A link, or plain words where `href` is empty (the thing has no page here)."""

    href: str
    text: str
    kind: str = ""
    """article, actor, event, source, claim, brief, topic; empty for links to elsewhere."""
    id: str = ""


class ChainStep(View, frozen=True, kw_only=True):
    """One link of a chain. `unnamed`: the words are the article's, for somebody it does not name."""

    link: Link
    unnamed: bool = False
    of: Link | None = None


class Chain(View, frozen=True, kw_only=True):
    """From who said it to who published it. `start`: named, document, unnamed or unattributed."""

    start: str
    steps: tuple[ChainStep, ...]


class Fact(View, frozen=True, kw_only=True):
    """A line of data about a thing: a label and one or more values."""

    label: str
    values: tuple[Link, ...]


class Novelty(View, frozen=True, kw_only=True):
    """How a statement stands to earlier reports."""

    how: str
    """new, number, date (another than those on record), repeats, also (in a report of the same time)."""
    earlier: Link | None = None
    """To what it repeats, or to the other report."""
    origin: str = ""
    """Of what it repeats: same, other; empty where it is unknown."""


class Statement(View, frozen=True, kw_only=True):
    """One annotation of an article: on the article's own page, and wherever it is referred to."""

    group: str
    """event or claim."""
    number: int
    href: str
    """To the words in the article."""
    note_id: str
    """The id of this statement's note on the article's page."""
    things: tuple[Link, ...]
    """The events or claims it is about; none for the article's own statement."""
    stance: str
    quote: Html
    """The quoted words, pieces joined by an ellipsis; empty where the rights keep them back."""
    sentence: Html
    """The sentence in which they stand, the words in <mark>; empty where the rights keep it back, and on the article's
    own page, which has the text."""
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
    """On the article's own page: of each thing it is about, those that are alike once."""


class Mention(View, frozen=True, kw_only=True):
    """An article that names an actor, with the sentences in which it does (as the rights allow)."""

    article: Link
    source: Link | None
    published: str
    sentences: tuple[Link, ...]
    """Each with its sentence as text; `href` leads to the words."""
    more: int
    """Further places in the article that are not shown here."""
    language: str


class Named(View, frozen=True, kw_only=True):
    """An actor that an article names, with how many places mean it, and our remark."""

    link: Link
    count: int
    note: Html


class ListRow(View, frozen=True, kw_only=True):
    """A line of a list: a link, when, who, and one line about it."""

    link: Link
    date: str = ""
    meta: tuple[Link, ...] = ()
    line: Html = EMPTY
    tally: tuple[tuple[str, int], ...] = ()
    """Statements by stance, for claims."""
    spark: Html = EMPTY
    """Mentions over time, drawn; the same scale for all of a list."""
    times: str = ""
    """The same in words."""


class LinkGroup(View, frozen=True, kw_only=True):
    """A titled list of links."""

    label: str
    links: tuple[Link, ...]


class Moment(View, frozen=True, kw_only=True):
    """A row of a timeline: when, what, and where on the axis."""

    date: str
    strip: Html
    link: Link
    meta: tuple[Link, ...] = ()
    """What stands beside the link: a place, a role; of a speaker, since when it took a stance (`kind`)."""
    reported: bool = False
    """The date is an article's, not ours."""


class Timeline(View, frozen=True, kw_only=True):
    """Rows in order of time on one axis. The rows are the table of what the strips draw."""

    axis: Html
    rows: tuple[Moment, ...]
    shows: str
    """Which date it shows."""
    key: tuple[tuple[Html, str], ...] = ()
    """What the marks mean, those that are there: a sample of each, and words."""
    left: int = 0
    """Rows that are left out."""


class Related(View, frozen=True, kw_only=True):
    """Somebody who is tied to this one, and why. An arrow points to whom a tie's words lead: → from this one."""

    link: Link
    why: Html


class Pager(View, frozen=True, kw_only=True):
    """Where this page stands among the pages of a long list. Absent hrefs are empty."""

    number: int
    count: int
    previous: str
    next: str
    pages: tuple[Link, ...]


class Banner(View, frozen=True, kw_only=True):
    """Handling: the TLP 2.0 marking, and in a preview why the page is not for release."""

    marking: str
    withheld: str = ""


class FeedEntry(View, frozen=True, kw_only=True):
    """An entry of a feed: what one report, assessment or correction brought. Moments are RFC 3339, or empty."""

    id: str
    title: str
    href: str
    updated: str
    """When it came to be known."""
    published: str
    by: str
    """Who published it; empty when it is ours."""
    content: Html
    topics: tuple[str, ...] = ()


class Feed(View, frozen=True, kw_only=True):
    """What the Atom feed and the JSON Feed of a page both say. Addresses are whole where the site's own is known."""

    id: str
    title: str
    description: str
    site: str
    language: str
    marking: str
    href: str
    """Of the page."""
    atom: str
    json: str
    """Of the feeds themselves; empty where the site's own address is not known."""
    updated: str
    entries: tuple[FeedEntry, ...]


class Page(View, frozen=True, kw_only=True):
    """What every page knows of itself. `root` leads from it to the site's root."""

    path: str
    root: str
    title: str
    kind: str
    """article, actor, event, source, claim, brief, topic (their lists too); home, about, missing, redirect."""
    description: str = ""
    banner: Banner
    canonical: str = ""
    data: str = ""
    """The address of its JSON, where there is one."""
    feeds: tuple[Link, ...] = ()
    """Its feeds, where it has any: `kind` is the media type."""
    feed: Feed | None = None
    """What they hold; on the first of a thing's pages alone."""
    pager: Pager | None = None
    image: str = ""
    """The full address of an image that stands for it, where there is one."""
    structured: Html = EMPTY
    """What the page is about, as schema.org JSON-LD, safe inside a `<script>`; empty where there is nothing to say."""


class Annotation(View, frozen=True, kw_only=True):
    """One place of one annotation, for the article's JSON: code points into the whole text."""

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
    """What must be said first: withdrawn, replaced, a copy, a translation."""
    body: Html
    omitted: str
    """What of the text is not shown, and why; empty when all is."""
    statements: tuple[Statement, ...]
    speaks: str
    """Who speaks in it: 15 statements: 2 KCNA, 4 via unnamed media or speakers, 1 silence, 7 unattributed."""
    news: Html
    """What is new in it, and what repeats."""
    actors: tuple[Named, ...]
    topics: tuple[Link, ...]
    reviewed: str
    linked: tuple[Link, ...]
    text: str | None
    annotations: tuple[Annotation, ...]


class Assessment(View, frozen=True, kw_only=True):
    """Our dated judgment of a claim: likelihood and confidence are two things."""

    date: str
    likelihood: str
    confidence: str
    because: Html
    would_change: Html


class EntryPage(Page, frozen=True, kw_only=True):
    """actor.html, event.html, source.html, claim.html and topic.html: one thing and all that refers to it."""

    id: str
    name: str
    filed: bool
    what: str
    """Its kind, in a word: person, agency; empty where not said."""
    answer: Html = EMPTY
    """What is known of it, in one line."""
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
    """That came through it."""
    articles: tuple[ListRow, ...] = ()
    """A source's own articles."""
    inputs: tuple[ListRow, ...] = ()
    """Articles of others that say they have their matter from it."""
    mentions: tuple[Mention, ...] = ()
    rows: tuple[ListRow, ...] = ()
    """Of a topic: what belongs to it."""
    groups: tuple[LinkGroup, ...] = ()
    """References from other things' files, and things it is often named with."""
    linked: tuple[Link, ...] = ()
    """Whose prose links here."""


class Backing(View, frozen=True, kw_only=True):
    """One chain that an origin stands behind: who speaks in it, over what it was lifted or where it goes dark."""

    speaker: Link
    unnamed: bool
    through: tuple[Link, ...]
    statement: Link
    """To the words, named as the article."""
    source: Link | None
    published: str
    article: str
    number: int


class Origin(View, frozen=True, kw_only=True):
    """What several statements go back to: a body (known), or the last link beyond which nothing is known."""

    id: str
    link: Link
    known: bool
    interested: bool
    """It is what the claim is about."""
    shares: tuple[Link, ...]
    """Origins counted with this one, because they rest on the same evidence."""
    backing: tuple[Backing, ...]


class Shared(View, frozen=True, kw_only=True):
    """Origins that rest on the same evidence, and why we say so."""

    origins: tuple[Link, ...]
    because: Html


class Ledger(View, frozen=True, kw_only=True):
    """What stands behind a claim. Articles, outlets and origins count what asserts."""

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
    """Statements that count nothing, each with why: a copy, replaced, withdrawn."""


class StanceChange(View, frozen=True, kw_only=True):
    """Where somebody stood on a claim, and since when. `moved`: the first word of a speaker, or another than before."""

    date: str
    speaker: Link
    unnamed: bool
    stance: str
    moved: bool
    value: str
    statement: Link
    source: Link | None


class Measured(View, frozen=True, kw_only=True):
    """One number of a claim's track. `flags`: what is odd about it, in words.

    `lines`: how many articles in a row give this number of this day and this speaker, itself included; 0 where the one
    before says so.
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
    """Who takes a stance on a claim by their latest word: those who are named, and how many more there are.

    Without any, somebody does whom no report names.
    """

    stance: str
    speakers: tuple[Link, ...]
    more: int


class News(View, frozen=True, kw_only=True):
    """Something that changed: when, what kind of change, and a sentence about it."""

    date: str
    what: str
    """assessment, stance, correction, claim, report, number, origin."""
    text: Html


class ClaimPage(EntryPage, frozen=True, kw_only=True):
    """claim.html: a statement, what we make of it, who says so, and how many origins that comes to."""

    ledger: Ledger
    conflicts: tuple[tuple[Link, str], ...]
    """Claims in conflict with it, and how."""
    sides: tuple[StanceHolders, ...]
    unheard: tuple[Link, ...]
    """Actors it is about, of whom no report here has a word on it, nor tells that they said none."""
    number: Measured | None
    """The latest number of those who assert it."""
    changed: tuple[News, ...]
    """What happened on the latest day on which anything did."""
    best_for: Statement | None
    best_against: Statement | None
    turns: tuple[StanceChange, ...]
    open: tuple[Html, ...]
    """What is not settled, a line each."""
    measure: str
    measured: tuple[Measured, ...]
    unlisted: int
    """How many of these, the earliest, are more than the page lists."""
    track: Html
    """The numbers drawn, where there are two or more."""
    diagram: Html
    """The chains drawn."""


class EventDate(View, frozen=True, kw_only=True):
    """A date that articles give an event, and which do."""

    date: str
    articles: tuple[Link, ...]
    differs: bool
    """It excludes another that is given."""
    strip: Html = EMPTY
    """Where on the axis it lies."""


class EventPage(EntryPage, frozen=True, kw_only=True):
    """event.html: something that happened, will, or is said to have."""

    given: tuple[EventDate, ...]
    """The dates each article gives, where there are any."""
    axis: Html
    """The axis for the strips of `given`, where they have any."""
    diagram: Html


class ActorPage(EntryPage, frozen=True, kw_only=True):
    """actor.html: who it is, what it says, what is said about it and what it denies."""

    denies: tuple[ListRow, ...]
    """Claims it denies or doubts."""
    about: tuple[ListRow, ...]
    """Claims about it, with who denies them."""
    related: tuple[Related, ...]
    """Those it is tied to, the closest first."""
    ties: Html
    """The same, drawn."""
    diagram: Html


class Route(View, frozen=True, kw_only=True):
    """A chain by which statements reached us, with how many did."""

    chain: Chain
    stance: str
    count: int
    statement: Link
    """To the words of the earliest of them."""


class SourcePage(EntryPage, frozen=True, kw_only=True):
    """source.html: who publishes or relays, what rests on it and from whom it has its matter."""

    spoke: int
    """Statements that begin with it."""
    passed: int
    """Statements of others that came through it."""
    relays: tuple[tuple[Link, int], ...]
    """From whom it relays, with how many statements, the most first."""
    alone: tuple[ListRow, ...]
    """Claims whose every assertion came through it."""
    ways: tuple[Route, ...]
    """The chains it is a link of, those with the most statements first; what the diagram draws."""
    more: int
    """Further chains, which are not listed."""
    diagram: Html


class Reference(View, frozen=True, kw_only=True):
    """A numbered reference of a brief: what is cited, in the words and by the chain that it rests on."""

    number: int
    cite: str
    """The id of the place that cites it first; empty where that place is data, not prose."""
    link: Link
    """To the words in the article where there are such, else to the thing; no href where it is not published here."""
    source: Link | None
    published: str
    statement: Statement | None
    """The annotation cited; of a claim or an event the statement that leads most directly to somebody named."""
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
    """A term of ICD 203 with its range, and whether a judgment of this brief uses it."""

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
    """One thing that is otherwise than before. `before` is empty where there was none."""

    label: str
    before: str
    after: str


class ChangedClaim(View, frozen=True, kw_only=True):
    """A claim about which something became known: `what` says how it moved, in a word."""

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
    """An article that corrects, replaces or withdraws an earlier one, and claims that the earlier one speaks of."""

    article: Link
    how: str
    earlier: Link
    claims: tuple[Link, ...]


class SpeakerSummary(View, frozen=True, kw_only=True):
    """Somebody named, how often they took each stance in the period, and on what."""

    link: Link
    tally: tuple[tuple[str, int], ...]
    claims: tuple[Link, ...]
    more: int


class DigestPage(Page, frozen=True, kw_only=True):
    """assembled.html: what became known in a period, of everything or of one topic, from annotations alone.

    A list that would run too long is cut; `more` says how many of it are not shown, by the name of its field.
    """

    lead: str
    period: str
    topic: Link | None
    before: Link | None
    gap: str
    """What is to be said of the periods between this one and the one before; empty where there are none."""
    after: Link | None
    others: tuple[Link, ...]
    """The same period by topic; of a topic's brief, the whole."""
    counts: tuple[str, ...]
    moves: tuple[ChangedClaim, ...]
    events: tuple[StatementGroup, ...]
    claims: tuple[StatementGroup, ...]
    contradicted: tuple[StatementGroup, ...]
    corrections: tuple[Correction, ...]
    spoke: tuple[SpeakerSummary, ...]
    silent: tuple[Statement, ...]
    alone: tuple[ListRow, ...]
    """Claims spoken of that rest on one origin, or on none that is known."""
    due: tuple[ListRow, ...]
    articles: tuple[ListRow, ...]
    sources: tuple[Html, ...]
    more: dict[str, int]


class Cover(View, frozen=True, kw_only=True):
    """What the image says that stands for a brief."""

    site: str
    marking: str
    title: str
    line: str
    counts: tuple[str, ...]
    """What it holds, in numbers. It says nothing of likelihood: that belongs to one judgment, in its own words."""
    preview: str
    """That it is one; empty where it is not."""


class ListPage(Page, frozen=True, kw_only=True):
    """list.html: all things of one kind; of briefs first the written, then the assembled ones."""

    rows: tuple[ListRow, ...]
    total: int
    assembled: tuple[ListRow, ...] = ()
    periods: int = 0
    """Periods that have an assembled brief."""
    sparks: str = ""
    """What the small drawings beside the rows show."""


class HomePage(Page, frozen=True, kw_only=True):
    """home.html: what changed, what is contested, what rests on one origin, what is coming."""

    asof: str
    """The last day of which anything is known here."""
    briefs: tuple[ListRow, ...]
    assembled: tuple[ListRow, ...]
    """The brief assembled for the latest period."""
    changes: tuple[News, ...]
    contested: tuple[ListRow, ...]
    single: tuple[ListRow, ...]
    """Claims that several articles assert, and that come to one known origin or none."""
    events: tuple[ListRow, ...]
    coming: tuple[ListRow, ...]
    overdue: tuple[ListRow, ...]
    """Planned for a day that has passed, and not said to have happened."""
    topics: tuple[ListRow, ...]
    counts: tuple[Link, ...]


class TimelinePage(Page, frozen=True, kw_only=True):
    """timeline.html: events in order of time, all of them or those of a year."""

    total: int
    density: Html
    """How many, year by year or month by month."""
    years: tuple[Link, ...]
    """Pages of single years, with how many events each has; none where all fits on one page."""
    timeline: Timeline | None
    undated: tuple[ListRow, ...]


class Community(View, frozen=True, kw_only=True):
    """Actors that are tied more closely to each other than to the rest."""

    link: Link
    """To its own page where it has one, named by its most connected members."""
    members: tuple[Link, ...]
    left: int
    """Members that are not listed here."""


class TieRow(View, frozen=True, kw_only=True):
    """A declared tie: it reads from the first to the second."""

    start: Link
    how: str
    end: Link
    when: str


class NetworkPage(Page, frozen=True, kw_only=True):
    """network.html: who is tied to whom, among all or in one community."""

    total: int
    arcs: Html
    """Declared ties, drawn."""
    matrix: Html
    """The most connected, in the order of their communities."""
    shown: int
    """How many of them the matrix has."""
    pairs: tuple[TieRow, ...]
    """Pairs that the matrix shows and no file declares, the closest first; `how` says in how many articles."""
    communities: tuple[Community, ...]
    members: tuple[Link, ...]
    """Of one community, all."""
    ties: tuple[TieRow, ...]
    left: int
    """Ties that are declared and not listed."""


class PlaceRow(View, frozen=True, kw_only=True):
    """A place, and what happened there."""

    id: str
    name: str
    link: Link | None
    """To the place's own page, where it is an actor."""
    where: str
    """Coordinates, and how exact they are."""
    events: tuple[Moment, ...]
    left: int


class MapPage(Page, frozen=True, kw_only=True):
    """map.html: events by place."""

    picture: Html
    places: tuple[PlaceRow, ...]
    key: tuple[tuple[Html, str], ...]
    total: int
    elsewhere: int
    """Events without coordinates."""


class TextPage(Page, frozen=True, kw_only=True):
    """about.html, method.html and 404.html: prose."""

    body: Html


class RedirectPage(Page, frozen=True, kw_only=True):
    """redirect.html: a thing that bears another id now."""

    target: Link


class Site(View, frozen=True, kw_only=True):
    """The frame: the same for every page, so that no page changes because another was added."""

    title: str
    description: str
    language: str
    direction: str
    """ltr or rtl: how that language is written."""
    url: str
    preview: bool
    as_of: str
    """The day whose knowledge the site shows; empty for all there is."""
    nav: tuple[Link, ...]
    """`href` from the site's root: put `page.root` before it."""
    assets: dict[str, str]
    """Name of a file of the theme → its path from the root, with its content's digest in the name."""


def plain(view: Any) -> Any:
    """A view as plain data, for JSON and for digests."""
    return msgspec.to_builtins(view, enc_hook=str)
