"""A project's way to Kaggle, run as a command against the practice Kaggle."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from fork_server import KILL, KILLED, Job, Launcher
from practice_kaggle.environment import overlaid

SLUG = "odd-or-even"
ROWS = 40
FILE = "Path('submissions/submission.csv')"  # as `Worker` is told


@dataclass
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    def assert_fault(self, *words: str) -> None:
        """One sentence with a remedy and exit code 1, and no traceback."""
        assert self.code == 1, self.text
        assert "Traceback" not in self.text, self.text
        last = self.err.strip().splitlines()[-1]
        assert last.startswith("error: "), self.text
        assert_no_secrets(self.text)
        for word in words:
            assert word.lower() in last.lower(), self.text


@dataclass
class Project:
    """A project's folder, and the environment in which its command runs.

    `author` is a folder for `sys.path` that holds the author's package.
    """

    folder: Path
    launcher: Launcher | None = None
    env: dict[str, str] = field(default_factory=dict)
    seconds: float = 3.0
    author: Path | None = None

    def environment(self, **extra: str) -> dict[str, str]:
        env = overlaid(os.environ, self.env)
        env |= {"COMPETE_TIMEOUT": f"{self.seconds:g}", "COLUMNS": "200"}
        if self.author:
            env["PYTHONPATH"] = os.pathsep.join(
                filter(None, [str(self.author), env.get("PYTHONPATH")])
            )
        return {name: value for name, value in (env | extra).items() if value != "unset"}

    def compete(
        self, *words: str, meanwhile: Callable[[int], object] | None = None, **extra: str
    ) -> Outcome:
        """Run the command. `meanwhile` is called with the number of its process."""
        assert self.launcher
        out, err = (self.folder.with_name(f"{name}.txt") for name in ("out", "err"))
        env = self.environment(**extra)
        pid = self.launcher.start(Job([list(words)], str(self.folder), str(out), str(err), env))
        if meanwhile:
            meanwhile(pid)
        code = self.launcher.wait()
        return Outcome(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def killed_when(self, reached: Callable[[], bool], *words: str) -> bool:
        """Kill a command without warning as soon as `reached()`; return whether it still ran."""

        def kill(pid: int) -> None:
            end = time.monotonic() + 30
            while not reached() and time.monotonic() < end:
                time.sleep(0.001)
            os.kill(pid, KILL)

        return self.compete(*words, meanwhile=kill).code == KILLED

    def python(self, program: str) -> Outcome:
        """Run a program that imports the engine."""
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def ledger(self) -> list[dict[str, Any]]:
        path = self.folder / "submissions" / "ledger.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def write_submission(self, flip: int = 0) -> Path:
        """A submission with the first `flip` labels wrong."""
        lines = [f"{i},{(i + (i <= flip)) % 2}" for i in range(1, ROWS + 1)]
        path = self.folder / "submissions" / "submission.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["Id,Odd", *lines]) + "\n", encoding="utf-8")
        return path


def write_practice(folder: Path) -> Path:
    """A practice folder: is a number odd?"""
    (folder / "data" / "more").mkdir(parents=True)
    (folder / "private").mkdir()
    rows = range(1, ROWS + 1)
    usage = ["Public" if i % 4 == 0 or i % 4 == 1 else "Private" for i in rows]
    solution = [f"{i},{i % 2},{u}" for i, u in zip(rows, usage, strict=True)]
    text = {
        "data/sample_submission.csv": ["Id,Odd", *(f"{i},0" for i in rows)],
        "data/test.csv": ["Id", *(str(i) for i in rows)],
        "data/more/notes.csv": ["a,b", *(f"{i},{i * i}" for i in range(150_000))],
        "private/solution.csv": ["Id,Odd,Usage", *solution],
    }
    for name, lines in text.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings(folder)
    return folder


def settings(folder: Path, **changes: Any) -> None:
    """Write competition.yaml, with changes."""
    values = {
        "slug": SLUG,
        "title": "Odd or even",
        "metric": "Categorization Accuracy",
        "id_column": "Id",
        "target_columns": ["Odd"],
        "deadline": "2031-01-01T00:00:00Z",
        "max_daily_submissions": 5,
        "reveal_private": True,
        "scoring_seconds": 0.1,
    }
    text = yaml.safe_dump(values | changes)
    (folder / "competition.yaml").write_text(text, encoding="utf-8")


Serve = Callable[..., Any]


class Worker:
    """One process that evaluates many expressions: to import the real client takes seconds."""

    PROGRAM = """
import json, sys
from pathlib import Path
from compete.errors import Fault
from compete.kaggle import client, episodes, kernel, submission
for line in sys.stdin:
    try:
        reply = {"value": repr(eval(json.loads(line)))}
    except Fault as fault:
        cause = repr(fault.__cause__)
        reply = {"fault": str(fault), "kind": type(fault).__name__, "cause": cause}
    print(json.dumps(reply), flush=True)
"""

    def __init__(self, project: Project, log: Path) -> None:
        self._log = log
        self._errors = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM],
            cwd=project.folder,
            env=project.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )

    def ask(self, expression: str) -> dict[str, str]:
        """{"value": ...} or {"fault": ...}; fails if anything else was printed on stdout."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(expression) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._log.read_text(encoding="utf-8")
        reply: dict[str, str] = json.loads(line)
        assert_no_secrets(line + self._log.read_text(encoding="utf-8"))
        return reply

    def fault(self, expression: str, *words: str) -> str:
        """The fault that the expression raises; it must hold all the words."""
        reply = self.ask(expression)
        assert "fault" in reply, reply
        for word in words:
            assert word.lower() in reply["fault"].lower(), reply
        return reply["fault"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        self._errors.close()


def assert_no_secrets(text: str) -> None:
    for secret in ("practice-key", "practice-token", "Bearer", "Authorization", "wrong-secret"):
        assert secret not in text, text
