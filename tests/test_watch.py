"""The watch: which saves cause a build, and that none is missed."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers import Observer

from projects import GOOD, write
from served import wait
from sitrep.serve import watcher as watching
from sitrep.serve.snapshot import WatchedFiles, Window
from sitrep.serve.watcher import ChangedFiles, Watcher

FILE = "content/articles/good.md"


class Watched:
    """A project that is watched, and what was told of it."""

    def __init__(self, root: Path, observer: object = Observer) -> None:
        self.root = root
        self.told: list[ChangedFiles] = []
        self.said: list[str] = []
        self.watch = Watcher(root, self.told.append, self.said.append, observer=observer)
        self.watch.prepare()
        self.watch.start()
        time.sleep(0.05)

    def changes(self, *, quiet: float = 0.5) -> list[set[str]]:
        """What is told, until nothing has been for a moment; forgotten afterwards."""
        wait(lambda: self.told)
        count = -1
        while count != len(self.told):
            count = len(self.told)
            time.sleep(quiet)
        told, self.told[:] = list(self.told), []
        return [{os.path.relpath(path, self.root) for path in change.paths} for change in told]

    def silent(self, *, seconds: float = 0.7) -> bool:
        time.sleep(seconds)
        return not self.told


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(write(tmp_path.resolve(), dict(GOOD)))
    yield made
    made.watch.stop()
    made.watch.join(10)


def save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def save_slowly(path: Path, text: str) -> None:
    """Opened, emptied, written in two steps, synced, closed."""
    with path.open("w", encoding="utf-8") as file:
        file.write(text[:5])
        file.flush()
        os.fsync(file.fileno())
        time.sleep(0.05)
        file.write(text[5:])


def save_like_vim(path: Path, text: str) -> None:
    """Vim with `backupcopy=no`: a probe file, the old file out of the way, a new one, its mode, the old one gone."""
    probe = path.with_name("4913")
    probe.touch()
    probe.unlink()
    mode = path.stat().st_mode
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    time.sleep(0.03)
    path.chmod(mode)
    backup.unlink()


def save_like_vim_in_place(path: Path, text: str) -> None:
    """Vim with `backupcopy=yes`: a copy, then the file itself is overwritten."""
    backup = path.with_name(path.name + "~")
    backup.write_bytes(path.read_bytes())
    save_slowly(path, text)
    backup.unlink()


def save_by_rename(path: Path, text: str) -> None:
    """A file beside it, moved over it."""
    aside = path.with_name(f".{path.name}.tmp")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def save_by_visible_rename(path: Path, text: str) -> None:
    """The same, with a name that could be content."""
    aside = path.with_name(f"{path.name}.tmp.1234")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def delete_then_add(path: Path, text: str) -> None:
    path.unlink()
    time.sleep(0.08)
    path.write_text(text, encoding="utf-8")


SAVES = (
    save,
    save_slowly,
    save_like_vim,
    save_like_vim_in_place,
    save_by_rename,
    save_by_visible_rename,
    delete_then_add,
)


@pytest.mark.mostly_slow(2)
@pytest.mark.parametrize("how", SAVES, ids=lambda how: how.__name__)
def test_a_save_is_one_change(watched: Watched, how: Callable[[Path, str], None]) -> None:
    for text in ("All is well in Geneva now.\n", "And in Bern.\n"):
        how(watched.root / FILE, text)
        assert watched.changes() == [{FILE}]


@pytest.mark.mostly_slow(2)
@pytest.mark.parametrize("how", SAVES, ids=lambda how: how.__name__)
def test_a_save_of_the_same_is_none(watched: Watched, how: Callable[[Path, str], None]) -> None:
    how(watched.root / FILE, GOOD[FILE])
    assert watched.silent()


def test_reading_is_no_change(watched: Watched) -> None:
    for _ in range(3):
        for path in (watched.root / "content").rglob("*.*"):
            path.read_bytes()
        list(os.scandir(watched.root / "content/articles"))
    os.utime(watched.root / FILE)
    (watched.root / FILE).chmod(0o600)
    assert watched.silent(seconds=2.6)  # also when everything is looked at


def test_what_is_not_read_is_not_heard(watched: Watched) -> None:
    for name in (
        "content/articles/.good.md.swp",
        "content/articles/good.md~",
        "site/index.html",
        "notes.txt",
        ".git/x",
    ):
        (watched.root / name).parent.mkdir(exist_ok=True)
        (watched.root / name).write_text("x")
    assert watched.silent()


@pytest.mark.mostly_slow(1)
@pytest.mark.parametrize("name", ["config.yaml", "content/about.md", "content/assets/a.png", "templates/base.html"])
def test_everything_that_is_read_is_watched(watched: Watched, name: str) -> None:
    (watched.root / name).parent.mkdir(exist_ok=True)
    save(watched.root / name, "title: Other\n")
    assert name in set().union(*watched.changes())
    save(watched.root / name, "title: Another\n")
    assert watched.changes() == [{name}]
    (watched.root / name).unlink()
    assert watched.changes() == [{name}]


def test_saves_of_many_files_are_one_change(watched: Watched) -> None:
    names = {f"content/actors/a{n}.yaml" for n in range(40)}
    (watched.root / "content/actors").mkdir()
    for name in sorted(names):
        save(watched.root / name, "name: A\n")
    told = watched.changes()
    assert set().union(*told) == names
    assert len(told) <= 2  # the new folder may be seen by itself


def test_steady_writing_cannot_put_a_build_off(watched: Watched) -> None:
    until = time.monotonic() + 4 * watching.CAP
    count = 0
    while time.monotonic() < until and len(watched.told) < 2:
        count += 1
        save(watched.root / FILE, f"Written {count} times.\n")
        time.sleep(watching.QUIET / 4)
    assert len(watched.told) >= 2


def test_a_folder_that_is_moved_in_is_seen(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    save(outside / "one.yaml", "name: One\n")
    save(outside / "two.yaml", "name: Two\n")
    outside.rename(watched.root / "content/actors")
    assert set().union(*watched.changes()) == {"content/actors/one.yaml", "content/actors/two.yaml"}
    save(watched.root / "content/actors/one.yaml", "name: Uno\n")
    assert watched.changes() == [{"content/actors/one.yaml"}]
    (watched.root / "content/actors").rename(outside)
    assert set().union(*watched.changes()) == {"content/actors/one.yaml", "content/actors/two.yaml"}


def test_a_root_that_is_made_again_is_seen(watched: Watched) -> None:
    away = watched.root / "away"
    (watched.root / "content").rename(away)
    assert set().union(*watched.changes()) == set(GOOD)
    (watched.root / "content/articles").mkdir(parents=True)
    save(watched.root / FILE, "Made again.\n")
    assert set().union(*watched.changes()) == {FILE}
    save(watched.root / FILE, "And saved again.\n")
    assert watched.changes() == [{FILE}]


def test_what_a_link_leads_to_is_seen(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    save(outside / "text.md", "Elsewhere.\n")
    (outside / "actors").mkdir()
    save(outside / "actors/one.yaml", "name: One\n")
    (watched.root / "content/articles/linked.md").symlink_to(outside / "text.md")
    (watched.root / "content/actors").symlink_to(outside / "actors")
    (watched.root / "content/loop").symlink_to(watched.root / "content")
    (watched.root / "content/dead").symlink_to(outside / "nothing")
    names = {"content/articles/linked.md", "content/actors/one.yaml"}
    assert set().union(*watched.changes(quiet=2.6)) == names
    save(outside / "text.md", "Elsewhere, changed.\n")
    assert watched.changes() == [{"content/articles/linked.md"}]
    save_by_rename(outside / "actors/one.yaml", "name: Uno\n")
    assert watched.changes() == [{"content/actors/one.yaml"}]


class Deaf(Observer):  # type: ignore[misc, valid-type]
    """Watches, and passes nothing on: as when the system's queue overflows."""

    def dispatch_events(self, event_queue: object) -> None:
        event_queue.get(timeout=1)  # type: ignore[attr-defined]


