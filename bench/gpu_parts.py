"""The parts of `bench gpu`: each runs `compete` without network, until a deadline."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal

from safetensors.torch import load_file
from torch import Tensor

from bench.images import load_rates, prepare_photos
from bench.machine import cores
from bench.offline import OfflineProject, make_offline_project
from bench.project import callback, time_training
from bench.scripts_in_project.dies import DIES
from bench.texts import write_minilm, write_texts

_ENDLESS = ("--trainer.max_epochs", "1000", "--trainer.limit_val_batches", "0")
_FOLDS = 4


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Args:
        models: backbones, each with whether it is compiled.
        photos: images; a training epoch has three quarters of them.
        batch: images in a step.
        watched: steps of `Watch`: of warm-up, that it times, that it profiles.
        blocks: of steps that take turns with the other loops.
        steps: in a block.
        seconds: that blocks take at most.
        repeats: of the loading.
        texts: rows of text.
        text_batches: batch sizes of texts.
        resumed: the backbone that is killed and resumed.
        workers: processes that load samples.
        threads: PyTorch's; None: its default.
        compiles: whether `torch.compile` really does.
        precision: further words of `compete train`.
    """

    models: tuple[tuple[str, bool], ...]
    photos: int
    batch: int
    watched: dict[str, int]
    blocks: int
    steps: int
    seconds: float
    repeats: int
    texts: int
    text_batches: tuple[int, ...]
    resumed: str
    workers: int | Literal["auto"] = "auto"
    threads: int | None = None
    compiles: bool = True
    precision: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that limit threads."""
        return {"OMP_NUM_THREADS": str(self.threads)} if self.threads else {}


class Parts:
    """The parts, and what they share.

    Args:
        work: the folder to work in.
        size: how much is measured.
        batch: images in a step.
    """

    deadline = 0.0  # by `time.monotonic()`: when the part that runs is ended

    def __init__(self, work: Path, size: Size, batch: int) -> None:
        self.work, self.size, self.batch = work, size, batch
        # Compilers begin with nothing, and folds find what others compiled.
        self.variables = {"TORCHINDUCTOR_CACHE_DIR": str(work / "inductor")}
        if not size.compiles:
            self.variables["TORCH_COMPILE_DISABLE"] = "1"

    @cached_property
    def _images(self) -> OfflineProject:
        keys = {"data.folds": _FOLDS, "data.num_workers": self.size.workers}
        return make_offline_project(self.work, "image", keys, self.variables)

    @cached_property
    def _texts(self) -> OfflineProject:
        minilm = write_minilm(self.work / "minilm", quick=self.size.texts < 1000)
        keys: dict[str, Any] = {"data.folds": _FOLDS, "data.num_workers": self.size.workers}
        keys |= {"model.backbone": str(minilm), "model.weights": "none"}
        project = make_offline_project(self.work, "text", keys, self.variables)
        write_texts(project.path / "data" / "raw", self.size.texts)
        self._timed(project).run("compete", "prepare")
        return project

    def _timed(self, project: OfflineProject, path: Path | None = None) -> OfflineProject:
        return replace(project, path=path or project.path, deadline=self.deadline)

    @property
    def _stored(self) -> OfflineProject:
        if not (self.work / "stored" / "data" / "processed").exists():
            raise RuntimeError("The photographs are missing.")
        return self._timed(self._images, self.work / "stored")

    def photographs(self) -> None:
        """Prepare the same images as a decoded array, and as JPEG files."""
        project = self._timed(self._images)
        stored = prepare_photos(project, self.work / "stored", self.size.photos, 8.0)
        prepare_photos(project, self.work / "files", self.size.photos, 0.0, like=stored)

    def train(self, backbone: str, compiled: bool) -> dict[str, Any]:
        """Look at `compete train` alone, then let it take turns with the other loops.

        Args:
            backbone: a timm model.
            compiled: whether it is compiled.
        """
        alone, size = self.work / "watch.json", self.size
        turns = time_training(
            self._stored,
            self.work / "probe.json",
            size.blocks,
            size.steps,
            *("--model.backbone", backbone, "--model.weights", "none"),
            *("--model.compile", str(compiled).lower()),
            *("--data.batch_size", str(self.batch), *size.precision),
            threads=size.threads,
            seconds=size.seconds,
            watch={"out": str(alone), "ends": False} | size.watched,
        )
        watched: dict[str, Any] = json.loads(alone.read_text(encoding="utf-8"))
        return watched | {"turns": turns}

    def loading(self) -> Any:
        """Return images per second, by source and number of workers."""
        most = min(8, max(1, cores() - 1))
        kinds = {"decoded array": "stored", "JPEG files": "files"}
        sources = [
            {"name": name, "folder": str(self.work / folder), "augment": "photo"}
            for name, folder in kinds.items()
        ]
        counts = sorted({0, 1, most} if self.size.workers == "auto" else {0, 1})
        return load_rates(
            self._stored, self.work, sources, self.size.repeats, min(32, self.batch), counts
        )

    def text(self, batch: int) -> Any:
        """Look at an epoch of an encoder of MiniLM's shape.

        Args:
            batch: texts in a step.
        """
        project, out = self._timed(self._texts), self.work / "watch.json"
        watched = dict(self.size.watched)
        watched["steps"] = self.size.texts * (_FOLDS - 1) // _FOLDS // batch
        watch = callback("watch.Watch", out=str(out), ends=True, **watched)
        project.run(
            *("compete", "train", "--fold", "0", *_ENDLESS, *self.size.precision),
            *("--data.batch_size", str(batch), "--trainer.callbacks", json.dumps([watch])),
            env=self.size.environment,
        )
        return json.loads(out.read_text(encoding="utf-8"))

    def resume(self) -> dict[str, Any]:
        """Kill a training of two epochs in its second, resume it, and compare its weights.

        Where they differ, an undisturbed training runs once more: are two of them equal? Then all
        is repeated with `deterministic: true`.

        Returns:
            `resume`, and if that differs `again`, and both with `deterministic`: how far apart the
            weights are at most, 0 where they are equal to the bit.
        """
        found: dict[str, Any] = {"backbone": self.size.resumed}
        for ending, words in (("", ()), (" deterministic", ("--trainer.deterministic", "true"))):
            calm = self._weights(*words)
            found[f"resume{ending}"] = _apart(calm, self._weights(*words, killed=True))
            if not found[f"resume{ending}"]:
                break
            found[f"again{ending}"] = _apart(calm, self._weights(*words))
        return found

    def _weights(self, *words: str, killed: bool = False) -> dict[str, Tensor]:
        project, runs = self._stored, self._stored.path / "runs"
        rmtree(runs, ignore_errors=True)
        command = (
            *("compete", "train", "--fold", "0", "--trainer.max_epochs", "2"),
            *("--model.backbone", self.size.resumed, "--model.weights", "none"),
            *("--model.compile", "false", "--data.batch_size", str(self.batch)),
            *("--data.num_workers", "2" if self.size.workers == "auto" else "1"),
            *("--trainer.callbacks", json.dumps([callback("dies.Dies")])),
            *(*self.size.precision, *words),
        )
        if killed:
            _, output = project.attempt(*command, env=self.size.environment | {DIES: "1"})
            if not (runs / "base/fold0/last.ckpt").exists():
                raise RuntimeError(f"It left no checkpoint to resume from:\n{output[-500:]}")
        output = project.run(*command, env=self.size.environment)
        if killed and "epoch 1/2" in output:
            raise RuntimeError("It began anew, and did not resume.")
        return load_file(runs / "base/fold0/model.safetensors")


def _apart(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """Return how far apart two models' weights are at most."""
    if all(value.equal(other[name]) for name, value in one.items()):
        return 0.0
    return max(
        (value.double() - other[name].double()).abs().max().item() for name, value in one.items()
    )
