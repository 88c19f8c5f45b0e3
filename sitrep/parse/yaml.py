"""YAML becomes dicts, lists and strings, from the parser's event stream.

PyYAML's composer is not used: it recurses (and crashes on deep nesting), resolves `NO` to false, and accepts duplicate
keys silently. Every scalar stays a string until the schema types it; an empty plain scalar is `None`. Anchors, aliases,
merge keys, tags and second documents are refused; depth is limited.

"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
import yaml

from sitrep.parse.text import position
from sitrep.problems import ERROR, Path, Problem

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # a PyYAML built without libyaml: the same events, slower

    class _Parser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):  # type: ignore[no-redef]
        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


MAX_DEPTH = 24
_KEY = 'write key: value, and the key in "quotes" where it holds [ ] { or }'
Data = dict[str, Any] | list[Any] | str | None
Places = dict[Path, tuple[tuple[int, int], tuple[int, int]]]
"""Path in the data → (line, column) of its key and of its value, from 1."""


class _Refused(Exception):
    def __init__(self, mark: Any, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.code, self.message, self.hint = code, message, hint


def load(text: str, file: str) -> tuple[Data, list[Problem]]:
    """The document as plain data. A file that breaks a rule of YAML, or of sitrep, gives `None` and its problems."""
    problems: list[Problem] = []
    try:
        return _build(text, file, problems, None), problems
    except _Refused as error:
        problems.append(_problem(file, *_at(text, error.mark), error.code, error.message, error.hint))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark and "nesting depth" in (error.problem or ""):  # libyaml's own limit, reached in its look-ahead
            return load(text[: mark.index - 1], file)
        line, column = _at(text, mark) if mark else (1, 1)
        message, hint = _explain(text, line, column, error.problem or "", error.context or "")
        problems.append(_problem(file, line, column, "yaml", message, hint))
    except UnicodeEncodeError as error:  # a lone surrogate, which no decoded file contains
        line, column = position(text, error.start)
        message = f"the character U+{ord(text[error.start]):04X} is not allowed in YAML"
        problems.append(_problem(file, line, column, "yaml", message, "delete it"))
    except yaml.reader.ReaderError as error:
        bad = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", text)
        line, column = position(text, bad.start() if bad else int(error.position or 0))
        message = f"the character U+{ord(bad.group()) if bad else 0:04X} is not allowed in YAML"
        problems.append(_problem(file, line, column, "yaml", message, "delete it"))
    return None, problems


class _Enough(Exception):
    """Raised when every path that was searched for has been located."""


class _Sought(dict[Path, tuple[tuple[int, int], tuple[int, int]]]):
    """Positions, reading the document only as far as the given paths require."""

    def __init__(self, paths: Iterable[Path]) -> None:
        super().__init__()
        self._left = set(paths)

    def setdefault(self, path: Path, place: Any = None) -> Any:
        value = super().setdefault(path, place)
        self._left.discard(path)
        if not self._left:
            raise _Enough
        return value


def places(text: str, sought: Iterable[Path] = ()) -> Places:
    """The position of each value of a valid document; of `sought` paths only, reading no further than needed, where
    given."""
    sought_places: Places = _Sought(sought) if sought else {}
    with suppress(_Enough, _Refused, yaml.YAMLError, UnicodeEncodeError):
        _build(text, "", [], sought_places)
    return sought_places


def located(problem: Problem, places: Places) -> tuple[int, int]:
    """Line and column of a problem's path, or of the nearest enclosing path that the file contains."""
    at = problem.at
    while at:
        if at in places:
            key, value = places[at]
            return key if problem.on_key else value
        at = at[:-1]
    return (1, 1)


def with_line(problem: Problem, places: Places) -> Problem:
    """The problem with line and column, where it knew only its path in the data."""
    if problem.line or not problem.at:
        return problem
    line, column = located(problem, places)
    return msgspec.structs.replace(problem, line=line, column=column)


