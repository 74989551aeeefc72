"""Runs the `compete` command of tests in processes that begin at once and can be killed.

`ForkServer` forks them from a process that has imported what is slow to import. Where there is no
`os.fork`, or COMPETE_TEST_PLAIN is set, `PlainProcesses` begins each anew. Run as a program, this
file is what they start.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
KILLED = KILL if os.name == "nt" else -KILL  # the exit code of what was killed
_PROGRAM = (sys.executable, "-P", __file__)


@dataclass(frozen=True)
class Job:
    """Commands of `compete`, run one after the other in one process until one of them fails."""

    commands: list[list[str]]
    folder: str
    out: str
    err: str
    env: dict[str, str]


class PlainProcesses:
    """A new Python for each job."""

    def start(self, job: Job) -> int:
        """Begin a job, and return the number of its process."""
        with Path(job.out).open("wb") as out, Path(job.err).open("wb") as err:
            self._process = subprocess.Popen(
                [*_PROGRAM, "job", json.dumps(job.commands)],
                cwd=job.folder,
                env=job.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        return self._process.pid

    def wait(self) -> int:
        """Return the exit code of the job that was begun last."""
        return self._process.wait(300)

    def close(self) -> None:
        """There is nothing to end."""


class ForkServer:
    """A fork of one process for each job; only modules of others are imported beforehand.

    Args:
        imports: the modules.
        env: the variables with which they are imported.
    """

    def __init__(self, imports: Sequence[str], env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [*_PROGRAM, "serve", *imports],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def start(self, job: Job) -> int:
        """Begin a job, and return the number of its process."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        return self.wait()

    def wait(self) -> int:
        """Return the exit code of the job that was begun last."""
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


Launcher = ForkServer | PlainProcesses


def make_launcher(imports: Sequence[str], env: dict[str, str]) -> Launcher:
    """Return what runs jobs on this machine, with the arguments of `ForkServer`."""
    plain = os.environ.get("COMPETE_TEST_PLAIN") or not hasattr(os, "fork")
    return PlainProcesses() if plain else ForkServer(imports, env)


def is_over(pid: int) -> bool:
    """Return whether a process has ended; where there is no /proc, nobody knows."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return Path("/proc/self").exists()
    return state == "Z"


def _run(words: list[str]) -> int:
    """Run a command as the `compete` script would; return its exit code."""
    sys.argv = ["compete", *words]
    try:
        import_module("compete.cli").main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _run_all(commands: list[list[str]]) -> int:
    return next((code for words in commands if (code := _run(words))), 0)


def _paths(env: Mapping[str, str]) -> list[str]:
    return list(filter(None, env.get("PYTHONPATH", "").split(os.pathsep)))


def _serve(imports: list[str]) -> None:
    for name in imports:
        import_module(name)
    others = [path for path in sys.path if path not in _paths(os.environ)]
    for line in sys.stdin:
        job = Job(**json.loads(line))
        pid = os.fork()
        if not pid:
            for number, path in ((0, os.devnull), (1, job.out), (2, job.err)):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
            os.chdir(job.folder)
            os.environ.clear()
            os.environ.update(job.env)
            sys.path[:] = [*_paths(job.env), *others]  # as in a Python that begins anew
            code = _run_all(job.commands)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(sys.argv[2:])
    else:
        sys.exit(_run_all(json.loads(sys.argv[2])))
