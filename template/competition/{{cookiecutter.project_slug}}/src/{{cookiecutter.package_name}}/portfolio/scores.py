"""The first chapters: the problem, where it stands, validation, the data, the training."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from ..exhibits import Input
from . import charts
from .facts import Facts
from .section import Section, say, value


def problem(facts: Facts) -> Section:
    """What was to be done, in two sentences."""
    contract, metric = facts.contract, facts.contract.scoring
    rows, outputs = f"each of {contract.rows:,} rows", len(contract.classes)
    kind = {
        "classification": f"which of {outputs} classes {rows} belongs to",
        "multilabel": f"which of {outputs} labels {rows} has",
        "translation": f"for the translation of {rows}",
        "regression": f"for {', '.join(contract.target_columns)} of {rows}",
    }[contract.problem]
    better = "higher" if metric.maximize else "lower"
    return Section(
        "problem",
        "The problem",
        [
            say(
                "The Kaggle competition <a href='https://www.kaggle.com/competitions/{}'>{}</a> "
                "asks {}.",
                contract.slug,
                contract.title,
                kind,
            ),
            say("Answers are scored by {}: {} is better.", metric.name, better),
        ],
    )


def standing(facts: Facts) -> Section:
    """Score, rank and percentile, on the leaderboard's spread."""
    made = Section("standing", "Where it stands")
    entry, board, metric = facts.headline, facts.leaderboard, facts.contract.metric
    if not entry:
        made.text.append("No submission has a score yet, so there is no place on the leaderboard.")
        return made
    made.text.append(say("The public score is {}.", value(entry["public"], key="public")))
    if entry["private"] is not None:
        made.text.append(say("The private score is {}.", value(entry["private"], key="private")))
    if entry["rank"]:
        made.text.append(
            say(
                "That is rank {} of {} teams, within the best {} %, when it was sent.",
                value(entry["rank"], "d", "rank"),
                value(entry["teams"], "d"),
                value(percentile(entry), ".1f", "percentile"),
            )
        )
    else:
        made.text.append("The rank is not known.")
    if board.get("scores"):
        ours = entry["private"] if board["private"] else entry["public"]
        made.figures.append(charts.leaderboard(metric, board["scores"], ours))
        made.text.append(say("The leaderboard was read on {}.", board["time"][:10]))
    else:
        made.text.append("The leaderboard was not read, so its spread is not shown.")
    return made


def percentile(entry: dict[str, Any]) -> float:
    """Within the best how many per cent of the teams an entry lies."""
    rank, teams = float(entry["rank"]), float(entry["teams"])
    return 100 * rank / teams


def validation(facts: Facts) -> Section:
    """The out-of-fold score with its spread, and what the leaderboard said to it."""
    made = Section("validation", "Cross-validation")
    cv = facts.cv
    if cv:
        made.text.append(
            say(
                "Out of fold, {} is {} over {} rows, each answered by models that never saw it.",
                cv["metric"],
                value(cv["score"], key="cv"),
                value(cv["rows"], ",d", "cv-rows"),
            )
        )
        made.text.append(
            say(
                "Between {} folds it has a standard deviation of {}.",
                len(cv["folds"]),
                value(facts.spread, key="cv-spread"),
            )
        )
        made.figures.append(charts.fold_scores(cv["metric"], _named_folds(facts), cv["score"]))
    else:
        made.text.append("Nothing is predicted out of fold yet.")
    sent = [e for e in facts.ledger if e["state"] == "complete"]
    if sent:
        made.figures.append(charts.ledger(facts.contract.metric, sent))
    return made


def _named_folds(facts: Facts) -> dict[int, float]:
    """The score of each fold by its number; not all of them may be trained."""
    there = facts.oof["fold"].unique().sort().to_list() if facts.oof is not None else []
    scores = facts.cv["folds"]
    numbers = there if len(there) == len(scores) else range(len(scores))
    return dict(zip(numbers, scores, strict=True))


def data(facts: Facts, examples: Sequence[tuple[str, Input]]) -> Section:
    """Counts, classes, examples, and what was left out."""
    made = Section("data", "The data")
    counted = facts.prepared
    if facts.train is None:
        made.text.append("The data is not prepared yet.")
        return made
    made.text.append(
        say(
            "{} rows with answers to learn from, in {} folds ({}), and {} rows to answer.",
            value(facts.train.height, ",d", "rows"),
            facts.folds,
            counted["fold_kind"],
            f"{facts.contract.rows:,}",
        )
    )
    known = {"dropped_without_label": "rows without a label were left out"}
    known |= {"duplicates": "rows are the same as another one, and share its fold"}
    known |= {"train_broken": "inputs could not be read and were left out"}
    known |= {"train_missing": "inputs were missing and were left out"}
    dropped = [f"{counted[key]:,} {words}" for key, words in known.items() if counted.get(key)]
    made.text.append("; ".join(dropped).capitalize() + "." if dropped else "Nothing was left out.")
    for column in facts.contract.target_columns[:4]:
        values, name = facts.train[column], column
        if facts.contract.problem == "translation":
            values, name = values.str.len_chars().cast(pl.Float64), f"characters of {column}"
        made.figures.append(charts.counts(name, values))
    if examples:
        made.galleries.append(("Examples", "Rows of the training data.", examples))
    return made


def training(facts: Facts) -> Section:
    """The learning curves of every fold."""
    made = Section("training", "Training")
    for member in facts.members:
        table = facts.curves.filter(pl.col("member") == member)
        if table.is_empty():
            made.text.append(say("Of member {}, no learning curve was kept.", member))
            continue
        for name in sorted(set(table["name"]), key=lambda n: ("loss" in n, n)):
            title = f"{name.replace('/', ' ')} of {member}"
            made.figures.append(charts.curves(table, name, title))
    return made
