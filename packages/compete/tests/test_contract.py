"""The contract lies in a file, with the source of each value; params.yaml says part of it."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from compete.contract import Contract, Feature
from compete.errors import Fault
from compete.files import PARAMS, ROW_ID
from compete.training.config import load_competition

Make = Callable[..., Contract]


def test_the_contract_is_read_as_it_was_written(contract: Make, tmp_path: Path) -> None:
    features = {"größe": Feature("number", "its values")}
    sources = {"title": "Kaggle's record", "classes": "train.csv"}
    made = contract(title="É: 1", classes=["été", "no"], features=features, sources=sources)
    made.save(tmp_path / "contract.yaml")
    read = Contract.load(tmp_path / "contract.yaml")
    assert read == made
    assert {key: read.sources[key] for key in made.sources} == made.sources
    assert b"\r" not in (tmp_path / "contract.yaml").read_bytes()


@pytest.mark.parametrize(
    "text", [None, "slug: x\n", "slug: {value: x, source: y}\n", "[1", "- 1\n"]
)
def test_a_missing_or_spoiled_contract_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "contract.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=r"contract\.yaml"):
        Contract.load(path)


@pytest.mark.parametrize("kind", ["utf-8", "latin-1", "parquet"])
def test_the_expected_ids_are_read_as_text(contract: Make, tmp_path: Path, kind: str) -> None:
    sample, ids = tmp_path / f"sample.{kind}", ["007", "été", "9"]
    if kind == "parquet":
        pl.DataFrame({"y": [0, 0, 0], "id": ids}).write_parquet(sample)
    else:
        rows = "".join(f"ä,{row}\n" for row in ids)
        sample.write_text(f"y,id\n{rows}\n", encoding=kind)
    found = contract(sample_submission=str(sample)).read_sample()
    assert found[ROW_ID].to_list() == ids


@pytest.mark.parametrize("text", [None, "", "other,y\n1,a\n"])
def test_ids_that_can_not_be_read_are_refused(
    contract: Make, tmp_path: Path, text: str | None
) -> None:
    sample = tmp_path / "sample.csv"
    if text is not None:
        sample.write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=r"sample\.csv.*compete download"):
        contract(sample_submission=str(sample)).read_sample()


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ("{slug: x, metrik: auc}", "metrik"),
        ("{metric: auc}", "slug"),
        ("{slug: x, target_columns: label}", "target_columns"),
        ("{slug: 7}", "slug"),
        ("[x]", "competition"),
        ("", "competition"),
    ],
)
def test_a_wrong_competition_section_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    PARAMS.write_text(f"competition: {section}\n", encoding="utf-8")
    with pytest.raises(Fault, match=named):
        load_competition()
