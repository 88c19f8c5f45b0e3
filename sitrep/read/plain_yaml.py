"""The plain part of YAML that nearly all sidecars are written in, read line by line.

The event parser makes an object of each event and two of its place: most of the time a sidecar takes. Here a document
is read without them, or not at all: at anything that is not surely the same in all of YAML, `read` gives up and the
events are used. Nothing is ever refused here; problems and their places come from there alone.
`tests/test_plain_yaml.py` holds both to the same data.

Read are: block mappings and lists; keys of ASCII letters, digits, `-` and `_`; values that are plain, or quoted
without escapes, on one line; `[lists]` and `{mappings}` of such on one line; `|-` and `>-` without blank or indented
lines; comments.
"""

from __future__ import annotations

import re
from typing import Any

MAX_DEPTH = 16
_KEY = r"(?!null:)[A-Za-z_][A-Za-z0-9_-]{0,63}"
_LINE = re.compile(
    rf"""^( *)(- +)?(?:({_KEY}):(?: +|$))?(?:("[^"\\\n]*")|([^\W_][^\n:#]*(?<! ))|(.*))$""", re.MULTILINE
)
"""Indent, dash, key, and the value: what is quoted, or without any sign, is told from the rest at once."""
_QUOTED = re.compile(r"""(?:"([^"\\]*)"|'([^']*)') *(?: #.*)?""")
_WORDS = r"[^\W_](?:[\w.;/()+'\u00a1-\uffff-]| +(?=[\w.;/()+\u00a1-\uffff-]))*"
"""What is plain in brackets as well."""
_ITEM = rf"""(?:"([^"\\]*)"|'([^']*)'|({_WORDS}))"""
_BARE_ITEM = rf"""(?:"[^"\\]*"|'[^']*'|{_WORDS})"""
_ITEMS = re.compile(_ITEM)
_PAIRS = re.compile(rf"({_KEY}): +{_ITEM}")
_ONE, _TWO = (re.compile(rf"\{{{', '.join([_PAIRS.pattern] * n)}\}}") for n in (1, 2))
"""The mappings that most quotes are: `{exact: …}` and `{exact: …, occurrence: 2}`."""
_LIST = re.compile(rf"(\[ *{_BARE_ITEM}(?: *, +{_BARE_ITEM})* *\]) *(?: #.*)?")
_MAPPING = re.compile(rf"(\{{ *{_KEY}: +{_BARE_ITEM}(?: *, +{_KEY}: +{_BARE_ITEM})* *\}}) *(?: #.*)?")


class _Other(Exception):
    """The document is not surely plain."""


def read(text: str) -> dict[str, Any] | list[Any] | None:
    """The document's data, all scalars as strings and nothing as None; or None, where the events must say."""
    if not text.replace("\n", "").isprintable():  # tabs, unusual ends of lines, what YAML forbids
        return None
    try:
        return _read(text)
    except _Other:
        return None


def _read(text: str) -> dict[str, Any] | list[Any] | None:
    root: dict[str, Any] | list[Any] | None = None
    stack: list[tuple[int, Any]] = []  # each open mapping or list, and the column it stands in
    waiting = ""  # the key of the innermost mapping that has had no value yet
    lines: list[str] = []  # where a block needs them
    go_on = 0  # the line after a block
    for at, (before, dash, key, quoted, plain, rest) in enumerate(_LINE.findall(text)):
        if at < go_on or not (dash or key or quoted or plain or (rest and rest[0] != "#")):
            continue
        column = len(before)
        if not stack:
            root = [] if dash else {}
            stack.append((column, root))
        elif waiting and (column > stack[-1][0] or (dash and column == stack[-1][0])):
            inner: Any = [] if dash else {}
            stack[-1][1][waiting] = inner
            stack.append((column, inner))
        else:
            while column < stack[-1][0]:
                stack.pop()
                if not stack:
                    raise _Other
            if not dash and type(stack[-1][1]) is list:  # a list may stand in the column of its key
                stack.pop()
            if not stack or stack[-1][0] != column:
                raise _Other
        container = stack[-1][1]
        if dash:
            if type(container) is not list:
                raise _Other
            if key:
                container.append(container := {})
                column += len(dash)
                stack.append((column, container))
        elif not key or type(container) is not dict:
            raise _Other
        if len(stack) > MAX_DEPTH or (key and key in container):
            raise _Other
        waiting = ""
        value: Any
        if plain:
            value = None if plain == "null" else plain
        elif quoted:
            value = quoted[1:-1]
        elif not rest or rest[0] == "#":
            if not key:
                raise _Other
            value, waiting = None, key
        elif rest[0] == "|" or rest[0] == ">":
            lines = lines or text.split("\n")
            value, go_on = _block(rest, lines, at + 1, column)
        else:
            value = _value(rest)
        if key:
            container[key] = value
        else:
            container.append(value)
    return root


def _value(rest: str) -> Any:
    first = rest[0]
    if first == '"' or first == "'":
        match = _QUOTED.fullmatch(rest)
        if not match:
            raise _Other
        return match[1] if first == '"' else match[2]
    if first == "{":
        if match := _ONE.fullmatch(rest):
            return {match[1]: _item(match[2], match[3], match[4])}
        if (match := _TWO.fullmatch(rest)) and match[1] != match[5]:
            return {match[1]: _item(match[2], match[3], match[4]), match[5]: _item(match[6], match[7], match[8])}
        match = _MAPPING.fullmatch(rest)
        if not match:
            raise _Other
        pairs = _PAIRS.findall(match[1])
        found = {key: _item(*item) for key, *item in pairs}
        if len(found) < len(pairs):
            raise _Other
        return found
    if first == "[":
        match = _LIST.fullmatch(rest)
        if not match:
            raise _Other
        return [_item(*item) for item in _ITEMS.findall(match[1])]
    if not (first.isalnum() or first in "(/_" or first > "\xa0"):
        raise _Other
    comment = rest.find(" #")
    words = (rest[:comment] if comment >= 0 else rest).rstrip(" ")
    if ": " in words or words[-1] == ":":
        raise _Other
    return None if words == "null" else words


def _item(double: str | None, single: str | None, plain: str | None) -> str | None:
    return (None if plain == "null" else plain) if plain else double or single or ""


def _block(header: str, lines: list[str], at: int, outer: int) -> tuple[str, int]:
    """The text of a `|-` or `>-`, and where the lines go on."""
    if header not in ("|-", ">-") or at == len(lines):
        raise _Other
    column = len(lines[at]) - len(lines[at].lstrip(" "))
    found: list[str] = []
    while at < len(lines):
        line = lines[at]
        here = len(line) - len(line.lstrip(" "))
        if line and here <= outer:
            break
        if not line:
            following = next((later for later in lines[at:] if later), "")
            if len(following) - len(following.lstrip(" ")) > outer:
                raise _Other
            break
        if here != column or here == len(line) or line[-1] == " ":
            raise _Other
        found.append(line[column:])
        at += 1
    if not found:
        raise _Other
    return ("\n" if header == "|-" else " ").join(found), at
