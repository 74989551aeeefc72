"""The model: a timm backbone with its loss and transfer-learning options."""

from typing import Any, Literal

import torch
from compete.bounds import FractionBelowOne, NonNegativeFloat, PositiveFraction
from compete.contract import Contract
from compete.errors import Fault
from compete.problems import Problem
from compete.supervised.module import CompetitionModule, epochs_for
from compete.tasks.image.weights import build_backbone
from timm.data import resolve_data_config
from timm.optim import param_groups_layer_decay
from torch import Tensor, nn
from torch.nn import functional
from torchvision.transforms import v2

from .data import Data


class Model(CompetitionModule):
    """A timm model. Its arguments are the keys of `model` in params.yaml.

    Args:
        contract: the competition's requirements.
        data: the datamodule of the fold to train on.
        backbone: name of any timm model.
        weights: `hub`, `none`, or the path of a checkpoint.
        layer_decay: factor of the learning rate from each layer to the one below it (Clark et al.,
            ELECTRA, 2020); 1.0: the same learning rate for all layers.
        tune: `full`, `head` (freeze the backbone), or `gradual` (unfreeze the layers from the head
            down during the first half; Howard and Ruder, ULMFiT, 2018).
        mixup: alpha of mixup (Zhang et al., 2018); 0: off.
        cutmix: alpha of CutMix (Yun et al., 2019); 0: off. With both set, each batch uses one.
        drop_path: rate of stochastic depth (Huang et al., 2016).
        channels_last: use this memory format, which is faster for convolutions.
        kwargs: arguments of `CompetitionModule`.
    """

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: str = "tf_efficientnet_lite0.in1k",
        weights: str = "hub",
        layer_decay: PositiveFraction = 0.9,
        tune: Literal["full", "head", "gradual"] = "full",
        mixup: NonNegativeFloat = 0.0,
        cutmix: NonNegativeFloat = 0.0,
        drop_path: FractionBelowOne = 0.0,
        channels_last: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, data, **kwargs)
        self.layer_decay, self.tune, self.channels_last = layer_decay, tune, channels_last
        self.size = data.image_size
        self.net = build_backbone(backbone, weights, data.problem.outputs, self.size, drop_path)
        if channels_last:
            self.net = self.net.to(memory_format=torch.channels_last)
        if tune == "head":
            self.net.requires_grad_(False)
            for head in self._heads():
                head.requires_grad_(True)
        config = resolve_data_config(model=self.net)
        for name in ("mean", "std"):
            values = 255 * torch.tensor(config[name]).view(1, 3, 1, 1)
            self.register_buffer(f"pixel_{name}", values)
        self.mix = _mixing(mixup, cutmix, data.problem)
        self.train()  # Lightning does not switch to train mode itself

    def train(self, mode: bool = True) -> "Model":
        """Set the mode, but keep a frozen backbone and its batch statistics in evaluation mode."""
        super().train(mode)
        if mode and self.tune == "head":
            self.net.eval()
            for head in self._heads():
                head.train()
        return self

    def _heads(self) -> tuple[nn.Module, ...]:
        """Return the classifier heads; a distilled transformer has two."""
        found = self.net.get_classifier()
        return found if isinstance(found, tuple) else (found,)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits `(n, outputs)` of images `(n, 3, h, w)` with values 0..255 of any dtype."""
        x = (images.float() - self.pixel_mean) / self.pixel_std
        if x.shape[-1] != self.size:
            x = functional.interpolate(x, self.size, mode="bilinear", antialias=True)
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        logits: Tensor = self.net(x.contiguous(memory_format=layout))
        return logits

    def training_step(self, batch: tuple[Any, Tensor], batch_idx: int) -> Tensor | None:
        """Return one step's loss, on mixed images if mixup or CutMix is on."""
        images, targets = batch
        if self.mix is not None:
            batch = self.mix(images.float(), targets)
        return super().training_step(batch, batch_idx)

    def auto_epochs(self, rows: int, batch_size: int) -> int:
        """Return the number of epochs for `auto`: 3 to 10, for about 600 steps."""
        return epochs_for(600, rows, batch_size, 3, 10)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return parameter groups with layer-wise learning rate decay."""
        skip = self.net.no_weight_decay() if hasattr(self.net, "no_weight_decay") else ()
        groups = param_groups_layer_decay(self.net, self.weight_decay, skip, layer_decay=0.5)
        top = max(group["lr_scale"] for group in groups)
        depths = [round(torch.tensor(top / g.pop("lr_scale")).log2().item()) for g in groups]
        for group, depth in zip(groups, depths, strict=True):
            group["lr"] = self.lr * self.layer_decay**depth
            group["start"] = 0.5 * depth / (max(depths) or 1) if self.tune == "gradual" else 0.0
        return list(groups)


def _mixing(mixup: float, cutmix: float, problem: Problem) -> nn.Module | None:
    chosen: list[nn.Module] = []
    if (mixup or cutmix) and not problem.has_classes:
        raise Fault("mixup and cutmix need classes.", "Set both to 0 under `model`.")
    if mixup:
        chosen.append(v2.MixUp(alpha=mixup, num_classes=problem.outputs))
    if cutmix:
        chosen.append(v2.CutMix(alpha=cutmix, num_classes=problem.outputs))
    return v2.RandomChoice(chosen) if chosen else None
