"""Workspaces of real digits, in which `compete` runs and can be killed."""

import json
import os
import shutil
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from authors import params_of
from fork_server import KILL, Job, Launcher, is_over
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from small import read_params

SIDE = 16
Image = NDArray[np.uint8]


@dataclass
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass
class Workspace:
    """A folder with params.yaml and data, in which `compete` works."""

    path: Path
    launcher: Launcher
    env: dict[str, str]

    def _start(self, *commands: str) -> int:
        out, err = (self.path / f"{name}.txt" for name in ("stdout", "stderr"))
        for file in (out, err):
            file.unlink(missing_ok=True)
        words = [command.split() for command in commands]
        return self.launcher.start(Job(words, str(self.path), str(out), str(err), self.env))

    def _end(self) -> Done:
        code = self.launcher.wait()
        texts = ((self.path / f"{name}.txt").read_text("utf-8") for name in ("stdout", "stderr"))
        return Done(code, *texts)

    def run(self, *commands: str, check: bool = True) -> Done:
        """Run commands such as `train --fold 0`, one after the other, in one process."""
        self._start(*commands)
        done = self._end()
        if check:
            assert done.code == 0, f"{commands} ended with {done.code}:\n{done.out}\n{done.err}"
        return done

    def kill(self, command: str, wait: Callable[[], bool], seconds: float, how: int = KILL) -> Done:
        """Run a command, and kill it so many seconds after `wait` has come true."""
        pid = self._start(command)
        limit = time.monotonic() + 120
        while not wait() and not is_over(pid) and time.monotonic() < limit:
            time.sleep(0.005)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        return self._end()

    def strike(
        self,
        command: str,
        made: str,
        *,
        wait: Callable[[], bool] = lambda: True,
        seconds: float = 0,
        how: int = KILL,
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

    def run_as_two(self, command: str) -> Done:
        """Run a command such as `train`; two processes train together."""
        words = [*command.split(), "--trainer.devices", "2", "--trainer.strategy", "ddp"]
        done = subprocess.run(
            [sys.executable, "-m", "compete", *words],
            cwd=self.path,
            env=self.env,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def kill_at(self, epoch: int, batch: int) -> None:
        """Have the next training killed before a batch; its `callbacks` must hold `KillAt`."""
        (self.path / "kill_at").write_text(f"{epoch} {batch}", encoding="utf-8")

    def processes(self) -> list[str]:
        """The numbers of the processes that work in this folder; none where there is no /proc."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self.path:
                    found.append(process.name)
        return found

    def wait_until_left(self, seconds: float) -> None:
        """Wait so long until no process works in this folder."""
        limit = time.monotonic() + seconds
        while self.processes() and time.monotonic() < limit:
            time.sleep(0.1)
        assert not self.processes()

    def bytes(self, *patterns: str) -> dict[str, bytes]:
        """The content of the files that match."""
        paths = [path for pattern in patterns for path in sorted(self.path.glob(pattern))]
        assert paths
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in paths}

    def json(self, name: str) -> Any:
        """What a JSON file holds."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))


def variables(author: Path) -> dict[str, str]:
    """The variables of commands, which lead them to an author's part and to `KillAt`."""
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [str(author), str(Path(__file__).parents[1] / "helpers"), *filter(None, before)]
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


def make_workspace(
    folder: Path, launcher: Launcher, env: dict[str, str], **sections: dict[str, Any]
) -> Workspace:
    """Make a folder with the image task's params.yaml, set to train in seconds.

    Args:
        env: the variables of its commands.
        sections: what to change in params.yaml.
    """
    params = read_params(params_of("image"))
    params["data"] |= {"folds": 2, "batch_size": 16, "image_size": 32, "num_workers": 0}
    params["model"] |= {"backbone": "test_efficientnet", "weights": "none"}
    params["trainer"] |= {"max_epochs": 2, "accelerator": "cpu", "devices": 1}
    for name, section in sections.items():
        params[name] |= section
    (folder / "members").mkdir(parents=True)
    (folder / "members" / "base.yaml").write_text("{}\n", encoding="utf-8")
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return Workspace(folder, launcher, env)


def digits(rows: int) -> tuple[Image, Image]:
    """Real digits as grey images `(rows, 16, 16)`, and what they show."""
    data = load_digits()
    images = np.kron(data.images[:rows] * 15.9, np.ones((1, 2, 2))).astype(np.uint8)
    return images, data.target[:rows]


def png(pixels: Image) -> bytes:
    """A grey image as PNG."""

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
    images, labels = digits(rows + test)
    names = [f"pixel{i}" for i in range(SIDE * SIDE)]
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    flat = images.reshape(len(images), -1)
    train = [",".join(["label", *names])]
    train += [",".join(map(str, [labels[i], *flat[i]])) for i in range(rows)]
    hidden = [",".join(names)] + [",".join(map(str, flat[rows + i])) for i in range(test)]
    sample = ["ImageId,Label", *(f"{i + 1},0" for i in range(test))]
    for name, lines in (("train", train), ("test", hidden), ("sample_submission", sample)):
        (raw / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_files(
    folder: Path, rows: int, test: int, header: str, label: Callable[[int], str], sample: str
) -> None:
    """Digits as files beside a table.

    Args:
        header: of train.csv, the id first.
        label: the fields of a digit's label.
        sample: the header of the sample submission.
    """
    images, labels = digits(rows + test)
    raw = folder / "data" / "raw"
    for name in ("train", "test"):
        (raw / name).mkdir(parents=True)
    for i, image in enumerate(images):
        part = "train" if i < rows else "test"
        (raw / part / f"{i:04}.png").write_bytes(png(image))
    train = [header, *(f"{i:04},{label(int(labels[i]))}" for i in range(rows))]
    (raw / "train.csv").write_text("\n".join([*train, ""]), encoding="utf-8")
    write_sample(folder, [f"{rows + i:04}" for i in range(test)], sample)


def write_folders(folder: Path, rows: int, test: int, sample: str) -> None:
    """Digits in a folder for each class."""
    images, labels = digits(rows + test)
    raw = folder / "data" / "raw"
    for i, image in enumerate(images):
        place = raw / "train" / f"digit {labels[i]}" if i < rows else raw / "test"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{i}.png").write_bytes(png(image))
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
