"""The workflow that this repository runs is the one that `sitrep init` writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from projects import CONFIG, GOOD, write

ROOT = Path(__file__).resolve().parent.parent
MASTER = ROOT / "sitrep" / "scaffold" / "pages.yml"
OURS = ROOT / ".github" / "workflows" / "pages.yml"


def test_ours_is_the_scaffold_byte_for_byte() -> None:
    assert OURS.read_bytes() == MASTER.read_bytes()


def test_it_checks_builds_and_deploys() -> None:
    workflow = yaml.load(MASTER.read_text(encoding="utf-8"), yaml.BaseLoader)  # strings only: `on` is a key, not true
    assert set(workflow["on"]) == {"push", "pull_request", "workflow_dispatch"}
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    assert workflow["concurrency"]["cancel-in-progress"] == "false"

    build, deploy = workflow["jobs"]["build"]["steps"], workflow["jobs"]["deploy"]
    commands = [step["run"] for step in build if "run" in step]
    assert commands[1:-1] == [
        "sitrep check --strict --format github",
        "sitrep build",
        "sitrep check --site site --format github",
    ]
    assert deploy["if"] == "github.event_name != 'pull_request'"
    assert [step["if"] for step in build if step.get("uses", "").startswith(("actions/conf", "actions/up"))] == [
        deploy["if"],
        deploy["if"],
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


def test_it_tells_what_changes_in_the_summary_of_the_job(tmp_path: Path) -> None:
    """The step's own script, run on a repository, with what came before and without."""
    workflow = yaml.load(MASTER.read_text(encoding="utf-8"), yaml.BaseLoader)
    (step,) = (step for step in workflow["jobs"]["build"]["steps"] if step.get("name") == "Tell what changes")
    root = write(tmp_path / "p", GOOD, config=CONFIG)
    identity = {f"GIT_{who}_{what}": "t@e" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, **identity, "PATH": path, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}

    def run(*command: str, before: str = "") -> str:
        made = subprocess.run(
            command, cwd=root, env={**env, "BEFORE": before}, check=True, capture_output=True, text=True
        )
        return made.stdout.strip()

    run("git", "init", "-q")
    for name in ("Geneva", "Bern"):
        write(root, {"content/actors/geneva.yaml": f"name: {name}\naliases: [Geneva]\nmarking: TLP:CLEAR\n"})
        run("git", "add", "-A")
        run("git", "commit", "-q", "-m", name)
    for before in (run("git", "rev-parse", "HEAD~1"), "0" * 40):
        run("bash", "-e", "-c", step["run"], before=before)
    told = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "- actor `geneva`\n  - title: “Geneva” → “Bern”\n" in told
    assert told.endswith("There is nothing before this to compare with.\n")


def test_it_installs_the_package_of_the_repository_where_there_is_one() -> None:
    line = next(line for line in MASTER.read_text(encoding="utf-8").splitlines() if "grep" in line)
    name = line.split("'^")[1].split("'")[0]
    assert name in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()


def test_the_continuous_run_can_be_run() -> None:
    run = ROOT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    assert run.read_text(encoding="utf-8").splitlines()[0] == "#!/usr/bin/env bash"
