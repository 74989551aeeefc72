"""How strong the agent is: the ladder, its time for a move, its mistakes, and a game."""

import polars as pl
from markupsafe import Markup

from compete.portfolio.section import Gallery, Section, count, number, sentence
from compete.portfolio.simulation.board import NAMES, Stone, draw_board
from compete.portfolio.simulation.charts import ladder
from compete.portfolio.simulation.replay import replay_html
from compete.portfolio.simulation.state import SimulationState
from compete.simulation_records import REPLAY, Judgement, Mistake

_UNJUDGED = "The agent has not been evaluated yet. Run <code>compete predict</code>."
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
            "In {} games run with Kaggle's environment, with seats swapped, {} has an Elo of {} "
            "({} to {}); {}. Kaggle's ratings use another scale and other agents.",
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
        ("Wins-draws-losses of each row against each column", _win_table(judgement)),
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
    section = Section("times", "Time per move", half=True)
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
            "Over {} moves, the agent took {} seconds on average and {}{} at most. The first move "
            "of a game, which includes loading, took up to {}.",
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
                "It used at most {} of the {} extra seconds per game.",
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
        section.nothing = "There is no exact solver for this game, so mistakes are not known."
        return section
    known = quality.moves - quality.unknown
    section.text += [
        sentence(
            "{}% of the {} moves that the exact solver evaluated are optimal: they keep the value "
            "of the game. {} of these moves were in lost positions, where every move is optimal.",
            number(100 * quality.share, ".1f", "kept-value"),
            number(known, ",d", "known-moves"),
            number(quality.lost, ",d", "lost-positions"),
        ),
        sentence(
            "The solver ran out of time for {} moves. Repeated positions count once.",
            number(quality.unknown, ",d", "unknown-moves"),
        ),
    ]
    if quality.mistakes:
        rows, columns = _size(state)
        items = [(_caption(each), _draw(each, rows, columns)) for each in quality.mistakes]
        text = "The move played (✗) and the optimal moves (✓)."
        section.galleries.append(Gallery("Suboptimal moves", text, items))
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
        link = "The replay is in <a href='{}'>{}</a>, in the format of Kaggle's environment."
        section.text.append(sentence(link, REPLAY.name, REPLAY.name))
    else:
        section.html = html
    return section
