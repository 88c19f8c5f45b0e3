"""Projects in a temporary folder, and the command line run in this process."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

from sitrep.cli import main

CONFIG = "title: Test\njson: true\n"
HEAD = "title: T\nsource: wire\npublished: 2024-01-02\nmarking: TLP:CLEAR\nstatus: reviewed\nrights: full\n"
"""The first lines of a sidecar that is released."""
GOOD = {
    "content/articles/good.md": "All is well in Geneva.\n",
    "content/articles/good.yaml": HEAD + "actors: [geneva]\n",
}
"""An article that builds whatever stands beside it."""


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def write(root: Path, files: dict[str, str | bytes], *, config: str = CONFIG) -> Path:
    """Lay the files out; `config.yaml` is there unless `config` is empty."""
    if config:
        files = {"config.yaml": config, **files}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def sitrep(root: Path, *arguments: str) -> Ran:
    """Run a command on a project, in this process, with one job."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    if arguments and arguments[0] in ("build", "check"):
        arguments = (*arguments, "--jobs", "1")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["--root", str(root), *arguments])
        except SystemExit as done:
            code = int(done.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def everything(folder: Path) -> str:
    """All that a site holds, names included, as one text."""
    return "\n".join(f"{name}\n{data.decode('utf-8', 'replace')}" for name, data in tree(folder).items())
