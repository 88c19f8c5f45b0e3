"""Says whether the last build rendered or reused a page, why, and what the page depends on."""

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
"""How many dependencies are listed."""


def explain_page(project: Project, output: Path, page: str) -> Iterator[str]:
    """Lines about one page of a built site. Raises Unusable if the cache does not know it."""
    cache = Cache(project, output)
    try:
        results = cache.read_results()
    except (Damaged, msgspec.MsgspecError):
        raise Unusable("the cache of the last build is damaged: build again") from None
    former = cache.shown or cache.everything
    if former is None:
        raise Unusable(f"there is no cache of a build into {output}: build first")
    path = page.removeprefix("./").removeprefix("/") or "index.html"
    name = next((name for name, result in results.pages.items() if path in dict(result.files)), None)
    if name is None:
        hint = nearest(path, list(results.pages))
        raise Unusable(f"the last build has no page {path}" + (f": {hint}" if hint else ""))
    result = results.pages[name]
    if why := results.why.get(name):
        yield f"{path} was rendered by the last build:"
        yield from (f"  {reason}" for reason in why)
    else:
        yield f"{path} was reused by the last build: nothing that it depends on had changed"
    dependencies = described(result.dependencies, former.fingerprints)
    yield f"It depends on {len(dependencies)} values, its template, the configuration and the menu:"
    yield from (f"  {line}" for line in dependencies[:MOST])
    if len(dependencies) > MOST:
        yield f"  and {len(dependencies) - MOST} more"
