"""What the competition asks for: one typed contract, read in one place (`contract.yaml`)."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from compete.errors import Fault
from compete.files import CONTRACT, read_yaml, write_text
from compete.metrics import Metric, get_metric

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Competition:
    """The section `competition` of params.yaml: what the author says of the competition.

    Args:
        slug: the competition's name in its address on kaggle.com.
        metric: one of our metric names, or `auto`: what Kaggle says, or the problem's usual one.
        id_column: the column of the sample submission that names a row; by default its first.
        target_columns: the columns of the training table to predict; by default found in the files.
    """

    slug: str
    metric: str = "auto"
    id_column: str | None = None
    target_columns: list[str] | None = None


@dataclass(frozen=True)
class Feature:
    """A column that the model reads.

    Args:
        kind: what its values are, such as `number` or `text`.
        source: how that is known.
    """

    kind: str
    source: str


@dataclass(frozen=True)
class Contract:
    """What a submission must hold and how it is scored; `sources` says where each value is from.

    Args:
        problem: `classification`, `multilabel`, `regression` or `translation` (of text to text).
        target_columns: the columns of the training table that are predicted.
        classes: the label values in the order of the model's outputs; for `multilabel` the labels.
        submission_columns: the header that Kaggle expects, the id first.
        prediction: what the submission holds: `label`, `probability`, `value`, `ranking` or `text`.
        rows: the number of rows of a submission.
        sample_submission: path of a file with the header and the ids that Kaggle expects.
        deadline: ISO 8601 in UTC, if Kaggle named one.
        features: the input columns, each with the `kind` of its values and how that is known.
    """

    slug: str
    title: str
    problem: str
    metric: str
    id_column: str
    target_columns: list[str]
    classes: list[Any]
    submission_columns: list[str]
    prediction: str
    rows: int
    sample_submission: str
    deadline: str | None = None
    max_daily_submissions: int | None = None
    kernels_only: bool = False
    features: dict[str, Feature] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def scoring(self) -> Metric:
        """The metric itself."""
        return get_metric(self.metric)

    def expected_ids(self) -> "pl.DataFrame":
        """Return one column of text: the ids of the sample submission, in its order.

        The sample is CSV in UTF-8, else in Latin-1, or parquet.

        Raises:
            Fault: it is missing, or can't be read.
        """
        import polars as pl  # not on the way to a slug or a metric

        path, columns = Path(self.sample_submission), [self.id_column]
        remedy = "Run `compete download` and `compete prepare` again."
        try:
            if path.suffix.lower() == ".parquet":
                return pl.read_parquet(path, columns=columns).cast(pl.String)
            try:
                table = pl.read_csv(path, columns=columns, infer_schema=False)
            except pl.exceptions.ComputeError:
                table = pl.read_csv(path, columns=columns, infer_schema=False, encoding="latin-1")
            return table.drop_nulls()  # blank lines
        except FileNotFoundError:
            raise Fault(f"{path} is missing.", remedy) from None
        except (pl.exceptions.PolarsError, OSError) as error:
            raise Fault(f"{path} can't be read: {str(error).splitlines()[0]}.", remedy) from None

    def save(self, path: Path = CONTRACT) -> None:
        """Write `contract.yaml`: every value with its source."""
        values = asdict(self)
        sources = values.pop("sources")
        entries = {
            key: {"value": value, "source": sources.get(key, "default")}
            for key, value in values.items()
        }
        header = (
            "# What the competition asks for, as `compete prepare` understood it. Do not edit:\n"
        )
        header += "# to correct a value, set it under `competition` in params.yaml.\n"
        write_text(path, header + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True))

    @classmethod
    def load(cls, path: Path = CONTRACT) -> "Contract":
        """Read `contract.yaml`. Raise `Fault` if it is missing or not what `save` wrote."""
        if not path.exists():
            raise Fault(f"{path} is not there yet.", "Run `compete prepare` first.")
        entries = read_yaml(path)
        try:
            values = {key: entry["value"] for key, entry in entries.items()}
            values["features"] = {k: Feature(**v) for k, v in values["features"].items()}
            return cls(**values, sources={key: entry["source"] for key, entry in entries.items()})
        except (TypeError, KeyError, AttributeError):
            raise Fault(
                f"{path} is damaged or was edited.", "Run `compete prepare` again."
            ) from None
