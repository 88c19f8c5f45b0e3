"""Full-text search: pages that are written become an index beside them, made by pagefind.

pagefind is a program that reads pages and answers in JSON, each message in base64 and ended by a comma. Its files are
small pieces of which a browser loads those that a query needs. What a page says is searched where the theme has marked
it (`data-pagefind-body`); facets and aliases are added to the page on its way, and are in no file of the site.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from html import escape
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a build that has nothing to do makes no page
    from sitrep.pages.search import Searched

FOLDER = "pagefind/"
"""Where the index is, from the site's root."""
MISSING = "no full-text search: pip install 'sitrep-site[search]', or say `search: false` in config.yaml"
PROGRAM = "PAGEFIND_BINARY_PATH"
"""Names the program in the environment, as pagefind has it; empty, it leaves search out."""
LEFT = (".css", "-ui.js", "-highlight.js", "-worker.js")
"""Endings of files that pagefind brings and our page does not use."""
APART = (".kind", ".facts", ".notice", ".unfiled", ".references", ".meta")
"""What is not read of the parts that are marked: labels, and words that stand elsewhere too."""
BATCH = 64
"""Pages that are sent before their answers are read: so few answers fit into a pipe."""
PATIENCE = 0.2
"""Seconds between questions whether to leave it."""
_TOLD = 300


class IndexPostponed(Exception):
    """The index is left to a later build."""


class Failed(Exception):
    """pagefind has not made an index; the message says why."""


def program() -> str:
    """The path of pagefind; empty where it is not installed, or where the environment leaves search out."""
    if PROGRAM in os.environ:
        return os.environ[PROGRAM]
    try:
        from pagefind_bin import get_executable  # type: ignore[import-untyped]
    except ImportError:
        return shutil.which("pagefind") or ""
    return str(get_executable())


def wanted() -> bool:
    """Whether a missing pagefind should be mentioned: the environment does not leave search out."""
    return PROGRAM not in os.environ


def stamp(program: str) -> str:
    """What changes with the program, without asking it."""
    with contextlib.suppress(OSError):
        there = Path(program).stat()
        return f"{program} {there.st_size} {there.st_mtime_ns}"
    return program


@cache
def version(program: str) -> str:
    """The version it reports; empty where it cannot be run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def index(
    program: str, pages: Iterable[tuple[Searched, bytes]], leave: Callable[[], bool]
) -> Iterator[tuple[str, bytes]]:
    """The files of the index of these pages, each with its path on the site. Raises Failed, or IndexPostponed."""
    try:
        with _Service(program, leave) as service:
            service.index(pages)
            # Not WriteFiles: it answers before all that it has written can be read.
            (answer,) = service.ask([{"type": "GetFiles", "index_id": service.number}])
        for file in sorted(answer["files"], key=itemgetter("path")):
            if not file["path"].endswith(LEFT):
                yield f"{FOLDER}{file['path']}", base64.b64decode(file["content"])
    except (OSError, ValueError, KeyError) as error:
        raise Failed(str(error)) from None


def marked(page: Searched, data: bytes) -> str:
    """A page with its facets and aliases, for pagefind."""
    before, body, after = data.decode().rpartition("</body>")
    return f"{before}{added(page).decode()}{body}{after}"


def added(page: Searched) -> bytes:
    """What pagefind is given in addition to the page itself."""
    parts = [f'<p data-pagefind-filter="{name}">{escape(value)}</p>' for name, value in page.facets]
    shown = dict(page.facets)
    parts += [f'<p data-pagefind-meta="{name}">{escape(shown[name])}</p>' for name in ("kind", "date") if name in shown]
    if page.aliases:
        parts.append(f'<p data-pagefind-body data-pagefind-weight="5">{escape(" · ".join(page.aliases))}.</p>')
    return "".join(parts).encode()


class _Service:
    """A running pagefind process."""

    def __init__(self, program: str, leave: Callable[[], bool]) -> None:
        self._leave = leave
        self._process = subprocess.Popen(
            [program, "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._asked = 0
        self._rest = b""
        self.number = 0

    def __enter__(self) -> _Service:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def index(self, pages: Iterable[tuple[Searched, bytes]]) -> None:
        config = {"keep_index_url": True, "exclude_selectors": list(APART)}
        self.number = self.ask([{"type": "NewIndex", "config": config}])[0]["index_id"]
        waiting = iter(pages)
        while some := list(islice(waiting, BATCH)):
            if self._leave():
                raise IndexPostponed
            self.ask(
                [
                    {
                        "type": "AddFile",
                        "index_id": self.number,
                        "file_path": page.path,
                        "file_contents": marked(page, data),
                    }
                    for page, data in some
                ]
            )

    def ask(self, payloads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send messages and return the answers. Raises ValueError when one is an error."""
        assert self._process.stdin is not None
        for payload in payloads:
            self._asked += 1
            message = json.dumps({"message_id": self._asked, "payload": payload}).encode()
            self._process.stdin.write(base64.b64encode(message) + b",")
        self._process.stdin.flush()
        answers = [self._answer() for _ in payloads]
        for answer in answers:
            if answer.get("type") == "Error":
                raise ValueError(str(answer.get("message"))[:_TOLD])
        return answers

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        parts = [self._rest]
        while b"," not in parts[-1]:
            while os.name == "posix" and not select.select([self._process.stdout], [], [], PATIENCE)[0]:
                if self._leave():
                    raise IndexPostponed
            parts.append(os.read(self._process.stdout.fileno(), 1 << 20))
            if not parts[-1]:
                raise ValueError("it has ended")
        length, _, self._rest = b"".join(parts).partition(b",")
        payload: dict[str, Any] = json.loads(base64.b64decode(length))["payload"]
        return payload