class Full(Observer):  # type: ignore[misc, valid-type]
    """The limit of inotify is reached."""

    def schedule(self, *args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")


def test_what_no_event_told_is_found(tmp_path: Path) -> None:
    watched = Watched(write(tmp_path.resolve(), dict(GOOD)), observer=Deaf)
    try:
        save(watched.root / FILE, "Nobody has heard of this.\n")
        assert watched.changes() == [{FILE}]
        assert not watched.said
    finally:
        watched.watch.stop()


@pytest.mark.slow
def test_without_events_it_looks_and_says_so(tmp_path: Path) -> None:
    watched = Watched(write(tmp_path.resolve(), dict(GOOD)), observer=Full)
    try:
        assert watched.said == [
            "the system watches no more folders (inotify's limit is reached): scanning for changes instead"
        ]
        for how in (save, save_by_rename):
            how(watched.root / FILE, f"{how.__name__}\n")
            assert watched.changes(quiet=1) == [{FILE}]
        (watched.root / FILE).unlink()
        assert watched.changes(quiet=1) == [{FILE}]
    finally:
        watched.watch.stop()


# -- what a build may have read ---------------------------------------------------------------------------------------


def test_a_change_that_is_undone_during_a_build_is_one(tmp_path: Path) -> None:
    """The build may have read what stood there for a moment."""
    tree = WatchedFiles(write(tmp_path.resolve(), dict(GOOD)))
    tree.begin()
    for _ in tree.read():
        pass
    path = str(tmp_path.resolve() / FILE)
    build = Window(time.time_ns())
    heard = time.time_ns()
    save(Path(path), "For a moment.\n")
    save(Path(path), GOOD[FILE])
    assert tree.check(path, build, heard)
    done = Window(build.start, time.time_ns())
    time.sleep(0.01)
    heard = time.time_ns()
    save(Path(path), "For a moment.\n")
    save(Path(path), GOOD[FILE])
    assert not tree.check(path, done, heard)  # after the build


def test_a_change_within_one_tick_of_the_clock_is_found_by_a_walk(tmp_path: Path) -> None:
    """Same size, same times: the content alone tells."""
    tree = WatchedFiles(write(tmp_path.resolve(), dict(GOOD)))
    tree.begin()
    for _ in tree.read():
        pass
    path = tmp_path / FILE
    before = path.stat()
    with path.open("r+") as file:
        file.write("ALL")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert set().union(*tree.walk()) == {str(tmp_path.resolve() / FILE)}
    assert set().union(*tree.walk()) == set()
