"""Places that cannot be put on the map as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks.files import sidecar
from sitrep.checks.scope import of_each
from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Event
from sitrep.problems import ERROR, Problem


@of_each
def half_places(corpus: Corpus, entry: Entry) -> Iterator[Problem]:
    """A latitude without a longitude, or the reverse; a radius without a point."""
    place = entry.record.place if isinstance(entry.record, Event) else None
    if place is None or not entry.sound:
        return
    if (place.lat is None) != (place.lon is None):
        key, lack = ("lat", "lon") if place.lon is None else ("lon", "lat")
        message, hint = f"a place has {key} and no {lack}, so it is not on the map", f"add {lack}: …"
    elif place.radius and place.lat is None:
        key, message, hint = "radius", "a radius is given, and no point that it is about", "add lat: … and lon: …"
    else:
        return
    at = ("place", key)
    yield Problem(code="half-place", severity=ERROR, file=sidecar(entry), at=at, message=message, hint=hint)
