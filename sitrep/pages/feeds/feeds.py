"""Feeds: what each report, assessment and correction added to an entry, latest first, as Atom and as JSON Feed.

A feed entry stands for one article and one entry: its id never changes, and its date is when the article became known
to the project (captured, else published). Undated items are in no feed; an entry without dated items has no feed.

"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from html import escape
from itertools import islice
from typing import Any, NamedTuple, cast

from markupsafe import Markup

from sitrep.corpus.corpus import AnnotationRef, Corpus, Key
from sitrep.model.dates import instant
from sitrep.model.records import Article, Assessment, Brief, Claim, Date, Kind
from sitrep.pages.parts.context import PageContext
from sitrep.views import urls
from sitrep.views.outputs import Beside
from sitrep.views.pages import Chain, Feed, FeedEntry, Html, Ledger, Link, Mention, StanceChange, Statement

LATEST = 20
"""The number of entries in a feed."""
SENTENCES = 3
"""The number of sentences shown of a report without a summary."""
STATEMENTS = 5
"""The number of statements shown of one article."""


class Candidate(NamedTuple):
    """A possible feed entry, used if it is recent enough."""

    day: str
    name: str
    make: Callable[[], FeedEntry | None]


def on(context: PageContext) -> bool:
    """Whether this site has feeds. A preview has none: nobody should subscribe to it."""
    wanted = context.config.feeds if context.config.feeds is not None else bool(context.config.url)
    return wanted and not context.handling.preview


# -- where they are ---------------------------------------------------------------------------------------------------


def beside(context: PageContext, key: Key | None = None) -> tuple[Beside, ...]:
    """The feed files of an entry, or of the site, built from its page's view; also at its old ids, for existing
    subscribers."""
    if not on(context):
        return ()
    names: list[tuple[Kind | None, str]] = [key or (None, "index"), *(context.former(key) if key else [])]
    return tuple(
        Beside(urls.feed(kind, id, form), make, "feed") for kind, id in names for form, (_, make) in FORMATS.items()
    )


def links(context: PageContext, root: str, title: str, key: Key | None = None) -> tuple[Link, ...]:
    """How a page's head and foot link to its feeds."""
    if not on(context) or not _any(context, key):
        return ()
    kind, id = key or (None, "index")
    return tuple(
        Link(href=root + urls.href(urls.feed(kind, id, form)), text=title, kind=FORMATS[form][0]) for form in FORMATS
    )


def _any(context: PageContext, key: Key | None) -> bool:
    """Whether there is at least one feed entry, without computing the others."""
    if key is None or key[0] == "topics":
        return next(_reports(context, key), None) is not None
    articles = context.corpus.entries["articles"]
    for article, ref in _about(context.corpus, key):
        stands = ref is None or ref.list == "actor" or (ref.list, ref.n) not in articles[article].unanchored
        if stands and _day(context, ("articles", article)):
            return True
    return next(_assessments(context, key, key), None) is not None


# -- what they hold ---------------------------------------------------------------------------------------------------


def of_site(context: PageContext, title: str) -> Feed | None:
    """The site's feed: new reports, briefs and assessments."""
    return _feed(context, None, title, context.config.description, "index.html", _candidates(context, None, {}, {}))


def of_thing(
    context: PageContext, key: Key, shared: Mapping[str, Any], notes: Mapping[str, list[Html]] | None = None
) -> Feed | None:
    """The feed of an entry, given the fields that its page has. `notes`: article → what else it changed."""
    shown: dict[str, Mention] = {mention.article.id: mention for mention in shared.get("mentions", ())}
    candidates = _candidates(context, key, shown, notes or {})
    return _feed(context, key, shared["name"], shared["description"], shared["path"], candidates)


def _feed(
    context: PageContext, key: Key | None, title: str, description: str, path: str, candidates: Iterable[Candidate]
) -> Feed | None:
    entries = tuple(islice(_entries(candidates), LATEST)) if on(context) else ()
    if not entries:
        return None
    kind, id = key or (None, "index")
    url = _base(context)
    return Feed(
        id=urn(context, f"{kind}/{id}" if kind else ""),
        title=title,
        description=description,
        site=context.config.title,
        language=context.config.language,
        marking=context.banner(key).marking,
        href=_address(context, key is not None, path),
        addresses={form: url + urls.href(urls.feed(kind, id, form)) for form in FORMATS} if url else {},
        updated=max(entry.updated for entry in entries),
        entries=entries,
    )


