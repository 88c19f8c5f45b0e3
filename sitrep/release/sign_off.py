"""The digest of a sign-off."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from typing import Any

import msgspec

from sitrep.model.entries import Entry
from sitrep.model.records import Article

_ADDRESS = re.compile(r'\s(?:data-ref|href|src)="([^"]*)"')


def sign_off(entry: Entry) -> str:
    """SHA-256, in hexadecimal, of what a reviewer signs for: the data, the text as readers see it, and its links.

    Excluded is what may change without an edit: `reviewed` and `status` (they are the sign-off), `at` and `text_sha256`
    (written by `import` and `repair`), the id, comments, and the layout of the YAML or Markdown. Keys at their default
    count as absent, and dates count as written, so that a later version of sitrep that knows more keys, or parses dates
    better, computes the same digest of the same file.

    """
    record: Any = msgspec.structs.replace(entry.record, reviewed=None, status=None)
    if isinstance(record, Article):
        record = msgspec.structs.replace(record, text_sha256="")
    data = msgspec.to_builtins(record)
    data.pop("type", None)
    for group in ("actors", "events", "claims") if isinstance(record, Article) else ():
        for annotation in data.get(group, ()):
            annotation.pop("at", None)
    addresses = [unescape(address) for address in _ADDRESS.findall(entry.prose.html)]
    signed = msgspec.json.encode([_as_written(data), entry.prose.text, addresses], order="deterministic")
    return hashlib.sha256(signed).hexdigest()


def _as_written(value: Any) -> Any:
    """Data with dates and quantities as written, without the values derived from them."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str) and ("earliest" in value or "low" in value):
            return value["text"]
        return {key: _as_written(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_written(item) for item in value]
    return value
