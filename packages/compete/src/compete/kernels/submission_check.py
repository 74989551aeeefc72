"""Whether the submission of a rehearsal is one for the hidden test set, and predicts as at home."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import KERNEL, ROW_ID, SUBMISSION
from compete.kernels.hidden_data import HiddenTest
from compete.supervised.validate import validate

LOG = KERNEL / "rehearsal.log"


def check_submission(contract: Contract, test: HiddenTest, submission: Path) -> list[Fault]:
    """Return what Kaggle would refuse.

    Args:
        contract: what the competition asks for.
        test: the hidden test set.
        submission: what the notebook wrote, if it did.
    """
    if not submission.is_file():
        return [
            Fault(
                "The notebook wrote no submission.csv.",
                f"Write it to the folder WORKING, as `compete kernel build` does; see {LOG}.",
            )
        ]
    hidden = replace(contract, sample_submission=str(test.sample), rows=test.rows)
    verdict = validate(submission, hidden)
    if not verdict.faults:
        return []
    column = contract.id_column
    table = pl.read_csv(submission, infer_schema=False)
    visible = set(contract.read_sample()[ROW_ID])
    if test.twins and column in table.columns and set(table[column]) <= visible:
        return [
            Fault(
                "The submission has the ids of the visible test set: the notebook does not read "
                "the test set that lies there when Kaggle reruns it.",
                "Read the test set from the folder of the competition's data in each run, and "
                "ship no predictions or test rows with the data set.",
            )
        ]
    return [
        Fault(f"Kaggle would refuse the submission: {fault}.", f"See {LOG}.")
        for fault in verdict.faults
    ]


def difference(contract: Contract, test: HiddenTest, submission: Path) -> float | None:
    """Return how far the predictions are from those that `compete predict` made of the same rows.

    Args:
        contract: what the competition asks for.
        test: which hidden rows are which visible ones.
        submission: the predictions for the hidden rows.

    Returns:
        The largest difference; of labels and texts the part that differs. None if nothing is known.
    """
    key = contract.id_column
    if key is None or not SUBMISSION.is_file() or not test.twins:
        return None
    first: dict[str, str] = {}
    for new, old in test.twins.items():
        first.setdefault(old, new)
    pairs = pl.DataFrame({"old": list(first), "new": list(first.values())})
    both = pairs.join(
        pl.read_csv(SUBMISSION, infer_schema=False), left_on="old", right_on=key
    ).join(pl.read_csv(submission, infer_schema=False), left_on="new", right_on=key, suffix=" now")
    if both.is_empty():
        return None
    worst = 0.0
    for name in contract.value_columns:
        before, now = both[name], both[f"{name} now"]
        if contract.prediction in ("label", "text"):
            worst = max(worst, float((before != now).to_numpy().mean()))
        else:
            apart = (before.cast(pl.Float64) - now.cast(pl.Float64)).abs().to_numpy()
            worst = max(worst, float(apart.max(initial=0)))
    return worst
