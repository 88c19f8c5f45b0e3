"""Pitfalls of plain YAML that change a quote silently: a comment that cuts it, a comma that splits it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sitrep.anchoring.quotes import Matchable, normal
from sitrep.model.records import Article, Quote
from sitrep.parse import yaml
from sitrep.problems import WARNING, Path, Problem


class _Suspect(NamedTuple):
    """A possible pitfall, confirmed if the source continues at these positions as these patterns say."""

    at: Path
    message: str
    hint: str
    written: tuple[tuple[Path, re.Pattern[str]], ...]


def traps(source: str, article: Article, text: Matchable, file: str) -> list[Problem]:
    """The quotes of a sidecar that YAML has cut or split, judged by the article's text.

    A quote is *cut* when it is plain, a comment follows it, and the text continues as the comment does: `point #4`. Two
    plain pieces in `[…]` are *split* when they stand in the text as one, joined by a comma: `[Text, here]`; pieces of
    an actor's quotes, each of which means places of its own, only where the text has neither of them elsewhere.

    `source` is the YAML that the article was read from. It is scanned again only where the text suggests a pitfall;
    nearly always this costs a search or two.

    """
    suspects = [*_cut(article, text), *_split(article, text)]
    if not suspects:
        return []
    places = yaml.places(source)
    lines = [0]
    for line in source.split("\n"):
        lines.append(lines[-1] + len(line) + 1)

    def goes_on(at: Path, pattern: re.Pattern[str]) -> bool:
        if at not in places:
            return False
        line, column = places[at][1]
        return pattern.match(source, lines[line - 1] + column - 1) is not None

    return [
        Problem(code="yaml-trap", severity=WARNING, file=file, at=one.at, message=one.message, hint=one.hint)
        for one in suspects
        if all(goes_on(at, pattern) for at, pattern in one.written)
    ]


def _cut(article: Article, text: Matchable) -> Iterator[_Suspect]:
    """Quotes that the text continues with ` #`."""
    if " #" not in text.norm:
        return
    hint = 'put the quote in "quotes", or use a block (|-)'
    for at, quote in _quotes(article):
        plain = r"\s+".join(map(re.escape, quote.exact.split()))
        signs = re.findall(rf"{re.escape(normal(quote.exact))} (#\S*)", text.norm) if plain else ()
        for sign in dict.fromkeys(signs):
            message = f"the text goes on with “ {sign}”, which YAML takes for a comment: the quote is cut"
            yield _Suspect(at, message, hint, ((at, re.compile(rf"{plain}[ \t]+{re.escape(sign)}(?!\S)")),))


_LIST, _PLAIN = re.compile(r"\["), re.compile(r"[^\"']")


def _split(article: Article, text: Matchable) -> Iterator[_Suspect]:
    """Adjacent pieces that stand in the text as one, with a comma between them."""
    hint = 'put the whole in "quotes"; if two are meant, write them as a list with dashes'
    for key, quotes in _lists(article):
        for m, (first, second) in enumerate(pairwise(quotes)):
            one, other = normal(first.exact), normal(second.exact)
            joined = f"{one}, {other}"
            times = text.norm.count(joined) if one and other and first.bare and second.bare else 0
            elsewhere = key[0] == "actors" and max(text.norm.count(one), text.norm.count(other)) > times
            if times and not elsewhere:
                shown = joined if len(joined) <= 80 else f"{joined[:79]}…"
                message = f"YAML splits this at the comma, and in the text it is one: “{shown}”"
                written = ((key, _LIST), ((*key, m), _PLAIN), ((*key, m + 1), _PLAIN))
                yield _Suspect((*key, m), message, hint, written)


def _lists(article: Article) -> Iterator[tuple[Path, tuple[Quote, ...]]]:
    for n, mention in enumerate(article.actors):
        yield ("actors", n, "quotes"), mention.quotes
    for n, event in enumerate(article.events):
        yield ("events", n, "quote"), event.quote
    for n, claim in enumerate(article.claims):
        yield ("claims", n, "quote"), claim.quote


def _quotes(article: Article) -> Iterator[tuple[Path, Quote]]:
    """Each quote with each path at which it may be written: alone, in a list, or in a mapping."""
    for key, quotes in _lists(article):
        for m, quote in enumerate(quotes):
            for at in (key, (*key, m)) if len(quotes) == 1 else ((*key, m),):
                yield (at if quote.bare else (*at, "exact")), quote