def _entries(candidates: Iterable[Candidate]) -> Iterator[FeedEntry]:
    """The feed's entries, latest first. Statements without an anchor are omitted."""
    for candidate in sorted(candidates, key=lambda entry: (entry.day, entry.name), reverse=True):
        if entry := candidate.make():
            yield entry


def _candidates(
    context: PageContext, key: Key | None, shown: Mapping[str, Mention], notes: Mapping[str, list[Html]]
) -> Iterator[Candidate]:
    """Everything dated that may appear; only the latest become entries."""
    if key is None or key[0] == "topics":
        yield from _reports(context, key)
        return
    articles: dict[str, list[AnnotationRef]] = {}
    for article, ref in _about(context.corpus, key):
        articles.setdefault(article, []).extend([ref] if ref else [])
    for article, refs in articles.items():
        if day := _day(context, ("articles", article)):
            make = partial(_brought, context, key, article, refs, shown, notes.get(article, []))
            yield Candidate(day, f"articles/{article}", make)
            for later in context.corpus.updates.get(article, ()) if key[0] in ("claims", "events") else ():
                if day := _day(context, ("articles", later)):
                    yield Candidate(day, f"updates/{later}/{article}", partial(_updated, context, key, article, later))
    yield from _assessments(context, key, key)


def _day(context: PageContext, key: Key) -> str:
    """The day on which an article or a brief became known; empty where unknown."""
    known = context.corpus.dates.get(key)
    return known[0][0] if known else ""


def _about(corpus: Corpus, key: Key) -> Iterator[tuple[str, AnnotationRef | None]]:
    """Articles with statements about an entry, or in which it speaks or is named; with the annotation."""
    tables = (
        [corpus.statements]
        if key[0] in ("claims", "events")
        else [corpus.statements_by, corpus.statements_via, corpus.mentions]
    )
    if key[0] == "sources":
        yield from ((article, None) for article in corpus.articles_of.get(key[1], ()))
    for table in tables:
        yield from ((ref.article, ref) for ref in table.get(key, ()))


def _reports(context: PageContext, feed: Key | None) -> Iterator[Candidate]:
    """What is new on the site, or in a topic: articles, briefs, assessments."""
    corpus = context.corpus
    every: Iterable[Key] = ((kind, id) for kind in ("articles", "briefs", "claims") for id in corpus.entries[kind])
    seen: set[str] = set()
    for key in every if feed is None else corpus.tagged.get(feed[1], ()):
        kind, id = key
        if kind == "briefs" and (day := _day(context, key)):
            yield Candidate(day, f"briefs/{id}", partial(_brief, context, id, feed))
        yield from _assessments(context, key, feed)
        articles = [id] if kind == "articles" else []
        if feed is not None and kind in ("claims", "events"):
            articles = [ref.article for ref in corpus.statements.get(key, ())]
        for article in articles:
            if article not in seen and (day := _day(context, ("articles", article))):
                seen.add(article)
                yield Candidate(day, f"articles/{article}", partial(_report, context, article, feed))


def _assessments(context: PageContext, key: Key, feed: Key | None) -> Iterator[Candidate]:
    if key[0] != "claims" or key not in context.corpus.dates:
        return
    record = context.corpus.entries["claims"][key[1]].record
    numbers: dict[str, int] = {}
    for assessment in record.assessments if isinstance(record, Claim) else ():
        number = numbers[assessment.date.text] = numbers.get(assessment.date.text, 0) + 1
        if instant(assessment.date):
            name = f"claims/{key[1]}#assessment/{assessment.date.text}" + (f"/{number}" if number > 1 else "")
            yield Candidate(assessment.date.earliest, name, partial(_assessed, context, key, assessment, name, feed))


# -- entries ----------------------------------------------------------------------------------------------------------


def _change(
    context: PageContext,
    feed: Key | None,
    name: str,
    title: str,
    href: str,
    when: Date | None,
    parts: Iterable[Html | str],
    *,
    published: Date | None = None,
    by: str = "",
    topics: Iterable[str] = (),
) -> FeedEntry:
    """A feed entry. Its links, made for a page one folder down, are made relative to the feed."""
    base = _base(context) or ("../../" if feed else "../")
    content = _UP.sub(lambda match: match[1] + base, "\n".join(part for part in parts if part))
    return FeedEntry(
        id=urn(context, name),
        title=title,
        href=_UPWARD.sub(base, href, count=1),
        updated=instant(when),
        published=instant(published),
        by=by,
        content=Markup(content),
        topics=tuple(context.link(("topics", topic), ROOT).text for topic in topics),
    )


