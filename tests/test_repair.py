"""Drift of quotes, and `sitrep repair`: what it proposes, what it writes, and what it leaves alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects import sitrep
from sitrep.anchoring.drift import Drift, drifts
from sitrep.edit.yaml_edit import CannotEdit, Draft, apply_edits, apply_to_bytes
from sitrep.parse import entry, yaml

TEXT = """Pyongyang, 5 December. The treaty between North Korea and Russia has come into force.

Neither country has acknowledged the deployment. The minister spoke twice. He said no. A guest spoke twice too.

More than 10,000 North Korean troops are deployed in Kursk region, officials said. He said no.
"""
HEAD = "title: T\nsource: s\npublished: 2024-12-05\nmarking: TLP:CLEAR\nstatus: reviewed\nformat: text\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return new_project(tmp_path)


def new_project(root: Path) -> Path:
    (root / "config.yaml").write_text("title: T\n")
    (root / "content/articles").mkdir(parents=True)
    return root


def article(root: Path, sidecar: str, text: str = TEXT, id: str = "a") -> Path:
    """An article of this text, and this sidecar under the usual head."""
    folder = root / "content/articles"
    (folder / f"{id}.md").write_text(text, encoding="utf-8")
    path = folder / f"{id}.yaml"
    path.write_text(HEAD + dedent(sidecar), encoding="utf-8")
    return path


def states(sidecar: str, text: str = TEXT) -> list[str]:
    return [drift.state for drift in all_drifts(HEAD + dedent(sidecar), text)]


def all_drifts(sidecar: str, text: str) -> list[Drift]:
    files = ("content/articles/a.yaml", "content/articles/a.md")
    return drifts(entry.read("articles", "a", sidecar.encode(), text.encode(), files)[0])


def at(words: str, text: str = TEXT, n: int = 1) -> str:
    start = -1
    for _ in range(n):
        start = text.index(words, start + 1)
    return f"{start}-{start + len(words)}"


# -- classes ----------------------------------------------------------------------------------------------------------


def test_without_a_record_a_quote_is_exact_gone_or_ambiguous() -> None:
    assert states("claims: [{quote: has come into force}]") == ["exact"]
    assert states("claims: [{quote: has gone out of force}]") == ["gone"]
    assert states("claims: [{quote: He said no}]") == ["ambiguous"]


def test_with_a_record_it_may_be_moved_or_altered() -> None:
    record = f"claims: [{{quote: 'has come into force', at: [{at('has come into force')}]}}]"
    assert states(record) == ["exact"]
    assert states(record, "Later. " + TEXT) == ["moved"]
    assert states(record, TEXT.replace("has come into", "has entered into")) == ["altered"]
    assert states(record, TEXT.replace("has come into force", "failed in parliament")) == ["gone"]


def test_an_ambiguous_quote_tells_the_recorded_place() -> None:
    place = at("He said no", n=2)
    (drift,) = all_drifts(HEAD + f"claims: [{{quote: He said no, at: [{place}]}}]", TEXT)
    assert drift.state == "ambiguous"
    assert drift.now == drift.recorded == (tuple(map(int, place.split("-"))),)


def test_the_moves_of_neighbours_tell_where_something_is_expected() -> None:
    more = "A paragraph of some length that was not there before.\n" * 20
    sidecar = HEAD + dedent(f"""
        claims:
          - {{quote: has come into force, at: [{at("has come into force")}]}}
          - {{quote: More than 10;000 North Korean troops, at: [{at("More than 10,000 North Korean troops")}]}}
          - {{quote: He said no, at: [{at("He said no", n=2)}]}}
    """)
    moved, altered, ambiguous = all_drifts(sidecar, more + TEXT)
    assert (moved.state, altered.state, ambiguous.state) == ("moved", "altered", "ambiguous")
    assert (more + TEXT)[slice(*altered.now[0])] == "More than 10,000 North Korean troops"
    assert ambiguous.now[0][0] == (more + TEXT).rindex("He said no")


def test_words_far_from_the_record_are_not_taken_for_altered_ones() -> None:
    filler = "Nothing to see in this sentence. " * 40
    text = f"The pact holds firmly now. {filler}The pact held firmly then."
    assert states("claims: [{quote: The pact held loosely, at: [0-20]}]", text) == ["altered"]
    assert states("claims: [{quote: The fact held firmly then, at: [400-424]}]", text) == ["gone"]


def test_a_name_may_stand_anywhere_but_not_nowhere() -> None:
    place = at("Russia")
    record = f"actors: [{{id: russia, at: [{place}]}}]"
    assert states(record) == ["exact"]
    assert states(record, TEXT + "Russia again.") == ["exact"]
    assert states(record, "So: " + TEXT) == ["moved"]
    assert states(record, TEXT.replace("Russia", "Moscow")) == ["gone"]


def test_scripts_without_spaces_are_compared_sign_by_sign() -> None:
    text = "朝鲜与俄罗斯的条约已经生效。双方没有确认部署。"
    drift = all_drifts(HEAD + "claims: [{quote: 条约已经失效, at: [7-13]}]", text)[0]
    assert (drift.state, text[slice(*drift.now[0])]) == ("altered", "条约已经生效")


def test_check_tells_moved_and_altered(project: Path) -> None:
    article(project, f"claims:\n  - quote: has come into force\n    at: [{at('has come into force')}]\n", "x " + TEXT)
    code, out, _ = sitrep(project, "check", "--quiet")
    assert (code, "[anchor-moved]" in out, "a.yaml:8:12: info:" in out) == (0, True, True)
    article(project, f"claims:\n  - quote: has come into fors\n    at: [{at('has come into force')}]\n")
    code, out, _ = sitrep(project, "check", "--quiet")
    assert (code, "has come into force" in out, "[anchor-altered]" in out, "[quote-gone]" in out) == (1, *[True] * 3)


# -- repair -----------------------------------------------------------------------------------------------------------


def test_nothing_is_written_without_write(project: Path) -> None:
    path = article(project, "claims:\n  - quote: has come into force   # kept\n")
    before = path.read_bytes()
    code, out, err = sitrep(project, "repair")
    assert (code, path.read_bytes()) == (0, before)
    assert f"+    at: [{at('has come into force')}]\n" in out
    assert "1 sidecar to repair" in err


def test_the_diff_is_what_write_writes(project: Path, tmp_path: Path) -> None:
    path = article(
        project,
        f"""
        # about this one
        claims:
          - quote: has come into power   # we should ask
            at: [{at("has come into force")}]
          - {{id: x, quote: 'He said no', at: [{at("He said no", n=2)}]}}
        """,
    )
    before = path.read_text()
    code, out, err = sitrep(project, "repair")
    assert code == 1
    assert "now reads “has come into force”" in err
    assert sitrep(project, "repair", "--write")[0] == 1
    after = path.read_text()
    assert patched(before, out) == after
    assert "  # repair: was “has come into power”\n  - quote: has come into force   # we should ask\n" in after
    assert "quote: {exact: 'He said no', prefix: " in after
    assert sitrep(project, "repair") == (0, "", "nothing to repair\n")
    assert sitrep(project, "check")[0] == 0


def patched(text: str, diff: str) -> str:
    """A one-file unified diff, applied."""
    lines, out, at = text.split("\n"), [], 0
    for line in diff.split("\n"):
        if hunk := re.match(r"@@ -(\d+)", line):
            out += lines[at : int(hunk[1]) - 1]
            at = int(hunk[1]) - 1
        elif line[:1] in (" ", "-") and not line.startswith("---"):
            assert lines[at] == line[1:]
            out += [line[1:]] if line[0] == " " else []
            at += 1
        elif line[:1] == "+" and not line.startswith("+++"):
            out.append(line[1:])
    return "\n".join(out + lines[at:])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- quote: He said no", '- quote: {exact: He said no, prefix: "did."}\n'),
        ("- quote: 'He said no'", "- quote: {exact: 'He said no', "),
        ("- quote: [He said no]", "- quote: [{exact: He said no, "),
        ("- quote:\n      - He said no", "- quote:\n      - {exact: He said no, "),
        ("- quote: |-\n      He said no", "- quote:\n      exact: |-\n        He said no\n      "),
        ("- quote: >\n      He said\n      no\n    note: n", "- quote:\n      exact: >\n        He said\n        no\n"),
        ("- quote:\n      - |-\n        He said no", "- quote:\n      - exact: |-\n          He said no\n        "),
        ("- quote: {exact: He said no}", "- quote: {exact: He said no, "),
        ("- quote:\n      exact: He said no", "- quote:\n      exact: He said no\n      "),
        ("- quote: {exact: He said no, prefix: ''}", "- quote: {exact: He said no, prefix: ''"),
    ],
)
def test_an_ambiguous_quote_is_narrowed_as_it_is_written(project: Path, old: str, new: str) -> None:
    text = "He said no. So he did. He said no! Why? He said no? Yes."
    path = article(project, f"claims:\n  {old}\n    at: [23-33]\n    stance: denies # never\n", text)
    code, _, err = sitrep(project, "repair", "--write")
    assert (code, err) == (0, "1 sidecar repaired\n")
    after = path.read_text()
    assert new[:-1] in after
    assert "    stance: denies # never\n" in after
    assert [d.state for d in all_drifts(after, text)] == ["exact"]
    assert sitrep(project, "check")[0] == 0


def test_where_nothing_around_it_differs_the_occurrence_tells(project: Path) -> None:
    text = "a no. " * 30
    path = article(project, "claims:\n  - quote: 'no'\n    at: [62-64]\n", text)
    assert sitrep(project, "repair", "--write")[0] == 0
    assert "quote: {exact: 'no', occurrence: 11}" in path.read_text()


def test_stale_narrowing_is_written_anew(project: Path) -> None:
    path = article(
        project,
        f"""
        claims:
          - quote: {{exact: "He said no", prefix: 'clerk spoke twice.'}}   # the minister
            at: [{at("He said no")}]
        """,
    )
    code, _, err = sitrep(project, "repair", "--write")
    assert (code, "the words around the quote" in err) == (1, True)
    assert (
        """
          - quote: {exact: "He said no", prefix: 'minister spoke twice.'}   # the minister
