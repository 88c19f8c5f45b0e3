"""The way in: a raw report becomes an article and a sidecar, and nothing existing is ever lost."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from projects import sitrep, tree, write
from sitrep.anchoring import quotes
from sitrep.model.records import Article
from sitrep.parse import entry as items
from sitrep.parse import yaml
from sitrep.parse.schema import Sink, record

KNOWN: dict[str, str | bytes] = {
    "content/actors/north-korea.yaml": "name: North Korea\naliases: [Pyongyang]\nmarking: TLP:CLEAR\n",
    "content/actors/korea.yaml": "name: Korea\nmarking: TLP:CLEAR\n",
    "content/actors/vladimir-putin.yaml": "name: Vladimir Putin\naliases: [Putin]\nmarking: TLP:CLEAR\n",
    "content/sources/kcna.yaml": "name: Korean Central News Agency\naliases: [KCNA]\nmarking: TLP:CLEAR\n",
    "content/sources/reuters.yaml": "name: Reuters\nmarking: TLP:CLEAR\n",
}
TEXT = "“North Korea” and Mr Putin agreed, KCNA said.\r\nPyongyang’s Putinists did not. {{ 7*7 }}"


def sidecar(root: Path, id: str) -> Article:
    sink = Sink("")
    made = record(Article, yaml.load((root / f"content/articles/{id}.yaml").read_text("utf-8"), "")[0], sink)
    assert not sink.problems
    assert isinstance(made, Article)
    return made


def test_a_report_becomes_an_article_with_the_names_it_holds(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    raw = tmp_path / "Raw report.txt"
    raw.write_bytes(TEXT.encode())
    ran = sitrep(
        root, "import", str(raw), "--published", "2024-12-05", "--source", "reuters", "--url", "https://a.org/b"
    )
    assert ran.code == 0, ran.err
    id = "2024-12-05-north-korea-and-mr-putin-agreed-kcna-said"
    text = (root / f"content/articles/{id}.md").read_bytes()
    assert text == TEXT.replace("\r\n", "\n").encode()
    made = sidecar(root, id)
    assert made.format == "text"
    assert made.title == "[“North Korea” and Mr Putin agreed, KCNA said.]"
    assert made.text_sha256 == hashlib.sha256(text).hexdigest()
    assert (made.source, made.url) == ("reuters", "https://a.org/b")
    plain = text.decode()
    places = {m.id: [plain[slice(*map(int, at.split("-")))] for at in m.at] for m in made.actors}
    assert places == {"north-korea": ["North Korea", "Pyongyang"], "vladimir-putin": ["Putin"], "kcna": ["KCNA"]}
    assert all(mention.proposed for mention in made.actors)
    ran = sitrep(root, "build", "--preview", "--quiet")
    assert ran.code == 0, ran.out
    assert "{{ 7*7 }}" in (root / f"preview/articles/{id}.html").read_text("utf-8")


def test_reviewed_with_a_proposal_is_an_error(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.md").write_text("# On Korea\n\nKorea agreed.\n")
    assert sitrep(root, "import", str(tmp_path / "a.md"), "--id", "a").code == 0
    path = root / "content/articles/a.yaml"
    assert "format:" not in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace("status: draft", "status: reviewed"), "utf-8")
    ran = sitrep(root, "check", "--quiet")
    assert ran.code == 1
    assert "[proposed]" in ran.out


def test_nothing_existing_is_overwritten(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_text("One.")
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "same").code == 0
    before = tree(root / "content")
    (tmp_path / "a.txt").write_text("Two.")
    for id in ("same", "SAME"):
        ran = sitrep(root, "import", str(tmp_path / "a.txt"), "--id", id)
        assert (ran.code, "exists already" in ran.err) == (2, True)
    assert tree(root / "content") == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--published", "2024-13-01"], "--published"),
        (["--source", "../x"], "--source"),
        (["--url", "javascript:x"], "--url"),
        (["--id", "CON"], "device"),
    ],
)
def test_wrong_options_write_nothing(arguments: list[str], words: str, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_text("One.")
    ran = sitrep(root, "import", str(tmp_path / "a.txt"), *arguments)
    assert ran.code == 2
    assert words in ran.err
    assert not (root / "content/articles").exists()


def test_other_encodings_are_named_not_guessed(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_bytes("Café.".encode("latin-1"))
    ran = sitrep(root, "import", str(tmp_path / "a.txt"))
    assert ran.code == 2
    assert "--encoding" in ran.err
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a", "--encoding", "latin-1").code == 0
    assert (root / "content/articles/a.md").read_text("utf-8") == "Café."


def test_the_shared_report_imports_and_builds(shared: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    raw = shared / "samples/treaty-in-force.txt"
    ran = sitrep(root, "import", str(raw), "--published", "2024-12-05", "--id", "treaty")
    assert ran.code == 0
    assert (root / "content/articles/treaty.md").read_bytes() == raw.read_bytes().replace(b"\r\n", b"\n")
    assert sitrep(root, "build", "--preview").code == 0


def test_every_quote_of_the_shared_annotation_anchors_where_it_stands(shared: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (root / "content/articles").mkdir()
    for ending, name in ((".txt", "treaty.md"), (".yaml", "treaty.yaml")):
        shutil.copy(shared / f"samples/treaty-in-force{ending}", root / "content/articles" / name)
    ran = sitrep(root, "build", "--quiet")
    assert ran.code == 0, ran.out
    data, text = (
        (root / "content/articles/treaty.yaml").read_bytes(),
        (root / "content/articles/treaty.md").read_bytes(),
    )
    entry, problems = items.read("articles", "treaty", data, text, ("a.yaml", "a.md"))
    assert not problems
    article = entry.record
    assert isinstance(article, Article)
    assert len(article.events) + len(article.claims) == 15
    for group, made in (("event", article.events), ("claim", article.claims)):
        for n, assertion in enumerate(made, 1):
            places = [a for a in entry.quotes if (a.kind, a.n) == (group, n)]
            words = [entry.prose.text[a.start : a.end] for a in places]
            assert [quotes.normal(w) for w in words] == [quotes.normal(q.exact) for q in assertion.quote]


def plain(root: Path, id: str, output: str = "preview") -> dict:
    return json.loads((root / f"{output}/articles/{id}.json").read_bytes())


def test_each_proposal_has_a_valid_anchor_in_the_built_page(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_text(
        "Pyongyang agreed.\n\nVladimir Putin of Korea met Putin in Pyongyang, Reuters wrote.\n"
    )
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a").code == 0
    made = sidecar(root, "a")
    assert [mention.id for mention in made.actors if not mention.proposed] == []
    ran = sitrep(root, "build", "--preview", "--quiet")
    assert ran.code == 0, ran.out
    data = plain(root, "a")
    built: dict[str, list[str]] = {}
    for a in data["annotations"]:
        assert data["text"][a["start"] : a["end"]] == a["exact"]
        built.setdefault(a["id"], []).append(f"{a['start']}-{a['end']}")
    assert built == {mention.id: list(mention.at) for mention in made.actors}
    assert built.keys() == {"north-korea", "vladimir-putin", "korea", "reuters"}
    assert [a["exact"] for a in data["annotations"] if a["id"] == "vladimir-putin"] == ["Vladimir Putin", "Putin"]


def test_markdown_is_imported_as_it_stands(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    raw = "# North *Korea* speaks\n\nMr **Putin** & [KCNA](https://example.org/kcna) agreed.\n"
    (tmp_path / "a.md").write_bytes(raw.replace("\n", "\r\n").encode())
    assert sitrep(root, "import", str(tmp_path / "a.md"), "--published", "2024-06").code == 0
    id = "2024-06-north-korea-speaks"
    assert (root / f"content/articles/{id}.md").read_bytes() == raw.encode()
    made = sidecar(root, id)
    assert (made.format, made.title) == ("markdown", "[North Korea speaks]")
    assert [mention.id for mention in made.actors] == ["north-korea", "vladimir-putin", "kcna"]
    assert sitrep(root, "build", "--preview", "--quiet").code == 0
    assert [a["exact"] for a in plain(root, id)["annotations"]] == ["North Korea", "Putin", "KCNA"]


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a\n",
        "\n\n  a  \n\n",
        "a\tb\u00a0\u200b\u2028c\n",
        "e\u0301 \ufffd 😀",
        "# a\n<b>&amp;{{ x }}",
        "a: 'b' # \"c\" [d]",
    ],
)
def test_the_text_is_kept_byte_for_byte(text: str, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    for ending in ("txt", "md"):
        (tmp_path / f"a.{ending}").write_bytes(text.encode())
        ran = sitrep(root, "import", str(tmp_path / f"a.{ending}"), "--id", ending)
        assert ran.code == 0, ran.err
        assert (root / f"content/articles/{ending}.md").read_bytes() == text.encode()
        assert sidecar(root, ending).title.startswith("[")
        assert sidecar(root, ending).title.endswith("]")
    assert sitrep(root, "build", "--preview", "--quiet").code == 0
    assert plain(root, "txt")["text"] == text


def test_a_mac_s_and_windows_line_ends_become_ours(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_bytes(b"One.\r\nTwo.\rThree.\n\r\n")
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a").code == 0
    assert (root / "content/articles/a.md").read_bytes() == b"One.\nTwo.\nThree.\n\n"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("latin-1", "Café de Pyongyang.".encode("latin-1")),
        ("windows-1252", "“Café” – Pyongyang.".encode("cp1252")),
        ("utf-16", "“Café” Pyongyang.".encode("utf-16")),
        ("euc-kr", "평양 Pyongyang.".encode("euc-kr")),
    ],
)
def test_another_encoding_is_refused_until_it_is_named(encoding: str, data: bytes, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_bytes(data)
    before = tree(root / "content")
    ran = sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a")
    assert (ran.code, "--encoding" in ran.err) == (2, True)
    assert tree(root / "content") == before
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a", "--encoding", encoding).code == 0
    assert (root / "content/articles/a.md").read_text("utf-8") == data.decode(encoding)
    assert [mention.id for mention in sidecar(root, "a").actors] == ["north-korea"]


@pytest.mark.parametrize("arguments", [["--encoding", "no-such"], ["--encoding", "ascii"]])
def test_an_encoding_that_does_not_read_it_writes_nothing(arguments: list[str], tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_bytes("Café.".encode("latin-1"))
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a", *arguments).code == 2
    assert not (root / "content/articles").exists()


@pytest.mark.parametrize("name", ["a.pdf", "a", "not-there.txt", "folder.txt"])
def test_what_is_no_report_is_refused(name: str, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    if name.startswith("a"):
        (tmp_path / name).write_text("One.")
    if name.startswith("folder"):
        (tmp_path / name).mkdir()
    ran = sitrep(root, "import", str(tmp_path / name))
    assert ran.code == 2
    assert name in ran.err
    assert not (root / "content/articles").exists()


@pytest.mark.parametrize("existing", ["a.md", "a.yaml"])
def test_half_an_article_is_not_overwritten_either(existing: str, tmp_path: Path) -> None:
    root = write(tmp_path / "p", {**KNOWN, f"content/articles/{existing}": "mine"})
    (tmp_path / "a.txt").write_text("One.")
    assert sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a").code == 2
    assert tree(root / "content/articles") == {existing: b"mine"}


def test_an_article_is_confirmed_by_deleting_proposed(tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (tmp_path / "a.txt").write_text("Pyongyang agreed.")
    assert (
        sitrep(root, "import", str(tmp_path / "a.txt"), "--id", "a", "--published", "2024", "--source", "kcna").code
        == 0
    )
    path = root / "content/articles/a.yaml"
    draft = path.read_text("utf-8")
    assert sitrep(root, "build", "--quiet").code == 0
    assert not (root / "site/articles/a.html").exists()
    reviewed = draft.replace("status: draft", "status: reviewed") + "marking: TLP:CLEAR\nrights: full\n"
    path.write_text(reviewed, "utf-8")
    told = json.loads(sitrep(root, "check", "--format", "json").out)["problems"]
    line = 1 + reviewed[: reviewed.index("proposed: true")].count("\n")
    assert [(p["code"], p["severity"], p["file"], p["line"]) for p in told if p["severity"] != "info"] == [
        ("proposed", "error", "content/articles/a.yaml", line)
    ]
    path.write_text(reviewed.replace("proposed: true, ", ""), "utf-8")
    ran = sitrep(root, "build", "--strict", "--quiet")
    assert ran.code == 0, ran.out
    assert plain(root, "a", "site")["annotations"][0]["exact"] == "Pyongyang"


def test_the_proposals_for_the_shared_report_are_whole_words_with_anchors(shared: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    ran = sitrep(root, "import", str(shared / "samples/treaty-in-force.txt"), "--published", "2024-12-05")
    assert ran.code == 0, ran.err
    (id,) = (path.stem for path in (root / "content/articles").glob("*.md"))
    assert id.startswith("2024-12-05-")
    made = sidecar(root, id)
    assert made.format == "text"
    assert re.fullmatch(r"\[.+\]", made.title)
    assert {mention.id for mention in made.actors} >= {"north-korea", "vladimir-putin", "kcna", "reuters"}
    assert all(mention.proposed and mention.at for mention in made.actors)
    assert sitrep(root, "build", "--preview", "--quiet").code == 0
    data = plain(root, id)
    assert data["text"].encode() == (shared / "samples/treaty-in-force.txt").read_bytes()
    spans = {(a["id"], f"{a['start']}-{a['end']}") for a in data["annotations"]}
    assert spans == {(mention.id, at) for mention in made.actors for at in mention.at}
    for a in data["annotations"]:
        around = data["text"][max(0, a["start"] - 1) : a["end"] + 1]
        assert re.search(rf"(?<!\w){re.escape(a['exact'])}(?!\w)", around), around
    path = root / f"content/articles/{id}.yaml"
    path.write_text(path.read_text("utf-8").replace("status: draft", "status: reviewed"), "utf-8")
    ran = sitrep(root, "check", "--quiet")
    assert (ran.code, ran.out.count("[proposed]")) == (1, len(made.actors))


def test_the_shared_annotation_has_no_error_and_its_pieces_stand_in_order(shared: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "p", KNOWN)
    (root / "content/articles").mkdir()
    for ending, name in ((".txt", "treaty.md"), (".yaml", "treaty.yaml")):
        shutil.copy(shared / f"samples/treaty-in-force{ending}", root / "content/articles" / name)
    told = json.loads(sitrep(root, "check", "--format", "json").out)["problems"]
    assert not [problem for problem in told if problem["severity"] == "error"]
    assert sitrep(root, "build", "--preview", "--quiet").code == 0
    data = plain(root, "treaty")
    made = sidecar(root, "treaty")
    page = (root / "preview/articles/treaty.html").read_text("utf-8")
    pieces = 0
    for kind, assertions in (("event", made.events), ("claim", made.claims)):
        for n, assertion in enumerate(assertions, 1):
            places = {a["fragment"]: (a["start"], a["end"]) for a in data["annotations"] if a["kind"] == kind}
            own = [f"{kind}-{n}" + (f"-{k}" if k > 1 else "") for k in range(1, len(assertion.quote) + 1)]
            spans = [places[fragment] for fragment in own]
            assert spans == sorted(spans)
            for quote, fragment, (start, end) in zip(assertion.quote, own, spans, strict=True):
                pieces += 1
                assert quotes.normal(data["text"][start:end]) == quotes.normal(quote.exact)
                assert f'id="{fragment}"' in page
    assert pieces >= 15
