"""A callback that looks at a few steps of `compete train`: time, memory, arithmetic, host waits."""

import copy
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

# What the host does while it waits; a blocking copy shows as the first.
WAITS = ("cudaStreamSynchronize", "cudaEventSynchronize", "cudaMemcpy")
ITEM = "aten::_local_scalar_dense"  # what `.item()`, `float()` and `if tensor:` come to


def now() -> float:
    """Return the time in seconds, once the GPU has done all that it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def busy(intervals: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of some intervals (start, end) lasted."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


class Watch(lightning.Callback):
    """Times steps, then profiles some more, and writes what it saw.

    Args:
        out: the JSON file to write.
        warmup: steps before those that are timed.
        steps: steps that are timed.
        profiled: steps after them that are profiled.
        ends: whether training ends then.
    """

    def __init__(self, out: str, warmup: int, steps: int, profiled: int, ends: bool) -> None:
        self.out, self.warmup, self.steps, self.profiled = Path(out), warmup, steps, profiled
        self.ends, self.done, self.seen, self.clock = ends, False, 0, 0.0
        self.facts: dict[str, Any] = {"steps": steps, "profiled": profiled}
        self.rows, self.tokens, self.padded = 0, [torch.zeros(())], 0
        kinds = [ProfilerActivity.CPU]
        self.profiler = profile(
            activities=[*kinds, ProfilerActivity.CUDA] if torch.cuda.is_available() else kinds
        )

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Start the clock of the first step, in which workers start and the network is compiled."""
        self.clock = now()

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Go on from warm-up to timing, to profiling, to the end."""
        self.seen += 1
        timed = self.seen - self.warmup
        if self.seen == 1:
            self.facts["first_step"] = now() - self.clock
        if timed == 0:
            if torch.cuda.is_available():
                torch.cuda.reset_peak_memory_stats()
            self.clock = now()
        elif 0 < timed <= self.steps:
            self._count(batch)
        if timed == self.steps:
            self.facts["seconds"] = (now() - self.clock) / self.steps
            self._note_memory()
            self.profiler.start()
            self.clock = now()
        if timed == self.steps + self.profiled:
            window = now() - self.clock
            self.profiler.stop()
            self._note_waits(window)
            self.facts["flops"] = _flops(trainer, pl_module, batch)
            self._write(trainer)
            self.done = True
            trainer.should_stop = trainer.should_stop or self.ends

    def _count(self, batch: Any) -> None:
        inputs, targets = batch
        self.rows += len(targets)
        if isinstance(inputs, dict):  # of tokens; their sum is read at the end: that waits
            self.tokens.append(inputs["attention_mask"].sum())
            self.padded += inputs["attention_mask"].numel()

    def _note_memory(self) -> None:
        if torch.cuda.is_available():
            self.facts["allocated"] = torch.cuda.max_memory_allocated()
            self.facts["reserved"] = torch.cuda.max_memory_reserved()

    def _note_waits(self, window: float) -> None:
        found: Any = self.profiler.events() or []  # type: ignore[no-untyped-call]
        work = [
            (event.time_range.start, event.time_range.end)
            for event in found
            if event.device_type.name == "CUDA" and not getattr(event, "is_user_annotation", False)
        ]
        if work:
            self.facts["idle"] = max(0.0, 1 - busy(work) / 1e6 / window)
        waits = [e for e in found if e.device_type.name == "CPU" and e.name in WAITS]
        names = Counter(e.cpu_parent.name if e.cpu_parent else e.name for e in waits)
        items = sum(event.name == ITEM for event in found)
        self.facts["waits"] = len(waits) / self.profiled
        self.facts["items"] = items / self.profiled
        self.facts["waits_of"] = {name: n / self.profiled for name, n in names.most_common(3)}

    def _write(self, trainer: Any) -> None:
        tokens = int(sum(int(value) for value in self.tokens))
        self.facts |= {"rows": self.rows, "tokens": tokens, "padded": self.padded}
        self.facts["precision"] = str(trainer.precision)
        self.out.write_text(json.dumps(self.facts), encoding="utf-8")


def _flops(trainer: Any, pl_module: Any, batch: tuple[Any, Tensor]) -> int:
    """Return the floating-point operations of a step's forward and backward pass."""
    kept = pl_module.net
    pl_module.net = copy.deepcopy(kept)  # a copy is not compiled, which would hide operations
    try:
        counter = FlopCounterMode(display=False)
        with counter, torch.enable_grad(), trainer.precision_plugin.train_step_context():
            pl_module.training_step(batch, 0).backward()
        return counter.get_total_flops()
    finally:
        pl_module.net = kept
