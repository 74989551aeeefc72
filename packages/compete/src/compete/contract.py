"""What the competition asks for: one typed contract, read in one place (`contract.yaml`)."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from compete.errors import Fault
from compete.files import CONTRACT, ROW_ID, read_yaml, write_text
from compete.metrics import Metric, get_metric
from compete.typed import make_typed

if TYPE_CHECKING:
    import polars as pl


_HEADER = """\
# The competition's requirements, as inferred by `compete prepare`. Do not edit:
# to correct a value, set its key in params.yaml.
"""


@dataclass(frozen=True)
class Competition:
    """The section `competition` of params.yaml.

    Args:
        slug: the competition's name in its address on kaggle.com.
        metric: name of a metric, or `auto`: Kaggle's metric, or else the default of the problem.
        id_column: the id column of the sample submission; by default inferred.
        target_columns: the columns of the training table to predict; by default inferred.
        positive_class: in binary classification, the class whose probability is predicted.
        train_table: the file of the training rows in data/raw; by default inferred, as are the
            other files.
        test_table: the file of the test rows.
        label_table: the file of the labels, if it is separate from the training rows.
        sample_table: the sample submission.
    """

    slug: str
    metric: str = "auto"
    id_column: str | None = None
    target_columns: list[str] | None = None
    positive_class: str | int | float | bool | None = None
    train_table: str | None = None
    test_table: str | None = None
    label_table: str | None = None
    sample_table: str | None = None


@dataclass(frozen=True)
class SourcedContract:
    """A contract saved in `contract.yaml`, with the source of each value.

    Args:
        sources: where each value is from.
    """

    sources: dict[str, str] = field(default_factory=dict, compare=False, kw_only=True)

    def save(self, path: Path = CONTRACT) -> None:
        """Write `contract.yaml`: every value with its source."""
        values = asdict(self)
        sources = values.pop("sources")
        entries = {
            key: {"value": value, "source": sources.get(key, "default")}
            for key, value in values.items()
        }
        write_text(path, _HEADER + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True))

    @classmethod
    def load(cls, path: Path = CONTRACT) -> Self:
        """Read `contract.yaml`. Raise `Fault` if it is missing or not what `save` wrote."""
        if not path.exists():
            raise Fault(f"{path} is not there yet.", "Run `compete prepare` first.")
        entries = read_yaml(path)
        try:
            values = {key: entry["value"] for key, entry in entries.items()}
            values["sources"] = {key: entry["source"] for key, entry in entries.items()}
            return cls.from_values(values)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise Fault(
                f"{path} is damaged or was edited ({error}).", "Run `compete prepare` again."
            ) from None

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """Make the contract of its values as YAML holds them.

        Raises:
            ValueError: a value is missing, has another type, or is none of the contract's.
        """
        if unknown := set(values) - {item.name for item in fields(cls)}:
            raise ValueError(f"it has a value {min(unknown)!r}")
        return make_typed(cls, values)


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
class Contract(SourcedContract):
    """What a submission must hold and how it is scored; `sources` says where each value is from.

    Args:
        problem: `classification`, `multilabel`, `regression` or `translation` (of text to text).
        id_column: the column of a submission that names its rows; None: their order does.
        target_columns: the columns of the training table that are predicted.
        classes: the label values in the order of the model's outputs, of two the positive one last;
            for `multilabel` the labels.
        submission_columns: the header that Kaggle expects.
        prediction: what the submission holds: `label`, `probability`, `value`, `ranking` or `text`.
        rows: the number of rows of a submission.
        sample_submission: path of a file with the header and the ids that Kaggle expects.
        deadline: ISO 8601 in UTC, if Kaggle named one.
        label_separator: what stands between the labels of a row that are written in one column.
        copied_columns: columns of the submission that repeat the sample's values.
        tables: the files of tables, each with what it is used for.
        features: the input columns, each with the `kind` of its values and how that is known.
    """

    slug: str
    title: str
    problem: str
    metric: str
    id_column: str | None
    target_columns: list[str]
    classes: list[Any]
    submission_columns: list[str]
    prediction: str
    rows: int
    sample_submission: str
    deadline: str | None = None
    max_daily_submissions: int | None = None
    kernels_only: bool = False
    label_separator: str = " "
    copied_columns: list[str] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    features: dict[str, Feature] = field(default_factory=dict)

    @property
    def scoring(self) -> Metric:
        """The metric itself."""
        return get_metric(self.metric)

    @property
    def value_columns(self) -> list[str]:
        """The columns of the submission that are predicted."""
        given = {self.id_column, *self.copied_columns}
        return [name for name in self.submission_columns if name not in given]

    def read_sample(self) -> "pl.DataFrame":
        """Return the sample submission as text, with the column `ROW_ID` that names its rows.

        Raises:
            Fault: it is missing, or can't be read.
        """
        import polars as pl  # not on the way to a slug or a metric

        from compete.table_files import read_text

        path = Path(self.sample_submission)
        try:
            table = read_text(path)
            if self.id_column is None:
                return table.with_columns(pl.Series(ROW_ID, range(table.height)).cast(pl.String))
            named = pl.col(self.id_column)
            return table.filter(named.is_not_null()).with_columns(named.alias(ROW_ID))
        except FileNotFoundError:
            what = f"{path} is missing."
        except pl.exceptions.ColumnNotFoundError:
            what = f"{path} has no column {self.id_column!r} any more."
        raise Fault(what, "Run `compete download` and `compete prepare` again.")
