"""What the report shows of tables: rows, and what the score loses without each column."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from compete.contract import Contract
from compete.explanation import Explanation, Input
from compete.supervised.reading import shown_rows
from compete.tasks.tabular.encode import Encoded

_ROWS = 2000  # of the validation rows, drawn at random
_COLUMNS = 100


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """Return the columns of some training rows, by their numbers."""
    return shown_rows(contract, rows)


def explain(contract: Contract, rows: Sequence[int]) -> list[Explanation]:
    """Return permutation importance (Breiman, 2001) on rows that the model never trained on."""
    from compete.supervised.inference import trained_folds

    for member, fold, _, data, model in trained_folds(contract):
        text = (
            f"How much worse the score of member {member} on fold {fold} gets when the "
            "values of one column are shuffled among the rows."
        )
        bars = _importance(contract, data, model)
        return [Explanation("Permutation importance", text, bars=bars)]
    return []


def _importance(contract: Contract, data: Any, model: Any) -> list[tuple[str, float]]:
    """Return what the score loses by each column, the most first."""
    import torch

    random = np.random.default_rng(0)
    chosen = random.permutation(data.val_rows)[:_ROWS]
    table, targets = data.table["train"], data.targets[torch.from_numpy(chosen)]
    held_out = table[chosen.tolist()]
    columns = list(data.kinds)[:_COLUMNS]
    order = random.permutation(held_out.height).tolist()
    shuffled = [held_out.with_columns(held_out[name][order].alias(name)) for name in columns]
    (_, *encoded), _ = data.encode([held_out, *shuffled])

    @torch.inference_mode()
    def score(rows: Encoded) -> float:
        batch = (torch.from_numpy(rows.numbers), torch.from_numpy(rows.codes))
        return contract.scoring.score(model.predict_batch(batch).double(), targets)

    whole, *without = (score(rows) for rows in encoded)
    sign = 1 if contract.scoring.maximize else -1
    losses = [sign * (whole - one) for one in without]
    return sorted(zip(columns, losses, strict=True), key=lambda pair: -pair[1])
