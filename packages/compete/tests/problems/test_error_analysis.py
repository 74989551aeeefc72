"""The numbers of the error analysis, computed by hand."""

from math import log

import polars as pl
import pytest
import torch

from .cases import Make, make_case, oof_table


def test_classes_that_are_confused(contract: Make) -> None:
    problem = make_case("classification", contract).problem
    rows = [[0.82, 0.1, 0.08], [0.3, 0.63, 0.07], [0.24, 0.66, 0.1], [0.1, 0.16, 0.74]]
    table = pl.DataFrame({"y": ["a", "a", "b", "c"]})
    oof = oof_table(problem, table, torch.tensor(rows, dtype=torch.float64))

    found = problem.analyse(oof)
    assert found["prediction"].to_list() == ["a", "b", "b", "c"]
    assert found["correct"].to_list() == [True, False, True, True]
    assert found["confidence"].to_list() == pytest.approx([0.82, 0.63, 0.66, 0.74])
    assert found["loss"].to_list() == pytest.approx([-log(0.82), -log(0.3), -log(0.66), -log(0.74)])
    assert found["surprise"].to_list() == pytest.approx([-1, log(2) + 0.63, -1, -1])

    made = problem.mistakes(oof, None)
    confusion, calibration = made.figures
    cells = confusion.table.filter(pl.col("samples") > 0).rows()
    assert cells == [("a", "a", 1, 0.5), ("a", "b", 1, 0.5), ("b", "b", 1, 1.0), ("c", "c", 1, 1.0)]
    assert "3 of 4" in confusion.text
    assert "a predicted as b (1 of 1)" in confusion.text
    assert calibration.table.rows() == [
        pytest.approx(row) for row in ((0.645, 0.5, 2), (0.74, 1, 1), (0.82, 1, 1))
    ]
    assert f"{(2 * 0.145 + 0.26 + 0.18) / 4:.4f}" in calibration.text
    ((_, each),) = made.tables
    assert each.rows() == [("a", 2, 1.0, 0.5), ("b", 1, 0.5, 1.0), ("c", 1, 1.0, 1.0)]


def test_labels_that_are_missed(contract: Make) -> None:
    problem = make_case("multilabel", contract).problem
    table = pl.DataFrame({"u": [1, 1, 0], "v": [0, 1, 0]})
    rows = [[0.92, 0.22], [0.42, 0.72], [0.12, 0.35]]
    oof = oof_table(problem, table, torch.tensor(rows, dtype=torch.float64))

    found = problem.analyse(oof)
    assert found["target"].to_list() == ["u", "u v", ""]
    assert found["prediction"].to_list() == ["u", "v", ""]
    assert found["correct"].to_list() == [True, False, True]
    assert found["confidence"].to_list() == pytest.approx([0.78, 0.58, 0.65])
    assert found["loss"][1] == pytest.approx(-(log(0.42) + log(0.72)) / 2)
    assert found["surprise"].to_list() == pytest.approx([-1, -log(0.42), -1])

    made = problem.mistakes(oof, None)
    ((_, each),), (calibration,) = made.tables, made.figures
    assert each.rows() == [("u", 2, 1.0, 0.5), ("v", 1, 1.0, 1.0)]
    assert calibration.table["accuracy"].to_list() == [0, 0, 0, 1, 1, 1]
    assert calibration.table["confidence"].to_list() == pytest.approx(
        [0.12, 0.22, 0.35, 0.42, 0.72, 0.92]
    )
    assert f"{(0.12 + 0.22 + 0.35 + 0.58 + 0.28 + 0.08) / 6:.4f}" in calibration.text


def test_values_that_are_far_off(contract: Make) -> None:
    problem = make_case("regression", contract, target_columns=["s"]).problem
    values = torch.tensor([[1.0], [2.0], [5.0], [4.0]], dtype=torch.float64)
    oof = oof_table(problem, pl.DataFrame({"s": [1.0, 2.0, 3.0, 6.0]}), values)

    found = problem.analyse(oof)
    assert found["target"].to_list() == ["1", "2", "3", "6"]
    assert found["prediction"].to_list() == ["1", "2", "5", "4"]
    assert found["loss"].to_list() == pytest.approx([0, 0, 2 / 3.5**0.5, 2 / 3.5**0.5])
    assert found["correct"].null_count() == found["confidence"].null_count() == 4

    (residuals,) = problem.mistakes(oof, None).figures
    assert residuals.table["samples"].sum() == 4
    assert "a mean of 0 " in residuals.text
    assert "1.4142" in residuals.text


def test_texts_by_length_and_by_group(contract: Make) -> None:
    problem = make_case("translation", contract).problem
    texts = ["oui", "non", "le petit chat noir dort sur le lit", "il pleut"]
    train = pl.DataFrame({"fr": texts, "topic": ["talk", "talk", "cats", None], "en": list("abcd")})
    oof = oof_table(problem, train, ["oui", "abc", *texts[2:]])

    found = problem.analyse(oof)
    assert found["correct"].to_list() == [True, False, True, True]
    assert found["loss"].to_list() == pytest.approx([0, 100, 0, 0])
    assert found["surprise"].arg_max() == 1

    tables = dict(problem.mistakes(oof, train).tables)
    short, middle = tables["By the length of the translation"].rows()
    assert short[:2] == ("up to 5 words", 3)
    assert short[2] < 100
    assert middle == ("6 to 10 words", 1, pytest.approx(100))
    assert [row[:2] for row in tables["By topic"].rows()] == [("cats", 1), ("none", 1), ("talk", 2)]
