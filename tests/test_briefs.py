"""Briefs: written ones stand on numbered references, assembled ones on annotations alone; both print as documents."""

from __future__ import annotations

import io
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import html5lib
import pypdf
import pytest

from projects import GOOD, HEAD, sitrep, tree, write

CLEAR = "marking: TLP:CLEAR\n"
BRIEF = "title: T\ndate: 2024-01-05\nmarking: TLP:CLEAR\nstatus: reviewed\n"
TEXT = "The ship left at noon. The harbour master denied it. Nobody asked about the cargo.\n"
SITE: dict[str, str | bytes] = {
    "content/articles/a.md": TEXT,
    "content/articles/a.yaml": HEAD.replace("title: T", "title: Ship report")
    + "captured: 2024-01-03\nclaims:\n"
    + "  - {id: left, by: [{unnamed: Nobody}], quote: The ship left at noon}\n"
    + "  - {id: left, by: [harbour-master], stance: denies, quote: The harbour master denied it}\n",
    "content/claims/left.yaml": "statement: The ship left.\n" + CLEAR,
    "content/claims/secret.yaml": "statement: Nothing of this leaves.\nmarking: TLP:RED\n",
    "content/articles/secret.md": "Nothing of this leaves.\n",
    "content/articles/secret.yaml": HEAD.replace("CLEAR", "RED"),
}


def brief(text: str, data: str = "", **more: str) -> dict[str, str | bytes]:
    return {**SITE, "content/briefs/b.yaml": BRIEF + data, "content/briefs/b.md": text, **more}


def built(root: Path, files: dict[str, str | bytes], config: str = "title: Test\n", code: int = 0) -> Path:
    ran = sitrep(write(root, files, config=config), "build", "--quiet")
    assert ran.code == code, ran.out
    return root / "site"


def page(site: Path, path: str = "briefs/b.html") -> Any:
    return html5lib.parse((site / path).read_text("utf-8"), namespaceHTMLElements=False)


def words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def of_class(tree_: Any, name: str) -> list[Any]:
    return [e for e in tree_.iter() if isinstance(e.tag, str) and name in (e.get("class") or "").split()]


# -- references -------------------------------------------------------------------------------------------------------


def test_citations_are_numbered_in_the_order_of_first_use(tmp_path: Path) -> None:
    data = "summary: It left. [[claim:left]]\nkey_judgments: [{text: So we think, because: '[[article:a#claim-2]]', "
    data += "rests_on: [left]}]\n"
    text = "## Discussion\n\nIt [[article:a#claim-1|left]], and [[article:a]] says [[claim:left|so]]. "
    text += "[[harbour-master]] no."
    made = page(built(tmp_path, brief(text, data)))
    cites = [(cite.text, cite.get("href")) for cite in of_class(made, "cite")]
    assert [number for number, _ in cites] == ["[1]", "[2]", "[1]", "[3]", "[4]", "[1]"]
    assert all(href == f"#ref-{number.strip('[]')}" for number, href in cites)
    references = of_class(made, "reference")
    assert [r.get("id") for r in references] == ["ref-1", "ref-2", "ref-3", "ref-4"]
    ids = {e.get("id") for e in made.iter() if e.get("id")}
    backs = [back.get("href").lstrip("#") for back in of_class(made, "back")]
    assert backs == ["cite-1", "cite-2", "cite-3", "cite-4"]
    assert set(backs) <= ids
    body = words(of_class(made, "body")[0])
    assert body == "Discussion It left[3], and [4] says so[1]. Harbour Master no."


