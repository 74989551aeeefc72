"""What the report shows of tables: rows, and what the score loses without each column."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..competition import Contract
from ..exhibits import Exhibit, Input
from .tables import shown_rows

_ROWS = 2000  # of the validation rows, drawn at random
_COLUMNS = 100


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """The columns of some training rows, by their numbers."""
    return shown_rows(contract, rows)


def explain(contract: Contract, rows: Sequence[int]) -> list[Exhibit]:
    """Permutation importance (Breiman, 2001) on rows that the model never trained on."""
    from .config import by_weight
    from .predict import is_finished, load_fold
    from .train import prepared, run_folder

    facts = prepared()
    for member in by_weight():
        for fold in range(facts["folds"]):
            if is_finished(run_folder(member, fold), facts["digest"]):
                data, model = load_fold(contract, member, fold)
                text = (
                    f"How much worse {contract.metric} of member {member} on fold {fold} gets when "
                    "the values of one column are dealt out among the rows at random."
                )
                bars = _importance(contract, data, model)
                return [Exhibit("What each column is worth", text, bars=bars)]
    return []


def _importance(contract: Contract, data: Any, model: Any) -> list[tuple[str, float]]:
    """What the score loses by each column, the most first."""
    import torch

    from .encode import Encoded, encode

    random = np.random.default_rng(0)
    chosen = random.permutation(data.valid_rows)[:_ROWS]
    table, targets = data.table["train"], data.targets[torch.from_numpy(chosen)]
    held_out = table[chosen.tolist()]
    kinds = {name: str(what["kind"]) for name, what in contract.features.items()}
    kinds = {name: kind for name, kind in kinds.items() if kind != "drop"}
    columns = list(kinds)[:_COLUMNS]
    order = random.permutation(held_out.height).tolist()
    mixed = [held_out.with_columns(held_out[name][order].alias(name)) for name in columns]
    known = table[data.train_rows.tolist()]
    (_, *encoded), _ = encode(
        known, [held_out, *mixed], kinds, data.statistics(), contract.target_columns, data.seed
    )

    @torch.inference_mode()
    def score(rows: Encoded) -> float:
        batch = (torch.from_numpy(rows.numbers), torch.from_numpy(rows.codes))
        return contract.scoring.score(model.predict_batch(batch).double(), targets)

    whole, *without = (score(rows) for rows in encoded)
    sign = 1 if contract.scoring.maximize else -1
    losses = [sign * (whole - one) for one in without]
    return sorted(zip(columns, losses, strict=True), key=lambda pair: -pair[1])
