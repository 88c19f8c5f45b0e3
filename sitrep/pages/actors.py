"""Actor pages: what an actor says, what is said about it, what it denies, and where it is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sitrep.corpus.corpus import Corpus, Key
from sitrep.pages import timelines
from sitrep.pages.entry import Lists, common, line, pages
from sitrep.pages.feeds import feeds, json
from sitrep.pages.networks import related
from sitrep.pages.parts import summary
from sitrep.pages.parts.context import PageContext
from sitrep.pages.parts.diagrams import diagram
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, ActorPage, ListRow


def outputs(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    yield from pages(context, "actors", ids, lists, view, json.actor)


def lists(corpus: Corpus, key: Key) -> Lists:
    return {
        "statements": corpus.statements_by.get(key, ()),
        "relayed": corpus.statements_via.get(key, ()),
        "inputs": corpus.articles_via.get(key, ()),
        "mentions": corpus.mentions.get(key, ()),
    }


def view(context: PageContext, key: Key, number: int = 1) -> ActorPage:
    shown = lists(context.corpus, key)
    shared = common(context, key, number, shown)
    first = number == 1
    root = shared["root"]
    refs = [ref for ref in shown["statements"] if context.corpus.is_anchored(ref)] if first else []
    rows, ties = related(context, key, root) if first else ((), EMPTY)
    return ActorPage(
        **shared,
        answer=summary.actor(context, key) if first else EMPTY,
        timeline=timelines.of_actor(context, key, root) if first else None,
        related=rows,
        ties=ties,
        denies=tuple(_denies(context, key, root)) if first else (),
        about=tuple(_about(context, key, root)) if first else (),
        diagram=diagram(context, refs, f"chains-{key[1]}", root) if first else EMPTY,
        feed=feeds.of_thing(context, key, shared) if first else None,
    )


def _denies(context: PageContext, key: Key, root: str) -> Iterator[ListRow]:
    claims: dict[Key, None] = {}
    for ref in context.corpus.statements_by.get(key, ()):
        assertion = context.corpus.statement(ref)
        if ref.list == "claim" and assertion.stance in ("denies", "doubts") and context.corpus.is_anchored(ref):
            claims.update({("claims", id): None for id in assertion.id})
    for claim in claims:
        yield line(context, claim, root)


def _about(context: PageContext, key: Key, root: str) -> Iterator[ListRow]:
    """Claims whose files say that they are about this actor."""
    for tied in context.corpus.backlinks.get(key, ()):
        if tied.how == "claims about it":
            yield line(context, tied.key, root)
