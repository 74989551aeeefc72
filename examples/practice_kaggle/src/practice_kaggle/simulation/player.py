"""The server's end of the process that plays episodes."""

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import PracticeError

INSTALL = "Install it: uv pip install 'practice-kaggle[simulation]'."


@dataclass(frozen=True)
class Outcome:
    """How an episode ended, by seat.

    Args:
        rewards: None for an agent that failed.
        statuses: the environment's: DONE, or ERROR, INVALID or TIMEOUT for an agent that failed.
        failure: why the episode as a whole was broken off; "" if it was not.
    """

    rewards: list[float | None]
    statuses: list[str]
    failure: str


class EpisodePlayer:
    """Plays episodes in a process of its own, which starts with the first one.

    Raises:
        PracticeError: in every method but `close`: the process has ended or could not do its job.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (`close` closes it)
        self._lock = threading.Lock()
        self._closed = False

    def describe(self, environment: str) -> dict[str, Any]:
        """Return title, description, players (numbers) and agents (names) of an environment.

        Args:
            environment: its name.
        """
        reply = self._ask({"environment": environment})
        if "environments" in reply:
            raise PracticeError(
                f"kaggle-environments has no environment {environment!r}. It has: "
                f"{', '.join(reply['environments'])}."
            )
        return reply

    def play(
        self,
        environment: str,
        agents: list[Path | str],
        folder: Path,
        scratch: Path,
        *,
        configuration: dict[str, Any],
        overage: float | None,
        info: dict[str, Any],
    ) -> Outcome:
        """Play an episode, and write replay.json and logs-SEAT.json.

        Args:
            environment: its name.
            agents: by seat: the path of a main.py, or the name of one of the environment's agents.
            folder: where the files are written.
            scratch: an existing folder for what is needed meanwhile.
            configuration: what differs from the environment's own.
            overage: seconds beyond `actTimeout` that an agent has in all; None: the environment's.
            info: for the replay.
        """
        reply = self._ask(
            {
                "environment": environment,
                "agents": [str(agent) for agent in agents],
                "folder": str(folder.resolve()),
                "scratch": str(scratch),
                "configuration": configuration,
                "overage": overage,
                "info": info,
            }
        )
        return Outcome(**reply)

    def close(self) -> None:
        """End the process and the agents in it, whatever they do."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self._stderr.close()

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):  # closed meanwhile, at either end
            line = ""
        if not line:
            if self._closed:
                raise PracticeError("The server is being stopped.")
            code = process.wait()
            self._stderr.seek(0)
            words = self._stderr.read().decode(errors="replace").strip().splitlines()
            last = f" Its last words: {words[-1]}" if words else ""
            raise PracticeError(
                f"The process that plays episodes ended with exit code {code}.{last}"
            )
        reply: dict[str, Any] = json.loads(line)
        if error := reply.get("error"):
            missing = "No module named 'kaggle_environments'" in error
            raise PracticeError(f"{error}. {INSTALL}" if missing else error)
        return reply

    def _running(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise PracticeError("The server is being stopped.")
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    # -P: files of the present folder must not take the place of modules.
                    [sys.executable, "-P", "-m", f"{__package__}.play"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._stderr,
                    text=True,
                    encoding="utf-8",
                )
            return self._process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
