"""Sources: what rests on one, how often it speaks and how often it relays, and from whom it has its matter."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.corpus import Corpus, Key
from sitrep.outputs import Output
from sitrep.pages import answers, data, feeds
from sitrep.pages.desk import Desk
from sitrep.pages.drawn import diagram
from sitrep.pages.things import Lists, common, line, outputs
from sitrep.provenance import Use, use
from sitrep.views import EMPTY, Row, SourcePage

MOST = 20
"""How many of those it relays from are listed."""


def pages(desk: Desk) -> Iterator[Output]:
    yield from outputs(desk, "sources", lists, view, data.source)


def lists(corpus: Corpus, key: Key) -> Lists:
    return {
        "statements": corpus.spoken.get(key, ()),
        "relayed": corpus.relayed.get(key, ()),
        "articles": corpus.published.get(key[1], ()),
        "inputs": corpus.inputs.get(key, ()),
        "mentions": corpus.mentions.get(key, ()),
    }


def view(desk: Desk, key: Key, number: int = 1) -> SourcePage:
    shown = lists(desk.corpus, key)
    kept = common(desk, key, number, shown)
    root = kept["root"]
    first = number == 1
    used = use(desk.corpus, key) if first else Use()
    relays = sorted(used.relays.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    every = [said for name in ("statements", "relayed") for said in shown[name]] if first else []
    saids = [said for said in every if desk.told(said)]
    return SourcePage(
        **kept,
        answer=answers.source(desk, key, used) if first else EMPTY,
        spoke=used.spoke,
        passed=used.passed,
        relays=tuple((desk.link(party, root), n) for party, n in relays),
        alone=tuple(_alone(desk, used, root)),
        diagram=diagram(desk, saids, f"chains-{key[1]}", root) if first else EMPTY,
        feed=feeds.of_thing(desk, key, kept) if first else None,
    )


def _alone(desk: Desk, used: Use, root: str) -> Iterator[Row]:
    for claim in used.alone:
        yield line(desk, ("claims", claim), root)