def test_a_reference_has_the_words_the_chain_and_its_descriptors(tmp_path: Path) -> None:
    files = brief("[[article:a#claim-2|Denied]], [[claim:left]], [[article:a#claim-1]]")
    files["content/sources/wire.yaml"] = f"name: Wire\nkind: agency\nreliability: B\ncontrolled_by: [port]\n{CLEAR}"
    files["content/claims/left.yaml"] = str(files["content/claims/left.yaml"]) + (
        "assessments:\n  - {date: 2024-01-04, likelihood: likely, confidence: low}\n"
        "  - {date: 2024-01-09, likelihood: unlikely}\n"
    )
    files["content/actors/port.yaml"] = f"name: Port\n{CLEAR}"
    denied, claim, unnamed = (words(r) for r in of_class(page(built(tmp_path, files)), "reference"))
    assert denied.startswith(
        "Ship report Wire 2024-01-02 The harbour master denied it Harbour Master → Wire − denies".replace("− ", "")
    )
    assert (
        "Published 3 days before this brief. Wire: agency, reliability B, usually reliable, controlled by Port."
        in denied
    )
    assert "The ship left at noon" in claim
    ledger = "1 article · 1 outlet · no named origin in these reports · 1 chain untraced."
    assert f"{ledger} Our assessment of 2024-01-04: likely." in claim
    assert "unlikely" not in claim
    assert "From a speaker whom the article does not name" in unnamed


def test_what_a_brief_says_of_a_claim_is_as_known_on_its_date(tmp_path: Path) -> None:
    later = HEAD.replace("2024-01-02", "2024-02-02") + "claims: [{id: left, by: [captain], quote: It left}]\n"
    files = brief("[[claim:left]]") | {"content/articles/z.md": "It left.\n", "content/articles/z.yaml": later}
    (reference,) = of_class(page(built(tmp_path, files)), "reference")
    assert (
        "As known on 2024-01-05: 1 article · 1 outlet · no named origin in these reports · 1 chain untraced."
        in words(reference)
    )
    assert "Now: 2 articles · 1 outlet · 1 named origin in these reports · 1 chain untraced." in words(reference)
    assert "The ship left at noon" in words(reference)


def test_what_is_not_released_is_a_reference_that_says_so(tmp_path: Path) -> None:
    site = built(
        tmp_path,
        brief("So it is [[claim:secret]], and [[article:secret|so]].", "summary: '[[claim:secret]]'\n"),
    )
    made = page(site)
    assert [words(r) for r in of_class(made, "reference")] == ["not published here ↑", "not published here ↑"]
    assert words(of_class(made, "body")[0]) == "So it is [1], and so[2]."
    assert "2 of its references are not published here." in words(of_class(made, "summary")[0])
    assert "secret" not in (site / "briefs/b.html").read_text("utf-8")


def test_a_list_leaves_the_numbers_out(tmp_path: Path) -> None:
    site = built(tmp_path, brief("x", "summary: It left. [[claim:left]] So [[article:a|it is]].\n"))
    (line,) = of_class(page(site, "briefs/index.html"), "line")
    assert words(line) == "It left. So it is."
    (meta,) = [m for m in page(site).iter("meta") if m.get("name") == "description"]
    assert meta.get("content") == "It left. So it is."


def test_the_source_summary_is_of_what_is_cited(tmp_path: Path) -> None:
    files = brief("[[claim:left]] [[claim:sank]] [[article:b]]")
    files |= {
        "content/articles/b.md": "It sank, the owner said. Then it left, the captain said.\n",
        "content/articles/b.yaml": HEAD.replace("source: wire", "source: post").replace("2024-01-02", "2024-01-04")
        + "claims: [{id: sank, by: [owner], quote: It sank}, {id: left, by: [captain], quote: it left}]\n",
        "content/claims/sank.yaml": f"statement: It sank.\nabout: {{actors: [owner]}}\n{CLEAR}",
        "content/sources/post.yaml": f"name: Post\nreliability: F\n{CLEAR}",
        "content/sources/wire.yaml": f"name: Wire\nreliability: B\n{CLEAR}",
    }
    (summary,) = of_class(page(built(tmp_path, files)), "summary")
    assert [words(p) for p in summary.iter("p")] == [
        "This brief cites 1 article and 2 claims.",
        "Behind the claims: 2 articles and 2 named origins in these reports: Captain and Owner.",
        "For 1 of the 2 claims, some chains cannot be traced.",
        "Resting on one origin: The ship left. It sank.",
        "Asserted by interested parties alone: It sank.",
        "All these articles come from 2 outlets: Wire (reliability B, usually reliable);"
        " Post (reliability F, cannot be judged).",
        "Published from 2024-01-02 to 2024-01-04; the latest 1 day before this brief.",
    ]


