"""One agent in a process of its own, as each of Kaggle's agents has a container of its own.

Only the process that plays imports this module: it imports `kaggle_environments`.
"""

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from kaggle_environments import make
from kaggle_environments.agent import Agent
from kaggle_environments.errors import DeadlineExceeded
from kaggle_environments.utils import structify

from .image import leave_out_what_kaggle_lacks

# Seconds beyond the agent's time before it is killed, as in `kaggle_environments.agent.UrlAgent`.
_GRACE = 1.0
_START = 120.0
# Forking leaves out importing for each agent; only on Linux is it safe.
_CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


class AgentProcess:
    """What Kaggle's runner calls to let an agent act.

    Args:
        main: the agent's main.py.
        environment: its name.
        configuration: of the episode.
        home: a folder for it alone, which does not exist yet.
    """

    def __init__(
        self, main: str, environment: str, configuration: dict[str, Any], home: Path
    ) -> None:
        self._parent = os.getppid()
        self._stderr = home / "stderr"
        working = home / "working"
        working.mkdir(parents=True)
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_serve,
            args=(theirs, main, environment, configuration, str(self._stderr), str(working)),
            daemon=False,  # an agent may start processes
        )
        self._process.start()
        theirs.close()
        if self._receive(_START) is None:  # starting is not the agent's time
            self.close()
            raise RuntimeError("The process of an agent did not start.")

    def __call__(self, observation: Any, configuration: Any) -> Any:
        """Return the agent's action, or what tells the runner that it has failed."""
        seconds = configuration.actTimeout + max(0, observation.remainingOverageTime)
        try:
            self._connection.send_bytes(json.dumps(observation).encode())
            reply = self._receive(seconds + _GRACE)
        except (EOFError, OSError):
            self._process.join(_GRACE)
            code = self._process.exitcode
            print(self._last_words(), end="", file=sys.stderr)
            print(f"The agent's process ended with exit code {code}.", file=sys.stderr)
            return BaseException(f"exit code {code}")
        if reply is None:
            print(self._last_words(), end="", file=sys.stderr)
            print(f"The agent was killed after {seconds + _GRACE:g} s.", file=sys.stderr)
            self.close()
            return DeadlineExceeded()
        print(reply["stdout"], end="")
        print(reply["stderr"], end="", file=sys.stderr)
        if reply["failed"] == "timeout":
            return DeadlineExceeded()
        if reply["failed"]:
            return BaseException(reply["failed"])
        return reply["action"]

    def close(self) -> None:
        """Kill the agent and what it has started."""
        if self._process.pid and hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _receive(self, seconds: float) -> Any:
        """Return the agent's reply, None if there is none in time. Raise `EOFError` if it died."""
        end = time.monotonic() + seconds
        while not self._connection.poll(min(1.0, max(0.0, end - time.monotonic()))):
            if os.getppid() != self._parent:
                os._exit(1)  # the server was killed; agents end with this process
            if time.monotonic() >= end:
                return None
        return json.loads(self._connection.recv_bytes())

    def _last_words(self) -> str:
        try:
            return self._stderr.read_text(encoding="utf-8", errors="replace")[-10_000:]
        except OSError:
            return ""


def _serve(
    connection: Connection,
    main: str,
    environment: str,
    configuration: dict[str, Any],
    stderr: str,
    working: str,
) -> None:
    """Act until the other end is closed; runs in the agent's process."""
    if hasattr(os, "setsid"):
        os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _redirect(stderr)
    os.chdir(working)  # empty: an agent finds its files by the path of main.py
    made = make(environment, configuration)
    leave_out_what_kaggle_lacks()
    agent = Agent(main, made)
    connection.send_bytes(b"{}")
    while True:
        try:
            observation = structify(json.loads(connection.recv_bytes()))
        except (EOFError, OSError):
            return
        action, log = agent.act(observation)
        reply = {"failed": "", "action": None, **log}
        if isinstance(action, DeadlineExceeded):
            reply["failed"] = "timeout"
        elif isinstance(action, BaseException):
            reply["failed"] = str(action) or type(action).__name__
        else:
            reply["action"] = action
        try:
            text = json.dumps(reply)
        except (TypeError, ValueError) as error:
            # Between Kaggle's containers such a response is lost, and counts as no action.
            reply |= {"action": None, "stderr": f"{log['stderr']}The action is lost: {error}\n"}
            text = json.dumps(reply)
        connection.send_bytes(text.encode())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)


def _redirect(stderr: str) -> None:
    """Keep what a crash writes, and keep agents away from the streams of the process that plays."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    file = os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(file, 1)
    os.dup2(file, 2)
