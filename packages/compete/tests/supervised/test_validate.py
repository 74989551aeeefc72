"""A submission is checked before it is sent: every fault by name and line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compete.contract import Contract
from compete.errors import Fault
from compete.supervised.validate import TableVerdict, validate

Check = Callable[..., TableVerdict]
GOOD = ["id,y", "1,a", "2,b", "3,a", "4,b"]


@pytest.fixture
def check(contract: Callable[..., Contract], tmp_path: Path) -> Check:
    """`check(lines, problem=...)` writes a submission and returns the verdict on it."""

    def run(content: list[str] | bytes, **changes: Any) -> TableVerdict:
        asked = contract(**{"sample_submission": str(tmp_path / "sample.csv")} | changes)
        header = ",".join(asked.submission_columns)
        commas = header.count(",")
        rows = [f"{i}" + ",0" * commas for i in range(1, 5)]
        (tmp_path / "sample.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
        raw = content if isinstance(content, bytes) else "\n".join([*content, ""]).encode()
        (tmp_path / "submission.csv").write_bytes(raw)
        return validate(tmp_path / "submission.csv", asked)

    return run


def probabilities(*rows: str) -> dict[str, Any]:
    """A submission with a column of probabilities for each class."""
    return {
        "content": ["id,p_a,p_b", *(f"{i},{row}" for i, row in enumerate(rows, start=1))],
        "submission_columns": ["id", "p_a", "p_b"],
        "metric": "log_loss",
        "prediction": "probability",
    }


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        [GOOD[0], *reversed(GOOD[1:])],
        "\r\n".join(GOOD).encode(),
        [*GOOD, ""],
    ],
    ids=["as asked", "another order of rows", "Windows line ends", "a blank line"],
)
def test_good_submission(check: Check, content: list[str]) -> None:
    verdict = check(content)
    assert (verdict.rows, verdict.faults, verdict.warnings) == (4, [], [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf" + "\n".join(GOOD).encode(), "byte-order mark"),
        ("\n".join(GOOD).encode("utf-16"), "UTF-16"),
        (b"id,y\n1,a\n2,\xff\n", "line 3: it is not UTF-8"),
        (["id;y", "1;a"], "separated by ';'"),
        (["id,y", "1,a", "2,b,c"], "line 3: 3 fields where the header has 2"),
        (["id,z", "1,a"], "columns missing: 'y'"),
        ([",id,y", "0,1,a", "1,2,b", "2,3,a", "3,4,b"], "index=False"),
        (["y,id", "a,1", "b,2", "a,3", "b,4"], "order of the columns"),
        (GOOD[:-1], "3 rows; 4 are expected"),
        (GOOD[:-1], "missing ids: '4'"),
        ([*GOOD[:-1], "9,b"], "not asked for on line 5 ('9')"),
        ([*GOOD[:-1], "3,b"], "same id again on line 5 ('3')"),
        ([*GOOD[:-1], ",b"], "empty on line 5"),
        ([*GOOD[:-1], "4,"], "column 'y': empty on line 5"),
        ([*GOOD[:-1], "4,c"], "not one of the labels 'a', 'b' on line 5 ('c')"),
    ],
)
def test_fault_is_named(check: Check, content: list[str] | bytes, words: str) -> None:
    assert words in "\n".join(check(content).faults)


def test_first_lines_and_a_count(check: Check) -> None:
    rows = [f"{i},x" for i in range(1, 21)]
    (fault,) = [f for f in check(["id,y", *rows], rows=20).faults if "labels" in f]
    assert "line 2 ('x')" in fault
    assert fault.endswith("and 15 more")


@pytest.mark.parametrize(
    ("value", "words"),
    [("x", "not a number"), ("nan", "NaN"), ("inf", "infinite"), ("", "empty")],
)
def test_numbers(check: Check, value: str, words: str) -> None:
    lines = ["id,y", "1,0.5", "2,-3", "3,1e3", f"4,{value}"]
    (fault,) = check(lines, problem="regression", classes=[], prediction="value").faults
    assert words in fault
    assert "line 5" in fault


def test_probabilities_out_of_range(check: Check) -> None:
    verdict = check(**probabilities("0.5,0.5", "1.2,-0.2", "1,0", "0,1"))
    assert verdict.faults == [
        "column 'p_a': outside [0, 1] on line 3 ('1.2')",
        "column 'p_b': outside [0, 1] on line 3 ('-0.2')",
    ]


@pytest.mark.parametrize("metric", ["auc", "average_precision", "binary_gini"])
def test_auc_and_the_like_take_any_order(check: Check, metric: str) -> None:
    verdict = check(["id,y", "1,-4", "2,7", "3,0", "4,1"], metric=metric, prediction="probability")
    assert verdict.faults == []
    assert "outside [0, 1]" in verdict.warnings[0]


def test_probabilities_that_do_not_add_up(check: Check) -> None:
    verdict = check(**probabilities("0.5,0.5", "0.9,0.9", "1,0", "0,1"))
    assert verdict.faults == []
    assert "line 3 (1.8)" in verdict.warnings[0]


def test_ranking(check: Check) -> None:
    lines = ["id,y", "1,a b", "2,b", "3,a a", "4,a c"]
    faults = check(lines, prediction="ranking", metric="map_at_3").faults
    assert faults == [
        "column 'y': not made of the labels 'a', 'b' on line 5 ('a c')",
        "column 'y': the same label twice in a row on line 4 ('a a')",
    ]


def test_multilabel_columns_hold_zeros_and_ones(check: Check) -> None:
    faults = check(
        ["id,a,b", "1,0,1", "2,1,1", "3,0,2", "4,0.0,1.0"],
        problem="multilabel",
        submission_columns=["id", "a", "b"],
        target_columns=["a", "b"],
    ).faults
    assert faults == ["column 'b': neither 0 nor 1 on line 4 ('2')"]


def test_there_must_be_a_file(contract: Callable[..., Contract], tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no file"):
        validate(tmp_path / "none.csv", contract())
