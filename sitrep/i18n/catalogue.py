"""Word catalogues become the words of a language: `languages/de.yaml` laid over English, word by word.

English is the reference: a word that a catalogue lacks stays English and is reported; so is one that English lacks or
that does not fit: an unknown placeholder, a missing plural form, different markup.

"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sitrep.i18n.words import BASE, CATEGORIES, MARKUP, PLACE, Forms, Plural, Word, Words
from sitrep.model.hashing import short
from sitrep.parse import yaml
from sitrep.parse.schema import listed, nearest
from sitrep.parse.text import decode
from sitrep.problems import WARNING, Path, Problem

PLURAL = "plural"
"""The key of a catalogue that says which numbers take which form."""
_TAG = re.compile(r"<[^<>]*>")
_BRACE = re.compile(r"[{}]")


class Layer(NamedTuple):
    """A file of words. `file` is its name in problems."""

    language: str
    file: str
    data: bytes


def read(layers: Sequence[Layer]) -> tuple[Words, list[Problem]]:
    """The words of these files, each laid over those before it; the first is sitrep's own, in English, and complete."""
    first, *others = layers
    base = _base(first)
    words: dict[str, dict[str, Word]] = {name: dict(group) for name, group in base.items()}
    problems: list[Problem] = []
    named: set[tuple[str, str]] = set()
    rule: Plural | None = None
    whole: _Layer | None = None
    for layer in others:
        parsed = _Layer(layer, base, rule)
        rule = parsed.rule
        problems += parsed.problems
        for name, key, word in parsed.words:
            words[name][key] = word
        if layer.language != BASE:
            named |= parsed.named
            whole = whole or parsed
    if whole and whole.readable:
        problems += whole.lacks(named)
    return Words(
        words, short(b"\0".join(part for layer in layers for part in (layer.file.encode(), layer.data)))
    ), problems


def _base(layer: Layer) -> dict[str, dict[str, Word]]:
    """English, as shipped."""
    text = layer.data.decode()
    data, problems = yaml.load(text, layer.file)
    assert isinstance(data, dict)
    assert not problems, problems
    rule = Plural(data.pop(PLURAL))
    return {
        name: {key: Forms(text, rule) if isinstance(text, dict) else text for key, text in group.items()}
        for name, group in data.items()
    }


