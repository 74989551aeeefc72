"""`compete export`: a page where visitors play against the agent in their browser."""

import numpy as np
import torch
from torch import Tensor, nn

from compete.errors import Fault
from compete.export.demo import Exportable, NotExportable
from compete.export.graph import BATCH_SIZES, to_checked_onnx
from compete.export.page import Graph, write_page
from compete.export.record import DEMO, Exported, ExportedModel
from compete.files import note
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.board_demo import make_demo
from compete.tasks.simulation.games.base import TwoPlayerGame
from compete.tasks.simulation.predict import best_run
from compete.tasks.simulation.selfplay import make_game
from compete.tasks.simulation.submission import AgentWriter
from compete.training.config import load_config, member_names

_STATES = 64  # of the agent's own games, that torch and ONNX Runtime are compared on


def export(member: str | None, fold: int | None, int8: bool = False) -> None:
    """Write `reports/demo/index.html`: the network of an agent, and the game to play against it.

    Args:
        member: whose agent it is; None: that which `compete predict` submits.
        fold: a simulation has none.
        int8: an agent's network stays in floats.

    Raises:
        Fault: an option has no effect, no page can show the game, nothing is trained, or a browser
            can't run the network.
    """
    if fold is not None:
        raise Fault("A simulation has no folds.", "Leave out `--fold`; `--member` chooses one.")
    if int8:
        raise Fault(
            "Agents can't be exported in 8-bit integers: they have no rows to compare scores on.",
            "Leave out `--int8`.",
        )
    contract = SimulationContract.load()
    describe = make_demo(contract)
    if describe is None:
        raise _no_board(contract)
    submitted = best_run()
    run = submitted if member is None else _finished(member)
    config = load_config(run.member)
    writer = AgentWriter(config, contract)
    network = Player(writer.network(AgentRun.folder(run.member) / "model.safetensors"))
    game = make_game(contract.environment, _STATES, config.data.environment_kwargs)
    inputs = {"planes": played_states(network, game, config.seed_everything)}
    note(f"exporting {run.member}")
    try:
        content, apart, took = to_checked_onnx(Exportable(network, inputs))
    except NotExportable as error:
        raise Fault(
            f"This network can't run in a browser: {error}.",
            "Change network.py and train again, or publish the report without a demo.",
        ) from None
    demo = describe(contract, writer.play, config.data.time_share)
    if run.member != submitted.member:
        demo.limits.append(
            f"This is the agent {run.member}; the submitted one is {submitted.member}."
        )
    model = ExportedModel(run.member, 0, 1.0, len(content), apart, round(took, 2))
    record = Exported(
        task=demo.task,
        whole=run.member == submitted.member,
        models=[model],
        left_out=[],
        size=0,
        checked=_STATES,
        batch_sizes=list(BATCH_SIZES),
    )
    graph = Graph(model, content, {}, {}, _STATES)
    outputs = [f"Column {column + 1}" for column in range(game.actions)]
    record = write_page(record, [graph], demo, contract, "game", outputs)
    note(
        f"The network in ONNX, {record.size / 1e6:.1f} MB to load with its runtime; it differs "
        f"from torch by at most {apart:.1e}."
    )
    note(f"Wrote {DEMO / 'index.html'}: open it in a browser to play.")


class Player(nn.Module):
    """An agent's network with one output, as the page reads it.

    Args:
        network: of observations to logits and values.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Tensor) -> Tensor:
        """Observations `(n, *shape)` to logits and, last, the value: `(n, actions + 1)`."""
        logits, values = self.network(planes)
        return torch.cat([logits, values[:, None]], dim=1)


def played_states(network: nn.Module, game: TwoPlayerGame, seed: int) -> Tensor:
    """Return a position of each board, in games in which the network draws its moves.

    Args:
        network: as `Player` makes it.
        game: board `k` gives its position after `k` moves, or the last before the game ended.
        seed: of the moves.
    """
    random = np.random.default_rng(seed)
    game.reset()
    states = game.observe()
    for move in range(1, game.n):
        with torch.inference_mode():
            logits = network(torch.from_numpy(game.observe()))[:, :-1].numpy()
        # The greatest of logits with Gumbel noise is a draw from their softmax.
        noisy = np.where(game.legal(), logits + random.gumbel(size=logits.shape), -np.inf)
        game.step(noisy.argmax(axis=1))
        on = ~game.done & (np.arange(game.n) >= move)
        states[on] = game.observe()[on]
    return torch.from_numpy(states)


def _finished(member: str) -> AgentRun:
    """Return the training of a member. Raise `Fault` if there is none that is finished."""
    run = AgentRun.load(member) if member in member_names() else None
    if run is None or not run.finished:
        known = [name for name in member_names() if (one := AgentRun.load(name)) and one.finished]
        remedy = f"Choose one of: {', '.join(known)}." if known else "Run `compete train` first."
        raise Fault(f"There is no trained agent {member!r}.", remedy)
    return run


def _no_board(contract: SimulationContract) -> Fault:
    """Return the fault that says why a game has no page, and what shows its agent instead."""
    name = contract.environment
    if contract.kind == "gymnasium":
        return Fault(
            f"There is no demo for {name}: it has no board that a person can play on.",
            "Run `compete report` to show the agent without a demo.",
        )
    players = " ".join(["agent"] * contract.players[0])
    return Fault(
        f"There is no demo for {name}: it has no board that a person can play on.",
        f"Run `compete play {players} --html game.html` to save a game as a page.",
    )
