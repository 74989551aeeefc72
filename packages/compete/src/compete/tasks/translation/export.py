"""Translators for the browser: what reads a sentence, what writes a token, and both tokenizers."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from compete.contract import Contract
from compete.export.demo import Demo, Exportable, NotExportable, example_lines
from compete.tasks.language.token_cache import TokenFacts
from compete.tasks.translation.decoding import decoding
from compete.tasks.translation.onnx_modules import DecoderStep, Encoder, decoder_inputs
from compete.tasks.translation.page_tokenizer import page_tokenizer
from compete.tasks.translation.pairs import normalized

ALONE = (
    "The submission has of several models' translations the one that the others agree with most; "
    "here one of these models translates."
)
_ROWS = 24  # real rows that torch and ONNX Runtime are compared on
_WRITTEN = 7  # tokens of their translations, the start token among them
_CHECKED = 3  # rows that are translated as the page does it
_ENGLISH = {"the", "of", "to", "a", "is", "and", "in", "for", "you", "this"}
_EXAMPLES = (
    "The train to the coast leaves at nine, and it is never late.",
    "Please save this file before you close the window.",
    "There is a small garden behind the old house.",
    "No page with this name was found.",
)


def exportable(data: Any, model: Any) -> Exportable:
    """Return a fold's translator as two functions of tensors, and how the page uses them.

    Raises:
        NotExportable: its tokenizer or its way to translate is none that the page can repeat.
    """
    folder: Path = data.tokens_folder
    rows = [int(row) for row in data.val_rows[:: max(1, len(data.val_rows) // _ROWS)][:_ROWS]]
    encoding = _encoding(data, rows)
    net, tokens = model.net, data.tokens
    sources = _padded([tokens.sources["train"][row] for row in rows], net.config.pad_token_id)
    singles = [_padded([tokens.sources["train"][row]], 0) for row in rows[:_CHECKED]]
    if not hasattr(model, "limits"):
        raise NotExportable("its model.py has no `limits` yet, as the template's has")
    encoding |= decoding(model, singles)
    encoding["limits"] = model.limits(torch.arange(encoding["cut"] + 1)).tolist()
    encoding["pad"] = net.config.pad_token_id
    start = [encoding["start"]]
    known = [[*start, *tokens.targets[row][: _WRITTEN - 1].tolist()] for row in rows]
    known = [[*row, *[encoding["pad"]] * (_WRITTEN - len(row))] for row in known]
    given = decoder_inputs(net, sources, torch.tensor(known))
    layers = sum(name.startswith("written") for name in given) // 2
    encoder = Exportable(
        Encoder(net),
        sources,
        dynamic=(0, 1),
        outputs=tuple(name for name in given if name.startswith("source")),
        batches=({name: tensor[:1, :1] for name, tensor in sources.items()},),
    )
    name = f"tokenizer-{folder.name}"
    usual = sorted(len(tokens.targets[row]) for row in rows)[len(rows) // 2]
    return Exportable(
        DecoderStep(net, layers),
        given,
        encoding | {"tokenizer": name},
        assets={name: json.dumps(page_tokenizer(folder, data.tokenizer)).encode()},
        dynamic=(0, 1),
        outputs=("predictions", *(f"next_{index}" for index in range(2 * layers))),
        batches=tuple(_first_steps(given)),
        runs=(usual, encoding["beams"]),
        parts={"encoder": encoder},
    )


def _padded(rows: list[Any], pad: int) -> dict[str, Tensor]:
    """Return ids and mask `(rows, tokens)` of rows of tokens."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), pad)
    mask = torch.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.as_tensor(row)
        mask[index, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def _first_steps(given: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Return the inputs of the first two steps, before which nothing or one token is written."""
    return [
        {
            name: tensor[:rows, :written] if name.startswith("written") else tensor[:rows]
            for name, tensor in given.items()
        }
        for written, rows in ((0, 1), (0, 4), (1, 1), (1, 4))
    ]


def _encoding(data: Any, rows: list[int]) -> dict[str, Any]:
    """Return what the page needs to make tokens of a sentence; they are those of real rows."""
    tokenizer = data.tokenizer
    made, word = tokenizer("one")["input_ids"], tokenizer("one", add_special_tokens=False)
    inner = word["input_ids"]
    starts = range(len(made) - len(inner) + 1)
    start = next((at for at in starts if made[at : at + len(inner)] == inner), None)
    if start is None:
        raise NotExportable("its tokenizer changes words that stand between its special tokens")
    encoding = {
        "prefix": data.settings.prefix,
        "cut": TokenFacts.load(data.tokens_folder).max_length,
        "before": made[:start],
        "after": made[start + len(inner) :],
        "cleanUp": bool(tokenizer.clean_up_tokenization_spaces),
        "end": tokenizer.eos_token_id,
        "known": len(tokenizer),  # tokens from here on are pieces without a number
        "unknown": tokenizer.unk_token_id,
    }
    page = Tokenizer.from_str(json.dumps(page_tokenizer(data.tokens_folder, tokenizer)[0]))
    texts = normalized(data.table["train"][_source_column(data)][rows])
    for text, row in zip(texts, rows, strict=True):
        ids = page.encode(encoding["prefix"] + text, add_special_tokens=False).ids
        ids = [one if one < encoding["known"] else encoding["unknown"] for one in ids]
        if cut(encoding, ids) != data.tokens.sources["train"][row].tolist():
            raise NotExportable("its texts become tokens in a way that the page can't repeat")
    return encoding


def cut(encoding: dict[str, Any], ids: list[int]) -> list[int]:
    """Return the tokens of a sentence with special ones around it, cut, as translation.js does."""
    whole = [*encoding["before"], *ids, *encoding["after"]]
    most = encoding["cut"]
    return whole if len(whole) <= most else [*whole[: most - 1], whole[-1]]


def _source_column(data: Any) -> str:
    contract: Contract = data.contract
    if data.settings.source_column != "auto":
        return str(data.settings.source_column)
    return next(name for name, one in contract.features.items() if one.kind == "source")


def describe(contract: Contract, data: Any) -> Demo:
    """Return a field for a sentence, with examples if it is to be English."""
    column = _source_column(data)
    facts = TokenFacts.load(data.tokens_folder)
    texts = normalized(data.table["train"][column])
    limits = [
        "It knows only sentences like those that it was trained on: any other it translates, too, "
        "and often wrongly.",
        f"It reads {facts.max_length} tokens, some {3 * facts.max_length // 4} words; what comes "
        "after is cut off.",
    ]
    if facts.translation_memory:
        limits.append(
            "For its score it was shown, with each sentence, how the most similar training "
            "sentence is translated. These belong to the competition and are not here: it "
            "translates without, and worse."
        )
    known = set(texts)
    made = [line for line in _EXAMPLES if line not in known] if _is_english(texts) else []
    lines = [{"name": line, "text": line} for line in example_lines() or made]
    spec = {"column": column, "target": contract.target_columns[0]}
    return Demo(
        "translation",
        spec,
        lines,
        limits,
        ("tokenizers",),
        ("language.js", "beam_search.js"),
        whole=not facts.translation_memory,
    )


def _is_english(texts: list[str]) -> bool:
    """Return whether one of six words is a very common English one."""
    words = " ".join(texts[:2000]).lower().split()
    return 6 * sum(word in _ENGLISH for word in words) > len(words)
