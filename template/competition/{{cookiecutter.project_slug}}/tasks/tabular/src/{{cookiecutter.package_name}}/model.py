"""The model: TabM, or boosted trees in its place, and how either is trained on rows of a table."""

from typing import Any, Literal

import torch
from compete.bounds import FractionBelowOne, PositiveFraction, PositiveInt, TwoOrMore
from compete.contract import Contract
from compete.errors import Fault
from compete.problems import Regression
from compete.supervised.module import CompetitionModule, epochs_for
from compete.tasks.tabular.boosting import Boosting, TreeDepth
from compete.tasks.tabular.dataset import Inputs
from compete.tasks.tabular.network import Network
from torch import Tensor
from typing_extensions import override

from .data import Data


class Model(CompetitionModule):
    """The `model` section of params.yaml.

    Args:
        contract: what the competition asks for.
        data: the fold it will be trained on: its columns, and the spread of their values.
        backbone: `tabm`, `tabm-mini` (fewer weights of their own for the submodels), or `catboost`.
        weights: `none`; nobody offers weights that fit a competition's own columns.
        k: submodels of TabM; all are trained on every row, and their predictions are averaged.
        width: of TabM's layers.
        blocks: TabM's layers.
        dropout: in TabM's layers.
        embedding: of TabM's numbers: `piecewise`, `periodic` or `none`.
        bins: of a piecewise-linear embedding.
        embedding_width: of either embedding.
        trees: of a CatBoost model, at most.
        tree_depth: of CatBoost's trees.
        tree_lr: how much of each tree CatBoost adds.
        bags: CatBoost models; each leaves out another part of the training rows to tell when to
            stop, and their predictions are averaged.
        kwargs: what every task's model has.
    """

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: Literal["tabm", "tabm-mini", "catboost"] = "tabm",
        weights: str = "none",
        k: PositiveInt = 32,
        width: PositiveInt = 128,
        blocks: PositiveInt = 2,
        dropout: FractionBelowOne = 0.1,
        embedding: Literal["piecewise", "periodic", "none"] = "piecewise",
        bins: TwoOrMore = 32,
        embedding_width: PositiveInt = 8,
        trees: PositiveInt = 1000,
        tree_depth: TreeDepth = 6,
        tree_lr: PositiveFraction = 0.05,
        bags: PositiveInt = 5,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, data, **kwargs)
        if weights != "none":
            raise Fault("There are no weights for tables.", "Set `weights: none` under `model`.")
        self.known, self.known_targets = data.known, data.train_targets
        self.net: Network | Boosting
        if backbone == "catboost":
            self.net = Boosting(data.problem, trees, tree_depth, tree_lr, bags, data.seed)
        else:
            self.net = Network(
                torch.from_numpy(self.known.numbers),
                data.levels,
                data.problem.outputs,
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
        """Return the epochs that `auto` means.

        For values some 1,000 steps; for classes, which overfit sooner, 250; in 8 to 60 epochs.
        """
        steps = 1000 if isinstance(self.problem, Regression) else 250
        return epochs_for(steps, rows, batch_size, 8, 60)

    @override
    def on_fit_start(self) -> None:
        """Fit boosted trees, unless a checkpoint had them; compile a network."""
        if not isinstance(self.net, Boosting):
            super().on_fit_start()
        elif not self.net.models:
            targets = self.problem.standardize(self.known_targets, self.target_stats.cpu())
            self.net.fit(self.known, targets, self.stats_to_fit().weight)

    def forward(self, inputs: Inputs) -> Tensor:
        """Return logits `(n, outputs)` of the mean prediction of all submodels."""
        return self.problem.mean_logits(self.net(*inputs).float())

    @override
    def training_step(self, batch: tuple[Any, Tensor], batch_idx: int) -> Tensor | None:
        """Return the mean of the submodels' own losses; boosted trees need no step."""
        inputs, targets = batch
        logits = self.net(*inputs)
        each = targets.repeat_interleave(logits.shape[1], dim=0)
        loss = self.loss(logits.flatten(0, 1), each, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return loss if loss.requires_grad else None
