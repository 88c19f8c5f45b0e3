"""The file of an entry that a problem is in."""

from __future__ import annotations

from sitrep.model.entries import Entry


def sidecar(entry: Entry) -> str:
    """The file of its data; empty where there is none."""
    return next((file for file in entry.files if file.endswith(".yaml")), "")


def prose(entry: Entry) -> str:
    """The file of its text; empty where there is none."""
    return next((file for file in entry.files if file.endswith(".md")), "")
