"""Versions of the site: one build stays as it is while the next one runs.

A version maps each path to a digest, and a file is served only if its bytes have that digest. If a build has replaced
the file, the former one is read from the folder of replaced files. So nobody receives half a file, a mixture of two
builds, or bytes that no build has written. Of a large build, the pages that are open in a browser come first: they are
served from memory until the build is done.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from sitrep.model.records import KINDS
from sitrep.problems import INFO, Problem
from sitrep.publish.output_folder import digest
from sitrep.serve.build_process import BuildResult, Early
from sitrep.views.urls import page

RETIRED = 200
"""Files with a digest in their name that are still served after the build that dropped them."""


class SiteVersion(NamedTuple):
    """The files of a build, and its problems."""

    number: int
    folder: Path
    former: Path
    files: Mapping[str, str]
    base: str
    url: str
    title: str
    broken: frozenset[str]
    problems: Mapping[str, tuple[Problem, ...]]
    """The problems of each page, by its path."""
    early: Mapping[str, bytes] = {}
    """Pages of the build that is running: the other files are those of the build before."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file of this version; None if it is missing or was changed from outside."""
        if path in self.early:
            return self.early[path]
        wanted = self.files.get(path)
        if wanted is None:
            return None
        for place in (self.folder / path, self.former / wanted):
            data = _bytes(place)
            if data is not None and digest(data) == wanted:
                return data
        return None

    def target(self, path: str) -> str:
        """The file that an address below the base means: a folder means its index."""
        return f"{path}index.html" if path == "" or path.endswith("/") else path


class SiteVersions:
    """The version that is shown, and the files of the last builds for the next one."""

    def __init__(self, folder: Path, former: Path) -> None:
        self.folder, self.former = folder, former
        self.now: SiteVersion | None = None
        self.complete: SiteVersion | None = None
        """The last version of a completed build."""
        self.retired: dict[str, bytes] = {}
        """Theme files of former builds, for pages that were fetched before."""
        self._next: dict[str, str] = {}
        self._last: BuildResult | None = None
        self.count = 0

    def take(self, result: BuildResult) -> None:
        """Take the files of a build; they are not shown before `show`."""
        if result.complete:
            self._next = {}
        for path in result.gone:
            self._next.pop(path, None)
        self._next.update(result.changed)
        self._last = result._replace(changed={}, problems=[])

    def show_early(self, early: Early) -> None:
        """Show these pages before the others of the build that is running."""
        complete = self.complete
        assert complete
        self.count += 1
        files = {**complete.files, **{path: digest(data) for path, data in early.files.items()}}
        problems = by_page(early.problems or [])
        self.now = complete._replace(
            number=self.count, files=files, broken=early.broken, problems=problems, early=early.files
        )

    def _version(
        self, result: BuildResult, files: Mapping[str, str], broken: frozenset[str], problems: list[Problem]
    ) -> SiteVersion:
        """These files as a version with the present number."""
        folders = (self.folder, self.former)
        return SiteVersion(
            self.count, *folders, files, result.base, result.url, result.title, broken, by_page(problems)
        )

    def revert(self) -> None:
        """Show the last completed version again, after a build failed whose early pages were shown."""
        self.now = self.complete

    def show(self, result: BuildResult) -> tuple[int, int, int]:
        """Show the files that were taken. Returns how many pages are new, changed and gone."""
        was = self.complete
        before = was.files if was else {}
        files = dict(self._next)
        for path in before.keys() - files.keys():
            if was and path.startswith("theme/") and (data := was.read(path)) is not None:
                self.retired.pop(path, None)
                self.retired[path] = data
        while len(self.retired) > RETIRED:
            del self.retired[next(iter(self.retired))]
        if self.now is was:  # else early pages of it are shown already
            self.count += 1
        self.now = self.complete = self._version(result, files, result.broken, result.problems)
        new = sum(path.endswith(".html") for path in files.keys() - before.keys())
        gone = sum(path.endswith(".html") for path in before.keys() - files.keys())
        changed = sum(path.endswith(".html") and before.get(path, now) != now for path, now in files.items())
        return new, changed, gone


def by_page(problems: list[Problem]) -> dict[str, tuple[Problem, ...]]:
    """The problems to show on each page; those that belong to no page are on the home page."""
    pages: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.severity != INFO:
            pages.setdefault(_page(problem.file), []).append(problem)
    return {path: tuple(listed) for path, listed in pages.items()}


def _page(file: str) -> str:
    if file == "content/about.md":
        return "about.html"
    parts = file.split("/")
    if len(parts) == 3 and parts[0] == "content":
        for kind in KINDS:
            if parts[1] == kind:
                return page(kind, parts[2].rpartition(".")[0])
    return "index.html"


def _bytes(place: Path) -> bytes | None:
    try:
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return None
    try:
        with open(handle, "rb") as file:
            return file.read()
    except OSError:
        return None