def test_a_brief_that_cites_nothing_says_so(tmp_path: Path) -> None:
    made = page(built(tmp_path, brief("Words alone.")))
    assert words(of_class(made, "summary")[0]) == "Source summary statement This brief cites nothing."
    assert not of_class(made, "reference")


def test_the_row_of_terms_is_that_of_the_judgments(tmp_path: Path) -> None:
    data = "key_judgments: [{text: A, likelihood: probable}, {text: B, likelihood: remote}]\n"
    (terms,) = of_class(page(built(tmp_path, brief("x", data))), "terms")
    assert [words(th) for th in terms.iter("th")][:2] == ["remote", "highly improbable"]
    assert [words(b) for b in terms.iter("b")] == ["remote", "probable"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("It is as [[harbour-master]] has it.", True), ("It is as [[article:a]] has it.", False)],
)
def test_to_name_an_actor_is_no_citation(tmp_path: Path, text: str, told: bool) -> None:
    root = write(tmp_path, brief(f"## Discussion\n\n{text}\n"), config="title: Test\n")
    assert ("[uncited]" in sitrep(root, "check").out) == told


# -- assembled --------------------------------------------------------------------------------------------------------

WEEKLY = "title: Test\nbriefs: {every: week}\n"


def test_without_a_period_nothing_is_assembled(tmp_path: Path) -> None:
    assert sorted(p.name for p in (built(tmp_path, GOOD) / "briefs").iterdir()) == ["index.html"]


