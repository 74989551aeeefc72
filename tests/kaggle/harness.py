"""A generated project's way to Kaggle, run as a command against the practice Kaggle.

The project is its package alone, copied under a real name: nothing here needs torch.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from practice_kaggle.environment import overlaid

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT.joinpath(
    "template",
    "competition",
    "{{cookiecutter.project_slug}}",
    "src",
    "{{cookiecutter.package_name}}",
)
SLUG = "odd-or-even"
ROWS = 40


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


class Nursery:
    """Runs the project's command in forks of a process that has imported what is slow to import.

    Only third-party modules are loaded beforehand, and of Kaggle's client only its SDK: the project
    and the client itself are imported, and sign in, in every fork anew.
    """

    PROGRAM = """
import json, os, sys, traceback
import bleach, dateutil, kagglesdk, polars, requests, rich.progress, rich.table, tqdm, typer, yaml
for line in sys.stdin:
    job = json.loads(line)
    pid = os.fork()
    if not pid:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        for number, path in ((1, job["out"]), (2, job["err"])):
            os.dup2(os.open(path, flags, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["env"])
        sys.path.insert(0, job["env"]["PYTHONPATH"])
        sys.argv = ["compete", *job["words"]]
        code = 0
        try:
            from demo.cli import main
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def start(self, words: list[str], cwd: Path, env: dict[str, str], out: Path, err: Path) -> int:
        """The number of the new process."""
        assert self._process.stdin
        job = {"words": words, "cwd": str(cwd), "env": env, "out": str(out), "err": str(err)}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def wait(self) -> int:
        """The exit status of the process that was started last."""
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


@dataclass
class Project:
    """A project's folder, and the environment in which its command runs."""

    folder: Path
    library: Path
    nursery: Nursery | None = None
    env: dict[str, str] = field(default_factory=dict)
    seconds: float = 3.0

    def environment(self, **extra: str) -> dict[str, str]:
        env = overlaid(os.environ, self.env)
        env |= {
            "PYTHONPATH": str(self.library),
            "COMPETE_TIMEOUT": f"{self.seconds:g}",
            "COLUMNS": "200",
        }
        return {name: value for name, value in (env | extra).items() if value != "unset"}

    def compete(
        self, *words: str, meanwhile: Callable[[int], object] | None = None, **extra: str
    ) -> Outcome:
        """Runs the command. `meanwhile` is called with the number of its process."""
        assert self.nursery
        files = [self.folder.with_name(f"{name}.txt") for name in ("out", "err")]
        env = self.environment(**extra)
        pid = self.nursery.start(list(words), self.folder, env, files[0], files[1])
        if meanwhile:
            meanwhile(pid)
        code = self.nursery.wait()
        return Outcome(code, *(file.read_text(encoding="utf-8") for file in files))

    def killed_when(self, reached: Callable[[], bool], *words: str) -> bool:
        """Starts a command and kills it without warning as soon as `reached()`; whether it was
        still running then."""

        def kill(pid: int) -> None:
            end = time.monotonic() + 30
            while not reached() and time.monotonic() < end:
                time.sleep(0.001)
            os.kill(pid, signal.SIGKILL)

        return self.compete(*words, meanwhile=kill).code == -signal.SIGKILL

    def python(self, program: str) -> Outcome:
        """Runs a program that imports the project's package."""
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
    """Writes competition.yaml, with changes."""
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
    """One process of the project that evaluates many expressions on `client`: importing the
    real client takes seconds, so the table of faults imports it once."""

    PROGRAM = """
import json, sys
from pathlib import Path
from demo.errors import Fault
from demo.kaggle import client, kernel, submission
for line in sys.stdin:
    try:
        answer = {"value": repr(eval(json.loads(line)))}
    except Fault as fault:
        cause = repr(fault.__cause__)
        answer = {"fault": str(fault), "kind": type(fault).__name__, "cause": cause}
    print(json.dumps(answer), flush=True)
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
        answer: dict[str, str] = json.loads(line)
        assert_no_secrets(line + self._log.read_text(encoding="utf-8"))
        return answer

    def fault(self, expression: str, *words: str) -> str:
        """The fault that the expression raises; it must hold all the words."""
        answer = self.ask(expression)
        assert "fault" in answer, answer
        for word in words:
            assert word.lower() in answer["fault"].lower(), answer
        return answer["fault"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        self._errors.close()


def assert_no_secrets(text: str) -> None:
    for secret in ("practice-key", "practice-token", "Bearer", "Authorization", "wrong-secret"):
        assert secret not in text, text
