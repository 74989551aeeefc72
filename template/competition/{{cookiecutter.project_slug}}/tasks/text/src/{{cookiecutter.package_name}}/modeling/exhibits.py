"""What the report shows of texts: the texts, and which of their tokens the answers rest on."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from ..competition import Contract
from ..exhibits import Exhibit, Input
from ..files import PROCESSED
from .tables import shown_rows

_LONGEST = 96  # tokens that are looked at, from the beginning of a text


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """The columns of some training rows, by their numbers."""
    return shown_rows(contract, rows)


def explain(contract: Contract, rows: Sequence[int]) -> list[Exhibit]:
    """Ablation of tokens (Li et al., 2016) by models that never trained on these rows."""
    from .config import by_weight
    from .predict import is_finished, load_fold
    from .train import prepared, run_folder

    folds = pl.read_parquet(PROCESSED / "train.parquet", columns=["fold"])["fold"]
    digest, member = prepared()["digest"], by_weight()[0]
    items: list[tuple[str, Input]] = []
    for fold in sorted({folds[row] for row in rows}):
        if fold < 0 or not is_finished(run_folder(member, fold), digest):
            continue
        data, model = load_fold(contract, member, fold)
        for row in (row for row in rows if folds[row] == fold):
            tokens, answer = _ablation(data, model, row)
            name = (contract.classes or contract.target_columns)[answer]
            items.append((f"row {row}: what speaks for {name}", tokens))
    if not items:
        return []
    text = (
        f"Each token is hidden in turn, and member {member} is asked again. Blue lines: without it "
        "the answer is less probable (or lower). Orange lines: more so. The thicker, the more."
    )
    return [Exhibit("Which words it reads", text, items)]


def _ablation(data: Any, model: Any, row: int) -> tuple[list[tuple[str, float]], int]:
    """The tokens of a row, each with what hiding it takes from the answer (the most is 1)."""
    import torch
    from captum.attr import FeatureAblation
    from transformers import AutoTokenizer

    batch, _ = data.collate([(data.tokens["train"].row(row), data.targets[row])])
    batch = {key: value[:, :_LONGEST] for key, value in batch.items()}
    ids = batch.pop("input_ids")
    tokenizer: Any = AutoTokenizer.from_pretrained(model.rebuild["backbone"])
    hidden = next(i for i in (tokenizer.mask_token_id, tokenizer.unk_token_id, 0) if i is not None)

    def ask(asked: torch.Tensor) -> torch.Tensor:
        rest = {key: value.expand(len(asked), -1) for key, value in batch.items()}
        answers: torch.Tensor = model.predict_batch({"input_ids": asked, **rest})
        return answers

    with torch.inference_mode():
        answer = int(ask(ids).argmax())
        found = FeatureAblation(ask).attribute(
            ids, baselines=hidden, target=answer, perturbations_per_eval=16
        )
    weights = found[0].float() / found.abs().max().clamp(min=1e-12)
    special = set(tokenizer.all_special_ids)
    return [
        (tokenizer.decode([token]).strip(), weight)
        for token, weight in zip(ids[0].tolist(), weights.tolist(), strict=True)
        if token not in special
    ], answer
