"""Targeted edits of YAML text: everything else stays byte for byte, including comments and quoting.

A `Draft` records both how the text changes and what the data should be after each edit. `finish` reads the edited text
again, as a build would, and refuses it if its data differ.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import yaml

from sitrep.parse import yaml as yaml_reader
from sitrep.parse.text import BOM
from sitrep.problems import Path

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_REMOVED: Any = object()
_PREFIXED = re.compile(r"[a-z]+:[\w.-]*\w")
"""Values that need no quotes although they contain a colon: `actor:x`."""


class CannotEdit(Exception):
    """The text cannot be edited so that it has the intended data. Nothing was changed."""


class Edit(NamedTuple):
    """Replace `text[start:end]` by `new`."""

    start: int
    end: int
    new: str


class YamlNode(NamedTuple):
    """A value in the text. `style`: a scalar's quote or block sign, `[` or `{` in flow style, `-` or `:` in block."""

    start: int
    end: int
    style: str
    key: int
    """Where its key begins, in a mapping; otherwise `start`."""


def nodes(text: str) -> dict[Path, YamlNode]:
    """The position of each value of a valid document. A block collection ends with its last value."""
    places: dict[Path, YamlNode] = {}
    stack: list[tuple[Path, bool, list[Any]]] = []  # path, is mapping, [next index or pending key, its start]
    last = 0

    def step(start: int) -> tuple[Path, int]:
        if not stack:
            return (), start
        path, mapping, state = stack[-1]
        here = (*path, state[0])
        key = state[1] if mapping else start
        state[0] = None if mapping else state[0] + 1
        return here, key

    events: Any = yaml.parse(text, Loader=_LOADER)
    for event in events:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            if stack and stack[-1][1] and stack[-1][2][0] is None:
                bare = event.implicit[0] and event.value in ("~", "null")
                stack[-1][2][:] = ["" if bare else event.value, start]
                continue
            path, key = step(start)
            places.setdefault(path, YamlNode(start, end, event.style or "", key))
            last = end
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            path, key = step(start)
            mapping = isinstance(event, yaml.MappingStartEvent)
            style = ("{" if mapping else "[") if event.flow_style else (":" if mapping else "-")
            places.setdefault(path, YamlNode(start, end, style, key))
            stack.append((path, mapping, [None if mapping else 0, start]))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            path = stack.pop()[0]
            last = end if places[path].style in ("[", "{") else last
            places[path] = places[path]._replace(end=last)
    return places


def scalar(text: str) -> str:
    """A YAML value that reads back as exactly this text, on one line."""
    plain = text and text[0].isalnum() and all(c.isalnum() or c in " -_./" for c in text) and text == text.strip()
    if plain and text not in ("null", "true", "false"):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(c: str) -> str:
    return f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}"


def quoted(text: str) -> str:
    """A YAML value in double quotes that reads back as exactly this text."""
    value = scalar(text)
    return value if value.startswith('"') else f'"{value}"'


