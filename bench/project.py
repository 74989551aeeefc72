"""A generated project to measure: rendered, in its own environment, in a practice competition."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import practice_kaggle
import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = "template/competition"
INSIDE = Path(__file__).resolve().parent / "inside"


@dataclass(frozen=True)
class Project:
    """A generated project and its own environment."""

    path: Path
    package: str

    def program(self, name: str) -> str:
        """The path of a program of the project's environment."""
        folder = self.path / ".venv" / ("Scripts" if os.name == "nt" else "bin")
        found = shutil.which(name, path=str(folder))
        if found is None:
            sys.exit(f"error: {folder} has no {name}. Remove the work folder and run again.")
        return found

    def run(
        self,
        name: str,
        *words: str,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> str:
        """Run a program of the project's environment; its output. A failure ends the benchmark."""
        return command([self.program(name), *words], cwd or self.path, self.environment(env))

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """The variables that the project's programs see."""
        environment = outside() | (more or {})
        scripts = Path(self.program("python")).parent
        environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
        return environment


def outside() -> dict[str, str]:
    """This process's variables, less what ties a command to this repository's environment.

    And less what would make Python compile every module again in every process: people's machines
    do not.
    """
    ours = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    return {key: value for key, value in os.environ.items() if key not in ours}


def command(words: Sequence[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command, its output out of sight. Ends the benchmark, with the output, if it fails."""
    done = subprocess.run(
        words, cwd=cwd, env=env or outside(), capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        sys.exit(f"error: {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def scaffold_command(into: Path, **answers: str) -> list[str]:
    """The command that renders the template into the folder `into`, by default as it proposes."""
    config = into / "cookiecutter.yaml"  # keeps cookiecutter's notes out of the user's home
    into.mkdir(parents=True, exist_ok=True)
    folders = {"cookiecutters_dir": str(into / "clones"), "replay_dir": str(into / "replay")}
    config.write_text(yaml.safe_dump(folders), encoding="utf-8")
    options = ["--no-input", "--directory", TEMPLATE, "--config-file", str(config)]
    given = [f"{question}={answer}" for question, answer in answers.items()]
    return [
        sys.executable,
        "-m",
        "cookiecutter",
        *options,
        "-o",
        str(into),
        str(REPOSITORY),
        *given,
    ]


def make_project(work: Path, changes: dict[str, Any], **answers: str) -> Project:
    """Render a project into `work` and install it.

    Args:
        changes: keys of params.yaml with new values, such as `data.folds`.
        answers: to the template's questions.
    """
    path = work / "bench" / answers.get("competition", "digit-recognizer")
    if not path.exists():
        command(scaffold_command(work / "bench", **answers), work)
    command(["uv", "sync", "--quiet", "--python", sys.executable], path)
    package = next((path / "src").glob("*/cli.py")).parent.name
    params = yaml.safe_load((path / "params.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        section, name = key.split(".")
        params[section][name] = value
    (path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    return Project(path, package)


def run_pipeline(project: Project, practice: Path, stages: Sequence[str]) -> None:
    """Bring the pipeline up to `stages`, or all of it, with this practice competition's data."""
    with practice_kaggle.serve(practice) as server:
        project.run("dvc", "repro", "--quiet", *stages, env=server.env)


def inside(project: Project, script: str, out: Path, *words: str) -> Any:
    """Run a script of `inside/` with the project's Python; the JSON that it wrote to `out`."""
    project.run("python", str(INSIDE / script), project.package, str(out), *words)
    return json.loads(out.read_text(encoding="utf-8"))


def time_training(
    project: Project, out: Path, blocks: int, steps: int, *words: str, threads: int | None
) -> Any:
    """Let `compete train` time itself (inside/probe.py); what it found."""
    params = yaml.safe_load((project.path / "params.yaml").read_text(encoding="utf-8"))
    arguments = {"out": str(out), "blocks": blocks, "steps": steps, "ema": params["model"]["ema"]}
    probe = [{"class_path": "probe.Probe", "init_args": arguments}]
    limit = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)} if threads else {}
    project.run(
        *("compete", "train", "--fold", "0", "--trainer.callbacks", json.dumps(probe)),
        *("--trainer.max_epochs", "1000", "--trainer.limit_val_batches", "0"),
        *words,
        env={"PYTHONPATH": str(INSIDE), **limit},
    )
    return json.loads(out.read_text(encoding="utf-8"))