class _Layer:
    """One file of words over English: the words that fit, and the problems of the others."""

    def __init__(self, layer: Layer, base: Mapping[str, Mapping[str, Word]], rule: Plural | None) -> None:
        self.problems: list[Problem] = []
        self.words: list[tuple[str, str, Word]] = []
        self.named: set[tuple[str, str]] = set()
        """All keys for which it has a word, valid or not."""
        self._file, self._base = layer.file, base
        text, self.problems = decode(layer.data, layer.file)
        data, problems = yaml.load(text, layer.file) if text is not None else (None, [])
        self.problems += problems
        self._places = yaml.places(text) if text is not None else {}
        self.readable = text is not None and not problems
        if data is not None and not isinstance(data, dict):
            self._tell((), "the catalogue should be a mapping (key: value)", "write group: and below it key: words")
            data = None
        groups: dict[str, Any] = dict(data or {}) if self.readable else {PLURAL: {}}
        self.rule = rule or (_english(base) if layer.language == BASE else None)
        self._rules(groups.pop(PLURAL, None), layer.language)
        for name, group in groups.items():
            self._group(name, group)

    def lacks(self, named: set[tuple[str, str]]) -> Iterator[Problem]:
        """The English words that no file of this language has, one line for each group."""
        for name, group in self._base.items():
            if lacking := [key for key in group if (name, key) not in named]:
                what = f"there is no group of words {name}"
                if len(lacking) < len(group):
                    what = listed(lacking, f"{name} has no words for")
                hint = "until it has, they are in English: templates/languages/en.yaml of sitrep has them"
                yield self._problem((name,), what, hint, True)

    def _rules(self, rules: Any, language: str) -> None:
        if rules is None and self.rule is None:
            hint = "write plural: {one: n = 1}, or the language's own rules as CLDR has them; {} where it has none"
            self._tell((), f"the catalogue does not say what plurals {language} has", hint)
        elif isinstance(rules, dict) and all(isinstance(text, str) for text in rules.values()):
            try:
                for name in rules:
                    if name not in CATEGORIES:
                        raise ValueError(f"{name!r} is no plural category")
                self.rule = Plural(rules)
            except ValueError as error:
                hint = (
                    f"{listed(CATEGORIES, 'categories are')}; a condition is like n % 10 = 2..4 and n % 100 != 12..14"
                )
                self._tell((PLURAL,), f"the plurals cannot be used: {error}", hint)
        elif rules is not None:
            hint = "write plural: {one: n = 1}, or the language's own rules as CLDR has them; {} where it has none"
            self._tell((PLURAL,), "the plurals should be a mapping of categories to conditions", hint)
        self.rule = self.rule or _english(self._base)

    def _group(self, name: str, group: Any) -> None:
        if name not in self._base:
            hint = nearest(name, self._base) or listed(self._base, "groups are")
            self._tell((name,), f"there is no group of words {name!r}", hint, on_key=True)
        elif not isinstance(group, dict):
            self._tell((name,), f"{name} should be a mapping (key: words)", f"below {name}: write key: words")
        else:
            for key, text in group.items():
                if key not in self._base[name]:
                    hint = nearest(key, self._base[name]) or listed(self._base[name], "keys are")
                    self._tell((name, key), f"English has no words {name}.{key}", hint, on_key=True)
                elif text is not None:
                    self.named.add((name, key))
                    self._word(name, key, text)

    def _word(self, name: str, key: str, text: Any) -> None:
        own = self._base[name][key]
        assert self.rule is not None
        if isinstance(own, str):
            if isinstance(text, str) and self._fits((name, key), text, own):
                self.words.append((name, key, text))
            elif not isinstance(text, str):
                self._tell((name, key), f"{name}.{key} should be text", f"English has {_shown(own)}")
            return
        if isinstance(text, str):
            text = dict.fromkeys(self.rule.categories, text)
        if not isinstance(text, dict):
            hint = f"write {', '.join(f'{category}: …' for category in self.rule.categories)}"
            self._tell((name, key), f"{name}.{key} should be a mapping of plural forms", hint)
            return
        english = own.texts["other"]
        sound = True
        for category in self.rule.categories:
            if not isinstance(text.get(category), str):
                hint = f"numbers of this language take {', '.join(self.rule.categories)}; English has {english!r}"
                self._tell((name, key), f"{name}.{key} lacks the form {category!r}", hint, on_key=True)
                sound = False
        for category, form in text.items():
            if category not in self.rule.categories:
                hint = f"numbers of this language take {', '.join(self.rule.categories)}"
                self._tell(
                    (name, key, category),
                    f"{name}.{key} has a form {category!r} that no number takes",
                    hint,
                    on_key=True,
                )
            elif isinstance(form, str):
                sound = self._fits((name, key, category), form, english) and sound
        if sound:
            self.words.append((name, key, Forms({c: text[c] for c in self.rule.categories}, self.rule)))

    def _fits(self, at: Path, text: str, english: str) -> bool:
        """Whether a text has no placeholders and no markup other than those of the English text."""
        name, places = f"{at[0]}.{at[1]}", set(PLACE.findall(english))
        for place in PLACE.findall(text):
            if place not in places:
                hint = listed((f"{{{place}}}" for place in sorted(places)), "places are") if places else "leave it out"
                self._tell(at, f"English has no place {{{place}}} in {name}", hint)
                return False
        if _BRACE.search(PLACE.sub("", text)):
            self._tell(at, "braces stand for nothing but a place", "write a place as {name}, and no other braces")
            return False
        if name.endswith(MARKUP) and sorted(_TAG.findall(text)) != sorted(_TAG.findall(english)):
            hint = f"write the tags of English as they are: {' '.join(_TAG.findall(english)) or 'none'}"
            self._tell(at, f"{name} has other markup than English", hint)
            return False
        return True

    def _tell(self, at: Path, message: str, hint: str, on_key: bool = False) -> None:
        self.problems.append(self._problem(at, message, hint, on_key))

    def _problem(self, at: Path, message: str, hint: str, on_key: bool) -> Problem:
        problem = Problem(
            code="words", severity=WARNING, file=self._file, at=at, message=message, hint=hint, on_key=on_key
        )
        line, column = yaml.located(problem, self._places)
        return Problem(
            code="words", severity=WARNING, file=self._file, message=message, hint=hint, line=line, column=column
        )


def _english(base: Mapping[str, Mapping[str, Word]]) -> Plural:
    return next(word.rule for group in base.values() for word in group.values() if isinstance(word, Forms))


def _shown(word: Word) -> str:
    return repr(word if isinstance(word, str) else word.texts["other"])
