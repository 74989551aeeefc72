"""Another environment of Kaggle's is one file of the author: from the example to a rating."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import practice_kaggle
import pytest
import yaml
from materialise import EXAMPLES, materialise
from practice_kaggle.datasets.simulations import make_simulation
from practice_kaggle.environment import overlaid
from support import Project, Render, outside_environment

pytestmark = pytest.mark.slow
EXAMPLE = "hungry-geese"
SHORT = {"episodeSteps": 16}
QUICK = {
    "data.environment_kwargs": SHORT,
    "data.n_envs": 2,
    "data.judge_rounds": 1,
    "data.judged_past_selves": 0,
    "model.n_steps": 8,
    "model.batch_size": 16,
    "model.channels": 4,
    "model.blocks": 1,
    "trainer.total_timesteps": 32,
    "trainer.eval_freq": 32,
    "trainer.n_eval_episodes": 1,
}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice competition, with as many geese as on Kaggle."""
    folder = make_simulation(tmp_path_factory.mktemp("practice") / EXAMPLE, "hungry_geese", 4)
    path = folder / "competition.yaml"
    changes = {"configuration": SHORT, "episodes": 1, "scoring_seconds": 0}
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return folder


def test_the_example_adds_one_file_and_edits_none(tmp_path: Path, render: Render) -> None:
    answers = yaml.safe_load((EXAMPLES / EXAMPLE / "answers.yaml").read_text(encoding="utf-8"))
    plain = render(**answers["default_context"])
    materialise(EXAMPLE, tmp_path / "mine", {})
    folders = (plain / "src", tmp_path / "mine/src")
    command = ["git", "diff", "--no-index", "--name-status", *map(str, folders)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    changed = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(kind, Path(file).name) for kind, file in changed] == [("A", "environment.py")]
    files = [path for path in (EXAMPLES / EXAMPLE / "files").rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["environment.py"]


@pytest.mark.long
def test_an_agent_gets_from_the_template_to_a_rating(
    tmp_path: Path, practice: Path, sync: Callable[[Path], Project]
) -> None:
    materialise(EXAMPLE, tmp_path / EXAMPLE, QUICK)
    project = sync(tmp_path / EXAMPLE)
    with practice_kaggle.serve(practice) as server:
        env = overlaid(outside_environment(), server.env)
        for verb in ("prepare", "train", "predict"):
            project.run("compete", verb, env=env)
        submission = "submissions/submission.tar.gz"
        checked = project.run("compete", "validate", submission, "--json", env=env)
        project.run("compete", "submit", "-m", "First", env=env)
        status = project.run("compete", "status", "--json", env=env)
    contract = yaml.safe_load((project.path / "contract.yaml").read_text(encoding="utf-8"))
    assert contract["environment"]["source"] == "the competition's name, hungry-geese"
    assert contract["players"]["value"] == [4]
    verdict = json.loads(checked.stdout)
    assert (verdict["games"], verdict["faults"]) == (51, [])
    (entry,) = json.loads(status.stdout)
    assert entry["state"] == "complete"
    assert entry["public"] != 600  # where every agent begins
    (game,) = entry["games"]
    assert len(game["opponents"]) == 3


@pytest.mark.long
def test_a_notebook_hands_over_the_trained_agent(
    tmp_path: Path, practice: Path, sync: Callable[[Path], Project]
) -> None:
    """As where Kaggle takes notebooks only: what plays there is, byte for byte, what is here."""
    only = shutil.copytree(practice, tmp_path / "practice", ignore=shutil.ignore_patterns("state"))
    settings = yaml.safe_load((only / "competition.yaml").read_text(encoding="utf-8"))
    settings |= {"kernels_only": True, "scoring_seconds": 0.1}
    (only / "competition.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    materialise(EXAMPLE, tmp_path / EXAMPLE, QUICK)
    project = sync(tmp_path / EXAMPLE)
    with practice_kaggle.serve(only) as server:
        env = overlaid(outside_environment(), server.env)
        for verb in ("download", "prepare", "train", "predict"):
            project.run("compete", verb, env=env)
        refused = project.run("compete", "submit", env=env, check=False)
        assert "it takes a notebook, not a file. Run `compete kernel build`" in refused.stderr
        for verb in ("build", "rehearse", "push", "submit"):
            project.run("compete", "kernel", verb, env=env)
        (sent,) = server.site.competitions[EXAMPLE].submissions()
        kept = server.site.competitions[EXAMPLE].db.uploaded(sent.token)
    assert (sent.status, sent.file_name) == ("COMPLETE", "submission.tar.gz")
    assert kept.read_bytes() == (project.path / "submissions/submission.tar.gz").read_bytes()
