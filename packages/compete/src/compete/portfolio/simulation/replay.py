"""A game that plays inside the page."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from compete.portfolio.simulation.board import NAMES, BoardGame, Stone, draw_board, read_game
from compete.portfolio.templating import TEMPLATES, environment


def replay_html(game: str, replay: dict[str, Any], players: Sequence[str]) -> Markup | None:
    """Return a player of a game, None where there is none for this environment.

    Args:
        game: the name of the environment.
        replay: as Kaggle's environment writes it.
        players: by seat.

    Raises:
        Fault: the replay is damaged.
    """
    make = _PLAYERS.get(game)
    return make(replay, players) if make else None


def _connectx(replay: dict[str, Any], players: Sequence[str]) -> Markup:
    game = read_game(replay)
    result = _result(game, players)
    told = ["The board is empty.", *(_tell(stone, players) for stone in game.stones)]
    told[-1] += f" {result}"
    text = f"The board after {len(game.stones)} moves. {result}"
    html = (
        environment(autoescape=True)
        .get_template("replay.html.jinja")
        .render(
            board=draw_board(game.rows, game.columns, game.stones, text),
            told=told,
            script=Markup((TEMPLATES / "replay.js").read_text(encoding="utf-8").strip()),
        )
    )
    return Markup(html)


def _tell(stone: Stone, players: Sequence[str]) -> str:
    who = f"{players[stone.mark - 1]} ({NAMES[stone.mark]})"
    return f"Move {stone.move}: {who} in column {stone.column + 1}."


def _result(game: BoardGame, players: Sequence[str]) -> str:
    """Return how a game ended, in a sentence."""
    for player, status in zip(players, game.statuses, strict=False):
        if status != "DONE":
            return f"{player} failed ({status.lower()})."
    rewards = [reward or 0 for reward in game.rewards]
    if not rewards or min(rewards) == max(rewards):
        return "The game is drawn."
    return f"{players[rewards.index(max(rewards))]} wins."


_PLAYERS: dict[str, Callable[[dict[str, Any], Sequence[str]], Markup]] = {"connectx": _connectx}
