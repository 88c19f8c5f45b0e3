"""Digests: by which things are told apart, and that of a sign-off, which a later edit of what was reviewed changes."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec


def short(data: bytes) -> bytes:
    """The digest by which things are told apart."""
    return hashlib.blake2b(data, digest_size=16).digest()


def digested(*values: Any) -> bytes:
    """The digest of plain values and records."""
    return short(msgspec.msgpack.encode(values, order="deterministic"))
