"""A file to be written: where, and what makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sitrep.views import Page


class Output(NamedTuple):
    """One page of the site, and the JSON beside it where there is one, both from the same view.

    `view` is called by whoever renders the page, which may be another process: it depends on the corpus alone.
    """

    path: str
    template: str
    view: Callable[[], Page]
    data_path: str = ""
    data: Callable[[Any], Any] | None = None
    """View → the JSON's content."""
