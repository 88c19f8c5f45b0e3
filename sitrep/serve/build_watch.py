"""`sitrep build --watch`: a build, and another whenever something has changed."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable
from pathlib import Path

from sitrep.problems import Unusable
from sitrep.project import CONFIG
from sitrep.serve.build_process import INDEX_AFTER, BuildProcess, BuildRequest, BuildResult
from sitrep.serve.watcher import ChangedFiles, Watcher


def watching(
    root: Path, wanted: BuildRequest, *, jobs: int, tell: Callable[[BuildResult], None], say: Callable[[str], None]
) -> None:
    """Build until interrupted. Raises Unusable when the first build cannot be made, and no file says why."""
    root = root.resolve()
    if not (root / CONFIG).exists():
        raise Unusable(f"there is no {CONFIG} in {root}: run `sitrep init`, or say --root DIR")
    changes: queue.Queue[ChangedFiles] = queue.Queue()
    builder = BuildProcess(root, jobs)

    def heard(change: ChangedFiles) -> None:
        changes.put(change)
        builder.hurry()

    watch = Watcher(root, heard, say)
    first, idle = True, False
    since: frozenset[str] | None = None
    try:
        watch.prepare()
        watch.start()
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                watch.began()
                built = builder.build(wanted._replace(indexed=idle, heard=since))
                watch.ended()
                if first and built.refused and not built.problems:
                    raise Unusable(built.refused)
                first = False
                tell(built)
                try:
                    idle = False
                    told = changes.get(timeout=INDEX_AFTER if built.behind else None).paths
                except queue.Empty:
                    idle, told = True, frozenset()
                with contextlib.suppress(queue.Empty):
                    while True:
                        told |= changes.get_nowait().paths
                since = told
    finally:
        watch.stop()
        builder.close()
