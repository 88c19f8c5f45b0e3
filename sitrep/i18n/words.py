"""The words of the interface in one language: everything that pages, pictures and scripts say that is not content.

A word is identified by its group and its key (`claim.not_assessed`). Placeholders, `{n}`, are filled when it is used; a
counted word has a form for each plural category of its language (CLDR), selected by the placeholder `n`.
`i18n/catalogue.py` builds this from the `languages/*.yaml` of the themes; `render/jinja.py` compiles it into templates.

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
"""The language in which every word exists."""
COUNTED = "n"
"""The placeholder that selects the form."""
MARKUP = "_html"
"""Suffix of keys whose words contain markup; all others are escaped."""
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
PLACE = re.compile(r"\{([a-z_]+)\}")
LEFTWARDS = re.compile(
    "ar|arc|azb|bal|bgn|ckb|dv|fa|glk|he|iw|khw|ks|lrc|mzn|nqo|pnb|prs|ps|rhg|sd|skr|syr|ug|ur|yi"
    "|adlm|arab|aran|hebr|mand|mend|nkoo|rohg|samr|sogd|syrc|thaa|yezi"
)
"""Languages that are written from right to left, and the scripts that are (CLDR, likely subtags; ISO 15924)."""


def direction(language: str) -> str:
    """`rtl` or `ltr`: the direction of a language's script, or of the script that its tag names."""
    first, *others = language.lower().replace("_", "-").split("-")
    script = next((part for part in others[:2] if len(part) == 4 and part.isalpha()), first)
    return "rtl" if LEFTWARDS.fullmatch(script) else "ltr"


class Plural:
    """The plural category of a number: conditions as CLDR writes them, `n % 10 = 2..4 and n % 100 != 12..14`.

    Numbers are integers here, so that `v`, `w`, `f`, `t`, `c` and `e` are 0 and `i` is `n`. Raises ValueError.

    """

    def __init__(self, rules: Mapping[str, str]) -> None:
        self.name = f"form_{crc32(json.dumps(dict(rules)).encode()):08x}"
        """A name for the rule: the same for the same conditions."""
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
    """A counted word: category → text, with the plural rule of its language."""

    texts: dict[str, str]
    rule: Plural

    def of(self, count: int) -> str:
        return self.texts[self.rule(count)]


Word = str | Forms


class WordGroup(dict[str, str]):
    """Words without placeholders, by key; an unknown key gives itself, since files may choose these terms freely."""

    def __missing__(self, key: str) -> str:
        return key


class Words:
    """All words of one language. `digest` covers all of them."""

    def __init__(self, groups: Mapping[str, Mapping[str, Word]], digest: bytes) -> None:
        self.groups = groups
        self.digest = digest
        self._flat = {f"{name}.{key}": word for name, group in groups.items() for key, word in group.items()}
        self._terms = {
            name: WordGroup({key: word for key, word in group.items() if isinstance(word, str)})
            for name, group in groups.items()
        }

    def __call__(self, key: str, /, **places: object) -> str:
        """A word as plain text, its placeholders filled."""
        word = self._flat[key]
        text = word if isinstance(word, str) else word.of(int(places[COUNTED]))  # type: ignore[call-overload]
        return text.format(**places) if "{" in text else text

    def html(self, key: str, /, **places: object) -> Markup:
        """A word as markup; values of placeholders are escaped unless they are markup."""
        word = self._flat[key]
        text = word if isinstance(word, str) else word.of(int(places[COUNTED]))  # type: ignore[call-overload]
        markup = marked(key, text)
        # placeholders are plain names: the result of Markup.format without its parsing, ten times faster
        return (
            Markup(str.format(markup, **{n: escape(value) for n, value in places.items()})) if "{" in text else markup
        )

    def word(self, group: str, key: str) -> Word | None:
        return self.groups.get(group, {}).get(key)

    def term(self, group: str, word: str) -> str:
        """A term of a vocabulary as shown; an unknown term as it is."""
        return self._terms[group][word]

    def terms(self, group: str) -> WordGroup:
        return self._terms[group]

    def listed(self, items: list[Markup]) -> Markup:
        """`a`, `a and b`, `a, b and c`."""
        if len(items) < 2:
            return items[0] if items else Markup("")
        return self.html("list.and", some=Markup(", ").join(items[:-1]), last=items[-1])

    def script(self, group: str) -> str:
        """A group as JSON for a script: a counted word as a mapping of forms."""
        words = {key: word if isinstance(word, str) else word.texts for key, word in self.groups[group].items()}
        return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=4096)
def marked(key: str, text: str) -> Markup:
    """A text as markup: unchanged where its key declares markup, else escaped."""
    return Markup(text) if key.endswith(MARKUP) else Markup(escape(text))


def capital(text: str) -> str:
    """The text with an initial capital, for the beginning of a line."""
    return text[:1].upper() + text[1:]


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text as pairs of literal text and the name of the placeholder after it; the last pair has no name."""
    at = 0
    for match in PLACE.finditer(text):
        yield text[at : match.start()], match[1]
        at = match.end()
    yield text[at:], ""
