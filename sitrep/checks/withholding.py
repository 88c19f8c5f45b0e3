"""What follows from withholding files: what the site says without them, and what a public repository shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sitrep.analysis import provenance
from sitrep.corpus.corpus import PARTIES, Corpus, Key
from sitrep.model.records import Article
from sitrep.parse.config import Publish
from sitrep.problems import ERROR, INFO, WARNING, Problem

UNMEANT = ("cannot be read whole", "has no text")
"""Reasons for which an entry is withheld without anybody's intention: its own problem explains it."""


def withholding(everything: Corpus, public: Corpus, withheld: Mapping[Key, str], publish: Publish) -> Iterator[Problem]:
    """Consequences of withholding these entries that a reader of the site cannot see."""
    if not withheld:
        return
    yield from inflated(everything, public, withheld)
    for key, why in withheld.items():
        entry = everything.get(key)
        if entry and public.get(key):
            message = f"this file is withheld ({why}), but released files mention {key[1]!r}: it has a page without it"
            hint = "name no withheld thing in what is released, if that says too much"
            yield Problem(code="withheld-mentioned", severity=INFO, file=entry.files[0], message=message, hint=hint)
    if publish.repository == "public":
        yield from _in_the_repository(everything, withheld)


def _in_the_repository(everything: Corpus, withheld: Mapping[Key, str]) -> Iterator[Problem]:
    """What a public repository shows. A marking forbids it, which is a warning; a draft is merely not ready."""
    meant = [key for key, why in withheld.items() if why not in UNMEANT and _file(everything, key).endswith(".yaml")]
    marked = [key for key in meant if withheld[key].startswith("TLP:")]
    if not meant:
        return
    count = f"{len(meant)} thing{'s are' if len(meant) > 1 else ' is'} withheld from the site"
    if marked:
        some = "" if len(marked) == len(meant) else f", {len(marked)}"
        count += f"{some} by {'its' if len(meant) == 1 else 'their'} marking"
    yield Problem(
        code="public-repository",
        severity=WARNING if marked else INFO,
        file=_file(everything, (marked or meant)[0]),
        message=f"{count}, but a public repository shows every file, and what it was before",
        hint="keep what is withheld in a private repository, and say publish: {repository: private} in config.yaml",
    )


def inflated(everything: Corpus, public: Corpus, withheld: Mapping[Key, str]) -> Iterator[Problem]:
    """Claims with more known origins on the site than over all files: they look better founded than they are."""
    for id in public.entries["claims"]:
        shown = provenance.ledger(public, id).known
        if not shown:
            continue
        whole = provenance.ledger(everything, id)
        if whole.known >= shown:
            continue
        refs = everything.statements.get(("claims", id), [])
        file = _file(everything, ("claims", id)) or _file(everything, ("articles", refs[0].article))
        known = f"{whole.known} known origin{'s' * (whole.known != 1)}"
        message = f"the claim {id!r} has {known}, but {shown} on the site, where a withheld file is missing"
        why = [_file(everything, key) for key in _behind(everything, id, whole) if key in withheld]
        hint = f"release what ties them: {', '.join(why[:3])}" if why else "release what ties them, or withhold more"
        yield Problem(code="release-inflates-origins", severity=ERROR, file=file, message=message, hint=hint)


def _file(corpus: Corpus, key: Key) -> str:
    entry = corpus.get(key)
    return entry.files[0] if entry and entry.files else ""


def _behind(corpus: Corpus, id: str, ledger: provenance.Ledger) -> list[Key]:
    """The entries that a ledger rests on."""
    keys: dict[Key, None] = {("claims", id): None}
    for origin in ledger.origins:
        for support in origin.supports:
            for party in support.through:
                if key := corpus.resolve(party, PARTIES):
                    keys[key] = None
    for ref in corpus.statements.get(("claims", id), ()):
        keys["articles", ref.article] = None
        keys.update({("articles", later): None for later in corpus.updates.get(ref.article, ())})
        article = corpus.article(ref.article).record
        assert isinstance(article, Article)
        for link in (*corpus.statement(ref).by, *corpus.statement(ref).via, *article.via):
            if key := ("articles", link.article) if link.article else corpus.party(link):
                keys[key] = None
    return list(keys)
