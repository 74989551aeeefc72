"""Workspaces of real digits, and the `compete` command in processes that can be killed.

Torch and Lightning take ten seconds to import, so a command is a fork of a process that has
imported them (and nothing of the project's own).
"""

import json
import os
import shutil
import signal
import struct
import subprocess
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.datasets import load_digits
from support import Project, outside_environment

WARM = """
import importlib, json, os, sys, traceback
import dvclive.lightning, lightning, polars, sklearn.model_selection, timm, torch
import torchvision.transforms.v2

for line in sys.stdin:
    order = json.loads(line)
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        continue
    torch.set_num_threads(1)
    os.chdir(order["folder"])
    for number, name in ((0, os.devnull), (1, order["out"]), (2, order["err"])):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    code = 0
    try:
        for arguments in order["commands"]:
            sys.argv = ["compete", *arguments]
            try:
                importlib.import_module(order["package"] + ".cli").main()
            except SystemExit as end:
                code = end.code or 0
            if code:
                break
    except BaseException:
        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
"""
SIDE = 16


@dataclass
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


class Nursery:
    """The warm process that commands are forked from."""

    def __init__(self, project: Project) -> None:
        self.project = project
        environment = outside_environment() | {"OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [project.path / ".venv" / "bin" / "python", "-c", WARM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        (self.package,) = (path.parent.name for path in project.path.glob("src/*/cli.py"))

    def _line(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def start(self, folder: Path, *commands: Iterable[str]) -> int:
        """Begin some commands, one after the other, in a process of their own; give its id."""
        order = {
            "folder": str(folder),
            "out": str(folder / "stdout.txt"),
            "err": str(folder / "stderr.txt"),
            "package": self.package,
            "commands": [list(command) for command in commands],
        }
        for name in ("stdout", "stderr"):
            (folder / f"{name}.txt").unlink(missing_ok=True)
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._line()

    def end(self, folder: Path) -> Done:
        """Wait for what was begun last."""
        code = self._line()
        texts = (
            (folder / f"{name}.txt").read_text(encoding="utf-8") for name in ("stdout", "stderr")
        )
        return Done(code, *texts)

    def close(self) -> None:
        """End the warm process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


@dataclass
class Workspace:
    """A folder with params.yaml and data, in which `compete` works."""

    path: Path
    nursery: Nursery

    def run(self, *commands: str, check: bool = True) -> Done:
        """Run commands such as `train --fold 0`, one after the other, in one process."""
        self.nursery.start(self.path, *(command.split() for command in commands))
        done = self.nursery.end(self.path)
        if check:
            assert done.code == 0, f"{commands} ended with {done.code}:\n{done.out}\n{done.err}"
        return done

    def kill(
        self, command: str, wait: Callable[[], bool], seconds: float, how: int = signal.SIGKILL
    ) -> Done:
        """Run a command, and kill it so many seconds after `wait` has come true."""
        pid = self.nursery.start(self.path, command.split())
        limit = time.monotonic() + 120
        while not wait() and time.monotonic() < limit:
            if Path(f"/proc/{pid}/stat").exists() and _is_over(pid):
                break
            time.sleep(0.005)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        return self.nursery.end(self.path)

    def strike(
        self,
        command: str,
        made: str,
        *,
        wait: Callable[[], bool] = lambda: True,
        seconds: float = 0,
        how: int = signal.SIGKILL,
    ) -> Done:
        """Kill a command on its way. Where it was through before, what it made goes, and again.

        A busy machine makes any moment come too late now and then; then it comes earlier.
        """
        for attempt in range(8):
            done = self.kill(command, wait, seconds / 2**attempt, how)
            if done.code:
                return done
            shutil.rmtree(self.path / made)
        raise AssertionError(f"`{command}` was over before it could be killed, eight times.")

    def bytes(self, *patterns: str) -> dict[str, bytes]:
        """The content of the files that match."""
        paths = [path for pattern in patterns for path in sorted(self.path.glob(pattern))]
        assert paths
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in paths}

    def json(self, name: str) -> Any:
        """What a JSON file holds."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))


def _is_over(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"


def make_workspace(folder: Path, nursery: Nursery, **sections: dict[str, Any]) -> Workspace:
    """A workspace with the project's params.yaml, set to train in seconds; `sections` change it."""
    text = (nursery.project.path / "params.yaml").read_text(encoding="utf-8")
    params = yaml.safe_load(text)
    params["data"] |= {"folds": 2, "batch_size": 16, "image_size": 32, "num_workers": 0}
    params["model"] |= {"backbone": "test_efficientnet", "weights": "none"}
    params["trainer"] |= {"max_epochs": 2, "accelerator": "cpu", "devices": 1}
    for name, section in sections.items():
        params[name] |= section
    (folder / "members").mkdir(parents=True)
    (folder / "members" / "base.yaml").write_text("{}\n", encoding="utf-8")
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return Workspace(folder, nursery)


def digits(rows: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Real digits as grey pictures `(rows, 16, 16)`, and what they show."""
    data = load_digits()
    pictures = np.kron(data.images[:rows] * 15.9, np.ones((1, 2, 2))).astype(np.uint8)
    return pictures, data.target[:rows]


def png(pixels: np.ndarray[Any, Any]) -> bytes:
    """A grey picture as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    height, width = pixels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def write_columns(folder: Path, rows: int, test: int) -> None:
    """Digits as digit-recognizer serves them: a label and pixels in columns."""
    pictures, labels = digits(rows + test)
    names = [f"pixel{i}" for i in range(SIDE * SIDE)]
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    flat = pictures.reshape(len(pictures), -1)
    train = [",".join(["label", *names])]
    train += [",".join(map(str, [labels[i], *flat[i]])) for i in range(rows)]
    hidden = [",".join(names)] + [",".join(map(str, flat[rows + i])) for i in range(test)]
    sample = ["ImageId,Label", *(f"{i + 1},0" for i in range(test))]
    for name, lines in (("train", train), ("test", hidden), ("sample_submission", sample)):
        (raw / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_files(
    folder: Path, rows: int, test: int, header: str, answer: Callable[[int], str], sample: str
) -> None:
    """Digits as files beside a table.

    Args:
        header: of train.csv, the id first.
        answer: the fields of a digit's label.
        sample: the header of the sample submission.
    """
    pictures, labels = digits(rows + test)
    raw = folder / "data" / "raw"
    for name in ("train", "test"):
        (raw / name).mkdir(parents=True)
    for i, picture in enumerate(pictures):
        part = "train" if i < rows else "test"
        (raw / part / f"{i:04}.png").write_bytes(png(picture))
    train = [header, *(f"{i:04},{answer(int(labels[i]))}" for i in range(rows))]
    (raw / "train.csv").write_text("\n".join([*train, ""]), encoding="utf-8")
    write_sample(folder, [f"{rows + i:04}" for i in range(test)], sample)


def write_folders(folder: Path, rows: int, test: int, sample: str) -> None:
    """Digits in a folder for each class."""
    pictures, labels = digits(rows + test)
    raw = folder / "data" / "raw"
    for i, picture in enumerate(pictures):
        place = raw / "train" / f"digit {labels[i]}" if i < rows else raw / "test"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i}.png").write_bytes(png(picture))
    write_sample(folder, [f"{rows + i}.png" for i in range(test)], sample)


def write_sample(folder: Path, ids: list[str], header: str) -> None:
    """The sample submission: zeros."""
    blank = ",0" * header.count(",")
    text = "\n".join([header, *(f"{name}{blank}" for name in ids), ""])
    (folder / "data/raw/sample_submission.csv").write_text(text, encoding="utf-8")


def write_record(folder: Path, metric: str) -> None:
    """What `download` keeps of Kaggle's record."""
    (folder / "data").mkdir(exist_ok=True)
    record = {"slug": "digits", "title": "Digits", "metric": metric}
    (folder / "data/competition.json").write_text(json.dumps(record), encoding="utf-8")
