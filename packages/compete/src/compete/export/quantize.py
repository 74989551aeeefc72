"""Turns an ONNX graph into one of 8-bit integers, by ONNX Runtime's own quantization.

Networks whose weights lie in convolutions are quantized statically: the ranges of activations are
measured on training rows, and each convolution reads and writes integers. WebAssembly runs these
about twice as fast as floats. All others, such as transformers, are quantized dynamically: weights
are integers, and the range of what is multiplied by them is found anew in each prediction.
"""

import logging
import math
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compete.errors import first_line
from compete.export.demo import NotExportable
from compete.export.graph import session

Feed = dict[str, NDArray[Any]]

_CONVOLUTIONS = ("Conv", "ConvTranspose")
_PRODUCTS = ("MatMul", "Gemm")


def quantize(graph: bytes, calibration: Iterable[Feed]) -> bytes:
    """Return a graph that computes with 8-bit integers where ONNX Runtime can.

    Args:
        graph: of floats, with inputs of any number of rows.
        calibration: inputs of training rows; read for convolutional networks only.

    Raises:
        NotExportable: the quantizer fails on this graph.
    """
    import onnx
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # it warns of each bias that does not fit
    try:
        with tempfile.TemporaryDirectory() as folder:
            source, ready, target = (Path(folder, f"{name}.onnx") for name in "abc")
            # It joins normalizations with convolutions and computes constants, so that weights
            # stand where the quantizer looks for them.
            source.write_bytes(graph)
            quant_pre_process(source, ready, skip_symbolic_shape=True)
            model = onnx.load(ready)
            if _is_convolutional(model):
                quantization.quantize_static(
                    model,
                    target,
                    _Reader(calibration),
                    activation_type=quantization.QuantType.QUInt8,
                    weight_type=quantization.QuantType.QInt8,
                    per_channel=True,  # one scale for all channels ruins depthwise convolutions
                    nodes_to_exclude=_ends(model),
                    extra_options={"OpTypesToExcludeOutputQuantization": list(_PRODUCTS)},
                )
            else:
                quantization.quantize_dynamic(
                    model,
                    target,
                    op_types_to_quantize=[*_PRODUCTS, "Gather"],  # Gather: of embeddings
                    per_channel=True,
                    # Processors with AVX2 alone overflow in sums of products of full 8 bits.
                    reduce_range=True,
                )
            return target.read_bytes()
    except Exception as error:  # the quantizer's own, of any kind
        raise NotExportable(f"ONNX Runtime can't quantize it ({first_line(error)})") from error
    finally:
        logging.disable(before)


class _Reader:
    """What ONNX Runtime asks for the next inputs to measure ranges on."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds: Iterator[Feed] = iter(feeds)

    def get_next(self) -> Feed | None:
        """Return the next inputs, None after the last."""
        return next(self._feeds, None)


def _weights(model: Any) -> dict[int, tuple[str, int]]:
    """Return the operator and the size of the weights of each node that has any, by its place."""
    sizes = {one.name: math.prod(one.dims) for one in model.graph.initializer}
    return {
        place: (node.op_type, sizes[node.input[1]])
        for place, node in enumerate(model.graph.node)
        if node.op_type in (*_CONVOLUTIONS, *_PRODUCTS) and node.input[1] in sizes
    }


def _is_convolutional(model: Any) -> bool:
    """Return whether most weights are those of convolutions."""
    weights = _weights(model).values()
    convolutions = sum(size for kind, size in weights if kind in _CONVOLUTIONS)
    return 2 * convolutions > sum(size for _, size in weights)


def _ends(model: Any) -> list[str]:
    """Return the nodes that stay floats: up to the first weights, and after the last ones.

    What reads the input, and what makes probabilities, costs little and loses most by rounding
    (Choi et al., 2018, PACT).
    """
    places = _weights(model)
    first, last = min(places), max(places)
    for place, node in enumerate(model.graph.node):
        node.name = node.name or f"node_{place}"
    nodes = model.graph.node
    return [node.name for place, node in enumerate(nodes) if place <= first or place > last]


def predictions(graph: bytes, feeds: Iterable[Feed]) -> NDArray[np.float32]:
    """Return what ONNX Runtime predicts for the rows of some inputs `(n, outputs)`."""
    ready = session(graph)
    return np.concatenate([ready.run(None, feed)[0] for feed in feeds])
