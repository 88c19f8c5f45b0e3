"""The way in: a raw report becomes an article and a sidecar, and nothing existing is ever lost."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from projects import sitrep, tree, write

from sitrep.read import anchors, items, yaml
from sitrep.read.schema import Sink, record
from sitrep.records import Article

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
            assert [anchors.normal(w) for w in words] == [anchors.normal(q.exact) for q in assertion.quote]
