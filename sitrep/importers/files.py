"""Creates content files: complete or not at all, and never over an existing file."""

from __future__ import annotations

import os
from pathlib import Path

from sitrep.problems import Unusable


def create(files: dict[Path, str]) -> None:
    """Write all of these files or none. Raises Unusable when one exists already or cannot be written."""
    for path in files:
        if os.path.lexists(path):
            raise Unusable(f"{path} exists already; nothing was written")
    created: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as handle:
                created.append(path)
                handle.write(text)
    except OSError as error:
        for path in created:
            path.unlink(missing_ok=True)
        raise Unusable(f"{error.filename} cannot be written: {error.strerror}; nothing was written") from None
