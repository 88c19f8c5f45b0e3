"""The release guard: what is searched for and found, and that nothing of a build that leaks is kept."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from projects import GOOD, HEAD, everything, sitrep, tree, write
from sitrep.build import build as building
from sitrep.build import plan as planning
from sitrep.build.state import BuildOptions
from sitrep.pages.parts.context import PageContext
from sitrep.publish.leak_guard import Guard, WithheldPhrase, fold, unescaped
from sitrep.views.outputs import Media, Output
from sitrep.views.pages import Html

NAME = "Zoltán “the Owl” Qvist"
SENTENCE = "The courier left Tórshavn & went <north> by night."
SECRET: dict[str, str | bytes] = {
    "content/actors/secret-courier.yaml": f"name: {NAME}\naliases: [Nightjar Seven]\nmarking: TLP:RED\n"
    f"description: {SENTENCE}\n",
    "content/articles/kept-back-report.yaml": HEAD.replace("CLEAR", "RED") + "topics: [only-in-the-dark]\n",
    "content/articles/kept-back-report.md": "A paragraph that *nobody* outside may read.\n",
}
FILES: dict[str, str | bytes] = {
    **GOOD,
    **SECRET,
    "content/actors/geneva.yaml": "name: Geneva\nmarking: TLP:CLEAR\n",
}


def needle(words: str, *, sentence: bool = False) -> WithheldPhrase:
    return WithheldPhrase(fold(unescaped(words)), words, "content/actors/x.yaml", sentence)


def page(body: str) -> bytes:
    return f"<!doctype html><title>t</title><p>{body}</p>".encode()


def ways(words: str) -> dict[str, bytes]:
    """Every way in which words may be written."""
    found = {
        "raw": words,
        "upper": words.upper(),
        "html": html.escape(words),
        "entities": "".join(f"&#{ord(c)};" for c in words),
        "hexadecimal": "".join(f"&#x{ord(c):x};" for c in words),
        "percent": quote(words),
        "every percent": "".join(f"%{b:02x}" for b in words.encode()),
        "plus": quote_plus(words),
        "json": json.dumps(words),
        "json in html": html.escape(json.dumps(words)),
        "percent in html": html.escape(f"?q={quote(words)}&x=1"),
        "wrapped": words.replace(" ", "\n  "),
        "slug": words.replace(" ", "-"),
    }
    encoded = {name: f"before {text} after".encode() for name, text in found.items()}
    for form in (words, words.casefold()):
        for before in ("", "x", "xy", "xyz", "ö"):
            data = base64.b64encode(f"{before}{form} and more".encode()).decode()
            encoded[f"base64 after {before!r} of {form}"] = f"data:text/plain;base64,{data}".encode()
            encoded[f"base64 for addresses after {before!r} of {form}"] = base64.urlsafe_b64encode(
                f"{before}{form}".encode()
            )
        encoded[f"mime of {form}"] = base64.encodebytes(f"A line that is long. {form} {'and more ' * 20}".encode())
    return encoded


@pytest.mark.parametrize("words", [NAME, "kim-jong-un-aide", "Секретный человек", "北朝鲜军队在俄罗斯作战", SENTENCE])
def test_words_are_found_however_they_are_written(words: str) -> None:
    guard = Guard([needle("something else"), needle(words, sentence=words == SENTENCE)])
    for way, data in ways(words).items():
        media: Media
        for path, media in (("actors/x.html", "html"), ("actors/x.json", "data")):
            if media == "html" and b"<" in data:
                continue  # that would be a tag
            assert guard.search(path, data, media) == [1], (way, path, data)


LEFT = {
    "no address": ("content/actors/the night man.yaml",),
    "case twins": ("content/actors/Night-Man.yaml", "content/actors/night-man.yaml"),
}


@pytest.mark.parametrize("names", LEFT.values(), ids=list(LEFT))
def test_a_file_that_is_not_read_for_its_name_is_searched_for_too(names: tuple[str, ...], tmp_path: Path) -> None:
    told = {
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": "See [the notes](assets/notes.csv).\n",
        "content/assets/notes.csv": f"who,where\n{NAME},north\n",
    }
    write(tmp_path, {**GOOD, **told, **dict.fromkeys(names, f"name: {NAME}\nmarking: TLP:RED\n")})
    ran = sitrep(tmp_path, "build")
    assert (ran.code, "would stand in assets/notes.csv" in ran.out) == (1, True)
    for name in names:
        write(tmp_path, {name: "name: Somebody else\nmarking: TLP:RED\n"})
    assert "[leak]" not in sitrep(tmp_path, "build").out


@pytest.mark.parametrize("path", ["actors/secret-courier.html", "assets/Secret%20Courier.png", "secret_courier/2.html"])
def test_file_names_are_searched(path: str) -> None:
    assert Guard([needle("secret-courier")]).search(path, b"", "data") == [0]


def test_metadata_in_other_encodings_is_found() -> None:
    guard = Guard([needle("Secret Courier")])
    for data in ("Secret Courier".encode("utf-16-le"), "Secret Courier".encode("utf-16-be")):
        for before in (b"%PDF\0", b"%PDF\0\0"):
            assert guard.search("assets/a.pdf", before + data, "data") == [0]


def test_a_sentence_is_found_across_marks_and_a_name_is_not_made_of_neighbours() -> None:
    guard = Guard([needle("the courier left the town by night", sentence=True), needle("north-korea-russia")])
    marked = page('The <a href="x">courier</a> left <mark id="c">the</mark> town by night.')
    assert guard.search("a.html", marked, "html") == [0]
    assert guard.search("a.html", page("<a>North Korea</a> <a>Russia</a>"), "html") == []
    assert guard.search("a.html", page("North Korea, Russia; North Korea / Russia"), "html") == []
    assert guard.search("a.html", page("The courier left</p><p>the town by night"), "html") == []
    assert guard.search("a.html", page('<a title="North Korea Russia">x</a>'), "html") == [1]
    assert guard.search("a.html", page('<a href="../topics/north-korea-russia.html">x</a>'), "html") == [1]


def test_a_sentence_is_found_in_what_a_feed_or_a_calendar_holds_as_text() -> None:
    guard = Guard([needle("the courier, it is said, left the town by night", sentence=True)])
    markup = 'The <a href="x">courier</a>, it is <i>said</i>, left <b>the</b> town by night.'
    atom = f'<content type="html">{html.escape(markup)}</content>'.encode()
    assert guard.search("feeds/index.atom", atom, "feed") == [0]
    assert guard.search("feeds/index.rss", atom, "feed") == [0]
    assert guard.search("feeds/index.json", json.dumps({"content_html": markup}).encode(), "feed") == [0]
    folded = b"DESCRIPTION:The courier\\, it is said\\, left the to\r\n wn by night.\r\n"
    assert guard.search("feeds/events.ics", folded, "calendar") == [0]


def test_long_sentences_that_begin_alike_are_told_apart() -> None:
    first, second = (
        "The ministry said in a statement on Tuesday that it had " + end for end in ("agreed.", "refused.")
    )
    guard = Guard([needle(first, sentence=True), needle(second, sentence=True)])
    assert guard.search("a.html", page(second), "html") == [1]
    assert guard.search("a.html", page("The ministry said in a statement on Tuesday that it had waited."), "html") == []


def test_nothing_to_find_costs_nothing() -> None:
    assert Guard().search("a.html", b"\xff", "html") == []
    assert Guard().phrases_in("Whatever it says.") == set()
    assert list(Guard().leaks({})) == []


# -- builds -----------------------------------------------------------------------------------------------------------


class Leaking:
    """A context that lets something slip: into every article's page, and nothing else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, words: str, path: str = "") -> None:
        plan = planning.plan

        def leaking(context: PageContext, *rest: Any) -> Any:
            for output in plan(context, *rest):
                if output.path == "articles/good.html":
                    output = self.slipped(output, words)._replace(path=path or output.path)
                yield output

        monkeypatch.setattr(planning, "plan", leaking)

    @staticmethod
    def slipped(output: Output, words: str) -> Output:
        import msgspec

        def view() -> Any:
            made = output.view()
            return msgspec.structs.replace(made, body=made.body + Html(words))

        return output._replace(view=view)


