"""8-bit integers are kept where the score holds on the same out-of-fold rows, and only there."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from samples import make_contract
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from compete.export.demo import Exportable
from compete.export.graph import to_onnx
from compete.export.record import Int8
from compete.files import FOLD, PROCESSED, ROW_ID
from compete.records import PREPARED, Prepared
from compete.supervised.datamodule import FoldDataModule
from compete.supervised.int8 import Int8Trial
from compete.supervised.settings import DataSettings

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

ROWS, WIDTH = 600, 128
LARGE = 1e5  # of the first column, of which nothing depends


class Rows(FoldDataModule[DataSettings]):
    """Rows of numbers, the first of which is large."""

    numbers: Tensor

    def val_dataloader(self) -> DataLoader[Any]:
        """Return the rows that validate."""
        dataset = TensorDataset(self.numbers, self.targets)
        return DataLoader(dataset, 32, sampler=self.val_sampler())


class Net(nn.Module):
    """Two layers; `divisor` brings the first column to the scale of the others, or does not."""

    scale: Tensor

    def __init__(self, divisor: float) -> None:
        super().__init__()
        torch.manual_seed(0)
        scale = torch.ones(WIDTH)
        scale[0] = 1 / divisor
        self.register_buffer("scale", scale)
        self.first, self.head = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 2)
        with torch.no_grad():
            self.first.weight[:, 0] = 0
            self.head.weight *= 20

    def forward(self, numbers: Tensor) -> Tensor:
        found: Tensor = self.head(self.first(numbers * self.scale).relu()).softmax(dim=1)
        return found


@pytest.fixture(scope="module")
def numbers() -> Tensor:
    values = torch.randn(ROWS, WIDTH, generator=torch.Generator().manual_seed(1))
    values[:, 0] = LARGE * torch.rand(ROWS, generator=torch.Generator().manual_seed(2))
    return values


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: Tensor) -> Rows:
    """Two folds of rows whose targets the network knows, but for every seventh."""
    monkeypatch.chdir(tmp_path)
    PROCESSED.mkdir(parents=True)
    known = Net(LARGE)(numbers).argmax(dim=1).numpy()
    known = np.where(np.arange(ROWS) % 7, known, 1 - known)
    table = pl.DataFrame(
        {ROW_ID: range(ROWS), "y": np.array(["a", "b"])[known], FOLD: np.arange(ROWS) % 2}
    )
    for split in ("train", "test"):
        table.write_parquet(PROCESSED / f"{split}.parquet")
    Prepared("stratified", 2, "", ROWS, ROWS).write(PREPARED)
    made = Rows(make_contract(), DataSettings(), 0, 0)
    made.numbers = numbers
    return made


def tried(data: Rows, module: nn.Module, graph: bytes) -> tuple[Int8, list[bytes]]:
    inputs = {"numbers": data.numbers[:8]}
    trial = Int8Trial("base", 1)
    trial.add(data, Exportable(module, inputs, read=lambda batch: {"numbers": batch}), graph)
    return trial.decide(), trial.graphs


def exported(module: nn.Module) -> bytes:
    return to_onnx(module, {"numbers": torch.rand(8, WIDTH)})


def test_integers_are_kept_only_where_the_score_holds(data: Rows) -> None:
    """Beside a large number, the others round to nothing, unless it is scaled before."""
    module = Net(LARGE)
    graph = exported(module)
    kept, graphs = tried(data, module, graph)
    assert kept.kept, kept.sentence
    assert kept.rows == ROWS / 2  # of the fold that validates
    assert kept.score == pytest.approx(6 / 7, abs=0.01)
    assert kept.loss <= kept.tolerance < 0.05
    assert kept.size == len(graph)
    assert kept.size_int8 == len(graphs[0]) < 0.4 * len(graph)
    assert "runs in 8-bit integers" in kept.sentence

    module = Net(1)
    lost, _ = tried(data, module, exported(module))
    assert not lost.kept
    assert lost.score == kept.score  # in floats, a large number changes nothing
    assert lost.score_int8 < lost.score - 0.2
    assert lost.loss > lost.tolerance
    assert "loses too much" in lost.sentence
    assert f"{lost.score_int8:.5g}" in lost.sentence

    data.val_rows = data.val_rows[:50]
    few, _ = tried(data, module, graph)
    assert few.reason == "50 rows are too few to compare scores"


def test_what_gets_no_smaller_or_cannot_be_quantized_stays_in_floats(data: Rows) -> None:
    without_weights = nn.Sequential(nn.Threshold(0.0, 0.1), nn.AdaptiveAvgPool1d(2), nn.Softmax(1))
    same, _ = tried(data, without_weights, exported(without_weights))
    assert not same.kept
    assert same.reason == "it saves too little"
    broken, _ = tried(data, without_weights, b"no graph")
    assert not broken.kept
    assert "can't quantize" in broken.sentence
