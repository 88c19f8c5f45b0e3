"""Tables that are kept: what is read is what was written last, whatever was written before, killed or damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitrep.incremental.container import HEAD, Damaged, delta_path, read_head, read_section
from sitrep.incremental.tables import Shape, Tables

PAIRS = "pairs"
keys = st.text("abc", min_size=1, max_size=2)
plain = st.dictionaries(keys, st.integers(0, 2), max_size=40)
paired = st.dictionaries(st.tuples(keys, keys), st.integers(0, 2), max_size=8)
kept = st.fixed_dictionaries({"one": plain, PAIRS: paired}, optional={"two": plain, "loose": plain})


def shape(name: str) -> Shape:
    return Shape(tuple[str, str] if name == PAIRS else str, int, ordered=name != "loose")


def ordered(found: dict[str, Any]) -> dict[str, list[Any]]:
    """Tables with their keys in order, where that is to be kept: numbers are made of it."""
    return {name: list(table.items()) if name != "loose" else sorted(table.items()) for name, table in found.items()}


@given(st.lists(st.tuples(kept, st.booleans()), min_size=1, max_size=6))
def test_what_is_read_is_what_was_written_last(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[dict[str, Any], bool]]
) -> None:
    path = tmp_path_factory.mktemp("kept") / "site"
    store = Tables(path, shape)
    for n, (made, again) in enumerate(written):
        store.write(b"%d" % n, made)
        if again:
            store = Tables(path, shape)
        assert ordered(store.read()) == ordered(made)


def big(**changed: int) -> dict[str, Any]:
    return {"one": {f"k{n}": n for n in range(200)} | changed, PAIRS: {("a", "b"): 1}}


def read(path: Path) -> dict[str, Any]:
    """All of both files, the heads included."""
    for one in (path, delta_path(path)):
        with one.open("rb") as file:
            read_section(file, HEAD)
    return Tables(path, shape).read()


class TestFiles:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        store = Tables(tmp_path / "site", shape)
        store.write(b"first", big())
        store.write(b"second", big(k3=-1, new=7))
        return tmp_path / "site"

    def test_little_is_written_where_little_is_new(self, path: Path) -> None:
        assert delta_path(path).stat().st_size < path.stat().st_size / 4
        assert ordered(Tables(path, shape).read()) == ordered(big(k3=-1, new=7))
        with delta_path(path).open("rb") as file:
            assert read_section(file, HEAD) == b"second"

    def test_much_is_written_anew(self, path: Path) -> None:
        store = Tables(path, shape)
        store.read()
        store.write(b"third", big(**{f"k{n}": 0 for n in range(100)}))
        assert not delta_path(path).exists()

    def test_a_file_that_goes_with_another_counts_for_nothing(self, path: Path) -> None:
        """As after a kill between the two: the first is new, the second still that of the former."""
        stale = delta_path(path).read_bytes()
        Tables(path, shape).write(b"anew", big(k5=-5))
        delta_path(path).write_bytes(stale)
        assert ordered(Tables(path, shape).read()) == ordered(big(k5=-5))

    def test_every_damage_is_found(self, path: Path) -> None:
        for file in (path, delta_path(path)):
            whole = file.read_bytes()
            for at in range(0, len(whole), 7):
                file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
                with pytest.raises((Damaged, msgspec.MsgspecError)):
                    read(path)
            file.write_bytes(whole[: len(whole) // 2])
            with pytest.raises((Damaged, msgspec.MsgspecError)):
                read(path)
            file.write_bytes(whole)
        assert ordered(Tables(path, shape).read()) == ordered(big(k3=-1, new=7))

    def test_forgotten_is_gone(self, path: Path) -> None:
        store = Tables(path, shape)
        store.read()
        store.forget()
        assert not path.exists()
        assert not delta_path(path).exists()
        assert read_head(path, b"") is None
        store.write(b"", big())
        assert ordered(store.read()) == ordered(big())
