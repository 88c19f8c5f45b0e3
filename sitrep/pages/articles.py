"""Article pages: the text with its annotations, who speaks in it, and the JSON beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial, reduce
from html import escape
from typing import cast

from markupsafe import Markup

from sitrep.anchoring.quotes import Span
from sitrep.corpus.corpus import AnnotationRef, Key
from sitrep.i18n.words import Words
from sitrep.model.entries import Anchor, Entry
from sitrep.model.records import Article, Assertion, SignOff
from sitrep.pages.feeds import json
from sitrep.pages.parts import novelty
from sitrep.pages.parts.annotated_text import Marks, woven
from sitrep.pages.parts.context import PageContext, described, visible_part, web, written
from sitrep.pages.parts.context import anchor as linked
from sitrep.release.rights import visible
from sitrep.views import urls
from sitrep.views.outputs import Beside, Output
from sitrep.views.pages import EMPTY, Annotation, ArticlePage, Html, Link, Named, Statement

BACK = {"corrects": "corrected_by", "replaces": "replaced_by", "withdraws": "withdrawn_by"}


def outputs(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    for id in ids:
        path = urls.page("articles", id)
        beside = (Beside(urls.data("articles", id), json.article, "data"),) if context.config.json else ()
        yield Output(path, "article.html", partial(view, context, id), beside, ("articles", id))


def view(context: PageContext, id: str) -> ArticlePage:
    key: Key = ("articles", id)
    entry = context.corpus.article(id)
    record = cast(Article, entry.record)
    path = urls.page("articles", id)
    root = urls.root(path)
    context.open(entry)
    spans = context.shown(entry)
    rights = record.rights or context.config.publish.rights
    refs = [AnnotationRef(id, "event", n + 1) for n in range(len(record.events))]
    refs += [AnnotationRef(id, "claim", n + 1) for n in range(len(record.claims))]
    first: dict[tuple[str, int], int] = {(a.kind, a.n): a.start for a in reversed(entry.anchors)}
    refs.sort(key=lambda s: (first.get((s.list, s.n), len(entry.prose.text)), s.list != "claim", s.n))
    summary = context.words(record.summary, root)
    statements, new = novelty.compared(context, id, context.notes(entry, refs, root), root)
    named = [context.named(mention.id, ("actors", "sources"), root) for mention in record.actors]
    return ArticlePage(
        path=path,
        root=root,
        title=entry.name,
        kind="article",
        description=described(summary, _otherwise(context, entry, record)),
        banner=context.banner(key),
        canonical=context.canonical(path),
        data=urls.href(f"{id}.json") if context.config.json else "",
        id=id,
        source=context.link(("sources", record.source), root) if record.source else None,
        via=tuple(context.named(link.id, ("sources", "actors"), root) for link in record.via if link.id),
        published=written(record.published),
        captured=written(record.captured),
        url=web(record.url),
        archived=web(record.archived),
        language=record.language,
        rights=rights,
        summary=summary,
        notices=tuple(notices(context, id, record, root)),
        body=_body(context, entry, named, spans, root),
        omitted=_omitted(context, rights, spans, entry, context.handling.preview),
        statements=statements,
        speaks=_speaks(context.say, statements),
        news=new,
        actors=tuple(_actors(context, entry, record, named, root)),
        topics=context.links([("topics", topic) for topic in record.topics], root),
        reviewed=signed(context.say, record.reviewed),
        linked=context.linked(key, root),
        text=entry.prose.text if rights == "full" or context.handling.preview else None,
        annotations=tuple(_annotations(entry, record, named, spans)) if context.config.json else (),
    )


def _speaks(say: Words, statements: tuple[Statement, ...]) -> str:
    """Who speaks, summarised: named speakers by frequency, then unnamed sources, silence, and statements without
    attribution."""
    if not statements:
        return ""
    named: Counter[str] = Counter()
    rest: Counter[str] = Counter()
    for statement in statements:
        speakers: dict[str, None] = {}
        unnamed = False
        for chain in statement.chains:
            for step in chain.steps:
                unnamed = unnamed or step.unnamed
            if chain.start != "unattributed":
                speakers[chain.steps[0].link.text] = None
        if statement.stance == "silent":
            rest["silence"] += 1
        elif unnamed:
            rest["unnamed"] += 1
        elif not speakers:
            rest["unattributed"] += 1
        else:
            named[reduce(lambda some, last: say("list.and", some=some, last=last), speakers)] += 1
    ranked = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    parts = [say("article.speaks_named", n=n, who=name) for name, n in ranked]
    parts += [say(f"article.speaks_{how}", n=rest[how]) for how in ("unnamed", "silence", "unattributed") if rest[how]]
    return say("article.speaks", n=len(statements), who=", ".join(parts))


def signed(say: Words, sign_off: SignOff | None) -> str:
    """Who signed the article off, and when."""
    if not sign_off:
        return ""
    return say("article.signed", by=sign_off.by, date=sign_off.on.text) if sign_off.on else sign_off.by


def _otherwise(context: PageContext, entry: Entry, record: Article) -> str:
    """What kind of article this is, where it has no summary."""
    by = [context.link(("sources", record.source), "").text] if record.source else []
    when = [record.published.text] if record.published else []
    kind = ", ".join([context.say("article.article"), *by, *when])
    return context.say("entry.described", kind=kind, name=entry.name)


def _body(context: PageContext, entry: Entry, named: list[Link], spans: tuple[Span, ...], root: str) -> Html:
    if not spans:
        return EMPTY
    record = cast(Article, entry.record)
    anchors, prose = entry.anchors, entry.prose
    if spans != ((0, len(prose.text)),):
        anchors = tuple([a for a in anchors if visible_part(spans, a)])
    last = {(a.kind, a.n): a.k for a in anchors}
    marks = {}
    for anchor in anchors:
        if anchor.kind == "actor":
            marks[anchor] = _name(anchor, named[anchor.n - 1])
        else:
            noted = anchor.k == last[anchor.kind, anchor.n] and (anchor.kind, anchor.n) not in entry.unanchored
            marks[anchor] = _mark(context.say, record, anchor, noted)
    return Markup(context.assets(woven(prose, anchors, marks, spans), root))


def _name(anchor: Anchor, link: Link) -> Marks:
    """How a name is marked: a link where the actor has a page."""
    fragment, title = anchor.fragment, escape(link.text)
    first = f'<span class="m" id="{fragment}" title="{title}">'
    if not link.href:
        return Marks(first, '<span class="m">', "</span>")
    href = escape(link.href)
    link_first = f'<a class="m" id="{fragment}" href="{href}" title="{title}">'
    return Marks(first, '<span class="m">', "</span>", "", link_first, f'<a class="m" href="{href}">')


def _mark(say: Words, record: Article, anchor: Anchor, noted: bool) -> Marks:
    """How an event or claim is marked: by class, and by number after its last word."""
    event = anchor.kind == "event"
    assertion: Assertion = (record.events if event else record.claims)[anchor.n - 1]
    name = anchor.kind[0] + (f" {assertion.stance}" if assertion.stance != "asserts" else "")
    after = ""
    if noted:
        number = f"e{anchor.n}" if event else str(anchor.n)
        label = escape(say(f"article.{anchor.kind}_mark", number=anchor.n))
        note = f"note-{anchor.kind}-{anchor.n}"
        after = f'<a class="n" href="#{note}" data-n="{number}" aria-label="{label}"></a>'
    return Marks(f'<mark class="{name}" id="{anchor.fragment}">', f'<mark class="{name}">', "</mark>", after)


def _omitted(context: PageContext, rights: str, spans: tuple[Span, ...], entry: Entry, preview: bool) -> str:
    if preview and rights != "full":
        return context.say("article.preview_none" if rights == "metadata" else "article.preview_excerpt")
    length = len(entry.prose.text.strip())
    if rights == "metadata" and length:
        return context.say("article.omitted_text")
    if rights == "excerpt" and sum(end - start for start, end in spans) < length:
        return context.say("article.omitted" if spans else "article.omitted_all")
    return ""


def notices(context: PageContext, id: str, record: Article, root: str) -> Iterator[Html]:
    """What must be read first: how this article updates others, and how later ones updated it."""

    def about(how: str, key: Key) -> Html:
        return context.say.html(
            "article.notice", how=context.say(f"article.{how}"), article=linked(context.link(key, root))
        )

    for later in context.corpus.updates.get(id, ()):
        updates = cast(Article, context.corpus.article(later).record).updates
        if updates:
            yield about(BACK[updates.how], ("articles", later))
    if record.copy_of:
        yield about("copy_of", ("articles", record.copy_of))
    if record.translation_of:
        yield about("translation_of", ("articles", record.translation_of))
    if record.updates:
        yield about(f"this_{record.updates.how}", ("articles", record.updates.article))


def _actors(context: PageContext, entry: Entry, record: Article, named: list[Link], root: str) -> Iterator[Named]:
    counts = Counter([anchor.n for anchor in entry.anchors if anchor.kind == "actor"])
    for n, (mention, link) in enumerate(zip(record.actors, named, strict=True), 1):
        yield Named(link=link, count=counts[n], note=context.words(mention.note, root))


def _annotations(entry: Entry, record: Article, named: list[Link], spans: tuple[Span, ...]) -> Iterator[Annotation]:
    text = entry.prose.text
    for anchor in entry.anchors:
        start, end = anchor.start, anchor.end
        open_ = visible(spans, start, end)
        stance = None
        ids: tuple[str | None, ...]
        if anchor.kind == "actor":
            ids = (named[anchor.n - 1].id,)
        else:
            assertion = (record.events if anchor.kind == "event" else record.claims)[anchor.n - 1]
            ids, stance = tuple(dict.fromkeys(assertion.id)) or (None,), assertion.stance
        for id in ids:
            yield Annotation(
                kind=anchor.kind,
                id=id,
                fragment=anchor.fragment,
                exact=text[start:end] if open_ else None,
                start=start if open_ else None,
                end=end if open_ else None,
                stance=stance,
            )
