"""The submission holds what Kaggle asks for: its columns, its ids, its order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from compete.contract import Contract
from compete.errors import Fault
from compete.problems import get_problem
from compete.supervised.submission_table import submission_table

Submit = Callable[..., list[tuple[Any, ...]]]
OUTPUTS = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]])
THREE = {"classes": ["cat", "dog", "eel"]}


@pytest.fixture
def submit(contract: Callable[..., Contract], tmp_path: Path) -> Submit:
    """`submit(predictions, **contract)` gives the rows of a submission for 007, 08 and 9."""

    def run(
        predictions: Any, *, sample: str = "9\n007\n08\n", **changes: Any
    ) -> list[tuple[Any, ...]]:
        columns = changes.setdefault("submission_columns", ["id", "y"])
        changes["sample_submission"] = str(tmp_path / "sample.csv")
        rows = [line + ",0" * (len(columns) - 1) for line in sample.split()]
        text = "\n".join([",".join(columns), *rows, ""])
        (tmp_path / "sample.csv").write_text(text, encoding="utf-8")
        ids = pl.Series(["007", "08", "9"])
        made = submission_table(get_problem(contract(**changes)), ids, predictions)
        assert made.columns == columns
        return made.rows()

    return run


def test_labels_by_kaggles_ids_in_kaggles_order(submit: Submit) -> None:
    assert submit(OUTPUTS, **THREE) == [("9", "dog"), ("007", "cat"), ("08", "eel")]


def test_the_most_probable_class_is_one_where_each_has_a_column(submit: Submit) -> None:
    columns = {"submission_columns": ["id", "cat", "dog", "eel"]}
    assert submit(OUTPUTS, **THREE, **columns)[0] == ("9", 0, 1, 0)


def test_a_probability_for_each_class(submit: Submit) -> None:
    columns = {"submission_columns": ["id", "cat", "dog", "eel"]}
    rows = submit(OUTPUTS, **THREE, **columns, prediction="probability", metric="log_loss")
    assert rows[1] == ("007", 0.7, 0.2, 0.1)


def test_the_probability_of_the_second_of_two_classes(submit: Submit) -> None:
    outputs = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    rows = submit(outputs, prediction="probability", metric="auc")
    assert rows == [("9", 0.8), ("007", 0.1), ("08", 0.4)]


def test_a_ranking_begins_with_the_best(submit: Submit) -> None:
    four = np.array([[0.1, 0.2, 0.3, 0.4]] * 3)
    rows = submit(four, classes=list("abcd"), prediction="ranking", metric="map_at_3")
    assert rows[0] == ("9", "d c b")


def test_labels_in_columns_and_in_one(submit: Submit) -> None:
    labels = {"problem": "multilabel", "metric": "micro_f1", **THREE}
    outputs = np.array([[0.7, 0.6, 0.1], [0.1, 0.3, 0.4], [0.9, 0.9, 0.9]])
    columns = {"submission_columns": ["id", "cat", "dog", "eel"]}
    assert submit(outputs, **labels, **columns) == [
        ("9", 1, 1, 1),
        ("007", 1, 1, 0),
        ("08", 0, 0, 0),
    ]
    assert submit(outputs, **labels) == [
        ("9", "cat dog eel"),
        ("007", "cat dog"),
        ("08", "eel"),
    ]


def test_values(submit: Submit) -> None:
    values = {"problem": "regression", "metric": "rmse", "prediction": "value", "classes": []}
    outputs = np.array([[1.5, -2.0], [2.5, 0.0], [3.5, 1e6]])
    rows = submit(outputs, **values, submission_columns=["id", "u", "v"])
    assert rows == [("9", 3.5, 1e6), ("007", 1.5, -2.0), ("08", 2.5, 0.0)]


def test_strings_are_submitted_as_they_are(submit: Submit) -> None:
    texts = ["un, deux", 'dit "oui"', "🔥 שלום"]
    kind = {"problem": "translation", "prediction": "text", "metric": "bleu", "classes": []}
    assert submit(texts, **kind) == [("9", texts[2]), ("007", texts[0]), ("08", texts[1])]


def test_an_id_that_was_not_predicted_is_refused_by_name(submit: Submit) -> None:
    with pytest.raises(Fault, match=r"1 ids of .* not predicted, first '10'"):
        submit(OUTPUTS, **THREE, sample="9\n10\n")
