"""The references of a brief: numbered, with their descriptors, and the source summary statement (ICD 206)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import cast

from markupsafe import Markup

from sitrep.analysis import phrasing, provenance
from sitrep.analysis.citations import CITED, Target, target
from sitrep.analysis.phrasing import days, sentence
from sitrep.corpus.corpus import Key
from sitrep.i18n.words import capital
from sitrep.model.records import Article, Claim, Date, Event, Source
from sitrep.pages.articles import notices
from sitrep.pages.claims import FOR, best
from sitrep.pages.parts.context import PageContext, anchor, written
from sitrep.views.pages import Html, Link, Reference, Statement


class References:
    """Numbers what a brief cites in the order of first use; made for one page, and filled while its text is rendered.

    Claims are described as known at the brief's date, which is what its author knew.

    """

    def __init__(self, context: PageContext, root: str, date: Date | None) -> None:
        self._context = context
        self._root = root
        self._date = date
        self._until = date.latest if date else ""
        self._numbers: dict[Target, int] = {}
        self._cites: dict[int, str] = {}
        self._ledgers: dict[str, provenance.Ledger] = {}

    def __call__(self, raw: str, key: Key | None, fragment: str, words: str) -> str | None:
        """A citation in prose: its words, if it has any, and the number."""
        cited = target(self._context.corpus, raw, key, fragment)
        if cited is None:
            return None
        number = self.number(cited)
        place = "" if number in self._cites else f' id="{self._cites.setdefault(number, f"cite-{number}")}"'
        label = escape(self._context.say("brief.reference", number=number))
        mark = f'<sup><a class="cite"{place} href="#ref-{number}" aria-label="{label}">[{number}]</a></sup>'
        if not words or key is None:
            return words + mark
        href = self._link(cited).href
        return f'<a class="{self._context.link(key, self._root).kind}" href="{escape(href)}">{words}</a>{mark}'

    def number(self, cited: Target) -> int:
        return self._numbers.setdefault(cited, len(self._numbers) + 1)

    def ledger(self, claim: str) -> provenance.Ledger:
        if claim not in self._ledgers:
            self._ledgers[claim] = provenance.ledger(self._context.corpus, claim, self._until)
        return self._ledgers[claim]

    # -- references ---------------------------------------------------------------------------------------------------

    def references(self) -> Iterator[Reference]:
        for cited, number in self._numbers.items():
            statement = self._statement(cited)
            article = None
            if cited.key and cited.key[0] == "articles":
                article = cast(Article, self._context.corpus.entries["articles"][cited.key[1]].record)
            yield Reference(
                number=number,
                cite=self._cites.get(number, ""),
                link=self._link(cited),
                source=self._context.link(("sources", article.source), self._root)
                if article and article.source
                else None,
                published=written(article.published) if article else "",
                statement=statement,
                facts=tuple(self._facts(cited, statement)),
            )

    def _link(self, cited: Target) -> Link:
        if cited.key is None:
            return Link(href="", text=self._context.say("brief.absent"))
        link = self._context.link(cited.key, self._root)
        statement = self._context.statement(cited.ref, self._root) if cited.ref else None
        return Link(href=statement.href, text=link.text, kind=link.kind, id=link.id) if statement else link

    def _statement(self, cited: Target) -> Statement | None:
        if cited.ref:
            return self._context.statement(cited.ref, self._root)
        if cited.key is None or cited.key[0] == "articles":
            return None
        corpus = self._context.corpus
        refs = [s for s in corpus.statements.get(cited.key, ()) if provenance.known(corpus, s.article, self._until)]
        ledger = self.ledger(cited.key[1]) if cited.key[0] == "claims" else None
        return best(self._context, refs, FOR, ledger, self._root)

    def _facts(self, cited: Target, statement: Statement | None) -> Iterator[Html]:
        if cited.key is None:
            return
        record = self._context.corpus.entries[cited.key[0]][cited.key[1]].record
        if isinstance(record, Article):
            yield from notices(self._context, cited.key[1], record, self._root)
            if cited.ref is None and record.summary:
                yield self._context.words(record.summary, self._root)
            if described := "; ".join(_described(self._context, record, statement, self._date)):
                yield Markup(escape(capital(described) + ".", quote=False))
            if record.source and (source := _outlet(self._context, record.source, self._root)):
                yield source
        elif isinstance(record, Claim):
            yield from self._counted(cited.key[1], record)
        elif isinstance(record, Event):
            place = record.place.name if record.place else ""
            ref = [part for part in (written(record.date), place, self._phase(record)) if part]
            if ref:
                yield Markup("{}.").format(", ".join(ref))

    def _phase(self, record: Event) -> str:
        return self._context.say.term("phase", record.phase) if record.phase else ""

    def _counted(self, id: str, claim: Claim) -> Iterator[Html]:
        """The ledger at the brief's date and, where it differs, today's; our latest assessment at the brief's date."""
        say = self._context.say
        then, now = sentence(say, self.ledger(id)), sentence(say, provenance.ledger(self._context.corpus, id))
        closed = "" if then.endswith(".") else "."
        if self._until and then != now:
            yield say.html("references.as_known", date=written(self._date), ledger=then + closed)
            yield say.html("references.now", ledger=now + ("" if now.endswith(".") else "."))
        else:
            yield Markup("{}{}").format(then, closed)
        assessments = [a for a in claim.assessments if not self._until or a.date.latest <= self._until]
        if assessments:
            latest = max(assessments, key=lambda a: a.date.latest)
            if latest.likelihood:
                term = say.term("likelihood", latest.likelihood)
                yield say.html("references.assessment", date=latest.date.text, likelihood=term)
            if latest.confidence:
                yield say.html("references.confidence", confidence=say.term("confidence", latest.confidence))

    # -- the source summary statement ---------------------------------------------------------------------------------

    def summary(self) -> tuple[Html, ...]:
        """What the brief as a whole rests on, computed from its citations and the ledgers of the claims it cites."""
        of: dict[str, dict[str, None]] = {kind: {} for kind in CITED}
        for cited in self._numbers:
            if cited.key:
                of[cited.key[0]][cited.key[1]] = None
        absent = sum(cited.key is None for cited in self._numbers)
        if not self._numbers:
            return (self._context.say.html("references.nothing"),)
        out = [self._counts(of)]
        if absent:
            out.append(self._context.say.html("references.absent", n=absent))
        articles = dict(of["articles"])
        if of["claims"]:
            ledgers = {id: self.ledger(id) for id in of["claims"]}
            out += self._behind(ledgers)
            for ledger in ledgers.values():
                for origin in ledger.origins:
                    articles.update(dict.fromkeys(support.ref.article for support in origin.supports))
        out += outlets(self._context, articles, self._root, "outlets_all" if of["claims"] else "outlets")
        out += age(self._context, articles, self._date)
        return tuple(out)

    def _counts(self, of: dict[str, dict[str, None]]) -> Html:
        say = self._context.say
        parts = [say.html(f"count.{kind}", n=len(of[kind])) for kind in CITED if of[kind]]
        return say.html("references.cites", things=say.listed(parts)) if parts else Markup("")

    def _behind(self, ledgers: dict[str, provenance.Ledger]) -> Iterator[Html]:
        """The origins behind the cited claims, and the claims that rest on few."""
        articles = {s.ref.article for ledger in ledgers.values() for o in ledger.origins for s in o.supports}
        origins = {o.id: o for ledger in ledgers.values() for o in ledger.origins if o.known}
        dark = sum(bool(ledger.unknown) for ledger in ledgers.values())
        links = [
            anchor(self._context.link(o.key, self._root)) if o.key else Markup(escape(o.words))
            for o in origins.values()
        ]
        say, count = self._context.say, len(articles)
        of = "behind_claim" if len(ledgers) == 1 else "behind_claims"
        if links:
            known = say("ledger.at_most", n=len(origins))
            yield say.html(f"references.{of}", n=count, origins=known, names=say.listed(links))
        elif articles:
            yield say.html(f"references.{of}_none", n=count)
        if dark and len(ledgers) == 1:
            yield say.html("references.dark_claim")
        elif dark == len(ledgers):
            yield say.html("references.dark_each")
        elif dark:
            yield say.html("references.dark_some", n=dark, all=len(ledgers))
        for key, ids in (
            ("one_origin", [id for id, ledger in ledgers.items() if ledger.known == 1]),
            ("no_origin", [id for id, ledger in ledgers.items() if ledger.articles and not ledger.known]),
            ("interested", [id for id, ledger in ledgers.items() if _interested(ledger)]),
            ("nobody", [id for id, ledger in ledgers.items() if not ledger.articles]),
        ):
            if ids:
                claim_links = [anchor(self._context.link(("claims", id), self._root)) for id in ids]
                yield say.html(f"references.{key}", claims=Markup(" ").join(claim_links))


