"""Files of an earlier command that are missing or torn lead to the command that writes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from compete.errors import Fault
from compete.processed import read_array, read_rows, read_schema


@pytest.mark.parametrize(
    ("name", "read"),
    [("train.parquet", read_rows), ("train.parquet", read_schema), ("train.npy", read_array)],
)
def test_a_torn_file_is_a_fault_wherever_it_was_torn(
    tmp_path: Path, name: str, read: Callable[[Path], Any]
) -> None:
    path = tmp_path / name
    with pytest.raises(Fault, match=rf"{name} is not there.*`compete prepare` first"):
        read(path)
    if path.suffix == ".npy":
        np.save(path, np.zeros((20, 8), np.uint8))
    else:
        pl.DataFrame({"text": [f"row {row}" for row in range(50)]}).write_parquet(path)
    whole = path.read_bytes()
    assert len(read(path))
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(Fault, match=rf"{name} is damaged .*`compete prepare` again"):
            read(path)
