"""The output folder. Each file in it is an old or a new one, whole; files that we did not write are never touched.

New files are staged in a folder aside until all of them are there; then they are moved into place or, where one leaks,
discarded. A manifest names our files with their digests. It is written before the first move (with all files that may
come) and after the last, so that an interrupted build leaves no file that the next one does not know.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from sitrep.model.hashing import short
from sitrep.problems import Unusable
from sitrep.project import CONFIG, Project, Stamp

MANIFEST = ".sitrep-manifest.json"
TEMPORARY = ".sitrep-tmp"
PREVIEW = "NOT-FOR-RELEASE.txt"
"""A file in every preview."""
SERVED = "serve"
"""The folder in `.sitrep/` for the sites of the preview server."""


class Busy(Unusable):
    """Another build of this project is running; the same command will work in a moment."""


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@contextmanager
def locked(project: Project) -> Iterator[None]:
    """One build of a project at a time. Raises Busy with the number of the other process; a dead one holds no lock."""
    try:
        project.state.mkdir(exist_ok=True)
        ignore = project.state / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        handle = os.open(project.state / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Unusable(f"{error.filename} cannot be written: {error.strerror}") from None
    try:
        if not _ours(handle):
            other = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
            raise Busy(f"another build of this project is running (process {other})") from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _ours(handle: int) -> bool:
    """Whether this process got the lock. It ends with the process and is not inherited."""
    try:
        import fcntl
    except ImportError:  # on Windows, one build at a time is up to the user
        return True
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class _Manifest(msgspec.Struct):
    files: dict[str, str]
    preview: bool
    indexed: str = ""


_MANIFEST = msgspec.json.Decoder(_Manifest)


class OutputFolder:
    """An output folder and the files in it that are ours. `replaced`: where replaced and deleted files are kept."""

    def __init__(self, path: Path, preview: bool, replaced: Path | None = None) -> None:
        self.path = path
        self.preview = preview
        self.replaced = replaced
        self.indexed = ""
        """A digest of what the search index in it was made of."""
        self._stamp: Stamp | None = None
        """Of the manifest as it was read or written."""
        self._lines: dict[str, tuple[str, str]] = {}
        """Path → digest, and its line of the manifest."""
        self.owned: dict[str, str] = self._read()

    def _read(self) -> dict[str, str]:
        self._stamp = self._manifest_stamp()
        try:
            manifest = _MANIFEST.decode((self.path / MANIFEST).read_bytes())
            owned, preview = manifest.files, manifest.preview
            self.indexed = manifest.indexed if manifest.indexed.isalnum() else ""
            if any(name.startswith("/") or (".." in name and ".." in name.split("/")) for name in owned):
                raise ValueError
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise Unusable(f"{self.path / MANIFEST} cannot be read: delete {self.path} and build again") from None
        if preview != self.preview:
            was, now = ("a preview", "a public site") if preview else ("a public site", "a preview")
            raise Unusable(f"{self.path} holds {was}: {now} needs a folder of its own (--output)")
        return owned

    @property
    def current(self) -> bool:
        """Whether nobody else has written its manifest since."""
        return self._stamp is not None and self._stamp == self._manifest_stamp()

    def _manifest_stamp(self) -> Stamp | None:
        try:
            return Stamp.of(os.lstat(self.path / MANIFEST))
        except OSError:
            return None

    def stamps(self, paths: Iterable[str]) -> dict[str, Stamp]:
        """The stamps of those files of ours that exist, plain and readable by all."""
        stamps = {}
        folder = f"{self.path}/"
        for path in paths:
            try:
                there = os.lstat(folder + path)
            except OSError:
                continue
            mode = there.st_mode
            if mode & 0o444 == 0o444 and there.st_nlink == 1 and stat.S_ISREG(mode):
                stamps[path] = Stamp.of(there)
        return stamps

    def matches(self, mark: bytes) -> bool:
        """Whether all our files have the stamps that `mark_of` was given."""
        numbers: array[int] = array("q")
        folder = f"{self.path}/"
        paths = sorted(self.owned)
        for path in paths:
            try:
                there = os.lstat(folder + path)
            except OSError:
                return False
            mode = there.st_mode
            if mode & 0o444 != 0o444 or there.st_nlink != 1 or not stat.S_ISREG(mode):
                return False
            numbers.extend((there.st_size, there.st_mtime_ns, there.st_ctime_ns, there.st_ino))
        return _mark(paths, numbers) == mark

    def prepare(self, paths: Iterable[str]) -> None:
        """Prepare the folder aside. Raises Unusable if one of these files would overwrite one that is not ours."""
        planned = [path for path in paths if path not in self.owned]
        for path in planned:
            if path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
                raise Unusable(f"{path!r} cannot be written: it leads out of the output folder")
        here = f"{self.path}/"
        foreign = [path for path in planned if os.path.lexists(here + path)]
        if foreign:
            more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
            raise Unusable(
                f"{self.path / foreign[0]}{more} was not written by sitrep: move it, or choose another --output"
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _folder(str(self.path))
        shutil.rmtree(self.path / TEMPORARY, ignore_errors=True)
        (self.path / TEMPORARY).mkdir()

    def stage(self, path: str, data: bytes) -> bool:
        """Stage one file, unless it is in place with these bytes already. Returns whether it is new or changed.

        Any process may do this; all else is for the one that called `prepare`.
        """
        if (path in self.owned or path == MANIFEST) and self._holds(path, data):
            return False
        aside = f"{self.path}/{TEMPORARY}/{path}"
        try:
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        except FileNotFoundError:
            _folders(f"{self.path}/{TEMPORARY}", path)
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fchmod(handle, 0o644)
        finally:
            os.close(handle)
        return True

    def _holds(self, path: str, data: bytes) -> bool:
        """Whether a file of ours is in place: plain, readable by all, with these bytes."""
        try:
            handle = os.open(f"{self.path}/{path}", os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return False
        try:
            there = os.fstat(handle)
            plain = there.st_nlink == 1 and there.st_mode & 0o444 == 0o444
            return plain and there.st_size == len(data) and os.read(handle, len(data) + 1) == data
        finally:
            os.close(handle)

    def intact(self, paths: Iterable[str]) -> bool:
        """Whether these files of ours have the bytes that were written."""
        try:
            return all(digest((self.path / path).read_bytes()) == self.owned[path] for path in paths)
        except OSError:
            return False

    def clear(self) -> int:
        """Delete our files and nothing else. Returns how many there were."""
        shutil.rmtree(self.path / TEMPORARY, ignore_errors=True)
        gone = 0
        for path in sorted(self.owned):
            with suppress(FileNotFoundError):
                os.unlink(self.path / path)
                gone += 1
        for folder in sorted({str(Path(path).parent) for path in self.owned}, key=len, reverse=True):
            with suppress(OSError):
                if folder != ".":
                    os.removedirs(self.path / folder)
        (self.path / MANIFEST).unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()  # when nothing else is in it
        return gone

    def discard(self) -> None:
        """Delete the staged files: the folder is as before."""
        shutil.rmtree(self.path / TEMPORARY, ignore_errors=True)
        with suppress(OSError):
            self.path.rmdir()  # where this build has created it

    def commit(self, files: dict[str, str], changed: Iterable[str], indexed: str) -> list[str]:
        """Move staged files into place and delete those of ours that the site no longer has. Returns the deleted ones.

        `changed` are the paths of the staged files.
        """
        if files.keys() - self.owned.keys():
            self._manifest({**dict.fromkeys(files, ""), **self.owned})
        self._place(changed)
        stale = sorted(self.owned.keys() - files.keys())
        for path in stale:
            self._preserve(path)
            with suppress(FileNotFoundError):
                os.unlink(self.path / path)
        for folder in sorted({str(Path(path).parent) for path in stale}, reverse=True):
            with suppress(OSError):
                if folder != ".":
                    os.removedirs(self.path / folder)
        if files != self.owned or indexed != self.indexed:
            self.indexed = indexed
            self._manifest(files)
        self.owned = files
        self._stamp = self._manifest_stamp()
        shutil.rmtree(self.path / TEMPORARY, ignore_errors=True)
        return stale

    def _place(self, paths: Iterable[str]) -> None:
        """Move files into place; a folder that does not exist yet as a whole: a new site takes a few moves."""
        moved: dict[str, bool] = {}
        created: set[str] = set()
        for path in paths:
            top, nested, _ = path.partition("/")
            if nested:
                if top not in moved:
                    moved[top] = self._moved(top)
                if moved[top]:
                    continue
                folder = path.rpartition("/")[0]
                if folder not in created:
                    _folders(str(self.path), path)
                    created.add(folder)
            aside = f"{self.path}/{TEMPORARY}/{path}"
            if os.path.lexists(aside):
                self._preserve(path)
                os.replace(aside, f"{self.path}/{path}")

    def _moved(self, folder: str) -> bool:
        """Move a staged folder into place. Returns whether that was possible."""
        here, aside = f"{self.path}/{folder}", f"{self.path}/{TEMPORARY}/{folder}"
        if os.path.lexists(here) or not os.path.isdir(aside):
            return False
        os.rename(aside, here)
        return True

    def _preserve(self, path: str) -> None:
        """Link a file of ours that is about to go, by its digest, in `replaced`."""
        if not (self.replaced and (digest := self.owned.get(path))):
            return
        here, copy = f"{self.path}/{path}", f"{self.replaced}/{digest}"
        try:
            os.link(here, copy, follow_symlinks=False)
        except (FileExistsError, FileNotFoundError):
            return
        except OSError:  # a file system without links
            with suppress(FileNotFoundError):
                shutil.copyfile(here, copy, follow_symlinks=False)

    def _manifest(self, files: dict[str, str]) -> None:
        if self._lines.keys() != files.keys():
            self._lines = {path: (digest, _line(path, digest)) for path, digest in sorted(files.items())}
        for path, digest in files.items():
            if self._lines[path][0] != digest:
                self._lines[path] = (digest, _line(path, digest))
        lines = ",\n".join([line for _, line in self._lines.values()])
        start = f'{{\n"sitrep": 1,\n"preview": {"true" if self.preview else "false"},\n"files": {{'
        end = f'}},\n"indexed": "{self.indexed}"\n}}\n' if self.indexed else "}\n}\n"
        if self.stage(MANIFEST, f"{start}\n{lines}\n{end}".encode()):
            self._place([MANIFEST])


def mark_of(stamps: Mapping[str, Stamp]) -> bytes:
    """The digest of files and their stamps, which `matches` compares."""
    numbers: array[int] = array("q")
    paths = sorted(stamps)
    for path in paths:
        numbers.extend(stamps[path])
    return _mark(paths, numbers)


def _mark(paths: list[str], numbers: array[int]) -> bytes:
    return short("\0".join(paths).encode("utf-8", "surrogateescape") + numbers.tobytes())


def _line(path: str, digest: str) -> str:
    return f'{_TEXT(path).decode()}: "{digest}"'


_TEXT = msgspec.json.Encoder().encode
"""A path as JSON. The library indents slowly, and a manifest has a line for each file."""


def cleared(project: Project, output: Path) -> int:
    """Delete what builds have written into a folder, and the cache. Returns how many files the site had.

    Raises Unusable while a build is running.
    """
    with locked(project):
        preview = next((kind for kind in (False, True) if _is(output, preview=kind)), None)
        gone = OutputFolder(output, preview).clear() if preview is not None else 0
        for path in project.state.glob("*"):
            if path.name not in ("lock", ".gitignore"):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        return gone


def _is(output: Path, *, preview: bool) -> bool:
    """Whether a folder holds a site of ours of this kind."""
    with suppress(Unusable):
        return (output / MANIFEST).exists() and bool(OutputFolder(output, preview).owned)
    return False


def _folders(root: str, path: str) -> None:
    """Create the folders that a path below a root leads through."""
    for place, sign in enumerate(path):
        if sign == "/":
            _folder(f"{root}/{path[:place]}")


def _folder(path: str) -> None:
    """Create a folder that everyone may read, whatever the umask; an existing one is left alone."""
    with suppress(FileExistsError):
        os.mkdir(path)
        os.chmod(path, 0o755)


def usable(project: Project, output: Path, preview: bool = False) -> Path:
    """The output folder as an absolute path. Raises Unusable if it is, contains or lies in something that we read."""
    path = apart(project, output if output.is_absolute() else project.root / output, preview)
    if path.exists() and not path.is_dir():
        raise Unusable(f"the output {path} is a file: choose a folder")
    return path


def apart(project: Project, output: Path, preview: bool = False) -> Path:
    """A place for output as an absolute path. Raises Unusable if it is, contains or lies in something that we read.

    `site/` is what people publish, so no preview goes there, even while it does not exist.
    """
    path = Path(os.path.abspath(output))
    real = path.resolve()
    read = {project.content.resolve(), (project.root / "templates").resolve(), (project.root / ".git").resolve()}
    read |= {(project.root / CONFIG).resolve(), *(theme.resolve() for theme in project.themes)}
    if (project.state / SERVED).resolve() not in real.parents:
        read.add(project.state.resolve())
    if real == project.root or any(real == r or real in r.parents or r in real.parents for r in read):
        raise Unusable(f"the output {path} is, holds or lies in what sitrep reads: choose another --output")
    site = (project.root / "site").resolve()
    if preview and (real == site or site in real.parents):
        raise Unusable(f"{path} is for the public site: a preview needs a folder of its own (--output)")
    return path
