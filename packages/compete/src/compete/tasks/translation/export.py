"""Exports translation models for the demo: encoder, decoder step, tokenizer, search settings."""

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
    "The submission is a consensus of several models' translations; this demo runs only one of "
    "these models."
)
_ROWS = 24  # real rows that torch and ONNX Runtime are compared on
_WRITTEN = 7  # tokens of their translations, including the start token
_CHECKED = 3  # rows that are translated to find the search settings
_ENGLISH = {"the", "of", "to", "and", "for", "you", "this", "with", "not", "from"}
_EXAMPLES = (
    "The train to the coast leaves at nine, and it is never late.",
    "Please save this file before you close the window.",
    "There is a small garden behind the old house.",
    "No page with this name was found.",
)


def exportable(data: Any, model: Any) -> Exportable:
    """Return a fold's model as encoder and decoder step, with what the page needs to run them.

    Raises:
        NotExportable: the page does not support its tokenizer, or how it generates.
    """
    folder: Path = data.tokens_folder
    rows = [int(row) for row in data.val_rows[:: max(1, len(data.val_rows) // _ROWS)][:_ROWS]]
    encoding = _encoding(data, rows)
    net, tokens = model.net, data.tokens
    sources = _padded([tokens.sources["train"][row] for row in rows], net.config.pad_token_id)
    singles = [_padded([tokens.sources["train"][row]], 0) for row in rows[:_CHECKED]]
    if not hasattr(model, "limits"):
        raise NotExportable("its model.py has no method `limits`; copy it from the template")
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
    """Return the inputs of the first two decoder steps, whose cache has no or one token."""
    return [
        {
            name: tensor[:rows, :written] if name.startswith("written") else tensor[:rows]
            for name, tensor in given.items()
        }
        for written, rows in ((0, 1), (0, 4), (1, 1), (1, 4))
    ]


def _encoding(data: Any, rows: list[int]) -> dict[str, Any]:
    """Return what the page needs to tokenize a sentence, checked on real rows."""
    tokenizer = data.tokenizer
    made, word = tokenizer("one")["input_ids"], tokenizer("one", add_special_tokens=False)
    inner = word["input_ids"]
    starts = range(len(made) - len(inner) + 1)
    start = next((at for at in starts if made[at : at + len(inner)] == inner), None)
    if start is None:
        raise NotExportable("its tokenizer does not put special tokens around the text only")
    encoding = {
        "prefix": data.settings.prefix,
        "cut": TokenFacts.load(data.tokens_folder).max_length,
        "before": made[:start],
        "after": made[start + len(inner) :],
        "cleanUp": bool(tokenizer.clean_up_tokenization_spaces),
        "end": tokenizer.eos_token_id,
        "known": len(tokenizer),  # tokens from here on are not in the model's vocabulary
        "unknown": tokenizer.unk_token_id,
    }
    page = Tokenizer.from_str(json.dumps(page_tokenizer(data.tokens_folder, tokenizer)[0]))
    texts = normalized(data.table["train"][_source_column(data)][rows])
    for text, row in zip(texts, rows, strict=True):
        ids = page.encode(encoding["prefix"] + text, add_special_tokens=False).ids
        ids = [one if one < encoding["known"] else encoding["unknown"] for one in ids]
        if cut(encoding, ids) != data.tokens.sources["train"][row].tolist():
            raise NotExportable("the page's tokenizer gives other tokens for real rows")
    return encoding


def cut(encoding: dict[str, Any], ids: list[int]) -> list[int]:
    """Return a sentence's tokens with special tokens, truncated; translation.js does the same."""
    whole = [*encoding["before"], *ids, *encoding["after"]]
    most = encoding["cut"]
    return whole if len(whole) <= most else [*whole[: most - 1], whole[-1]]


def _source_column(data: Any) -> str:
    contract: Contract = data.contract
    if data.settings.source_column != "auto":
        return str(data.settings.source_column)
    return next(name for name, one in contract.features.items() if one.kind == "source")


def describe(contract: Contract, data: Any) -> Demo:
    """Return the page's description: a text field, and examples if the source is English."""
    column = _source_column(data)
    facts = TokenFacts.load(data.tokens_folder)
    texts = normalized(data.table["train"][column])
    limits = [
        "It was trained on one kind of sentences. It translates any other sentence, too, but often "
        "wrongly.",
        f"It reads {facts.max_length} tokens (about {3 * facts.max_length // 4} words), and "
        "ignores the rest of a longer text.",
    ]
    if facts.translation_memory:
        limits.append(
            "For the submission, the model also gets the translation of the most similar training "
            "sentence. The demo must not publish training sentences, so its translations are worse."
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
    """Return whether at least every twentieth word is common in English, and in no other language.

    In the short texts of programs, which have few of them, more are.
    """
    words = " ".join(texts[:2000]).lower().split()
    return 20 * sum(word in _ENGLISH for word in words) > len(words)
