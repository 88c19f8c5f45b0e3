"""Every id that a record contains, and where: derived from the record types, as the schema is."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from sitrep.model.records import Kind, Record, Ref, Words
from sitrep.parse import markdown, schema
from sitrep.problems import Path

Found = Iterator[tuple[Path, str, tuple[Kind, ...]]]
"""(path in the data, id as written, kinds it may be of); no kinds: the target of a `[[…]]`."""
Walk = Callable[[Any, Path], Found]


def of(record: Record) -> Found:
    """The ids in a record, including those of `[[…]]` in its prose fields."""
    walk = _walker(type(record), True)
    return walk(record, ()) if walk else iter(())


def linked(record: Record) -> Iterator[str]:
    """The targets of the `[[…]]` in a record's prose fields."""
    walk = _walker(type(record), False)
    return (raw for _, raw, _ in walk(record, ())) if walk else iter(())


@cache
def _walker(kind: Any, ids: bool) -> Walk | None:
    origin = get_origin(kind)
    if kind == Words:
        return _prose
    if origin is Annotated:
        inner, *marks = get_args(kind)
        ref = next((mark for mark in marks if isinstance(mark, Ref)), None)
        return (_ref(ref) if ids else None) if ref else (_prose if _is_words(marks) else _walker(inner, ids))
    if origin in (Union, types.UnionType):
        return next((w for inner in get_args(kind) if (w := _walker(inner, ids))), None)
    if origin is tuple:
        walk = _walker(get_args(kind)[0], ids)
        return _each(walk) if walk else None
    if origin is dict:
        walk = _walker(get_args(kind)[1], ids)
        return _values(walk) if walk else None
    if isinstance(kind, type) and issubclass(kind, Record):
        return _fields(kind, ids)
    return None


def _is_words(marks: list[Any]) -> bool:
    return any(mark in get_args(Words)[1:] for mark in marks)


def _prose(value: str, at: Path) -> Found:
    if "[[" in value:
        for target in markdown.references(value):
            yield at, target, ()


def _ref(ref: Ref) -> Walk:
    def walk(value: str | None, at: Path) -> Found:
        if value is not None:
            yield at, value, ref.kinds

    return walk


def _each(inner: Walk) -> Walk:
    def walk(value: tuple[Any, ...], at: Path) -> Found:
        for n, item in enumerate(value):
            yield from inner(item, (*at, n))

    return walk


def _values(inner: Walk) -> Walk:
    def walk(value: dict[str, Any], at: Path) -> Found:
        for key, item in value.items():
            yield from inner(item, (*at, key))

    return walk


def _fields(cls: type[Record], ids: bool) -> Walk | None:
    walks = [(f.name, key, w) for key, f in schema.fields(cls).items() if (w := _walker(f.type, ids))]
    if not walks:
        return None

    def walk(record: Any, at: Path) -> Found:
        if record is not None:
            for name, key, inner in walks:
                yield from inner(getattr(record, name), (*at, key))

    return walk
