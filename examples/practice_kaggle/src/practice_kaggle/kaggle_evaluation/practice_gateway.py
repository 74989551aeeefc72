"""The gateway: hands out test rows in batches, checks predictions, writes the submission."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from .core.relay import Client, GatewayError

BATCH_ROWS = 20
SUBMISSION = "submission.parquet"


class PracticeGateway:
    """Asks for the predictions of the test rows of a folder.

    Args:
        folder: of `test.csv` and of the sample submission, which has a row for each of its rows, in
            the same order.
        batch_rows: how many rows `predict` gets at once.
    """

    def __init__(self, folder: Path, batch_rows: int = BATCH_ROWS) -> None:
        self._batch_rows = batch_rows
        self.sample, self.test = (
            pl.read_csv(next(iter(sorted(folder.glob(pattern)))), infer_schema_length=None)
            for pattern in ("*submission*.csv", "test.csv")
        )

    def run(self, client: Client, target: Path) -> None:
        """Write the submission with the predictions of all batches.

        Args:
            client: of the inference server, which is asked for `predict(sample, test)`: Kaggle's
                own gateway for any competition gives the tables in the order of their files' names.
            target: where to write.

        Raises:
            GatewayError: the server failed, or its predictions are not what was asked for.
        """
        parts = []
        for sample, test in self._batches():
            parts.append(self._checked(client.send("predict", sample, test), sample))
        try:
            whole = pl.concat(parts, how="vertical_relaxed")
        except pl.exceptions.PolarsError as error:
            raise GatewayError("INVALID_SUBMISSION", f"types of batches differ: {error}") from None
        whole.write_parquet(target)

    def _batches(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        for start in range(0, self.test.height, self._batch_rows):
            rows = slice(start, start + self._batch_rows)
            yield self.sample[rows], self.test[rows]

    def _checked(self, found: pl.DataFrame, sample: pl.DataFrame) -> pl.DataFrame:
        """Return the columns of the submission, for the rows that were asked for.

        Kaggle's gateway puts its own ids over those that come back, so that rows in another order
        are scored as if they were in order. Here that is an error.
        """
        if found.height != sample.height:
            raise GatewayError(
                "INVALID_SUBMISSION", f"expected {sample.height} rows but received {found.height}"
            )
        key = sample.columns[0]
        if key not in found.columns:
            found = found.with_columns(sample[key])
        if missing := set(sample.columns) - set(found.columns):
            raise GatewayError("INVALID_SUBMISSION", f"no column {', '.join(sorted(missing))}")
        if not found[key].cast(pl.String).equals(sample[key].cast(pl.String)):
            raise GatewayError("INVALID_SUBMISSION", f"{key} is not that of the batch's rows")
        return found.select(sample.columns)
