"""What the report shows of texts: the texts, and which of their tokens predictions rest on."""

import re
from collections.abc import Sequence
from typing import Any

from compete.contract import Contract
from compete.explanation import Explanation, Input
from compete.supervised.reading import shown_rows

_WORD = re.compile(r"\S{1,16}")  # where a language writes no spaces, a piece of a sentence
_LONGEST = 96  # tokens that are looked at, from the beginning of a text


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """Return the columns of some training rows, by their numbers."""
    return shown_rows(contract, rows)


def explain(contract: Contract, rows: Sequence[int]) -> list[Explanation]:
    """Return the ablation of tokens (Li et al., 2016) by models that never trained on the rows."""
    from compete.supervised.inference import trained_folds

    items: list[tuple[str, Input]] = []
    text = ""
    for member, _, mine, data, model in trained_folds(contract, rows):
        text = (
            f"Member {member} predicts again with each token masked in turn. Blue: without the "
            "token, the prediction is less probable (or lower). Orange: more probable (or higher). "
            "Thicker lines mean a larger effect."
        )
        for row in mine:
            tokens, output = _ablation(data, model, row)
            items.append((f"row {row}: evidence for {data.problem.output_names[output]}", tokens))
    return [Explanation("Ablation of tokens", text, items)] if items else []


def _ablation(data: Any, model: Any, row: int) -> tuple[list[tuple[str, float]], int]:
    """Return the tokens of a row, each with what hiding it takes from an output, and which."""
    import torch
    from captum.attr import FeatureAblation

    if data.tokenizer is None:
        return _ablation_of_words(data, model, row)
    batch, _ = data.collate([(data.tokens["train"].row(row), data.targets[row])])
    batch = {key: value[:, :_LONGEST] for key, value in batch.items()}
    ids = batch.pop("input_ids")
    tokenizer = data.tokenizer
    hidden = next(i for i in (tokenizer.mask_token_id, tokenizer.unk_token_id, 0) if i is not None)

    def ask(asked: torch.Tensor) -> torch.Tensor:
        rest = {key: value.expand(len(asked), -1) for key, value in batch.items()}
        found: torch.Tensor = model.predict_batch({"input_ids": asked, **rest})
        return found

    with torch.inference_mode():
        output = int(ask(ids).argmax())
        found = FeatureAblation(ask).attribute(
            ids, baselines=hidden, target=output, perturbations_per_eval=16
        )
    weights = found[0].float() / found.abs().max().clamp(min=1e-12)
    special = set(tokenizer.all_special_ids)
    return [
        (tokenizer.decode([token]).strip(), weight)
        for token, weight in zip(ids[0].tolist(), weights.tolist(), strict=True)
        if token not in special
    ], output


def _ablation_of_words(data: Any, model: Any, row: int) -> tuple[list[tuple[str, float]], int]:
    """Return the same of words, for a model that reads no tokens."""
    texts = data.tokens["train"].row(row)
    words = [(i, *match.span()) for i, text in enumerate(texts) for match in _WORD.finditer(text)]
    words = words[:_LONGEST]
    without = [
        (*texts[:i], texts[i][:start] + texts[i][end:], *texts[i + 1 :]) for i, start, end in words
    ]
    whole, *rest = model.predict_batch([texts, *without])
    output = int(whole.argmax())
    weights = [float(whole[output] - one[output]) for one in rest]
    largest = max(map(abs, weights), default=0.0) or 1.0
    shown = [texts[i][start:end] for i, start, end in words]
    return [(word, weight / largest) for word, weight in zip(shown, weights, strict=True)], output
