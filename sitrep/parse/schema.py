"""Plain data becomes records, typed by the records' own annotations; all problems are reported, not only the first.

`reader(Article)` is compiled once from the class: a closure for each field. A value that cannot be typed leaves the
field at its default and reports a problem at its path; the caller decides what happens to the file.

"""

from __future__ import annotations

import re
import textwrap
import types
from collections.abc import Callable, Iterable
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from sitrep.model import dates, ids
from sitrep.model.records import SINGULAR, Date, Link, Quantity, Quote, Record, Ref, Slug
from sitrep.problems import ERROR, Path, Problem

LISTED = 300
"""Longest hint, in characters, that lists the allowed values."""
INVALID: Any = object()
Read = Callable[[Any, Path, "Sink"], Any]

SYNONYMS = {"TLP:WHITE": "TLP:CLEAR", "organisation": "organization"}
"""Spellings accepted for the value on the right: TLP 1's name for CLEAR, British spelling."""
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_AMOUNT = r"(\d{1,15}(?:\.\d{1,6})?)"
_QUANTITY = re.compile(rf"([<>~]?){_AMOUNT}(?:\.\.{_AMOUNT})?", re.ASCII)
_FORMS: dict[str, Any] = {"": "exact", ">": "at least", "<": "at most", "~": "about"}


class Sink:
    """Collects the problems of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.kept: dict[Path, list[int]] = {}
        """For a list from which items were left out because they could not be typed: the file's indexes of the rest."""

    def add(self, at: Path, code: str, message: str, hint: str = "", *, on_key: bool = False) -> Any:
        self.problems.append(
            Problem(code=code, severity=ERROR, file=self.file, at=at, message=message, hint=hint, on_key=on_key)
        )
        return INVALID

    def written(self, at: Path) -> Path:
        """The path in the file of what stands at a path of the record."""
        here: Path = ()
        for step in at:
            here = (*here, self.kept[here][step] if isinstance(step, int) and here in self.kept else step)
        return here


def record(cls: type[Record], data: Any, sink: Sink) -> Any:
    """The record of a file's data. Always returns one: fields that could not be typed have their default, and a
    problem."""
    value = reader(cls)({} if data is None else data, (), sink)
    return reader(cls)({}, (), Sink("")) if value is INVALID else value


def nearest(word: str, choices: Iterable[str]) -> str:
    """A hint naming the closest choice, ignoring case, or the empty string."""
    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), choice)
    from difflib import get_close_matches  # imported here, since few words are misspelt

    close = get_close_matches(word[:60].casefold(), folded, n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]}?" if close else ""


def listed(words: Iterable[str], start: str = "one of") -> str:
    """A hint naming all choices, as far as a line has room for them."""
    return f"{start}: {textwrap.shorten(', '.join(words), LISTED, placeholder=' …')}"


