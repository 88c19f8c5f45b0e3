"""Source pages: what rests on a source, how often it speaks and how often it relays, and from whom it takes its
material."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from sitrep.analysis.provenance import Chain, Use, use
from sitrep.corpus.corpus import AnnotationRef, Corpus, Key, day
from sitrep.model.records import Article
from sitrep.pages.entry import Lists, common, line, pages
from sitrep.pages.feeds import feeds, json
from sitrep.pages.parts import diagrams, summary
from sitrep.pages.parts.context import PageContext
from sitrep.views.outputs import Output
from sitrep.views.pages import EMPTY, Link, ListRow, Route, SourcePage

MOST = 20
"""The number of listed sources that it relays from."""
WAYS = 24
"""The number of its chains that are drawn and listed."""


def outputs(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    yield from pages(context, "sources", ids, lists, view, json.source)


def lists(corpus: Corpus, key: Key) -> Lists:
    return {
        "statements": corpus.statements_by.get(key, ()),
        "relayed": corpus.statements_via.get(key, ()),
        "articles": corpus.articles_of.get(key[1], ()),
        "inputs": corpus.articles_via.get(key, ()),
        "mentions": corpus.mentions.get(key, ()),
    }


def view(context: PageContext, key: Key, number: int = 1) -> SourcePage:
    shown = lists(context.corpus, key)
    shared = common(context, key, number, shown)
    root = shared["root"]
    first = number == 1
    used = use(context.corpus, key) if first else Use()
    relays = sorted(used.relays.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    ways = tuple(_ways(context, used, root))
    more = sum(_passed_on(chain) for chain, _ in used.ways) - len(ways)
    return SourcePage(
        **shared,
        answer=summary.source(context, key, used) if first else EMPTY,
        spoke=used.spoke,
        passed=used.passed,
        relays=tuple((context.link(party, root), n) for party, n in relays),
        alone=tuple(_alone(context, used, root)),
        ways=ways,
        more=more,
        diagram=diagrams.ways(context, ways, more, f"chains-{key[1]}"),
        feed=feeds.of_thing(context, key, shared) if first else None,
    )


def _ways(context: PageContext, used: Use, root: str) -> Iterator[Route]:
    """The chains with the most statements, each with the words of the statement published first."""
    articles = context.corpus.entries["articles"]

    def published(ref: AnnotationRef) -> tuple[str, AnnotationRef]:
        return day(cast(Article, articles[ref.article].record).published), ref

    ranked = sorted(
        ((-len(refs), min(refs, key=published), way) for way, refs in used.ways.items() if _passed_on(way[0])),
        key=lambda route: route[:2],
    )
    for count, ref, (chain, stance) in ranked[:WAYS]:
        article = context.link(("articles", ref.article), root)
        yield Route(
            chain=context.chain(articles[ref.article], chain, root),
            stance=stance,
            count=-count,
            statement=Link(href=f"{article.href}#note-{ref.list}-{ref.n}", text=article.text),
        )


def _passed_on(chain: Chain) -> bool:
    """Whether a chain has another party, or no named speaker."""
    return len(chain.steps) > 1 or chain.start == "unattributed"


def _alone(context: PageContext, used: Use, root: str) -> Iterator[ListRow]:
    for claim in used.alone:
        yield line(context, ("claims", claim), root)