ROOT = "../"
"""The relative path to the site's root that every page with a feed shares, so that cached fragments can be reused."""
_UPWARD = re.compile(r"^\.\./")
_UP = re.compile(r'(<a\b[^<>]*? href=")\.\./')
"""An internal link to one of the site's pages; in text, `<` is always escaped."""


def _brought(
    context: PageContext,
    key: Key,
    article: str,
    refs: list[AnnotationRef],
    shown: Mapping[str, Mention],
    notes: list[Html],
) -> FeedEntry | None:
    """What one article added to an entry: statements about it or by it, or the places where it is named."""
    entry = context.corpus.article(article)
    record = cast(Article, entry.record)
    own = key[0] == "sources" and record.source == key[1]
    statements = context.statements((ref for ref in dict.fromkeys(refs) if ref.list != "actor"), ROOT)
    title = entry.name
    href = context.link(("articles", article), ROOT).href
    parts: list[Html | str] = []
    if key[0] in ("claims", "events"):
        if not statements:
            return None
        stances = ", ".join(
            context.say.term("stance", s) for s in dict.fromkeys(statement.stance for statement in statements)
        )
        title = context.say("entry.described", kind=stances, name=title)
        href = statements[0].href
    elif own or not statements:
        parts.append(_paragraph(context.words(record.summary, ROOT)))
    if not own or not record.summary:
        parts += [part for statement in statements[:STATEMENTS] for part in _statement(context, statement, key)]
        if len(statements) > STATEMENTS:
            parts.append(_paragraph(context.say.html("list.more", n=len(statements) - STATEMENTS)))
    if not statements and not own:
        named = next((ref for ref in refs if ref.list == "actor"), None)
        if named is None:
            return None
        mention = shown.get(article) or context.mention(named, key, ROOT)
        parts += [_quote(context, mention.language, link.text) for link in mention.sentences]
    return _change(
        context,
        key,
        f"{key[0]}/{key[1]}#articles/{article}",
        title,
        href,
        record.captured or record.published,
        [*parts, *(_paragraph(note) for note in notes)],
        published=record.published,
        by=context.link(("sources", record.source), ROOT).text if record.source else "",
        topics=record.topics,
    )


def _report(context: PageContext, article: str, feed: Key | None) -> FeedEntry:
    """An article as such: its summary, else its first sentences with a statement."""
    entry = context.corpus.article(article)
    record = cast(Article, entry.record)
    parts: list[Html | str] = [_paragraph(context.words(record.summary, ROOT))]
    if record.updates:
        link = context.link(("articles", record.updates.article), ROOT)
        how = context.say.term("update", record.updates.how)
        parts.insert(0, _paragraph(context.say.html("feed.this_updates", how=how, earlier=_linked(link))))
    if not record.summary:
        refs = [AnnotationRef(article, "claim", n + 1) for n in range(len(record.claims))]
        refs += [AnnotationRef(article, "event", n + 1) for n in range(len(record.events))]
        sentences = dict.fromkeys(mention.sentence for mention in context.statements(refs[: 2 * SENTENCES], ROOT))
        parts += [_quote(context, record.language, words) for words in list(sentences)[:SENTENCES] if words]
    return _change(
        context,
        feed,
        f"articles/{article}",
        entry.name,
        context.link(("articles", article), ROOT).href,
        record.captured or record.published,
        parts,
        published=record.published,
        by=context.link(("sources", record.source), ROOT).text if record.source else "",
        topics=record.topics,
    )


def _brief(context: PageContext, id: str, feed: Key | None) -> FeedEntry:
    entry = context.corpus.entries["briefs"][id]
    record = cast(Brief, entry.record)
    judgments = Markup("").join(Markup("<li>{}</li>").format(context.words(m.text, ROOT)) for m in record.key_judgments)
    return _change(
        context,
        feed,
        f"briefs/{id}",
        entry.name,
        context.link(("briefs", id), ROOT).href,
        record.date,
        [_paragraph(context.words(record.summary, ROOT)), Markup("<ul>{}</ul>").format(judgments) if judgments else ""],
        published=record.date,
        topics=record.topics,
    )


