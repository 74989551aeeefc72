"""What the competition asks of an agent, and how it does there."""

from typing import Any

import polars as pl

from compete.portfolio import charts
from compete.portfolio.section import Section, count, number, sentence
from compete.portfolio.simulation.state import SimulationState

_FACTS = (
    "environment",
    "version",
    "package",
    "players",
    "action",
    "observation",
    "configuration",
    "episode_steps",
    "act_timeout",
    "overage",
    "run_timeout",
    "reward_threshold",
    "deadline",
)


def competition_section(state: SimulationState) -> Section:
    """State what an agent is asked for, and where each fact is from."""
    contract = state.contract
    if state.has_opponents:
        players = " or ".join(map(str, contract.players))
        asked = sentence(
            "The Kaggle competition <a href='{}'>{}</a> asks for an agent that plays {} in games "
            "of {} players. Kaggle rates it in games against the agents of other teams.",
            state.address,
            contract.title,
            contract.environment,
            players,
        )
    else:
        asked = sentence(
            "The Gymnasium environment {} asks for an agent with a high mean return.",
            contract.environment,
        )
    section = Section("problem", "The environment", [asked])
    limits = []
    if contract.act_timeout is not None:
        limits.append(f"{contract.act_timeout:g} seconds for each move")
    if contract.overage is not None:
        limits.append(f"{contract.overage:g} more seconds in total")
    if contract.episode_steps is not None:
        limits.append(f"at most {contract.episode_steps:,} steps")
    if limits:
        section.text.append(f"The limits: {', '.join(limits)}.")
    rows = [
        {"what": key.replace("_", " "), "value": _short(value), "source": contract.sources.get(key)}
        for key in _FACTS
        if (value := getattr(contract, key)) not in (None, "", {})
    ]
    section.tables.append(("The contract", pl.DataFrame(rows)))
    return section


def _short(value: Any) -> str:
    """Return a value in a few words; a schema is told by its description, else by its names."""
    if isinstance(value, dict):
        if "description" in value:
            return str(value["description"])
        return ", ".join(f"{k}: {v}" if isinstance(v, int | float) else k for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def submissions_section(state: SimulationState) -> Section:
    """State the rating and the rank, and list what was sent."""
    section = Section("standing", "Submissions")
    entry, board = state.headline, state.leaderboard
    if not state.ledger:
        section.nothing = "Nothing has been submitted yet, so there is no rating."
        return section
    if entry is None or entry.public is None:
        section.text.append("No submission has a rating yet.")
    else:
        rated = "Kaggle rates the best submission at {}; every agent starts at 600."
        section.text.append(sentence(rated, number(entry.public, ".1f", "rating")))
        if entry.rank and entry.teams:
            section.text.append(
                sentence(
                    "At that time it ranked {} of {}, in the top {}%.",
                    number(entry.rank, "d", "rank"),
                    number(entry.teams, ",d"),
                    number(100 * entry.rank / entry.teams, ".1f", "percentile"),
                )
            )
        if state.judgement and entry.sha256 != state.judgement.sha256:
            section.text.append("That submission is not the file evaluated here.")
        if board and board.scores:
            drawn = charts.leaderboard("rating", board.scores, entry.public, ".1f")
            section.figures.append(drawn)
            section.text.append(sentence("The leaderboard is as of {}.", board.time[:10]))
    rows = [
        {
            "sent": each.time[:10],
            "message": each.message,
            "rating": each.public,
            "rank": f"{each.rank:,} of {each.teams:,}" if each.rank and each.teams else None,
            "state": each.state,
            "commit": (each.commit or "")[:7],
        }
        for each in state.ledger
    ]
    schema = {"rating": pl.Float64, "rank": pl.String}
    table = pl.DataFrame(rows, schema_overrides=schema)
    section.tables.append((count(len(rows), "submission"), table))
    section.tables += _games(state)
    return section


def _games(state: SimulationState) -> list[tuple[str, pl.DataFrame]]:
    """Return against whom the newest submission won and lost, if Kaggle was asked."""
    refs = [str(each.ref) for each in state.ledger if each.ref]
    known = [ref for ref in refs if state.rated and state.rated.against.get(ref)]
    if not state.rated or not known:
        return []
    rows = [[team, *counts] for team, counts in state.rated.against[known[-1]].items()]
    names = ["against", "won", "drawn", "lost", "failed"]
    title = f"Games of submission {known[-1]} on Kaggle, as of {state.rated.time[:10]}"
    return [(title, pl.DataFrame(rows, schema=names, orient="row"))]
