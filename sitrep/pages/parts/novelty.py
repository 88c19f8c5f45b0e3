"""What is new in an article and what repeats earlier reports: a sentence for its page, and a label for each note."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import cast

import msgspec
from markupsafe import Markup

from sitrep.analysis import novelty
from sitrep.corpus.corpus import AnnotationRef, Key
from sitrep.model.records import Article
from sitrep.pages.parts.context import PageContext
from sitrep.views.pages import EMPTY, Html, Link, Novelty, Statement

NUMBERS = 12
"""The number of notes that are listed individually."""


def compared(
    context: PageContext, id: str, statements: Sequence[Statement], root: str
) -> tuple[tuple[Statement, ...], Html]:
    """An article's statements compared with earlier reports, and a summary; neither without a date."""
    record = cast(Article, context.corpus.article(id).record)
    if record.published is None:
        return tuple(statements), EMPTY
    plain: list[Statement] = []
    groups: dict[str, list[Statement]] = {"new": [], "repeats": [], "also": []}
    origins: Counter[str] = Counter()
    earlier, how = _earlier(context, record)
    again = own = 0
    for statement in statements:
        ref = AnnotationRef(id, statement.group, statement.number)
        keys: list[Key] = [
            ("claims" if statement.group == "claim" else "events", thing.id) for thing in statement.things
        ]
        stands = [novelty.standing(context.record(key), ref) for key in keys]
        if not stands:
            plain.append(statement)
            own += 1
            continue
        again += bool(earlier) and all(novelty.stands_in(context.record(key), ref, earlier) for key in keys)
        group = _group(stands)
        if group == "repeats":
            origins[_origin(stands)] += 1
        standing = tuple(dict.fromkeys(_standing(context, stand, root) for stand in stands))
        plain.append(msgspec.structs.replace(statement, standing=standing))
        groups[group].append(plain[-1])
    parts = list(_summed(context, groups, origins))
    if parts and own:
        parts.append(context.say.html("news.own", n=own))
    if again:
        parts.insert(0, context.say.html(f"news.{how}", n=again, all=len(statements) - own))
    return tuple(plain), Markup(" ").join(parts) if parts else EMPTY


def _earlier(context: PageContext, record: Article) -> tuple[str, str]:
    """The earlier article that this one copies, translates or updates, and which of these it is."""
    updated = (record.updates.article, record.updates.how) if record.updates else ("", "")
    for id, how in ((record.copy_of, "copies"), (record.translation_of, "translates"), updated):
        if id and context.corpus.get(("articles", id)):
            return id, how
    return "", ""


def _group(stands: Sequence[novelty.Novelty]) -> str:
    hows = {stand.how for stand in stands}
    if hows & {"new", "number", "date"}:
        return "new"
    return "also" if "also" in hows else "repeats"


def _origin(stands: Sequence[novelty.Novelty]) -> str:
    origins = {stand.origin for stand in stands}
    return "other" if "other" in origins else "" if "" in origins else "same"


def _standing(context: PageContext, novelty_of: novelty.Novelty, root: str) -> Novelty:
    if novelty_of.earlier is None:
        return Novelty(how=novelty_of.how)
    record = cast(Article, context.corpus.article(novelty_of.earlier.article).record)
    article = context.link(("articles", novelty_of.earlier.article), root)
    source = context.link(("sources", record.source), root).text if record.source else article.text
    text = context.say("news.report", source=source, date=record.published.text if record.published else "")
    href = f"{article.href}#note-{novelty_of.earlier.list}-{novelty_of.earlier.n}"
    link = Link(href=href, text=text, kind="article", id=novelty_of.earlier.article)
    return Novelty(how=novelty_of.how, earlier=link, origin=novelty_of.origin)


def _summed(context: PageContext, groups: dict[str, list[Statement]], origins: Counter[str]) -> Iterator[Html]:
    say = context.say
    new, repeats, also = groups["new"], groups["repeats"], groups["also"]
    total = len(new) + len(repeats) + len(also)
    if new and len(new) == total:
        yield say.html("news.all", n=total)
        return
    if new:
        yield say.html("news.some", n=len(new), all=total, notes=_notes(context, new))
    elif repeats and not also:
        yield say.html("news.none")
    if repeats:
        by = [say(f"news.by_{key or 'unknown'}", n=origins[key]) for key in ("same", "other", "") if origins[key]]
        key = "repeats" if origins["same"] or origins["other"] else "repeats_unknown"
        yield say.html(f"news.{key}", n=len(repeats), notes=_notes(context, repeats), how=", ".join(by))
    if also:
        yield say.html("news.also", n=len(also), notes=_notes(context, also))


def _notes(context: PageContext, statements: Sequence[Statement]) -> Html:
    """The numbers of notes, each a link to its note."""
    links = Markup(", ".join([_note(statement) for statement in islice(statements, NUMBERS)]))
    left = len(statements) - NUMBERS
    return context.say.html("list.and_more", some=links, n=left) if left > 0 else links


def _note(statement: Statement) -> str:
    return f'<a href="#{statement.note_id}">{"e" if statement.group == "event" else ""}{statement.number}</a>'
