"""A project that needs no network: the author's part of a task, put on Python's path.

The engine is this repository's, the packages are those of the environment in which this runs.
"""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from bench.project import REPOSITORY, Project, outside

_AUTHORS = REPOSITORY / "tests/engine/helpers"  # whose `authors` installs the author's part
_ENGINE = REPOSITORY / "packages/compete/src"
_JINJA = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True)
class OfflineProject(Project):
    """A folder with params.yaml, in which `compete` runs with one author's part.

    Args:
        path: the folder.
        author: the folder that holds the author's package.
        variables: of its commands.
        deadline: by `time.monotonic()`, when its commands are ended.
    """

    author: Path
    variables: dict[str, str]
    deadline: float = 0.0

    def program(self, name: str) -> str:
        """Return the Python that runs this; `compete` is one of its modules."""
        return sys.executable

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """Return the variables of its commands, with `more` added."""
        found = outside() | {"HF_HUB_OFFLINE": "1"} | self.variables | (more or {})
        paths = (self.author, _ENGINE, REPOSITORY, os.environ.get("PYTHONPATH"))
        return found | {"PYTHONPATH": os.pathsep.join(str(path) for path in paths if path)}

    def attempt(
        self, name: str, *words: str, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> tuple[int, str]:
        """Run a command until the deadline; return its exit code and its output.

        Raises:
            TimeoutError: the deadline came first; the processes that it started end with it.
        """
        module = ["-m", "compete"] if name == "compete" else []
        process = subprocess.Popen(
            [self.program(name), *module, *words],
            cwd=cwd or self.path,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        left = max(0.0, self.deadline - time.monotonic())
        try:
            output, _ = process.communicate(timeout=left)
        except BaseException as error:
            _end(process)
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise TimeoutError(f"It was ended after {left:.0f} seconds.") from None
            raise
        return process.returncode, output

    def run(
        self, name: str, *words: str, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> str:
        """Run a command and return its output.

        Raises:
            RuntimeError: it failed; with its last lines.
            TimeoutError: the deadline came first.
        """
        code, output = self.attempt(name, *words, env=env, cwd=cwd)
        if code:
            raise RuntimeError("\n".join(output.strip().splitlines()[-12:]) or f"Exit code {code}.")
        return output


def _end(process: subprocess.Popen[str]) -> None:
    if hasattr(os, "killpg"):  # workers that load samples, and compilers, too
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def make_offline_project(
    work: Path, task: str, changes: dict[str, Any], variables: dict[str, str]
) -> OfflineProject:
    """Put the author's part of a task on the path, and its params.yaml and a member in a folder.

    Args:
        work: the folder to work in.
        task: the task.
        changes: keys of params.yaml with new values, such as `data.folds`.
        variables: of its commands.
    """
    if str(_AUTHORS) not in sys.path:
        sys.path.append(str(_AUTHORS))
    from authors import install, params_of

    path, author = work / task, work / f"author-{task}"
    author.mkdir()
    install(task, author)
    text = params_of(task).read_text(encoding="utf-8")
    params = yaml.safe_load(_JINJA.sub("auto", text))
    params["competition"] |= {"slug": "bench", "metric": "accuracy"}
    if find_spec("dvclive") is None:
        params["trainer"]["logger"] = False
    for key, value in changes.items():
        section, name = key.split(".")
        params[section][name] = value
    (path / "members").mkdir(parents=True)
    (path / "members" / "base.yaml").write_text("{}\n", encoding="utf-8")
    (path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    return OfflineProject(path, author, variables)
