"""Written briefs: finished products, in which every statement leads to a numbered reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import cast, get_args

from sitrep.analysis.citations import Target
from sitrep.corpus.corpus import Key
from sitrep.model.records import Brief, Likelihood
from sitrep.model.records import Judgment as Judged
from sitrep.pages.articles import signed
from sitrep.pages.brief_references import References
from sitrep.pages.feeds import json, social_images
from sitrep.pages.parts.context import PageContext, described, unnumbered, written
from sitrep.release.policy import status
from sitrep.views import urls
from sitrep.views.outputs import Beside, Output
from sitrep.views.pages import BriefPage, Judgment, Link, Term

TERMS: tuple[str, ...] = get_args(Likelihood)
RANGES = ("1–5 %", "5–20 %", "20–45 %", "45–55 %", "55–80 %", "80–95 %", "95–99 %")
"""All terms of ICD 203, of both rows."""


def outputs(context: PageContext, ids: Iterable[str]) -> Iterator[Output]:
    for id in ids:
        path = urls.page("briefs", id)
        beside = (Beside(urls.data("briefs", id), json.brief, "data"),) if context.config.json else ()
        yield Output(path, "brief.html", partial(view, context, id), beside, about=("briefs", id))


def view(context: PageContext, id: str) -> BriefPage:
    key: Key = ("briefs", id)
    entry = context.corpus.entries["briefs"][id]
    record = cast(Brief, entry.record)
    path = urls.page("briefs", id)
    root = urls.root(path)
    # References are numbered in the order in which the page is built: each of these adds its own.
    notes = References(context, root, record.date)
    summary = context.words(record.summary, root, notes)
    judgments = tuple(_judgment(context, judgment, root, notes) for judgment in record.key_judgments)
    body = context.prose(entry.prose, root, notes)
    return BriefPage(
        path=path,
        root=root,
        title=entry.name,
        kind="brief",
        description=described(
            context.words(record.summary, root, unnumbered),
            context.say("entry.described", kind=context.say("brief.brief"), name=entry.name),
        ),
        image=social_images.address(context, id, entry.name),
        banner=context.banner(key),
        canonical=context.canonical(path),
        data=urls.href(f"{id}.json") if context.config.json else "",
        id=id,
        date=written(record.date),
        period=written(record.period),
        status=status(entry),
        summary=summary,
        judgments=judgments,
        body=body,
        topics=context.links([("topics", topic) for topic in record.topics], root),
        reviewed=signed(context.say, record.reviewed),
        sources=notes.summary(),
        terms=_terms([judgment.likelihood for judgment in record.key_judgments if judgment.likelihood]),
        references=tuple(notes.references()),
        linked=context.linked(key, root),
    )


def _judgment(context: PageContext, judgment: Judged, root: str, notes: References) -> Judgment:
    text = context.words(judgment.text, root, notes)
    because = context.words(judgment.because, root, notes)
    rests: list[tuple[Link, int]] = []
    for claim in judgment.rests_on:
        key = context.corpus.resolve(claim, ("claims",))
        number = notes.number(Target(key, raw="" if key else f"claim:{claim}"))
        rests.append((context.link(key, root) if key else Link(href="", text=claim), number))
    return Judgment(
        text=text,
        likelihood=judgment.likelihood or "",
        confidence=judgment.confidence or "",
        because=because,
        rests_on=tuple(rests),
    )


def _terms(used: list[Likelihood]) -> tuple[Term, ...]:
    """The row of ICD 203 that most of the judgments use; the first on a tie."""
    rows = (TERMS[: len(RANGES)], TERMS[len(RANGES) :])
    row = max(rows, key=lambda row: sum(term in row for term in used))
    return tuple(Term(word=word, range=range_, used=word in used) for word, range_ in zip(row, RANGES, strict=True))
