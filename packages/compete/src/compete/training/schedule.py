"""The learning rate over the steps: warm-up, cosine, and layers that join later."""

import math
from collections.abc import Callable, Sequence

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def warm_cosine(
    optimizer: Optimizer, steps: int, warmup: float, starts: Sequence[float]
) -> LambdaLR:
    """Linear warm-up, then a cosine to zero (Loshchilov and Hutter, SGDR, 2017), by the step.

    Args:
        optimizer: its rates are the peaks.
        steps: how many steps the training has.
        warmup: the part of them in which the rate rises.
        starts: for each parameter group, the part of the steps before which it stands still.
    """
    warm = max(1, round(warmup * steps))

    def factor(start: float) -> Callable[[int], float]:
        def at(step: int) -> float:
            if step < start * steps:
                return 0.0
            if step < warm:
                return (step + 1) / warm
            return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, steps - warm))))

        return at

    return LambdaLR(optimizer, [factor(start) for start in starts])
