"""An ONNX graph is shown to compute what torch does, at batch sizes that it was not made with."""

import sys

import pytest
import torch
from torch import Tensor, nn

from compete.errors import Fault
from compete.export import graph
from compete.export.demo import NotExportable

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")


class Sum(nn.Module):
    """Sums of columns, and a constant."""

    def __init__(self, constant: float, fixed: int = 0) -> None:
        super().__init__()
        self.constant, self.fixed = constant, fixed

    def forward(self, *inputs: Tensor) -> Tensor:
        numbers, codes = inputs
        found = numbers + codes.float() + self.constant
        return found.reshape(self.fixed, -1) if self.fixed else found


def inputs() -> dict[str, Tensor]:
    return {"numbers": torch.rand(9, 4), "codes": torch.arange(36).reshape(9, 4)}


def test_a_graph_predicts_for_any_number_of_rows_and_another_module_is_refused() -> None:
    made, given = graph.to_onnx(Sum(1.0), inputs()), inputs()
    assert graph.difference(made, Sum(1.0), given) < 1e-6
    assert graph.milliseconds(made, given) > 0
    with pytest.raises(NotExportable, match="differ"):
        graph.difference(made, Sum(1.01), given)


def test_a_graph_that_fixed_its_batch_size_is_refused() -> None:
    """A module that reshapes to a number of rows works for the example alone."""
    with pytest.raises(NotExportable):
        graph.difference(graph.to_onnx(Sum(1.0, fixed=3), inputs()), Sum(1.0), inputs())


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(NotExportable, match="ONNX Runtime"):
        graph.session(b"no graph")


def test_without_the_packages_it_says_which_extra_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Fault, match="export"):
        graph.session(b"")
