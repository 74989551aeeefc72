"""Leaves out the pairs that can't be learned from, counts why, and tokenizes all others once."""

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from ..competition import Contract
from ..errors import Fault
from ..files import digest, member_params
from .kept import tokens_folder
from .pairs import faults, find_source, tidied
from .seq2seq import BACKBONE
from .tables import Reading, Split
from .tokens import OPTIONS, keep_tokens


def keep(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    sections: list[dict[str, Any]],
    folder: Path,
    *,
    skip: bool,
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    """Tokenize both splits into `folder` for every member, and give their tables and facts.

    A pair with an empty side, or with a side in another script than nine of ten are, teaches
    nothing good: it is left out and counted, or with `skip` false refused. What is too long is cut.
    Every test row is translated, whatever it holds.

    Args:
        labelled: for each training row whether it has its target; the others are dropped.
        sections: the `data` section of params.yaml, then of each member.

    Returns:
        The tables of the rows that were kept (the training one with `content`, a fingerprint of the
        source), and facts; `features` among them says which column is translated.

    Raises:
        Fault: there is no text, a pair is unfit, or a tokenizer can't be had.
    """
    train, test = reading.train.table.filter(pl.Series(labelled)), reading.test.table
    target = contract.target_columns[0]
    known = {contract.id_column, target, str(sections[0].get("group_column"))}
    source, said = find_source(train, test, known, sections[0])
    targets = tidied(train[target])
    why = faults(tidied(train[source]), targets)
    counts = Counter(reason for reason in why if reason)
    if counts and not skip:
        rows = [row for row, reason in enumerate(why) if reason]
        lines = (pl.Series(labelled).arg_true().gather(rows[:5]) + 2).to_list()
        told = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in counts.items())
        raise Fault(
            f"{len(rows)} pairs of {reading.names[0]} can't be learned from ({told}; first lines "
            f"{', '.join(map(str, lines))}).",
            "Mend them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    good = [reason is None for reason in why]
    if not any(good):
        raise Fault(
            f"No row of {reading.names[0]} has text in {source} and in {target}.",
            "Name another column: `source_column: NAME` under `data` in params.yaml.",
        )
    train = train.filter(pl.Series(good))
    targets = [text for text, kept in zip(targets, good, strict=True) if kept]
    texts = {split: tidied(table[source]) for split, table in (("train", train), ("test", test))}
    for params in member_params().values():
        data, model = params["data"], params["model"]
        backbone, weights = model.get("backbone", BACKBONE), model.get("weights", "hub")
        options = {key: data.get(key, usual) for key, usual in OPTIONS.items()}
        place = folder / tokens_folder(backbone, weights, options).name
        if place.exists():
            continue
        column, _ = find_source(train, test, known, data)
        own = {"train": tidied(train[column]), "test": tidied(test[column])}
        keep_tokens(place, backbone, weights, options, own, targets)
    seen = pl.Series("content", [digest([text]) for text in texts["train"]])
    facts = {
        "features": {source: {"kind": "source", "source": said}},
        "rows": train.height,
        "test_rows": test.height,
        "duplicates": train.height - seen.n_unique(),
        "train_empty": counts["empty"],
        "train_wrong_script": counts["wrong_script"],
        "test_empty": sum(not text for text in texts["test"]),
        "same_on_both_sides": sum(a == b for a, b in zip(texts["train"], targets, strict=True)),
    }
    return train.with_columns(seen), test, facts
