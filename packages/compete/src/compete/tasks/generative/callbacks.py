"""What happens between two batches: the end, snapshots, a line of numbers for each stretch."""

import csv
import io
import time
from pathlib import Path
from typing import Any

import lightning
from safetensors.torch import save
from torch import nn
from typing_extensions import override

from compete.files import atomic_path, note, write_text
from compete.tasks.generative.module import GanModule

COLUMNS = ("kimg", "loss_g", "loss_d", "p", "sign", "images_per_second", "seconds")


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's tensors as safetensors, whole or not at all."""
    state = {name: tensor.contiguous().cpu() for name, tensor in network.state_dict().items()}
    with atomic_path(path) as beside:
        beside.write_bytes(save(state, {"format": "pt"}))


class Progress(lightning.Callback):
    """Ends a training, keeps snapshots, and writes a line of `metrics.csv` for each stretch.

    Args:
        name: of the member.
        folder: of its run.
        total: batches of the whole training.
        snapshots: how many are kept on the way, besides the one before the first batch.

    Attributes:
        seconds: of training, over all the runs that it took.
        speed: images a second in the last stretch.
    """

    def __init__(self, name: str, folder: Path, total: int, snapshots: int) -> None:
        self.name, self.folder, self.total = name, folder, total
        self.due = {round(total * part / (snapshots + 1)) for part in range(snapshots + 1)}
        self.seconds = self.speed = 0.0

    @override
    def state_dict(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "speed": self.speed}

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.seconds, self.speed = state_dict["seconds"], state_dict["speed"]

    @override
    def on_train_start(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        self.batches, self.began = pl_module.number, time.monotonic()
        if trainer.is_global_zero:
            self._forget_beyond(pl_module)
            self._keep(pl_module)
        self._look(trainer, pl_module)

    @override
    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_global_zero:
            self._keep(pl_module)
        self._look(trainer, pl_module)

    @override
    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        means = pl_module.means.take()
        passed, now = pl_module.number - self.batches, time.monotonic()
        if not passed:
            return
        self.speed = passed * pl_module.images.batch_size / max(now - self.began, 1e-9)
        self.seconds += now - self.began
        self.batches, self.began = pl_module.number, now
        values = {
            "kimg": _kimg(pl_module),
            **means,
            "p": float(pl_module.augment.p),
            "sign": float(pl_module.sign),
            "images_per_second": round(self.speed, 1),
            "seconds": round(self.seconds, 1),
        }
        for name in ("loss_g", "loss_d", "p", "sign"):
            pl_module.log(f"train/{name}", values[name])
        if trainer.is_global_zero:
            self._write([*self._lines(), values])
            note(
                f"{self.name}  {values['kimg']:g}/{_kimg(pl_module, self.total):g} kimg  "
                f"loss_g {values['loss_g']:.3f}  loss_d {values['loss_d']:.3f}  "
                f"p {values['p']:.3f}  sign {values['sign']:+.2f}  {self.speed:.0f} images/s"
            )

    def _look(self, trainer: lightning.Trainer, module: GanModule) -> None:
        if module.number >= self.total:
            trainer.should_stop = True

    def _keep(self, module: GanModule) -> None:
        """Keep a snapshot of the averaged generator if one is due."""
        images = module.number * module.images.batch_size
        path = self.folder / "snapshots" / f"{images:08d}.safetensors"
        if module.number in self.due and not path.exists():
            save_weights(module.averaged, path)

    def _forget_beyond(self, module: GanModule) -> None:
        """Remove what a killed training had written after its last checkpoint."""
        kimg = _kimg(module)
        self._write([line for line in self._lines() if float(line["kimg"]) <= kimg])
        for path in (self.folder / "snapshots").glob("*.safetensors"):
            if int(path.stem) / 1000 > kimg:
                path.unlink()

    def _lines(self) -> list[dict[str, Any]]:
        path = self.folder / "metrics.csv"
        if not path.exists():
            return []
        return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))

    def _write(self, lines: list[dict[str, Any]]) -> None:
        more = [name for line in lines for name in line if name not in COLUMNS]
        text = io.StringIO()
        writer = csv.DictWriter(text, [*COLUMNS, *dict.fromkeys(more)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
        write_text(self.folder / "metrics.csv", text.getvalue())


def _kimg(module: GanModule, batches: int | None = None) -> float:
    number = module.number if batches is None else batches
    return number * module.images.batch_size / 1000
