"""What every test suite shares: where things lie, and running commands in a generated project."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import practice_kaggle
from practice_kaggle.environment import overlaid

REPOSITORY = Path(__file__).resolve().parents[2]
Render = Callable[..., Path]

# What a generated project asks of its own code, as its workflow does.
CHECKS = [
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("pytest", "-q"),
    ("pre-commit", "run", "--all-files"),
]


def outside_environment() -> dict[str, str]:
    """Return this process's environment, less what ties a command to this repository."""
    ours = ["VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]
    ours += ["PYTHONDONTWRITEBYTECODE"]  # or each process compiles what it imports again
    return {key: value for key, value in os.environ.items() if key not in ours}


@dataclass(frozen=True)
class Project:
    """A generated project, and its environment: its own, unless another one's is given."""

    path: Path
    environment: Path = Path(".venv")

    def run(
        self, *command: str | Path, check: bool = True, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as `uv run` would, in the project's folder; `env` adds variables."""
        scripts = self.path / self.environment / ("Scripts" if os.name == "nt" else "bin")
        environment = outside_environment() | (env or {})
        # Third-party types, the same in each project, are read once in each of pytest's processes.
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        environment["MYPY_CACHE_DIR"] = str(Path(tempfile.gettempdir(), f"mypy-{worker}"))
        environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
        # Windows would look for the program on our PATH and not on this one.
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        done = subprocess.run(
            [program, *command[1:]],
            cwd=self.path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
        )
        if check:
            assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
        return done

    def git_status(self) -> str:
        """Return what git sees as changed or new, empty where nothing is."""
        return self.run("git", "status", "--porcelain").stdout


def train_killed(project: Project, *members: str) -> str:
    """Train fold 0 of these members anew, kill it after its first epoch, and go on with it.

    The models must be what they were, to the bit. Returns what the second run said. All folds are
    asked for, since with `--fold 0` it would have more threads, which round differently.
    """
    kept = [project.path / f"runs/{member}/fold0/model.safetensors" for member in members]
    before = [path.read_bytes() for path in kept]
    for path in kept:
        path.unlink()
        (path.parent / "fold.json").unlink()
    command = [str(project.path / ".venv/bin/compete"), "train"]
    process = subprocess.Popen(
        command, cwd=project.path, env=outside_environment(), stderr=subprocess.DEVNULL
    )
    limit = time.monotonic() + 300
    while not (kept[0].parent / "last.ckpt").exists() and time.monotonic() < limit:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not any(path.exists() for path in kept)
    (kept[0].parent / "dvclive/metrics.json").write_text("")  # as if killed while it was written
    said = project.run("compete", "train").stderr
    assert [path.read_bytes() for path in kept] == before
    return said


def enter(project: Project, practice: Path) -> None:
    """All of a competition, from its files to the score of a submission and the report of it."""
    with practice_kaggle.serve(practice) as server:
        env = overlaid(outside_environment(), server.env)
        project.run("dvc", "repro", env=env)
        project.run("compete", "validate", env=env)
        project.run("compete", "submit", "-m", "First", env=env)
        project.run("dvc", "repro", env=env)  # the report, now that there is a score