"""[10:]
        in path.read_text().replace("  - quote", "          - quote")
    )
    assert "# repair: was prefix “clerk spoke twice.”" in path.read_text()


def test_altered_words_in_a_block_stay_in_a_block(project: Path) -> None:
    path = article(
        project,
        f"""
        claims:
          - id: c
            quote: |-
              More than 12,000 North Korean troops were deployed
                in Kursk region

            at: [{at("More than 10,000 North Korean troops are deployed in Kursk region")}]
            # the end
        """,
    )
    assert sitrep(project, "repair", "--write")[0] == 1
    words = "More than 12,000 North Korean troops were deployed in Kursk region"
    assert f"""    # repair: was “{words}”
    quote: |-
      More than 10,000 North Korean troops are deployed in Kursk region

    at: [""" in path.read_text()
    assert path.read_text().endswith("]\n    # the end\n")


def test_a_mention_keeps_its_places(project: Path) -> None:
    path = article(
        project,
        f"""
        actors:
          - {{id: russia, at: [{at("Russia")}]}}
          - id: officials
            quotes: [offizials]
            at:
              - {at("officials")}
          - nobody
        """,
        "So. " + TEXT,
    )
    assert sitrep(project, "repair", "--write")[0] == 1
    text = "So. " + TEXT
    after = path.read_text()
    assert f"  - {{id: russia, at: [{at('Russia', text)}]}}\n" in after
    assert (
        f"    # repair: was “offizials”\n    quotes: [officials]\n    at:\n      - {at('officials', text)}\n" in after
    )
    assert after.endswith("  - nobody\n")


def test_nothing_is_recorded_while_a_quote_is_lost(project: Path) -> None:
    sidecar = f"""
        text_sha256: {"0" * 64}
        claims:
          - {{quote: has come into force, at: [{at("has come into force")}]}}
          - quote: There was never such a sentence anywhere
          - quote: He said no
    """
    path = article(project, sidecar, "x " + TEXT)
    before = path.read_bytes()
    code, out, err = sitrep(project, "repair", "--write")
    assert (code, out, path.read_bytes()) == (1, "", before)
    assert ":11:12: error: the quote “There was never" in err
    assert "nothing records which is meant" in err


def test_an_unreadable_sidecar_is_left_alone(project: Path) -> None:
    path = article(project, "claims: [{quote: has come into force, qoute: x}]\n")
    before = path.read_bytes()
    code, out, err = sitrep(project, "repair", "--write")
    assert (code, out, path.read_bytes()) == (1, "", before)
    assert "cannot be read completely, and is not changed" in err


def test_only_the_named_articles(project: Path) -> None:
    first, second = (article(project, "claims: [{quote: has come into force}]\n", id=id) for id in "ab")
    before = first.read_bytes()
    assert sitrep(project, "repair", "b", "--write")[0] == 0
    assert first.read_bytes() == before
    assert b"at: [" in second.read_bytes()
    code, _, err = sitrep(project, "repair", "bb")
    assert (code, "there is no article 'bb'" in err) == (2, True)


def test_what_import_records_is_no_drift(project: Path, tmp_path: Path) -> None:
    (project / "content/actors").mkdir()
    for id, more in {
        "russia": "aliases: [Moscow]",
        "kursk-region": "",
        "north-korea": "aliases: [North Korean]",
    }.items():
        (project / f"content/actors/{id}.yaml").write_text(f"kind: state\nmarking: TLP:CLEAR\n{more}\n")
    for name, text in (("r.md", f"# One\n\n*{TEXT}"), ("t.txt", TEXT)):
        (tmp_path / name).write_text(text)
        assert sitrep(project, "import", str(tmp_path / name), "--id", name[0])[0] == 0
    code, out, _ = sitrep(project, "check")
    assert (code, "anchor-" in out) == (0, False)
    assert sitrep(project, "repair") == (0, "", "nothing to repair\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_are_kept(project: Path, newline: str, mark: str) -> None:
    path = article(project, "claims:\n  - quote: has come into force\n  - quote: acknowledged the deployment")
    data = (mark + path.read_text()).replace("\n", newline).encode()
    path.write_bytes(data)
    assert sitrep(project, "repair", "--write")[0] == 0
    after = path.read_bytes()
    assert after.count(b"\n") == after.count(newline.encode()) == data.count(b"\n") + 3
    kept = re.sub(rb"(?m)^(    at: .*|text_sha256: .*)\r?\n?", b"", after)
    assert kept.rstrip() == data


def test_a_file_that_changed_meanwhile_is_not_overwritten(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sitrep.edit import changeset

    path = article(project, "claims: [{quote: has come into force}]\n")
    fits = changeset._check_unchanged
    monkeypatch.setattr(changeset, "_check_unchanged", lambda *given: (path.write_text("title: other\n"), fits(*given)))
    code, _, err = sitrep(project, "repair", "--write")
    assert (code, path.read_text()) == (2, "title: other\n")
    assert "was changed meanwhile" in err


# -- by chance --------------------------------------------------------------------------------------------------------

SENTENCES = [
    "The treaty has come into force.",
    "Neither country has acknowledged it, or denied it.",
    "He said “no”: twice — and left.",
    "More than 10,000 troops were sent.",
    "It is so.",
    "조약이 발효되었다.",
    "Ça suffit, said the envoy.",
]
FORMS = [
    "- quote: {0}   # plain",
    '- {{id: c, quote: "{0}", stance: denies}}',
    "- quote: |-\n      {0}\n    id: c",
    "- id: c\n    quote: >-\n      {0}\n\n    # after",
    "- {{id: c,\n     quote: ['{0}'] # flow\n    }}",
    "- id: c\n    quote:\n    - '{0}'",
]
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(st.data())
def test_after_a_repair_nothing_has_drifted_and_all_else_is_the_same(data: st.DataObject) -> None:
    chosen: list[str] = data.draw(st.permutations(SENTENCES))[: data.draw(st.integers(2, 6))]
    quotes = []
    for sentence in chosen:
        words = sentence.split(" ")
        first = data.draw(st.integers(0, len(words) - 1))
        last = data.draw(st.integers(first + 1, len(words)))
        quotes.append(" ".join(words[first:last]))
    forms = [data.draw(st.sampled_from(FORMS)) for _ in quotes]
    forms = [FORMS[1] if form is FORMS[0] and ":" in quote else form for form, quote in zip(forms, quotes, strict=True)]
    sidecar = "claims:\n" + "".join(f"  {form.format(quote)}\n" for form, quote in zip(forms, quotes, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        root = new_project(Path(folder))
        path = article(root, sidecar, " ".join(chosen))
        written = path.read_text(encoding="utf-8")
        code, _, _ = sitrep(root, "repair", "--write")
        first_text = path.read_text(encoding="utf-8")
        if code:  # short words stand in several places: nothing records which is meant
            assert unrecorded(first_text) == unrecorded(written)
            return
        assert unrecorded(first_text) == unrecorded(written)
        text = inserted(chosen, data.draw(st.lists(st.integers(0, len(chosen)), max_size=3)))
        (root / "content/articles/a.md").write_text(text, encoding="utf-8")
        code, _, err = sitrep(root, "repair", "--write")
        assert code == 0, err
        second = path.read_text(encoding="utf-8")
        assert {drift.state for drift in all_drifts(second, text)} == {"exact"}
        assert unrecorded(second) == unrecorded(written)
        assert sitrep(root, "repair") == (0, "", "nothing to repair\n")


def unrecorded(sidecar: str) -> str:
    """A sidecar without what repair records."""
    return re.sub(r"(\n *at: \[[-0-9, ]*\]|, at: \[[-0-9, ]*\]|\ntext_sha256: [0-9a-f]{64})", "", sidecar)


def inserted(sentences: Sequence[str], places: Sequence[int]) -> str:
    parts = list(sentences)
    for n, place in enumerate(sorted(places, reverse=True)):
        parts.insert(place, f"{n}{n}{n} qqq.")
    return " ".join(parts)


LEAVES = st.text("ab :#-'\"[]{}|>é\n", max_size=12)
TREES = st.recursive(
    LEAVES, lambda t: st.lists(t, max_size=3) | st.dictionaries(st.sampled_from("abcd"), t, max_size=3)
)


@SETTINGS
@given(tree=st.dictionaries(st.sampled_from("abcd"), TREES, min_size=1), data=st.data())
def test_edits_read_as_meant_or_are_refused(tree: dict[str, object], data: st.DataObject) -> None:
    import yaml as writer

    flow = data.draw(st.sampled_from([None, True, False]))
    style = data.draw(st.sampled_from([None, "'", '"', "|", ">"]))
    width = data.draw(st.sampled_from([10, 80]))
    source = writer.dump(tree, default_flow_style=flow, default_style=style, width=width, allow_unicode=True)
    source = re.sub(r"!!?[a-z]+ ", "", source)
    try:
        draft = Draft(source)
    except CannotEdit:
        return
    before = yaml.load(source, "")[0]
    scalars = [p for p, node in draft.nodes.items() if p and node.style not in ("[", "{", "-", ":")]
    mappings = [p for p in draft.nodes if isinstance(draft.value(p), dict)]
    value = data.draw(LEAVES.filter(lambda t: "\n" not in t))
    try:
        if scalars and data.draw(st.booleans()):
            draft.set_scalar(data.draw(st.sampled_from(scalars)), value)
        draft.add_key(data.draw(st.sampled_from(mappings)), "new", "[1-2]", ["1-2"])
        draft.add_key((), "last", "x", "x")
        after = draft.finish()
    except CannotEdit:
        return
    assert yaml.load(after, "")[0] != before
    assert apply_to_bytes(source.encode(), draft.edits).decode() == after == apply_edits(source, draft.edits)
    crlf = apply_to_bytes(source.replace("\n", "\r\n").encode(), draft.edits).decode()
    assert crlf == after.replace("\n", "\r\n")
