"""One run of a notebook: its inputs, a process of its own with limits, its log and output."""

import json
import os
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from ..serialization import Json
from .evaluation import Evaluation
from .image import Image, offline_prefix

_PROGRAM = Path(__file__).with_name("run_notebook.py")
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Limits:
    """What a run may use: seconds, and gigabytes of all its processes together."""

    seconds: float
    gigabytes: float


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `failure` is empty, or what Kaggle calls what happened."""

    failure: str
    log: str


def run(
    text: str,
    inputs: dict[str, list[Path]],
    output: Path,
    image: Image,
    limits: Limits,
    *,
    internet: bool,
    rerun: bool,
    stopped: Callable[[], bool],
    evaluation: Evaluation | None = None,
) -> Outcome:
    """Run a notebook to its end.

    `/kaggle/input` and `/kaggle/working` in its text become the folders of this run: an ordinary
    user can't make folders there.

    Args:
        text: the notebook's JSON.
        inputs: for each folder below /kaggle/input, the folders whose files it holds; later
            ones replace files of earlier ones.
        output: what the notebook writes to /kaggle/working; made anew.
        image: the Python that runs it.
        limits: what ends it.
        internet: whether it may reach other machines.
        rerun: whether this is the rerun of a submission, on hidden data.
        stopped: whether the server ends.
        evaluation: what asks the notebook for predictions, and ends it when it has them.
    """
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="practice-session-") as folder:
        root = Path(folder).resolve()
        try:
            _mount(inputs, root / "input")
            python = image.overlay(root / "environment", installs="pip" in text)
            for old, new in (("/kaggle/input", root / "input"), ("/kaggle/working", output)):
                text = text.replace(old, new.resolve().as_posix())
            (root / "notebook.ipynb").write_text(text, encoding="utf-8")
            # Python looks for modules beside a program first, and would find ours.
            (root / "program").mkdir()
            program = shutil.copy(_PROGRAM, root / "program")
            words = [str(python), str(program), str(root / "notebook.ipynb")]
            words.append("online" if internet else "offline")
            prefix = () if internet else offline_prefix()
            env = _environment(root, rerun)
            if evaluation is not None:
                env |= evaluation.start(root, output / "submission.parquet")
            return _watch([*prefix, *words], output, env, limits, stopped, evaluation)
        finally:
            _make_writable(root / "input")


def _mount(inputs: dict[str, list[Path]], root: Path) -> None:
    root.mkdir()
    for name, sources in inputs.items():
        for source in sources:
            shutil.copytree(source, root / name, dirs_exist_ok=True)
    for path in sorted(root.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _make_writable(root: Path) -> None:
    for parent, _, names in os.walk(root):
        Path(parent).chmod(0o755)
        for name in names if os.name == "nt" else ():
            Path(parent, name).chmod(stat.S_IWRITE)


def _environment(root: Path, rerun: bool) -> dict[str, str]:
    kept = ("PATH", "LANG", "SYSTEMROOT", "OMP_NUM_THREADS", "TMPDIR", "TEMP")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    (root / "home").mkdir()
    env |= {"HOME": str(root / "home"), "USERPROFILE": str(root / "home")}
    env |= {"KAGGLE_KERNEL_RUN_TYPE": "Batch", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    return env | ({"KAGGLE_IS_COMPETITION_RERUN": "1"} if rerun else {})


def _watch(
    words: list[str],
    output: Path,
    env: dict[str, str],
    limits: Limits,
    stopped: Callable[[], bool],
    evaluation: Evaluation | None,
) -> Outcome:
    began = time.monotonic()
    group: Any = {"start_new_session": True} if os.name != "nt" else {}
    process = subprocess.Popen(
        words,
        cwd=output,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        **group,
    )
    lines: list[Json] = []
    readers = [
        threading.Thread(target=_read, args=(stream, name, began, lines), daemon=True)
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr))
    ]
    for reader in readers:
        reader.start()
    failure = ""
    while process.poll() is None and not failure and not (evaluation and evaluation.is_over):
        time.sleep(_POLL_SECONDS)
        if stopped():
            failure = "The server has ended"
        elif time.monotonic() - began > limits.seconds:
            failure = "Notebook Timeout"
        elif _gigabytes(process.pid) > limits.gigabytes:
            failure = "Notebook Exceeded Allowed Compute"
    running = process.poll() is None
    if running:
        _kill(process.pid)
    threw = process.wait() != 0 and not running
    for reader in readers:
        reader.join(5)
    details = ""
    if threw:
        failure = "Notebook Threw Exception"
    if evaluation:
        evaluation.end()
        failure, details = failure or evaluation.failure, evaluation.details
    now = round(time.monotonic() - began, 3)
    for text in (details, failure):
        if text:
            lines.append({"stream_name": "stderr", "time": now, "data": f"{text}\n"})
    return Outcome(failure, json.dumps(lines))


def _read(stream: IO[str] | None, name: str, began: float, lines: list[Json]) -> None:
    for line in stream or ():
        seconds = round(time.monotonic() - began, 3)
        lines.append({"stream_name": name, "time": seconds, "data": line})


def _family(pid: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _gigabytes(pid: int) -> float:
    total = 0
    for process in _family(pid):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e9


def _kill(pid: int) -> None:
    for process in reversed(_family(pid)):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
