"""Metrics of your own: write a function, add it to `METRICS`, and name it in params.yaml.

    def inverse_error(predictions: Tensor, targets: Tensor) -> float:
        return 1 / (1 + (predictions - targets).abs().mean().item())

    METRICS = [Metric("inverse_error", maximize=True, prediction="value", score=inverse_error)]

`metric: inverse_error` under `competition` is then what folds are validated by, and what the blend,
the threshold, the ledger and the report go by. `compete.metrics.Metric` tells what a metric is
given and what its fields mean.
"""

from compete.metrics import Metric

METRICS: list[Metric] = []
