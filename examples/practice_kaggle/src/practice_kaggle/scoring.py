"""Reads a submission as Kaggle does, and scores it, or refuses it in Kaggle's words."""

from pathlib import Path

import numpy as np
import polars as pl

from .datafiles import sample_submission
from .db import Scores
from .errors import BadSubmission, PracticeError
from .metric_names import Metric
from .metrics import Array, compute
from .settings import Settings

_SHOWN_KEYS = 5
_PARQUET = b"PAR1"  # how such a file begins


class Scorer:
    """The solution and the metric of one practice folder.

    Args:
        folder: the practice folder.
        settings: its competition.yaml.
        metric: what scores.

    Raises:
        PracticeError: solution.csv does not fit.
    """

    def __init__(self, folder: Path, settings: Settings, metric: Metric) -> None:
        self.metric = metric
        path = folder / "private" / "solution.csv"
        solution = _read_csv(path)
        usage = next((c for c in solution.columns if c.lower() == "usage"), None)
        self.key = settings.id_column
        if usage is None or self.key not in solution.columns:
            raise PracticeError(f"{path} needs the columns {self.key!r} and 'Usage'.")
        own = [c for c in solution.columns if c not in (self.key, usage)]
        # target_columns may name the columns of train.csv; then the solution's own names count.
        wanted = settings.target_columns
        self.targets = wanted if wanted and set(wanted) <= set(own) else own
        self.columns = _sample_columns(folder, self.key) or self.targets
        if set(self.columns) == set(self.targets):
            self.columns = self.targets
        self._keys = solution[self.key]
        self._truth = self._true_values(solution)
        self._usage = solution[usage].str.to_lowercase().to_numpy()

    def score(self, path: Path) -> Scores:
        """Return the scores of a CSV file. Raise `BadSubmission` if it can't be scored."""
        prediction = self._predicted_values(self._aligned(path))
        return Scores(
            *(self._score_rows(prediction, self._usage == part) for part in ("public", "private"))
        )

    def _score_rows(self, prediction: Array, rows: Array) -> float | None:
        if not rows.any():
            return None
        try:
            return compute(self.metric, self._truth[rows], prediction[rows])
        except ValueError as error:
            raise BadSubmission(f"Evaluation Exception: {error}") from None

    def _aligned(self, path: Path) -> pl.DataFrame:
        """Return the submission's rows in the order of the solution."""
        frame = _read_submission(path)
        if missing := [c for c in (self.key, *self.columns) if c not in frame.columns]:
            raise BadSubmission(
                "\n".join(f"ERROR: Required column '{c}' could not be found" for c in missing)
            )
        if frame.height != len(self._keys):
            raise BadSubmission(
                f"Evaluation Exception: Submission must have {len(self._keys)} rows"
            )
        keys = frame[self.key]
        if keys.n_unique() != len(keys):
            row = int(np.argmin(keys.is_first_distinct().to_numpy()))
            raise BadSubmission(
                f"ERROR: The value '{keys[row]}' in the key column '{self.key}' has already been "
                f"defined (Line {row + 2}, Column {frame.columns.index(self.key) + 1})"
            )
        # As many unique keys as are required: one that is unknown leaves a required one missing.
        lost = self._keys.filter(~self._keys.is_in(keys.implode()))
        if len(lost):
            where = f"in the '{self.key}' column"
            texts = [f"ERROR: Unable to find {len(lost)} required key values {where}"]
            for key in lost.head(_SHOWN_KEYS):
                texts.append(f"ERROR: Unable to find the required key value '{key}' {where}")
            raise BadSubmission("\n".join(texts))
        return pl.DataFrame({self.key: self._keys}).join(
            frame, on=self.key, how="left", maintain_order="left"
        )

    def _predicted_values(self, frame: pl.DataFrame) -> Array:
        values = frame.select(self.columns)
        for column in self.columns:
            text = values[column].str.strip_chars().str.to_lowercase()
            if text.is_in(["", "nan"]).fill_null(True).any():
                raise BadSubmission("Evaluation Exception: Submission contains null values")
        if self.metric.kind == "text":
            return values.to_numpy()
        ordinal = self.metric.name == "quadratic_weighted_kappa"
        if self.metric.kind in ("label", "ranking") and not ordinal:
            return values.select(_canonical(c) for c in self.columns).to_numpy()
        for column in self.columns:
            number = values[column].cast(pl.Float64, strict=False)
            bad = (number.is_null() | ~number.is_finite()).fill_null(True)
            if bad.any():
                row = int(np.argmax(bad.to_numpy()))
                raise BadSubmission(
                    f"ERROR: Unable to parse '{values[column][row]}' as a number in column "
                    f"'{column}' (key '{frame[self.key][row]}')"
                )
        numbers = values.cast(pl.Float64).to_numpy()
        if self.metric.name == "rmsle" and (numbers < 0).any():
            raise BadSubmission("Evaluation Exception: Submission contains negative values")
        return numbers

    def _true_values(self, solution: pl.DataFrame) -> Array:
        truth = solution.select(self.targets)
        if self.metric.kind == "text":
            return truth.to_numpy()
        if self.metric.kind in ("label", "ranking"):
            return truth.select(_canonical(c) for c in self.targets).to_numpy()
        if len(self.targets) == 1 and len(self.columns) > 1:  # a class name per row: one-hot
            names = truth[self.targets[0]].to_numpy()
            classes = self._classes(set(names))
            one_hot: Array = names[:, None] == np.array(classes)[None, :]
            return one_hot.astype(float)
        return truth.cast(pl.Float64).to_numpy()

    def _classes(self, present: set[str]) -> list[str]:
        """Return the class of each submission column: its name, perhaps without a prefix."""
        if present <= set(self.columns):
            return self.columns
        shared = _common_prefix(self.columns)
        bare = [column.removeprefix(shared) for column in self.columns]
        if present <= set(bare):
            return bare
        raise PracticeError(
            f"The classes of solution.csv ({', '.join(sorted(present)[:5])} ...) are not the "
            f"columns of the sample submission ({', '.join(self.columns[:5])} ...)."
        )


def _common_prefix(names: list[str]) -> str:
    low, high = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
    return low[:same]


def _canonical(column: str) -> pl.Expr:
    """Return labels as text in which 3, 3.0 and "3" are the same label, as they are to Kaggle."""
    return pl.col(column).str.strip_chars().str.replace(r"^(-?\d+)\.0+$", "$1")


def _read_csv(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise PracticeError(
            f"{path} is missing: without the solution nothing can be scored."
        ) from None


def _read_submission(path: Path) -> pl.DataFrame:
    try:
        with path.open("rb") as file:
            parquet = file.read(len(_PARQUET)) == _PARQUET
        if parquet:  # numbers as text keep all their digits
            return pl.read_parquet(path).cast(pl.String)
        return pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise BadSubmission("ERROR: The submission could not be parsed as a CSV file") from None


def _sample_columns(folder: Path, key: str) -> list[str]:
    path = sample_submission(folder)
    if path is None:
        return []
    header = pl.read_csv(path, infer_schema=False, n_rows=0).columns
    return [column for column in header if column != key]
