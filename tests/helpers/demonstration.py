"""Runs the demonstration on tiny settings, and interrupts it."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from support import REPOSITORY, Project, outside_environment

DEMO = REPOSITORY / "examples" / "demo.py"
# Every step runs, but the model learns next to nothing.
QUICK = (
    "--set=data.folds=2",
    "--set=data.image_size=32",
    "--set=data.test_time_augmentation=false",
    "--set=model.backbone=test_efficientnet",
    "--set=model.weights=none",
    "--set=trainer.max_epochs=1",
)


@dataclass(frozen=True)
class Demonstration:
    """The folder of a demonstration, and what it printed before and after its interruption."""

    folder: Path
    interrupted: str
    finished: str

    @property
    def project(self) -> Project:
        """The generated project."""
        return Project(self.folder / "digit-recognizer")


def run_demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run examples/demo.py as `make demo` does."""
    return subprocess.run(
        [sys.executable, DEMO, *arguments],
        env=outside_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def interrupt_demo(folder: Path, *arguments: str) -> str:
    """Run the demonstration until it trains, press Ctrl-C, and return its output."""
    process = subprocess.Popen(
        [sys.executable, DEMO, folder, *arguments],
        env=outside_environment() | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if "> compete train" in line:
            break
    # While it still imports, a library may swallow the KeyboardInterrupt.
    while process.poll() is None and not any(folder.glob("*/runs/*/*")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=120)
    return "".join(lines) + rest
