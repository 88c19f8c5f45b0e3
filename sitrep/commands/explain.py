"""Why a page was made by the last build, or was not, and what it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from sitrep.incremental.cache import Cache
from sitrep.incremental.container import Damaged
from sitrep.incremental.invalidation import described
from sitrep.parse.schema import nearest
from sitrep.problems import Unusable
from sitrep.project import Project

MOST = 40
"""Things of which a page was made that are listed."""


def explained(project: Project, output: Path, page: str) -> Iterator[str]:
    """Lines about one page of a built site. Raises Unusable when nothing is known of it."""
    cache = Cache(project, output)
    try:
        results = cache.read_results()
    except (Damaged, msgspec.MsgspecError):
        raise Unusable("what the last build kept is damaged: build again") from None
    known = cache.shown or cache.everything
    if known is None:
        raise Unusable(f"nothing is kept of a build into {output}: build first")
    path = page.removeprefix("./").removeprefix("/") or "index.html"
    name = next((name for name, made in results.pages.items() if path in dict(made.files)), None)
    if name is None:
        hint = nearest(path, list(results.pages))
        raise Unusable(f"the last build has no page {path}" + (f": {hint}" if hint else ""))
    made = results.pages[name]
    if why := results.why.get(name):
        yield f"{path} was made by the last build:"
        yield from (f"  {reason}" for reason in why)
    else:
        yield f"{path} was not made again by the last build: nothing that it is made of had changed"
    found = described(made.dependencies, known.fingerprints)
    yield f"It is made of {len(found)} things, its template, the configuration and the menu:"
    yield from (f"  {line}" for line in found[:MOST])
    if len(found) > MOST:
        yield f"  and {len(found) - MOST} more"
