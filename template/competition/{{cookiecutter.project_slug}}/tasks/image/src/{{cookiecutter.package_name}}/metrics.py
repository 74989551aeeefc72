"""Metrics of your own: add one to `METRICS`, and set `metric:` in params.yaml to its name.

    def recall_at_precision(predictions: Tensor, targets: Tensor) -> float: ...

    METRICS = [Metric("recall_at_precision", True, "probability", recall_at_precision)]

`compete.metrics.Metric` tells what a metric is given and what its fields mean.
"""

from compete.metrics import Metric

METRICS: list[Metric] = []
