"""Reads tables and arrays that an earlier command wrote, or tells which one to run again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compete.errors import Fault, first_line

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


def read_rows(path: Path, columns: list[str] | None = None) -> "pl.DataFrame":
    """Return the rows of a parquet file that `compete prepare` wrote.

    Args:
        path: of the file.
        columns: those that are read; None: all.

    Raises:
        Fault: it is missing or damaged.
    """
    import polars as pl

    with readable(path):
        return pl.read_parquet(path, columns=columns)


def read_schema(path: Path) -> "pl.Schema":
    """Return the columns of such a file with their types. Raise `Fault` as `read_rows` does."""
    import polars as pl

    with readable(path):
        return pl.Schema(pl.read_parquet_schema(path))


def read_array(path: Path, *, mapped: bool = True) -> "NDArray[Any]":
    """Return the array of an npy file that `compete prepare` wrote.

    Args:
        path: of the file.
        mapped: read what is asked for only then, by a memory map.

    Raises:
        Fault: it is missing or damaged.
    """
    import numpy as np

    with readable(path):
        found: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        return found


@contextmanager
def readable(path: Path, verb: str = "prepare") -> Iterator[None]:
    """Turn what libraries raise for a missing or damaged file into a `Fault`.

    Args:
        path: the file that the body reads.
        verb: the command that writes it.

    Raises:
        Fault: the body could not read the file.
    """
    from polars.exceptions import PanicException, PolarsError

    try:
        yield
    except FileNotFoundError:
        raise Fault(f"{path} is not there.", f"Run `compete {verb}` first.") from None
    except (PolarsError, PanicException, OSError, ValueError, EOFError) as error:
        raise Fault(
            f"{path} is damaged ({first_line(error).rstrip('.')}).",
            f"Run `compete {verb}` again.",
        ) from None
