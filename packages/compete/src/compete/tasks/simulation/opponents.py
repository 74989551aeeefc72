"""Whom self-play meets: reference agents and past selves, each moving on many boards at once."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from stable_baselines3.common.policies import ActorCriticPolicy

from compete.errors import Fault
from compete.tasks.simulation.games.base import Bools, Ints, TwoPlayerGame
from compete.tasks.simulation.weights import load_policy

Policy = ActorCriticPolicy | MaskableActorCriticPolicy
_REMEDY = (
    "Take it out of `opponents` under `data` in params.yaml, or bring back the network in "
    "network.py that it was trained with; if it is a past self of a training that was killed, "
    "delete the folder of the run, and run `compete train` again."
)


class Opponent(Protocol):
    """What chooses moves."""

    def act(self, game: TwoPlayerGame, where: Bools, random: np.random.Generator) -> Ints:
        """Return a move for each board that `where`, `(n,)`, names, in their order."""
        ...


class Reference:
    """An opponent that is a rule.

    Args:
        choose: gives for each board which moves it takes into account, `(n, actions)`; at random
            one of them is played.
    """

    def __init__(self, choose: Callable[[TwoPlayerGame], Bools]) -> None:
        self._choose = choose

    def act(self, game: TwoPlayerGame, where: Bools, random: np.random.Generator) -> Ints:
        """Return a move for each board that `where`, `(n,)`, names, in their order."""
        good = self._choose(game)[where]
        moves: Ints = (random.random(good.shape) * good).argmax(axis=1)
        return moves


class AlphaBeta:
    """An opponent that looks some moves ahead.

    Args:
        depth: how many.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def act(self, game: TwoPlayerGame, where: Bools, random: np.random.Generator) -> Ints:
        """Return a move for each board that `where`, `(n,)`, names, in their order."""
        return game.search(where, depth=self._depth, random=random).actions


class PastSelf:
    """An opponent that is a policy; it plays by its probabilities, as it did in training.

    Args:
        policy: of Stable-Baselines3.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def act(self, game: TwoPlayerGame, where: Bools, random: np.random.Generator) -> Ints:
        """Return a move for each board that `where`, `(n,)`, names, in their order."""
        probabilities = self.probabilities(game.observe()[where], game.legal()[where])
        below = probabilities.cumsum(axis=1) < random.random((len(probabilities), 1))
        # Rounding may leave the sum a little below 1: never an illegal move for that.
        last = probabilities.shape[1] - 1 - (probabilities[:, ::-1] > 0).argmax(axis=1)
        moves: Ints = np.minimum(below.sum(axis=1), last)
        return moves

    def probabilities(self, planes: NDArray[np.float32], legal: Bools) -> NDArray[np.float64]:
        """Return `(n, actions)`, how likely each move is; an illegal one never is."""
        with torch.no_grad():
            seen = torch.from_numpy(planes).to(self.policy.device)
            policy: Any = self.policy  # of two classes, which are no kin
            distribution = policy.get_distribution(seen).distribution
            logits = distribution.logits.double().cpu().numpy()
        logits = np.where(legal, logits, -np.inf)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return probabilities


def legal_moves(game: TwoPlayerGame) -> Bools:
    """Return all legal moves."""
    return game.legal()


def tactical_moves(game: TwoPlayerGame) -> Bools:
    """Return moves that win at once; else those after which the opponent can't; else all."""
    legal = game.legal()
    wins, loses = np.zeros_like(legal), np.zeros_like(legal)
    for action in range(game.actions):
        after = copy.deepcopy(game)
        wins[:, action] = after.step(np.full(game.n, action)).reward == 1
        answers = after.legal()
        for answer in range(game.actions):
            final = copy.deepcopy(after)
            won = final.step(np.full(game.n, answer)).reward == 1
            loses[:, action] |= won & answers[:, answer]
    good = legal & wins
    for rest in (legal & ~loses, legal):
        good = np.where(good.any(axis=1, keepdims=True), good, rest)
    return good


REFERENCES: dict[str, Opponent] = {
    "random": Reference(legal_moves),
    "tactical": Reference(tactical_moves),
    "alpha-beta-4": AlphaBeta(4),
    "alpha-beta-8": AlphaBeta(8),
}


def make_opponent(name: str, policy: Policy) -> Opponent:
    """Return a reference agent by its name, or a past self by the file of its weights.

    Args:
        name: of the agent or of the file.
        policy: of the training, which a past self is like.

    Raises:
        Fault: there is neither, or the file does not fit the network.
    """
    if name in REFERENCES:
        return REFERENCES[name]
    if not name.endswith(".safetensors"):
        raise Fault(
            f"There is no reference agent {name!r}.",
            f"Choose from {', '.join(REFERENCES)} for `opponents` under `data` in params.yaml, "
            "or name a file that ends in .safetensors.",
        )
    twin = copy_policy(policy)
    load_policy(twin, Path(name), _REMEDY)
    return PastSelf(twin)


def copy_policy(policy: Policy) -> Policy:
    """Return a policy with the same weights, for play alone; `deepcopy` fails while it trains."""
    arguments: dict[str, Any] = policy._get_constructor_parameters()
    twin = type(policy)(**arguments).to(policy.device)
    twin.load_state_dict(policy.state_dict())
    twin.set_training_mode(False)
    return twin
