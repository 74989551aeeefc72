"""How far generated images are from real ones: FID, KID and MiFID, by torchmetrics."""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchmetrics import Metric
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance
from torchmetrics.image.mifid import MemorizationInformedFrechetInceptionDistance

_SUBSETS, _SUBSET_SIZE = 50, 500  # of KID
_SEED = 0  # KID draws its subsets at random


class _Given(nn.Module):
    """Stands for an extractor whose features are known already.

    Args:
        num_features: of an image, as torchmetrics asks.
    """

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        """Return what it is given."""
        return features


def measure(real: Tensor, made: Tensor) -> dict[str, float]:
    """Return the distances between features of real and of generated images.

    Args:
        real: (n, features).
        made: (m, features).

    Returns:
        `fid` (Heusel et al., 2017), `kid` (Bińkowski et al., 2018), and `mifid` (Bai et al., 2021):
        `fid`, divided by the mean distance to the nearest real image where that is below 0.1.
    """
    width, smaller = real.shape[1], min(len(real), len(made))
    subset = min(_SUBSET_SIZE, smaller)
    given = _Given(width)
    return {
        "fid": frechet(real, made),
        "kid": float(
            _compute(
                lambda: KernelInceptionDistance(given, subsets=_SUBSETS, subset_size=subset),
                real,
                made,
            )[0]
        ),
        "mifid": float(
            _compute(lambda: MemorizationInformedFrechetInceptionDistance(given), real, made)
        ),
    }


def frechet(real: Tensor, made: Tensor) -> float:
    """Return the Fréchet distance between features of real and of generated images.

    Args:
        real: (n, features).
        made: (m, features).
    """
    value = _compute(lambda: FrechetInceptionDistance(_Given(real.shape[1])), real, made)
    return max(0.0, float(value))  # rounding can lead below


def _compute(make: Callable[[], Metric], real: Tensor, made: Tensor) -> Tensor:
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that features are kept in memory
        torch.manual_seed(_SEED)
        metric = make()
        metric.update(real.double(), real=True)
        metric.update(made.double(), real=False)
        value: Tensor = metric.compute()
    return value
