"""Simulations: a project that is clean at birth, and the recipes of its README."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from materialise import EXAMPLES, change, materialise
from support import CHECKS, Project, Render, outside_environment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(render: Render, sync: Callable[[Path], Project]) -> Project:
    """A project for ConnectX in its own environment."""
    return sync(render(task="simulation", competition="connectx"))


def recipe(project: Project, name: str) -> dict[str, Any]:
    """Return the keys of the README that train in an environment, as `section.key`."""
    readme = (project.path / "README.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", readme, re.S)]
    found = next(block for block in blocks if block.get("data", {}).get("environment") == name)
    return {f"{part}.{key}": value for part in found for key, value in found[part].items()}


def record(project: Project) -> dict[str, Any]:
    """Return the record of the agent that was trained."""
    found: dict[str, Any] = json.loads((project.path / "runs/base/agent.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("check", CHECKS, ids=[" ".join(check) for check in CHECKS])
def test_a_check_of_the_project_passes_and_leaves_no_trace(
    project: Project, check: tuple[str, ...]
) -> None:
    project.run(*check)
    assert project.git_status() == ""


def test_kaggles_environments_come_without_their_150_packages(project: Project) -> None:
    project.run("python", "-c", "import kaggle_environments, ale_py")
    for package in ("jax", "pygame", "flask", "litellm", "pyspiel"):
        assert project.run("python", "-c", f"import {package}", check=False).returncode == 1


def test_the_pipeline_trains_an_agent_once(project: Project) -> None:
    keys = {"total_timesteps": 4096, "eval_freq": 4096, "n_eval_episodes": 4}
    quick = {"data.play": "argmax", "data.judge_rounds": 1, "data.judged_past_selves": 0}
    change(project.path, quick | {f"trainer.{key}": value for key, value in keys.items()})
    project.run("dvc", "repro")
    assert record(project)["environment"] == "connectx"
    assert (project.path / "runs/base/dvclive/plots/metrics/eval/return.tsv").exists()
    assert "reports/plots/picture.svg" in (project.path / "README.md").read_text("utf-8")
    assert '<div class="replay">' in (project.path / "reports/index.html").read_text("utf-8")
    assert "up to date" in project.run("dvc", "repro").stdout


def test_a_pole_is_balanced_after_at_most_100_000_steps(project: Project) -> None:
    change(project.path, recipe(project, "CartPole-v1"))
    project.run("compete", "prepare")
    project.run("compete", "train")
    run = record(project)
    assert run["scores"]["return"] >= 475
    assert run["timesteps"] <= 100_000


@pytest.mark.long
def test_the_recipe_of_an_atari_game_trains_goes_on_and_draws_an_episode(
    sync: Callable[[Path], Project], tmp_path: Path
) -> None:
    few = {"total_timesteps": 4096, "checkpoint_freq": 1024, "eval_freq": 4096}
    few |= {"n_eval_episodes": 1, "video_frames": 50}
    materialise("pong", tmp_path / "pong", {f"trainer.{key}": few[key] for key in few})
    project = sync(tmp_path / "pong")
    project.run("compete", "prepare")
    checkpoint = project.path / "runs/base/checkpoint.pt"
    process = subprocess.Popen(
        [project.path / ".venv/bin/compete", "train"], cwd=project.path, env=outside_environment()
    )
    while not checkpoint.exists():
        assert process.poll() is None
        time.sleep(0.1)
    process.kill()
    process.wait()
    project.run("compete", "train")
    run = record(project)
    assert (run["environment"], run["timesteps"]) == ("ALE/Pong-v5", 4096)
    assert -21 <= run["scores"]["return"] <= 21
    assert (project.path / "runs/base/episode.gif").stat().st_size > 1000
    rows = (project.path / "runs/base/progress.csv").read_text("utf-8").splitlines()
    steps = [int(row.split(",", 1)[0]) for row in rows[1:]]
    assert steps == [1024, 2048, 3072, 4096, 4096]  # each rollout once, then the evaluation


def test_the_readme_has_the_recipe_of_the_example(project: Project) -> None:
    example = yaml.safe_load((EXAMPLES / "pong/files/params.yaml").read_text(encoding="utf-8"))
    for name, value in recipe(project, "ALE/Pong-v5").items():
        section, key = name.split(".")
        assert example[section][key] == value
