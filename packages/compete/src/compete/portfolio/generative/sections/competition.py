"""What the competition asks for, and how the submissions do there."""

import polars as pl

from compete.portfolio import charts
from compete.portfolio.generative.state import GenerativeState
from compete.portfolio.section import Section, count, number, sentence

_FACTS = (
    "metric",
    "images",
    "source_images",
    "count_min",
    "count_max",
    "width",
    "height",
    "mode",
    "format",
    "deadline",
)


def competition_section(state: GenerativeState) -> Section:
    """State what is asked for, and where each fact is from."""
    contract = state.contract
    asked = (
        "translations of given images into another style"
        if contract.translates
        else "new images like the given ones"
    )
    numbers = f"{contract.count_min:,}"
    if contract.count_max != contract.count_min:
        numbers += f" to {contract.count_max:,}"
    section = Section(
        "problem",
        "What is submitted",
        [
            sentence(
                "The Kaggle competition <a href='{}'>{}</a> asks for {}.",
                state.address,
                contract.title,
                asked,
            ),
            sentence(
                "A submission is a zip of {} images of {} x {} pixels, in {}.",
                numbers,
                contract.width,
                contract.height,
                contract.format,
            ),
        ],
    )
    rows = [
        {"what": key.replace("_", " "), "value": str(value), "source": contract.sources.get(key)}
        for key in _FACTS
        if (value := getattr(contract, key)) not in (None, "")
    ]
    section.tables.append(("The contract", pl.DataFrame(rows)))
    return section


def submissions_section(state: GenerativeState) -> Section:
    """State score and rank, and list what was sent."""
    section = Section("standing", "Submissions")
    entry, board = state.headline, state.leaderboard
    if not state.ledger:
        section.nothing = "Nothing has been submitted yet, so there is no score."
        return section
    if entry is None or entry.public is None:
        section.text.append("No submission has a score yet.")
    else:
        scored = "The best submission has a public score of {} ({}; lower is better)."
        score = number(entry.public, ".5f", "public")
        section.text.append(sentence(scored, score, state.leaderboard_metric))
        if entry.rank and entry.teams:
            section.text.append(
                sentence(
                    "At that time it ranked {} of {}.",
                    number(entry.rank, "d", "rank"),
                    number(entry.teams, ",d"),
                )
            )
        if state.measurement and entry.sha256 != state.measurement.sha256:
            section.text.append("That submission is not the file measured below.")
        if board and board.scores:
            metric = state.leaderboard_metric
            section.figures.append(charts.leaderboard(metric, board.scores, entry.public))
            section.text.append(sentence("The leaderboard is as of {}.", board.time[:10]))
    rows = [
        {
            "sent": each.time[:10],
            "message": each.message,
            "public": each.public,
            "private": each.private,
            "rank": f"{each.rank:,} of {each.teams:,}" if each.rank and each.teams else None,
            "state": each.state,
            "commit": (each.commit or "")[:7],
        }
        for each in state.ledger
    ]
    schema = {"public": pl.Float64, "private": pl.Float64, "rank": pl.String}
    table = pl.DataFrame(rows, schema_overrides=schema)
    section.tables.append((count(len(rows), "submission"), table))
    return section
