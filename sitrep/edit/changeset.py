"""Changes to content files: shown as a diff, or committed all together or not at all."""

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
    """The path and bytes of a file before and after. Paths are relative to the root; "" means no file."""

    path: str
    old: bytes
    to: str
    new: bytes

    @property
    def is_empty(self) -> bool:
        return self.path == self.to and self.old == self.new


def diff(changes: Sequence[FileChange]) -> str:
    """The changes as a unified diff that `git apply` and `patch -p1` accept."""
    return "".join(line for change in changes if not change.is_empty for line in _diff(change))


def _diff(change: FileChange) -> Iterator[str]:
    yield f"diff --git a/{change.path or change.to} b/{change.to or change.path}\n"
    if not change.path:
        yield "new file mode 100644\n"
    elif not change.to:
        yield "deleted file mode 100644\n"
    elif change.path != change.to:
        yield f"rename from {change.path}\nrename to {change.to}\n"
    before, after = (_lines(data.decode("utf-8")) for data in (change.old, change.new))
    old = f"a/{change.path}" if change.path else "/dev/null"
    new = f"b/{change.to}" if change.to else "/dev/null"
    for line in difflib.unified_diff(before, after, old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def commit(project: Project, changes: Sequence[FileChange]) -> None:
    """Make all changes or none. Raises Unusable, and restores every file, if one of them fails."""
    changes = [change for change in changes if not change.is_empty]
    with locked(project):
        for change in changes:
            _check_unchanged(project.root, change)
        staged: list[tuple[Path, Path, FileChange]] = []
        replaced: list[tuple[Path, FileChange]] = []
        try:
            for change in changes:
                if change.to:
                    target = _resolved(project.root / change.to)
                    temporary = target.with_name(f".{target.name}.sitrep-{os.getpid()}")
                    staged.append((temporary, target, change))
                    _stage(temporary, change.new, _resolved(project.root / change.path) if change.path else None)
            for temporary, target, change in staged:
                replaced.append((target, change))
                temporary.replace(target)
            for change in changes:
                if change.path and change.path != change.to:
                    _remove_old(project.root, change)
        except BaseException as error:
            for temporary, _, _ in staged:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
            _undo(project.root, changes, replaced)
            if isinstance(error, OSError):
                where = error.filename2 or error.filename
                raise Unusable(f"{where} cannot be written: {error.strerror}; nothing was changed") from None
            raise


def _check_unchanged(root: Path, change: FileChange) -> None:
    """Raise Unusable if the files have changed since the change was planned."""
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


def _resolved(path: Path) -> Path:
    return path.resolve() if path.is_symlink() else path


def _stage(path: Path, data: bytes, like: Path | None) -> None:
    with path.open("xb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    if like:
        path.chmod(stat.S_IMODE(like.stat().st_mode))


def _remove_old(root: Path, change: FileChange) -> None:
    """Delete the old file; rename it if its new name is the same to a file system that ignores case."""
    old, new = root / change.path, root / change.to
    if change.to and old.exists() and old.samefile(new):
        old.rename(new)
    else:
        old.unlink()


def _undo(root: Path, changes: Sequence[FileChange], replaced: list[tuple[Path, FileChange]]) -> None:
    """Restore what was replaced or deleted, and delete what is new."""
    for target, change in replaced:
        if change.path != change.to:
            with suppress(OSError):
                target.unlink(missing_ok=True)
    for change in changes:
        if not change.path:
            continue
        path = _resolved(root / change.path)
        try:
            if path.read_bytes() == change.old:
                continue
        except OSError:
            pass
        with suppress(OSError):
            path.write_bytes(change.old)