LEAKS = {
    "a name": (html.escape(NAME, quote=False), "actors/secret-courier.yaml"),
    "an alias": ("NIGHTJAR seven", "actors/secret-courier.yaml"),
    "an id": ("<a href='secret-courier.html'>x</a>", "actors/secret-courier.yaml"),
    "a name made of an id": ("Only In The Dark", "articles/kept-back-report.yaml"),
    "a sentence": (html.escape(SENTENCE), "actors/secret-courier.yaml"),
    "a sentence with marks": (
        "A <mark>paragraph</mark> that <em>nobody</em> outside may read",
        "articles/kept-back-report.yaml",
    ),
}


@pytest.mark.parametrize("what", LEAKS)
def test_a_leak_fails_the_build_and_the_site_stays_as_it_was(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, file = LEAKS[what]
    write(tmp_path, FILES)
    assert sitrep(tmp_path, "build").code == 0
    before = tree(tmp_path / "site")
    Leaking(monkeypatch, words)
    write(tmp_path, {"content/actors/new.yaml": "name: New\nmarking: TLP:CLEAR\n"})
    ran = sitrep(tmp_path, "build")
    assert ran.code == 1
    (line,) = [line for line in ran.lines if line.endswith("[leak]")]
    assert line.startswith(f"content/{file}:1:1: error: “")
    assert "articles/good.html" in line
    assert "nothing was written" in ran.out
    assert tree(tmp_path / "site") == before
    assert sorted(p.name for p in (tmp_path / "site").iterdir()) == sorted({name.split("/")[0] for name in before})


def test_of_a_first_build_that_leaks_there_is_no_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Leaking(monkeypatch, NAME)
    assert sitrep(write(tmp_path, FILES), "build").code == 1
    assert not (tmp_path / "site").exists()


def test_a_file_name_may_leak_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Leaking(monkeypatch, "", "actors/secret-courier.html")
    ran = sitrep(write(tmp_path, FILES), "build")
    assert (ran.code, "[leak]" in ran.out) == (1, True)


def test_a_preview_may_show_it(tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, FILES), "build", "--preview")
    assert (ran.code, "[leak]" in ran.out) == (0, False)
    assert NAME in html.unescape(everything(tmp_path / "preview"))


