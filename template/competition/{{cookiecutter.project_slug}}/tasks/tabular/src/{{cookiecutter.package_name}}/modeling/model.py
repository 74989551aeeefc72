"""The model: TabM, or boosted trees in its place, and how either is trained on rows of a table."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from typing_extensions import override

from ..competition import Contract
from ..errors import Fault
from .boosting import Boosting
from .data import Data, Inputs
from .learner import Learner, epochs_for
from .network import Network

BACKBONES = ("tabm", "tabm-mini", "catboost")


class Model(Learner):
    """The `model` section of params.yaml.

    Args:
        contract: what the competition asks for.
        data: the fold it will be trained on: its columns, and the spread of their values.
        backbone: `tabm`, `tabm-mini` (fewer weights of their own for the submodels), or `catboost`.
        weights: `none`; nobody offers weights that fit a competition's own columns.
        k: submodels of TabM; all are trained on every row, and their answers are averaged.
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
            stop, and their answers are averaged.
        kwargs: what every task's model has.
    """

    def __init__(
        self,
        contract: Contract,
        data: Data,
        backbone: str = "tabm",
        weights: str = "none",
        k: int = 32,
        width: int = 128,
        blocks: int = 2,
        dropout: float = 0.1,
        embedding: str = "piecewise",
        bins: int = 32,
        embedding_width: int = 8,
        trees: int = 1000,
        tree_depth: int = 6,
        tree_lr: float = 0.05,
        bags: int = 5,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, data, **kwargs)
        if backbone not in BACKBONES:
            raise Fault(
                f"There is no backbone {backbone!r}.", f"Choose one of: {', '.join(BACKBONES)}."
            )
        if weights != "none":
            raise Fault("There are no weights for tables.", "Set `weights: none` under `model`.")
        self.known, self.known_targets = data.known, data.train_targets
        self.net: Network | Boosting
        if backbone == "catboost":
            self.net = Boosting(contract, trees, tree_depth, tree_lr, bags, data.seed)
        else:
            self.net = Network(
                torch.from_numpy(self.known.numbers),
                data.levels,
                contract.outputs,
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
    def usual_epochs(self, rows: int, batch_size: int) -> int:
        """Some 1,000 steps for values, 250 for classes, which are sooner learned by heart, in 8 to
        60 epochs; trees need one, in which they are shown."""
        if isinstance(self.net, Boosting):
            return 1
        steps = 1000 if self.contract.problem == "regression" else 250
        return epochs_for(steps, rows, batch_size, 8, 60)

    @override
    def on_fit_start(self) -> None:
        """Fit trees, unless a checkpoint had them; else as usual."""
        if not isinstance(self.net, Boosting):
            super().on_fit_start()
        elif not self.net.models:
            targets = self.known_targets
            if self.contract.problem == "regression":
                targets = (self._squeeze(targets) - self.target_mean.cpu()) / self.target_std.cpu()
            self.net.fit(self.known, targets, self.class_weight.cpu())

    def forward(self, inputs: Inputs) -> Tensor:
        """Encoded rows to logits `(n, outputs)` of the mean answer of all submodels."""
        logits: Tensor = self.net(*inputs).float()
        if self.contract.problem == "classification":
            return logits.log_softmax(dim=2).logsumexp(dim=1)
        if self.contract.problem == "multilabel":
            signed = torch.stack([logits, -logits])
            yes, no = functional.logsigmoid(signed).logsumexp(dim=2)
            difference: Tensor = yes - no
            return difference
        return logits.mean(dim=1)

    @override
    def training_step(self, batch: tuple[Any, Tensor], _: int) -> Tensor | None:  # type: ignore[override]
        """The mean loss of the submodels, each held to the targets by itself; trees only look."""
        inputs, targets = batch
        logits = self.net(*inputs)
        each = targets.repeat_interleave(logits.shape[1], dim=0)
        loss = self.loss(logits.flatten(0, 1), each, self.label_smoothing)
        self.train_loss.update(loss.detach())
        return None if isinstance(self.net, Boosting) else loss

    @override
    def configure_optimizers(self) -> Any:
        """As usual; trees need none."""
        return None if isinstance(self.net, Boosting) else super().configure_optimizers()
