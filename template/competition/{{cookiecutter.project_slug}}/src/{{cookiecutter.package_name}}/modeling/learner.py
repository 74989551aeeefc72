"""What every task's model shares: from logits to answers, the loss, the score, the optimizer."""

from typing import Any, Literal

import lightning
import torch
from torch import Tensor
from torch.nn import functional
from torchmetrics import CatMetric, MeanMetric

from ..competition import Contract
from ..errors import Fault
from .outputs import Answers
from .rows import FoldData
from .schedule import warm_cosine


class Learner(lightning.LightningModule):
    """A network whose `forward` gives logits `(n, outputs)`, trained for the contract's problem.

    Batches are pairs of inputs, of any kind, and targets as `target_tensor` makes them.

    Args:
        contract: what the competition asks for.
        data: the fold it will be trained on.
        lr: the learning rate at its peak, of the head where layers have their own.
        weight_decay: of matrices and filters; vectors have none.
        warmup: the part of the steps in which the learning rate rises.
        label_smoothing: of classes (Szegedy et al., 2016).
        class_weights: weigh the loss of a class by its rarity.
        ema: decay of the moving average of the weights that is validated and kept; 0: off.
        compile: `torch.compile` the network `net`; `auto`: on a GPU.
    """

    net: Any  # the network; libraries' own methods are called on it
    betas = (0.9, 0.999)  # of AdamW
    target_mean: Tensor
    target_std: Tensor
    class_weight: Tensor

    def __init__(
        self,
        contract: Contract,
        data: FoldData,
        lr: float = 2e-3,
        weight_decay: float = 0.05,
        warmup: float = 0.1,
        label_smoothing: float = 0.1,
        class_weights: bool = False,
        ema: float = 0.998,
        compile: bool | Literal["auto"] = "auto",
    ) -> None:
        super().__init__()
        self.compile_mode = compile
        # What the constructor is told otherwise when the weights that were trained here go in.
        self.rebuild: dict[str, Any] = {"weights": "none"}
        self.contract, self.lr, self.weight_decay, self.warmup = contract, lr, weight_decay, warmup
        self.label_smoothing = label_smoothing
        self._learn_targets(data.train_targets, class_weights)
        # To look for NaN in each batch would be to wait for the GPU in each.
        self.train_loss = MeanMetric(nan_strategy="disable")
        self.seen = CatMetric(nan_strategy="disable")
        self.truth = CatMetric(nan_strategy="disable")

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

    def usual_epochs(self, rows: int, batch_size: int) -> int:
        """The epochs that `auto` means: some 480 steps of fine-tuning, in 2 to 10 epochs."""
        return epochs_for(480, rows, batch_size, 2, 10)

    def on_fit_start(self) -> None:
        """Compile, now that the device is known."""
        wanted = self.compile_mode is True or (
            self.compile_mode == "auto" and self.device.type == "cuda"
        )
        if wanted:
            self.net.compile()

    def predict_batch(self, inputs: Any) -> Answers:
        """Inputs to probabilities `(n, classes)`, to values `(n, targets)`, or to `n` strings."""
        return self.answers(self(inputs))

    def answers(self, logits: Tensor) -> Tensor:
        """Logits to probabilities or to values in the competition's own unit."""
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

    def training_step(self, batch: tuple[Any, Tensor], _: int) -> Tensor:
        """One step's loss."""
        inputs, targets = batch
        loss = self.loss(self(inputs), targets, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return loss

    def validation_step(self, batch: tuple[Any, Tensor], _: int) -> None:
        """Keep logits and truth; the epoch's end scores them as a whole, as Kaggle does."""
        inputs, targets = batch
        self.seen.update(self(inputs).float())
        self.truth.update(targets)

    def refuse_divergence(self, values: Tensor) -> None:
        """End a training whose `values` are infinite or NaN: no fold may be kept of it.

        Raises:
            Fault: says what to change.
        """
        if not values.isfinite().all():
            raise Fault(
                "The training diverged: the network's answers are no longer numbers.",
                "Lower `model.lr`, or set `trainer.precision` to 32-true, in params.yaml.",
            )

    def on_validation_epoch_end(self) -> None:
        """Score the whole fold by the competition's metric."""
        logits, targets = self.seen.compute(), self.truth.compute()
        self.refuse_divergence(logits)
        if self.contract.problem == "classification":
            targets = targets.long()
        score = self.contract.scoring.score(self.answers(logits), targets)
        self.log("val/loss", self.loss(logits, targets))
        self.log(f"val/{self.contract.metric}", score, prog_bar=True)
        self.seen.reset()
        self.truth.reset()

    def on_train_epoch_end(self) -> None:
        """Log the epoch's mean loss."""
        self.log("train/loss", self.train_loss.compute(), prog_bar=True)
        self.train_loss.reset()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The optimizer's groups, each with its own `lr` if it has one, and with `start`: the part
        of the steps before which it stands still (0.0 where it is left out)."""
        matrices = [p for p in self.parameters() if p.requires_grad and p.ndim > 1]
        vectors = [p for p in self.parameters() if p.requires_grad and p.ndim <= 1]
        return [
            {"params": matrices, "weight_decay": self.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]

    def configure_optimizers(self) -> Any:
        """AdamW, and a cosine with warm-up by the step."""
        groups = self.parameter_groups()
        starts = [group.pop("start", 0.0) for group in groups]
        scaler = getattr(self.trainer.precision_plugin, "scaler", None)
        optimizer = torch.optim.AdamW(groups, lr=self.lr, betas=self.betas, fused=scaler is None)
        if scaler is None:  # bf16: else Lightning takes a fused one for one that unscales gradients
            optimizer._step_supports_amp_scaling = False
        steps = int(self.trainer.estimated_stepping_batches)
        scheduler = warm_cosine(optimizer, steps, self.warmup, starts)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


def epochs_for(steps: int, rows: int, batch_size: int, fewest: int, most: int) -> int:
    """The epochs in which some `steps` batches of the rows go by, from `fewest` to `most`."""
    return max(fewest, min(most, steps // max(1, rows // batch_size)))