def _assessed(context: PageContext, key: Key, assessment: Assessment, name: str, feed: Key | None) -> FeedEntry:
    """A new assessment. Likelihood and confidence are distinct, and never share a sentence (ICD 203)."""
    link = context.link(key, ROOT)
    say = context.say
    values = {"likelihood": assessment.likelihood, "confidence": assessment.confidence}
    parts = [
        _paragraph(escape(say(f"feed.{group}", **{group: say.term(group, word)}), quote=False))
        for group, word in values.items()
        if word
    ]
    parts.append(_paragraph(context.words(assessment.because, ROOT)))
    if assessment.would_change:
        parts.append(_paragraph(say.html("feed.would_change", words=context.words(assessment.would_change, ROOT))))
    return _change(
        context,
        feed,
        name,
        say("feed.assessed", claim=link.text),
        link.href,
        assessment.date,
        parts,
        published=assessment.date,
    )


def _updated(context: PageContext, key: Key, article: str, later: str) -> FeedEntry:
    """A correction, replacement or withdrawal of an article about an entry."""
    old, new = context.link(("articles", article), ROOT), context.link(("articles", later), ROOT)
    record = cast(Article, context.corpus.article(later).record)
    how = record.updates.how if record.updates else "corrects"
    counts = "" if how == "corrects" else _paragraph(context.say.html("feed.counts_nothing"))
    term = context.say.term("update", how)
    ref = context.say.html("feed.updated", article=_linked(new), how=term, earlier=_linked(old))
    return _change(
        context,
        key,
        f"{key[0]}/{key[1]}#updates/{later}/{article}",
        context.say(f"feed.{how}", title=old.text),
        new.href,
        record.captured or record.published,
        [_paragraph(ref), counts],
        published=record.published,
        by=context.link(("sources", record.source), ROOT).text if record.source else "",
    )


def ledger_notes(context: PageContext, ledger: Ledger, turns: Iterable[StanceChange]) -> dict[str, list[Html]]:
    """Article → how it changed a claim's ledger when it became known: origins added, stances changed."""
    notes: dict[str, list[Html]] = {}
    say = context.say

    def arrived(article: str) -> tuple[str, str]:
        return _day(context, ("articles", article)) or "9", article

    def note(article: str, words: Html) -> None:
        lines = notes.setdefault(article, [])
        if words not in lines:
            lines.append(words)

    firsts = [(min(arrived(b.article) for b in origin.backing), n) for n, origin in enumerate(ledger.origins)]
    count = 0
    for (_, first), n in sorted(firsts):
        origin = ledger.origins[n]
        name = _linked(origin.link)
        if origin.known:
            count += 1
            note(first, say.html("feed.adds_origin", name=name, before=count - 1, after=count))
        else:
            note(first, say.html("feed.adds_unknown", name=name))
        for backing in origin.backing:
            if backing.article != first:
                note(
                    backing.article, say.html("feed.goes_back" if origin.known else "feed.goes_back_unknown", name=name)
                )
    for link, why in ledger.uncounted:
        note(link.id, say.html("feed.uncounted", why=say.term("uncounted", why)))
    stood: dict[str, str] = {}
    for turn in reversed(tuple(turns)):
        id = turn.speaker.id
        if id and turn.moved and id in stood:
            before, now = say.term("stance", stood[id]), say.term("stance", turn.stance)
            note(turn.statement.id, say.html("feed.turned", who=_linked(turn.speaker), before=before, now=now))
        if id:
            stood[id] = turn.stance
    return notes


# -- pieces -----------------------------------------------------------------------------------------------------------


def _statement(context: PageContext, statement: Statement, key: Key) -> Iterator[Html | str]:
    things = "" if key[0] in ("claims", "events") else ", ".join(_linked(link) for link in statement.things)
    stance = escape(context.say.term("stance", statement.stance), quote=False)
    yield f"<p>{stance}: {things}</p>" if things else ""
    if statement.quote:
        yield _quote(context, statement.language, statement.sentence or statement.quote)
    if statement.translation and statement.quote:
        yield _paragraph(escape(statement.translation, quote=False))
    for chain in statement.chains:
        yield f"<p>{_chain(context, chain)}</p>" if things else f"<p>{stance}: {_chain(context, chain)}</p>"
    values = (("value", statement.value), ("happened", statement.happened), ("said", statement.said))
    facts = " · ".join(
        escape(f"{context.say(f'statement.{key}')} {value}", quote=False) for key, value in values if value
    )
    yield f"<p>{facts}</p>" if facts else ""
    yield _paragraph(statement.note)


