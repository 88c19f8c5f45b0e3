"""Turn content/ into site/. The only way a site is ever made.

What the steps after the first take to load is loaded when something is to be done.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sitrep.build.report import Report, Stages
from sitrep.build.scan import Snapshot, untroubled
from sitrep.incremental.container import Damaged, code, head_of, of_output
from sitrep.model.records import Date
from sitrep.parallel.pool import Each
from sitrep.project import Project, heard_of
from sitrep.publish import search_index
from sitrep.publish.output_folder import Folder, locked, usable

if TYPE_CHECKING:
    from sitrep.build.pipeline import Foretell
    from sitrep.incremental.cache import Cache


def build(
    project: Project,
    output: Path,
    each: Each,
    *,
    preview: bool = False,
    as_of: Date | None = None,
    cache: Cache | None = None,
    stages: Stages | None = None,
    replaced: Path | None = None,
    leave: Callable[[], bool] = lambda: False,
    heard: frozenset[str] | None = None,
    promise: Foretell | None = None,
) -> Report:
    """Build the site, or a preview of everything, as all there is or as it was known on a day.

    Everything is made anew but what the cache holds the result of, where all that it was made of is the same. A cache
    that is given stays in memory and is not written. `replaced` is a folder for the files that this build replaces or
    deletes, each under its digest. `leave` is asked, once the site is made, whether to leave its search index to a
    later build. `heard` are the files (absolute paths) that may have changed since the last build with this cache,
    where somebody watches over them; without it everything is looked at. Where much of a preview is to be made again
    although no template has changed, `promise` is told before. Raises Unusable when the build cannot begin, or the site
    not be written; the former site then stands.
    """
    stages = stages or Stages()
    with locked(project), untroubled():
        path = usable(project, output, preview)
        past = cache.at_hand if cache else None
        folder, known = past.folder if past else None, None
        if past and folder and (folder.path, folder.preview) == (path, preview) and folder.current:
            folder.replaced = replaced
            known = heard_of(project, heard, past.look.there) if heard is not None else None
        else:
            folder = Folder(path, preview, replaced)
        finder = search_index.program() if project.config.search else ""
        notes = [search_index.MISSING] if not finder and project.config.search and search_index.wanted() else []
        look = past.look._replace(there=known[0]) if past and known else Snapshot.at(project, preview, as_of, finder)
        stages.lap("scan")
        if not known:
            with suppress(Damaged, msgspec.MsgspecError):  # which is told below
                head = cache.read_head() if cache else head_of(of_output(project, path), code())
                if same := look.unchanged(head, folder):
                    stages.lap("compare")
                    return same._replace(note="\n".join(notes))
        from sitrep.build.pipeline import BuildOptions, make
        from sitrep.incremental.cache import Cache  # here, since a build that has nothing to do needs none of it

        kept = cache or Cache(project, path)
        given = BuildOptions(project, folder, each, preview, as_of, finder, leave, cache is None, promise)
        try:
            report = make(given, look, known[1] if known else None, kept, stages)
        except (Damaged, msgspec.MsgspecError):
            kept.forget()
            report = make(given, Snapshot.at(project, preview, as_of, finder), None, kept, stages)
            notes.append("the cache was damaged: everything was made anew")
        return report._replace(note="\n".join(notes))
