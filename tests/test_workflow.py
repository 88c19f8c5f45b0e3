"""The workflow that this repository runs is the one that `sitrep init` writes."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
MASTER = ROOT / "sitrep" / "scaffold" / "pages.yml"
OURS = ROOT / ".github" / "workflows" / "pages.yml"


def test_ours_is_the_scaffold_byte_for_byte() -> None:
    assert OURS.read_bytes() == MASTER.read_bytes()


def test_it_checks_builds_and_deploys() -> None:
    workflow = yaml.load(MASTER.read_text(encoding="utf-8"), yaml.BaseLoader)  # strings only: `on` is a key, not true
    assert set(workflow["on"]) == {"push", "workflow_dispatch"}
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    assert workflow["concurrency"] == {"group": "pages", "cancel-in-progress": "false"}

    build, deploy = workflow["jobs"]["build"]["steps"], workflow["jobs"]["deploy"]
    commands = [step["run"] for step in build if "run" in step]
    assert commands[1:] == [
        "sitrep check --strict --format github",
        "sitrep build",
        "sitrep check --site site --format github",
    ]
    assert deploy["needs"] == "build"
    assert deploy["environment"]["name"] == "github-pages"
    assert [step["uses"] for step in (*build, *deploy["steps"]) if "uses" in step] == [
        "actions/checkout@v7",
        "actions/setup-python@v7",
        "actions/configure-pages@v6",
        "actions/upload-pages-artifact@v5",
        "actions/deploy-pages@v5",
    ]


def test_it_installs_the_package_of_the_repository_where_there_is_one() -> None:
    line = next(line for line in MASTER.read_text(encoding="utf-8").splitlines() if "grep" in line)
    name = line.split("'^")[1].split("'")[0]
    assert name in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()


def test_the_continuous_run_can_be_run() -> None:
    run = ROOT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    assert run.read_text(encoding="utf-8").splitlines()[0] == "#!/usr/bin/env bash"
