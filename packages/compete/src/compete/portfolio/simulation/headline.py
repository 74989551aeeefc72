"""The first screen of a project of an agent."""

from compete.charts.figure import Figure
from compete.portfolio.headline import Headline, Tile
from compete.portfolio.section import count, number, sentence
from compete.portfolio.simulation.state import SimulationState
from compete.simulation_records import Evaluation, Judgement

_SHOWN = 3


def headline(state: SimulationState, picture: Figure | None) -> Headline:
    """Return what a visitor sees first.

    Args:
        state: of the project.
        picture: the chart that shows it best.
    """
    contract = state.contract
    game = contract.title if state.has_opponents else contract.environment
    asked = "an agent that plays {} against the agents of other teams"
    alone = "an agent that reaches a high mean return in {}"
    kind = "competition" if state.has_opponents else "Gymnasium environment"
    problem = (asked if state.has_opponents else alone).format(game)
    return Headline(
        kind=state.kind,
        problem=f"The {kind} asks for {problem}.",
        result=_result(state),
        tiles=_tiles(state),
        findings=_findings(state)[:_SHOWN],
        picture=picture,
    )


def _result(state: SimulationState) -> str:
    if judgement := state.judgement:
        place = [each.player for each in judgement.ladder].index(judgement.agent) + 1
        text = f"The agent ranks {place} of {len(judgement.ladder)} on the project's ladder "
        text += f"after {count(judgement.games, 'game')}"
        if (entry := state.headline) and entry.rank and entry.teams:
            text += f", and {entry.rank:,} of {entry.teams:,} on Kaggle's leaderboard"
        return f"{text}."
    if found := state.evaluation:
        return (
            f"The agent's mean return over {count(found.episodes, 'episode')} is {found.mean:.1f}."
        )
    return "The agent has not been evaluated yet."


def _tiles(state: SimulationState) -> list[Tile]:
    tiles = []
    if (entry := state.headline) and entry.public is not None:
        note = "every agent starts at 600"
        if entry.rank and entry.teams:
            top = max(100 * entry.rank / entry.teams, 1)
            note = f"rank {entry.rank:,} of {entry.teams:,}: top {top:.0f}%; {note}"
        tiles.append(Tile("Kaggle's rating", number(entry.public, ".1f"), note))
    if judgement := state.judgement:
        own, anchor = judgement.standing, judgement.anchor
        note = f"95% interval {own.low:.0f} to {own.high:.0f}"
        note += f"; {anchor} is 0" if anchor else "; the mean is 0"
        tiles.append(Tile("Elo on the ladder", number(own.elo, ".0f"), note))
        if quality := judgement.quality:
            known = count(quality.moves - quality.unknown, "solved move")
            share = sentence("{}%", number(100 * quality.share, ".1f"))
            tiles.append(Tile("optimal moves", share, known))
    if found := state.evaluation:
        tiles.append(Tile("mean return", number(found.mean, ".1f"), _return_note(state, found)))
    return tiles


def _return_note(state: SimulationState, found: Evaluation) -> str:
    note = f"± {found.spread:.1f} over {count(found.episodes, 'episode')}"
    solved = state.contract.reward_threshold
    return f"{note}; solved at {solved:g}" if solved is not None else note


def _findings(state: SimulationState) -> list[str]:
    """Return what the numbers tell, in sentences."""
    if state.judgement:
        return _judged(state, state.judgement)
    found, solved = state.evaluation, state.contract.reward_threshold
    if found is None:
        return []
    told = [f"A mean episode has {found.length:,.0f} steps."]
    if solved is not None:
        is_it = "is" if found.mean >= solved else "is not yet"
        told.insert(0, f"The environment {is_it} solved: {found.mean:.1f} of {solved:g}.")
    if run := state.shown_run:
        told.append(
            f"The best evaluation came after {run.best_timesteps:,} of {run.timesteps:,} steps."
        )
    return told


def _judged(state: SimulationState, judgement: Judgement) -> list[str]:
    told = []
    scores = judgement.scores()["score_against"]
    if scores:
        name, least = min(scores.items(), key=lambda pair: float(pair[1]))
        told.append(f"Its hardest opponent is {name}, against which it scores {least:.0%}.")
    own = judgement.standing
    told.append(
        f"On the ladder it won {own.wins:,}, drew {own.draws:,} and lost {own.losses:,} games."
    )
    if judgement.times.moves:
        limit = state.contract.act_timeout
        of = f" of the {limit:g} allowed" if limit is not None else ""
        told.append(f"A move takes {judgement.times.mean:.2f} seconds on average{of}.")
    if judgement.failures:
        told.insert(0, f"It failed in {count(judgement.failures, 'game')}.")
    return told
