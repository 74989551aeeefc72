"""Models of tables for the browser: numbers and codes in, predictions out, and the form."""

from typing import Any

import torch
from torch import Tensor, nn

from compete.contract import Contract
from compete.export.demo import Demo, Exportable, NotExportable
from compete.tasks.tabular.boosting import Boosting
from compete.tasks.tabular.form import form_columns, shown_rows, typical_rows
from compete.tasks.tabular.kernel import Kernel
from compete.tasks.tabular.lookup import read_encoding
from compete.tasks.tabular.network import Network, Normal
from compete.tasks.tabular.one_hot import OneHot
from compete.tasks.tabular.onnx_modules import QuantileNormal, Trees

_ROWS = 64  # real rows that torch and ONNX Runtime are compared on


def exportable(data: Any, model: Any) -> Exportable:
    """Return a fold's model as a function of numbers `(n, p)` and codes `(n, q)`.

    Raises:
        NotExportable: trees split by categories, or the author's data is encoded in another way.
    """
    encoded = data.encoded["train"]
    rows = data.val_rows[:_ROWS]
    inputs = {}
    if encoded.numbers.shape[1]:
        inputs["numbers"] = torch.from_numpy(encoded.numbers[rows])
    if encoded.codes.shape[1]:
        inputs["codes"] = torch.from_numpy(encoded.codes[rows])
    encoding = read_encoding(data)
    wrapped = TabularModel(model, list(inputs))
    with torch.inference_mode():
        before = wrapped(*inputs.values())
    net = model.net
    if isinstance(net, Boosting):
        model.net = Trees(net, data.problem)
    elif isinstance(net, Network | Kernel) and isinstance(net.normal, Normal):
        net.normal = QuantileNormal(net.normal)
    for tabm in net.tabms if isinstance(net, Network) else ():
        if tabm.cat_module is not None:
            tabm.cat_module = OneHot([*net.places.tolist(), *[2] * len(net.gaps)])
    with torch.no_grad():
        after = wrapped(*inputs.values())
    apart = float((after - before).abs().max()) / max(1.0, float(before.abs().max()))
    if not apart < 1e-5:
        raise NotExportable(f"its ONNX version predicts differently, by {apart:.1e}")

    def read(batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        return {
            name: tensor
            for name, tensor in zip(("numbers", "codes"), batch, strict=True)
            if name in inputs
        }

    return Exportable(wrapped, inputs, encoding, read=read)


class TabularModel(nn.Module):
    """Predictions of a fold's model.

    Args:
        model: of the fold.
        names: the inputs that there are, of `numbers` and `codes`.
    """

    def __init__(self, model: Any, names: list[str]) -> None:
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs: Tensor) -> Tensor:
        """Numbers `(n, p)` and codes `(n, q)`, those there are, to predictions `(n, outputs)`."""
        known = dict(zip(self.names, inputs, strict=True))
        rows = inputs[0].shape[0]
        numbers = known.get("numbers", torch.zeros(rows, 0))
        codes = known.get("codes", torch.zeros(rows, 0, dtype=torch.long))
        found: Tensor = self.model.predict_batch((numbers, codes))
        return found


def describe(contract: Contract, data: Any) -> Demo:
    """Return the form: its columns with sensible ranges, and typical rows."""
    columns, held_back, made = form_columns(data)
    limits = ["It knows only its training rows: far outside the ranges of the form, it guesses."]
    if held_back:
        limits.append(
            f"The form has no free text: {_listed(held_back)} counts as missing, which may change "
            "the prediction."
        )
    if made:
        limits.append(
            f"{_listed(made)} {'are' if len(made) > 1 else 'is'} computed from other columns and "
            "rows by the project's Python code; enter the result, the page can't compute it."
        )
    rare = [column["name"] for column in columns if column.get("more")]
    if rare:
        limits.append(f"Rare categories of {_listed(rare)} are left out of the lists.")
    examples = typical_rows(shown_rows(data), columns, data.problem, contract)
    return Demo("tabular", {"columns": columns}, examples, limits)


def _listed(names: list[str]) -> str:
    """Return a few names in words."""
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
