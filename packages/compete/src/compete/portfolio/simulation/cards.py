"""What README, model card and summary say of an agent."""

from typing import Any

from compete.portfolio.model_card import ModelFacts
from compete.portfolio.readme import Results
from compete.portfolio.section import count
from compete.portfolio.simulation.state import SimulationState, config_path
from compete.portfolio.summary import Summary
from compete.portfolio.templating import escape
from compete.simulation_records import AgentRun


def results(state: SimulationState) -> Results:
    """Return the rating, the place on the ladder, and the score against each opponent."""
    rows = []
    if entry := state.headline:
        rows.append(("Kaggle's rating", f"{entry.public:.1f}"))
        if entry.rank:
            rows.append(("rank", f"{entry.rank} of {entry.teams}"))
    if judgement := state.judgement:
        own = judgement.standing
        anchor = f" ({escape(judgement.anchor)} is 0)" if judgement.anchor else ""
        interval = f"{own.elo:.0f} (95%: {own.low:.0f} to {own.high:.0f})"
        rows.append((f"Elo on the project's ladder{anchor}", interval))
        rows += [
            (f"score against {escape(opponent)}", f"{score:.1%}")
            for opponent, score in _against(state).items()
        ]
        if judgement.quality:
            rows.append(("optimal moves (by an exact solver)", f"{judgement.quality.share:.1%}"))
    if found := state.evaluation:
        name = f"mean return over {count(found.episodes, 'episode')}"
        rows.append((name, f"{found.mean:.2f} ± {found.spread:.2f}"))
    return Results("result", rows)


def model_facts(state: SimulationState) -> ModelFacts:
    """Return what the model card says of the agent."""
    contract, slug = state.contract, state.contract.slug
    scores: list[tuple[str, str, float | None]] = []
    if state.judgement:
        scores.append(("ladder", "elo", state.judgement.standing.elo))
    if state.evaluation:
        scores.append(("evaluation", "mean_reward", state.evaluation.mean))
    if entry := state.headline:
        scores.append(("leaderboard", "rating", entry.public))
    if state.has_opponents:
        intro = f"An agent for the Kaggle competition\n[{slug}]({state.address}), which rates "
        intro += "agents in games against each other."
        limits = "Its time per move was measured on one machine. "
    else:
        intro = f"An agent for the Gymnasium environment\n`{contract.environment}`."
        limits = ""
    return ModelFacts(
        intro=intro,
        use=f"The agent plays only {escape(contract.environment)} ({escape(contract.package)}). "
        f"{limits}Its\nstrength against other opponents than those in the report is not known.",
        task="reinforcement-learning",
        tags=["reinforcement-learning", "stable-baselines3"],
        scores=scores,
        configs={run.member: config_path(run) for run in state.runs},
        remarks={
            run.member: [
                f"Trained {run.parameters:,} parameters with {run.algorithm} for "
                f"{run.timesteps:,} steps."
                f"{imitation(run)}"
            ]
            for run in state.runs
        },
    )


def imitation(run: AgentRun) -> str:
    """Return what was learned before the first step, in a sentence; empty if nothing was."""
    if not run.imitated:
        return ""
    return f" Before, it was pretrained to imitate a search in {run.imitated:,} positions."


def summary(state: SimulationState) -> Summary:
    """Return what is said of the project in short."""
    judgement, found = state.judgement, state.evaluation
    scores: dict[str, Any] = {"elo": None, "kept_value": None, "return": None}
    if judgement:
        own = judgement.standing
        scores["elo"] = {"value": own.elo, "low": own.low, "high": own.high}
        scores["kept_value"] = judgement.quality.share if judgement.quality else None
    if found:
        scores["return"] = found.mean
    return Summary(
        **_score(state),
        skills=_skills(state),
        leaderboard=_leaderboard(state),
        validation=_validation(state),
        tools="Stable-Baselines3 and DVC",
        scores=scores,
        members={
            run.member: {"return": run.scores.get("return"), "timesteps": run.timesteps}
            for run in state.runs
        },
    )


def _score(state: SimulationState) -> dict[str, Any]:
    """Return the score to show, where it is from, its interval, and what is behind it."""
    shown: dict[str, Any] = {"score": None, "split": ""}
    if judgement := state.judgement:
        own = judgement.standing
        shown = {"score": own.elo, "split": "ladder", "rows": judgement.games}
        shown["interval"] = (own.low, own.high)
    if found := state.evaluation:
        shown = {"score": found.mean, "split": "episodes", "rows": found.episodes}
    if state.headline:
        shown["split"], shown["score"] = state.leaderboard_score
    return shown


def _skills(state: SimulationState) -> list[str]:
    """Return the names of libraries and techniques, the most telling first."""
    found = ["reinforcement learning", *(run.algorithm for run in state.runs)]
    found += ["Stable-Baselines3", "PyTorch"]
    if state.has_opponents:
        found += ["self-play", "kaggle-environments"]
    else:
        found.append("Gymnasium")
    if state.judgement and state.judgement.play == "search":
        found.append("tree search")
    return list(dict.fromkeys([*found, "DVC"]))


def _against(state: SimulationState) -> dict[str, float]:
    """Return the agent's score, from 0 to 1, against each opponent."""
    scores: dict[str, float] = state.judgement.scores()["score_against"] if state.judgement else {}
    return scores


def _leaderboard(state: SimulationState) -> str:
    if not state.has_opponents:
        return f"An agent for the Gymnasium environment {state.contract.environment}"
    entry = state.headline
    if entry is None:
        return f"Kaggle competition {state.contract.slug}: not submitted yet"
    rank = f", rank {entry.rank} of {entry.teams}" if entry.rank else ""
    return f"Kaggle competition {state.contract.slug}: rating {entry.public:.1f}{rank}"


def _validation(state: SimulationState) -> str:
    if judgement := state.judgement:
        own = judgement.standing
        text = f"Elo {own.elo:.0f} ({own.low:.0f} to {own.high:.0f}) in "
        text += f"{count(judgement.games, 'game')} of {len(judgement.ladder)} players"
        if judgement.quality:
            text += f"; {judgement.quality.share:.1%} of solved moves are optimal"
        return text
    if found := state.evaluation:
        return f"Mean return {found.mean:.2f} over {count(found.episodes, 'episode')}"
    return "Not evaluated yet"
