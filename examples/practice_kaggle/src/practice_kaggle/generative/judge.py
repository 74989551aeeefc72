"""Judges generated images as Kaggle does: by MiFID, the memorisation-informed Fréchet distance.

Kaggle compares the features of Inception, which no package ships. Here they are the activations of
a small classifier that was trained on labelled images of the competition itself.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..metrics import Array

_STORED = ("mean", "covariance", "known", "threshold")
_TINY = 1e-14  # as in Kaggle's public code: what is added to a distance that divides


@dataclass(frozen=True)
class Judge:
    """What judges; `private/judge.npz`.

    Args:
        weights: of the classifier's layers, each (inputs, outputs).
        biases: of the layers.
        mean: of the features of hidden real images.
        covariance: of them.
        known: features of the images that competitors get.
        threshold: the distance to those, in the mean, below which images count as memorised.
    """

    weights: list[Array]
    biases: list[Array]
    mean: Array
    covariance: Array
    known: Array
    threshold: float

    @classmethod
    def train(cls, images: Array, labels: Array, hidden: Array) -> "Judge":
        """Make a judge.

        Args:
            images: those that competitors get, (n, height, width) or (n, height, width, 3), uint8.
            labels: of them.
            hidden: real images that nobody gets, to compare with.
        """
        from sklearn.neural_network import MLPClassifier

        flat, unseen = _flat(images), _flat(hidden)
        model = MLPClassifier((128, 48), max_iter=15, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it need not converge
            model.fit(flat, labels)
        weights, biases = model.coefs_[:-1], model.intercepts_[:-1]
        known, real = (_features(values, weights, biases) for values in (flat, unseen))
        return cls(
            weights=weights,
            biases=biases,
            mean=real.mean(axis=0),
            covariance=np.cov(real, rowvar=False),
            known=known,
            threshold=_nearest(real, known) / 2,
        )

    def save(self, path: Path) -> None:
        """Write the judge."""
        layers = {f"weight{i}": value for i, value in enumerate(self.weights)}
        layers |= {f"bias{i}": value for i, value in enumerate(self.biases)}
        others = {name: np.asarray(getattr(self, name)) for name in _STORED}
        np.savez_compressed(path, allow_pickle=False, **others, **layers)

    @classmethod
    def load(cls, path: Path) -> "Judge":
        """Read what `save` wrote."""
        with np.load(path) as found:
            count = sum(name.startswith("weight") for name in found)
            return cls(
                weights=[found[f"weight{i}"] for i in range(count)],
                biases=[found[f"bias{i}"] for i in range(count)],
                mean=found["mean"],
                covariance=found["covariance"],
                known=found["known"],
                threshold=float(found["threshold"]),
            )

    def score(self, images: Array) -> float:
        """Return the MiFID of images, of the shape of those that the judge was trained on.

        The Fréchet distance to the hidden images (Heusel et al., 2017), divided by the mean cosine
        distance to the nearest known image where that is below the threshold (Bai et al., 2021).
        """
        made = _features(_flat(images), self.weights, self.biases)
        fid = _frechet(self.mean, self.covariance, made.mean(axis=0), np.cov(made, rowvar=False))
        distance = _nearest(made, self.known)
        return fid / (distance + _TINY) if distance < self.threshold else fid


def _flat(images: Array) -> Array:
    flat: Array = images.reshape(len(images), -1).astype(np.float64) / 255
    return flat


def _features(flat: Array, weights: list[Array], biases: list[Array]) -> Array:
    for weight, bias in zip(weights, biases, strict=True):
        flat = np.maximum(flat @ weight + bias, 0)
    return flat


def _frechet(mean: Array, covariance: Array, other_mean: Array, other_covariance: Array) -> float:
    product = np.linalg.eigvals(covariance @ other_covariance)
    root = np.sqrt(np.maximum(product.real, 0)).sum()
    squared = float(((mean - other_mean) ** 2).sum())
    return max(0.0, squared + float(np.trace(covariance) + np.trace(other_covariance) - 2 * root))


def _nearest(features: Array, known: Array) -> float:
    """Return the mean cosine distance to the nearest known image."""
    unit = known / np.maximum(np.linalg.norm(known, axis=1, keepdims=True), _TINY)
    own = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), _TINY)
    parts = np.array_split(own, max(1, len(own) // 1000))
    best = np.concatenate([(part @ unit.T).max(axis=1) for part in parts])
    return float(np.maximum(1 - best, 0).mean())