def test_each_period_in_which_something_became_known_has_a_brief(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for id, date in {
        "a": "2024-01-01",
        "b": "2024-01-07",
        "c": "2024-01-29",
        "d": "2024-01-30/..",
        "e": "2024",
    }.items():
        files[f"content/articles/{id}.md"] = "All is well.\n"
        files[f"content/articles/{id}.yaml"] = HEAD.replace("2024-01-02", date)
    site = built(tmp_path, files, WEEKLY)
    pages = sorted(p.name for p in (site / "briefs").iterdir())
    assert pages == ["2024-W01.html", "2024-W05.html", "2025-W01.html", "index.html"]
    fifth = (site / "briefs/2024-W05.html").read_text("utf-8")
    assert "Nothing became known in the 3 weeks between." in fifth
    assert "becam" not in words(of_class(page(site, "briefs/2024-W01.html"), "rest")[0])


def test_a_written_brief_keeps_its_address(tmp_path: Path) -> None:
    files = {**GOOD, "content/briefs/2024-w01.yaml": BRIEF.replace("title: T", "title: Written")}
    site = built(tmp_path, files, WEEKLY, code=1)
    assert sorted(p.name for p in (site / "briefs").iterdir()) == ["2024-w01.html", "index.html"]
    assert "Written" in (site / "briefs/2024-w01.html").read_text("utf-8")
    told = sitrep(tmp_path, "check").out
    assert "error: the id '2024-w01' is that of a week" in told
    write(tmp_path, {}, config=WEEKLY.replace("week", "month"))
    assert "[period-id]" not in sitrep(tmp_path, "check").out


def test_an_old_id_keeps_its_address_too(tmp_path: Path) -> None:
    files = {**GOOD, "content/briefs/b.yaml": BRIEF + "formerly: [2024-W01]\n"}
    site = built(tmp_path, files, WEEKLY, code=1)
    assert "http-equiv" in (site / "briefs/2024-W01.html").read_text("utf-8")
    assert re.search(r"b\.yaml:\d+:\d+: error: the id '2024-W01'", sitrep(tmp_path, "check").out)


def test_a_withheld_brief_may_be_named_like_a_period(tmp_path: Path) -> None:
    """Its name is no leak where a period is called so."""
    red = BRIEF.replace("CLEAR", "RED").replace("title: T", "title: Week 1 of 2024")
    with_it = built(tmp_path / "with", {**GOOD, "content/briefs/2024-W01.yaml": red}, WEEKLY, code=1)
    without = built(tmp_path / "without", GOOD, WEEKLY)
    assert tree(with_it) == tree(without)


def test_long_lists_are_cut_and_the_rest_is_counted(tmp_path: Path) -> None:
    text = "".join(f"Thing {n:02} is so. " for n in range(45)) + "\n"
    claims = "".join(f"  - {{id: c{n:02}, quote: Thing {n:02} is so}}\n" for n in range(45))
    files = {"content/articles/a.md": text, "content/articles/a.yaml": HEAD + "claims:\n" + claims}
    made = page(built(tmp_path, files, WEEKLY), "briefs/2024-W01.html")
    assert len(list(of_class(made, "moves")[0])) == 25
    assert words(of_class(made, "counts")[0]) == "1 article · 45 new claims"
    assert words(made).count("and 20 more") == 3  # what moved, new claims, on one origin at most


def test_a_statement_about_several_claims_is_one_statement(tmp_path: Path) -> None:
    claims = "claims: [{id: [ships, guns], by: [captain], stance: silent, quote: The captain kept silent}]\n"
    files = {"content/articles/a.md": "The captain kept silent.\n", "content/articles/a.yaml": HEAD + claims}
    made = words(of_class(page(built(tmp_path, files, WEEKLY), "briefs/2024-W01.html"), "rest")[0])
    assert "Captain 1 silent Guns Ships" in made
    assert made.partition("Silent, or declined to say")[2].count("The captain kept silent.") == 1


def test_as_of_a_day_no_later_period_is_there(tmp_path: Path) -> None:
    later = {"content/articles/z.md": "Well.\n", "content/articles/z.yaml": HEAD.replace("2024-01-02", "2024-02-02")}
    root = write(tmp_path, {**GOOD, **later}, config=WEEKLY)
    assert sitrep(root, "build", "--quiet", "--as-of", "2024-01-31").code == 0
    assert sorted(p.name for p in (root / "site/briefs").iterdir()) == ["2024-W01.html", "index.html"]


EARLIER = "claims: [{id: crates, by: [captain], quote: Crates landed}]\n"
CHANGES: dict[str, dict[str, str | bytes]] = {
    "an article of an old period": {
        "content/articles/z.md": "Crates landed.\n",
        "content/articles/z.yaml": HEAD.replace("2024-01-02", "2024-01-17") + EARLIER,
    },
    "a speaker's body": {"content/actors/governor.yaml": f"name: The governor\npart_of: [mayor]\n{CLEAR}"},
    "the topic of a claim": {"content/claims/guns.yaml": f"statement: Guns.\ntopics: [ports]\n{CLEAR}"},
    "what is withdrawn": {"content/articles/fourth.yaml": HEAD.replace("2024-01-02", "2024-02-01")},
    "a brief's words": {"content/briefs/crates.md": "[[claim:guns]] [[article:first#claim-1]]\n"},
    "an event's date": {"content/events/vote.yaml": f"name: Vote\ndate: 2024-01-08\n{CLEAR}"},
    "the title of an article": {"content/articles/third.yaml": HEAD.replace("title: T", "title: Another")},
    "the period": {"config.yaml": "title: Assembled\nbriefs: {every: month}\npublish: {rights: full}\n"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_former_build_made_is_not_kept_too_long(tmp_path: Path, change: str) -> None:
    """A site built over a former one is that of a first build."""
    example = Path(__file__).parent / "sites/assembled"
    for name in ("over", "anew"):
        shutil.copytree(example, tmp_path / name, ignore=shutil.ignore_patterns("expected", ".sitrep"))
    assert sitrep(tmp_path / "over", "build", "--quiet").code == 0
    sites = []
    for name in ("over", "anew"):
        sitrep(write(tmp_path / name, CHANGES[change], config=""), "build", "--quiet")
        sites.append(tree(tmp_path / name / "site"))
    assert sites[0] == sites[1]


# -- in a browser, and on paper ---------------------------------------------------------------------------------------


@pytest.fixture
def demo_brief(demo_site: Path) -> str:
    return (demo_site / "briefs/2024-10-31-troops-few-origins.html").as_uri()


@pytest.mark.browser
def test_a_number_shows_its_reference_and_is_left_by_the_keyboard(chromium_page: Any, demo_brief: str) -> None:
    chromium_page.goto(demo_brief)
    cite = chromium_page.locator("a.cite").nth(1)
    reference = chromium_page.locator(cite.get_attribute("href"))
    cite.focus()
    chromium_page.keyboard.press("Enter")
    card = chromium_page.locator(".card")
    assert card.is_visible()
    quoted = reference.locator("blockquote").inner_text()
    assert quoted in card.inner_text()
    assert reference.locator(".via").first.inner_text() in card.inner_text()
    box, wide = card.bounding_box(), chromium_page.viewport_size["width"]
    assert 0 <= box["x"] <= box["x"] + box["width"] <= wide
    assert chromium_page.evaluate("() => document.activeElement.closest('.card') !== null")
    chromium_page.keyboard.press("Escape")
    assert not card.is_visible()
    assert chromium_page.evaluate("() => document.activeElement.className") == "cite"
    assert chromium_page.evaluate(
        "() => new Set(Array.from(document.querySelectorAll('[id]'), e => e.id)).size"
        " === document.querySelectorAll('[id]').length"
    )


@pytest.mark.browser
def test_a_click_elsewhere_puts_the_card_away_and_its_link_leads_on(chromium_page: Any, demo_brief: str) -> None:
    chromium_page.goto(demo_brief)
    cite = chromium_page.locator("a.cite").nth(3)
    cite.click()
    card = chromium_page.locator(".card")
    assert card.is_visible()
    chromium_page.mouse.click(2, 2)
    assert not card.is_visible()
    cite.click()
    chromium_page.locator(".card .way").click()
    assert chromium_page.url.endswith(cite.get_attribute("href"))
    assert not card.is_visible()


@pytest.mark.browser
def test_without_scripts_a_number_leads_to_its_reference_and_back(chromium: Any, demo_brief: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page_ = context.new_page()
    page_.goto(demo_brief)
    page_.locator("a.cite").first.click()
    assert page_.url.endswith("#ref-1")
    page_.locator("#ref-1 .back").click()
    assert page_.url.endswith("#cite-1")
    context.close()


def printed(page_: Any, path: Path) -> list[str]:
    """The text of each page of a page's PDF."""
    page_.goto(path.as_uri())
    data = page_.pdf(format="A4", prefer_css_page_size=True)
    sheets = (sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(data)).pages)
    return [" ".join(unicodedata.normalize("NFKC", sheet).split()) for sheet in sheets]  # ligatures are letters


def bears(sheets: list[str], marking: str) -> None:
    """Each sheet has the marking at its head and at its foot, and its number."""
    assert len(sheets) > 1
    for n, sheet in enumerate(sheets, 1):
        assert sheet.count(marking) >= 2, sheet
        assert f"{n} / {len(sheets)}" in sheet


@pytest.mark.browser
@pytest.mark.parametrize("name", ["2024-10-31-troops-few-origins", "2024-W43"])
def test_a_brief_prints_as_a_document(chromium_page: Any, demo_site: Path, name: str) -> None:
    sheets = printed(chromium_page, demo_site / f"briefs/{name}.html")
    bears(sheets, "TLP:CLEAR")
    whole = " ".join(sheets)
    made = page(demo_site, f"briefs/{name}.html")
    aside = {id(h) for beside in of_class(made, "beside") for h in beside.iter("h2")}
    headings = [words(h) for h in made.iter("h2") if id(h) not in aside]
    places = [whole.index(f"{n}. {heading}") for n, heading in enumerate(headings, 1)]
    assert places == sorted(places)
    assert len(places) > 5
    for cited in of_class(made, "reference"):
        quote = next(cited.iter("blockquote"), None)
        assert quote is None or words(quote)[:30] in whole
    assert "Articles Claims Events" not in whole  # the way through the site


@pytest.mark.browser
def test_a_preview_prints_its_marking_and_that_it_is_not_for_release(chromium_page: Any, tmp_path: Path) -> None:
    files = brief("It is so. [[article:a]]\n\n" * 90)
    files["content/briefs/b.yaml"] = BRIEF.replace("CLEAR", "AMBER+STRICT")
    root = write(tmp_path, files, config="title: Test\n")
    assert sitrep(root, "build", "--quiet", "--preview").code == 0
    sheets = printed(chromium_page, root / "preview/briefs/b.html")
    bears(sheets, "TLP:AMBER+STRICT")
    assert all("Preview, not for release" in sheet for sheet in sheets)
