"""Text models for the browser: tokens in, predictions out, and what makes tokens of a text."""

from pathlib import Path
from typing import Any

import polars as pl
from torch import Tensor, nn

from compete.contract import Contract
from compete.export.demo import Demo, Exportable, NotExportable, example_lines
from compete.tasks.language.token_cache import TokenFacts
from compete.tasks.text.columns import cleaned, joined

_ROWS = 24  # real rows that torch and ONNX Runtime are compared on
_COMMON = 5  # rows that a side value needs to be offered: rarer ones may name a person
_FILES = ("tokenizer.json", "tokenizer_config.json")
_EXAMPLES = (
    "Thank you for this wonderful evening!",
    "The road is closed after the storm, and two people are still missing.",
    "Does anybody know when the next train to the coast leaves?",
)


def exportable(data: Any, model: Any) -> Exportable:
    """Return a fold's encoder as a function of tokens `(n, length)`.

    Raises:
        NotExportable: it reads no tokens, or its tokenizer can't be written down.
    """
    if data.tokenizer is None:
        raise NotExportable("n-grams with a linear model are not supported in the browser yet")
    folder: Path = data.tokens_folder
    if not all((folder / name).exists() for name in _FILES):
        raise NotExportable("its tokenizer is implemented only in Python")
    rows = data.val_rows[:: max(1, len(data.val_rows) // _ROWS)][:_ROWS]
    dataset = data.val_dataloader().dataset
    batch, _ = data.collate([dataset[int(row)] for row in rows])
    encoding = _encoding(data)
    _check(data, encoding, rows[:_ROWS])
    name = f"tokenizer-{folder.name}"
    return Exportable(
        TextModel(model, list(batch)),
        dict(batch),
        encoding | {"tokenizer": name},
        assets={name: b"[%s]" % b",".join((folder / file).read_bytes() for file in _FILES)},
        dynamic=(0, 1),
        read=dict,
    )


class TextModel(nn.Module):
    """Predictions of a fold's model.

    Args:
        model: of the fold.
        names: of the tokenizer's outputs that it reads.
    """

    def __init__(self, model: Any, names: list[str]) -> None:
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *inputs: Tensor) -> Tensor:
        """Ids, masks and segments `(n, length)` to predictions `(n, outputs)`."""
        found: Tensor = self.model.predict_batch(dict(zip(self.names, inputs, strict=True)))
        return found


def _columns(data: Any) -> dict[str, str]:
    features = data.contract.features.items()
    return {name: one.kind for name, one in features if one.kind in ("side", "text")}


def _encoding(data: Any) -> dict[str, Any]:
    """Return what the page needs besides the tokenizer's own files."""
    tokenizer, columns = data.tokenizer, _columns(data)
    pair = list(columns.values()).count("text") > 1
    first, second = (
        tokenizer(word, add_special_tokens=False)["input_ids"] for word in ("one", "two")
    )
    made = tokenizer("one", *(("two",) if pair else ()))["input_ids"]
    start = _find(made, first, 0)
    stop = start + len(first)
    middle = _find(made, second, stop) if pair else stop
    return {
        "columns": columns,
        "clean": data.settings.clean,
        "separator": tokenizer.sep_token or tokenizer.eos_token or "|",
        "pair": pair,
        "cut": TokenFacts.load(data.tokens_folder).max_length,
        "before": made[:start],
        "between": made[stop:middle],
        "after": made[middle + len(second) :] if pair else made[stop:],
        "segments": "token_type_ids" in data.tokens["train"].row(0),
    }


def _find(ids: list[int], part: list[int], start: int) -> int:
    """Return where `part` begins in `ids`, from `start` on."""
    for place in range(start, len(ids) - len(part) + 1):
        if ids[place : place + len(part)] == part:
            return place
    raise NotExportable("its tokenizer changes words that stand between its special tokens")


def tokens(data: Any, encoding: dict[str, Any], first: str, second: str | None) -> list[int]:
    """Return the ids of a row, as text.js makes them."""
    raw = data.tokenizer
    a = raw(first, add_special_tokens=False, verbose=False)["input_ids"]
    b = [] if second is None else raw(second, add_special_tokens=False, verbose=False)["input_ids"]
    special = sum(len(encoding[key]) for key in ("before", "between", "after"))
    a_size, b_size = cut_sizes(len(a), len(b), encoding["cut"] - special)
    return [
        *encoding["before"],
        *a[:a_size],
        *encoding["between"],
        *b[:b_size],
        *encoding["after"],
    ]


def cut_sizes(first: int, second: int, most: int) -> tuple[int, int]:
    """Return how much of two texts is kept, as `tokenizers` cuts the longest first."""
    if first + second <= most:
        return first, second
    if not second:
        return most, 0
    short, long = sorted((first, second))
    long = short if short > most else max(short, most - short)
    if short + long > most:
        short, long = most // 2, most // 2 + most % 2
    return (long, short) if first > second else (short, long)


def _check(data: Any, encoding: dict[str, Any], rows: Any) -> None:
    """Refuse an encoding that makes other tokens of real rows than the training read."""
    features = {k: v for k, v in data.contract.features.items() if v.kind in ("side", "text")}
    table = cleaned(data.table["train"][rows.tolist()], features, encoding["clean"])
    firsts, seconds = joined(table, features, encoding["separator"])
    for index, row in enumerate(rows):
        made = tokens(data, encoding, firsts[index], seconds[index] if seconds else None)
        if made != data.tokens["train"].ids[int(row)].tolist():
            raise NotExportable("the page can't reproduce its tokenization")


def describe(contract: Contract, data: Any) -> Demo:
    """Return a field for each column of text, and a list for each that goes beside it."""
    fields = []
    for name, kind in _columns(data).items():
        field: dict[str, Any] = {"name": name, "kind": kind}
        if kind == "side":
            counts = data.table["train"][name].cast(pl.String).drop_nulls().alias("v")
            common = counts.value_counts(name="n").filter(pl.col("n") >= _COMMON)
            order = common.sort(["n", "v"], descending=[True, False])["v"]
            field["levels"] = order.head(300).to_list()
        fields.append(field)
    cut = TokenFacts.load(data.tokens_folder).max_length
    limits = [
        "It knows only texts like those it was trained on: for any other it still makes a "
        "prediction.",
        f"It reads {cut} tokens, about {3 * cut // 4} words; longer texts are truncated.",
    ]
    lines = [{"name": line, "text": line} for line in example_lines() or _EXAMPLES]
    return Demo("text", {"fields": fields}, lines, limits, ("tokenizers",))
