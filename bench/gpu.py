"""What `compete train` does on one GPU; without network, within eight minutes."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch.backends import cudnn

from bench.gpu_parts import Parts, Size
from bench.machine import PACKAGES, describe, load
from bench.project import say

_SECONDS = 470  # of all parts
_SMALL = 20e9  # bytes of a card on which a batch of 128 may not fit


_FULL = Size(
    models=tuple((n, c) for c in (False, True) for n in ("resnet50", "vit_base_patch16_224")),
    photos=3200,
    batch=128,
    watched={"warmup": 4, "steps": 8, "profiled": 4},
    blocks=12,
    steps=5,
    seconds=12,
    repeats=2,
    texts=16_000,
    text_batches=(32, 256),
    resumed="resnet18",
)
_QUICK = Size(
    models=(("test_vit", False), ("test_resnet", True)),
    photos=44,
    batch=8,
    watched={"warmup": 1, "steps": 1, "profiled": 1},
    blocks=1,
    steps=1,
    seconds=1,
    repeats=1,
    texts=60,
    text_batches=(8,),
    resumed="test_resnet",
    workers=1,
    threads=1,
    compiles=torch.cuda.is_available(),  # for a CPU it takes a minute
    precision=() if torch.cuda.is_available() else ("--trainer.precision", "bf16-mixed"),
)


@dataclass
class GpuMeasured:
    """Everything that the page shows; times in seconds, memory in bytes.

    Args:
        quick: whether too little was measured to mean anything.
        device: the card's name, or `cpu`.
        machine: its properties.
        versions: of packages.
        batch: images in a step.
        training: for each backbone, compiled or not, what `Watch` and `Probe` wrote; None: failed.
        rates: images per second, by source and number of workers.
        texts: for each batch size what `Watch` wrote; None: failed.
        resume: what became of the killed training; None: failed.
        failed: parts that failed, with the reason.
        seconds: that all took.
    """

    quick: bool
    device: str
    machine: dict[str, str]
    versions: dict[str, str]
    batch: int
    training: dict[tuple[str, bool], Any] = field(default_factory=dict)
    rates: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    texts: dict[int, Any] = field(default_factory=dict)
    resume: dict[str, Any] | None = None
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def measure_gpu(work: Path, *, quick: bool) -> GpuMeasured:
    """Measure all parts, each within its time; a part that fails does not stop the others.

    Args:
        work: the folder to work in.
        quick: take a step or two of tiny models, on the CPU where there is no GPU.

    Raises:
        SystemExit: there is no GPU, and it is not a quick run.
    """
    if not quick and not torch.cuda.is_available():
        raise SystemExit("error: PyTorch sees no GPU here. With --quick the CPU will do.")
    start, found = time.monotonic(), _begin(quick)
    work = work / "gpu"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    parts = Parts(work, _QUICK if quick else _FULL, found.batch)

    def part(name: str, seconds: float, do: Callable[[], Any]) -> Any:
        left = start + _SECONDS - time.monotonic()
        # A busy CPU is slow: a quick run ends when it is through.
        parts.deadline = time.monotonic() + (600 if quick else min(seconds, left))
        return run_part(found, name, do)

    def train(compiled: bool) -> None:
        for model in parts.size.models:
            if model[1] == compiled:
                name = f"{model[0]}, compiled" if compiled else model[0]
                found.training[model] = part(
                    name, 150 if compiled else 80, partial(parts.train, *model)
                )

    part("photographs", 80, parts.photographs)
    train(compiled=False)
    found.rates = part("loading", 75, parts.loading) or {}
    for batch in parts.size.text_batches:
        do = partial(parts.text, batch)
        found.texts[batch] = part(f"MiniLM, batches of {batch}", 60, do)
    found.resume = part("resume", 90, parts.resume)
    train(compiled=True)  # last: compilers take long
    found.seconds = time.monotonic() - start
    return found


def run_part(found: GpuMeasured, name: str, do: Callable[[], Any]) -> Any:
    """Return what a part returns; None, and a line in `found.failed`, if it fails.

    Args:
        found: what was measured so far.
        name: of the part.
        do: runs it.
    """
    say(name)
    try:
        return do()
    except (Exception, SystemExit) as error:  # whatever goes wrong, the other parts go on
        found.failed[name] = str(error) or type(error).__name__
        return None


def _begin(quick: bool) -> GpuMeasured:
    """Return what is known before anything ran."""
    machine, device, batch = describe(load()), "cpu", _FULL.batch
    versions = {}
    for name in (*PACKAGES, "transformers"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    if torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        device = properties.name
        machine = {"GPU": f"{device}, {properties.total_memory / 2**30:.0f} GiB"} | machine
        backend = str(cudnn.version())  # type: ignore[no-untyped-call]
        versions |= {"CUDA": str(torch.version.cuda), "cuDNN": backend}
        if properties.total_memory < _SMALL:
            batch = 32
    return GpuMeasured(quick, device, machine, versions, _QUICK.batch if quick else batch)
