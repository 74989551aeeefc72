"""An agent in a process of its own, which can be killed when it hangs."""

import importlib
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from compete.errors import Fault
from compete.tasks.simulation.agent_files import is_agent_file, unpack
from compete.tasks.simulation.kaggle_image import hide_what_kaggle_lacks
from compete.tasks.simulation.official import make_environment

# Between the end of an agent's time and its death: for a busy machine, and for a late answer to be
# judged by Kaggle's own clock.
_GRACE = 1.0
_START = 120.0


class AgentProcess:
    """An agent that Kaggle's runner may call, played by a process of its own.

    The process starts with the first game and lives on over further ones, so that what an agent
    loads or compiles is loaded once. After a crash or a hang the next game starts another. Kaggle
    starts one for every game: a new `AgentProcess` does the same.

    Args:
        agent: the path of a file as Kaggle runs it, a Python file or a `.tar.gz` with main.py at
            its root (the last callable bound is the agent). It is unpacked elsewhere, and finds
            no package that Kaggle's image lacks. Or `module:function`, a function without
            arguments that returns the agent; or the name of an agent that the environment ships.
        environment: the name of the environment in kaggle-environments.
    """

    def __init__(self, agent: str, environment: str) -> None:
        self.agent, self.environment = agent, environment
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._files: tempfile.TemporaryDirectory[str] | None = None

    def start(self, seed: int | None = None) -> None:
        """Make ready for a game.

        Args:
            seed: for the generators of `random` and `numpy.random` in the process.

        Raises:
            Fault: the agent's file can't be unpacked, or the process does not start.
        """
        if self._process is not None and not self._process.is_alive():
            self.close()
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            agent = self.agent
            if is_agent_file(agent):
                self._files = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
                agent = str(unpack(Path(agent), Path(self._files.name, "agent")))
            arguments = (theirs, agent, self.environment)
            self._process = context.Process(target=_serve, args=arguments, daemon=True)
            self._process.start()
            theirs.close()
        if self._ask({"seed": seed}, _START) is None:
            self.close()
            raise Fault(
                f"The process of the agent {self.agent} did not start.",
                "Check its output above, and run the same command again.",
            )

    def __call__(self, observation: Mapping[str, Any], configuration: Mapping[str, Any]) -> Any:
        """Return the agent's action; called by Kaggle's runner, which judges the time it took.

        Raises:
            DeadlineExceeded: the agent had no time left, and was killed.
            RuntimeError: it raised an exception, or its process died.
        """
        from kaggle_environments.errors import DeadlineExceeded

        seconds = configuration["actTimeout"] + max(0, observation["remainingOverageTime"])
        question = {"observation": observation, "configuration": configuration}
        reply = self._ask(question, seconds + _GRACE)
        if reply is None:
            dead = self._process is not None and not self._process.is_alive()
            code = self._process.exitcode if self._process else None
            self.close()
            if dead:
                raise RuntimeError(f"the agent's process died with exit code {code}")
            raise DeadlineExceeded(f"the agent was killed after {seconds:.1f} s")
        # The runner keeps what is printed here as the agent's log.
        print(reply["stdout"], end="")
        print(reply["stderr"], end="", file=sys.stderr)
        if reply["failed"]:
            raise RuntimeError("the agent raised an exception")
        return reply["action"] if "action" in reply else _NotJson()

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        if self._files is not None:
            self._files.cleanup()
        self._process = self._connection = self._files = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, question: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """Return the reply, None if the process dies or does not answer in time."""
        if self._connection is None:
            return None
        try:
            self._connection.send_bytes(json.dumps(question).encode())
            if not self._connection.poll(seconds):
                return None
            reply: dict[str, Any] = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            if self._process is not None:
                self._process.join(_GRACE)  # for its exit code
            return None
        return reply


class _NotJson:
    """An action that no environment takes for valid."""


def _serve(connection: Connection, agent: str, environment: str) -> None:
    """Answer questions until the other end is closed; runs in the agent's process."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    official = make_environment(environment)
    from kaggle_environments.utils import structify

    # A submission loads in its first move, out of its own time, as on Kaggle.
    act = _reference(agent)
    if is_agent_file(agent):
        folder = Path(agent).parent
        hide_what_kaggle_lacks(folder)
        os.chdir(tempfile.mkdtemp(dir=folder.parent))  # on Kaggle, too, its files do not lie there
    while True:
        try:
            question = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        if "seed" in question:
            if question["seed"] is not None:
                random.seed(question["seed"])
                np.random.seed(question["seed"])
            connection.send_bytes(b"{}")
            continue
        reply: dict[str, Any] = {"failed": False}
        with redirect_stdout(StringIO()) as stdout, redirect_stderr(StringIO()) as stderr:
            try:
                if act is None:
                    act = _submission(agent, official)
                action = act(
                    *(structify(question[key]) for key in ("observation", "configuration"))
                )
                if action is None:
                    print("The agent returned None: the default action is played.", file=stderr)
            except (Exception, SystemExit):
                traceback.print_exc()
                reply["failed"] = True
            else:
                try:
                    json.dumps(action)
                    reply["action"] = action
                except (TypeError, ValueError):
                    kind = type(action).__name__
                    print(f"The agent returned a {kind}; return what JSON holds.", file=stderr)
        reply |= {"stdout": stdout.getvalue(), "stderr": stderr.getvalue()}
        connection.send_bytes(json.dumps(reply).encode())


def _reference(agent: str) -> Callable[..., Any] | None:
    """Return the agent that `module:function` names, None if it is named otherwise."""
    module, colon, name = agent.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), name)):
        return None
    act: Callable[..., Any] = getattr(importlib.import_module(module), name)()
    return act


def _submission(agent: str, official: Any) -> Callable[..., Any]:
    """Return the agent of a file, or of the environment's own, as Kaggle's runner makes it."""
    from kaggle_environments.agent import build_agent

    built, _ = build_agent(agent, official.agents, official.name)
    count = getattr(getattr(built, "__code__", None), "co_argcount", None)
    return lambda *views: built(*views[:count])


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
