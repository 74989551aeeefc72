"""What the report shows of a table: the rows themselves, and which columns the answers rest on."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from ..competition import Contract
from ..exhibits import Exhibit, Input
from ..files import PROCESSED

_ROWS = 2000
_SHOWN = 15


def inputs(contract: Contract, rows: Sequence[int]) -> list[Input]:
    """Some training rows, by their numbers: the columns that are used."""
    table = pl.read_parquet(PROCESSED / "train.parquet")
    used = [name for name, feature in contract.features.items() if feature["kind"] != "drop"]
    return [table.select(used).row(row, named=True) for row in rows]


def explain(contract: Contract, rows: Sequence[int]) -> list[Exhibit]:
    """Permutation importance (Breiman, 2001) on rows that the asked model never trained on."""
    import torch

    from .config import member_names
    from .encode import Encoded
    from .predict import is_finished, load_fold
    from .train import prepared, run_folder

    member = member_names()[0]
    if not is_finished(run_folder(member, 0), prepared()["digest"]):
        return []
    data, model = load_fold(contract, member, 0)
    chosen = data.valid_rows[:_ROWS]
    whole = data.encoded["train"]
    held_out = Encoded(whole.numbers[chosen], whole.codes[chosen])
    targets = data.targets[torch.from_numpy(chosen)]
    order = np.random.default_rng(0).permutation(len(chosen))

    def loss(column: str | None) -> float:
        """The loss when one column's values, however they are encoded, go to other rows."""
        numbers, codes = held_out.numbers.copy(), held_out.codes.copy()
        for array, names in ((numbers, data.layout.numbers), (codes, data.layout.codes)):
            mine = [place for place, name in enumerate(names) if name == column]
            array[:, mine] = array[order][:, mine]
        with torch.inference_mode():
            logits = model((torch.from_numpy(numbers), torch.from_numpy(codes)))
            return float(model.loss(logits, targets))

    usual = loss(None)
    names = dict.fromkeys([*data.layout.numbers, *data.layout.codes])
    bars = sorted(((name, loss(name) - usual) for name in names), key=lambda bar: -bar[1])
    text = (
        f"The values of one column are dealt out anew among {len(chosen)} rows of fold 0, which "
        f"member {member} has not trained on: by so much its loss of {usual:.4f} grows."
    )
    return [Exhibit("Which columns it rests on", text, bars=bars[:_SHOWN])]
