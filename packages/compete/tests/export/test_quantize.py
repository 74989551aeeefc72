"""Graphs of floats become graphs of 8-bit integers: convolutions statically, the rest not."""

from collections import Counter

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from compete.export.demo import NotExportable
from compete.export.graph import to_onnx
from compete.export.quantize import predictions, quantize

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")


class Words(nn.Module):
    """The mean of embeddings, and a linear model of it."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(500, 64), nn.Linear(64, 3)

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = self.head(self.embedding(ids).mean(dim=1)).softmax(dim=1)
        return found


def convolutions() -> nn.Sequential:
    """A network as MobileNet has them: a depthwise convolution, and batch normalization."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU6(),
        nn.Conv2d(32, 128, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(128, 10),
        nn.Softmax(dim=1),
    )


def operators(graph: bytes) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_from_string(graph).graph.node)


def test_convolutions_compute_with_integers_but_for_the_first() -> None:
    torch.manual_seed(0)
    module, images = convolutions(), torch.rand(40, 1, 12, 12)
    graph = to_onnx(module, {"pixels": images})
    made = quantize(graph, [{"pixels": images[:20].numpy()}])
    feed = {"pixels": images[20:].numpy()}
    exact = module.eval()(images[20:]).detach().numpy()
    assert np.abs(predictions(made, [feed]) - exact).max() < 0.01
    assert len(made) < 0.7 * len(graph)
    floats = [
        one for one in onnx.load_from_string(made).graph.initializer if one.data_type == 1
    ]  # FLOAT
    assert max(np.prod(one.dims) for one in floats) == 32 * 9  # the weights of the first
    # Probabilities are no multiples of 1/256, as the quantizer's own defaults make them.
    assert len(np.unique(predictions(made, [feed]))) > 150
    nodes = onnx.load_from_string(made).graph.node
    assert [node.op_type for node in nodes if node.input[0] == "pixels"] == ["Conv"]


def test_embeddings_and_linear_layers_are_quantized_without_calibration() -> None:
    torch.manual_seed(0)
    module, ids = Words(), torch.randint(0, 500, (30, 7))
    graph = to_onnx(module, {"ids": ids}, (0, 1))
    made = quantize(graph, iter(()))
    exact = module(ids).detach().numpy()
    one_by_one = [{"ids": row[None].numpy()} for row in ids]
    assert np.abs(predictions(made, one_by_one) - exact).max() < 0.02
    assert len(made) < 0.4 * len(graph)
    assert operators(made)["MatMulInteger"] == 1


def test_what_the_quantizer_fails_on_is_not_exportable() -> None:
    with pytest.raises(NotExportable, match="quantize"):
        quantize(b"no graph", iter(()))
