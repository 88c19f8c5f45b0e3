"""schema.org JSON-LD in each page: what the page is about, for search engines and other readers.

Each page is a `WebPage`; the report, person or claim is its `mainEntity`. Dates are plain ISO dates, or omitted. A
`ClaimReview` is never made: an Admiralty grade is no verdict, nor is an assessment.

"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import msgspec
from markupsafe import Markup

from sitrep.corpus.corpus import PARTIES, Key
from sitrep.model.dates import iso
from sitrep.model.entries import Entry
from sitrep.model.records import PLURAL, Actor, Article, Brief, Claim, Date, Event, Source, Topic
from sitrep.pages.parts.context import PageContext, unnumbered, web
from sitrep.views import urls
from sitrep.views.outputs import Output
from sitrep.views.pages import Page

Thing = dict[str, Any]

ACTORS = {
    "person": "Person",
    "organization": "Organization",
    "state": "GovernmentOrganization",
    "group": "Organization",
    "place": "Place",
}
SOURCES = {
    "agency": "NewsMediaOrganization",
    "outlet": "NewsMediaOrganization",
    "broadcaster": "NewsMediaOrganization",
    "ministry": "GovernmentOrganization",
    "government": "GovernmentOrganization",
}
PLAIN = {"redirect", "missing"}
"""Pages that are about no single entry."""


def with_json_ld(context: PageContext, output: Output) -> Output:
    """The same output with JSON-LD in its page."""
    view = output.view
    if not output.path.endswith(".html") or not isinstance(view, partial) or view.args[0] is not context:
        return output
    return output._replace(view=partial(_with, context, view.func, *view.args[1:]))


def _with(context: PageContext, make: Callable[..., Any], *arguments: Any) -> Any:
    page = make(context, *arguments)
    if not isinstance(page, Page) or page.kind in PLAIN:
        return page
    return msgspec.structs.replace(page, structured=script(document(context, page)))


def script(data: Thing) -> Markup:
    """JSON that is safe inside `<script>`: no tag or entity can begin in it."""
    text = msgspec.json.encode(data).decode()
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def document(context: PageContext, page: Page) -> Thing:
    config = context.config
    site = _full({"@type": "WebSite", "name": config.title, "url": config.url})
    if page.kind == "home":
        return _full({"@context": "https://schema.org", **site, "description": config.description})
    kind = PLURAL.get(page.kind)
    id = getattr(page, "id", "")
    entry = context.corpus.entries[kind].get(id) if kind and id else None
    first = page.pager is None or page.pager.number == 1
    return _full(
        {
            "@context": "https://schema.org",
            "@type": _page(page, entry),
            "name": "" if entry and first else page.title,
            "url": page.canonical,
            "inLanguage": config.language,
            "conditionsOfAccess": page.banner.marking,
            "isPartOf": site,
            "mainEntity": _entity(context, entry, page.root) if entry and first else {},
        }
    )


def _page(page: Page, entry: Entry | None) -> str:
    if page.kind in ("about", "method"):
        return "AboutPage" if page.kind == "about" else "WebPage"
    return "WebPage" if entry and entry.kind != "topics" else "CollectionPage"


def _entity(context: PageContext, entry: Entry, root: str) -> Thing:
    record = entry.record
    data: Thing
    if isinstance(record, Article):
        data = _article(context, entry, record, root)
    elif isinstance(record, Brief):
        data = _brief(context, entry, record, root)
    elif isinstance(record, Claim):
        data = _claim(context, entry, record, root)
    elif isinstance(record, Event):
        data = _event(context, entry, record, root)
    elif isinstance(record, Topic):
        data = {"@type": "Thing", "name": entry.name}
    else:
        data = _party(context, entry, record, root)
    return _full(data)


def _article(context: PageContext, entry: Entry, record: Article, root: str) -> Thing:
    others = [("articles", id) for id in (record.translation_of, record.copy_of) if id]
    return {
        "@type": "NewsArticle",
        "headline": entry.name,
        "datePublished": _day(record.published),
        "inLanguage": record.language,
        "url": [address for address in (web(record.url), web(record.archived)) if address],
        "abstract": _plain(context, record.summary),
        "publisher": _brief_of(context, ("sources", record.source), root) if record.source else {},
        "mentions": _those(context, context.corpus.named_in(entry.id), root),
        "isBasedOn": _those(context, cast("list[Key]", others), root),
    }


def _brief(context: PageContext, entry: Entry, record: Brief, root: str) -> Thing:
    claims = dict.fromkeys(id for judgment in record.key_judgments for id in judgment.rests_on)
    cited = dict.fromkeys(key for raw in entry.prose.refs if (key := context.corpus.target(raw)[0]))
    return {
        "@type": "Report",
        "headline": entry.name,
        "datePublished": _day(record.date),
        "inLanguage": record.language or context.config.language,
        "abstract": str(context.words(record.summary, root, unnumbered).striptags()),
        "publisher": {"@type": "Organization", "name": context.config.title},
        "about": _those(context, [("topics", id) for id in record.topics], root),
        "citation": _those(context, dict.fromkeys([*(("claims", id) for id in claims), *cited]), root),
    }


def _claim(context: PageContext, entry: Entry, record: Claim, root: str) -> Thing:
    about: list[Key] = [("actors", id) for id in record.about.actors]
    about += [("events", id) for id in record.about.events]
    saying = list(dict.fromkeys(ref.article for ref in context.corpus.statements.get(("claims", entry.id), ())))
    return {
        "@type": "Claim",
        "text": entry.name,
        "about": _those(context, about, root),
        "firstAppearance": _brief_of(context, ("articles", saying[-1]), root) if saying else {},
    }


def _event(context: PageContext, entry: Entry, record: Event, root: str) -> Thing:
    start, end = iso(record.date)
    place: Thing = {}
    if record.place:
        place = {"@type": "Place", "name": record.place.name}
        if record.place.lat is not None and record.place.lon is not None:
            place["geo"] = {
                "@type": "GeoCoordinates",
                "latitude": record.place.lat,
                "longitude": record.place.lon,
            }
    actors: list[Key] = [("actors", id) for ids in record.roles.values() for id in ids]
    return {
        "@type": "Event",
        "name": entry.name,
        "startDate": start,
        "endDate": end if end != start else "",
        "location": place,
        "actor": _those(context, (key for key in dict.fromkeys(actors) if not _is(context, key, "Place")), root),
        "superEvent": _those(context, [("events", id) for id in record.part_of], root),
    }


def _party(context: PageContext, entry: Entry, record: Any, root: str) -> Thing:
    data: Thing = {"@type": _type(entry), "name": entry.name}
    ties: Iterable[Any] = ()
    if isinstance(record, (Actor, Source)):
        data["alternateName"] = list(record.aliases)
        data["url"] = web(record.url)
    if isinstance(record, Actor):
        item = record.identifiers.wikidata
        data["sameAs"] = f"https://www.wikidata.org/wiki/{item}" if item else ""
        ties = (*record.part_of, *record.member_of)
    elif isinstance(record, Source):
        ties = record.owner
    keys = [key for tie in ties if (key := context.corpus.resolve(tie.id, PARTIES))]
    if data["@type"] != "Place":
        bodies = (key for key in keys if not _is(context, key, "Place", "Person"))
        data["memberOf" if isinstance(record, Actor) else "parentOrganization"] = _those(context, bodies, root)
    return data


# -- pieces -----------------------------------------------------------------------------------------------------------


def _type(entry: Entry) -> str:
    record = entry.record
    if isinstance(record, Actor):
        return ACTORS.get(record.kind or "", "Thing")
    if isinstance(record, Source):
        return SOURCES.get(record.kind or "", "Organization")
    kinds = {"articles": "NewsArticle", "briefs": "Report", "claims": "Claim", "events": "Event"}
    return kinds.get(entry.kind, "Thing")


def _brief_of(context: PageContext, key: Key, root: str) -> Thing:
    """An entry in short: its type, name and page."""
    entry = context.corpus.get(key)
    if entry is None:
        return {}
    path = urls.page(*key)
    return {"@type": _type(entry), "name": entry.name, "url": context.canonical(path) or root + urls.href(path)}


def _those(context: PageContext, keys: Iterable[Key], root: str) -> list[Thing]:
    """Entries by reference to their pages, which have their own JSON-LD: pages have a size budget."""
    briefs = (_brief_of(context, key, root) for key in keys)
    return [{"@id": data["url"], "name": data["name"]} for data in briefs if data]


def _is(context: PageContext, key: Key, *types: str) -> bool:
    entry = context.corpus.get(key)
    return entry is not None and _type(entry) in types


def _plain(context: PageContext, text: str) -> str:
    """A line of prose without its links."""
    return str(context.words(text, "").striptags()) if text else ""


def _day(date: Date | None) -> str:
    """The publication date, where it is one day, month or year."""
    start, end = iso(date)
    return start if start == end else ""


def _full(data: Thing) -> Thing:
    """Without empty values."""
    return {key: value for key, value in data.items() if value not in ("", None, [], {})}
