"""A project on disk: where its parts lie, and which files its content is made of."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from sitrep.model import ids
from sitrep.model.records import KINDS, SINGULAR, Kind
from sitrep.parse.config import Config, parse
from sitrep.problems import ERROR, WARNING, Problem, Unusable

ABOUT = "content/about.md"
"""The site's own words about itself."""
CONFIG = "config.yaml"


class Project(NamedTuple):
    """A folder with a `config.yaml`. Paths are absolute."""

    root: Path
    config: Config

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def state(self) -> Path:
        """The lock and the cache; safe to delete."""
        return self.root / ".sitrep"

    @property
    def themes(self) -> list[Path]:
        """Where templates and their assets are looked for, the project's own first."""
        own = self.root / "templates"
        return [*([own] if own.is_dir() and own.resolve() != theme().resolve() else []), theme()]


class Stamp(NamedTuple):
    """What the file system says of a file: as long as that is the same, so are its bytes."""

    size: int
    mtime: int
    ctime: int
    inode: int

    @classmethod
    def of(cls, there: os.stat_result) -> Stamp:
        return cls(there.st_size, there.st_mtime_ns, there.st_ctime_ns, there.st_ino)


RACY = 2_000_000_000
"""Nanoseconds within which a file may change and keep its stamp: one that was stamped so recently is read again."""
_stamp = Stamp.of
ABSENT = Stamp(0, 0, 0, 0)
"""Of what is not there: a link to nothing."""


class SourceFiles(NamedTuple):
    """One thing to read: `KIND/ID.yaml`, `KIND/ID.md` or both. Paths are relative to the root, with `/`."""

    kind: Kind
    id: str
    yaml: str
    md: str
    stamps: tuple[Stamp, ...] = ()
    """Of its files."""

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(f for f in (self.yaml, self.md) if f)


class SkippedFile(NamedTuple):
    """A file that is not read for its name alone: its id cannot be an address, or is another's but for its case."""

    kind: Kind
    file: str
    """Below the root, as it can be printed."""
    why: str
    path: bytes
    """Below the root, as the system has it."""
    stamp: Stamp


class Scan(NamedTuple):
    """What lies under content/: the things to read, and what cannot be read for its name alone."""

    tasks: list[SourceFiles]
    problems: list[Problem]
    left: list[SkippedFile]


def theme() -> Path:
    """The theme: inside an installed package, beside it in a checkout."""
    inside = Path(__file__).parent / "theme"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def open_project(root: Path) -> tuple[Project, list[Problem]]:
    """Read the configuration. Raises Unusable when it cannot be."""
    path = root / CONFIG
    try:
        if path.exists() and not path.is_file():
            raise Unusable(f"{path} is no file")
        data = path.read_bytes()
    except FileNotFoundError:
        raise Unusable(f"there is no {CONFIG} in {root}: run `sitrep init`, or say --root DIR") from None
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None
    config, problems = parse(data, CONFIG)
    if config is None:
        raise Unusable(f"{CONFIG} cannot be used", problems)
    return Project(root.resolve(), config), problems


def scan(project: Project) -> Scan:
    """Every thing under content/, by kind and id, and what lies there that is none."""
    found = Scan([], [], [])
    problems = found.problems
    if not project.content.is_dir():
        message = "there is no content/ folder"
        problems.append(Problem(code="no-content", severity=ERROR, file=CONFIG, message=message, hint="make it"))
    for kind in KINDS:
        _folder(project, kind, found)
    problems += _misplaced(project)
    return found


def heard_of(project: Project, heard: Iterable[str], former: Scan) -> tuple[Scan, frozenset[tuple[Kind, str]]] | None:
    """The scan after a former one, when nothing but these files (absolute paths) has been written since.

    Also which things they are of. None where more than the content of known files may be otherwise.
    """
    numbers: dict[str, int] = {}
    tasks = list(former.tasks)
    keys: set[tuple[Kind, str]] = set()
    for path in heard:
        name = path.removeprefix(f"{project.root}{os.sep}").replace(os.sep, "/")
        if name.startswith("content/assets/") or name == ABOUT:
            continue
        if not numbers:  # quicker than one table of `task.files`, since this is waited for
            numbers = {task.yaml: n for n, task in enumerate(tasks)} | {task.md: n for n, task in enumerate(tasks)}
        number = numbers.get(name) if name else None
        if number is None:
            return None
        try:
            there = os.stat(path)
        except OSError:
            return None
        if not S_ISREG(there.st_mode):
            return None
        task = tasks[number]
        stamps = (Stamp.of(there) if file == name else was for file, was in zip(task.files, task.stamps, strict=True))
        tasks[number] = task._replace(stamps=tuple(stamps))
        keys.add((task.kind, task.id))
    return former._replace(tasks=tasks), frozenset(keys)


