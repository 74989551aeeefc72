"""Runs a notebook in a process of its own, with limits of time and memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from compete.kernels import runtime
from compete.kernels.environment import GUARD, Environment, namespace
from compete.kernels.folder import NOTEBOOK

_LOOK = 0.1  # seconds between two looks at its memory


@dataclass(frozen=True)
class Limits:
    """What Kaggle gives a notebook: seconds, and gigabytes of memory."""

    seconds: float
    memory_gb: float


@dataclass
class Ran:
    """How a notebook ran.

    Args:
        log: what it printed.
        seconds: how long it took.
        memory_gb: the most memory that its processes had together.
        stopped: `time` or `memory` if a limit stopped it.
        error: of the cell that failed: its type, its message and the one it came from.
        attempts: what the guard kept it from, each with its kind and place.
        network: whether the system would have let it out.
        report: what the prediction told of itself.
    """

    log: str
    seconds: float
    memory_gb: float
    stopped: str = ""
    error: dict[str, Any] | None = None
    attempts: list[dict[str, str]] = field(default_factory=list)
    network: bool = False
    report: dict[str, Any] = field(default_factory=dict)


def run_notebook(
    environment: Environment,
    folder: Path,
    inputs: Path,
    working: Path,
    limits: Limits,
    cells: int = 0,
    told: Mapping[str, str] | None = None,
) -> Ran:
    """Run the notebook offline, with nothing of this machine but its inputs.

    Args:
        environment: in which.
        folder: of the rehearsal, in which it may read.
        inputs: stands for /kaggle/input.
        working: stands for /kaggle/working.
        limits: of time and memory.
        cells: how many cells of code to run; 0: all.
        told: environment variables besides.
    """
    own = Path(tempfile.mkdtemp(dir=folder, prefix="run-"))
    home, temporary = own / "home", own / "tmp"
    home.mkdir()
    temporary.mkdir()
    files = {name: own / name for name in ("log.txt", "guard.jsonl", "outcome.json", "report.json")}
    files["guard.jsonl"].touch()
    prefix = namespace()
    command = [*prefix, str(environment.python), str(environment.runner)]
    command += [str((NOTEBOOK / "notebook.ipynb").absolute()), str(files["outcome.json"])]
    variables = _variables(environment, home, temporary, bool(prefix)) | {
        "COMPETE_KAGGLE_INPUT": str(inputs),
        "COMPETE_KAGGLE_WORKING": str(working),
        runtime.REPORT: str(files["report.json"]),
        GUARD: _rules(environment, folder, inputs, files["guard.jsonl"]),
        **(told or {}),
    }
    start = time.monotonic()
    with files["log.txt"].open("wb") as log:
        process = subprocess.Popen(
            [*command, str(cells)],
            cwd=working,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        peak, stopped = _watch(process, start, limits)
    told = _json(files["outcome.json"])
    lines = files["guard.jsonl"].read_text(encoding="utf-8").splitlines()
    error = told.get("error")
    if error is None and process.returncode and not stopped:
        error = {"cell": 0, "type": "", "message": f"it ended with code {process.returncode}"}
    return Ran(
        log=files["log.txt"].read_text(encoding="utf-8", errors="replace"),
        seconds=time.monotonic() - start,
        memory_gb=peak / 1e9,
        stopped=stopped,
        error=error,
        attempts=[json.loads(line) for line in lines],
        network=bool(told.get("network")),
        report=_json(files["report.json"]),
    )


def _watch(process: subprocess.Popen[bytes], start: float, limits: Limits) -> tuple[int, str]:
    """Wait for the process, stop it at a limit; return the most memory, and which limit it was."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        late = time.monotonic() - start > limits.seconds
        if late or peak > 1e9 * limits.memory_gb:
            _kill(process.pid)
            process.wait()
            return peak, "time" if late else "memory"
        time.sleep(_LOOK)
    return peak, ""


def _memory(pid: int) -> int:
    """Return the bytes in memory of a process and of those that it started."""
    total = 0
    for one in _family(pid):
        try:
            total += one.memory_info().rss
        except psutil.Error:  # it has ended
            continue
    return total


def _kill(pid: int) -> None:
    for one in _family(pid):
        try:
            one.kill()
        except psutil.Error:
            continue


def _family(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.Error:
        return []


def _variables(
    environment: Environment, home: Path, temporary: Path, in_namespace: bool
) -> dict[str, str]:
    """Return the environment variables: none of this machine's but what a system needs to run."""
    kept = ("LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
    variables = {key: os.environ[key] for key in kept if key in os.environ}
    scripts = environment.python.parent
    return variables | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "TMP": str(temporary),
        "PATH": os.pathsep.join([str(scripts), os.defpath]),
        "PYTHONUNBUFFERED": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "COMPETE_REHEARSAL_NAMESPACE": "1" if in_namespace else "0",
    }


def _rules(environment: Environment, folder: Path, inputs: Path, log: Path) -> str:
    """Return what the guard must know: which folders of this machine Kaggle does not have."""
    project, home = Path.cwd(), Path.home()
    # Of packages that stand in, some look for their files where they really are.
    read = {sys.prefix, sys.base_prefix, environment.base, environment.base.resolve()}
    return json.dumps(
        {
            "denied": sorted({str(project), str(home)}),
            "allowed": sorted(map(str, {folder, *read, project / NOTEBOOK})),
            "read_only": [str(inputs)],
            "log": str(log),
        }
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
