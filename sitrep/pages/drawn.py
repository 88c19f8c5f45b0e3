"""Drawings of what a page says in words: chains, and numbers over time."""

from __future__ import annotations

from collections.abc import Sequence

from sitrep.corpus import Said
from sitrep.pages.desk import Desk
from sitrep.records import Claim
from sitrep.views import EMPTY, Html, Ledger, Measured


def diagram(desk: Desk, saids: Sequence[Said], ident: str, root: str, *, ledger: Ledger | None = None) -> Html:
    """The chains of statements, from who spoke to who published."""
    return EMPTY


def track(desk: Desk, saids: Sequence[Said], claim: Claim, measured: Sequence[Measured], ident: str) -> Html:
    """The numbers of a claim by the day they were said."""
    return EMPTY
