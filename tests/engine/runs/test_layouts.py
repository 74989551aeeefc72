"""From files to a valid submission: every layout, every kind of problem, no code changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .harness import Workspace, write_columns, write_files, write_folders, write_record

ROWS, TEST = 150, 30
VERBS = ("prepare", "train", "predict", "validate submissions/submission.csv")
DIGITS = ",".join(f"is_{digit}" for digit in range(10))


def columns(folder: Path) -> None:
    """A label and pixels in columns."""
    write_columns(folder, ROWS, TEST)


def files(header: str, label: Callable[[int], str], sample: str) -> Callable[[Path], None]:
    """A table beside files."""
    return lambda folder: write_files(folder, ROWS, TEST, header, label, sample)


def folders(sample: str) -> Callable[[Path], None]:
    """A folder for each class."""
    return lambda folder: write_folders(folder, ROWS, TEST, sample)


CASES: dict[str, tuple[Callable[[Path], None], str, tuple[str, str]]] = {
    "columns, accuracy": (columns, "Categorization Accuracy", ("classification", "accuracy")),
    "columns, kappa": (
        columns,
        "Quadratic Weighted Kappa",
        ("classification", "quadratic_weighted_kappa"),
    ),
    "columns, values": (columns, "Root Mean Squared Error", ("regression", "rmse")),
    "files, log loss": (
        files("id,digit", str, f"id,{DIGITS}"),
        "Multiclass Loss",
        ("classification", "log_loss"),
    ),
    "files, ranking": (
        files("id,digit", lambda digit: f"d{digit}", "id,digit"),
        "MAP@3",
        ("classification", "map_at_3"),
    ),
    "files, labels": (
        files("id,odd,large", lambda digit: f"{digit % 2},{int(digit > 4)}", "id,odd,large"),
        "Mean Columnwise AUC",
        ("multilabel", "auc"),
    ),
    "files, tags": (
        files(
            "id,tags",
            lambda digit: ("odd" if digit % 2 else "even") + " large" * (digit > 4),
            "id,tags",
        ),
        "Mean F-Score",
        ("multilabel", "f1"),
    ),
    "files, several values": (
        files("id,u,v", lambda digit: f"{digit / 2},{100 - digit}", "id,u,v"),
        "MCRMSE",
        ("regression", "rmse"),
    ),
    "folders, accuracy": (
        folders("file,label"),
        "Categorization Accuracy",
        ("classification", "accuracy"),
    ),
    "folders, log loss": (
        folders("file," + ",".join(f"digit {digit}" for digit in range(10))),
        "Multiclass Loss",
        ("classification", "log_loss"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_competition_runs_without_a_change_of_code(
    make: Callable[..., Workspace], case: str
) -> None:
    write, metric, expected = CASES[case]
    work = make("work", trainer={"logger": False, "max_epochs": 1})
    write(work.path)
    write_record(work.path, metric)
    done = work.run(*VERBS)
    assert "no faults" in done.out
    cv = work.json("reports/metrics.json")["cv"]
    assert (cv["metric"], cv["rows"]) == (expected[1], ROWS)
    assert f"problem          {expected[0]}" in done.err
    assert "Kaggle's record" in done.err
    submission = (work.path / "submissions/submission.csv").read_text(encoding="utf-8")
    sample = (work.path / "data/raw/sample_submission.csv").read_text(encoding="utf-8")
    first = [[line.split(",")[0] for line in text.splitlines()] for text in (submission, sample)]
    assert first[0] == first[1]
