"""The keys of `data` that competitions on tables have besides those of every task."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from compete.bounds import PositiveInt
from compete.supervised.settings import DataSettings


@dataclass(frozen=True, kw_only=True)
class TabularSettings(DataSettings):
    """The section `data` of params.yaml.

    Args:
        batch_size: total batch size over all devices; `auto`: 1/16 of the rows, from 32 to 1,024.
        column_types: overrides for the types of columns in `contract.yaml`, by name; a `day` is a
            date whose day is a category too.
    """

    task: ClassVar[str] = "compete.tasks.tabular"
    read_by_prepare: ClassVar[tuple[str, ...]] = (*DataSettings.read_by_prepare, "column_types")

    batch_size: PositiveInt | Literal["auto"] = "auto"
    column_types: dict[str, Literal["number", "category", "date", "day", "text", "drop"]] = field(
        default_factory=dict
    )
