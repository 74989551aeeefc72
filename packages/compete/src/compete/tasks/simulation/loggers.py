"""Where the numbers of a training go: writers for the logger of Stable-Baselines3.

Each is a class to name under `trainer.logger` in params.yaml, as is any other `KVWriter`. Those
with a method `resume` forget what a killed training had written after its last checkpoint.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from stable_baselines3.common.logger import KVWriter, TensorBoardOutputFormat
from typing_extensions import override

from compete.files import write_text
from compete.training.run_folder import explain_dvclive

Excluded = dict[str, tuple[str, ...]]
STEP = "timesteps"


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Return the values that are numbers, less those that tell the time and not the training."""
    return {
        key: float(value)
        for key, value in values.items()
        if isinstance(value, int | float | np.number) and not key.startswith("time/")
    }


class CSV(KVWriter):
    """A table: a row for each rollout, a column for each value.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.rows: list[dict[str, Any]] = []
        self.columns = [STEP]

    def resume(self, step: int) -> None:
        """Keep the rows up to a step, of what the file holds."""
        if self.path.exists():
            # A kill may have left the half of a line.
            text = self.path.read_text(encoding="utf-8").rpartition("\n")[0]
            reader = csv.DictReader(io.StringIO(text, newline=""))
            self.columns = list(reader.fieldnames or self.columns)
            self.rows = [row for row in reader if row[STEP].isdigit() and int(row[STEP]) <= step]
        self._write_whole()

    @override
    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        row = {STEP: step} | numbers(key_values)
        self.rows.append(row)
        new = sorted(row.keys() - set(self.columns))
        self.columns += new
        if new or not self.path.exists():
            self._write_whole()
        else:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                self._writer(file).writerow(row)

    def _writer(self, file: Any) -> "csv.DictWriter[str]":
        return csv.DictWriter(file, self.columns, restval="", lineterminator="\n")

    def _write_whole(self) -> None:
        text = io.StringIO(newline="")
        self._writer(text).writeheader()
        self._writer(text).writerows(self.rows)
        write_text(self.path, text.getvalue())

    @override
    def close(self) -> None:
        """Nothing is left to write."""


class TensorBoard(TensorBoardOutputFormat):
    """Events for TensorBoard (`uv add tensorboard`).

    Args:
        dir: the folder of the events.
    """

    def __init__(self, dir: str) -> None:
        self.dir = dir
        super().__init__(dir)

    def resume(self, step: int) -> None:
        """Let TensorBoard hide what was written after a step."""
        from torch.utils.tensorboard import SummaryWriter

        self.writer.close()
        self.writer = SummaryWriter(log_dir=self.dir, purge_step=step + 1)


class WandB(KVWriter):
    """Weights & Biases (`uv add wandb`), which itself ignores steps that it knows.

    Args:
        project: its name there.
        name: of the run.
        dir: the folder of its files.
    """

    def __init__(self, project: str, name: str | None = None, dir: str | None = None) -> None:
        import wandb

        if dir is not None:
            Path(dir).mkdir(parents=True, exist_ok=True)
        self._run = wandb.init(project=project, name=name, dir=dir, resume="auto")

    @override
    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        self._run.log(numbers(key_values), step=step)

    @override
    def close(self) -> None:
        self._run.finish()


class DVCLive(KVWriter):
    """DVCLive, for `dvc plots show` and the DVC extension of VS Code.

    Args:
        dir: the folder of its files.

    Raises:
        Fault: the git repository has no commit yet.
    """

    def __init__(self, dir: str) -> None:
        from dvclive.live import Live

        self.dir = Path(dir)
        with explain_dvclive():
            self._live = Live(dir, resume=True, save_dvc_exp=False, dvcyaml=None)

    def resume(self, step: int) -> None:
        """Drop the points after a step."""
        for path in sorted(self.dir.glob("plots/metrics/**/*.tsv")):
            head, *lines = path.read_text(encoding="utf-8").splitlines()
            place = head.split("\t").index("step")
            kept = [line for line in lines if int(line.split("\t")[place]) <= step]
            write_text(path, "\n".join([head, *kept, ""]))

    @override
    def write(self, key_values: dict[str, Any], key_excluded: Excluded, step: int = 0) -> None:
        self._live.step = step
        for key, value in numbers(key_values).items():
            self._live.log_metric(key, value)
        self._live.make_summary()

    @override
    def close(self) -> None:
        self._live.end()
