"""A project on disk: the paths of its parts, and the content files in it."""

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
"""The prose of the site's About page."""
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
        """Folders searched for templates and their assets, the project's own first."""
        own = self.root / "templates"
        return [*([own] if own.is_dir() and own.resolve() != theme().resolve() else []), theme()]


class Stamp(NamedTuple):
    """The metadata of a file. As long as it is the same, the bytes are taken to be the same."""

    size: int
    mtime: int
    ctime: int
    inode: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Stamp:
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


RACY = 2_000_000_000
"""Nanoseconds within which a file may change without changing its stamp: so recent a file is read again."""
_stamp_of = Stamp.of
ABSENT = Stamp(0, 0, 0, 0)
"""The stamp of a missing file: a link to nothing."""


class SourceFiles(NamedTuple):
    """The files of one entry: `KIND/ID.yaml`, `KIND/ID.md` or both. Paths are relative to the root, with `/`."""

    kind: Kind
    id: str
    yaml: str
    md: str
    stamps: tuple[Stamp, ...] = ()
    """One for each of `files`."""

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(f for f in (self.yaml, self.md) if f)


class SkippedFile(NamedTuple):
    """A file skipped because of its name: its id cannot be an address, or differs from another only in case."""

    kind: Kind
    file: str
    """Relative to the root, printable."""
    why: str
    path: bytes
    """Relative to the root, in the bytes of the file system."""
    stamp: Stamp


class Scan(NamedTuple):
    """The content files of a project: those to read, and those skipped because of their names."""

    tasks: list[SourceFiles]
    problems: list[Problem]
    skipped: list[SkippedFile]


