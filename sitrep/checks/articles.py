"""What an article lacks, and what nobody has confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from sitrep.checks.scope import of_each_article
from sitrep.corpus.corpus import Corpus
from sitrep.model.entries import Entry
from sitrep.model.records import Article
from sitrep.problems import ERROR, WARNING, Problem


@of_each_article
def incomplete(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """A text without its sidecar, a sidecar without its text, and the three keys that every citation needs."""
    yaml = next((f for f in entry.files if f.endswith(".yaml")), "")
    text = next((f for f in entry.files if f.endswith(".md")), "")
    if not entry.sound and article == Article() and not entry.prose.html:
        return  # nothing of it could be read, which is reported elsewhere
    if not yaml:
        stem = text[: -len(".md")]
        hint = f"write {stem}.yaml, or run: sitrep new article {entry.id}"
        yield Problem(code="no-sidecar", severity=ERROR, file=text, message="this text has no sidecar", hint=hint)
        return
    if not text:
        hint = f"put the captured text into {yaml[: -len('.yaml')]}.md"
        yield Problem(code="no-text", severity=ERROR, file=yaml, message="this sidecar has no text", hint=hint)
        return
    if not entry.sound:
        return
    for key, why in (
        ("title", "pages and citations name it"),
        ("source", "a reader cannot tell who published it"),
        ("published", "it cannot be placed in time"),
    ):
        if not getattr(article, key):
            yield Problem(
                code="incomplete",
                severity=WARNING,
                file=yaml,
                message=f"the article has no ‘{key}’: {why}",
                hint=f"add {key}: …",
            )


@of_each_article
def unconfirmed(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """An annotation proposed by import in an article that is marked reviewed: somebody signed without confirming it."""
    for group in ("actors", "events", "claims"):
        for n, annotation in enumerate(getattr(article, group)):
            if annotation.proposed and article.status == "reviewed":
                yield Problem(
                    code="proposed",
                    severity=ERROR,
                    file=entry.files[0],
                    at=(group, n, "proposed"),
                    message="the article is reviewed, but this annotation is still only proposed",
                    hint="confirm it by deleting ‘proposed: true’, or delete the annotation",
                )


@of_each_article
def unnamed_mentions(corpus: Corpus, entry: Entry, article: Article) -> Iterator[Problem]:
    """A mention without a place in the text: neither the name nor an alias nor a quote occurs there."""
    bare = [n for n, mention in enumerate(article.actors) if not mention.quotes]
    anchored_mentions = {anchor.n for anchor in entry.anchors if anchor.kind == "actor"} if bare else set()
    for n in bare:
        mention = article.actors[n]
        if n + 1 not in anchored_mentions and entry.prose.text:
            looked = ", ".join(f"“{name}”" for name in dict.fromkeys(entry.names[n]))
            yield Problem(
                code="name-not-in-text",
                severity=WARNING,
                file=entry.files[0],
                at=("actors", n),
                message=f"{mention.id} is listed, but the text has none of {looked}",
                hint="add quotes: with the words that mean it, or an alias to its file",
            )
