"""Leaves out the pairs that can't be learned from, counts why, and tokenizes all others once."""

from collections import Counter
from pathlib import Path

import polars as pl

from compete.contract import Contract, Feature
from compete.errors import Fault
from compete.files import CONTENT, OWN, digest
from compete.supervised.reading import Preprocessed, Reading, Split
from compete.tasks.translation.pairs import find_source, normalized, pair_problems
from compete.tasks.translation.settings import TranslationSettings
from compete.tasks.translation.tokens import keep_test_tokens, keep_tokens
from compete.training.config import LIGHT, load_config, member_names


def preprocess(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    settings: TranslationSettings,
    folder: Path,
) -> Preprocessed:
    """Tokenize both splits into `folder` for every member, and return their tables.

    A pair with an empty side, or with a side in another script than nine of ten are, teaches
    nothing good: it is refused or left out, as `on_bad_row` says. What is too long is cut. Every
    test row is translated, whatever it holds.

    Args:
        reading: what the files hold.
        contract: what the competition asks for.
        labelled: for each training row whether it has its target; the others are left out.
        settings: the section `data` of params.yaml.
        folder: where to write.

    Raises:
        Fault: there is no text, a pair is unfit, or a tokenizer can't be had.
    """
    train, test = reading.train.table.filter(pl.Series(labelled)), reading.test.table
    target = contract.target_columns[0]
    known = {str(contract.id_column), target, *reading.left_out}
    source, said = find_source(train, test, known, settings.source_column)
    targets = normalized(train[target])
    why = pair_problems(normalized(train[source]), targets)
    counts = Counter(reason for reason in why if reason)
    if counts and not settings.skips_bad_rows:
        rows = [row for row, reason in enumerate(why) if reason]
        lines = (pl.Series(labelled).arg_true().gather(rows[:5]) + 2).to_list()
        told = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in counts.items())
        raise Fault(
            f"{len(rows)} pairs of {reading.train_name} can't be learned from ({told}; first lines "
            f"{', '.join(map(str, lines))}).",
            "Fix them, or set `on_bad_row: skip` under `data` in params.yaml.",
        )
    good = [reason is None for reason in why]
    if not any(good):
        raise Fault(
            f"No row of {reading.train_name} has text in {source} and in {target}.",
            "Name another column: `source_column: NAME` under `data` in params.yaml.",
        )
    train = train.filter(pl.Series(good))
    targets = [text for text, kept in zip(targets, good, strict=True) if kept]
    texts = {
        split: normalized(table[source]) for split, table in (("train", train), ("test", test))
    }
    for member in member_names():
        config = load_config(member, sections=(*LIGHT, "model"))
        place = folder / config.data.tokens_folder(config.model).name
        if not place.exists():
            column, _ = find_source(train, test, known, config.data.source_column)
            own = {"train": normalized(train[column]), "test": normalized(test[column])}
            keep_tokens(place, config, own, targets)
    content = pl.Series(CONTENT, [digest([text]) for text in texts["train"]])
    return Preprocessed(
        train.with_columns(content),
        test,
        {
            name: Feature("source", said)
            if name == source
            else Feature("drop", reading.left_out.get(name, "it is not the text to translate"))
            for name in test.columns
            if not name.startswith(OWN)
        },
        {
            "train_empty": counts["empty"],
            "train_wrong_script": counts["wrong_script"],
            "test_empty": sum(not text for text in texts["test"]),
            "same_on_both_sides": sum(a == b for a, b in zip(texts["train"], targets, strict=True)),
        },
    )


def preprocess_test(
    reading: Reading[Split],
    contract: Contract,
    labelled: list[bool],
    settings: TranslationSettings,
    folder: Path,
) -> pl.DataFrame:
    """Tokenize the test rows by the tokenizers that `preprocess` kept; return their table.

    The arguments are those of `preprocess`; the training rows are those that it kept in `folder`.
    """
    train, test = pl.read_parquet(folder / "train.parquet"), reading.test.table
    known = {str(contract.id_column), contract.target_columns[0]}
    usual = next((name for name, one in contract.features.items() if one.kind == "source"), "auto")
    places = set()
    for member in member_names():
        config = load_config(member, sections=(*LIGHT, "model"))
        place = folder / config.data.tokens_folder(config.model).name
        if place in places:
            continue
        places.add(place)
        asked = config.data.source_column
        column, _ = find_source(train, test, known, usual if asked == "auto" else asked)
        texts = {"train": normalized(train[column]), "test": normalized(test[column])}
        keep_test_tokens(place, config.data.prefix, texts)
    return test
