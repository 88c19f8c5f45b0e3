"""The published schemas are what the types say, and take what the product takes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
import yaml

from conftest import ROOT
from sitrep.model.records import SINGULAR
from sitrep.scaffold import HERE, schemas

PUBLISHED = ROOT / "docs" / "schema"


def plain(path: Path) -> object:
    """YAML as an editor reads it, dates as text."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        key: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(path.read_text("utf-8"), loader) or {}


def test_docs_hold_the_schemas_of_this_version() -> None:
    """SITREP_REWRITE=1 writes them again."""
    if os.environ.get("SITREP_REWRITE"):
        for name, text in schemas().items():
            (PUBLISHED / name).write_text(text, encoding="utf-8")
    assert {p.name: p.read_text("utf-8") for p in PUBLISHED.glob("*.json")} == schemas()


@pytest.mark.parametrize("name", sorted(schemas()))
def test_each_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schemas()[name]))


def validators() -> dict[str, jsonschema.Draft202012Validator]:
    return {name: jsonschema.Draft202012Validator(json.loads(text)) for name, text in schemas().items()}


def test_the_demonstration_and_the_example_project_validate() -> None:
    made = validators()
    files = 0
    for root in (ROOT / "content", HERE / "project" / "content"):
        for folder, kind in SINGULAR.items():
            for path in (root / folder).glob("*.yaml"):
                files += 1
                errors = [error.message for error in made[f"{kind}.json"].iter_errors(plain(path))]
                assert not errors, (path, errors)
    assert files > 100


def test_the_example_sites_of_the_tests_validate() -> None:
    made = validators()
    files = 0
    for root in sorted((ROOT / "tests/sites").iterdir()):
        assert not list(made["config.json"].iter_errors(plain(root / "config.yaml"))), root
        for folder, kind in SINGULAR.items():
            for path in sorted((root / "content" / folder).glob("*.yaml")):
                files += 1
                errors = [error.message for error in made[f"{kind}.json"].iter_errors(plain(path))]
                assert not errors, (path, errors)
    assert files > 30


@pytest.mark.parametrize("kind", sorted(SINGULAR.values()))
def test_every_kind_has_a_schema_that_refuses_what_the_product_refuses(kind: str) -> None:
    validator = validators()[f"{kind}.json"]
    assert not list(validator.iter_errors({}))
    for wrong in ({"no-such-key": "x"}, {"marking": "TLP:PURPLE"}, {"status": "final"}, {"topics": {"a": 1}}, ["x"]):
        assert list(validator.iter_errors(wrong)), wrong


def test_skeletons_validate() -> None:
    made = validators()
    for path in (HERE / "skeletons").glob("*.yaml"):
        assert not list(made[f"{path.stem}.json"].iter_errors(plain(path))), path
    assert {path.stem for path in (HERE / "skeletons").glob("*.yaml")} == set(SINGULAR.values())
    assert not list(made["config.json"].iter_errors(plain(HERE / "project/config.yaml")))


def test_an_unknown_key_does_not_validate() -> None:
    assert list(validators()["article.json"].iter_errors({"titel": "x"}))


def test_json_beside_pages_has_the_published_shape(demo_site: Path) -> None:
    made = validators()
    pages = 0
    for folder, kind in SINGULAR.items():
        for path in (demo_site / folder).glob("*.json"):
            pages += 1
            errors = list(made[f"{kind}-page.json"].iter_errors(json.loads(path.read_text("utf-8"))))
            assert not errors, (path, errors[0].message)
    assert pages > 90
