"""What a claim's page says first: who takes which side, who has not been heard, the latest number, the last change."""

from __future__ import annotations

import json
from pathlib import Path

import lxml.html
import pytest

from projects import GOOD, sitrep, write

CLEAR = "marking: TLP:CLEAR\n"
TEXT = "It is so. It is not so. Nobody spoke. One. Two. Three. It began.\n"
ABOUT = "[russia, minister, kyiv, seoul, moscow-city]"
CLAIM = f"statement: There are troops.\nabout: {{actors: {ABOUT}}}\nmeasure: Troops, total\n"


def article(published: str, source: str, *claims: str, head: str = "") -> str:
    lines = "".join(f"  - {{id: troops, {claim}}}\n" for claim in claims)
    date = f"published: {published}\n" if published else ""
    return (
        f"title: {source} report\nsource: {source}\n{date}{head}{CLEAR}status: reviewed\nrights: full\nclaims:\n{lines}"
    )


def built(root: Path, articles: dict[str, str], claim: str = CLAIM) -> Path:
    files: dict[str, str | bytes] = dict(GOOD)
    for id, sidecar in articles.items():
        files[f"content/articles/{id}.yaml"] = sidecar
        files[f"content/articles/{id}.md"] = TEXT
    files["content/claims/troops.yaml"] = claim + CLEAR
    files["content/actors/minister.yaml"] = f"name: The minister\nkind: person\npart_of: [russia]\n{CLEAR}"
    files["content/actors/moscow-city.yaml"] = f"name: Moscow\nkind: place\n{CLEAR}"
    files["content/actors/envoy.yaml"] = f"name: The envoy\nkind: person\npart_of: [seoul]\n{CLEAR}"
    for id in ("russia", "kyiv", "seoul"):
        files[f"content/actors/{id}.yaml"] = f"name: {id.title()}\nkind: state\n{CLEAR}"
    ran = sitrep(write(root, files), "build", "--quiet")
    assert ran.code == 0, ran.out
    return root / "site"


FIRST = article("2024-01-02", "wire", "by: [nis], value: 100, quote: It is so", "by: [pentagon], quote: One")
SECOND = article(
    "2024-01-05",
    "herald",
    "by: [nis], value: 200, quote: Two",
    "stance: silent, by: [russia], quote: Nobody spoke",
    "stance: denies, by: [envoy], quote: It is not so",
    "by: [{unnamed: Nobody}], quote: Three",
)
THIRD = article("2024-01-09", "post", "stance: denies, by: [pentagon], quote: It is not so")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("claim"), {"first": FIRST, "second": SECOND, "third": THIRD})


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def facts(site: Path) -> list[tuple[str, str]]:
    """What the page says of where the claim stands: label and words."""
    page = lxml.html.fromstring((site / "claims/troops.html").read_bytes())
    return [
        (words(row.find("dt")), " | ".join(words(dd) for dd in row.findall("dd")))
        for row in page.xpath("//section[contains(@class, 'stands')]//dl/div")
    ]


def test_who_asserts_denies_and_is_silent_by_their_latest_word(site: Path) -> None:
    assert facts(site)[:4] == [
        ("asserts", "Nis"),
        ("denies", "Pentagon, The envoy"),
        ("silent", "Russia"),
        ("no statement from", "Kyiv"),
    ]


def test_whom_a_claim_is_about_is_heard_through_who_speaks_for_it_and_a_place_does_not_speak(site: Path) -> None:
    (unheard,) = [found for label, found in facts(site) if label == "no statement from"]
    assert unheard == "Kyiv"


def test_the_latest_number_says_whose_it_is_and_where_it_stands(site: Path) -> None:
    assert ("latest number", "200, Nis, 2024-01-05") in facts(site)


def test_the_last_change_is_that_of_the_latest_day(site: Path) -> None:
    assert facts(site)[-1] == ("last change", "2024-01-09: Pentagon now denies what it asserted before.")


def test_our_judgment_is_a_change_where_it_is_another_than_before(tmp_path: Path) -> None:
    claim = CLAIM + (
        "assessments:\n"
        "  - {date: 2024-01-03, likelihood: likely, confidence: low, because: One says so.}\n"
        "  - {date: 2024-02-01, likelihood: very likely, confidence: low, because: Two say so.}\n"
        "  - {date: 2024-03-01, likelihood: very likely, confidence: low, because: Nothing new.}\n"
    )
    site = built(tmp_path, {"first": FIRST, "second": SECOND}, claim)
    assert facts(site)[-1] == ("last change", "2024-02-01: We assess it as very likely, before that as likely.")


def test_several_changes_of_one_day_are_all_told(tmp_path: Path) -> None:
    site = built(
        tmp_path, {"first": FIRST, "second": article("2024-01-05", "herald", "by: [kyiv], value: 300, quote: Two")}
    )
    assert facts(site)[-1] == (
        "last change",
        "2024-01-05: A new figure: 300, in Herald. | One more named origin: Kyiv, in Herald.",
    )


def test_a_report_that_is_withdrawn_is_a_change(tmp_path: Path) -> None:
    later = article("2024-01-07", "wire", "quote: One", head="updates: {article: second, how: withdraws}\n")
    site = built(tmp_path, {"first": FIRST, "second": SECOND, "later": later})
    assert facts(site)[-1] == ("last change", "2024-01-07: wire report withdraws herald report.")


def test_what_was_withdrawn_is_nobodys_latest_word(tmp_path: Path) -> None:
    later = article("2024-01-07", "wire", "quote: One", head="updates: {article: second, how: withdraws}\n")
    site = built(tmp_path, {"first": FIRST, "second": SECOND, "later": later})
    found = dict(facts(site))
    assert found["asserts"] == "Nis, Pentagon"
    assert found["latest number"] == "100, Nis, 2024-01-02"
    assert found["no statement from"] == "Russia, The minister, Kyiv, Seoul"
    page = lxml.html.fromstring((site / "claims/troops.html").read_bytes())
    assert [words(found) for found in page.xpath("//section[contains(@class, 'best')]//figcaption")] == ["For"]


def test_a_claim_of_which_nobody_speaks_says_nothing_of_sides(tmp_path: Path) -> None:
    assert facts(built(tmp_path, {})) == []


def test_what_nobody_named_asserts_says_so(tmp_path: Path) -> None:
    site = built(
        tmp_path, {"first": article("2024-01-02", "wire", "quote: One", "stance: denies, by: [kyiv], quote: Two")}
    )
    assert facts(site)[:2] == [("asserts", "nobody named"), ("denies", "Kyiv")]


def test_many_names_are_cut_and_counted(tmp_path: Path) -> None:
    names = ", ".join(f"speaker-{n}" for n in range(9))
    site = built(tmp_path, {"first": article("2024-01-02", "wire", f"by: [{names}], quote: It is so")})
    assert facts(site)[0] == ("asserts", f"{', '.join(f'Speaker {n}' for n in range(6))} and 3 more")


def test_the_data_beside_the_page_says_the_same(site: Path) -> None:
    data = json.loads((site / "claims/troops.json").read_text())
    assert [made["id"] for made in data["unheard"]] == ["kyiv"]
    assert data["last_change"] == ["2024-01-09: Pentagon now denies what it asserted before."]
