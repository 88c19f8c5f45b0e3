"""Characters of a text, for matching."""

from __future__ import annotations


def unusual(text: str) -> str:
    """The text without printable ASCII, so that unusual characters are quickly seen. Bytes are compared fastest."""
    return text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY).decode("utf-8", "surrogatepass")


_ORDINARY = bytes(range(0x20, 0x7F)).replace(b"`", b"")
"""Printable ASCII that has no equivalent form (the grave accent counts as a quotation mark)."""
