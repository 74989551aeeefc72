"""What the agent is, how it was trained, and what it reaches alone."""

import base64
from pathlib import Path

import polars as pl
from markupsafe import Markup

from compete.portfolio.section import Section, count, number, sentence, without_folders
from compete.portfolio.simulation.cards import imitation
from compete.portfolio.simulation.charts import against, opponents_curve, return_curves
from compete.portfolio.simulation.state import SimulationState
from compete.simulation_records import AgentRun

_MOST_BYTES = 600_000  # of moving pictures: the page stays below 2 MB
_PLAY = {
    "search": "It uses a tree search guided by the network, within the time limit per move.",
    "argmax": "It plays the network's most likely move, without a search.",
}


def agent_section(state: SimulationState) -> Section:
    """State the network, how it plays, and the size of the submission."""
    section = Section("agent", "The agent", half=True)
    run, judgement = state.shown_run, state.judgement
    if run is None:
        section.nothing = "No agent is trained yet."
        return section
    section.text.append(
        sentence(
            "The network of member {} has {} parameters and was trained by {}.",
            run.member,
            number(run.parameters, ",d", "parameters"),
            run.algorithm,
        )
    )
    if judgement:
        section.text.append(_PLAY.get(judgement.play, f"It plays by {judgement.play}."))
        section.text.append(
            sentence(
                "The submission <code>{}</code> has {} MB.",
                judgement.file,
                number(judgement.size / 1e6, ".2f", "megabytes"),
            )
        )
    return section


def training_section(state: SimulationState) -> Section:
    """State steps, speed and opponents, and draw the learning curves."""
    section = Section("training", "Training")
    if not state.runs:
        section.nothing = "Nothing is trained yet."
        return section
    shown = state.shown_run
    for run in state.runs:
        told = "Member {}: {} steps; the weights after {} steps had the best evaluation."
        key = "steps" if run is shown else ""
        best = f"{run.best_timesteps:,}"
        steps = number(run.timesteps, ",d", key)
        section.text.append(sentence(told + imitation(run), run.member, steps, best))
        section.text += _opponents(state, run)
    curves = [(run, against(run)) for run in state.runs]
    for run, table in curves:
        if not table.is_empty():
            section.figures.append(opponents_curve(run.member, table))
    if len(state.runs) > 1 or not section.figures:
        figure = return_curves(state.runs)
        section.figures += [figure] if figure else []
    if not section.figures:
        section.text.append("Nothing was evaluated during training.")
    if shown:
        model = without_folders(state.configs[shown.member].get("model", {}))
        rows = [(key, str(value)) for key, value in model.items() if value is not None]
        if rows:
            table = pl.DataFrame(rows, schema=["setting", "value"], orient="row")
            section.tables.append((f"Settings of {shown.member}", table))
    return section


def _opponents(state: SimulationState, run: AgentRun) -> list[str]:
    """Return whom self-play met, in a sentence, if there was any."""
    data = state.configs[run.member].get("data", {})
    if against(run).is_empty() or "opponents" not in data:
        return []
    references = ", ".join(Path(name).stem for name in data["opponents"])
    met = sentence("It played against {}", references + " and " if references else "")
    past = sentence(
        "up to {}, one more every {} steps, sampled by rating.",
        count(data.get("pool_size", 0), "past self").replace("selfs", "selves"),
        f"{data.get('snapshot_freq', 0):,}",
    )
    return [met + past]


def cost_of(state: SimulationState) -> str:
    """Return what the training time was for."""
    steps = sum(run.timesteps for run in state.runs)
    return f"{steps:,} steps ({steps / max(state.seconds, 1e-9):,.0f} a second)"


def evaluation_section(state: SimulationState) -> Section:
    """State the returns of the trained agent in episodes alone."""
    section = Section("evaluation", "Evaluation")
    found, threshold = state.evaluation, state.contract.reward_threshold
    if found is None:
        section.nothing = "The trained agent has not been evaluated yet."
        return section
    section.text.append(
        sentence(
            "In {} that were not used for training, the mean return is {}, with a standard "
            "deviation of {}. The mean length of an episode is {} steps.",
            count(found.episodes, "episode"),
            number(found.mean, ".2f", "return"),
            number(found.spread, ".2f", "return-spread"),
            number(found.length, ",.0f", "length"),
        )
    )
    if threshold is not None:
        solved = "is reached" if found.mean >= threshold else "is not reached"
        text = "Gymnasium considers the environment solved at a mean return of {}, which {}."
        section.text.append(sentence(text, number(threshold, "g"), solved))
    if state.shown_run:
        section.html = _episode(AgentRun.folder(state.shown_run.member) / "episode.gif")
    return section


def _episode(path: Path) -> Markup:
    """Return the moving pictures of an episode, which begin when they are unfolded."""
    if not path.exists() or path.stat().st_size > _MOST_BYTES:
        return Markup()
    return Markup(
        '<details><summary>Show the beginning of an episode</summary><img alt="The agent plays." '
        'style="max-width: 100%" src="data:image/gif;base64,{}"></details>'
    ).format(base64.b64encode(path.read_bytes()).decode())
