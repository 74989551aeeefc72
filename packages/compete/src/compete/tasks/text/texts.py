"""Texts of all rows as they are, for a model that reads no tokens."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.errors import Fault
from compete.files import digest
from compete.processed import read_rows
from compete.tasks.language.token_cache import keep_facts
from compete.tasks.text.columns import Features
from compete.tasks.text.settings import TextSettings
from compete.training.config import Config


class Texts:
    """The texts and side values of one split, as `keep_texts` left them."""

    def __init__(self, folder: Path, split: str) -> None:
        table = read_rows(texts_file(folder, split))
        self.kinds = [name.partition(" ")[0] for name in table.columns]
        self.rows: list[tuple[str, ...]] = table.rows()
        self.lengths: NDArray[np.int64] = _lengths(table)

    def row(self, row: int) -> tuple[str, ...]:
        """Return the strings of a row, one for each of `kinds`."""
        return self.rows[row]


def texts_file(folder: Path, split: str) -> Path:
    """Return where the texts of a split lie."""
    return folder / f"{split}-texts.parquet"


def keep_texts(
    folder: Path, config: Config[TextSettings], features: Features, tables: dict[str, pl.DataFrame]
) -> None:
    """Write the splits, each column named by its kind and its name, and facts to `folder`.

    Args:
        folder: where to write.
        config: of the member that reads them.
        features: the columns that are read.
        tables: for each split the columns of `features` as strings.

    Raises:
        Fault: weights are asked for.
    """
    if config.model["weights"] != "none":
        raise Fault(
            f"There are no weights for the backbone {config.model['backbone']}.",
            f"Set `weights: none` beside it (member {config.member}).",
        )
    folder.mkdir()
    for split, table in tables.items():
        write_texts(folder, split, features, table)
    whole = [row for table in tables.values() for row in table.iter_rows()]
    keep_facts(
        folder,
        config,
        np.concatenate([_lengths(table) for table in tables.values()]),
        vocabulary=0,
        max_length=0,
        cut={},
        features={name: feature.kind for name, feature in features.items()},
        digest=digest([*features, *(text for row in whole for text in row)]),
    )


def write_texts(folder: Path, split: str, features: Features, table: pl.DataFrame) -> None:
    """Write the columns of a split for `Texts`, each named by its kind and its name."""
    named = table.rename({name: f"{feature.kind} {name}" for name, feature in features.items()})
    named.write_parquet(texts_file(folder, split))


def _lengths(table: pl.DataFrame) -> NDArray[Any]:
    """Return how many words the columns of each row have together."""
    words = table.select(pl.sum_horizontal(pl.all().str.count_matches(r"\S+").cast(pl.Int64)))
    return words.to_series().to_numpy()
