"""The keys of `data` that every supervised task has. The tasks, and the author, add theirs."""

import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from compete.bounds import NonNegativeInt, PositiveInt, TwoOrMore
from compete.contract import Contract
from compete.training.settings import Settings

_DECISIVE = (
    "slug",
    "problem",
    "metric",
    "target_columns",
    "classes",
    "label_separator",
    "prediction",
)


@dataclass(frozen=True, kw_only=True)
class DataSettings(Settings):
    """The section `data` of params.yaml.

    Args:
        folds: number of folds.
        trained_folds: number of folds to train, starting with the last; 1 is a single hold-out.
        fold_kind: how rows are assigned to folds; `auto` uses the columns below if set or detected,
            else `stratified` by the targets.
        group_column: rows with the same value in this column stay in the same fold.
        time_column: train on the past and validate on the future, in the order of this column.
        batch_size: total batch size over all devices.
        balanced_sampling: sample every class equally often; models that are not trained in batches
            (boosted trees, TF-IDF) weight the classes instead.
        on_bad_row: `refuse` rows without a label or with broken contents, or `skip` and count them.
        num_workers: number of worker processes that load samples; `auto`: by the machine.
    """

    workflow: ClassVar[str] = "compete.supervised"
    portfolio: ClassVar[str] = "compete.portfolio.supervised"
    without_effect: ClassVar[frozenset[str]] = frozenset({"trained_folds", "num_workers"})
    # The kinds of problems (`compete.problems`) that the task's models solve.
    problems: ClassVar[tuple[str, ...]] = ("classification", "multilabel", "regression")
    # Keys that decide what `prepare` makes; the same for all members.
    read_by_prepare: ClassVar[tuple[str, ...]] = (
        "folds",
        "fold_kind",
        "group_column",
        "time_column",
        "on_bad_row",
    )
    # Files of `data/processed` that the prediction of new rows does not read.
    unneeded_by_prediction: ClassVar[tuple[str, ...]] = ("test.*", "test-*")

    folds: TwoOrMore = 5
    trained_folds: PositiveInt | Literal["all"] = "all"
    fold_kind: Literal["auto", "stratified", "grouped", "time", "plain"] = "auto"
    group_column: str | None = None
    time_column: str | None = None
    batch_size: PositiveInt | Literal["auto"] = "auto"
    balanced_sampling: bool = False
    on_bad_row: Literal["refuse", "skip"] = "refuse"
    num_workers: NonNegativeInt | Literal["auto"] = "auto"

    @property
    def skips_bad_rows(self) -> bool:
        """Whether bad rows are left out and counted, rather than refused."""
        return self.on_bad_row == "skip"

    def contract_facts(self) -> list[str]:
        """Return what of the contract decides the weights of a fold."""
        return decisive_facts(Contract.load())


def decisive_facts(contract: Contract) -> list[str]:
    """Return what of a contract decides the weights of a fold."""
    features = (f"{name} {one.kind}" for name, one in contract.features.items())
    return [json.dumps([getattr(contract, key) for key in _DECISIVE]), *features]
