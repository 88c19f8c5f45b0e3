"""The words of the interface in one language: what pages, pictures and scripts say that is not content.

A word is known by its group and its key (`claim.not_assessed`). Where it has places, `{n}`, they are filled when it is
said; one that is counted has a form for each plural category of its language (CLDR), chosen by the place `n`.
`read/catalogue.py` makes this of `languages/*.yaml` of the themes, `templating.py` sets it into templates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from markupsafe import Markup, escape

BASE = "en"
"""The language that all words are there in."""
COUNTED = "n"
"""The place that chooses the form."""
MARKUP = "_html"
"""How the key of a word ends that holds markup; any other is escaped."""
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
PLACE = re.compile(r"\{([a-z_]+)\}")
LEFTWARDS = re.compile(
    "ar|arc|azb|bal|bgn|ckb|dv|fa|glk|he|iw|khw|ks|lrc|mzn|nqo|pnb|prs|ps|rhg|sd|skr|syr|ug|ur|yi"
    "|adlm|arab|aran|hebr|mand|mend|nkoo|rohg|samr|sogd|syrc|thaa|yezi"
)
"""Languages that are written from right to left, and the scripts that are (CLDR, likely subtags; ISO 15924)."""


def direction(language: str) -> str:
    """`rtl` or `ltr`: how a language is written, by its script where its tag names one."""
    first, *others = language.lower().replace("_", "-").split("-")
    script = next((part for part in others[:2] if len(part) == 4 and part.isalpha()), first)
    return "rtl" if LEFTWARDS.fullmatch(script) else "ltr"


class Plural:
    """Which plural category a number belongs to: conditions as CLDR writes them, `n % 10 = 2..4 and n % 100 != 12..14`.

    Numbers are whole here, so that `v`, `w`, `f`, `t`, `c` and `e` are 0 and `i` is `n`. Raises ValueError.
    """

    def __init__(self, rules: Mapping[str, str]) -> None:
        self.name = f"form_{crc32(json.dumps(dict(rules)).encode()):08x}"
        """What it is called where it needs a name: the same for the same conditions."""
        self._given = rules
        self._rules = [(name, _condition(text)) for name, text in rules.items() if name != "other"]
        self.categories = (*(name for name in CATEGORIES[:-1] if name in rules), "other")
        self._known: dict[int, str] = {}

    def __reduce__(self) -> tuple[type[Plural], tuple[Mapping[str, str]]]:
        return Plural, (self._given,)

    def __call__(self, count: int) -> str:
        form = self._known.get(count)
        if form is None:
            form = next((name for name, holds in self._rules if holds(abs(count))), "other")
            if len(self._known) < 1000:
                self._known[count] = form
        return form


Condition = Callable[[int], bool]
_RELATION = re.compile(r"([nivwftce])\s*(?:%\s*(\d+))?\s*(=|!=)\s*(\d+(?:\.\.\d+)?(?:\s*,\s*\d+(?:\.\.\d+)?)*)")


def _condition(text: str) -> Condition:
    either = [[_relation(part) for part in some.split(" and ")] for some in text.split(" or ")]
    return lambda count: any(all(holds(count) for holds in every) for every in either)


def _relation(text: str) -> Condition:
    match = _RELATION.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text.strip()!r} is no condition")
    operand, modulo, sign, listed = match.groups()
    ranges = [(int(low), int(high or low)) for low, _, high in (part.partition("..") for part in listed.split(","))]

    def holds(count: int) -> bool:
        value = count if operand in "ni" else 0
        value = value % int(modulo) if modulo and int(modulo) else value
        return any(low <= value <= high for low, high in ranges) == (sign == "=")

    return holds


class Forms(NamedTuple):
    """A word that is counted: category → text, and the rule of the language that it is in."""

    texts: dict[str, str]
    rule: Plural

    def of(self, count: int) -> str:
        return self.texts[self.rule(count)]


Word = str | Forms


class WordGroup(dict[str, str]):
    """Words without places, by key; of what is none of ours, itself: terms that files may choose freely."""

    def __missing__(self, key: str) -> str:
        return key


class Words:
    """All words of one language. `digest` is of all of them."""

    def __init__(self, groups: Mapping[str, Mapping[str, Word]], digest: bytes) -> None:
        self.groups = groups
        self.digest = digest
        self._flat = {f"{name}.{key}": word for name, group in groups.items() for key, word in group.items()}
        self._terms = {
            name: WordGroup({key: word for key, word in group.items() if isinstance(word, str)})
            for name, group in groups.items()
        }

    def __call__(self, key: str, /, **places: object) -> str:
        """A word as plain text, its places filled."""
        word = self._flat[key]
        text = word if isinstance(word, str) else word.of(int(places[COUNTED]))  # type: ignore[call-overload]
        return text.format(**places) if "{" in text else text

    def html(self, key: str, /, **places: object) -> Markup:
        """A word as markup; what fills a place is escaped where it is none."""
        word = self._flat[key]
        text = word if isinstance(word, str) else word.of(int(places[COUNTED]))  # type: ignore[call-overload]
        markup = marked(key, text)
        # places are plain names: what Markup.format does for them, without its parsing, which takes ten times as long
        return (
            Markup(str.format(markup, **{n: escape(value) for n, value in places.items()})) if "{" in text else markup
        )

    def word(self, group: str, key: str) -> Word | None:
        return self.groups.get(group, {}).get(key)

    def term(self, group: str, word: str) -> str:
        """A term of a vocabulary as it is shown; itself where it is none of ours."""
        return self._terms[group][word]

    def terms(self, group: str) -> WordGroup:
        return self._terms[group]

    def listed(self, items: list[Markup]) -> Markup:
        """`a`, `a and b`, `a, b and c`."""
        if len(items) < 2:
            return items[0] if items else Markup("")
        return self.html("list.and", some=Markup(", ").join(items[:-1]), last=items[-1])

    def script(self, group: str) -> str:
        """A group as a script has it, as JSON: what is counted as a mapping of forms."""
        words = {key: word if isinstance(word, str) else word.texts for key, word in self.groups[group].items()}
        return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=4096)
def marked(key: str, text: str) -> Markup:
    """A text as markup: as it is where its key says so, else escaped."""
    return Markup(text) if key.endswith(MARKUP) else Markup(escape(text))


def capital(text: str) -> str:
    """With a capital at its beginning, as a line begins."""
    return text[:1].upper() + text[1:]


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text as what stands before each place, and the place's name; after the last, the rest and none."""
    at = 0
    for match in PLACE.finditer(text):
        yield text[at : match.start()], match[1]
        at = match.end()
    yield text[at:], ""
