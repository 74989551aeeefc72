"""What the data looks like."""

from collections.abc import Mapping

import polars as pl

from compete.charts.predictions import counts
from compete.files import PARAMS
from compete.portfolio.section import Samples, Section, count, number, sentence
from compete.portfolio.supervised.state import SupervisedState

_MOST_TARGETS = 4  # whose distributions are drawn
_FEW_COLUMNS = 2  # of which a table tells nothing
_NAMED = 8  # columns of a kind


def data_section(state: SupervisedState, examples: Samples | None) -> Section:
    """State how many samples there are and what was left out, and show some of them.

    Args:
        state: of the project.
        examples: some training samples.
    """
    section = Section("data", "Data")
    prepared = state.prepared
    if state.train is None or prepared is None:
        section.nothing = "The data is not prepared yet."
        return section
    section.text.append(
        sentence(
            "There are {} training rows in {} ({}), and {} test rows to predict.",
            number(prepared.rows, ",d", "rows"),
            count(prepared.folds, "fold"),
            prepared.fold_kind,
            number(prepared.test_rows, ",d", "test-rows"),
        )
    )
    if prepared.fold_column:
        why = "set in params.yaml" if prepared.fold_reason == str(PARAMS) else prepared.fold_reason
        section.text.append(sentence("Folds are split by {}: {}.", prepared.fold_column, why))
    left_out = _reasons(prepared.counts, "dropped_", "train_")
    section.text.append(
        f"Left out of training: {left_out}." if left_out else "No training row was left out."
    )
    if unusable := _reasons(prepared.counts, "test_"):
        section.text.append(f"Test rows without usable input: {unusable}.")
    if prepared.duplicates:
        duplicates = count(prepared.duplicates, "duplicate")
        section.text.append(f"{duplicates} of other training rows, kept in the same fold.")
    for column in state.problem.label_columns(state.train)[:_MOST_TARGETS]:
        section.figures.append(counts(*state.problem.counted(column)))
    if len(state.contract.features) > _FEW_COLUMNS:
        section.tables.append(("Input columns", _columns(state)))
    if examples:
        section.samples.append(examples)
    return section


def _columns(state: SupervisedState) -> pl.DataFrame:
    """Return how many columns of each kind there are, with some of their names."""
    kinds: dict[str, list[str]] = {}
    for name, feature in state.contract.features.items():
        if feature.kind == "drop":
            continue
        kinds.setdefault(feature.kind, []).append(name)
    rows = [
        {
            "kind": kind,
            "columns": len(names),
            "names": ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else ""),
        }
        for kind, names in sorted(kinds.items(), key=lambda pair: -len(pair[1]))
    ]
    return pl.DataFrame(rows)


def _reasons(counts: Mapping[str, int], *prefixes: str) -> str:
    """Return the counts whose keys have one of the prefixes, as in `2 broken, 1 missing`."""
    return ", ".join(
        f"{quantity:,} {key.removeprefix(prefix).replace('_', ' ')}"
        for key, quantity in counts.items()
        for prefix in prefixes
        if quantity and key.startswith(prefix)
    )
