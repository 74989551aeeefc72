"""Chooses the columns of text, leaves out what can't be learned from, and tokenizes all once."""

from pathlib import Path
from typing import Any

import polars as pl

from ..competition import Contract
from ..errors import Fault
from ..files import digest, member_params
from .columns import cleaned, find_columns
from .encoder import BACKBONE
from .kept import tokens_folder
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

    A training row without any text teaches nothing: it is refused, or with `skip` left out and
    counted. A test row without text is predicted like any other, for Kaggle asks for it.

    Args:
        labelled: for each training row whether it has its targets; the others are dropped.
        sections: the `data` section of params.yaml, then of each member.

    Returns:
        The tables of the rows that were kept (the training one with `content`, a fingerprint of the
        cleaned texts), and facts; `features` among them says which columns the model reads.

    Raises:
        Fault: there is no text, a row has none, or a tokenizer can't be had.
    """
    train, test = reading.train.table.filter(pl.Series(labelled)), reading.test.table
    known = {contract.id_column, *contract.target_columns, str(sections[0].get("group_column"))}
    features = find_columns(train, test, known, sections[0])
    texts = [name for name, what in features.items() if what["kind"] == "text"]
    blank = {
        split: cleaned(table.select(texts), {t: features[t] for t in texts}, True)
        for split, table in (("train", train), ("test", test))
    }
    good = blank["train"].select(pl.any_horizontal(pl.all() != "")).to_series()
    if not skip and not good.all():
        rows = (~good).arg_true().to_list()
        lines = pl.Series(labelled).arg_true().gather(rows[:5]) + 2
        raise Fault(
            f"{len(rows)} rows of {reading.names[0]} have no text in {texts} (lines "
            f"{', '.join(map(str, lines))}{', …' if len(rows) > 5 else ''}).",
            "Mend them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    if not good.any():
        raise Fault(
            f"No row of {reading.names[0]} has text in {texts}.",
            "Name another column: `text_columns: [NAME]` under `data` in params.yaml.",
        )
    train = train.filter(good)
    content = [digest(row) for row in blank["train"].filter(good).iter_rows()]
    for params in member_params().values():
        data, model = params["data"], params["model"]
        chosen = find_columns(train, test, known, data)
        clean = bool(data.get("clean", True))
        tables = {"train": cleaned(train, chosen, clean), "test": cleaned(test, chosen, clean)}
        backbone, weights = model.get("backbone", BACKBONE), model.get("weights", "hub")
        options = {key: data.get(key, usual) for key, usual in OPTIONS.items()}
        place = folder / tokens_folder(backbone, weights, options).name
        if not place.exists():
            keep_tokens(place, backbone, weights, options["max_length"], chosen, tables)
    seen = pl.Series("content", content)
    facts = {
        "features": features,
        "rows": train.height,
        "test_rows": test.height,
        "duplicates": train.height - seen.n_unique(),
        "train_empty": int((~good).sum()),
        "test_empty": int(blank["test"].select(pl.all_horizontal(pl.all() == "")).sum().item()),
    }
    return train.with_columns(seen), test, facts
