"""The tables that the demo's form encodes by are what the encoder does with rows."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from competitions.tables import competition, people
from playwright.sync_api import Browser

from compete.contract import Contract
from compete.export.runtime import WEB
from compete.supervised.prepare import prepare
from compete.tasks.tabular.form import form_columns, typical_rows
from compete.tasks.tabular.lookup import apply_encoding, fold_columns, read_encoding
from compete.training.config import load_config

FEATURES = """def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    means = known.group_by("town").agg(pl.col("y").mean().alias("town_mean"))
    return rows.join(means, on="town", how="left", maintain_order="left").select("town_mean")
"""
ENCODE = """([encoding, row]) => {
    const { numbers, codes } = encode(encoding, row);
    return [[...numbers[1]].map((x) => (Number.isNaN(x) ? null : x)), [...codes[1]].map(Number)];
}"""
Prepare = Callable[[bool], Any]


@pytest.fixture
def prepared(
    edit_author: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Prepare:
    """`prepared(own)` gives a fold's data: columns of every kind, and with `own` the author's."""
    from compete import project

    def run(own: bool) -> Any:
        edit_author("tabular", *(("features.py", FEATURES) if own else ()))
        days = pl.Series("visit", [f"2020-01-{n % 20 + 1:02}" for n in range(400)])
        competition(tmp_path, people(400).drop("note").insert_column(1, days))
        monkeypatch.chdir(tmp_path)
        prepare()
        config = load_config("base", sections=("competition", "seed_everything", "data"))
        return project.author("data", "Data").from_config(config, Contract.load(), 0)

    return run


@pytest.mark.parametrize("own", [False, True])
def test_test_rows_are_encoded_by_tables_as_by_the_encoder(own: bool, prepared: Prepare) -> None:
    data = prepared(own)
    encoding = read_encoding(data)
    kinds = {one["kind"] for one in encoding["columns"].values()}
    assert kinds == {"number", "category", "date", "day"}
    rows = data.table["test"]
    rows = rows.hstack(fold_columns(data, rows))
    assert ("town_mean" in encoding["columns"]) == own
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


def test_the_page_encodes_a_row_as_python_does(prepared: Prepare, chrome: Browser) -> None:
    data = prepared(False)
    encoding = read_encoding(data)
    table = data.table["test"].select(encoding["columns"].keys())
    nothing: dict[str, Any] = dict.fromkeys(table.columns)
    made = [
        nothing,
        nothing | {"visit": datetime(2020, 1, 5, 17, 30), "since": datetime(2020, 12, 31, 23, 59)},
        nothing | {"visit": datetime(2031, 1, 5), "town": "Rom"},
    ]
    page = chrome.new_page()
    page.add_script_tag(content=(WEB / "tabular.js").read_text("utf-8"))
    for row in [*table.iter_rows(named=True), *made]:
        numbers, codes = page.evaluate(ENCODE, [encoding, {k: _field(v) for k, v in row.items()}])
        expected = apply_encoding(encoding, row)
        np.testing.assert_allclose(np.array(numbers, dtype=float), expected[0], rtol=1e-5)
        assert codes == expected[1]


def _field(value: Any) -> Any:
    """Return a value as the field of the form has it."""
    if isinstance(value, datetime):
        return value.isoformat()[:16]
    return str(value).lower() if isinstance(value, bool) else value