@pytest.mark.parametrize(
    "released",
    [
        {"content/topics/t.yaml": f"name: T\nmarking: TLP:CLEAR\ndescription: {SENTENCE} {NAME}\n"},
        {
            "content/topics/t.md": f"{SENTENCE} {NAME}, or *Nightjar Seven*\n",
            "content/topics/t.yaml": "marking: TLP:CLEAR\n",
        },
        {"content/about.md": f"{SENTENCE} {NAME} [[secret-courier]]\n"},
        {"content/articles/good.yaml": HEAD + "actors: [geneva, secret-courier]\n"},
        {"content/articles/good.yaml": HEAD + "via: [secret-courier]\nsummary: By [[only-in-the-dark]].\n"},
        {"config.yaml": f"title: Of {NAME}\n"},
        {"content/articles/good.md": "All is well in Geneva. A paragraph that nobody outside may read.\n"},
    ],
)
def test_what_a_released_file_says_is_no_leak(released: dict[str, str | bytes], tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, {**FILES, **released}), "build")
    assert "[leak]" not in ran.out


@pytest.mark.parametrize("name", ["Geneva", "Geneva <b>& co</b>"])
@pytest.mark.parametrize("way", ["description: Talks with [[geneva]] went on all week.", "geneva"])
def test_a_name_that_a_link_puts_in_is_no_leak(way: str, name: str, tmp_path: Path) -> None:
    """A released file's sentence, as its page shows it, stands plainly in a withheld one."""
    text = {"content/topics/t.yaml": f"name: T\nmarking: TLP:CLEAR\n{way if ':' in way else ''}\n"}
    if ":" not in way:
        text["content/topics/t.md"] = "Talks with [[geneva]] went on all week.\n"
    text["content/actors/geneva.yaml"] = f"name: {name}\nmarking: TLP:CLEAR\n"
    secret = f"name: S\nmarking: TLP:RED\ndescription: Talks with {name} went on all week.\n"
    ran = sitrep(write(tmp_path, {**FILES, **text, "content/topics/s.yaml": secret}), "build")
    assert (ran.code, "Talks with <a" in everything(tmp_path / "site")) == (0, True)


