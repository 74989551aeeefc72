"""Two hand-written loops that a generated project's training is compared with.

Each is a generator that takes one optimizer step for each loss that it yields. Both get the
project's backbone, batches and learning rates. One uses PyTorch's own optimizer, schedule and
averaging, the other timm's, as timm's train.py does.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import CosineLRScheduler
from timm.utils import AverageMeter, ModelEmaV3, dispatch_clip_grad
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

Loop = Iterator[Tensor]
Tensors = tuple[Tensor, ...] | list[Tensor]


@dataclass(frozen=True)
class Recipe:
    """The settings that all loops share.

    Args:
        net: the backbone, with the weights that all start from, on the CPU.
        mean: of the pixels, on the device.
        std: of the pixels, on the device.
        class_weight: of the loss; ones by default.
        loader: makes the project's own training loader; its sampler has `set_epoch`.
        groups: the optimizer's groups: names of parameters, `lr` and `weight_decay`.
        schedule: for each group the factor of its learning rate at a step.
        steps: optimizer steps of the whole training.
        lr: the learning rate of the head.
        weight_decay: of matrices and filters.
        layer_decay: how much slower each layer learns than the one above it.
        smoothing: of labels.
        clip: the largest norm of the gradients; 0: off.
        ema: decay of the moving average; 0: off.
        warmup: the part of the steps in which the learning rate rises.
        channels_last: the memory format of the images.
        compiled: whether the backbone is compiled.
        autocast: the number type of mixed precision, or None.
    """

    net: nn.Module
    mean: Tensor
    std: Tensor
    class_weight: Tensor
    loader: Callable[[], DataLoader[Any]]
    groups: list[dict[str, Any]]
    schedule: list[Callable[[int], float]]
    steps: int
    lr: float
    weight_decay: float
    layer_decay: float
    smoothing: float
    clip: float
    ema: float
    warmup: float
    channels_last: bool
    compiled: bool
    autocast: torch.dtype | None

    def model(self) -> nn.Module:
        """Return a copy of the backbone, ready to train."""
        net = copy.deepcopy(self.net).to(self.mean.device).train()
        if self.compiled:
            net.compile()
        return net

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield normalized images and targets on the device, epoch after epoch."""
        loader, epoch, device = self.loader(), 0, self.mean.device
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        while True:
            loader.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
            for images, targets in loader:
                x = images.to(device, non_blocking=True).float()
                x = ((x - self.mean) / self.std).contiguous(memory_format=layout)
                yield x, targets.to(device, non_blocking=True)
            epoch += 1

    def casting(self) -> torch.autocast:
        """Return a context of mixed precision, if the project uses it."""
        wanted = self.autocast is not None
        return torch.autocast(self.mean.device.type, self.autocast or torch.bfloat16, wanted)


def bare(recipe: Recipe) -> Loop:
    """Train with PyTorch alone; yield each step's loss."""
    net = recipe.model()
    named = dict(net.named_parameters())
    groups = [
        {**group, "params": [named[name] for name in group["params"]]} for group in recipe.groups
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.lr, fused=True)
    scheduler = LambdaLR(optimizer, recipe.schedule)

    def average(averaged: Tensors, current: Tensors, count: Tensor | int) -> None:
        if averaged[0].is_floating_point():
            decay = min(recipe.ema, (1 + float(count)) / (10 + float(count)))
            torch._foreach_lerp_(averaged, current, 1 - decay)
        else:
            torch._foreach_copy_(averaged, current)

    every = [value for group in groups for value in group["params"]]
    averaged = AveragedModel(net, multi_avg_fn=average, use_buffers=True) if recipe.ema else None
    total = torch.zeros((), device=recipe.mean.device)
    for x, targets in recipe.batches():
        with recipe.casting():
            logits = net(x)
            loss = functional.cross_entropy(
                logits, targets, recipe.class_weight, label_smoothing=recipe.smoothing
            )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if recipe.clip:
            nn.utils.clip_grad_norm_(every, recipe.clip)
        optimizer.step()
        scheduler.step()
        if averaged is not None:
            averaged.update_parameters(net)
        total += loss.detach()
        yield loss.detach()


def timm_parts(recipe: Recipe) -> Loop:
    """Train with the parts of timm's train.py, in its order; yield each step's loss.

    Its mixup and its scaler are off by default, and here.
    """
    net = recipe.model()
    optimizer = create_optimizer_v2(
        net,
        opt="adamw",
        lr=recipe.lr,
        weight_decay=recipe.weight_decay,
        layer_decay=recipe.layer_decay,
        fused=True,
    )
    scheduler = CosineLRScheduler(
        optimizer,
        t_initial=recipe.steps,
        warmup_t=max(1, round(recipe.warmup * recipe.steps)),
        t_in_epochs=False,
    )
    averaged = ModelEmaV3(net, decay=recipe.ema, use_warmup=True) if recipe.ema else None
    loss_function = LabelSmoothingCrossEntropy(recipe.smoothing)
    meter = AverageMeter()
    for step, (x, targets) in enumerate(recipe.batches(), start=1):
        with recipe.casting():
            loss = loss_function(net(x), targets)
        loss.backward()
        if recipe.clip:
            dispatch_clip_grad(net.parameters(), recipe.clip)
        optimizer.step()
        optimizer.zero_grad()
        if averaged is not None:
            averaged.update(net, step=step)
        meter.update(loss.item(), x.size(0))
        scheduler.step_update(num_updates=step)
        yield loss.detach()


LOOPS: dict[str, Callable[[Recipe], Loop]] = {
    "bare": bare,
    "bare again": bare,
    "timm": timm_parts,
}
