"""Ids: valid as a file's stem, and so in a page's address, on every file system and in every URL."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_BYTES = 100
_BAD = re.compile(r"""[\s/\\:*?"<>|#%&'`$!{}\[\]();,=+@^~\x00-\x20\x7f]""")
_PLAIN = re.compile(rf"[a-z0-9_-]{{1,{MAX_BYTES}}}")
"""What nearly all ids look like: these need no closer test."""
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
_PAGE = re.compile(r"page-\d+")


@lru_cache(maxsize=65536)  # the same few ids occur in article after article
def fault(id: str) -> str:
    """Why this cannot be an id, or the empty string. Allowed are letters of any script, digits, `-`, `_` and inner
    `.`."""
    if _PLAIN.fullmatch(id) and id not in _DEVICES and id != "index" and not _PAGE.fullmatch(id):
        return ""
    if not id:
        return "an id cannot be empty"
    if len(id.encode("utf-8", "replace")) > MAX_BYTES:
        return f"the id {id[:24]!r}… is longer than {MAX_BYTES} bytes"
    if id.startswith(".") or id.endswith(".") or ".." in id:
        return f"the id {id!r} begins or ends with a dot, or holds two"
    bad = _BAD.search(id)
    if bad:
        return f"the id {id!r} holds {bad.group()!r}"
    if not unicodedata.is_normalized("NFC", id):
        return f"the id {id!r} is not in Unicode's composed form (NFC)"
    strange = next((c for c in id if unicodedata.category(c)[0] in "CZ"), "")
    if strange:
        return f"the id {id!r} holds the invisible character U+{ord(strange):04X}"
    if id.split(".")[0].lower() in _DEVICES:
        return f"the id {id!r} is a device's name on Windows"
    if id.lower() == "index" or _PAGE.fullmatch(id.lower()):
        return f"the id {id!r} is reserved for the site's own pages"
    return ""


def slug(words: str, limit: int = 60) -> str:
    """An id made of words: lower case, without accents where ASCII has the letter, hyphens between words."""
    plain = unicodedata.normalize("NFKD", words)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    joined = "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain).lower()))
    while len(joined.encode()) > limit:
        joined = joined.rpartition("-")[0] or joined[:-1]
    return joined
