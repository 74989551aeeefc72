"""Gradient-boosted trees, used in place of a network."""

import io
import tempfile
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from annotated_types import Le
from numpy.typing import NDArray
from torch import Tensor, nn

from compete.bounds import PositiveInt
from compete.problems import MultiLabel, Problem, Regression
from compete.tasks.tabular.encode import MANY_LEVELS, Encoded
from compete.tasks.tabular.parts import PARTS, parts_alike

TreeDepth = Annotated[PositiveInt, Le(16)]  # CatBoost's limit
_MANY_CLASSES = 8  # each statistic of a category is computed for each class
_SMALL = 25_000  # training rows times outputs; from more on, averaging more models gains little
SURE = 30.0  # the logit of a class that no training row has is minus this
_WHEN = ("model_guid", "train_finish_time", "training", "params", "output_options")


class Boosting(nn.Module):
    """CatBoost (Prokhorenkova et al., 2018): a few models, each on other rows, to be averaged.

    Each model leaves out another part of the training rows, which tells when to stop adding trees.
    Rows of one group are in the same part: the others would give away what they share.
    CatBoost's own statistics of categories replace our mean targets: a tree that reads both finds
    out a row's target from how its mean differs from its category's other rows'. With many classes,
    where its statistics take too long, it is the other way round.

    Their bytes are part of the state dict: checkpoints and weights are what a network's are.

    Args:
        problem: what is predicted.
        trees: at most so many in a model.
        depth: of a tree.
        lr: how much of a tree is added.
        bags: how many models.
        seed: of all randomness.
    """

    def __init__(
        self, problem: Problem, trees: int, depth: int, lr: float, bags: int, seed: int
    ) -> None:
        super().__init__()
        self.problem, self.bags, self.seed = problem, bags, seed
        self.settings = {"iterations": trees, "depth": depth, "learning_rate": lr}
        self.models: dict[str, Any] = {}  # "output-bag": CatBoost's, or the constant to say

    @staticmethod
    def auto_trees(problem: Problem) -> int:
        """Return the maximum number of trees for `auto`: 3,000, or 1,000 for many classes."""
        return 1000 if _has_many_classes(problem) else 3000

    @staticmethod
    def auto_bags(rows: int, outputs: int) -> int:
        """Return the number of models for `auto`: 5, or 2 for many rows or classes."""
        return 5 if rows * outputs <= _SMALL else 2

    def fit(
        self, rows: Encoded, targets: Tensor, groups: NDArray[np.int64], class_weight: Tensor
    ) -> None:
        """Fit all models.

        Args:
            rows: the training rows.
            targets: classes `(n,)`, labels or values `(n, outputs)`.
            groups: the group of each row `(n,)`.
            class_weight: of classes or labels `(outputs,)`.
        """
        columns = (targets if targets.ndim == 2 else targets[:, None]).double().numpy().T
        weights, categories = class_weight.tolist(), self._categories(rows)
        for output, values in enumerate(columns):
            part = parts_alike(values, groups, max(PARTS, self.bags), self.seed)
            settings = self._loss(weights, output) | categories
            for bag in range(self.bags):
                inside = part != bag % (part.max() + 1)
                self.models[f"{output}-{bag}"] = self._fit_one(
                    rows, values, inside, settings | {"random_seed": self.seed + bag}
                )

    def _loss(self, weights: list[float], output: int) -> dict[str, Any]:
        """Return CatBoost's loss for the problem, with the weights of classes or labels."""
        classes = self.problem.outputs
        if isinstance(self.problem, Regression):
            scoring = self.problem.contract.scoring
            if scoring.absolute and scoring.quantile != 0.5:
                return {"loss_function": f"Quantile:alpha={scoring.quantile}"}
            return {"loss_function": "MAE" if scoring.absolute else "RMSE"}
        if isinstance(self.problem, MultiLabel):
            return {"loss_function": "Logloss", "class_weights": [1.0, weights[output]]}
        if classes == 2:
            return {"loss_function": "Logloss", "class_weights": weights}
        return {"loss_function": "MultiClass", "classes_count": classes, "class_weights": weights}

    def _categories(self, rows: Encoded) -> dict[str, Any]:
        """Return CatBoost's settings of categories, less those features that say the same twice."""
        many = _has_many_classes(self.problem)
        if not (many and rows.means):
            # Statistics of pairs of categories: those of three take far longer for nothing.
            return {"ignored_features": rows.means, "max_ctr_complexity": 1 if many else 2}
        columns = rows.numbers.shape[1] + np.flatnonzero(rows.codes.max(axis=0) >= MANY_LEVELS)
        return {"ignored_features": columns.tolist(), "one_hot_max_size": MANY_LEVELS}

    def _fit_one(
        self,
        rows: Encoded,
        values: NDArray[np.float64],
        inside: NDArray[np.bool_],
        settings: dict[str, Any],
    ) -> Any:
        from catboost import CatBoost, Pool

        if len(np.unique(values[inside])) < 2:  # CatBoost refuses: there is nothing to learn
            return float(values[inside][0])
        pools = [
            Pool(_features(rows.numbers[pick], rows.codes[pick]), values[pick])
            for pick in (inside, ~inside)
        ]
        model = CatBoost(
            self.settings
            | settings
            | {
                "allow_writing_files": False,
                "verbose": False,
                "thread_count": torch.get_num_threads(),
                "early_stopping_rounds": 100,
            }
        )
        return model.fit(pools[0], eval_set=pools[1])

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Numbers `(n, p)` and codes `(n, q)` to logits `(n, bags, outputs)`."""
        features = _features(numbers.cpu().numpy(), codes.cpu().numpy())
        outputs = len({name.split("-")[0] for name in self.models})
        bags = []
        for bag in range(self.bags):
            logits = [
                self._logits(self.models[f"{output}-{bag}"], features, len(numbers))
                for output in range(outputs)
            ]
            bags.append(np.concatenate(logits, axis=1))
        result = torch.from_numpy(np.stack(bags, axis=1)).float().clamp(-SURE, SURE)
        return result.to(numbers.device)

    def _logits(self, model: Any, features: Any, rows: int) -> NDArray[np.float64]:
        regression = isinstance(self.problem, Regression)
        classes = self.problem.outputs if self.problem.has_classes else 1
        if isinstance(model, float):
            said = np.full((1, classes), model if regression else -SURE)
            if not regression:
                said[0, int(model) if classes > 1 else 0] = SURE * (classes > 1 or 2 * model - 1)
            return np.repeat(said, rows, axis=0)
        raw = np.asarray(model.predict(features)).reshape(rows, -1)
        if classes == 2:
            raw = np.hstack([np.zeros_like(raw), raw])
        return raw

    def get_extra_state(self) -> Tensor:
        """Return the models as bytes `(n,)`, the same for the same models."""
        arrays: dict[str, Any] = {}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "model.cbm")
            for name, model in self.models.items():
                if not isinstance(model, float):
                    facts = model.get_metadata()
                    for key in set(facts.keys()) & set(_WHEN):
                        del facts[key]
                    model.save_model(str(file))
                    model = np.frombuffer(file.read_bytes(), dtype=np.uint8)
                arrays[name] = np.asarray(model)
        packed = io.BytesIO()
        np.savez(packed, allow_pickle=False, **arrays)
        return torch.frombuffer(bytearray(packed.getvalue()), dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """Take models as `get_extra_state` gave them."""
        from catboost import CatBoost

        self.models = {}
        with np.load(io.BytesIO(state.cpu().numpy().tobytes()), allow_pickle=False) as arrays:
            for name, array in arrays.items():
                if array.ndim:
                    model = CatBoost()
                    model.load_model(blob=array.tobytes())
                    self.models[name] = model
                else:
                    self.models[name] = float(array)


def _has_many_classes(problem: Problem) -> bool:
    return problem.has_classes and problem.outputs > _MANY_CLASSES


def _features(numbers: NDArray[Any], codes: NDArray[Any]) -> Any:
    """Return what CatBoost reads: numbers, and categories by name."""
    from catboost import FeaturesData

    arguments = {}
    if numbers.shape[1]:
        arguments["num_feature_data"] = np.ascontiguousarray(numbers, dtype=np.float32)
    if codes.shape[1]:
        arguments["cat_feature_data"] = codes.astype("S20").astype(object)
    return FeaturesData(**arguments)
