"""How strong the agent is: the ladder, its time for a move, its mistakes, and a game."""

import polars as pl
from markupsafe import Markup

from compete.portfolio.section import Gallery, Section, count, number, sentence
from compete.portfolio.simulation.board import NAMES, Stone, draw_board
from compete.portfolio.simulation.charts import ladder
from compete.portfolio.simulation.replay import replay_html
from compete.portfolio.simulation.state import SimulationState
from compete.simulation_records import REPLAY, Judgement, Mistake

_UNJUDGED = "The agent has not been judged yet: <code>compete predict</code> does it."
_VALUES = {1: "a win", 0: "a draw"}


def ladder_section(state: SimulationState) -> Section:
    """Draw the ratings with their intervals, and tabulate who won against whom."""
    section = Section("ladder", "Ladder", half=True)
    judgement = state.judgement
    if judgement is None:
        section.nothing = Markup(_UNJUDGED)
        return section
    anchor = f"{judgement.anchor} is 0" if judgement.anchor else "the mean of all players is 0"
    section.text.append(
        sentence(
            "{} games by Kaggle's own runner, seats swapped, give {} an Elo of {} ({} to {}); {}. "
            "Kaggle's rating is on another scale, against other agents.",
            number(judgement.games, ",d", "games"),
            judgement.agent,
            number(judgement.standing.elo, ".0f", "elo"),
            number(judgement.standing.low, ".0f", "elo-low"),
            number(judgement.standing.high, ".0f", "elo-high"),
            anchor,
        )
    )
    figure = ladder(judgement)
    section.figures.append(figure)
    rounded = figure.table.with_columns(pl.col("Elo", "low", "high").round(0).cast(pl.Int64))
    section.tables += [
        ("Ladder", rounded),
        ("Games won-drawn-lost, of the row against the column", _win_table(judgement)),
    ]
    return section


def _win_table(judgement: Judgement) -> pl.DataFrame:
    """Return a row for each player and a column for each opponent, the best first."""
    names = [each.player for each in judgement.ladder]
    counts = {
        (each.player, each.opponent): f"{each.wins}-{each.draws}-{each.losses}"
        for each in judgement.pairings
    }
    columns = {name: [counts.get((row, name), "") for row in names] for name in names}
    return pl.DataFrame({"against": names} | columns)


def times_section(state: SimulationState) -> Section:
    """State how long the agent takes for a move, beside the limit."""
    section = Section("times", "Time for a move", half=True)
    if state.judgement is None:
        section.nothing = Markup(_UNJUDGED)
        return section
    taken, contract = state.judgement.times, state.contract
    if not taken.moves:
        section.nothing = "No move of the agent was timed."
        return section
    limit = f" of {contract.act_timeout:g}" if contract.act_timeout is not None else ""
    section.text += [
        sentence(
            "Over {} moves the agent took {} seconds on average and {}{} at most; the first move "
            "of a game, in which it loads, up to {}.",
            number(taken.moves, ",d", "timed-moves"),
            number(taken.mean, ".2f", "seconds-mean"),
            number(taken.slowest, ".2f", "seconds-slowest"),
            limit,
            number(taken.first, ".2f", "seconds-first"),
        )
    ]
    if contract.overage is not None:
        section.text.append(
            sentence(
                "Beyond the time for each move it used at most {} of the {} seconds of a game.",
                number(taken.overage, ".2f", "overage"),
                f"{contract.overage:g}",
            )
        )
    failed = count(state.judgement.failures, "game") if state.judgement.failures else "no game"
    section.text.append(f"It crashed, was too slow or moved illegally in {failed}.")
    return section


def mistakes_section(state: SimulationState) -> Section:
    """State how many moves keep the solved value of the game, and show some that do not."""
    section = Section("errors", "Mistakes", half=True)
    if state.judgement is None:
        section.nothing = Markup(_UNJUDGED)
        return section
    quality = state.judgement.quality
    if quality is None:
        section.nothing = "There is no exact solver of this game to find mistakes with."
        return section
    known = quality.moves - quality.unknown
    section.text += [
        sentence(
            "{}% of the {} moves that the exact solver could judge keep the value of the game. "
            "Among them, played in lost positions, where every move does: {}.",
            number(100 * quality.share, ".1f", "kept-value"),
            number(known, ",d", "known-moves"),
            number(quality.lost, ",d", "lost-positions"),
        ),
        sentence(
            "Not known, because the solver ran out of time: {}. A position that came up again "
            "counts once.",
            number(quality.unknown, ",d", "unknown-moves"),
        ),
    ]
    if quality.mistakes:
        rows, columns = _size(state)
        items = [(_caption(each), _draw(each, rows, columns)) for each in quality.mistakes]
        text = "The position, with the move played (✗) and those that keep the value (✓)."
        section.galleries.append(Gallery("Moves that gave the value away", text, items))
    return section


def _size(state: SimulationState) -> tuple[int, int]:
    configuration = state.contract.configuration
    return int(configuration["rows"]), int(configuration["columns"])


def _caption(mistake: Mistake) -> str:
    better = ", ".join(str(column + 1) for column in mistake.better)
    keeps = f"; {better} keeps {_VALUES.get(mistake.value, 'the value')}" if better else ""
    return (
        f"Against {mistake.opponent}, as {NAMES[mistake.mark]}: column {mistake.column + 1}{keeps}"
    )


def _draw(mistake: Mistake, rows: int, columns: int) -> Markup:
    board = mistake.board
    stones = [
        Stone(*divmod(cell, columns), mark) for cell, mark in enumerate(board) if mark in NAMES
    ]
    for label, chosen in (("✗", [mistake.column]), ("✓", mistake.better)):
        for column in chosen:
            free = [row for row in range(rows) if board[row * columns + column] == 0]
            stones.append(Stone(max(free, default=0), column, mistake.mark, label))
    return draw_board(rows, columns, stones, f"Position. {_caption(mistake)}.")


def replay_section(state: SimulationState) -> Section:
    """Show one game of the agent."""
    section = Section("replay", "A game", half=True)
    if state.judgement is None or state.replay is None:
        section.nothing = "There is no game to show yet."
        return section
    players = state.judgement.replay
    section.text.append(sentence("A game of {}.", " against ".join(players)))
    html = replay_html(state.contract.environment, state.replay, players)
    if html is None:
        link = "It is in <a href='{}'>{}</a>, as Kaggle's environment writes it."
        section.text.append(sentence(link, REPLAY.name, REPLAY.name))
    else:
        section.html = html
    return section