def test_a_summary_without_its_citations_is_no_leak(tmp_path: Path) -> None:
    """Where briefs are listed a citation without words is left out, and what stands about it meets."""
    summary = "summary: Talks [[article:good]] [[geneva|went on all week]].\n"
    brief = f"title: B\nmarking: TLP:CLEAR\nstatus: reviewed\ndate: 2024-06-19\n{summary}"
    secret = "name: S\nmarking: TLP:RED\ndescription: Talks went on all week.\n"
    ran = sitrep(write(tmp_path, {**FILES, "content/briefs/b.yaml": brief, "content/topics/s.yaml": secret}), "build")
    assert (ran.code, "[leak]" in ran.out) == (0, False), ran.out


def test_our_own_words_are_no_leak(tmp_path: Path) -> None:
    words = ["Often in the same articles", "Skip to the text", "assessments", "content-security-policy"]
    files = {f"content/topics/t{n}.yaml": f"name: {name}\nmarking: TLP:RED\n" for n, name in enumerate(words)}
    files["content/topics/statements.yaml"] = "name: S\nmarking: TLP:RED\n"
    assert "[leak]" not in sitrep(write(tmp_path, {**FILES, **files}), "build").out


def test_an_attached_file_is_searched(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **FILES,
        "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
        "content/topics/t.md": "See [the notes](assets/notes.csv).\n",
        "content/assets/notes.csv": f"who,where\n{NAME},north\n",
    }
    ran = sitrep(write(tmp_path, files), "build")
    assert (ran.code, "would stand in assets/notes.csv" in ran.out) == (1, True)


def test_what_cannot_be_read_is_kept_back_and_searched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"content/actors/torn.yaml": "name: Unfinished Business\nmarking: [TLP:CLEAR\n"}
    Leaking(monkeypatch, "Unfinished Business")
    ran = sitrep(write(tmp_path, {**GOOD, **files}), "build")
    assert (ran.code, "[leak]" in ran.out) == (1, True)


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sitrep.parallel import pool
    from sitrep.project import open_project

    Leaking(monkeypatch, NAME)
    monkeypatch.setattr(pool, "FEW", 1)
    project, _ = open_project(write(tmp_path, FILES))
    told = [
        [str(p) for p in building.build(project, BuildOptions(pool.each(jobs), tmp_path / f"s{jobs}")).problems]
        for jobs in (1, 2)
    ]
    assert told[0] == told[1]
    assert any("[leak]" in line for line in told[0])


# -- what the author is told ------------------------------------------------------------------------------------------


def test_what_was_withheld_is_listed_with_the_reason(tmp_path: Path) -> None:
    private = "title: T\npublish: {repository: private}\n"
    files = {**FILES, "content/topics/unmarked-topic.yaml": "name: U\n", "config.yaml": private}
    ran = sitrep(write(tmp_path, files), "build", "--withheld", "--quiet")
    assert ran.lines == [
        "content/articles/kept-back-report.yaml: TLP:RED",
        "content/articles/kept-back-report.md: TLP:RED",
        "content/actors/secret-courier.yaml: TLP:RED",
        "content/topics/unmarked-topic.yaml: unmarked",
    ]
    listed = json.loads(sitrep(tmp_path, "build", "--withheld", "--format", "json").out)["withheld"]
    assert {"file": "content/actors/secret-courier.yaml", "reason": "TLP:RED"} in listed
    assert "withheld" not in json.loads(sitrep(tmp_path, "build", "--format", "json").out)
    assert "secret-courier" not in sitrep(tmp_path, "build").out


def test_what_is_not_read_for_its_name_is_listed_too(tmp_path: Path) -> None:
    files = {"Twin.yaml": "name: A\n", "Twin.md": "A.\n", "twin.yaml": "name: B\n", "two words.yaml": "name: C\n"}
    write(tmp_path, {**GOOD, **{f"content/actors/{name}": text for name, text in files.items()}})
    ran = sitrep(tmp_path, "build", "--withheld", "--quiet")
    assert [line for line in ran.lines if not line.endswith("]")] == [
        "content/actors/two words.yaml: its id cannot be an address",
        "content/actors/Twin.md: its id differs from 'twin' only in case",
        "content/actors/Twin.yaml: its id differs from 'twin' only in case",
        "content/actors/twin.yaml: its id differs from 'Twin' only in case",
    ]
    for command in ("build", "check"):
        assert "not read for their names: 4 actor files" in sitrep(tmp_path, command).lines
    assert "not read" not in sitrep(write(tmp_path / "sound", GOOD), "build").out


