"""Kaggle's metrics by Kaggle's names: direction, the kind of prediction each needs, and its value.

The values come from torchmetrics and sacreBLEU, imported only when a score is computed. A project
adds its own in the module `metrics` of its package.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from compete.errors import Fault
from compete.project import author

if TYPE_CHECKING:
    from torch import Tensor

Score = Callable[[Any, Any], float]


def _accuracy(predictions: "Tensor", targets: "Tensor") -> float:
    if targets.ndim == 2:  # multi-label: every label of the row must be right
        return ((predictions > 0.5) == targets.bool()).all(dim=1).float().mean().item()
    return (predictions.argmax(dim=1) == targets).float().mean().item()


def _log_loss(predictions: "Tensor", targets: "Tensor") -> float:
    from torch.nn.functional import binary_cross_entropy, nll_loss

    p = predictions.double().clamp(1e-15, 1 - 1e-15)
    if targets.ndim == 2:
        return binary_cross_entropy(p, targets.double()).item()
    return nll_loss((p / p.sum(dim=1, keepdim=True)).log(), targets).item()


def _auc(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.classification import (
        binary_auroc,
        multiclass_auroc,
        multilabel_auroc,
    )

    if targets.ndim == 2:
        return multilabel_auroc(predictions, targets.long(), targets.shape[1]).item()
    if predictions.shape[1] == 2:
        return binary_auroc(predictions[:, 1].contiguous(), targets).item()
    return multiclass_auroc(predictions, targets, predictions.shape[1]).item()


def _f1(average: str) -> Score:
    def score(predictions: "Tensor", targets: "Tensor") -> float:
        from torchmetrics.functional.classification import (
            binary_f1_score,
            multiclass_f1_score,
            multilabel_f1_score,
        )

        if targets.ndim == 2:
            if average == "samples":
                found = predictions > 0.5
                both = (found & targets.bool()).sum(dim=1)
                size = found.sum(dim=1) + targets.bool().sum(dim=1)
                return (2 * both / size.clamp(min=1)).float().mean().item()
            return multilabel_f1_score(
                predictions,
                targets.long(),
                targets.shape[1],
                average=average,  # type: ignore[arg-type]
            ).item()
        if average == "samples":
            if predictions.shape[1] != 2:
                raise Fault(
                    f"The metric f1 needs two classes; there are {predictions.shape[1]}.",
                    "Set `metric: macro_f1` or `micro_f1` under `competition` in params.yaml.",
                )
            return binary_f1_score(predictions.argmax(dim=1), targets).item()
        classes = predictions.shape[1]
        return multiclass_f1_score(
            predictions.argmax(dim=1),
            targets,
            classes,
            average=average,  # type: ignore[arg-type]
        ).item()

    return score


def _kappa(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.classification import multiclass_cohen_kappa

    classes = predictions.shape[1]
    labels = predictions.argmax(dim=1)
    return multiclass_cohen_kappa(labels, targets, classes, weights="quadratic").item()


def _map_at(k: int) -> Score:
    def score(predictions: "Tensor", targets: "Tensor") -> float:
        top = predictions.topk(min(k, predictions.shape[1]), dim=1).indices
        hits = (top == targets[:, None]).double()
        ranks = hits.new_tensor([1 / (i + 1) for i in range(top.shape[1])])
        return (hits * ranks).sum(dim=1).mean().item()

    return score


def _rmse(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the mean of the target columns' RMSE (Kaggle's MCRMSE)."""
    return (predictions - targets).double().square().mean(dim=0).sqrt().mean().item()


def _rmsle(predictions: "Tensor", targets: "Tensor") -> float:
    if bool((targets < 0).any()):
        raise Fault("The metric rmsle needs targets of zero or more.", "Choose `metric: rmse`.")
    return _rmse(predictions.clamp(min=0).log1p(), targets.log1p())


def _mae(predictions: "Tensor", targets: "Tensor") -> float:
    return (predictions - targets).double().abs().mean().item()


