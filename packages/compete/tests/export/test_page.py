"""The page tells what its models are."""

import json
from pathlib import Path

import pytest
from samples import make_contract

from compete.export import page
from compete.export.demo import Demo
from compete.export.page import Graph, write_page
from compete.export.record import DEMO, Exported, ExportedModel, Int8


@pytest.mark.parametrize("kept", [False, True])
def test_models_in_8_bit_integers_are_told_with_both_scores(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(page, "library", lambda name: b"fetched by npm")
    model = ExportedModel("base", 0, 1.0, 5, 0.0, 1.0, "int8" if kept else "float32")
    tried = Int8("base", kept, "", "accuracy", 1000, 0.91, 0.905)
    record = Exported("tabular", True, [model], [], 0, 64, [1], int8=[tried])
    demo = Demo("tabular", {"columns": []}, [], ["It knows rows only."])
    write_page(
        record,
        [Graph(model, b"graph", {}, {}, 64)],
        demo,
        make_contract(),
        "classification",
        ["a", "b"],
        0.5,
    )
    told = "accuracy is 0.905 on 1,000 out-of-fold rows, and 0.91 in floats"
    assert (told in (DEMO / "index.html").read_text("utf-8")) == kept
    assert json.loads((DEMO / "export.json").read_text("utf-8"))["int8"][0]["score_int8"] == 0.905
    loaded = Exported.load()
    assert loaded
    assert loaded.int8 == [tried]