def _interested(ledger: provenance.Ledger) -> bool:
    known = [origin for origin in ledger.origins if origin.known]
    return bool(known) and all(origin.interested for origin in known)


def outlets(context: PageContext, articles: Iterable[str], root: str, key: str = "outlets") -> Iterator[Html]:
    """Who published these articles, by their grades; F means unknown and is listed with ungraded sources."""
    grades = phrasing.graded(context.corpus, articles)
    if not grades:
        return
    parts = []
    for letter, sources in grades:
        links = [_with(context, anchor(context.link(("sources", id), root)), n) for id, n in sources]
        graded = phrasing.grade(context.say, letter)
        parts.append(context.say.html("references.graded", sources=context.say.listed(links), grade=graded))
    number = sum(len(sources) for _, sources in grades)
    yield context.say.html(f"references.{key}", n=number, names=Markup("; ").join(parts))


def _with(context: PageContext, source: Html, n: int) -> Html:
    return context.say.html("references.with", source=source, n=n) if n > 1 else source


def age(context: PageContext, articles: Iterable[str], on: Date | None) -> Iterator[Html]:
    """The range of publication dates, and the age of the latest article."""
    yield from (Markup(escape(line, quote=False)) for line in phrasing.age(context.say, context.corpus, articles, on))


def _described(context: PageContext, record: Article, statement: Statement | None, on: Date | None) -> Iterator[str]:
    """Precision, access and age of what is cited, as far as known."""
    say = context.say
    if statement:
        starts = {chain.start for chain in statement.chains}
        if starts <= {"unattributed"}:
            yield say("references.names_nobody")
        elif "unnamed" in starts:
            yield say("references.unnamed")
        elif "document" in starts:
            yield say("references.document")
        if statement.said and statement.said != written(record.published):
            yield say("references.said", date=statement.said)
        if statement.credibility:
            term = say.term("credibility", statement.credibility)
            yield say("references.credibility", digit=statement.credibility, credibility=term)
    if record.language and record.language != context.config.language:
        yield say("references.language", language=record.language)
    if age_in_words := days(say, record.published, on):
        yield say("references.published", age=age_in_words)


def _outlet(context: PageContext, id: str, root: str) -> Html | None:
    """The outlet, and whose voice it is: bias as far as its file declares it."""
    record = context.corpus.entries["sources"][id].record
    if not isinstance(record, Source):
        return None
    parts: list[Html] = [Markup(escape(context.say.term("what", record.kind)))] if record.kind else []
    if record.reliability:
        term = context.say.term("reliability", record.reliability)
        parts.append(context.say.html("references.reliability", letter=record.reliability, reliability=term))
    if record.controlled_by:
        bodies = [anchor(context.named(tie.id, ("actors", "sources"), root)) for tie in record.controlled_by]
        parts.append(context.say.html("references.controlled", bodies=context.say.listed(bodies)))
    if not parts:
        return None
    outlet = context.link(("sources", id), root).text
    return context.say.html("references.outlet", outlet=outlet, facts=Markup(", ").join(parts))