def theme() -> Path:
    """The folder of the built-in theme: inside an installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "theme"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def open_project(root: Path) -> tuple[Project, list[Problem]]:
    """Read the configuration. Raises Unusable if that is impossible."""
    path = root / CONFIG
    try:
        if path.exists() and not path.is_file():
            raise Unusable(f"{path} is not a file")
        data = path.read_bytes()
    except FileNotFoundError:
        raise Unusable(f"there is no {CONFIG} in {root}: run `sitrep init`, or pass --root DIR") from None
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None
    config, problems = parse(data, CONFIG)
    if config is None:
        raise Unusable(f"{CONFIG} cannot be used", problems)
    return Project(root.resolve(), config), problems


def scan(project: Project) -> Scan:
    """List the files of every entry in content/, by kind and id, and report files that belong to none."""
    result = Scan([], [], [])
    problems = result.problems
    if not project.content.is_dir():
        message = "there is no content/ folder"
        problems.append(Problem(code="no-content", severity=ERROR, file=CONFIG, message=message, hint="create it"))
    for kind in KINDS:
        _scan_kind(project, kind, result)
    problems += _misplaced(project)
    return result


def rescan(project: Project, changed: Iterable[str], former: Scan) -> tuple[Scan, frozenset[tuple[Kind, str]]] | None:
    """Update a scan after changes in these files only (absolute paths), and say which entries they belong to.

    None if more than the contents of known files may have changed.
    """
    numbers: dict[str, int] = {}
    tasks = list(former.tasks)
    keys: set[tuple[Kind, str]] = set()
    for path in changed:
        name = path.removeprefix(f"{project.root}{os.sep}").replace(os.sep, "/")
        if name.startswith("content/assets/") or name == ABOUT:
            continue
        if not numbers:  # faster than one loop over `task.files`: somebody waits for this
            numbers = {task.yaml: n for n, task in enumerate(tasks)} | {task.md: n for n, task in enumerate(tasks)}
        number = numbers.get(name) if name else None
        if number is None:
            return None
        try:
            stat = os.stat(path)
        except OSError:
            return None
        if not S_ISREG(stat.st_mode):
            return None
        task = tasks[number]
        stamps = (Stamp.of(stat) if file == name else old for file, old in zip(task.files, task.stamps, strict=True))
        tasks[number] = task._replace(stamps=tuple(stamps))
        keys.add((task.kind, task.id))
    return former._replace(tasks=tasks), frozenset(keys)


def _scan_kind(project: Project, kind: Kind, result: Scan) -> None:
    folder = project.content / kind
    problems = result.problems
    parts: dict[str, dict[str, tuple[str, Stamp]]] = {}
    for name, stat in _listing(folder, problems, f"content/{kind}"):
        stem, dot, ending = name.rpartition(".")
        if stat and stem in parts and (ending == "yaml" or ending == "md") and S_ISREG(stat.st_mode):
            parts[stem][ending] = (f"content/{kind}/{name}", _stamp_of(stat))  # a shortcut for every second file
            continue
        if name[0] == "." or name[-1] == "~":
            continue
        if ending not in ("yaml", "md") or not dot or not (stat is None or S_ISREG(stat.st_mode)):
            file = f"content/{kind}/{printable_name(name)}"
            hint = (
                f"rename it to {printable_name(stem)}.yaml"
                if ending == "yml"
                else f"only ID.yaml and ID.md are read in {kind}/"
            )
            problems.append(
                Problem(code="stray-file", severity=WARNING, file=file, message="this is not read", hint=hint)
            )
            continue
        if fault := ids.fault(stem):
            file = f"content/{kind}/{printable_name(name)}"
            problems.append(Problem(code="id", severity=ERROR, file=file, message=fault, hint="rename the file"))
            path = os.fsencode(f"content/{kind}/{name}")
            stamp = _stamp_of(stat) if stat else ABSENT
            result.skipped.append(SkippedFile(kind, file, "its id cannot be an address", path, stamp))
            continue
        parts.setdefault(stem, {})[ending] = (f"content/{kind}/{name}", _stamp_of(stat) if stat else ABSENT)
    twins: dict[str, list[str]] = {}
    for stem in parts:
        twins.setdefault(_folded(stem), []).append(stem)
    for stem, files in sorted(parts.items()):
        if len(twins) < len(parts) and len(same := twins[_folded(stem)]) > 1:
            others = " and ".join(repr(other) for other in sorted(same) if other != stem)
            message = f"the {SINGULAR[kind]} {stem!r} differs from {others} only in case, so both claim one address"
            file = next(iter(files.values()))[0]
            problems.append(Problem(code="twin-ids", severity=ERROR, file=file, message=message, hint="rename one"))
            why = f"its id differs from {others} only in case"
            result.skipped.extend(SkippedFile(kind, path, why, path.encode(), stamp) for path, stamp in files.values())
            continue
        data, text = files.get("yaml", _NONE), files.get("md", _NONE)
        result.tasks.append(SourceFiles(kind, stem, data[0], text[0], (*data[1:], *text[1:])))


_NONE = ("",)
"""For an entry without such a file."""


def _folded(stem: str) -> str:
    """A key that is equal for names which some file systems treat as one."""
    return stem.lower() if stem.isascii() else unicodedata.normalize("NFC", stem).casefold()


def _listing(folder: Path, problems: list[Problem], file: str) -> Iterator[tuple[str, os.stat_result | None]]:
    """Names in a folder, sorted, with their metadata; nothing if the folder does not exist.

    Symbolic links are followed; the metadata of a broken one is None.
    """
    try:
        with os.scandir(folder) as entries:
            listing = sorted(entries, key=attrgetter("name"))
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(unreadable(file, error))
        return
    for entry in listing:
        try:
            yield entry.name, entry.stat()
        except OSError:
            yield entry.name, None


def _misplaced(project: Project) -> Iterator[Problem]:
    """Report what is in content/ but is neither a kind's folder, nor assets, nor about.md."""
    problems: list[Problem] = []
    for name, _ in _listing(project.content, problems, "content"):
        if name not in (*KINDS, "assets", "about.md") and not name.startswith("."):
            near = next((kind for kind in KINDS if name.rstrip("s") == SINGULAR[kind]), "")
            hint = f"rename it to {near}/" if near else f"the folders are {', '.join(KINDS)} and assets"
            file = f"content/{printable_name(name)}"
            yield Problem(code="stray-file", severity=WARNING, file=file, message="this is not read", hint=hint)
    yield from problems


def unreadable(file: str, error: OSError) -> Problem:
    """The problem of a file that the system cannot read, in its words, with a remedy."""
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


def printable_name(name: str) -> str:
    """The file name with bytes that are not UTF-8, and unprintable characters, as escapes."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
