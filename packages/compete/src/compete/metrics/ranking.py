"""Metrics of rankings: each row lists its most likely classes, one of which is correct."""

from collections.abc import Callable
from math import log2
from typing import TYPE_CHECKING

from compete.metrics.metric import Family, Metric, Score

if TYPE_CHECKING:
    from torch import Tensor


def _at(k: int, gain: Callable[[int], float]) -> Score:
    """Return the mean of the gains: what the right class earns at its place, from 1 to `k`."""

    def score(predictions: "Tensor", targets: "Tensor") -> float:
        top = predictions.topk(min(k, predictions.shape[1]), dim=1).indices
        hits = (top == targets[:, None]).double()
        gains = hits.new_tensor([gain(place + 1) for place in range(top.shape[1])])
        return (hits * gains).sum(dim=1).mean().item()

    return score


def _map_at(name: str, k: int) -> Metric:
    """Return MAP@K, which with one right class is the mean of one over its place."""
    return Metric(name, True, "ranking", _at(k, lambda place: 1 / place), top=k)


def _ndcg_at(name: str, k: int) -> Metric:
    """Return NDCG@K (Järvelin and Kekäläinen, 2002) with one right class."""
    return Metric(name, True, "ranking", _at(k, lambda place: 1 / log2(place + 1)), top=k)


def _error_at(name: str, k: int) -> Metric:
    """Return the share of rows whose class is not among the first K: Kaggle's best error at K."""
    hits = _at(k, lambda place: 1)
    return Metric(name, False, "ranking", lambda p, t: 1 - hits(p, t), top=k)


def _is_count(k: float) -> bool:
    return k >= 1 and float(k).is_integer()


FAMILIES = (
    Family("map_at", "K", 5, _map_at, "(?:map|meanaverageprecision)(?:at)?k*", _is_count),
    Family(
        "ndcg_at",
        "K",
        5,
        _ndcg_at,
        "(?:mean)?(?:ndcg|normalizeddiscountedcumulativegain)(?:at)?k*",
        _is_count,
    ),
    Family("error_at", "K", 5, _error_at, "(?:mean)?(?:best|top)?erroratk*", _is_count),
)
