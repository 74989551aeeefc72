"""The model: a timm backbone, its loss, and how transfer learning trains it."""

from typing import Any, Literal

import lightning
import torch
from timm.data import resolve_data_config
from timm.optim import param_groups_layer_decay
from torch import Tensor, nn
from torch.nn import functional
from torchmetrics import CatMetric, MeanMetric
from torchvision.transforms import v2

from ..competition import Contract
from ..errors import Fault
from .data import Data
from .schedule import warm_cosine
from .weights import build_backbone

Batch = tuple[Tensor, Tensor]


class Model(lightning.LightningModule):
    """The `model` section of params.yaml.

    Args:
        contract: what the competition asks for.
        data: the fold it will be trained on: the size of its pictures, the spread of its targets.
        backbone: any timm model.
        weights: `hub`, `none`, or the path of a checkpoint.
        lr: the head's learning rate at its peak.
        weight_decay: of matrices and filters; vectors have none.
        layer_decay: each layer below the head learns this much slower than the one above it
            (Clark et al., ELECTRA, 2020); 1.0: all alike.
        tune: `full`, `head` (the backbone stays as it is), or `gradual` (layers join from the head
            down over the first half; Howard and Ruder, ULMFiT, 2018).
        warmup: the part of the steps in which the learning rate rises.
        label_smoothing: of classes (Szegedy et al., 2016).
        class_weights: weigh the loss of a class by its rarity.
        mixup: alpha of mixup (Zhang et al., 2018); 0: off.
        cutmix: alpha of CutMix (Yun et al., 2019); 0: off. With both, either by turns.
        drop_path: rate of stochastic depth (Huang et al., 2016).
        ema: decay of the moving average of the weights that is validated and kept; 0: off.
        channels_last: memory format; faster for convolutions.
        compile: `torch.compile` the backbone; `auto`: on a GPU.
    """

    pixel_mean: Tensor
    pixel_std: Tensor
    target_mean: Tensor
    target_std: Tensor
    class_weight: Tensor

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: str = "tf_efficientnet_lite0.in1k",
        weights: str = "hub",
        lr: float = 2e-3,
        weight_decay: float = 0.05,
        layer_decay: float = 0.9,
        tune: str = "full",
        warmup: float = 0.1,
        label_smoothing: float = 0.1,
        class_weights: bool = False,
        mixup: float = 0.0,
        cutmix: float = 0.0,
        drop_path: float = 0.0,
        ema: float = 0.998,
        channels_last: bool = True,
        compile: bool | Literal["auto"] = "auto",
    ) -> None:
        super().__init__()
        if tune not in ("full", "head", "gradual"):
            raise Fault(f"There is no way to tune {tune!r}.", "Choose full, head or gradual.")
        self.contract, self.lr, self.weight_decay = contract, lr, weight_decay
        self.layer_decay, self.tune, self.warmup = layer_decay, tune, warmup
        self.label_smoothing, self.compile_mode = label_smoothing, compile
        self.size = data.image_size
        self.net = build_backbone(backbone, weights, contract.outputs, self.size, drop_path)
        if channels_last:
            self.net = self.net.to(memory_format=torch.channels_last)
        if tune == "head":
            self.net.requires_grad_(False)
            self.net.get_classifier().requires_grad_(True)
        config = resolve_data_config(model=self.net)
        for name in ("mean", "std"):
            values = 255 * torch.tensor(config[name]).view(1, 3, 1, 1)
            self.register_buffer(f"pixel_{name}", values)
        self._learn_targets(data.train_targets, class_weights)
        self.mix = _mixing(mixup, cutmix, contract)
        self.train_loss = MeanMetric()
        self.seen, self.truth = CatMetric(), CatMetric()
        self.train()  # Lightning trains in the modes that it finds

    def _learn_targets(self, targets: Tensor, class_weights: bool) -> None:
        """Keep what the loss needs to know of this fold's training targets, and of no others."""
        mean, std, weight = torch.zeros(1), torch.ones(1), torch.ones(self.contract.outputs)
        if self.contract.problem == "regression":
            values = self._squeeze(targets)
            mean, std = values.mean(dim=0), values.std(dim=0).clamp(min=1e-6)
        elif class_weights and self.contract.problem == "classification":
            counts = torch.bincount(targets, minlength=self.contract.outputs).clamp(min=1)
            weight = counts.sum() / (len(counts) * counts)
        elif class_weights:
            weight = ((1 - targets).sum(dim=0) / targets.sum(dim=0).clamp(min=1)).clamp(max=100)
        self.register_buffer("target_mean", mean)
        self.register_buffer("target_std", std)
        self.register_buffer("class_weight", weight)

    def _squeeze(self, values: Tensor) -> Tensor:
        return values.log1p() if self.contract.metric == "rmsle" else values

    def on_fit_start(self) -> None:
        """Compile, now that the device is known."""
        wanted = self.compile_mode is True or (
            self.compile_mode == "auto" and self.device.type == "cuda"
        )
        if wanted:
            self.net.compile()

    def train(self, mode: bool = True) -> "Model":
        """As usual, but a backbone that does not learn keeps its batch statistics too."""
        super().train(mode)
        if mode and self.tune == "head":
            self.net.eval()
            self.net.get_classifier().train()
        return self

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures `(n, 3, h, w)` of 0..255, of any number type, to logits `(n, outputs)`."""
        x = (pictures.float() - self.pixel_mean) / self.pixel_std
        if x.shape[-1] != self.size:
            x = functional.interpolate(x, self.size, mode="bilinear", antialias=True)
        logits: Tensor = self.net(x.contiguous(memory_format=torch.channels_last))
        return logits

    def predict_batch(self, pictures: Tensor) -> Tensor:
        """Pictures to probabilities `(n, classes)`, or to values `(n, targets)`."""
        return self._answers(self(pictures))

    def _answers(self, logits: Tensor) -> Tensor:
        logits = logits.float()
        if self.contract.problem == "classification":
            return logits.softmax(dim=1)
        if self.contract.problem == "multilabel":
            return logits.sigmoid()
        values = logits * self.target_std + self.target_mean
        return values.expm1().clamp(min=0) if self.contract.metric == "rmsle" else values

    def loss(self, logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """The loss that suits the problem and its metric, a mean over the batch."""
        if self.contract.problem == "classification":
            return functional.cross_entropy(
                logits, targets, weight=self.class_weight, label_smoothing=smoothing
            )
        if self.contract.problem == "multilabel":
            return functional.binary_cross_entropy_with_logits(
                logits, targets, pos_weight=self.class_weight
            )
        wanted = (self._squeeze(targets) - self.target_mean) / self.target_std
        if self.contract.metric == "mae":
            return functional.l1_loss(logits, wanted)
        return functional.mse_loss(logits, wanted)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """One step's loss."""
        pictures, targets = batch
        if self.mix is not None:
            pictures, targets = self.mix(pictures.float(), targets)
        loss = self.loss(self(pictures), targets, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        """Keep logits and truth; the epoch's end scores them as a whole, as Kaggle does."""
        pictures, targets = batch
        self.seen.update(self(pictures).float())
        self.truth.update(targets)

    def on_validation_epoch_end(self) -> None:
        """Score the whole fold by the competition's metric."""
        logits, targets = self.seen.compute(), self.truth.compute()
        if self.contract.problem == "classification":
            targets = targets.long()
        score = self.contract.scoring.score(self._answers(logits), targets)
        self.log("val/loss", self.loss(logits, targets))
        self.log(f"val/{self.contract.metric}", score, prog_bar=True)
        self.seen.reset()
        self.truth.reset()

    def on_train_epoch_end(self) -> None:
        """Log the epoch's mean loss."""
        self.log("train/loss", self.train_loss.compute(), prog_bar=True)
        self.train_loss.reset()

    def configure_optimizers(self) -> Any:
        """AdamW with layer-wise rates, and a cosine with warm-up by the step."""
        skip = self.net.no_weight_decay() if hasattr(self.net, "no_weight_decay") else ()
        groups = param_groups_layer_decay(self.net, self.weight_decay, skip, layer_decay=0.5)
        top = max(group["lr_scale"] for group in groups)
        depths = [round(torch.tensor(top / g["lr_scale"]).log2().item()) for g in groups]
        for group, depth in zip(groups, depths, strict=True):
            group["lr"] = self.lr * self.layer_decay**depth
            del group["lr_scale"]
        scaler = getattr(self.trainer.precision_plugin, "scaler", None)
        optimizer = torch.optim.AdamW(groups, lr=self.lr, fused=scaler is None)
        if scaler is None:  # bf16: else Lightning takes a fused one for one that unscales gradients
            optimizer._step_supports_amp_scaling = False
        steps = int(self.trainer.estimated_stepping_batches)
        late = max(depths) or 1
        starts = [0.5 * depth / late if self.tune == "gradual" else 0.0 for depth in depths]
        scheduler = warm_cosine(optimizer, steps, self.warmup, starts)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


def _mixing(mixup: float, cutmix: float, contract: Contract) -> nn.Module | None:
    chosen: list[nn.Module] = []
    if (mixup or cutmix) and contract.problem != "classification":
        raise Fault("mixup and cutmix need classes.", "Set both to 0 under `model`.")
    if mixup:
        chosen.append(v2.MixUp(alpha=mixup, num_classes=contract.outputs))
    if cutmix:
        chosen.append(v2.CutMix(alpha=cutmix, num_classes=contract.outputs))
    return v2.RandomChoice(chosen) if chosen else None