def test_the_author_is_told_what_a_public_repository_shows(tmp_path: Path) -> None:
    ran = sitrep(write(tmp_path, FILES), "check", "--strict")
    assert (ran.code, ran.out.count("[public-repository]")) == (1, 1)
    assert "warning: 2 things are withheld from the site by their marking, but a public repository shows" in ran.out
    draft = {"content/articles/draft.yaml": HEAD.replace("reviewed", "draft"), "content/articles/draft.md": "A.\n"}
    ran = sitrep(write(tmp_path, draft), "check", "--strict")
    assert "3 things are withheld from the site, 2 by their marking, but" in ran.out
    write(tmp_path, {"config.yaml": "title: T\npublish: {repository: private}\n"})
    ran = sitrep(tmp_path, "check", "--strict")
    assert (ran.code, "[public-repository]" in ran.out) == (0, False)
    write(tmp_path, {"config.yaml": "title: T\n"})
    for name in SECRET:
        (tmp_path / name).unlink()
    ran = sitrep(tmp_path, "check", "--strict")
    assert (ran.code, "info: 1 thing is withheld from the site, but" in ran.out) == (0, True)  # a draft is no secret
    (tmp_path / "content/articles/draft.yaml").unlink()
    (tmp_path / "content/articles/draft.md").unlink()
    assert "[public-repository]" not in sitrep(tmp_path, "check").out


def test_the_author_is_told_of_a_withheld_thing_that_has_a_page(tmp_path: Path) -> None:
    files = {
        **FILES,
        "content/articles/good.yaml": HEAD + "by: x\nactors: [geneva, secret-courier]\n".replace("by: x\n", ""),
    }
    ran = sitrep(write(tmp_path, files), "check")
    (line,) = [line for line in ran.lines if line.endswith("[withheld-mentioned]")]
    assert line.startswith("content/actors/secret-courier.yaml:1:1: info: ")


CLAIM: dict[str, str | bytes] = {
    "content/claims/c.yaml": "statement: It is so.\nmarking: TLP:CLEAR\n",
    "content/articles/a.md": "It is so, said one.\n",
    "content/articles/a.yaml": HEAD + "claims: [{id: c, by: [kcna], quote: It is so}]\n",
    "content/articles/b.md": "It is so, said another.\n",
    "content/articles/b.yaml": HEAD + "claims: [{id: c, by: [tass], quote: It is so}]\n",
}
RED, CLEAR = "marking: TLP:RED\n", "marking: TLP:CLEAR\n"
INFLATING: dict[str, dict[str, str | bytes]] = {
    "controlled_by": {"content/sources/kcna.yaml": "controlled_by: [tass]\n" + RED},
    "part_of": {"content/actors/kcna.yaml": "part_of: [tass]\n" + RED},
    "shares_evidence": {
        "content/claims/c.yaml": "statement: It is so.\nshares_evidence: [{origins: [kcna, tass], because: B}]\n" + RED
    },
    "withdrawn": {
        "content/articles/w.md": "We take it back.\n",
        "content/articles/w.yaml": HEAD.replace("CLEAR", "RED") + "updates: {article: b, how: withdraws}\n",
    },
    "through an article": {
        "content/articles/b.yaml": HEAD + "via: [{article: w}]\nclaims: [{id: c, by: [tass], quote: It is so}]\n",
        "content/articles/w.md": "It is so.\n",
        "content/articles/w.yaml": HEAD.replace("CLEAR", "RED") + "claims: [{id: c, by: [kcna], quote: It is so}]\n",
    },
}


@pytest.mark.parametrize("how", INFLATING)
def test_a_claim_may_not_look_better_founded_than_it_is(how: str, tmp_path: Path) -> None:
    files = {**CLAIM, **INFLATING[how]}
    held = next(name for name, data in INFLATING[how].items() if "RED" in str(data))
    write(tmp_path, files)
    for command in ("check", "build"):
        ran = sitrep(tmp_path, command)
        (line,) = [line for line in ran.lines if line.endswith("[release-inflates-origins]")]
        assert ran.code == 1
        assert "has 1 known origin, but 2 on the site" in line
        assert held in line
    site = tree(tmp_path / "site")
    assert b"2 named origins" in site["claims/c.html"]  # the bytes stay as they are
    assert "[release-inflates-origins]" not in sitrep(tmp_path, "build", "--preview").out
    for name in INFLATING[how]:
        text = (tmp_path / name).read_text().replace("TLP:RED", "TLP:CLEAR")
        (tmp_path / name).write_text(text)
    assert "[release-inflates-origins]" not in sitrep(tmp_path, "check").out