def _folder(project: Project, kind: Kind, found: Scan) -> None:
    folder = project.content / kind
    problems = found.problems
    parts: dict[str, dict[str, tuple[str, Stamp]]] = {}
    for name, there in _listing(folder, problems, f"content/{kind}"):
        stem, dot, ending = name.rpartition(".")
        if there and stem in parts and (ending == "yaml" or ending == "md") and S_ISREG(there.st_mode):
            parts[stem][ending] = (f"content/{kind}/{name}", _stamp(there))  # nearly every second file
            continue
        if name[0] == "." or name[-1] == "~":
            continue
        if ending not in ("yaml", "md") or not dot or not (there is None or S_ISREG(there.st_mode)):
            file = f"content/{kind}/{shown(name)}"
            hint = (
                f"rename it to {shown(stem)}.yaml" if ending == "yml" else f"only ID.yaml and ID.md are read in {kind}/"
            )
            problems.append(
                Problem(code="stray-file", severity=WARNING, file=file, message="this is not read", hint=hint)
            )
            continue
        if fault := ids.fault(stem):
            file = f"content/{kind}/{shown(name)}"
            problems.append(Problem(code="id", severity=ERROR, file=file, message=fault, hint="rename the file"))
            path = os.fsencode(f"content/{kind}/{name}")
            found.left.append(
                SkippedFile(kind, file, "its id cannot be an address", path, Stamp.of(there) if there else ABSENT)
            )
            continue
        parts.setdefault(stem, {})[ending] = (f"content/{kind}/{name}", _stamp(there) if there else ABSENT)
    twins: dict[str, list[str]] = {}
    for stem in parts:
        twins.setdefault(_folded(stem), []).append(stem)
    for stem, files in sorted(parts.items()):
        if len(twins) < len(parts) and len(alike := twins[_folded(stem)]) > 1:
            others = " and ".join(repr(other) for other in sorted(alike) if other != stem)
            message = f"the {SINGULAR[kind]} {stem!r} differs from {others} in case alone, so both claim one address"
            file = next(iter(files.values()))[0]
            problems.append(Problem(code="twin-ids", severity=ERROR, file=file, message=message, hint="rename one"))
            why = f"its id differs from {others} in case alone"
            found.left.extend(SkippedFile(kind, path, why, path.encode(), stamp) for path, stamp in files.values())
            continue
        data, text = files.get("yaml", _NONE), files.get("md", _NONE)
        found.tasks.append(SourceFiles(kind, stem, data[0], text[0], (*data[1:], *text[1:])))


_NONE = ("",)
"""Of a thing that has no such file."""


def _folded(stem: str) -> str:
    """What is the same for names that some file systems take for one."""
    return stem.lower() if stem.isascii() else unicodedata.normalize("NFC", stem).casefold()


def _listing(folder: Path, problems: list[Problem], file: str) -> Iterator[tuple[str, os.stat_result | None]]:
    """Names in a folder and what they are, sorted; an absent folder is an empty one.

    Symbolic links are followed; one that leads nowhere is None.
    """
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=attrgetter("name"))
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(unreadable(file, error))
        return
    for entry in found:
        try:
            yield entry.name, entry.stat()
        except OSError:
            yield entry.name, None


def _misplaced(project: Project) -> Iterator[Problem]:
    """What lies in content/ and is neither a kind's folder, nor assets, nor about.md."""
    problems: list[Problem] = []
    for name, _ in _listing(project.content, problems, "content"):
        if name not in (*KINDS, "assets", "about.md") and not name.startswith("."):
            near = next((kind for kind in KINDS if name.rstrip("s") == SINGULAR[kind]), "")
            hint = f"rename it to {near}/" if near else f"the folders are {', '.join(KINDS)} and assets"
            file = f"content/{shown(name)}"
            yield Problem(code="stray-file", severity=WARNING, file=file, message="this is not read", hint=hint)
    yield from problems


def unreadable(file: str, error: OSError) -> Problem:
    """What the system refuses to read, in its own words, and what may be done about it."""
    message = f"cannot be read: {error.strerror}"
    hint = _REMEDIES.get(error.errno or 0, "look at the file, and at the disk it is on")
    return Problem(code="unreadable", severity=ERROR, file=file, message=message, hint=hint)


_REMEDIES = {
    errno.ENOENT: "it is a link to nothing: correct or delete it",
    errno.ELOOP: "it is a link that leads in a circle: correct or delete it",
    errno.EACCES: "allow yourself to read it, as with chmod u+r",
    errno.EPERM: "allow yourself to read it, as with chmod u+r",
    errno.ENOTDIR: "it should be a folder: rename or delete the file",
    errno.EISDIR: "it should be a file: rename or delete the folder",
}


def shown(name: str) -> str:
    """A file name that can be printed: bytes that are no UTF-8 are written as escapes."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
