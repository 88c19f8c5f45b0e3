"""Digests: for comparison, and of a sign-off, which changes when what was reviewed is edited."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec


def short(data: bytes) -> bytes:
    """A digest for comparison within one cache."""
    return hashlib.blake2b(data, digest_size=16).digest()


def digested(*values: Any) -> bytes:
    """The digest of plain values and records."""
    return short(msgspec.msgpack.encode(values, order="deterministic"))
