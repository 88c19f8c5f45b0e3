"""`sitrep build --watch`: a build, and another whenever a file has changed."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable
from pathlib import Path

from sitrep.problems import Unusable
from sitrep.project import CONFIG
from sitrep.serve.build_process import INDEX_AFTER, BuildProcess, BuildRequest, BuildResult
from sitrep.serve.watcher import ChangedFiles, Watcher


def build_and_watch(
    root: Path,
    request: BuildRequest,
    *,
    jobs: int,
    report: Callable[[BuildResult], None],
    say: Callable[[str], None],
) -> None:
    """Build until interrupted. Raises Unusable when the first build cannot run and no problem of a file says why."""
    root = root.resolve()
    if not (root / CONFIG).exists():
        raise Unusable(f"there is no {CONFIG} in {root}: run `sitrep init`, or pass --root DIR")
    changes: queue.Queue[ChangedFiles] = queue.Queue()
    builder = BuildProcess(root, jobs)

    def on_change(change: ChangedFiles) -> None:
        changes.put(change)
        builder.hurry()

    watch = Watcher(root, on_change, say)
    first, idle = True, False
    changed: frozenset[str] | None = None
    try:
        watch.prepare()
        watch.start()
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                watch.began()
                result = builder.build(request._replace(indexed=idle, changed_files=changed))
                watch.ended()
                if first and result.refused and not result.problems:
                    raise Unusable(result.refused)
                first = False
                report(result)
                idle, changed = False, frozenset()
                try:
                    changed |= changes.get(timeout=INDEX_AFTER if result.index_outdated else None).paths
                except queue.Empty:
                    idle = True
                with contextlib.suppress(queue.Empty):
                    while True:
                        changed |= changes.get_nowait().paths
    finally:
        watch.stop()
        builder.close()
