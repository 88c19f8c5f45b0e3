"""The fourth step of a build: which content leaves. The only step that decides it; the policy is in `release/`."""

from __future__ import annotations

from collections.abc import Callable

from sitrep.build.state import Content, Released, Session
from sitrep.corpus.corpus import Corpus, Key
from sitrep.incremental.corpus_reuse import corpus_of, corpus_state
from sitrep.incremental.invalidation import invalidation
from sitrep.model.records import Marking
from sitrep.publish.leak_guard import Guard, leak_guard
from sitrep.release.policy import marking, strictest


def release(content: Content, session: Session) -> Released:
    """Decide what leaves, and link it into a corpus of its own where it is not all of the content."""
    options, entries, cache = content.snapshot.options, content.entries, session.cache
    previewed = content.withheld if options.preview else {}
    keys = [key for key in entries.rows if options.preview or key not in content.withheld]
    public = everything = content.everything
    if len(keys) < len(entries.rows) or options.as_of:
        public = corpus_state(cache, entries, keys, cache.shown, previewed, options.as_of, content.snapshot.changed)
    elif cache.shown:  # what the last build released was less, and the cached results are of that
        changes = invalidation(cache.shown.fingerprints, everything.fingerprints)
        public = everything._replace(invalidation=changes)
    leaves_out = len(keys) < len(entries.rows)
    known = corpus_of(entries, entries.rows, options.as_of) if options.as_of and leaves_out else everything.corpus
    return Released(content, public, _marking(content, keys, public.corpus), known)


def _marking(content: Content, keys: list[Key], corpus: Corpus) -> Marking:
    """A page that draws on several files bears the strictest marking any of them may have."""
    publish = content.snapshot.project.config.publish
    markings: set[Marking | None] = set()
    for key in keys:
        in_force = marking(content.entries.rows[key].release.marking, publish)
        if in_force not in markings and (entry := corpus.get(key)) and entry.files:  # few entries are looked up
            markings.add(in_force)
    return strictest(markings)


def leak_guard_of(released: Released, composed: Callable[[], list[str]]) -> Guard:
    """What looks for the words of withheld and skipped files in all that is written.

    `composed` gives the names that the site composes itself, so that they are not taken for leaks.
    """
    content, skipped = released.content, released.content.snapshot.files.skipped
    project, options = content.snapshot.project, content.snapshot.options
    if options.preview or not (content.withheld or skipped):
        return Guard()
    withheld = [content.entries.entry(key) for key in content.withheld]
    return leak_guard(project, withheld, skipped, released.public.corpus, content.about, composed(), options.each)