def _r2(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.regression import r2_score

    return r2_score(predictions.double(), targets.double()).item()


def _bleu(predictions: list[str], targets: list[str]) -> float:
    """Return BLEU of the whole set, not a mean of rows, from 0 to 100 (Post, sacreBLEU, 2018)."""
    from sacrebleu.metrics.bleu import BLEU

    return float(BLEU().corpus_score(predictions, [targets]).score)


def _chrf(predictions: list[str], targets: list[str]) -> float:
    """Return chrF2 of the whole set, from 0 to 100 (Popović, 2015), as sacreBLEU computes it."""
    from sacrebleu.metrics.chrf import CHRF

    return float(CHRF().corpus_score(predictions, [targets]).score)


@dataclass(frozen=True)
class Metric:
    """A metric: which way is better, what a submission for it holds, and how it is computed.

    Args:
        name: as params.yaml says it.
        maximize: whether more is better.
        prediction: what a submission holds: `label`, `probability`, `value`, `ranking` or `text`.
        score: takes predictions and targets: for classification probabilities `(n, classes)` and
            class indices `(n,)`; for multi-label probabilities and zeros and ones `(n, labels)`;
            for regression values `(n, targets)` twice; for text two lists of strings.
        kaggle_names: Kaggle's names for it, without spaces, in lower case.
        top: how many classes a ranking names.
        log_scale: whether the metric and the loss compare log1p of the values.
        absolute: whether the metric and the loss compare absolute errors.
        tune_threshold: whether the threshold of two classes is fitted on out-of-fold predictions.
    """

    name: str
    maximize: bool
    prediction: str
    score: Score = field(repr=False)
    kaggle_names: tuple[str, ...] = ()
    top: int = 1
    log_scale: bool = False
    absolute: bool = False
    tune_threshold: bool = False

    def better(self, a: float, b: float) -> bool:
        """Return whether a score `a` beats `b`."""
        return a > b if self.maximize else a < b


_ALL = (
    Metric("accuracy", True, "label", _accuracy, ("categorizationaccuracy", "accuracyscore")),
    Metric(
        "log_loss",
        False,
        "probability",
        _log_loss,
        ("logloss", "multiclassloss", "logarithmicloss", "meancolumnwiselogloss", "logloss(eps)"),
    ),
    Metric(
        "auc",
        True,
        "probability",
        _auc,
        (
            "areaunderreceiveroperatingcharacteristiccurve",
            "rocauc",
            "rocaucscore",
            "auroc",
            "meancolumnwiseauc",
            "meancolumnwiserocauc",
            "mcauc",
        ),
    ),
    Metric(
        "f1",
        True,
        "label",
        _f1("samples"),
        ("fscore", "meanfscore", "f1score", "meanf1"),
        tune_threshold=True,
    ),
    Metric(
        "macro_f1",
        True,
        "label",
        _f1("macro"),
        ("macrofscore", "fscore(macro)", "macrof1score"),
        tune_threshold=True,
    ),
    Metric(
        "micro_f1", True, "label", _f1("micro"), ("microfscore", "fscore(micro)", "microf1score")
    ),
    Metric("quadratic_weighted_kappa", True, "label", _kappa, ("qwk", "kappa", "weightedkappa")),
    Metric(
        "rmse",
        False,
        "value",
        _rmse,
        (
            "rootmeansquarederror",
            "rootmeansquareerror",
            "mcrmse",
            "meancolumnwiserootmeansquarederror",
        ),
    ),
    Metric(
        "rmsle",
        False,
        "value",
        _rmsle,
        ("rootmeansquaredlogarithmicerror", "rootmeansquaredlogerror"),
        log_scale=True,
    ),
    Metric("mae", False, "value", _mae, ("meanabsoluteerror",), absolute=True),
    Metric("r2", True, "value", _r2, ("r2score", "rsquared")),
    Metric("map_at_3", True, "ranking", _map_at(3), ("map@3", "meanaverageprecision@3"), top=3),
    Metric("bleu", True, "text", _bleu, ("bleuscore", "sacrebleu", "corpusbleu")),
    Metric("chrf", True, "text", _chrf, ("chrf2", "chrfscore", "characternfscore")),
    Metric("map_at_5", True, "ranking", _map_at(5), ("map@5", "meanaverageprecision@5"), top=5),
)
METRICS = {metric.name: metric for metric in _ALL}


def find_metric(name: str) -> Metric | None:
    """Return the metric of this name, ours (`log_loss`) or Kaggle's (`Multiclass Loss`), or None.

    The project's own metrics are looked for where none of ours has the name.
    """
    plain = _plain(name)

    def first(metrics: Iterable[Metric]) -> Metric | None:
        for metric in metrics:
            if plain in (_plain(metric.name), *map(_plain, metric.kaggle_names)):
                return metric
        return None

    return first(_ALL) or first(_own_metrics())


def _plain(name: str) -> str:
    """Return a name as it is compared: without spaces, hyphens and capitals."""
    return "".join(name.lower().replace("_", " ").replace("-", " ").split())


def _own_metrics() -> tuple[Metric, ...]:
    return tuple(author("metrics", "METRICS", ()))


def get_metric(name: str) -> Metric:
    """Return the metric of this name. Raise `Fault`, with the names there are, if unknown."""
    metric = find_metric(name)
    if metric is None:
        known = ", ".join([*METRICS, *(metric.name for metric in _own_metrics())])
        raise Fault(
            f"The metric {name!r} is not known here.",
            f"Set `metric:` under `competition` in params.yaml to one of: {known}; or define it in "
            "metrics.py of the project's package.",
        )
    return metric
