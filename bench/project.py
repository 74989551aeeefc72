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

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
TEMPLATE = "template/competition"
SCRIPTS = Path(__file__).resolve().parent / "scripts_in_project"


@dataclass(frozen=True)
class Project:
    """A generated project with its own environment, at `path`."""

    path: Path

    def program(self, name: str) -> str:
        """Return the path of a program of the project's environment; exit if there is none."""
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
        """Run a program of the project's environment and return its output; exit if it fails.

        Args:
            name: of the program.
            words: its arguments.
            env: variables to add.
            cwd: where it runs; None: in the project.
        """
        return command([self.program(name), *words], cwd or self.path, self.environment(env))

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """Return the variables of the project's programs, with `more` added."""
        environment = outside() | (more or {})
        scripts = Path(self.program("python")).parent
        environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
        return environment


def outside() -> dict[str, str]:
    """Return this process's variables, without those that tie a command to this repository.

    Python may keep compiled modules, as it does on people's machines.
    """
    ours = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    return {key: value for key, value in os.environ.items() if key not in ours}


def command(words: Sequence[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command and return its output; exit, with the output, if it fails.

    Args:
        words: the command.
        cwd: where it runs.
        env: its variables; None: `outside()`.
    """
    done = subprocess.run(
        words, cwd=cwd, env=env or outside(), capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        sys.exit(f"error: {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def scaffold_command(into: Path, **answers: str) -> list[str]:
    """Return the command that renders the template into a folder.

    Args:
        into: the folder.
        answers: to the template's questions; the others keep their defaults.
    """
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
    """Render a project and install it.

    Args:
        work: the folder to work in.
        changes: keys of params.yaml with new values, such as `data.folds`.
        answers: to the template's questions.
    """
    path = work / "bench" / answers.get("competition", "digit-recognizer")
    if not path.exists():
        command(scaffold_command(work / "bench", **answers), work)
    command(["uv", "sync", "--quiet", "--python", sys.executable], path)
    params = yaml.safe_load((path / "params.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        section, name = key.split(".")
        params[section][name] = value
    (path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    return Project(path)


def run_pipeline(project: Project, practice: Path, stages: Sequence[str]) -> None:
    """Run the project's pipeline against a practice Kaggle.

    Args:
        project: the project.
        practice: the practice folder.
        stages: those to bring up to date; none: all.
    """
    import practice_kaggle  # `bench gpu` does without it

    with practice_kaggle.serve(practice) as server:
        project.run("dvc", "repro", "--quiet", *stages, env=server.env)


def say(what: str) -> None:
    """Print what is measured next."""
    print(f"bench: {what} ...", flush=True)


def run_script(project: Project, script: str, out: Path, *words: str) -> Any:
    """Run a script of `scripts_in_project/` with the project's Python; return its result.

    Args:
        project: the project.
        script: the file's name.
        out: the JSON file that the script writes.
        words: further arguments of the script.
    """
    project.run("python", str(SCRIPTS / script), str(out), *words)
    return json.loads(out.read_text(encoding="utf-8"))


def time_training(
    project: Project,
    out: Path,
    blocks: int,
    steps: int,
    *words: str,
    threads: int | None,
    seconds: float | None = None,
    watch: dict[str, Any] | None = None,
) -> Any:
    """Let `compete train` time itself with `scripts_in_project/probe.py`; return the result.

    Args:
        project: has prepared its data.
        out: the JSON file that the probe writes.
        blocks: how many blocks are timed.
        steps: optimizer steps in a block.
        words: further arguments of `compete train`.
        threads: PyTorch's; None: its default.
        seconds: after which training ends, even with fewer blocks.
        watch: the arguments of a `Watch` that looks at the first steps, before the others begin.
    """
    params = yaml.safe_load((project.path / "params.yaml").read_text(encoding="utf-8"))
    arguments = {"out": str(out), "blocks": blocks, "steps": steps, "ema": params["model"]["ema"]}
    arguments |= {"seconds": seconds} if seconds else {}
    callbacks = [callback("probe.Probe", **arguments)]
    if watch:
        callbacks = [callback("watch.Watch", **watch), *callbacks]
    limit = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)} if threads else {}
    project.run(
        *("compete", "train", "--fold", "0", "--trainer.callbacks", json.dumps(callbacks)),
        *("--trainer.max_epochs", "1000", "--trainer.limit_val_batches", "0"),
        *words,
        env={"PYTHONPATH": str(REPOSITORY), **limit},
    )
    return json.loads(out.read_text(encoding="utf-8"))


def callback(name: str, **arguments: Any) -> dict[str, Any]:
    """Return a callback of `scripts_in_project/` as `--trainer.callbacks` takes it."""
    return {"class_path": f"bench.scripts_in_project.{name}", "init_args": arguments}
