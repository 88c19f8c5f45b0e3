"""What an article says is new in it, and what repeats: on its page, in the order in which reports were published."""

from __future__ import annotations

import json
from pathlib import Path

import lxml.html
import pytest

from projects import GOOD, sitrep, write

CLEAR = "marking: TLP:CLEAR\n"
TEXT = "It is so. It is not so. Nobody spoke. One. Two. Three. It began.\n"


def article(published: str, source: str, *lines: str) -> str:
    date = f"published: {published}\n" if published else ""
    head = f"title: {source} report\nsource: {source}\n{date}{CLEAR}status: reviewed\nrights: full\n"
    return head + "\n".join(lines) + "\n"


def built(root: Path, articles: dict[str, str], **others: str) -> Path:
    files: dict[str, str | bytes] = dict(GOOD)
    for id, sidecar in articles.items():
        files[f"content/articles/{id}.yaml"] = sidecar
        files[f"content/articles/{id}.md"] = TEXT
    files |= {f"content/{name.replace('__', '/')}.yaml": text for name, text in others.items()}
    ran = sitrep(write(root, files), "build", "--quiet")
    assert ran.code == 0, ran.out
    return root / "site"


def page(site: Path, id: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring((site / f"articles/{id}.html").read_bytes())


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def news(site: Path, id: str) -> str:
    """The sentence that says what is new; empty where there is none."""
    return " ".join(words(found) for found in page(site, id).xpath("//p[contains(@class, 'news')]"))


def note(site: Path, id: str, name: str) -> str:
    """What a note says of itself: new, or what it repeats."""
    return " · ".join(words(found) for found in page(site, id).xpath(f"//li[@id='{name}']//*[@class='standing']"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    claims = "claims:\n  - {id: troops, by: [nis], quote: It is so}\n  - {id: arms, value: 100, quote: One}"
    event = "events:\n  - {id: march, date: 2024-01, quote: It began}"
    return built(
        tmp_path_factory.mktemp("novelty"),
        {
            "first": article("2024-01-02", "wire", claims, event),
            "second": article(
                "2024-01-05",
                "herald",
                "claims:",
                "  - {id: troops, by: [spokesman], quote: It is so}",
                "  - {id: troops, by: [pentagon], quote: One}",
                "  - {id: troops, by: [{unnamed: Nobody}], quote: Nobody spoke}",
                "  - {id: troops, stance: denies, by: [russia], quote: It is not so}",
                "  - {id: arms, value: 200, quote: Two}",
                "  - {id: arms, value: 100, quote: Three}",
                "  - {quote: It began}",
            ),
            "third": article(
                "2024-01-05", "post", "claims:", "  - {id: troops, stance: denies, by: [russia], quote: It is not so}"
            ),
            "undated": article("", "sheet", "claims:", "  - {id: troops, by: [nis], quote: It is so}"),
            "late": article(
                "2024-02-01",
                "gazette",
                "events:",
                "  - {id: march, date: 2024-01-20, quote: It began}",
                "  - {id: march, date: 2024-02-02, quote: Three}",
                "claims:",
                "  - {id: [troops, harvest], by: [nis], quote: It is so}",
            ),
            "copy": article(
                "2024-01-02",
                "mirror",
                "copy_of: first",
                "claims:",
                "  - {id: troops, by: [nis], quote: It is so}",
                "  - {id: harvest, quote: Two}",
            ),
            "corrected": article(
                "2024-01-03",
                "wire",
                "updates: {article: first, how: replaces}",
                "claims:",
                "  - {id: arms, value: 90, quote: One}",
                "  - {id: troops, by: [nis], quote: It is so}",
            ),
        },
        actors__spokesman=f"name: Spokesman\npart_of: [nis]\n{CLEAR}",
        actors__nis=f"name: Intelligence Service\n{CLEAR}",
        sources__wire=f"name: The Wire\n{CLEAR}",
    )


def test_what_is_first_on_record_is_new(site: Path) -> None:
    assert news(site, "first") == "New here: all 3 statements."
    assert note(site, "first", "note-claim-1") == "new"
    assert note(site, "first", "note-event-1") == "new"


def test_what_repeats_says_through_which_origin_and_leads_to_the_words(site: Path) -> None:
    assert news(site, "second") == (
        "1 of 6 statements is new: 5. 4 repeat earlier reports (1, 3, 2, 6): 1 by the same origin, 1 by another named "
        "origin, 2 by untraced chains. 1 also appears in a same-day report (4). 1 is about no claim or event and is "
        "not compared."
    )
    assert note(site, "second", "note-claim-1") == "repeats The Wire, 2024-01-02, the same origin"
    assert note(site, "second", "note-claim-2") == "repeats The Wire, 2024-01-02, another named origin"
    assert note(site, "second", "note-claim-3") == "repeats The Wire, 2024-01-02"
    (link,) = page(site, "second").xpath("//li[@id='note-claim-1']//*[@class='standing']//a/@href")
    assert link == "../articles/first.html#note-claim-1"
    numbers = page(site, "second").xpath("//p[contains(@class, 'news')]//a/@href")
    assert numbers == [f"#note-claim-{n}" for n in (5, 1, 3, 2, 6, 4)]


def test_another_number_another_date_and_the_first_denial_are_new(site: Path) -> None:
    assert note(site, "second", "note-claim-5") == "new number"
    assert note(site, "second", "note-claim-6") == "repeats The Wire, 2024-01-02"
    assert note(site, "late", "note-event-1") == "repeats The Wire, 2024-01-02"
    assert note(site, "late", "note-event-2") == "another date"


def test_of_two_reports_of_one_day_neither_is_said_to_be_first(site: Path) -> None:
    assert note(site, "third", "note-claim-1") == "also in Herald, 2024-01-05"
    assert note(site, "second", "note-claim-4") == "also in Post, 2024-01-05"
    assert news(site, "third") == "1 also appears in a same-day report (1)."


def test_a_statement_of_several_claims_is_new_where_one_of_them_is(site: Path) -> None:
    both = "repeats The Wire, 2024-01-02, the same origin · repeats Mirror, 2024-01-02"
    assert note(site, "late", "note-claim-1") == both
    assert note(site, "copy", "note-claim-2") == "new"


def test_a_report_without_a_date_says_nothing(site: Path) -> None:
    assert news(site, "undated") == ""
    assert note(site, "undated", "note-claim-1") == ""


def test_what_states_nothing_of_a_claim_or_an_event_says_nothing(site: Path) -> None:
    assert news(site, "good") == ""
    assert note(site, "second", "note-claim-7") == ""


def test_a_copy_follows_its_original_whatever_the_day(site: Path) -> None:
    assert news(site, "copy").startswith("A copy: 1 of 2 statements is in the original.")
    assert note(site, "copy", "note-claim-1") == "repeats The Wire, 2024-01-02, the same origin"
    assert note(site, "first", "note-claim-1") == "new"


def test_what_replaces_another_says_how_much_of_it_stood_there(site: Path) -> None:
    assert news(site, "corrected") == (
        "It replaces an earlier text, which has 1 of its 2 statements too. 1 of 2 statements is new: 1. "
        "1 repeats an earlier report (2): 1 by the same origin."
    )
    assert note(site, "corrected", "note-claim-1") == "new number"


def test_the_data_beside_the_page_says_the_same(site: Path) -> None:
    data = json.loads((site / "articles/first.json").read_text())
    assert data["news"] == "New here: all 3 statements."
    assert json.loads((site / "articles/undated.json").read_text())["news"] is None


def test_a_report_that_is_withheld_is_not_what_another_repeats(tmp_path: Path) -> None:
    claim = "claims:\n  - {id: troops, by: [nis], quote: It is so}"
    secret = article("2024-01-01", "leak", claim).replace("TLP:CLEAR", "TLP:AMBER")
    made = built(tmp_path, {"secret": secret, "open": article("2024-01-05", "wire", claim)})
    assert news(made, "open") == "New here: its only statement."
    assert note(made, "open", "note-claim-1") == "new"
