"""What is known of a thing, in one line at the head of its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import cast

from markupsafe import Markup

from sitrep import provenance
from sitrep.corpus import Key, Said, day
from sitrep.pages.desk import Desk, anchor
from sitrep.records import Article, Claim, Event, Stance
from sitrep.telling import counted, times
from sitrep.views import EMPTY, Html

STANCES: tuple[Stance, ...] = ("asserts", "denies", "doubts", "withholds", "silent")
VERBS = {
    "asserts": "assert",
    "denies": "deny",
    "doubts": "doubt",
    "withholds": "withhold",
    "silent": "silent",
}


def actor(desk: Desk, key: Key) -> Html:
    """Named in 12 articles, last on 2024-12-05. 5 statements begin with it: 3 assert, 2 deny."""
    corpus = desk.corpus
    parts = list(_named(desk, key))
    saids = [said for said in corpus.spoken.get(key, ()) if desk.told(said)]
    spoken = [said for said in saids if corpus.statement(said).stance != "silent"]
    if spoken:
        parts.append(
            f"{counted(len(spoken), 'statement begins', 'statements begin')} with it: {_stances(desk, spoken)}."
        )
    elif parts:
        parts.append("No statement begins with it.")
    if len(saids) > len(spoken):
        parts.append(f"Reports tell of its silence {times(len(saids) - len(spoken))}.")
    return Markup(" ").join(parts) if parts else EMPTY


def _named(desk: Desk, key: Key) -> Iterator[str]:
    articles = dict.fromkeys(said.article for said in desk.corpus.mentions.get(key, ()))
    if not articles:
        return
    latest = max(day(cast(Article, desk.corpus.entries["articles"][id].record).published) for id in articles)
    when = f", last on {latest}" if latest else ""
    yield f"Named in {counted(len(articles), 'article', 'articles')}{when}."


def _stances(desk: Desk, saids: Sequence[Said]) -> str:
    """2 assert, 1 denies."""
    counts = Counter(desk.corpus.statement(said).stance for said in saids)
    return ", ".join(_taken(counts[stance], stance) for stance in STANCES if counts[stance])


def _taken(count: int, stance: str) -> str:
    return f"{count} {stance if count == 1 else VERBS[stance]}"


def event(desk: Desk, key: Key, saids: Sequence[Said]) -> Html:
    """Alleged · 2024-10 · 3 articles speak of it: 2 assert, 1 denies."""
    record = cast(Event, desk.corpus.entries["events"][key[1]].record)
    parts = [record.phase.capitalize()] if record.phase else []
    parts += [record.date.text] if record.date else []
    articles = len({said.article for said in saids})
    if articles:
        parts.append(f"{counted(articles, 'article speaks', 'articles speak')} of it: {_stances(desk, saids)}")
    else:
        parts.append("no article here speaks of it")
    return Markup(" · ").join(parts)


def source(desk: Desk, key: Key, used: provenance.Use) -> Html:
    """14 articles published here. 5 statements begin with it; 10 came through it. 2 claims rest on it alone."""
    parts = []
    published = len(desk.corpus.published.get(key[1], ()))
    if published:
        parts.append(f"{counted(published, 'article', 'articles')} here {'is' if published == 1 else 'are'} its own.")
    begins = counted(used.spoke, "statement begins", "statements begin")
    parts.append(f"{begins} with it; {used.passed} came through it.")
    if used.alone:
        parts.append(f"{counted(len(used.alone), 'claim rests', 'claims rest')} on it alone.")
    return Markup(" ").join(parts)


def claim(desk: Desk, made: Claim, ledger: provenance.Ledger, saids: Sequence[Said], root: str) -> Html:
    """Very likely, as of 2024-10-28. At most 2 distinct origins assert it; Russia denies it."""
    parts: list[Html] = []
    if made.assessments:
        latest = max(made.assessments, key=lambda one: one.date.earliest)
        words = (latest.likelihood or "assessed, no likelihood given").capitalize()
        parts.append(Markup("<b>{}</b>, as we judged on {}.").format(words, latest.date.text))
    else:
        parts.append(Markup("<b>Not assessed.</b>"))
    if ledger.known:
        what = counted(ledger.known, "distinct origin asserts", "distinct origins assert")
        parts.append(Markup("At most {} it.").format(what))
    elif ledger.articles:
        parts.append(Markup("No known origin asserts it."))
    against = _against(desk, saids, root)
    if against:
        parts.append(Markup("{}.").format(against))
    return Markup(" ").join(parts)


def _against(desk: Desk, saids: Sequence[Said], root: str) -> Html:
    """Who denies or doubts it by its latest word, up to three."""
    latest: dict[Key, tuple[str, Said, str]] = {}
    for said in saids:
        statement = desk.corpus.statement(said)
        record = cast(Article, desk.corpus.entries["articles"][said.article].record)
        when = statement.said or record.published
        for link in statement.by:
            party = desk.corpus.party(link)
            word = (when.earliest if when else "", said, statement.stance)
            if party and (party not in latest or word[:2] > latest[party][:2]):
                latest[party] = word
    parts = []
    for stance, one, many in (("denies", "denies it", "deny it"), ("doubts", "doubts it", "doubt it")):
        who = sorted(party for party, word in latest.items() if word[2] == stance)
        names = [anchor(desk.link(party, root)) for party in who[:3]]
        if names:
            more = f" and {len(who) - 3} more" if len(who) > 3 else ""
            parts.append(Markup("{}{} {}").format(Markup(", ").join(names), more, one if len(who) == 1 else many))
    return Markup("; ").join(parts)


def topic(desk: Desk, key: Key) -> Html:
    """What belongs to it: 3 briefs, 5 claims, 12 events."""
    counts = Counter(kind for kind, _ in desk.corpus.tagged.get(key[1], ()))
    words = {"briefs": "brief", "claims": "claim", "events": "event", "articles": "article"}
    parts = [counted(counts[kind], one, kind) for kind, one in words.items() if counts[kind]]  # type: ignore[index]
    return Markup("{} belong to it.").format(", ".join(parts)) if parts else EMPTY
