"""Turns a module into an ONNX graph that is shown to compute the same."""

import contextlib
import io
import logging
import time
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from compete.errors import Fault, first_line
from compete.export.demo import Exportable, NotExportable

BATCH_SIZES = (1, 2, 7)  # none is the example's: an exporter may fix that one without a word
TOLERANCE = 1e-4
_EXAMPLE_ROWS = 3
_OPSET = 20
_REPEATS = 5


def to_onnx(
    module: nn.Module,
    inputs: dict[str, Tensor],
    dynamic: Sequence[int] = (0,),
    outputs: Sequence[str] = ("predictions",),
) -> bytes:
    """Return an ONNX graph of `module`, for any number of rows.

    Args:
        module: of the tensors to predictions `(n, outputs)`, or to several tensors.
        inputs: by name, in the order of the module's arguments.
        dynamic: the dimensions that differ from batch to batch, rows first.
        outputs: the name of each tensor that it returns.

    Raises:
        NotExportable: the module does something that ONNX has no words for.
    """
    try:
        import onnxscript  # noqa: F401
    except ImportError:
        raise _missing() from None
    example = tuple(tensor[:_EXAMPLE_ROWS] for tensor in inputs.values())
    shapes = tuple(
        {one: torch.export.Dim.DYNAMIC for one in dynamic if one < tensor.ndim}
        for tensor in example
    )
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:  # they tell of each step of their optimizer that found nothing
            logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module.eval(),
                example,
                dynamo=True,
                verbose=False,
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_shapes=(shapes,) if _takes_any(module) else shapes,
                opset_version=_OPSET,
            )
    except torch.onnx.OnnxExporterError as error:
        raise NotExportable(f"torch can't export it to ONNX ({first_line(error)})") from error
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
    assert program is not None
    graph: bytes = program.model_proto.SerializeToString()
    return graph


def to_checked_onnx(model: Exportable) -> tuple[bytes, float, float]:
    """Return a model's graph, its difference from torch, and its milliseconds per prediction.

    Raises:
        NotExportable: the model has no graph, or one that predicts something else.
    """
    graph = to_onnx(model.module, model.inputs, model.dynamic, model.outputs)
    apart = difference(graph, model.module, model.inputs, model.dynamic, batches=model.batches)
    runs, rows = model.runs
    return graph, apart, runs * milliseconds(graph, model.inputs, rows)


def _takes_any(module: nn.Module) -> bool:
    """Return whether `forward` takes `*inputs`, whose shapes torch wants in one more tuple."""
    return bool(module.forward.__code__.co_flags & 0x04)


def _missing() -> Fault:
    return Fault(
        "The packages that write ONNX are not installed.",
        'Add the extra `export` to compete in pyproject.toml, as in "compete[image,export]", '
        "and run `uv sync`.",
    )


def session(graph: bytes) -> Any:
    """Return ONNX Runtime's session of a graph, on one core as in a browser.

    Raises:
        NotExportable: ONNX Runtime refuses the graph.
        Fault: ONNX Runtime is not installed.
    """
    try:
        import onnxruntime
    except ImportError:
        raise _missing() from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own kinds, one for each of its error codes
        raise NotExportable(f"ONNX Runtime can't load it ({first_line(error)})") from error


def difference(
    graph: bytes,
    module: nn.Module,
    inputs: dict[str, Tensor],
    dynamic: Sequence[int] = (0,),
    batch_sizes: Sequence[int] = BATCH_SIZES,
    batches: Sequence[dict[str, Tensor]] = (),
) -> float:
    """Return the greatest difference between ONNX Runtime's predictions and torch's.

    It is absolute, or relative to the greatest prediction where that is above 1.

    Args:
        graph: what `to_onnx` returned.
        module: what it was made of.
        inputs: real rows; all of them at once are the last batch.
        dynamic: the dimensions that differ from batch to batch.
        batch_sizes: further ones; each is of another length, too, where lengths differ.
        batches: further inputs, in shapes that are not slices of `inputs`.

    Raises:
        NotExportable: it is greater than `TOLERANCE`.
    """
    ready, gaps = session(graph), [0.0]
    rows = len(next(iter(inputs.values())))
    cut = []
    for size in (*batch_sizes, rows):
        batch = {name: tensor[:size] for name, tensor in inputs.items()}
        if 1 in dynamic and size < rows:
            batch = {
                name: tensor[:, : max(2, tensor.shape[1] - size)] if tensor.ndim > 1 else tensor
                for name, tensor in batch.items()
            }
        cut.append(batch)
    for batch in (*cut, *batches):
        size = len(next(iter(batch.values())))
        with torch.no_grad():
            exact = module(*batch.values())
        feed = {name: tensor.numpy() for name, tensor in batch.items()}
        try:
            seen = ready.run(None, feed)
        except Exception as error:  # ONNX Runtime's own kinds
            raise NotExportable(
                f"ONNX Runtime can't predict {size} rows by it ({first_line(error)})"
            ) from error
        wanted = exact if isinstance(exact, tuple) else (exact,)
        for one, other in zip(wanted, map(torch.from_numpy, seen), strict=True):
            if one.shape != other.shape:
                raise NotExportable(
                    f"a batch of {size} rows gives {tuple(other.shape)} predictions"
                )
            scale = max(1.0, float(one.abs().max()))
            gaps.append(float((one.double() - other.double()).abs().max()) / scale)
    found = float(torch.tensor(gaps).max())  # NaN, if one is
    if not found <= TOLERANCE:  # NaN, too
        raise NotExportable(f"its predictions in ONNX Runtime differ by {found:.1e} from torch's")
    return found


def milliseconds(graph: bytes, inputs: dict[str, Tensor], rows: int = 1) -> float:
    """Return the time of a prediction for one row, or for a few, the shortest of some runs."""
    ready, best = session(graph), float("inf")
    feed = {name: tensor[:rows].numpy() for name, tensor in inputs.items()}
    for _ in range(_REPEATS):
        start = time.perf_counter()
        ready.run(None, feed)
        best = min(best, time.perf_counter() - start)
    return 1000 * best
