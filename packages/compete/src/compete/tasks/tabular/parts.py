"""Parts of the training rows, one of which a model leaves out to know when to stop."""

import numpy as np
from numpy.typing import NDArray

PARTS = 5


def parts_alike(
    values: NDArray[np.float64], groups: NDArray[np.int64], count: int, seed: int
) -> NDArray[np.int64]:
    """Divide rows into parts that are alike in their targets; rows of a group are not divided.

    Args:
        values: what is predicted, a number of each row `(n,)`.
        groups: the group of each row `(n,)`.
        count: how many parts, or fewer if there are fewer groups.
        seed: of which of two like rows is in which part.

    Returns:
        The part of each row `(n,)`, from 0.
    """
    _, member = np.unique(groups, return_inverse=True)
    if not member.any():  # a single group can't be left out
        member = np.arange(len(values))
    means = np.bincount(member, values) / np.bincount(member)
    order = np.random.default_rng(seed).permutation(len(means))
    order = order[np.argsort(means[order], kind="stable")]
    part = np.empty(len(means), dtype=np.int64)
    part[order] = np.arange(len(means)) % count
    return part[member]
