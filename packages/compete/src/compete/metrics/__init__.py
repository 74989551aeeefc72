"""Kaggle's metrics with Kaggle's names: direction, required kind of prediction, and computation.

The values come from torchmetrics, SciPy, scikit-learn and sacreBLEU, imported only when a score is
computed. A project adds its own in the module `metrics` of its package.
"""

from compete.metrics.kaggle_names import caution
from compete.metrics.metric import Metric
from compete.metrics.registry import (
    METRICS,
    find_metric,
    fitting_metrics,
    get_metric,
    is_other_metric,
    refuse_own_name,
    unknown_metric,
)

__all__ = [
    "METRICS",
    "Metric",
    "caution",
    "find_metric",
    "fitting_metrics",
    "get_metric",
    "is_other_metric",
    "refuse_own_name",
    "unknown_metric",
]
