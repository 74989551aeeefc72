"""What every task's model shares: from logits to predictions, loss, score and optimizer."""

from dataclasses import replace
from typing import Any, Literal

import lightning
import torch
from torch import Tensor
from torchmetrics import CatMetric, MeanMetric

from compete.bounds import Fraction, FractionBelowOne, NonNegativeFloat, PositiveFloat
from compete.contract import Contract
from compete.errors import Fault
from compete.problems.base import Predictions, TargetStats
from compete.supervised.datamodule import FoldDataModule
from compete.training.schedule import warm_cosine
from compete.training.trainer import should_compile


class CompetitionModule(lightning.LightningModule):
    """A network whose `forward` returns logits `(n, outputs)`, trained for the contract's problem.

    Batches are pairs of inputs, of any kind, and targets as `Problem.targets` returns them.

    Args:
        contract: the competition's requirements.
        data: the datamodule of the fold to train on.
        lr: peak learning rate; with layer-wise learning rates, that of the head.
        weight_decay: weight decay of matrices and filters; biases and norms have none.
        warmup: fraction of the steps for learning rate warmup.
        label_smoothing: label smoothing (Szegedy et al., 2016).
        class_weights: weight the loss by inverse class frequency.
        ema: decay of the exponential moving average of the weights, which is validated and saved;
            0: off.
        compile: `torch.compile` the network `net`; `auto`: on a GPU.
    """

    net: Any  # the network; libraries' own methods are called on it
    # If a model logs the loss of training rows that it leaves out: early stopping watches it.
    watched: str | None = None
    patience = 0  # epochs without a lower one
    betas = (0.9, 0.999)  # of AdamW
    target_mean: Tensor
    target_std: Tensor
    class_weight: Tensor
    balance: Tensor | None

    def __init__(
        self,
        contract: Contract,
        data: FoldDataModule[Any],
        lr: PositiveFloat = 2e-3,
        weight_decay: NonNegativeFloat = 0.05,
        warmup: Fraction = 0.1,
        label_smoothing: FractionBelowOne = 0.1,
        class_weights: bool = False,
        ema: FractionBelowOne = 0.998,
        compile: bool | Literal["auto"] = "auto",
    ) -> None:
        super().__init__()
        self.contract, self.problem = contract, data.problem
        self.lr, self.weight_decay, self.warmup = lr, weight_decay, warmup
        self.label_smoothing, self.ema, self.compile_mode = label_smoothing, ema, compile
        # Constructor arguments to override when reloading weights that were trained here.
        self.reload_overrides: dict[str, Any] = {"weights": "none"}
        stats = self.problem.target_stats(data.train_targets, class_weights)
        self.register_buffer("target_mean", stats.mean)
        self.register_buffer("target_std", stats.std)
        self.register_buffer("class_weight", stats.weight)
        self.balance = None  # of classes, for what draws no rows
        if data.settings.balanced_sampling and self.problem.has_classes:
            self.balance = self.problem.target_stats(data.train_targets, True).weight
        # To look for NaN in each batch would be to wait for the GPU in each.
        self.train_loss = MeanMetric(nan_strategy="disable")
        self.val_logits = CatMetric(nan_strategy="disable")
        self.val_targets = CatMetric(nan_strategy="disable")

    @property
    def target_stats(self) -> TargetStats:
        """The statistics of the training targets for the loss."""
        return TargetStats(self.target_mean, self.target_std, self.class_weight)

    def stats_to_fit(self) -> TargetStats:
        """Return `target_stats` for a model that is fitted to all rows at once, on the CPU.

        Where `balanced_sampling` would draw every class equally often, it weighs them so instead.
        """
        stats = self.target_stats.cpu()
        return stats if self.balance is None else replace(stats, weight=stats.weight * self.balance)

    def auto_epochs(self, rows: int, batch_size: int) -> int:
        """Return the number of epochs for `auto`: 2 to 10, for about 480 steps of fine-tuning."""
        return epochs_for(480, rows, batch_size, 2, 10)

    @property
    def trains_in_steps(self) -> bool:
        """Whether an optimizer trains it; else `on_fit_start` fits it before one validation."""
        return any(weight.requires_grad for weight in self.parameters())

    def on_fit_start(self) -> None:
        """Compile, now that the device is known."""
        if should_compile(self.compile_mode, self.device):
            self.net.compile()

    def predict_batch(self, inputs: Any) -> Predictions:
        """Return probabilities `(n, classes)`, values `(n, targets)`, or `n` strings."""
        return self.problem.predictions(self(inputs), self.target_stats)

    def loss(self, logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return the mean loss of a batch, by default that of the problem and its metric.

        Override it to use your own loss. Validation calls it without smoothing.
        """
        return self.problem.loss(logits, targets, self.target_stats, smoothing)

    def training_step(self, batch: tuple[Any, ...], batch_idx: int) -> Tensor | None:
        """Return the loss of a step, or None if no optimizer trains the model."""
        inputs, targets, *_ = batch
        loss = self.loss(self(inputs), targets, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return loss if loss.requires_grad else None

    def validation_step(self, batch: tuple[Any, Tensor], batch_idx: int) -> None:
        """Accumulate logits and targets, which are scored together at the end of the epoch."""
        inputs, targets = batch
        self.val_logits.update(self(inputs).float())
        self.val_targets.update(targets)

    def refuse_divergence(self, values: Tensor) -> None:
        """Stop training if `values` are infinite or NaN, so that the fold is not saved.

        Raises:
            Fault: training diverged.
        """
        if not values.isfinite().all():
            raise Fault(
                "Training diverged: the network's outputs are NaN or infinite.",
                "Lower `model.lr`, or set `trainer.precision` to 32-true, in params.yaml.",
            )

    def on_validation_epoch_end(self) -> None:
        """Score the whole fold with the competition's metric."""
        logits, targets = self.val_logits.compute(), self.val_targets.compute()
        self.refuse_divergence(logits)
        if self.problem.has_classes:
            targets = targets.long()
        predictions = self.problem.predictions(logits, self.target_stats)
        self.log("val/loss", self.loss(logits, targets))
        # On the CPU: Apple's GPUs have no 64-bit numbers, and metrics may use NumPy.
        score = self.contract.scoring.score(predictions.cpu(), targets.cpu())
        self.log(f"val/{self.contract.metric}", score, prog_bar=True)
        self.val_logits.reset()
        self.val_targets.reset()

    def on_train_epoch_end(self) -> None:
        """Log the epoch's mean loss."""
        self.log("train/loss", self.train_loss.compute(), prog_bar=True)
        self.train_loss.reset()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the parameter groups of the optimizer.

        Each may have its own `lr`, and a `start`: the fraction of the steps during which it is
        frozen.
        """
        matrices = [p for p in self.parameters() if p.requires_grad and p.ndim > 1]
        vectors = [p for p in self.parameters() if p.requires_grad and p.ndim <= 1]
        return [
            {"params": matrices, "weight_decay": self.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]

    def configure_optimizers(self) -> Any:
        """Return AdamW and a cosine schedule with warmup, or None if no optimizer is needed."""
        if not self.trains_in_steps:
            return None
        groups = self.parameter_groups()
        starts = [group.pop("start", 0.0) for group in groups]
        scaler = getattr(self.trainer.precision_plugin, "scaler", None)
        optimizer = torch.optim.AdamW(groups, lr=self.lr, betas=self.betas, fused=scaler is None)
        if scaler is None:  # bf16: else Lightning takes a fused one for one that unscales gradients
            optimizer._step_supports_amp_scaling = False
        steps = self.trainer.estimated_stepping_batches
        if steps == float("inf"):
            raise Fault(
                "A training with `max_epochs: -1` has no end, by which the learning rate goes.",
                "Set `trainer.max_steps` in params.yaml, or another `max_epochs`.",
            )
        scheduler = warm_cosine(optimizer, int(steps), self.warmup, starts)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


def epochs_for(steps: int, rows: int, batch_size: int, fewest: int, most: int) -> int:
    """Return the number of epochs for about `steps` batches, from `fewest` to `most`."""
    return max(fewest, min(most, steps // max(1, rows // batch_size)))
