"""Changes to content files: shown as a diff, or made all together or not at all."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sitrep.problems import Unusable
from sitrep.project import Project
from sitrep.publish.output_folder import locked


class FileChange(NamedTuple):
    """One file: where and what it was, where and what it shall be. Paths are relative to the root; "" is nowhere."""

    path: str
    old: bytes
    to: str
    new: bytes

    @property
    def nothing(self) -> bool:
        return self.path == self.to and self.old == self.new


def diff(changes: Sequence[FileChange]) -> str:
    """The changes as a unified diff that `git apply` and `patch -p1` take."""
    return "".join(line for change in changes if not change.nothing for line in _diff(change))


def _diff(change: FileChange) -> Iterator[str]:
    yield f"diff --git a/{change.path or change.to} b/{change.to or change.path}\n"
    if not change.path:
        yield "new file mode 100644\n"
    elif not change.to:
        yield "deleted file mode 100644\n"
    elif change.path != change.to:
        yield f"rename from {change.path}\nrename to {change.to}\n"
    before, after = (_lines(data.decode("utf-8")) for data in (change.old, change.new))
    was = f"a/{change.path}" if change.path else "/dev/null"
    now = f"b/{change.to}" if change.to else "/dev/null"
    for line in difflib.unified_diff(before, after, was, now):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def commit(project: Project, changes: Sequence[FileChange]) -> None:
    """Make all the changes or none. Raises Unusable, with everything as it was, when one cannot be made."""
    changes = [change for change in changes if not change.nothing]
    with locked(project):
        for change in changes:
            _fits(project.root, change)
        staged: list[tuple[Path, Path, FileChange]] = []
        made: list[tuple[Path, FileChange]] = []
        try:
            for change in changes:
                if change.to:
                    target = _real(project.root / change.to)
                    temporary = target.with_name(f".{target.name}.sitrep-{os.getpid()}")
                    staged.append((temporary, target, change))
                    _stage(temporary, change.new, _real(project.root / change.path) if change.path else None)
            for temporary, target, change in staged:
                made.append((target, change))
                temporary.replace(target)
            for change in changes:
                if change.path and change.path != change.to:
                    _leave(project.root, change)
        except BaseException as error:
            for temporary, _, _ in staged:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
            _undo(project.root, changes, made)
            if isinstance(error, OSError):
                where = error.filename2 or error.filename
                raise Unusable(f"{where} cannot be written: {error.strerror}; nothing was changed") from None
            raise


def _fits(root: Path, change: FileChange) -> None:
    """Whether the files are still what the change was planned for."""
    if change.path:
        path = root / change.path
        if change.path != change.to and path.is_symlink():
            raise Unusable(f"{path} is a symbolic link: move it by hand; nothing was changed")
        try:
            same = path.read_bytes() == change.old
        except OSError as error:
            raise Unusable(f"{path} cannot be read: {error.strerror}; nothing was changed") from None
        if not same:
            raise Unusable(f"{path} was changed meanwhile: run the command again; nothing was changed")
    if change.to and change.to != change.path:
        path = root / change.to
        if os.path.lexists(path) and not (change.path and path.samefile(root / change.path)):
            raise Unusable(f"{path} exists already; nothing was changed")


def _real(path: Path) -> Path:
    return path.resolve() if path.is_symlink() else path


def _stage(path: Path, data: bytes, like: Path | None) -> None:
    with path.open("xb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    if like:
        path.chmod(stat.S_IMODE(like.stat().st_mode))


def _leave(root: Path, change: FileChange) -> None:
    """Take the file away from where it was: where names that differ in case are one, give it the new name."""
    old, new = root / change.path, root / change.to
    if change.to and old.exists() and old.samefile(new):
        old.rename(new)
    else:
        old.unlink()


def _undo(root: Path, changes: Sequence[FileChange], made: list[tuple[Path, FileChange]]) -> None:
    """Put back what was replaced or taken away, and take away what is new."""
    for target, change in made:
        if change.path != change.to:
            with suppress(OSError):
                target.unlink(missing_ok=True)
    for change in changes:
        if not change.path:
            continue
        path = _real(root / change.path)
        try:
            if path.read_bytes() == change.old:
                continue
        except OSError:
            pass
        with suppress(OSError):
            path.write_bytes(change.old)