class Draft:
    """A YAML file being edited. Paths lead into its data as written; `place` converts those of a record."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data, problems = yaml_reader.load(text, "")
        if problems:
            raise CannotEdit(problems[0].message)
        self.nodes = nodes(text)
        self._edits: list[Edit] = []
        self._keys: list[tuple[int, Edit]] = []
        self._set: dict[Path, Any] = {}

    # -- queries ------------------------------------------------------------------------------------------------------

    def place(self, at: Path) -> Path:
        """Where a record's value is written: a list may be written as its only item, a mapping as its shorthand."""
        here: Path = ()
        value: Any = self.data
        for step in at:
            if isinstance(step, int) and not isinstance(value, list):
                continue
            if isinstance(step, str) and not isinstance(value, dict):
                break
            try:
                value = value[step]
            except (KeyError, IndexError):
                raise CannotEdit(f"there is no {step} here") from None
            here = (*here, step)
        return here

    def value(self, at: Path) -> Any:
        """The original data at a path; None if there is none."""
        value: Any = self.data
        for step in at:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def has_comment(self, at: Path) -> bool:
        """Whether a comment follows a value on its last line."""
        end = self._tail(at)
        return "#" in self.text[end : self._line_end(end)]

    @property
    def edits(self) -> list[Edit]:
        """All edits so far. At one position, items of a list come before new keys, and inner keys before outer ones."""
        return [*self._edits, *(edit for _, edit in sorted(self._keys, key=lambda key: -key[0]))]

    def finish(self) -> str:
        """The edited text. Raises CannotEdit unless it has exactly the intended data."""
        text = apply_edits(self.text, self.edits)
        if not self._has_intended_data(text):
            raise CannotEdit("the file is written in a way that cannot be edited safely")
        return text

    # -- editing ------------------------------------------------------------------------------------------------------

    def set_scalar(self, at: Path, value: str) -> None:
        """Replace a scalar, and keep its style of quoting if possible."""
        if self.value(at) == value:
            return
        node = self.nodes[at]
        self._set[at] = value
        if node.style in ("|", ">") and (edit := self._replace_block(at, value)):
            self._edits.append(edit)
            return
        new = value if node.style == "" and _PREFIXED.fullmatch(value) else scalar(value)
        if node.style == '"':
            new = quoted(value)
        elif node.style == "'" and value.isprintable():
            new = "'" + value.replace("'", "''") + "'"
        lead = " " if node.start == node.end and self.text[node.start - 1 : node.start] in (":", "-", ",") else ""
        self._edits.append(Edit(node.start, node.end, lead + new))

    def edit_words(self, at: Path, value: str, change: Callable[[str], str]) -> None:
        """Change words of a scalar: apply `change` to its source if that gives `value`, or else replace the whole."""
        node = self.nodes[at]
        edit = Edit(node.start, node.end, change(self.text[node.start : node.end]))
        self._set[at] = value
        if self._has_intended_data(apply_edits(self.text, [*self.edits, edit])):
            self._edits.append(edit)
        else:
            self._edits.append(Edit(node.start, node.end, quoted(value) + "\n" * (node.style in ("|", ">"))))

    def add_key(self, at: Path, key: str, written: str, value: Any, after: str = "") -> None:
        """Add a key to a mapping, after the key `after` or at the end. `written` is its value in one line of YAML."""
        self._set[*at, key] = value
        if not self.data:
            lead = "\n" if self.text and not self.text.endswith("\n") else ""
            self._keys.append((len(at), Edit(len(self.text), len(self.text), f"{lead}{key}: {written}\n")))
            return
        node = self.nodes[at]
        children = [p for p in self.nodes if len(p) == len(at) + 1 and p[:-1] == at]
        if not children:
            self._keys.append((len(at), Edit(node.start + 1, node.start + 1, f"{key}: {written}")))
            return
        behind = (*at, after) if (*at, after) in children else max(children, key=lambda p: self.nodes[p].start)
        if node.style == "{":
            end = self.nodes[behind].end
            self._keys.append((len(at), Edit(end, end, f", {key}: {written}")))
        else:
            end = self._line_end(self._tail(behind))
            self._keys.append((len(at), Edit(end, end, f"\n{' ' * self._column(node.start)}{key}: {written}")))

    def set_list(self, at: Path, key: str, items: Sequence[str], after: str = "") -> None:
        """Set a key of a mapping to this list of texts. Items that it already has stay as written."""
        mapping = self.value(at)
        now = mapping.get(key) if isinstance(mapping, dict) else None
        if isinstance(mapping, dict) and key in mapping:
            self._set_list((*at, key), now, list(items))
        elif items:
            self.add_key(at, key, _flow_list(items), list(items), after)

    def _set_list(self, path: Path, now: Any, items: list[str]) -> None:
        node = self.nodes[path]
        if not isinstance(now, list):
            if [now] == items:
                return
            raw = self.text[node.start : node.end]
            written = [raw if item == now and node.style in ("'", '"') else scalar(item) for item in items]
            lead = " " if node.start == node.end else ""
            tail = "\n" if node.style in ("|", ">") else ""
            self._edits.append(Edit(node.start, node.end, f"{lead}[{', '.join(written)}]{tail}"))
            self._set[path] = items
            return
        if not all(isinstance(item, str) for item in now) or (not items and now):
            raise CannotEdit("this list cannot be edited")
        gone: set[int] = set()
        for tag, a, b, c, d in SequenceMatcher(None, now, items, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            both = min(b - a, d - c)
            for n in range(both):
                self.set_scalar((*path, a + n), items[c + n])
            gone |= set(range(a + both, b))
            if c + both < d:
                self._insert(path, a + both, items[c + both : d])
        self.remove_items(path, gone)
        for n in range(len(now)):
            self._set.pop((*path, n), None)
        self._set[path] = items

    def remove_items(self, path: Path, gone: set[int]) -> None:
        """Delete items of a list, with their lines. Raises CannotEdit if that would delete a comment."""
        if not gone:
            return
        length = len(self.value(path))
        if len(gone) >= length:
            raise CannotEdit("this list would be empty")
        if self.nodes[path].style == "-":
            cuts = [self._item_lines((*path, n)) for n in sorted(gone)]
        else:
            cuts = []
            for first, last in _runs(sorted(gone)):
                begin, end = self.nodes[*path, first], self.nodes[*path, last]
                if last + 1 < length:
                    cuts.append((begin.start, self.nodes[*path, last + 1].start))
                else:
                    cuts.append((self.nodes[*path, first - 1].end, end.end))
        for start, stop in cuts:
            if re.search(r"(^|\s)#", self.text[start:stop]):
                raise CannotEdit("a comment would be deleted too")
        self._set |= {(*path, n): _REMOVED for n in gone}
        self._edits += [Edit(start, stop, "") for start, stop in cuts]

    def wrap_quote(self, at: Path, keys: dict[str, str], exact: str | None = None) -> None:
        """Turn a bare quote into a mapping `{exact: …, …}` with these further keys; `exact` replaces its words."""
        node = self.nodes[at]
        raw = self.text[node.start : node.end]
        value = self.value(at) if exact is None else exact
        more = {key: _flow_scalar(text) for key, text in keys.items()}
        self._set[at] = {"exact": value, **keys}
        block = node.style in ("|", ">")
        if block and exact is None:
            self._edits.append(self._as_block_mapping(at, raw, more))
            return
        verbatim = exact is None and (node.style in ("'", '"') or _valid_in_flow(raw))
        parts = ", ".join(
            f"{key}: {text}" for key, text in {"exact": raw if verbatim else quoted(value), **more}.items()
        )
        self._edits.append(Edit(node.start, node.end, f"{{{parts}}}" + "\n" * block))

    def add_comment(self, at: Path, words: str) -> None:
        """Write a comment above the line on which a value begins, or after the value if that is impossible."""
        words = "".join(c if c.isprintable() else " " for c in words)
        start = self.text.rfind("\n", 0, self.nodes[at].key) + 1
        indent = re.match(" *", self.text[start:])
        above = Edit(start, start, f"{indent.group() if indent else ''}# {words}\n")
        end = self._line_end(self.nodes[at].end)
        behind = Edit(end, end, f"  # {words}")
        for edit in (above, behind):
            if self._has_intended_data(apply_edits(self.text, [*self.edits, edit])):
                self._edits.append(edit)
                return
        raise CannotEdit("there is no place for a comment")

    # -- positions in the text ----------------------------------------------------------------------------------------

    def _has_intended_data(self, text: str) -> bool:
        data, problems = yaml_reader.load(text, "")
        return not problems and data == self._intended(self.data, ())

    def _intended(self, value: Any, at: Path) -> Any:
        """The data after all edits."""
        if at in self._set:
            return self._set[at]
        if isinstance(value, list):
            items = [self._intended(item, (*at, n)) for n, item in enumerate(value)]
            return [item for item in items if item is not _REMOVED]
        if isinstance(value, dict) or (value is None and at == ()):
            members = {key: self._intended(item, (*at, key)) for key, item in (value or {}).items()}
            new = {p[-1]: v for p, v in self._set.items() if p[:-1] == at and p and p[-1] not in members}
            return {**members, **new} or value
        return value

    def _column(self, offset: int) -> int:
        return offset - (self.text.rfind("\n", 0, offset) + 1)

    def _line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def _tail(self, at: Path) -> int:
        """Where the text of a value ends, without trailing white space."""
        node = self.nodes[at]
        if node.style in ("-", ":"):
            return self._tail(max((p for p in self.nodes if p[: len(at)] == at and p != at), key=self._position))
        if node.style in ("|", ">"):
            raw = self.text[node.start : node.end]
            if "+" in raw.partition("\n")[0]:
                return node.end - raw.endswith("\n")
            return node.start + len(raw.rstrip(" \n"))
        return node.end

    def _position(self, at: Path) -> tuple[int, int]:
        return self.nodes[at].start, len(at)

    def _item_lines(self, at: Path) -> tuple[int, int]:
        """The lines of an item of a block list, with the preceding line break."""
        begin = self.text.rfind("\n", 0, self.nodes[at].start)
        if not re.fullmatch(r"\s*-\s+", self.text[begin + 1 : self.nodes[at].start]) or begin < 0:
            raise CannotEdit("this list cannot be edited")
        return begin, self._line_end(self._tail(at))

    def _insert(self, path: Path, n: int, items: list[str]) -> None:
        """Insert items into a list before index `n`, or at its end."""
        node = self.nodes[path]
        written = [scalar(item) for item in items]
        before = self.nodes.get((*path, n))
        if node.style == "[":
            if n:
                end = self.nodes[*path, n - 1].end
                self._edits.append(Edit(end, end, "".join(f", {item}" for item in written)))
            elif before:
                self._edits.append(Edit(before.start, before.start, "".join(f"{item}, " for item in written)))
            else:
                self._edits.append(Edit(node.start + 1, node.start + 1, ", ".join(written)))
            return
        indent = " " * self._column(node.start)
        if n:
            end = self._line_end(self._tail((*path, n - 1)))
            self._edits.append(Edit(end, end, "".join(f"\n{indent}- {item}" for item in written)))
        else:
            self._edits.append(Edit(node.start, node.start, "".join(f"- {item}\n{indent}" for item in written)))

    def _replace_block(self, at: Path, value: str) -> Edit | None:
        """Replace the content of a block scalar by one line; keep its header and its closing line breaks."""
        node = self.nodes[at]
        header, _, body = self.text[node.start : node.end].partition("\n")
        indent = re.match(r"(?: *\n)* +(?=\S)", body)
        if re.search(r"\d", header) or not indent or not value.isprintable() or value != value.strip():
            return None
        old = self.value(at)
        self._set[at] = value + old[len(old.rstrip("\n")) :]
        start = node.start + len(header) + 1
        return Edit(start + indent.end(), start + len(body.rstrip(" \n")), value)

    def _as_block_mapping(self, at: Path, raw: str, more: dict[str, str]) -> Edit:
        """Turn a quote in a block scalar into a block mapping, and indent its lines by two more."""
        node = self.nodes[at]
        header, _, body = raw.partition("\n")
        if re.search(r"\d", header.partition("#")[0]):
            raise CannotEdit("a block with explicit indentation cannot be changed")
        content = body.rstrip(" \n") if "+" not in header else body.rstrip("\n")
        rest = body[len(content) :]
        inner = "\n".join(f"  {line}" if line.strip() else line for line in content.split("\n"))
        item = isinstance(at[-1], int)
        column = self._column(node.start) if item else self._column(node.key) + 2
        indent = "\n" + " " * column
        tail = "".join(f"{indent}{key}: {text}" for key, text in more.items())
        start = node.start if item else len(self.text[: node.start].rstrip(" "))
        return Edit(start, node.end, f"{'' if item else indent}exact: {header}\n{inner}{tail}{rest}")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits. Edits at one position are applied in the order given."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end > edit.start)):
        if edit.start < at:
            raise CannotEdit("two edits overlap")
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


def apply_to_bytes(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes of a file after edits of its decoded text (see `parse.text.decode`). Line ends stay."""
    bom = BOM if data.startswith(BOM) else b""
    raw = data[len(bom) :].decode("utf-8")
    if "\r" not in raw:
        return bom + apply_edits(raw, edits).encode()
    pairs = [m.start() - n for n, m in enumerate(re.finditer("\r\n", raw))]
    newline = "\r\n" if pairs else "\r"

    def in_bytes(offset: int) -> int:
        return offset + bisect_left(pairs, offset)

    shifted = [Edit(in_bytes(e.start), in_bytes(e.end), e.new.replace("\n", newline)) for e in edits]
    return bom + apply_edits(raw, shifted).encode()


def _flow_list(items: Iterable[str]) -> str:
    return f"[{', '.join(scalar(item) for item in items)}]"


def _flow_scalar(text: str) -> str:
    return text if text.isascii() and text.isdigit() else quoted(text)


def _valid_in_flow(raw: str) -> bool:
    """Whether a plain scalar of a block is also valid in flow style."""
    return not re.search(r"[,\[\]{}\n]|:\s|\s#|[?:]$", raw)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs
