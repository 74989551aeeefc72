"""Chooses the columns of text, leaves out what can't be learned from, and tokenizes all once."""

from pathlib import Path

import polars as pl

from compete.contract import Contract
from compete.errors import Fault
from compete.files import CONTENT, digest
from compete.supervised.reading import Preprocessed, Reading, Split
from compete.tasks.text.columns import cleaned, find_columns
from compete.tasks.text.settings import TextSettings
from compete.tasks.text.tokens import keep_test_tokens, keep_tokens
from compete.training.config import LIGHT, load_config, member_names


def preprocess(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    settings: TextSettings,
    folder: Path,
) -> Preprocessed:
    """Tokenize both splits into `folder` for every member, and return their tables.

    A training row without any text teaches nothing: it is refused or left out, as `on_bad_row`
    says. A test row without text is predicted like any other, for Kaggle asks for it.

    Args:
        reading: what the files hold.
        contract: what the competition asks for.
        labelled: for each training row whether it has its targets; the others are left out.
        settings: the section `data` of params.yaml.
        folder: where to write.

    Raises:
        Fault: there is no text, a row has none, or a tokenizer can't be had.
    """
    train, test = reading.train.table.filter(pl.Series(labelled)), reading.test.table
    known = dict.fromkeys(contract.target_columns, "it is the target") | reading.left_out
    if contract.id_column:
        known[contract.id_column] = "it identifies the row"
    columns = find_columns(train, test, known, settings)
    features = {name: one for name, one in columns.items() if one.kind != "drop"}
    texts = {name: feature for name, feature in features.items() if feature.kind == "text"}
    train_texts, test_texts = (cleaned(table, texts, True) for table in (train, test))
    good = train_texts.select(pl.any_horizontal(pl.all() != "")).to_series()
    if not settings.skips_bad_rows and not good.all():
        rows = (~good).arg_true().to_list()
        lines = pl.Series(labelled).arg_true().gather(rows[:5]) + 2
        raise Fault(
            f"{len(rows)} rows of {reading.train_name} have no text in {list(texts)} (lines "
            f"{', '.join(map(str, lines))}{', …' if len(rows) > 5 else ''}).",
            "Fix them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    if not good.any():
        raise Fault(
            f"No row of {reading.train_name} has text in {list(texts)}.",
            "Name another column: `text_columns: [NAME]` under `data` in params.yaml.",
        )
    train = train.filter(good)
    content = [digest(row) for row in train_texts.filter(good).iter_rows()]
    for member in member_names():
        config = load_config(member, sections=(*LIGHT, "model"))
        place = folder / config.data.tokens_folder(config.model).name
        if not place.exists():
            every, clean = find_columns(train, test, known, config.data), config.data.clean
            chosen = {name: one for name, one in every.items() if one.kind != "drop"}
            tables = {"train": cleaned(train, chosen, clean), "test": cleaned(test, chosen, clean)}
            keep_tokens(place, config, chosen, tables)
    counts = {
        "train_empty": int((~good).sum()),
        "test_empty": int(test_texts.select(pl.all_horizontal(pl.all() == "")).sum().item()),
    }
    return Preprocessed(train.with_columns(pl.Series(CONTENT, content)), test, columns, counts)


def preprocess_test(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    settings: TextSettings,
    folder: Path,
) -> pl.DataFrame:
    """Tokenize the test rows as `preprocess` did for every member; return their table.

    The arguments are those of `preprocess`.
    """
    clean = {}
    for member in member_names():
        config = load_config(member, sections=(*LIGHT, "model"))
        clean[folder / config.data.tokens_folder(config.model).name] = config.data.clean
    for place, cleans in clean.items():
        keep_test_tokens(place, reading.test.table, cleans)
    return reading.test.table
