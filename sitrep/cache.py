"""What a build keeps for the next one, in `.sitrep/`: things as read, and results with what they were made of.

Both are only ever used where what they were made from is the same, and both are safe to delete. `things` and
`things-since` belong to the project; `site-…` and its `-since` to one output folder. Neither is believed: what is not
as it was written makes the whole cache be thrown away, and costs a full build.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from sitrep.corpus import INDEXES, WIDTH, Corpus, Key, Marks
from sitrep.digests import digested, short
from sitrep.problems import Problem
from sitrep.project import Project, Stamp, Task
from sitrep.read import items
from sitrep.records import KINDS, Body, Entry, Kind
from sitrep.sections import MAGIC, RACY, Damaged, Head, code, end, head_of, later, of_output, replacing, sections
from sitrep.tables import Shape, Table, Tables
from sitrep.trace import ABSENT, Trace, bucket

FEW = 8
"""Changes that are looked for one by one in a trace, which is quicker than reading it."""


Files = tuple[tuple[str, Stamp, bytes], ...]
"""Path, stamp and digest of each file of a thing."""


class Row(msgspec.Struct, array_like=True, frozen=True):
    """One thing as it was read: from which files, and what came of it."""

    files: Files
    facts: bytes
    """Digests of the two parts of what `items.packed` made of it."""
    body: bytes
    problems: tuple[Problem, ...]
    assets: tuple[str, ...]
    held: str
    """Why it is withheld; empty when it is not."""
    marking: str
    """The marking in force, empty where there is none."""
    places: bytes = b""
    """Where an article's mentions stand (`names.places`)."""
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Where the packed entry lies: in which of the two files, its offset, and the lengths of its two parts."""


class Found(msgspec.Struct, array_like=True, frozen=True):
    """What a unit of checks found, and what it looked at: numbers of a corpus, as an array of unsigned integers."""

    given: bytes
    trace: bytes
    problems: tuple[Problem, ...]


class Made(msgspec.Struct, array_like=True, frozen=True):
    """The files (path, digest) of one output: what decided what they are, and what was looked at for them."""

    given: bytes
    trace: bytes
    files: tuple[tuple[str, str], ...]


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """Something that plans draw on and that costs time, packed, and what was looked at for it."""

    given: bytes
    trace: bytes
    value: bytes


T = TypeVar("T")
R = TypeVar("R", Found, Made, Piece)


class Former(NamedTuple):
    """A corpus of an earlier build: what marks it, and it itself where it is still in memory."""

    marks: Marks
    corpus: Corpus | None = None


class Results(msgspec.Struct):
    """The results of one build into one output folder."""

    checks: dict[str, Found] = {}
    pages: dict[str, Made] = {}
    stamps: dict[str, Stamp] = {}
    """Path on the site → the stamp of the file as it was written."""
    lines: dict[str, tuple[int, int]] = {}
    """Places of problems that were looked up (`build.located`)."""
    pieces: dict[str, Piece] = {}
    why: dict[str, tuple[str, ...]] = {}
    """Outputs that the build made → what had changed, in words."""


_SHAPES = {
    "checks": Shape(str, Found),
    "pages": Shape(str, Made),
    "stamps": Shape(str, Stamp),
    "lines": Shape(str, tuple[int, int]),
    "pieces": Shape(str, Piece),
    "why": Shape(str, tuple[str, ...]),
    "mentioned": Shape(bytes, bytes),
}
"""The tables of results, and of the facts of things without a file."""
EVERYTHING, SHOWN = "everything ", "shown "
"""How the names of tables begin that are marks of a corpus."""


def _shape(table: str) -> Shape:
    _, marks, name = table.partition(" ")
    if not marks:
        return _SHAPES[table]
    if name in _ENTRIES:
        return Shape(str, tuple[bytes, bytes, bytes], ordered=True)
    keys = tuple[str, str] if name in INDEXES and INDEXES[name][1] else str
    return Shape(keys, str if name == "withheld" else bytes, ordered=True)


class Things:
    """Every thing as it was read, by kind and id; with a path, what two files remember of it.

    One holds all things of some build, the other what has changed since, so that an edit costs no more than it is. It
    names the one that it goes with, and counts for nothing beside another.
    """

    def __init__(self, path: Path | None = None, code: bytes = b"") -> None:
        self.path, self.code = path, code
        self.rows: dict[Key, Row] = {}
        self.at = 0
        """When the build began that read them, in nanoseconds."""
        self.changed = False
        self._name = b""
        """The digest of what the first file says it holds."""
        self._blobs: list[mmap.mmap | bytes] = [b"", b""]
        self._since: set[Key] = set()
        """Things that are not as the first file has them."""
        self._new: dict[Key, items.Packed] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path, later(self.path)) if self.path else ()

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which looks into the files itself."""
        return {**vars(self), "_blobs": [bool(blob) for blob in self._blobs]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        files = zip(state["_blobs"], self.paths, strict=True) if self.paths else ()
        self._blobs = [_mapped(path) if there else b"" for there, path in files]

    def recall(self) -> None:
        """Take what the files hold. Raises Damaged; one of other code, or none, holds nothing."""
        if not self.paths or not self.paths[0].exists():
            return
        whole, since = self.paths
        self._blobs[WHOLE] = _mapped(whole)
        first, second = sections(self._blobs[WHOLE])
        code, at = msgspec.msgpack.decode(first, type=tuple[bytes, int])
        if code != self.code:
            return
        self.at, self.rows, self._name = at, _rows(second), short(second)
        if not since.exists():
            return
        self._blobs[SINCE] = _mapped(since)
        first, second = sections(self._blobs[SINCE])
        name, at = msgspec.msgpack.decode(first, type=tuple[bytes, int])
        if name == self._name:
            new = _rows(second)
            self.rows |= new
            self.at, self._since = at, set(new)

    def fresh(self, row: Row, task: Task) -> bool:
        """Whether a thing's files are as they were when it was read, by their stamps."""
        return len(row.files) == len(task.stamps) and all(
            file[0] == path and file[1] == stamp and stamp.ctime < self.at - RACY
            for file, path, stamp in zip(row.files, task.files, task.stamps, strict=True)
        )

    def packed(self, key: Key) -> items.Packed:
        """A thing's entry as bytes. Raises Damaged."""
        new = self._new.get(key)
        if new:
            return new
        row = self.rows[key]
        file, start, facts, body = row.place
        middle = start + facts
        blob = self._blobs[file]
        packed = items.Packed(blob[start:middle], blob[middle : middle + body], row.facts, row.body)
        if short(packed.facts) != row.facts:
            raise Damaged
        return packed

    def entry(self, key: Key) -> Entry:
        """A thing's entry; its body is unpacked, and its digest looked at, when it is asked for. Raises Damaged."""
        packed = self.packed(key)
        digests = (packed.facts_digest, packed.body_digest)
        fetch = partial(items.body_of, packed.body) if key in self._new else _Body(packed)
        return Entry(items.facts_of(packed.facts), fetch=fetch, digests=digests, places=self.rows[key].places)

    def put(self, key: Key, row: Row, packed: items.Packed) -> None:
        self.rows[key] = row
        self._new[key] = packed
        self._since.add(key)
        self.changed = True

    def restamp(self, key: Key, files: Files) -> None:
        """A thing's files have the bytes they had, whatever else the file system says."""
        if self.rows[key].files != files:
            self.rows[key] = msgspec.structs.replace(self.rows[key], files=files)
            self._since.add(key)
            self.changed = True

    def order(self, keys: Sequence[Key]) -> None:
        """Keep these things alone, in this order."""
        self.changed = self.changed or list(self.rows) != keys
        self.rows = {key: self.rows[key] for key in keys}
        for key in self._new.keys() - self.rows.keys():
            del self._new[key]

    def write(self) -> None:
        """Put a file in place of the former one, if it would be another."""
        if not self.changed or not self.paths:
            return
        self._since &= self.rows.keys()
        if self._name and len(self._since) <= max(FEW, len(self.rows) // PART):
            self._put(SINCE, [key for key in self.rows if key in self._since], self._name)
        else:
            self._name = self._put(WHOLE, list(self.rows), self.code)
            self._since.clear()
            self.paths[SINCE].unlink(missing_ok=True)
        self.changed = False
        self._new.clear()

    def _put(self, file: int, keys: list[Key], name: bytes) -> bytes:
        """Write one of the files: these things, where they are not in the other. Returns the digest of their rows."""
        rows = {}
        with replacing(self.paths[file]) as out:
            start = len(MAGIC)
            for key in keys:
                row = self.rows[key]
                if file == WHOLE or row.place[0] == SINCE or key in self._new:
                    packed = self.packed(key)
                    row = msgspec.structs.replace(row, place=(file, start, len(packed.facts), len(packed.body)))
                    out.write(packed.facts)
                    out.write(packed.body)
                    start += len(packed.facts) + len(packed.body)
                rows[key] = row
            listed = _ENCODE([(*key, row) for key, row in rows.items()])
            end(out, start, [_ENCODE((name, self.at)), listed])
        self.rows |= rows
        self._blobs[file] = _mapped(self.paths[file])
        return short(listed)


WHOLE, SINCE = 0, 1
"""The two files of `Things`."""
PART = 16
"""What part of all things may be in the second; with more, the first is written anew."""


def _mapped(path: Path) -> mmap.mmap | bytes:
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""


def _rows(data: bytes) -> dict[Key, Row]:
    return {(kind, id): row for kind, id, row in msgspec.msgpack.decode(data, type=list[tuple[Kind, str, Row]])}


class _Body:
    """Unpacks a body that a file held; its digest is looked at the first time."""

    __slots__ = ("_packed", "_sound")

    def __init__(self, packed: items.Packed) -> None:
        self._packed, self._sound = packed, False

    def __call__(self) -> Body:
        if not self._sound:
            if short(self._packed.body) != self._packed.body_digest:
                raise Damaged
            self._sound = True
        return items.body_of(self._packed.body)


class Cache:
    """What is kept of a project for builds into one output folder. One in memory is quicker than one read."""

    def __init__(self, project: Project, output: Path) -> None:
        self.path = of_output(project, output)
        self.code = code()
        self.things = Things(project.state / "things", digested(self.code, project.config.publish))
        self.results = Results()
        self.at_hand: Any = None
        """What a process that stays has from its last build beside (`build.AtHand`)."""
        self.everything: Former | None = None
        self.shown: Former | None = None
        """None: it is the same as everything."""
        self.mentioned: dict[bytes, bytes] = {}
        """Facts of things without a file, by their digest."""
        self.head: Head | None = None
        self._tables = Tables(self.path, _shape)
        self._recalled: set[str] = set()

    def read_head(self) -> Head | None:
        """What tells whether anything has changed, without reading all the rest. Raises Damaged."""
        if self.head is None and "head" not in self._recalled:
            self._recalled.add("head")
            self.head = head_of(self.path, self.code)
        return self.head

    def read_things(self) -> Things:
        if "things" not in self._recalled:
            self._recalled.add("things")
            self.things.recall()
        return self.things

    def read_results(self) -> Results:
        """The results of the last build, and the corpora they belong to. Raises Damaged."""
        if "results" not in self._recalled:
            self._recalled |= {"head", "results"}
            self.head = head_of(self.path, self.code)
            if self.head is None:
                return self.results
            tables: Any = self._tables.read()
            self.results = Results(**{name: tables[name] for name in Results.__struct_fields__})
            self.mentioned = tables["mentioned"]
            found = {start: _begun(tables, start) for start in (EVERYTHING, SHOWN)}
            self.everything = Former(found[EVERYTHING])
            self.shown = Former(found[SHOWN]) if found[SHOWN] else None
        return self.results

    def forget(self) -> None:
        """Throw all of it away."""
        for path in self.things.paths:
            with contextlib.suppress(OSError):
                os.unlink(path)
        self._tables.forget()
        self.things = Things(self.things.path, self.things.code)
        self.results, self.everything, self.shown, self.head = Results(), None, None, None
        self.at_hand = None
        self.mentioned = {}
        self._recalled = {"head", "things", "results"}

    def write(self) -> None:
        """Keep on disk what this build made. What cannot be written is not kept."""
        assert self.head
        assert self.everything
        tables: dict[str, Table] = {name: getattr(self.results, name) for name in Results.__struct_fields__}
        tables["mentioned"] = self.mentioned
        for start, former in ((EVERYTHING, self.everything), (SHOWN, self.shown)):
            if former:
                tables |= {start + name: held for name, held in former.marks.items()}
        with contextlib.suppress(OSError):
            self.things.write()
            self._tables.write(_ENCODE(self.head), tables)

    def fetch(self, kind: Kind, id: str, facts: bytes) -> Entry:
        """An entry of a corpus that is restored. Raises Damaged where it is not the one that was there."""
        if facts in self.mentioned:
            return Entry(items.facts_of(self.mentioned[facts]), items.EMPTY)
        row = self.things.rows.get((kind, id))
        if row is None or row.facts != facts:
            raise Damaged
        return self.things.entry((kind, id))


# -- corpora of former builds -----------------------------------------------------------------------------------------


class Moved(NamedTuple):
    """What changed between a corpus and a former one, told by the former one's numbers."""

    changed: frozenset[int]
    """Numbers whose meaning is not the same now."""
    renumbered: Sequence[int] | None
    """Former number → number now, of what has not changed; None when the numbers are the same."""
    former: Marks
    signs: tuple[bytes, ...] = ()
    """The changed numbers as they stand in a trace, where they are few."""

    def touches(self, trace: bytes) -> bool:
        """Whether anything has changed that was looked at."""
        if not self.changed or (self.signs and not any(sign in trace for sign in self.signs)):
            return False
        return not self.changed.isdisjoint(array("I", trace))

    def among(self, trace: bytes) -> list[int]:
        """What changed of what was looked at."""
        return [number for number in array("I", trace) if number in self.changed]

    def touching(self, results: Mapping[str, Found] | Mapping[str, Made]) -> set[str]:
        """The names of those results for which something was looked at that has changed."""
        if not self.changed:
            return set()
        if self.signs:
            near = [found for sign in self.signs for found in results.items() if sign in found[1].trace]
            return {name for name, found in near if self.touches(found.trace)}
        return {name for name, found in results.items() if self.touches(found.trace)}

    def words(self, number: int) -> str:
        return worded(self.former, number)


def layout(marks: Marks) -> list[tuple[str, Mapping[Any, Any], int]]:
    """The indexes of a corpus in the order of their numbers, and how many each key has (see `corpus.py`)."""
    return [(name, held, WIDTH if name in _ENTRIES else 1) for name, held in marks.items()]


_ENTRIES = frozenset(f"{kind}/" for kind in KINDS)


def moved(old: Marks, new: Marks) -> Moved:
    """What of a former corpus is not the same in this one."""
    changed: set[int] = set()
    orders = {name: held is new.get(name) or list(held) == list(new.get(name, ())) for name, held in old.items()}
    first = 0
    for name, held, width in layout(old):
        now = new.get(name, {})
        start = first + 1 + ABSENT
        if held is not now:
            if not orders[name]:
                changed.add(first)
                changed.update(first + 1 + bucket(key) for key in held.keys() ^ now.keys())
            for n, (key, mark) in enumerate(held.items()):
                found = now.get(key)
                if found != mark:
                    here = start + n * width
                    parts = [k for k in range(width) if found is None or width == 1 or found[k] != mark[k]]
                    changed.update(here + k for k in parts)
        first = start + len(held) * width
    signs = tuple(array("I", [number]).tobytes() for number in sorted(changed)) if len(changed) <= FEW else ()
    same = list(old) == list(new) and all(orders.values())
    return Moved(frozenset(changed), None if same else _renumbered(old, new), old, signs)


def _renumbered(old: Marks, new: Marks) -> Sequence[int]:
    """Each former number's number now; 0 for what is gone."""
    numbers = array("I")
    starts = {}
    after = 0
    for name, held, width in layout(new):
        starts[name] = after
        after += 1 + ABSENT + len(held) * width
    for name, held, width in layout(old):
        begin = starts.get(name, 0)
        numbers.extend(range(begin, begin + 1 + ABSENT))
        place = {key: n for n, key in enumerate(new.get(name, {}))}
        for key in held:
            at = begin + 1 + ABSENT + place[key] * width if key in place else 0
            numbers.extend(range(at, at + width) if at else [0] * width)
    return numbers


def worded(marks: Marks, number: int) -> str:
    """What a number stands for, in words."""
    first = 0
    for name, held, width in layout(marks):
        end = first + 1 + ABSENT + len(held) * width
        if number < end:
            if number == first:
                return f"which {name.rstrip('/')} there are, or their order"
            if number <= first + ABSENT:
                return f"{name.rstrip('/')} that are not there"
            place, part = divmod(number - first - 1 - ABSENT, width)
            key = next(islice(held, place, None))
            what = key if isinstance(key, str) else "/".join(key)
            if name in _ENTRIES:
                return f"{name}{what}: {_PARTS[part]}"
            return f"{_WORDS.get(name, name)} {what}"
        first = end
    return "?"


_PARTS = ("its data", "its text", "where names stand in its text")
_WORDS = {
    "mentions": "mentions of",
    "asserted": "statements about",
    "spoken": "statements by",
    "relayed": "statements through",
    "inputs": "articles with inputs from",
    "updated": "updates of",
    "published": "articles published by",
    "tied": "ties to",
    "linked": "links to",
    "roles": "roles of",
    "named": "who is named in",
    "tagged": "things on",
    "dates": "the dates of",
    "former": "the old id",
    "looked_for": "names looked for in",
    "standing": "where texts name",
    "withheld": "why it is withheld:",
}


def _begun(tables: Mapping[str, Any], start: str) -> Marks:
    """Those tables whose names begin so, by the rest of their names."""
    return {name.removeprefix(start): table for name, table in tables.items() if name.startswith(start)}


def usable(found: R, given: bytes, how: Moved) -> bool:
    """Whether a former result is what would come of the same computation now."""
    return found.given == given and not how.touches(found.trace)


def carried(found: R, how: Moved) -> R:
    """A former result with the numbers of the corpus now."""
    if how.renumbered is None:
        return found
    numbers = how.renumbered
    trace = array("I", [numbers[n] for n in array("I", found.trace)]).tobytes()
    return msgspec.structs.replace(found, trace=trace)


class Pieces:
    """What plans draw on: taken over from a former build where nothing that it was made of has changed."""

    def __init__(self, former: Mapping[str, Piece], how: Moved | None, trace: Trace) -> None:
        self.held: dict[str, Piece] = {}
        self._former, self._how, self._trace = former, how, trace

    def get(self, name: str, make: Callable[[], T], shape: type[T]) -> T:
        """The piece of this name, which is plain data of this shape."""
        was = self._former.get(name)
        if was and self._how and usable(was, b"", self._how):
            was = self.held[name] = carried(was, self._how)
            self._trace.again(set(array("I", was.trace)))
            return msgspec.msgpack.decode(was.value, type=shape)
        made, seen = self._trace.of(make)
        self.held[name] = Piece(b"", traced(seen), _ENCODE(made))
        return made


def traced(seen: Iterable[int]) -> bytes:
    """The numbers of what was looked at, as they are kept."""
    return array("I", sorted(seen)).tobytes()


_ENCODE = msgspec.msgpack.Encoder().encode
