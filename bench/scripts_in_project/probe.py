"""A callback that times `compete train` from inside, taking turns with the hand-written loops.

`compete train --trainer.callbacks` adds it to the project's own training, which is otherwise
unchanged. After every few steps it stops the clock and lets each of the other loops take as many
steps in the same thread: whatever slows the machine slows all of them.
"""

import copy
import json
import math
from itertools import islice
from pathlib import Path
from typing import Any

import lightning
import torch

from bench.scripts_in_project.loops import LOOPS, Recipe
from bench.scripts_in_project.watch import Watch, now


class Probe(lightning.Callback):
    """Times blocks of steps.

    Args:
        out: the JSON file to write.
        blocks: how many blocks to time; then training ends.
        steps: optimizer steps in a block.
        ema: decay of the moving average, as `model.ema` in params.yaml.
        seconds: how long blocks are timed at most.
    """

    def __init__(
        self, out: str, blocks: int, steps: int, ema: float, seconds: float = math.inf
    ) -> None:
        self.out, self.blocks, self.steps, self.ema = Path(out), blocks, steps, ema
        self.limit = seconds
        self.seconds: dict[str, list[float]] = {name: [] for name in ("compete", *LOOPS)}
        self.losses: dict[str, list[torch.Tensor]] = {name: [] for name in ("compete", *LOOPS)}
        self.since = 0
        self.clock = self.began = 0.0

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Start the other loops with the project's backbone, batches and learning rates."""
        names = {id(value): name for name, value in pl_module.net.named_parameters()}
        groups = [
            {
                "params": [names[id(value)] for value in group["params"]],
                "lr": group["initial_lr"],
                "weight_decay": group["weight_decay"],
            }
            for group in trainer.optimizers[0].param_groups
        ]
        mixed = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
        recipe = Recipe(
            net=copy.deepcopy(pl_module.net).cpu(),  # before its first step
            mean=pl_module.pixel_mean,
            std=pl_module.pixel_std,
            class_weight=pl_module.class_weight,
            loader=trainer.datamodule.train_dataloader,
            groups=groups,
            schedule=trainer.lr_scheduler_configs[0].scheduler.lr_lambdas,
            steps=int(trainer.estimated_stepping_batches),
            lr=pl_module.lr,
            weight_decay=pl_module.weight_decay,
            layer_decay=pl_module.layer_decay,
            smoothing=pl_module.label_smoothing,
            clip=float(trainer.gradient_clip_val or 0),
            ema=self.ema,
            warmup=pl_module.warmup,
            channels_last=pl_module.channels_last,
            compiled=pl_module.net._compiled_call_impl is not None,
            autocast=mixed.get(str(trainer.precision)),
        )
        self.loops = {name: loop(recipe) for name, loop in LOOPS.items()}

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """At the end of a block, let the others catch up, and time them if the block is complete.

        The first batch of an epoch, which waits for the loader to start, is in no block.
        """
        self.since += 1
        self.losses["compete"].append(outputs["loss"].detach().clone())
        if any(isinstance(other, Watch) and not other.done for other in trainer.callbacks):
            return  # the others catch up later
        last = batch_idx + 1 == trainer.num_training_batches
        if batch_idx % self.steps and not last:
            return
        timed = batch_idx > 0 and self.since == self.steps
        if timed:
            self.seconds["compete"].append((now() - self.clock) / self.steps)
        order = list(self.loops)
        if len(self.seconds["compete"]) % 2:  # none always goes first
            order.reverse()
        for name in order:
            start = now()
            losses = list(islice(self.loops[name], self.since))
            if timed:
                self.seconds[name].append((now() - start) / self.steps)
            self.losses[name] += losses
        self.since = 0
        self.began = self.began or now()
        done = len(self.seconds["compete"])
        if done >= self.blocks or (done and now() - self.began > self.limit):
            trainer.should_stop = True
            self._write(trainer, pl_module, batch)
        self.clock = now()

    def _write(self, trainer: Any, pl_module: Any, batch: Any) -> None:
        device = trainer.strategy.root_device
        losses = {name: torch.stack(values).tolist() for name, values in self.losses.items()}
        pairs = zip(losses["compete"], losses["bare"], strict=True)
        facts = {
            "seconds": {name: values[: self.blocks] for name, values in self.seconds.items()},
            "steps": self.steps,
            "batch_size": len(batch[0]),
            "image_size": pl_module.size,
            "parameters": sum(value.numel() for value in pl_module.net.parameters()),
            "backbone": pl_module.net.pretrained_cfg["architecture"],
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
            "threads": torch.get_num_threads(),
            "precision": str(trainer.precision),
            "steps_in_all": len(losses["compete"]),
            "first_loss": losses["compete"][0],
            "last_loss": {name: values[-1] for name, values in losses.items()},
            "losses_apart": max(abs(ours - theirs) for ours, theirs in pairs),
        }
        self.out.write_text(json.dumps(facts), encoding="utf-8")
