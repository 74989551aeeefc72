"""Your own metrics: write a function, add it to `METRICS`, and name it in params.yaml.

    def inverse_error(predictions: Tensor, targets: Tensor) -> float:
        return 1 / (1 + (predictions - targets).abs().mean().item())

    METRICS = [Metric("inverse_error", maximize=True, prediction="value", score=inverse_error)]

Set `metric: inverse_error` under `competition` to use it for validation, blending, thresholds, the
ledger and the report. See `compete.metrics.Metric` for the arguments of a metric and its fields.
"""

from compete.metrics import Metric

METRICS: list[Metric] = []
