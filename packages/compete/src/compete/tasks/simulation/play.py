"""`compete play`: one game, in the terminal or as a page that plays it."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import note, write_text
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.agent_files import is_agent_file
from compete.tasks.simulation.agent_process import AgentProcess
from compete.tasks.simulation.match import play_match
from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.players import ladder
from compete.tasks.simulation.replays import AGENT
from compete.tasks.simulation.validate import submission_facts

YOU = "you"
_GOES_ON = {"ACTIVE", "INACTIVE", "DONE"}


def play(players: Sequence[str], html: Path | None, seed: int) -> None:
    """Play a game and print its end, or write it as a page.

    Args:
        players: by seat: `you`, `agent`, a file, or a reference agent.
        html: the page to write.
        seed: of the game.

    Raises:
        Fault: there is no such player, or the game takes another number of them.
    """
    written = submission_facts().file
    contract = SimulationContract.load()
    if len(players) not in contract.players:
        counts = " or ".join(map(str, contract.players))
        raise Fault(
            f"{contract.environment} needs {counts} players, not {len(players)}.",
            "Name a player for each seat, such as `compete play you agent`.",
        )
    if players.count(YOU) > 1:
        raise Fault("You can take only one seat.", "Name another player for the others.")
    known = {AGENT: str(written)} | ladder(contract.environment)
    agents = {name: known.get(name, name) for name in players if name != YOU}
    for name, agent in agents.items():
        if name not in known and not is_agent_file(name):
            raise Fault(
                f"There is no player {name!r}.",
                f"Choose from {', '.join([YOU, *known])}, or name a file (.py, .tar.gz).",
            )
        if is_agent_file(agent) and not Path(agent).is_file():
            raise Fault(f"There is no file {agent}.", "Run `compete predict`, or name another.")
    with ExitStack() as stack:
        seats = [
            None
            if name == YOU
            else stack.enter_context(AgentProcess(agents[name], contract.environment))
            for name in players
        ]
        official = (
            _with_you(seats, contract, seed) if YOU in players else _without(seats, contract, seed)
        )
    official.info["TeamNames"] = list(players)
    if html is None or YOU in players:
        print(official.render(mode="ansi"))
    for name, state in zip(players, official.state, strict=True):
        note(f"{name}: {state.status.lower()}, reward {state.reward}")
    if html is not None:
        write_text(html, official.render(mode="html"))
        note(f"Wrote {html}; open it in a browser.")


def _without(seats: Sequence[Any], contract: SimulationContract, seed: int) -> Any:
    match = play_match(
        contract.environment,
        seats,
        configuration=contract.configuration,
        overage=contract.overage,
        seed=seed,
    )
    return match.official


def _with_you(seats: Sequence[Any], contract: SimulationContract, seed: int) -> Any:
    """Let a person take one seat, without a limit of time."""
    official = make_environment(
        contract.environment, contract.configuration, overage=contract.overage
    )
    for agent in seats:
        if agent is not None:
            agent.start(seed)
    own = seats.index(None)
    trainer = official.train(list(seats))
    note(f"{contract.action['description']}" if "description" in contract.action else "Your action")
    while not official.done and official.state[own].status == "ACTIVE":
        print(official.render(mode="ansi"))
        trainer.step(_ask(official, own))
    return official


def _ask(official: Any, seat: int) -> Any:
    while True:
        try:
            text = input("> ").strip()
        except EOFError:
            raise Fault("The game was not finished.", "Enter an action for each move.") from None
        try:
            action = json.loads(text)
        except ValueError:
            action = text
        # A copy of the game tells whether the action is legal.
        tried = official.clone()
        actions: list[Any] = [None] * len(official.state)
        actions[seat] = action
        tried.step(actions)
        if tried.state[seat].status in _GOES_ON:
            return action
        note(f"{text!r} is not legal here.")
