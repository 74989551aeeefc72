"""Metrics of values `(n, targets)`; of several columns, the mean over the columns."""

from typing import TYPE_CHECKING, Any

from compete.errors import Fault
from compete.metrics.metric import Family, Metric, Score

if TYPE_CHECKING:
    from torch import Tensor


def _mse(predictions: "Tensor", targets: "Tensor") -> float:
    return (predictions - targets).double().square().mean().item()


def _rmse(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the mean of the target columns' RMSE (Kaggle's MCRMSE)."""
    return (predictions - targets).double().square().mean(dim=0).sqrt().mean().item()


def _of_logs(score: Score, name: str, instead: str) -> Score:
    """Return the score of the values' log1p, where predictions below zero count as zero."""

    def logged(predictions: "Tensor", targets: "Tensor") -> float:
        if bool((targets < 0).any()):
            raise Fault(
                f"The metric {name} needs targets of zero or more.", f"Choose `metric: {instead}`."
            )
        return score(predictions.clamp(min=0).log1p(), targets.log1p())

    return logged


def _mae(predictions: "Tensor", targets: "Tensor") -> float:
    return (predictions - targets).double().abs().mean().item()


def _median_absolute_error(predictions: "Tensor", targets: "Tensor") -> float:
    from sklearn.metrics import median_absolute_error

    return float(median_absolute_error(targets.cpu().numpy(), predictions.cpu().numpy()))


def _mape(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the mean of the errors' shares of the targets: 0.1 is ten percent."""
    from sklearn.metrics import mean_absolute_percentage_error

    found = predictions.double().cpu().numpy()
    return float(mean_absolute_percentage_error(targets.double().cpu().numpy(), found))


def _smape(predictions: "Tensor", targets: "Tensor") -> float:
    """Return SMAPE in percent, from 0 to 200; where both values are 0 it is 0, as Kaggle has it."""
    from torchmetrics.functional.regression import symmetric_mean_absolute_percentage_error

    found = symmetric_mean_absolute_percentage_error(predictions.double(), targets.double())
    return 100 * found.item()


def _rmspe(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the root of the mean squared share, without the targets that are 0, as Kaggle does."""
    known = targets != 0
    if not bool(known.any(dim=0).all()):
        raise Fault("The metric rmspe needs targets other than zero.", "Choose `metric: rmse`.")
    # float32 would round away the error of a target near its prediction
    share = ((predictions - targets).double() / targets.double().where(known, 1)) * known
    return (share.square().sum(dim=0) / known.sum(dim=0)).sqrt().mean().item()


def _r2(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.regression import r2_score

    return r2_score(predictions.double(), targets.double()).item()


def _pearson(predictions: "Tensor", targets: "Tensor") -> float:
    return _correlation(predictions.double().cpu().numpy(), targets.double().cpu().numpy())


def _spearman(predictions: "Tensor", targets: "Tensor") -> float:
    from scipy.stats import rankdata

    ranks = [rankdata(values.cpu().numpy(), axis=0) for values in (predictions, targets)]
    return _correlation(*ranks)


def _correlation(a: Any, b: Any) -> float:
    """Return the mean of the columns' correlations; a constant column has none, which counts 0."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = ((a**2).sum(axis=0) * (b**2).sum(axis=0)) ** 0.5
    return float(((a * b).sum(axis=0) / size.clip(min=1e-300)).mean())


def _gini(predictions: "Tensor", targets: "Tensor") -> float:
    """Return Kaggle's Gini index; where predictions are equal, the earlier row comes first."""
    order = predictions.argsort(dim=0, descending=True, stable=True)
    rows = len(targets)
    lorenz = targets.double().gather(0, order).cumsum(dim=0) / targets.double().sum(dim=0)
    return ((lorenz.sum(dim=0) - (rows + 1) / 2) / rows).mean().item()


def _normalized_gini(predictions: "Tensor", targets: "Tensor") -> float:
    columns = zip(predictions.T[..., None], targets.T[..., None], strict=True)
    each = [(_gini(p, t), _gini(t, t)) for p, t in columns]
    return sum(found / best if best else 0.0 for found, best in each) / len(each)


def _pinball(quantile: float) -> Score:
    """Return the pinball loss of a quantile (Koenker and Bassett, 1978)."""

    def score(predictions: "Tensor", targets: "Tensor") -> float:
        error = (targets - predictions).double()
        return error.mul(quantile).maximum(error.mul(quantile - 1)).mean().item()

    return score


def _quantile(name: str, quantile: float) -> Metric:
    return Metric(name, False, "value", _pinball(quantile), absolute=True, quantile=quantile)


METRICS = (
    Metric("rmse", False, "value", _rmse),
    Metric("rmsle", False, "value", _of_logs(_rmse, "rmsle", "rmse"), log_scale=True),
    Metric("mse", False, "value", _mse),
    Metric("msle", False, "value", _of_logs(_mse, "msle", "mse"), log_scale=True),
    Metric("mae", False, "value", _mae, absolute=True),
    Metric("median_absolute_error", False, "value", _median_absolute_error, absolute=True),
    # Of a share of the target, the loss that comes near is of its logarithm.
    Metric("mape", False, "value", _mape, log_scale=True, absolute=True),
    Metric("smape", False, "value", _smape, ("symmetric mape",), log_scale=True, absolute=True),
    Metric("rmspe", False, "value", _rmspe, log_scale=True),
    Metric("r2", True, "value", _r2, ("r squared", "coefficient of determination")),
    Metric(
        "pearson",
        True,
        "value",
        _pearson,
        ("pearson correlation", "pearson r", "correlation"),
    ),
    Metric(
        "spearman",
        True,
        "value",
        _spearman,
        ("spearman r", "spearman rho", "spearman correlation", "rank correlation"),
    ),
    Metric("gini", True, "value", _gini),
    Metric("normalized_gini", True, "value", _normalized_gini),
)
FAMILIES = (
    Family(
        "quantile",
        "quantile",
        0.9,
        _quantile,
        "(?:mean)?(?:quantile|pinball)(?:loss)?(?:at|alpha|tau|q)?",
        lambda quantile: 0 < quantile < 1,
    ),
)
