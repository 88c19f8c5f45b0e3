"""Targeted edits of YAML text: what is not meant to change stays byte for byte, comments and quoting included.

A `Draft` knows what the data should be after each edit as well as how the text changes. `done` reads the edited text
again, as a build would, and refuses it when it means anything else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import yaml

from sitrep.parse import yaml as reading
from sitrep.parse.text import BOM
from sitrep.problems import Path

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_GONE: Any = object()
_PREFIXED = re.compile(r"[a-z]+:[\w.-]*\w")
"""What may stay without quotes: `actor:x`."""


class CannotEdit(Exception):
    """The edit cannot be made in this text so that it reads as meant. Nothing was changed."""


class Edit(NamedTuple):
    """Put `new` in the place of `text[start:end]`."""

    start: int
    end: int
    new: str


class YamlNode(NamedTuple):
    """A value in the text. `style`: a scalar's quote or block sign, `[` or `{` in flow style, `-` or `:` in block."""

    start: int
    end: int
    style: str
    key: int
    """Where its key begins, in a mapping."""


def nodes(text: str) -> dict[Path, YamlNode]:
    """Where each value of a readable document stands. A block collection's end is that of its last value."""
    found: dict[Path, YamlNode] = {}
    stack: list[tuple[Path, bool, list[Any]]] = []  # path, whether a mapping, [next index or pending key, its start]
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
            found.setdefault(path, YamlNode(start, end, event.style or "", key))
            last = end
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            path, key = step(start)
            mapping = isinstance(event, yaml.MappingStartEvent)
            style = ("{" if mapping else "[") if event.flow_style else (":" if mapping else "-")
            found.setdefault(path, YamlNode(start, end, style, key))
            stack.append((path, mapping, [None if mapping else 0, start]))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            path = stack.pop()[0]
            last = end if found[path].style in ("[", "{") else last
            found[path] = found[path]._replace(end=last)
    return found


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
    """A YAML file being edited. Paths are places in its data as written; `place` finds them from a record's."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data, problems = reading.load(text, "")
        if problems:
            raise CannotEdit(problems[0].message)
        self.nodes = nodes(text)
        self._edits: list[Edit] = []
        self._keys: list[tuple[int, Edit]] = []
        self._set: dict[Path, Any] = {}

    # -- asking ---------------------------------------------------------------------------------------------------

    def place(self, at: Path) -> Path:
        """Where a record's value is written: a list may be one value alone, a mapping its shorthand."""
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
        """The data as it was at a place; `None` where there is none."""
        value: Any = self.data
        for step in at:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def remarked(self, at: Path) -> bool:
        """Whether a comment stands behind a value, on its last line."""
        end = self._tail(at)
        return "#" in self.text[end : self._line_end(end)]

    @property
    def edits(self) -> list[Edit]:
        """All edits so far. Where several meet, a list grows before a key follows it, an inner key before an outer."""
        return [*self._edits, *(edit for _, edit in sorted(self._keys, key=lambda key: -key[0]))]

    def done(self) -> str:
        """The edited text. Raises Unfit unless it reads as exactly what was meant."""
        text = spliced(self.text, self.edits)
        if not self._reads(text):
            raise CannotEdit("the file is written in a way that cannot be edited safely")
        return text

    # -- editing --------------------------------------------------------------------------------------------------

    def write(self, at: Path, value: str) -> None:
        """Write a scalar anew, quoted as it was where that can be."""
        if self.value(at) == value:
            return
        node = self.nodes[at]
        self._set[at] = value
        if node.style in ("|", ">") and (edit := self._block(at, value)):
            self._edits.append(edit)
            return
        new = value if node.style == "" and _PREFIXED.fullmatch(value) else scalar(value)
        if node.style == '"':
            new = quoted(value)
        elif node.style == "'" and value.isprintable():
            new = "'" + value.replace("'", "''") + "'"
        lead = " " if node.start == node.end and self.text[node.start - 1 : node.start] in (":", "-", ",") else ""
        self._edits.append(Edit(node.start, node.end, lead + new))

    def reword(self, at: Path, value: str, change: Callable[[str], str]) -> None:
        """Change words within a scalar: `change` is applied to it as written; else the whole is written anew."""
        node = self.nodes[at]
        edit = Edit(node.start, node.end, change(self.text[node.start : node.end]))
        self._set[at] = value
        if self._reads(spliced(self.text, [*self.edits, edit])):
            self._edits.append(edit)
        else:
            self._edits.append(Edit(node.start, node.end, quoted(value) + "\n" * (node.style in ("|", ">"))))

    def put(self, at: Path, key: str, written: str, value: Any, after: str = "") -> None:
        """Add a key to a mapping, behind the value of `after`, else at its end. `written` is its value in one line."""
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

    def relist(self, at: Path, key: str, items: Sequence[str], after: str = "") -> None:
        """Make a key of a mapping hold this list of texts: what it holds already stays as it is written."""
        there = self.value(at)
        now = there.get(key) if isinstance(there, dict) else None
        if isinstance(there, dict) and key in there:
            self._relist((*at, key), now, list(items))
        elif items:
            self.put(at, key, _flow(items), list(items), after)

    def _relist(self, path: Path, now: Any, items: list[str]) -> None:
        node = self.nodes[path]
        if not isinstance(now, list):
            if [now] == items:
                return
            raw = self.text[node.start : node.end]
            kept = [raw if item == now and node.style in ("'", '"') else scalar(item) for item in items]
            lead = " " if node.start == node.end else ""
            tail = "\n" if node.style in ("|", ">") else ""
            self._edits.append(Edit(node.start, node.end, f"{lead}[{', '.join(kept)}]{tail}"))
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
                self.write((*path, a + n), items[c + n])
            gone |= set(range(a + both, b))
            if c + both < d:
                self._insert(path, a + both, items[c + both : d])
        self.drop(path, gone)
        for n in range(len(now)):
            self._set.pop((*path, n), None)
        self._set[path] = items

    def drop(self, path: Path, gone: set[int]) -> None:
        """Take items out of a list, with the lines they stand on. Raises Unfit where a comment would go with them."""
        if not gone:
            return
        length = len(self.value(path))
        if len(gone) >= length:
            raise CannotEdit("nothing would be left of this list")
        if self.nodes[path].style == "-":
            cuts = [self._lines_of((*path, n)) for n in sorted(gone)]
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
                raise CannotEdit("a comment stands with what would be taken out")
        self._set |= {(*path, n): _GONE for n in gone}
        self._edits += [Edit(start, stop, "") for start, stop in cuts]

    def wrap(self, at: Path, keys: dict[str, str], exact: str | None = None) -> None:
        """Make of a bare quote a mapping `{exact: …, …}` with these further keys; `exact` where the words change."""
        node = self.nodes[at]
        raw = self.text[node.start : node.end]
        value = self.value(at) if exact is None else exact
        more = {key: _whole(text) for key, text in keys.items()}
        self._set[at] = {"exact": value, **keys}
        block = node.style in ("|", ">")
        if block and exact is None:
            self._edits.append(self._unfolded(at, raw, more))
            return
        kept = exact is None and (node.style in ("'", '"') or _flowing(raw))
        parts = ", ".join(f"{key}: {text}" for key, text in {"exact": raw if kept else quoted(value), **more}.items())
        self._edits.append(Edit(node.start, node.end, f"{{{parts}}}" + "\n" * block))

    def remark(self, at: Path, words: str) -> None:
        """Write a comment above the line on which a value begins, or, where that cannot be, behind it."""
        words = "".join(c if c.isprintable() else " " for c in words)
        start = self.text.rfind("\n", 0, self.nodes[at].key) + 1
        indent = re.match(" *", self.text[start:])
        above = Edit(start, start, f"{indent.group() if indent else ''}# {words}\n")
        end = self._line_end(self.nodes[at].end)
        behind = Edit(end, end, f"  # {words}")
        for edit in (above, behind):
            if self._reads(spliced(self.text, [*self.edits, edit])):
                self._edits.append(edit)
                return
        raise CannotEdit("there is no place for a comment")

    # -- the text -------------------------------------------------------------------------------------------------

    def _reads(self, text: str) -> bool:
        data, problems = reading.load(text, "")
        return not problems and data == self._meant(self.data, ())

    def _meant(self, value: Any, at: Path) -> Any:
        """The data as it shall be."""
        if at in self._set:
            return self._set[at]
        if isinstance(value, list):
            items = [self._meant(item, (*at, n)) for n, item in enumerate(value)]
            return [item for item in items if item is not _GONE]
        if isinstance(value, dict) or (value is None and at == ()):
            held = {key: self._meant(item, (*at, key)) for key, item in (value or {}).items()}
            new = {p[-1]: v for p, v in self._set.items() if p[:-1] == at and p and p[-1] not in held}
            return {**held, **new} or value
        return value

    def _column(self, offset: int) -> int:
        return offset - (self.text.rfind("\n", 0, offset) + 1)

    def _line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def _tail(self, at: Path) -> int:
        """Where the last words of a value end."""
        node = self.nodes[at]
        if node.style in ("-", ":"):
            return self._tail(max((p for p in self.nodes if p[: len(at)] == at and p != at), key=self._order))
        if node.style in ("|", ">"):
            raw = self.text[node.start : node.end]
            if "+" in raw.partition("\n")[0]:
                return node.end - raw.endswith("\n")
            return node.start + len(raw.rstrip(" \n"))
        return node.end

    def _order(self, at: Path) -> tuple[int, int]:
        return self.nodes[at].start, len(at)

    def _lines_of(self, at: Path) -> tuple[int, int]:
        """A block list's item with its line or lines, the line break before it included."""
        begin = self.text.rfind("\n", 0, self.nodes[at].start)
        if not re.fullmatch(r"\s*-\s+", self.text[begin + 1 : self.nodes[at].start]) or begin < 0:
            raise CannotEdit("this list cannot be edited")
        return begin, self._line_end(self._tail(at))

    def _insert(self, path: Path, n: int, items: list[str]) -> None:
        """Write items into a list before its nth, or at its end."""
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

    def _block(self, at: Path, value: str) -> Edit | None:
        """A block scalar with one line of new content, its header and its closing line breaks kept."""
        node = self.nodes[at]
        header, _, body = self.text[node.start : node.end].partition("\n")
        indent = re.match(r"(?: *\n)* +(?=\S)", body)
        if re.search(r"\d", header) or not indent or not value.isprintable() or value != value.strip():
            return None
        old = self.value(at)
        self._set[at] = value + old[len(old.rstrip("\n")) :]
        start = node.start + len(header) + 1
        return Edit(start + indent.end(), start + len(body.rstrip(" \n")), value)

    def _unfolded(self, at: Path, raw: str, more: dict[str, str]) -> Edit:
        """A quote in a block scalar as a block mapping: its own lines two further in."""
        node = self.nodes[at]
        header, _, body = raw.partition("\n")
        if re.search(r"\d", header.partition("#")[0]):
            raise CannotEdit("a block with an indentation of its own cannot be wrapped")
        content = body.rstrip(" \n") if "+" not in header else body.rstrip("\n")
        rest = body[len(content) :]
        inner = "\n".join(f"  {line}" if line.strip() else line for line in content.split("\n"))
        item = isinstance(at[-1], int)
        column = self._column(node.start) if item else self._column(node.key) + 2
        indent = "\n" + " " * column
        tail = "".join(f"{indent}{key}: {text}" for key, text in more.items())
        start = node.start if item else len(self.text[: node.start].rstrip(" "))
        return Edit(start, node.end, f"{'' if item else indent}exact: {header}\n{inner}{tail}{rest}")


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; those at one place in the order in which they are given."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end > edit.start)):
        if edit.start < at:
            raise CannotEdit("two edits meet in one place")
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


def rewritten(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Edits of a decoded text (see `read.text.decode`) made in the bytes it was decoded from: line ends are kept."""
    bom = BOM if data.startswith(BOM) else b""
    raw = data[len(bom) :].decode("utf-8")
    if "\r" not in raw:
        return bom + spliced(raw, edits).encode()
    pairs = [m.start() - n for n, m in enumerate(re.finditer("\r\n", raw))]
    newline = "\r\n" if pairs else "\r"

    def there(offset: int) -> int:
        return offset + bisect_left(pairs, offset)

    moved = [Edit(there(e.start), there(e.end), e.new.replace("\n", newline)) for e in edits]
    return bom + spliced(raw, moved).encode()


def _flow(items: Iterable[str]) -> str:
    return f"[{', '.join(scalar(item) for item in items)}]"


def _whole(text: str) -> str:
    return text if text.isascii() and text.isdigit() else quoted(text)


def _flowing(raw: str) -> bool:
    """Whether a plain scalar of a block may stand in flow style as it is."""
    return not re.search(r"[,\[\]{}\n]|:\s|\s#|[?:]$", raw)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs
