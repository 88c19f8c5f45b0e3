"""The only place that changes the output folder. Each file is old or new, whole; what we did not write is not ours.

A manifest in the folder names our files with their digests. It is written before the first file (with all that may
come to be) and after the last, so that an interrupted build leaves nothing behind that the next one does not know.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sitrep.project import Project, Unusable

MANIFEST = ".sitrep-manifest.json"
TEMPORARY = ".sitrep-tmp"


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@contextmanager
def locked(project: Project) -> Iterator[None]:
    """One build of a project at a time. Raises Unusable, naming the other's process; a dead one's lock is no lock."""
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
            raise Unusable(f"another build of this project is running (process {other})") from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _ours(handle: int) -> bool:
    """Whether this process holds the lock now. It goes with the process, and is not its children's."""
    try:
        import fcntl
    except ImportError:  # Windows: one build at a time is up to the user
        return True
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Folder:
    """An output folder and what we own in it."""

    def __init__(self, path: Path, preview: bool) -> None:
        self.path = path
        self.preview = preview
        self.owned: dict[str, str] = self._read()
        self._made: set[str] = set()

    def _read(self) -> dict[str, str]:
        try:
            held = json.loads((self.path / MANIFEST).read_bytes())
            owned = {str(name): str(value) for name, value in held["files"].items()}
            preview = bool(held["preview"])
            if any(name.startswith("/") or ".." in Path(name).parts for name in owned):
                raise ValueError
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise Unusable(f"{self.path / MANIFEST} cannot be read: delete {self.path} and build again") from None
        if preview != self.preview:
            was, now = ("a preview", "a public site") if preview else ("a public site", "a preview")
            raise Unusable(f"{self.path} holds {was}: {now} needs a folder of its own (--output)")
        return owned

    def begin(self, paths: Iterable[str]) -> None:
        """Say what is to be written. Raises Unusable if that would overwrite what is not ours."""
        planned = list(paths)
        for path in planned:
            if path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
                raise Unusable(f"{path!r} cannot be written: it leads out of the output folder")
        foreign = [p for p in planned if p not in self.owned and os.path.lexists(self.path / p)]
        if foreign:
            more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
            raise Unusable(
                f"{self.path / foreign[0]}{more} was not written by sitrep: move it, or choose another --output"
            )
        self.path.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.path / TEMPORARY, ignore_errors=True)
        (self.path / TEMPORARY).mkdir()
        if set(planned) - self.owned.keys():
            self._manifest({**dict.fromkeys(planned, ""), **self.owned})

    def write(self, path: str, data: bytes) -> bool:
        """Write one file unless it holds these bytes already. Returns whether it changed."""
        target = f"{self.path}/{path}"
        try:
            handle = os.open(target, os.O_RDONLY)
        except OSError:
            pass
        else:
            try:
                same = os.fstat(handle).st_size == len(data) and os.read(handle, len(data) + 1) == data
            finally:
                os.close(handle)
            if same:
                return False
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(f"{self.path}/{folder}", exist_ok=True)
            self._made.add(folder)
        temporary = f"{self.path}/{TEMPORARY}/{os.getpid()}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fchmod(handle, 0o644)
        finally:
            os.close(handle)
        os.replace(temporary, target)
        return True

    def finish(self, files: dict[str, str]) -> list[str]:
        """Delete what the manifest owns and this build did not make; write the manifest. Returns what was deleted."""
        stale = sorted(self.owned.keys() - files.keys())
        for path in stale:
            with suppress(FileNotFoundError):
                os.unlink(self.path / path)
        for folder in sorted({str(Path(path).parent) for path in stale}, reverse=True):
            with suppress(OSError):
                if folder != ".":
                    os.removedirs(self.path / folder)
        self.path.mkdir(exist_ok=True)
        self._manifest(files)
        shutil.rmtree(self.path / TEMPORARY, ignore_errors=True)
        return stale

    def _manifest(self, files: dict[str, str]) -> None:
        held = {"sitrep": 1, "preview": self.preview, "files": dict(sorted(files.items()))}
        self.write(MANIFEST, (json.dumps(held, indent=0, ensure_ascii=False) + "\n").encode())


def usable(project: Project, output: Path) -> Path:
    """The output folder as an absolute path. Raises Unusable if it is, holds, or is held by what we read."""
    path = output if output.is_absolute() else project.root / output
    path = Path(os.path.abspath(path))
    real = path.resolve()
    read = {project.content.resolve(), (project.root / "templates").resolve(), (project.root / ".git").resolve()}
    read |= {project.state.resolve(), *(theme.resolve() for theme in project.themes)}
    if real == project.root or any(real == r or real in r.parents or r in real.parents for r in read):
        raise Unusable(f"the output folder {path} is, holds or lies in what sitrep reads: choose another --output")
    if path.exists() and not path.is_dir():
        raise Unusable(f"the output {path} is a file: choose a folder")
    return path
