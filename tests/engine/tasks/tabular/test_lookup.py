"""The tables that the demo's form encodes by are what the encoder does with rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from competitions.tables import competition, people

from compete.contract import Contract
from compete.supervised.prepare import prepare
from compete.tasks.tabular.form import form_columns, typical_rows
from compete.tasks.tabular.lookup import apply_encoding, fold_columns, read_encoding
from compete.training.config import load_config

FEATURES = """def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    means = known.group_by("town").agg(pl.col("y").mean().alias("town_mean"))
    return rows.join(means, on="town", how="left", maintain_order="left").select("town_mean")
"""


@pytest.mark.parametrize(("own", "kind"), [(False, "date"), (True, "date"), (False, "day")])
def test_test_rows_are_encoded_by_tables_as_by_the_encoder(
    own: bool,
    kind: str,
    edit_author: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from compete import project

    edit_author("tabular", *(("features.py", FEATURES) if own else ()))
    rows = people(400).drop("note")
    if kind == "day":
        days = [f"2020-01-{n % 20 + 1:02}" for n in range(rows.height)]
        rows = rows.with_columns(since=pl.Series(days))
    competition(tmp_path, rows)
    monkeypatch.chdir(tmp_path)
    prepare()
    data: Any = project.author("data", "Data").from_config(
        load_config("base", sections=("competition", "seed_everything", "data")),
        Contract.load(),
        0,
    )
    encoding = read_encoding(data)
    rows = data.table["test"]
    rows = rows.hstack(fold_columns(data, rows))
    assert ("town_mean" in encoding["columns"]) == own
    assert encoding["columns"]["since"]["kind"] == kind
    exact = data.encoded["test"]
    for index, row in enumerate(rows.head(30).iter_rows(named=True)):
        numbers, codes = apply_encoding(encoding, row)
        np.testing.assert_allclose(numbers, exact.numbers[index], rtol=1e-5)
        assert codes == exact.codes[index].tolist()
    fields, _, _ = form_columns(data)
    assert {field["name"] for field in fields} == set(encoding["columns"])
    known = data.table["train"].hstack(fold_columns(data, data.table["train"]))
    for example in typical_rows(known, fields, data.problem, data.contract):
        same = [pl.col(name).cast(pl.String) == str(v) for name, v in example["values"].items()]
        assert known.filter(*same).is_empty()  # none is a row of the data
