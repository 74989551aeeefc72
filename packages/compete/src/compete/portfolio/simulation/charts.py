"""Learning curves by steps, and the ladder with its intervals."""

import altair as alt
import polars as pl

from compete.charts.figure import BLUE, GREY, Figure
from compete.portfolio.charts import axis, lines
from compete.simulation_records import AgentRun, Judgement

_AGAINST = "against_"  # begins the names of scores against one opponent


def against(run: AgentRun) -> pl.DataFrame:
    """Return `opponent, timesteps, score` of the evaluations of a self-play; else no rows."""
    rows = [
        {
            "opponent": name.removeprefix(_AGAINST),
            "timesteps": int(evaluation["timesteps"]),
            "score": score,
        }
        for evaluation in run.curve
        for name, score in evaluation.items()
        if name.startswith(_AGAINST)
    ]
    schema = {"opponent": pl.String, "timesteps": pl.Int64, "score": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def opponents_curve(member: str, table: pl.DataFrame) -> Figure:
    """Draw the score against each opponent over the steps of a training.

    Args:
        member: whose training it is.
        table: what `against` returns.
    """
    last = table.sort("timesteps").group_by("opponent", maintain_order=True).last()
    rows = last.sort("score").rows()
    scores = ", ".join(f"{score:.1%} against {name}" for name, _, score in rows)
    text = "The agent plays its most likely move; a draw counts half. After the last evaluation: "
    return Figure(
        f"Score of {member} during training",
        f"{text}{scores}.",
        _curves(table, "opponent", "score", "score", domain=[0, 1]),
        table,
    )


def return_curves(runs: list[AgentRun]) -> Figure | None:
    """Draw the return of each training over its steps; None where nothing was evaluated."""
    rows = [
        {"member": run.member, "timesteps": int(each["timesteps"]), "return": each["return"]}
        for run in runs
        for each in run.curve
    ]
    if not rows:
        return None
    table = pl.DataFrame(rows)
    last = table.group_by("member", maintain_order=True).last()
    ends = ", ".join(f"{value:.5g} of {member}" for member, _, value in last.rows())
    text = f"The mean return of the evaluations during training; after the last one, {ends}."
    drawn = _curves(table, "member", "return", "mean return")
    return Figure("Return during training", text, drawn, table)


def _curves(
    table: pl.DataFrame, kind: str, value: str, title: str, domain: list[int] | None = None
) -> alt.LayerChart:
    scale = {"domain": domain} if domain else {}
    base = alt.Chart(table).encode(
        x=alt.X("timesteps:Q", title="steps", axis=alt.Axis(format="~s", tickCount=6)),
        y=alt.Y(**axis(value, title, **scale)),
        tooltip=[kind, alt.Tooltip("timesteps", format=","), alt.Tooltip(value, format=".4f")],
    )
    return lines(base, kind, kind)


def ladder(judgement: Judgement) -> Figure:
    """Draw the rating of every player with its interval, the best at the top."""
    table = pl.DataFrame(
        [
            {
                "player": each.player,
                "Elo": each.elo,
                "low": each.low,
                "high": each.high,
                "won": each.wins,
                "drawn": each.draws,
                "lost": each.losses,
            }
            for each in judgement.ladder
        ]
    )
    own = table.with_columns(own=pl.col("player") == judgement.agent)
    y = alt.Y("player:N", sort=None, title=None, axis=alt.Axis(labelLimit=140))
    base = alt.Chart(own).encode(
        y=y,
        color=alt.condition("datum.own", alt.value(BLUE), alt.value(GREY)),
        tooltip=["player", *(alt.Tooltip(f"{name}:Q", format=".0f") for name in _ELO)],
    )
    intervals = base.mark_rule(size=3).encode(x=alt.X(**axis("low", "Elo")), x2="high:Q")
    points = base.mark_point(filled=True, size=130, opacity=1).encode(
        x="Elo:Q",
        shape=alt.condition("datum.own", alt.value("diamond"), alt.value("circle")),
    )
    place = [each.player for each in judgement.ladder].index(judgement.agent) + 1
    standing = judgement.standing
    text = (
        f"{judgement.agent} (the diamond) ranks {place} of {len(judgement.ladder)} with an Elo of "
        f"{standing.elo:.0f}. Lines are 95% bootstrap intervals, for this agent from "
        f"{standing.low:.0f} to {standing.high:.0f}."
    )
    height = 60 + 30 * len(judgement.ladder)
    rows = f"{judgement.games:,} games"
    return Figure("Elo on the project's ladder", text, intervals + points, table, height, rows)


_ELO = ("Elo", "low", "high")