def test_fewer_origins_on_the_site_are_no_problem(tmp_path: Path) -> None:
    files = {**CLAIM, "content/articles/b.yaml": str(CLAIM["content/articles/b.yaml"]).replace("CLEAR", "RED")}
    assert "[release-inflates-origins]" not in sitrep(write(tmp_path, files), "check").out


# -- images -----------------------------------------------------------------------------------------------------------


def picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Nightjar Seven"
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif.tobytes(), comment="Nightjar Seven")
    return out.getvalue()


IMAGE: dict[str, str | bytes] = {
    **FILES,
    "content/topics/t.yaml": "name: T\nmarking: TLP:CLEAR\n",
    "content/topics/t.md": "![a map](assets/map.jpg)\n",
    "content/assets/map.jpg": picture(),
    "content/assets/unused.jpg": picture(),
}


def test_an_image_leaves_without_its_metadata(tmp_path: Path) -> None:
    assert b"Nightjar Seven" in picture()
    assert sitrep(write(tmp_path, IMAGE), "build").code == 0
    site = tree(tmp_path / "site")
    assert [name for name in site if name.startswith("assets/")] == ["assets/map.jpg"]
    assert b"Nightjar" not in site["assets/map.jpg"]
    assert site["assets/map.jpg"][:2] == b"\xff\xd8"


def test_an_image_that_cannot_be_stripped_is_not_published(tmp_path: Path) -> None:
    write(tmp_path, {**IMAGE, "content/assets/map.jpg": b"II*\0 no picture"})
    for command in ("check", "build"):
        ran = sitrep(tmp_path, command)
        (line,) = [line for line in ran.lines if line.endswith("[image]")]
        assert ran.code == 1
        assert line.startswith("content/assets/map.jpg:1:1: error: this image is not published: it is a TIFF image")
    assert not [name for name in tree(tmp_path / "site") if name.startswith("assets/")]


@pytest.mark.parametrize("rights", ["full", "excerpt", "metadata"])
def test_an_image_of_a_text_that_is_not_shown_whole_does_not_leave(rights: str, tmp_path: Path) -> None:
    files = {
        **IMAGE,
        "content/topics/t.md": "No picture.\n",
        "content/articles/good.md": "All is well in Geneva.\n\n![a map](assets/map.jpg)\n",
        "content/articles/good.yaml": HEAD.replace("full", rights),
    }
    assert sitrep(write(tmp_path, files), "build").code == 0
    assert ("assets/map.jpg" in tree(tmp_path / "site")) == (rights == "full")


# -- previews ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["site", "site/preview", "preview/../site/"])
def test_no_preview_goes_where_the_site_does(folder: str, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    ran = sitrep(tmp_path, "build", "--preview", "--output", f"{tmp_path}/{folder}")
    assert (ran.code, "needs a folder of its own" in ran.err) == (2, True)
    assert not (tmp_path / "site").exists()


def test_a_preview_and_a_site_do_not_share_a_folder(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    sitrep(tmp_path, "build", "--preview")
    sitrep(tmp_path, "build")
    before = tree(tmp_path)
    for arguments in (["--output", str(tmp_path / "preview")], ["--preview", "--output", str(tmp_path / "site")]):
        ran = sitrep(tmp_path, "build", *arguments)
        assert (ran.code, "needs a folder of its own" in ran.err) == (2, True)
    assert tree(tmp_path) == before
    preview, site = tree(tmp_path / "preview"), tree(tmp_path / "site")
    assert "NOT-FOR-RELEASE.txt" in preview
    assert all(b'class="ribbon"' in data for name, data in preview.items() if name.endswith(".html"))
    assert "NOT-FOR-RELEASE.txt" not in site
    assert not any(b'class="ribbon"' in data for name, data in site.items() if name.endswith(".html"))