def _chain(context: PageContext, chain: Chain) -> str:
    words = (
        [f"<i>{escape(context.say('statement.no_origin'), quote=False)}</i>"] if chain.start == "unattributed" else []
    )
    for step in chain.steps:
        name = step.link.text
        if step.unnamed and step.of:
            name = context.say("list.unnamed_of", words=name, body=step.of.text)
        elif step.unnamed:
            name = context.say("list.unnamed", words=name)
        words.append(escape(name, quote=False))
    return f" {context.say('arrow.to')} ".join(words)


def _linked(link: Link) -> Html:
    words = escape(link.text, quote=False)
    return Markup(f'<a href="{escape(link.href)}">{words}</a>' if link.href else words)


def _paragraph(words: Html | str) -> str:
    return f"<p>{words}</p>" if words else ""


def _quote(context: PageContext, language: str, words: Html | str) -> str:
    """A sentence as on the page, without the marks; it contains no partial markup of a word."""
    foreign = f' lang="{escape(language)}"' if language and language != context.config.language else ""
    return f"<blockquote{foreign}>{words.replace('<mark>', '').replace('</mark>', '')}</blockquote>"


def _base(context: PageContext) -> str:
    return context.config.url.rstrip("/") + "/" if context.config.url else ""


def _address(context: PageContext, deep: bool, path: str) -> str:
    return (_base(context) or ("../../" if deep else "../")) + urls.href(path)


def urn(context: PageContext, name: str) -> str:
    """The id of a feed or an entry: a UUID (RFC 9562, version 5) of its name, in the site's own namespace."""
    return f"urn:uuid:{uuid.uuid5(_site(context.config.id or context.config.url or context.config.title), name)}"


@cache
def _site(name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, name)


# -- files ------------------------------------------------------------------------------------------------------------

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot contain."""


def xml(text: str) -> str:
    """Text escaped for use as the content of an XML element or the value of an attribute."""
    return FORBIDDEN.sub("\ufffd", escape(str(text)))


def atom(page: Any) -> str | None:
    """RFC 4287."""
    feed: Feed | None = page.feed
    if feed is None:
        return None
    own = feed.addresses.get("atom")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{xml(feed.language)}">',
        f"<id>{feed.id}</id>",
        f"<title>{xml(feed.title)}</title>",
        f"<subtitle>{xml(feed.description)}</subtitle>" if feed.description else "",
        f"<updated>{feed.updated}</updated>",
        f"<author><name>{xml(feed.site)}</name></author>",
        f'<link rel="self" type="{FORMATS["atom"][0]}" href="{xml(own)}"/>' if own else "",
        f'<link rel="alternate" type="text/html" href="{xml(feed.href)}"/>',
        f"<rights>{feed.marking}</rights>",
    ]
    for entry in feed.entries:
        lines += [
            "<entry>",
            f"<id>{entry.id}</id>",
            f"<title>{xml(entry.title)}</title>",
            f'<link rel="alternate" type="text/html" href="{xml(entry.href)}"/>',
            f"<published>{entry.published}</published>" if entry.published else "",
            f"<updated>{entry.updated}</updated>",
            f"<author><name>{xml(entry.by)}</name></author>" if entry.by else "",
            *(f'<category term="{xml(topic)}"/>' for topic in entry.topics),
            f'<content type="html">{xml(entry.content)}</content>',
            "</entry>",
        ]
    return "\n".join(line for line in lines if line) + "\n</feed>\n"


def json_feed(page: Any) -> dict[str, Any] | None:
    """JSON Feed 1.1."""
    feed: Feed | None = page.feed
    if feed is None:
        return None
    own = feed.addresses.get("json")
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        **({"home_page_url": feed.href, "feed_url": own} if own else {}),
        **({"description": feed.description} if feed.description else {}),
        "language": feed.language,
        "authors": [{"name": feed.site}],
        "_sitrep": {"id": feed.id, "marking": feed.marking},
        "items": [
            {
                "id": entry.id,
                "url": entry.href,
                "title": entry.title,
                "content_html": str(entry.content),
                **({"date_published": entry.published} if entry.published else {}),
                "date_modified": entry.updated,
                **({"authors": [{"name": entry.by}]} if entry.by else {}),
                **({"tags": list(entry.topics)} if entry.topics else {}),
            }
            for entry in feed.entries
        ],
    }


FORMATS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "atom": ("application/atom+xml", atom),
    "json": ("application/feed+json", json_feed),
}
"""Ending of a feed's address → its media type, and the function from a page's view to the feed."""
