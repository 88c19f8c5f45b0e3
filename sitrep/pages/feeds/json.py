"""The JSON beside pages, built from their views."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sitrep.views.json import (
    ActorData,
    AnnotationData,
    ArticleData,
    AssessmentData,
    BriefData,
    ChainLink,
    ClaimData,
    ConflictData,
    EventData,
    EventDateData,
    FactData,
    GroupData,
    JudgmentData,
    LedgerData,
    MentionData,
    NumberData,
    OriginCounts,
    OriginData,
    RefData,
    RelayData,
    RouteData,
    SharedData,
    SourceData,
    StanceChangeData,
    StatementData,
    TieData,
    TopicData,
    UncountedData,
)
from sitrep.views.pages import (
    ActorPage,
    ArticlePage,
    BriefPage,
    Chain,
    ClaimPage,
    EntryPage,
    EventPage,
    Link,
    Mention,
    SourcePage,
    Statement,
)


def article(page: ArticlePage) -> ArticleData:
    return ArticleData(
        id=page.id,
        title=page.title,
        notices=[notice.striptags() for notice in page.notices],
        speaks=page.speaks or None,
        news=_plain(page.news),
        source=_ref(page.source) if page.source else None,
        via=[_ref(link) for link in page.via],
        published=page.published or None,
        captured=page.captured or None,
        url=page.url or None,
        archived=page.archived or None,
        language=page.language or None,
        marking=page.banner.marking,
        rights=page.rights,  # type: ignore[arg-type]
        reviewed=page.reviewed or None,
        summary=_plain(page.summary),
        text=page.text,
        omitted=page.omitted or None,
        annotations=[
            AnnotationData(
                kind=a.kind,  # type: ignore[arg-type]
                id=a.id,
                fragment=a.fragment,
                exact=a.exact,
                start=a.start,
                end=a.end,
                stance=a.stance,
            )
            for a in page.annotations
        ],
        statements=[_statement(statement) for statement in page.statements],
        topics=[_ref(link) for link in page.topics],
        cited_by=[_ref(link) for link in page.linked],
    )


def claim(page: ClaimPage) -> ClaimData:
    return ClaimData(
        **_thing(page),
        statement=page.name,
        ledger=LedgerData(
            articles=page.ledger.articles,
            outlets=page.ledger.outlets,
            origins=OriginCounts(known=page.ledger.known, unknown=page.ledger.unknown),
            stances=dict(page.ledger.stances),
        ),
        origins=[
            OriginData(
                id=origin.id,
                name=origin.link.text,
                lineage="known" if origin.known else "unknown",
                interested=origin.interested,
                counted_with=[_ref(link) for link in origin.shares],
                assertions=[f"{item.article}#note-claim-{item.number}" for item in origin.backing],
            )
            for origin in page.ledger.origins
        ],
        shared_evidence=[
            SharedData(origins=[_ref(link) for link in shared.origins], because=_plain(shared.because))
            for shared in page.ledger.shared
        ],
        uncounted=[UncountedData(article=link.id, why=why) for link, why in page.ledger.uncounted],
        assertions=[_statement(item) for item in page.statements],
        assessments=[
            AssessmentData(
                date=item.date,
                likelihood=item.likelihood or None,
                confidence=item.confidence or None,
                because=_plain(item.because),
                would_change=_plain(item.would_change),
            )
            for item in page.assessments
        ],
        conflicts=[ConflictData(claim=link.id, how=how) for link, how in page.conflicts],
        unheard=[_ref(link) for link in page.unheard],
        last_change=[f"{item.date}: {item.text.striptags()}" for item in page.changed],
        best_for=_statement(page.best_for) if page.best_for else None,
        best_against=_statement(page.best_against) if page.best_against else None,
        open=[sentence.striptags() for sentence in page.open],
        turns=[
            StanceChangeData(
                date=item.date or None,
                speaker=_ref(item.speaker),
                unnamed=item.unnamed,
                stance=item.stance,
                moved=item.moved,
                value=item.value or None,
                article=item.statement.id,
            )
            for item in page.turns
        ],
        measure=page.measure or None,
        numbers=[
            NumberData(
                date=item.date,
                value=item.value,
                form=item.form,  # type: ignore[arg-type]
                stance=item.stance,
                speaker=_ref(item.speaker),
                unnamed=item.unnamed,
                article=item.statement.id,
                flags=list(item.flags),
            )
            for item in page.measured
        ],
    )


def event(page: EventPage) -> EventData:
    return EventData(
        **_thing(page),
        assertions=[_statement(item) for item in page.statements],
        dates=[
            EventDateData(date=item.date, articles=[link.id for link in item.articles], differs=item.differs)
            for item in page.given
        ],
    )


def actor(page: ActorPage) -> ActorData:
    return ActorData(
        **_thing(page),
        says=[_statement(item) for item in page.statements],
        relays=[_statement(item) for item in page.relayed],
        mentions=[_mention(item) for item in page.mentions],
        denies=[_ref(row.link) for row in page.denies],
        claims_about=[_ref(row.link) for row in page.about],
        ties=[TieData(actor=_ref(tie.link), why=tie.why.striptags()) for tie in page.related],
    )


def source(page: SourcePage) -> SourceData:
    return SourceData(
        **_thing(page),
        says=[_statement(item) for item in page.statements],
        relays=[_statement(item) for item in page.relayed],
        articles=[_ref(row.link) for row in page.articles],
        inputs=[_ref(row.link) for row in page.inputs],
        mentions=[_mention(item) for item in page.mentions],
        spoke=page.spoke,
        passed=page.passed,
        relays_from=[RelayData(source=_ref(link), statements=n) for link, n in page.relays],
        alone=[_ref(row.link) for row in page.alone],
        ways=[RouteData(chain=_chain(way.chain), stance=way.stance, statements=way.count) for way in page.ways],
    )


def topic(page: EntryPage) -> TopicData:
    return TopicData(**_thing(page), things=[_ref(row.link) for row in page.rows])


def brief(page: BriefPage) -> BriefData:
    return BriefData(
        id=page.id,
        title=page.title,
        date=page.date or None,
        period=page.period or None,
        marking=page.banner.marking,
        summary=_plain(page.summary),
        judgments=[
            JudgmentData(
                text=item.text.striptags(),
                likelihood=item.likelihood or None,
                confidence=item.confidence or None,
                because=_plain(item.because),
                rests_on=[_ref(link) for link, _ in item.rests_on],
            )
            for item in page.judgments
        ],
        text=_plain(page.body),
        sources=[item.striptags() for item in page.sources],
        references=[_ref(item.link) for item in page.references],
        topics=[_ref(link) for link in page.topics],
    )


def _thing(page: EntryPage) -> dict[str, Any]:
    return {
        "id": page.id,
        "name": page.name,
        "kind": page.kind,
        "what": page.what or None,
        "filed": page.filed,
        "marking": page.banner.marking,
        "answer": _plain(page.answer),
        "description": _plain(page.lead),
        "prose": _plain(page.body),
        "facts": [FactData(label=fact.label, values=[_ref(link) for link in fact.values]) for fact in page.facts],
        "related": [GroupData(label=group.label, things=[_ref(link) for link in group.links]) for group in page.groups],
        "cited_by": [_ref(link) for link in page.linked],
        "pages": page.pager.count if page.pager else 1,
    }


def _ref(link: Link) -> RefData:
    return RefData(kind=link.kind or None, id=link.id or None, name=link.text)


def _plain(html: Markup) -> str | None:
    return html.striptags() if html else None


def _statement(statement: Statement) -> StatementData:
    chains = [_chain(chain) for chain in statement.chains]
    return StatementData(
        article=statement.article.id,
        annotation=statement.note_id,
        about=[_ref(link) for link in statement.things],
        stance=statement.stance,
        said=statement.said or None,
        happened=statement.happened or None,
        published=statement.published or None,
        source=_ref(statement.source) if statement.source else None,
        quote=str(statement.quote.unescape()) if statement.quote else None,
        chain=chains[0] if chains else [],
        chains=chains,
        value=statement.value or None,
        credibility=statement.credibility or None,
        note=_plain(statement.note),
        translation=statement.translation or None,
    )


def _chain(chain: Chain) -> list[ChainLink]:
    links = []
    for n, step in enumerate(chain.steps):
        first = n == 0 and chain.start != "unattributed"
        last = n == len(chain.steps) - 1
        role: Any = "speaker" if first else "outlet" if last and not step.unnamed else "relay"
        if step.unnamed:
            role = "unnamed speaker" if first else "unnamed relay"
        elif first and chain.start == "document":
            role = "document"
        elif step.link.kind == "article":
            role = "article"
        links.append(ChainLink(id=step.link.id or None, name=step.link.text, role=role))
    return links


def _mention(mention: Mention) -> MentionData:
    return MentionData(
        article=mention.article.id,
        published=mention.published or None,
        sentences=[Markup(link.text).striptags() for link in mention.sentences],
    )