@cache
def reader(kind: Any) -> Read:
    """The function that reads a value of this type: `(value, path, sink) → typed value or INVALID`."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *marks = get_args(kind)
        return _constrained(reader(inner), inner, marks)
    if origin in (Union, types.UnionType):
        (inner,) = [arg for arg in get_args(kind) if arg is not type(None)]
        return reader(inner)
    if origin is Literal:
        return _choice(get_args(kind))
    if origin is tuple:
        return _several(reader(get_args(kind)[0]), get_args(kind)[0])
    if origin is dict:
        return _keyed(reader(get_args(kind)[1]))
    if kind is Date:
        return _date
    if kind is Quantity:
        return _quantity
    if isinstance(kind, type) and issubclass(kind, Record):
        return _mapping(kind)
    plain: dict[Any, Read] = {str: _text, bool: _truth, int: _whole, float: _number}
    return plain[kind]


def fields(cls: type[Record]) -> dict[str, msgspec.structs.FieldInfo]:
    """The keys that a file may contain → their fields, in the order of the class."""
    return {f.encode_name: f for f in msgspec.structs.fields(cls) if not _unwritten(f.type)}


def _unwritten(kind: Any) -> bool:
    return get_origin(kind) is Annotated and "unwritten" in get_args(kind)


def _scalar(value: Any, path: Path, sink: Sink, want: str) -> Any:
    if type(value) is str:
        return value
    got = {dict: "a mapping", list: "a list", type(None): "nothing"}[type(value)]
    hint = 'put it in "quotes"' if isinstance(value, (dict, list)) else ""
    return sink.add(path, "type", f"{_name(path)} should be {want}, but is {got}", hint)


def _name(path: Path) -> str:
    if not path:
        return "the file"
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f"‘{key}’" if path[-1] == key else f"item {int(path[-1]) + 1} of ‘{key}’"


def _text(value: Any, path: Path, sink: Sink) -> Any:
    return _scalar(value, path, sink, "text")


def _truth(value: Any, path: Path, sink: Sink) -> Any:
    if value in ("true", "True"):
        return True
    if value in ("false", "False"):
        return False
    message = f"{_name(path)} should be true or false, but is {_shown(value)}"
    return sink.add(path, "type", message, "write true or false")


def _whole(value: Any, path: Path, sink: Sink) -> Any:
    if type(value) is str and _WHOLE.fullmatch(value):
        return int(value)
    message = f"{_name(path)} should be a whole number, but is {_shown(value)}"
    return sink.add(path, "type", message, "write it in digits, such as 2")


def _number(value: Any, path: Path, sink: Sink) -> Any:
    if type(value) is str and _NUMBER.fullmatch(value):
        return float(value)
    message = f"{_name(path)} should be a number, but is {_shown(value)}"
    return sink.add(path, "type", message, "write it in digits, such as 2 or 2.5")


def _shown(value: Any) -> str:
    if type(value) is not str:
        return {dict: "a mapping", list: "a list", type(None): "nothing"}[type(value)]
    return repr(value) if len(value) <= 40 else f"{value[:30]!r}… ({len(value)} characters)"


def _date(value: Any, path: Path, sink: Sink) -> Any:
    text = _scalar(value, path, sink, "a date")
    if text is INVALID:
        return INVALID
    try:
        return dates.parse(text.strip())
    except dates.DateError as error:
        return sink.add(path, "date", str(error), error.hint)


def _quantity(value: Any, path: Path, sink: Sink) -> Any:
    text = _scalar(value, path, sink, "a number")
    if text is INVALID:
        return INVALID
    match = _QUANTITY.fullmatch(text.replace(" ", ""))
    hint = "write 1500, >10000, <500, ~3000 or 10000..12000"
    if not match or (match[3] and match[1]):
        return sink.add(path, "value", f"{_shown(text)} is not a number sitrep can plot", hint)
    low = float(match[2])
    if match[3]:
        high = float(match[3])
        if high < low:
            return sink.add(path, "value", f"the range {text} ends below its start", "swap the two numbers?")
        return Quantity(text=text, form="range", low=low, high=high)
    return Quantity(text=text, form=_FORMS[match[1]], low=low, high=low)


def _choice(choices: tuple[str, ...]) -> Read:
    allowed = {choice: choice for choice in choices}
    allowed.update({word: meant for word, meant in SYNONYMS.items() if meant in choices})
    is_marking = "TLP:CLEAR" in choices

    def read(value: Any, path: Path, sink: Sink) -> Any:
        if type(value) is str and value in allowed:
            return allowed[value]
        text = _scalar(value, path, sink, "one word")
        if text is INVALID:
            return INVALID
        hint = nearest(text, choices) or listed(choices)
        if is_marking:
            return sink.add(path, "marking", f"{_shown(text)} is not a TLP 2.0 marking", hint)
        return sink.add(path, "choice", f"{_shown(text)} is not a known {_name(path)}", hint)

    return read


def _several(read_one: Read, kind: Any) -> Read:
    def read(value: Any, path: Path, sink: Sink) -> Any:
        if type(value) is not list:
            item = read_one(value, path, sink)
            return () if item is INVALID else (item,)
        items = [read_one(item, (*path, n), sink) for n, item in enumerate(value)]
        if any(item is INVALID for item in items):
            sink.kept[path] = [n for n, item in enumerate(items) if item is not INVALID]
            return tuple(items[n] for n in sink.kept[path])
        return tuple(items)

    return read


def _keyed(read_one: Read) -> Read:
    def read(value: Any, path: Path, sink: Sink) -> Any:
        if type(value) is not dict:
            message = f"{_name(path)} should be a mapping (key: value), but is {_shown(value)}"
            return sink.add(path, "type", message, f"write {path[-1] if path else 'it'}: {{key: value}}")
        read_items = {key: read_one(item, (*path, key), sink) for key, item in value.items()}
        return {key: item for key, item in read_items.items() if item is not INVALID}

    return read


def _constrained(read_inner: Read, inner: Any, marks: list[Any]) -> Read:
    """A type with a pattern, with bounds, or that is an id."""
    ref = next((mark for mark in marks if isinstance(mark, Ref)), None)
    meta = next((m for m in marks if isinstance(m, msgspec.Meta) and (m.pattern or m.ge is not None)), None)
    if ref:
        return _id(ref)
    if any(isinstance(mark, Slug) for mark in marks):
        return _id(Ref(()))
    if not meta:
        return read_inner
    pattern = re.compile(meta.pattern) if meta.pattern else None

    def read(value: Any, path: Path, sink: Sink) -> Any:
        typed = read_inner(value, path, sink)
        if typed is INVALID:
            return INVALID
        if pattern and not pattern.search(typed):
            return sink.add(path, "value", f"{_shown(typed)} is not a valid {_name(path)}", meta.description or "")
        if meta.ge is not None and not (meta.ge <= typed <= (meta.le if meta.le is not None else typed)):
            bounds = f"{meta.ge} to {meta.le}" if meta.le is not None else f"at least {meta.ge}"
            return sink.add(path, "value", f"{_name(path)} is {typed}", f"it should be {bounds}")
        return typed

    return read


def _id(ref: Ref) -> Read:
    prefixes = tuple(f"{SINGULAR[kind]}:" for kind in ref.kinds)
    want = " or ".join(SINGULAR[kind] for kind in ref.kinds) or "thing"

    def read(value: Any, path: Path, sink: Sink) -> Any:
        text = _scalar(value, path, sink, f"the id of a {want}")
        if text is INVALID:
            return INVALID
        prefix = next((p for p in prefixes if text.startswith(p)), "") if ":" in text else ""
        fault = ids.fault(text[len(prefix) :])
        if fault:
            return sink.add(path, "id", fault, "ids are letters, digits and hyphens")
        return text if len(prefixes) > 1 else text[len(prefix) :]

    return read


def _link(text: str) -> dict[str, Any]:
    return {"article": text[8:]} if text.startswith("article:") else {"id": text}


_BARE: dict[type, Callable[[str], dict[str, Any]]] = {
    Link: _link,
    Quote: lambda text: {"exact": text},
}


def _mapping(cls: type[Record]) -> Read:
    known = {name: (f.name, reader(f.type), f.required) for name, f in fields(cls).items()}
    needed = {name: f.name for name, f in fields(cls).items() if f.required}
    keys = listed(known, "the keys here are")
    bare = _BARE.get(cls) or ((lambda text: {cls.shorthand: text}) if cls.shorthand else None)

    def read(value: Any, path: Path, sink: Sink) -> Any:
        plain = type(value) is str and bare is not None
        if plain:
            value = bare(value)  # type: ignore[misc]
        if type(value) is not dict:
            message = f"{_name(path)} should be a mapping (key: value), but is {_shown(value)}"
            return sink.add(path, "type", message, keys)
        values: dict[str, Any] = {}
        sound = True
        for key, item in value.items():
            spec = known.get(key)
            if spec is None:
                hint = nearest(key, known) or keys
                sink.add((*path, key), "unknown-key", f"unknown key {_shown(key)}", hint, on_key=True)
                continue
            name, read_item, required = spec
            if read_item is _text and type(item) is str:  # nearly all are: no path is needed for a valid value
                values[name] = item
                continue
            if item is None and not required:
                continue
            typed = read_item(item, path if plain else (*path, key), sink)
            if typed is not INVALID:
                values[name] = typed
            elif required:
                sound = False
        for key, name in needed.items():
            if name not in values and sound:
                sink.add(path, "missing-key", f"‘{key}’ is missing here", f"add {key}: …")
                sound = False
        if not sound:
            return INVALID
        if plain and cls is Quote:
            values["bare"] = True
        return cls(**values)

    return read
