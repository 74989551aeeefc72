"""Predicts batches of test rows one after another, with the models kept in memory."""

from pathlib import Path
from typing import Any

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.supervised.hidden import predict_hidden
from compete.supervised.module import CompetitionModule

_OUT = Path("batch.csv")


class BatchPredictor:
    """Predicts batches in a project's folder, whose files of test rows it replaces.

    Args:
        precision: of prediction, as Lightning names it.
        batch_size: samples at once.

    Raises:
        Fault: the test rows lie in no table of their own.
    """

    def __init__(self, precision: str | None = None, batch_size: int | None = None) -> None:
        self.options: dict[str, Any] = {"precision": precision, "batch_size": batch_size}
        self.contract = Contract.load()
        self.models: dict[tuple[str, int], CompetitionModule] = {}
        uses = self.contract.tables.items()
        found = [Path(path) for path, use in uses if use.startswith("the rows to predict")]
        if not found:
            raise Fault(
                "The test rows of this competition are not in a separate table.",
                "Write a function `predict` in src/<package>/serve.py that predicts a batch.",
            )
        self.test = found[0]

    def predict(self, *tables: Any) -> Any:
        """Return the predictions for a batch, as the columns of the submission.

        Args:
            tables: the rows, and perhaps the sample submission for them, in any order: Kaggle's
                gateways differ in it. Tables of polars or pandas; the result is of the same kind.

        Raises:
            Fault: none of the tables has more than the columns of the submission.
        """
        batch = [_as_polars(table) for table in tables]
        columns = set(self.contract.submission_columns)
        samples = [table for table in batch if set(table.columns) == columns]
        others = [table for table in batch if set(table.columns) != columns]
        if not others:
            raise Fault(
                "The inference server gave a batch without test rows.",
                "Write a function `predict` in src/<package>/serve.py that answers a batch.",
            )
        rows = others[0]
        asked = samples[0] if samples else self._sample(rows)
        _replace(self.test, rows)
        _replace(Path(self.contract.sample_submission), asked)
        predict_hidden(_OUT, models=self.models, **self.options)
        made = pl.read_csv(_OUT, schema_overrides=self._types(asked))
        return made if isinstance(tables[0], pl.DataFrame) else made.to_pandas()

    def _types(self, asked: pl.DataFrame) -> dict[str, Any]:
        """Return the types of columns, which would be guessed anew for each batch."""
        contract = self.contract
        types: dict[str, Any] = dict(asked.drop(contract.value_columns, strict=False).schema)
        names = any(isinstance(one, str) for one in contract.classes)
        if contract.prediction in ("text", "ranking") or (contract.prediction == "label" and names):
            types |= dict.fromkeys(contract.value_columns, pl.String)
        elif contract.prediction in ("probability", "value"):
            types |= dict.fromkeys(contract.value_columns, pl.Float64)
        return types

    def _sample(self, rows: pl.DataFrame) -> pl.DataFrame:
        given = [name for name in self.contract.submission_columns if name in rows.columns]
        values = [pl.lit(0).alias(name) for name in self.contract.value_columns]
        table = rows.select(given).with_columns(values)
        return table.select(self.contract.submission_columns)


def _as_polars(table: Any) -> pl.DataFrame:
    return table if isinstance(table, pl.DataFrame) else pl.from_pandas(table)


def _replace(path: Path, table: pl.DataFrame) -> None:
    """Write a table in place of what may be a link to a read-only file."""
    path.unlink(missing_ok=True)
    if path.suffix.lower() == ".parquet":
        table.write_parquet(path)
    else:
        table.write_csv(path)
