"""The model: TabM, gradient-boosted trees, or a kernel method, for rows of a table."""

from typing import Any, Literal

import torch
from compete.bounds import FractionBelowOne, PositiveFraction, PositiveInt, TwoOrMore
from compete.contract import Contract
from compete.errors import Fault
from compete.supervised.module import CompetitionModule, epochs_for
from compete.tasks.tabular.boosting import Boosting, TreeDepth
from compete.tasks.tabular.dataset import Inputs
from compete.tasks.tabular.kernel import Kernel
from compete.tasks.tabular.network import Network
from torch import Tensor
from typing_extensions import override

from .data import Data


class Model(CompetitionModule):
    """TabM, CatBoost or a kernel method. Its arguments are the keys of `model` in params.yaml.

    Args:
        contract: the competition's requirements.
        data: the datamodule of the fold to train on.
        backbone: `tabm`, `tabm-mini` (its submodels share more weights), `catboost`, or
            `kernel` (a linear model of how alike a row is to other rows).
        weights: `none`; there are no pretrained weights for a competition's own columns.
        k: number of a TabM's submodels, whose predictions are averaged.
        width: size of TabM's layers.
        blocks: number of TabM's layers.
        dropout: dropout rate of TabM.
        embedding: TabM's embedding of numeric columns: `piecewise`, `periodic` or `none`.
        bins: number of bins of the piecewise-linear embedding.
        embedding_width: size of the embedding of a numeric column.
        trees: maximum number of trees of a CatBoost model. `auto`: 3,000, or 1,000 for more than
            eight classes.
        tree_depth: depth of CatBoost's trees.
        tree_lr: learning rate of CatBoost.
        bags: number of models, of TabM as of CatBoost; each leaves out another fifth of the
            training rows for early stopping, and their predictions are averaged. `auto`: 4 of TabM;
            5 of CatBoost, or 2 if the training rows times the classes exceed 25,000.
        patience: epochs without a lower loss of the rows that each TabM leaves out, before training
            stops; the best epoch is kept. `auto`: 4 to 16, for about 240 steps.
        kwargs: arguments of `CompetitionModule`.
    """

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: Literal["tabm", "tabm-mini", "catboost", "kernel"] = "tabm",
        weights: str = "none",
        k: PositiveInt = 8,
        width: PositiveInt = 128,
        blocks: PositiveInt = 2,
        dropout: FractionBelowOne = 0.1,
        embedding: Literal["piecewise", "periodic", "none"] = "piecewise",
        bins: TwoOrMore = 32,
        embedding_width: PositiveInt = 8,
        trees: PositiveInt | Literal["auto"] = "auto",
        tree_depth: TreeDepth = 6,
        tree_lr: PositiveFraction = 0.05,
        bags: PositiveInt | Literal["auto"] = "auto",
        patience: PositiveInt | Literal["auto"] = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, data, **kwargs)
        if weights != "none":
            raise Fault("There are no weights for tables.", "Set `weights: none` under `model`.")
        self.known, self.known_targets = data.known, data.train_targets
        self.known_folds, self.known_groups = data.train_folds, data.train_groups
        self.known_parts = torch.from_numpy(data.train_parts)
        self.net: Network | Boosting | Kernel
        numbers = torch.from_numpy(self.known.numbers)
        if backbone == "catboost":
            if trees == "auto":
                trees = Boosting.auto_trees(data.problem)
            if bags == "auto":
                bags = Boosting.auto_bags(len(data.train_rows), data.problem.outputs)
            self.net = Boosting(data.problem, trees, tree_depth, tree_lr, bags, data.seed)
        elif backbone == "kernel":
            self.net = Kernel(data.problem, numbers, data.levels, data.seed)
        else:
            if patience == "auto":
                patience = epochs_for(240, len(data.train_rows), data.batch_size, 4, 16)
            self.watched, self.patience = "oob/loss", patience
            self.net = Network(
                numbers,
                data.levels,
                data.problem.outputs,
                4 if bags == "auto" else bags,
                int(self.known_parts.max()) + 1,
                embedding,
                bins,
                embedding_width,
                k=k,
                d_block=width,
                n_blocks=blocks,
                dropout=dropout,
                arch_type=backbone,
            )

    @override
    def auto_epochs(self, rows: int, batch_size: int) -> int:
        """Return the maximum number of epochs for `auto`: 8 to 100, for about 1,500 steps."""
        return epochs_for(1500, rows, batch_size, 8, 100)

    @override
    def on_fit_start(self) -> None:
        """Fit what takes no steps, unless loaded from a checkpoint; compile a network."""
        if isinstance(self.net, Network):
            super().on_fit_start()
        elif isinstance(self.net, Kernel) and not self.net.is_fitted:
            self.net.fit(self.known, self.known_targets, self.known_folds, self.stats_to_fit())
        elif isinstance(self.net, Boosting) and not self.net.models:
            targets = self.problem.standardize(self.known_targets, self.target_stats.cpu())
            weight = self.stats_to_fit().weight
            self.net.fit(self.known, targets, self.known_groups, weight)

    def forward(self, inputs: Inputs) -> Tensor:
        """Return logits `(n, outputs)` of the mean prediction of all submodels."""
        return self.problem.mean_logits(self.net(*inputs).float())

    @override
    def training_step(self, batch: tuple[Any, ...], batch_idx: int) -> Tensor | None:
        """Return the mean loss of the submodels; trees and kernels take no training steps."""
        inputs, targets, parts = batch
        logits = self.net(*inputs)
        if isinstance(self.net, Network):
            logits = self.net.without_left_out(logits, parts)
        each = targets.repeat_interleave(logits.shape[1], dim=0)
        loss = self.loss(logits.flatten(0, 1), each, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return loss if loss.requires_grad else None

    @override
    def on_validation_epoch_end(self) -> None:
        """Also log the loss of each TabM on the training rows that it leaves out."""
        super().on_validation_epoch_end()
        if isinstance(self.net, Network):
            logits, rows = self.net.out_of_bag(self.known, self.known_parts)
            targets = self.known_targets[rows].to(self.device)
            self.log("oob/loss", self.loss(self.problem.mean_logits(logits), targets))
