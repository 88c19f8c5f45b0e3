"""JSON Schemas of the content kinds, generated from the record types that also parse them, so that editors
complete keys.

Draft 2020-12. YAML editors type scalars themselves, so a text may arrive as a number or a boolean.

"""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from sitrep.model.records import RECORD, SINGULAR, Date, Kind, Link, Quantity, Quote, Record, Ref
from sitrep.parse import schema

Schema = dict[str, Any]
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}


def of_kind(kind: Kind) -> Schema:
    """The schema of `content/KIND/*.yaml`."""
    return of(RECORD[kind], f"sitrep {SINGULAR[kind]}")


def of(cls: type[Record], title: str) -> Schema:
    """The schema of a file that holds one record."""
    definitions: dict[str, Schema] = {}
    body = _object(cls, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **body,
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def of_data(cls: type[msgspec.Struct]) -> Schema:
    """The schema of the JSON that is published beside a page."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(cls)}


def _object(cls: type[Record], definitions: dict[str, Schema]) -> Schema:
    properties, required = {}, []
    for key, field in schema.fields(cls).items():
        properties[key] = _shape(field.type, definitions)
        if field.required:
            required.append(key)
    doc = (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")
    inherited = cls.__doc__ in {base.__doc__ for base in cls.__mro__[1:]}
    described = {"description": doc} if doc and not inherited else {}
    needed = {"required": required} if required else {}
    return {"type": "object", **described, "properties": properties, **needed, "additionalProperties": False}


def _shape(kind: Any, definitions: dict[str, Schema]) -> Schema:
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *marks = get_args(kind)
        return _annotated(_shape(inner, definitions), marks)
    if origin in (Union, types.UnionType):
        (inner,) = [arg for arg in get_args(kind) if arg is not type(None)]
        return _shape(inner, definitions)
    if origin is Literal:
        values = list(get_args(kind))
        return {"enum": [*values, *(word for word, meant in schema.SYNONYMS.items() if meant in values)]}
    if origin is tuple:
        item = _shape(get_args(kind)[0], definitions)
        return {"anyOf": [item, {"type": "array", "items": item}, {"type": "null"}]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _shape(get_args(kind)[1], definitions)}
    if kind is Date:
        return {"type": ["string", "number"], "description": "EDTF date: 2024-06-18, 2024-06, 2024-06~, 2024-06-18?"}
    if kind is Quantity:
        return {"type": ["string", "number"], "description": "1500, >10000, <500, ~3000 or 10000..12000"}
    if isinstance(kind, type) and issubclass(kind, Record):
        return _named(kind, definitions)
    if kind is str:
        return dict(_SCALAR)
    return {"type": {bool: "boolean", int: "integer", float: "number"}[kind]}


def _named(cls: type[Record], definitions: dict[str, Schema]) -> Schema:
    """A record inside a record: defined once and referenced; a bare value too where the class allows a shorthand."""
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _object(cls, definitions)
    ref: Schema = {"$ref": f"#/$defs/{name}"}
    return {"anyOf": [dict(_SCALAR), ref]} if cls.shorthand or cls in (Link, Quote) else ref


def _annotated(shape: Schema, marks: list[Any]) -> Schema:
    for mark in marks:
        if isinstance(mark, Ref):
            shape = {"type": ["string", "number"], "description": "id of " + _a(mark)}
        elif isinstance(mark, msgspec.Meta):
            if mark.description:
                shape = {**shape, "description": mark.description}
            if mark.pattern:
                shape = {**shape, "type": "string", "pattern": mark.pattern}
            if mark.ge is not None:
                shape = {**shape, "minimum": mark.ge}
            if mark.le is not None:
                shape = {**shape, "maximum": mark.le}
    return shape


def _a(ref: Ref) -> str:
    return " or ".join(f"{'an' if kind[0] in 'ae' else 'a'} {SINGULAR[kind]}" for kind in ref.kinds)