def _build(text: str, file: str, problems: list[Problem], places: Places | None) -> Data:
    """One pass over the events. `found`, where given, collects positions."""
    scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    parser = _Parser(text)
    get = parser.get_event
    stack: list[tuple[Any, str | None]] = []
    container: Any = None
    key: str | None = None
    root: Data = None
    documents = 0
    path: list[Any] = []
    keyed: Any = None
    while True:
        event: Any = get()
        kind = type(event)
        if kind is scalar:
            if event.anchor is not None or event.tag is not None:
                raise _refusal(event)
            value: Any = event.value
            if value in ("", "~", "null") and event.implicit[0]:
                value = None
        elif kind is mapping or kind is sequence:
            if event.anchor is not None or event.tag is not None:
                raise _refusal(event)
            if type(container) is dict and key is None:
                raise _Refused(event.start_mark, "yaml", "a key must be plain text, not a list or a mapping", _KEY)
            if len(stack) >= MAX_DEPTH:
                raise _Refused(event.start_mark, "too-deep", f"nested more than {MAX_DEPTH} levels deep", "flatten it")
            if places is not None:
                _note(places, text, path, container, key, keyed, event)
            stack.append((container, key))
            container, key = ({} if kind is mapping else []), None
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            value = container
            container, key = stack.pop()
            if places is not None and path:
                path.pop()
        elif kind is yaml.AliasEvent:
            hint = "write the value out"
            raise _Refused(event.start_mark, "yaml-alias", f"the alias *{event.anchor} is not allowed", hint)
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                message = "a second document begins here (---)"
                raise _Refused(event.start_mark, "yaml", message, "one file holds one document")
            continue
        elif kind is yaml.StreamEndEvent:
            return root
        else:
            continue
        if container is None:
            root = value
        elif type(container) is list:
            if places is not None and kind is scalar:
                _note(places, text, path, container, key, keyed, event)
            container.append(value)
        elif key is None:
            key = value if value is not None else ""
            mark = event.start_mark
            keyed = mark
            if key == "<<" and event.implicit[0]:
                raise _Refused(mark, "yaml-alias", "the merge key << is not allowed", "write the values out")
            if key in container:
                message = f"the key {key!r} stands twice in this mapping"
                problems.append(
                    _problem(file, *_at(text, mark), "duplicate-key", message, "delete or rename one of them")
                )
        else:
            if places is not None and kind is scalar:
                _note(places, text, path, container, key, keyed, event)
            container.setdefault(key, value)
            key = None


def _note(places: Places, text: str, path: list[Any], container: Any, key: str | None, keyed: Any, event: Any) -> None:
    """Record where a value begins; a container's step stays on the path until the container ends."""
    here = _at(text, event.start_mark)
    step: Any = () if container is None else (len(container) if type(container) is list else key)
    full = (*(s for s in path if s != ()), *(() if step == () else (step,)))
    places.setdefault(full, (_at(text, keyed) if type(container) is dict else here, here))
    if type(event) is not yaml.ScalarEvent:
        path.append(step)


def _at(text: str, mark: Any) -> tuple[int, int]:
    """Line and column, from 1, as editors count them: libyaml treats more characters as line ends than editors do."""
    if "\x85" in text or "\u2028" in text or "\u2029" in text:
        return position(text, mark.index)
    return mark.line + 1, mark.column + 1


def _refusal(event: Any) -> _Refused:
    if event.tag is not None:
        return _Refused(event.start_mark, "yaml-tag", f"the tag {event.tag} is not allowed", "values are typed for you")
    return _Refused(event.start_mark, "yaml-alias", f"the anchor &{event.anchor} is not allowed", "write values out")


def _explain(text: str, line: int, column: int, problem: str, context: str) -> tuple[str, str]:
    """libyaml's messages for the commonest mistakes, in an analyst's words."""
    lines = text.splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    at = here[column - 1 : column]
    if at == "\t" or here.startswith("\t"):
        return "a tab stands where YAML wants spaces", "indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a second “: ” in one plain value, or a wrong indent", 'put the value in "quotes", or use a block (|)'
    if at in ("@", "`", "%"):
        return f"a plain value cannot begin with {at}", 'put the value in "quotes"'
    if "quoted scalar" in context and "end of stream" in problem:
        return "a quoted value is never closed", "add the closing quote"
    if "flow sequence" in context or "flow mapping" in context:
        return "a [list] or {mapping} is not closed, or lacks a comma", "close it, or quote what holds [ ] { } ,"
    if "expected key" in problem or "block mapping" in context:
        hint = 'put the whole value in "quotes" if it begins with a quote or a bracket'
        return "this line does not fit the mapping it stands in", hint
    if "block end" in problem or "block collection" in context:
        return "this line is indented unlike the list it stands in", "line the dashes up"
    return f"not valid YAML: {problem or context}", 'look at its indent, and put in "quotes" what is no plain words'


def _problem(file: str, line: int, column: int, code: str, message: str, hint: str) -> Problem:
    return Problem(code=code, severity=ERROR, file=file, line=line, column=column, message=message, hint=hint)
