"""Rows of different length in one flat array, read from disk as they are needed."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compete.processed import read_array


class Ragged:
    """Rows of whole numbers that `write_rows` left under a name.

    Args:
        folder: where they lie.
        name: of these rows.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / f"{name}.npy"
        self.flat: NDArray[Any] = read_array(self.file)
        self.starts: NDArray[np.int64] = read_array(folder / f"{name}-starts.npy", mapped=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the mapped array: a process that is spawned maps its file again."""
        return {key: value for key, value in self.__dict__.items() if key != "flat"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.flat = read_array(self.file)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How long each row is."""
        return np.diff(self.starts)

    def __getitem__(self, row: int) -> NDArray[np.int64]:
        return np.asarray(self.flat[self.starts[row] : self.starts[row + 1]], dtype=np.int64)


def write_rows(folder: Path, name: str, rows: list[list[int]]) -> None:
    """Keep rows of whole numbers for `Ragged`."""
    values = [np.array(row, dtype=np.int32) for row in rows]
    lengths = [0, *(len(row) for row in values)]
    np.save(folder / f"{name}.npy", np.concatenate(values))
    np.save(folder / f"{name}-starts.npy", np.cumsum(lengths, dtype=np.int64))
