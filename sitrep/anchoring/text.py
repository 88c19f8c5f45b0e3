"""Text as it is searched."""

from __future__ import annotations


def unusual(text: str) -> str:
    """The text without its ordinary characters: what else it holds is then soon seen. Bytes are told apart fastest."""
    return text.encode("utf-8", "surrogatepass").translate(None, _ORDINARY).decode("utf-8", "surrogatepass")


_ORDINARY = bytes(range(0x20, 0x7F)).replace(b"`", b"")
"""Printable ASCII that is nothing else in another form, as the grave accent is a quotation mark."""
