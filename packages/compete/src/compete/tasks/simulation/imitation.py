"""Teaches a policy the moves of the game's own search, before it learns by playing.

The search labels positions of games that it plays against itself, some of whose moves are random;
the policy is trained on them by supervision. So begins, with games of people in the search's
place, the training of AlphaGo (Silver et al., 2016).
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from torch.nn.functional import mse_loss

from compete.files import atomic_path, note
from compete.tasks.simulation.games.base import Ints, TwoPlayerGame
from compete.training.seeds import seed_cpu

_OPENINGS = 13  # a game begins with fewer random moves than this
_BLUNDERS = (0.0, 0.1, 0.3, 0.5)  # one of these shares of the later moves is random too
_BATCH = 512
_RATE = 2e-3  # the greatest learning rate of the cycle
_VALUE = 0.5  # weight of the values' squared errors
_HELD_OUT = 0.02


class Positions(NamedTuple):
    """Positions of a game with what a search makes of them.

    Args:
        planes: `(n, *planes)`, from the view of the player to move.
        legal: `(n, actions)`.
        actions: `(n,)`, the search's.
        values: `(n,)`, from -1 to 1.
    """

    planes: NDArray[np.bool_]
    legal: NDArray[np.bool_]
    actions: Ints
    values: NDArray[np.float32]


class Imitation:
    """Teaches a policy; interrupted, it goes on after the last epoch.

    Args:
        game: many boards.
        positions: how many positions are learned.
        nodes: how many positions the search may look at for each of them.
        epochs: how often each is learned.
        folder: of the run, where `imitation.npz` and `imitation.pt` lie meanwhile.
        name: of the member, for the lines that are printed.
        seed: of the run.
    """

    def __init__(
        self,
        game: TwoPlayerGame,
        *,
        positions: int,
        nodes: int,
        epochs: int,
        folder: Path,
        name: str,
        seed: int,
    ) -> None:
        self._game, self._positions, self._nodes = game, positions, nodes
        self._epochs, self._name, self._seed = epochs, name, seed
        self.files = (folder / "imitation.npz", folder / "imitation.pt")

    def __call__(self, model: OnPolicyAlgorithm) -> None:
        """Teach the model's policy."""
        positions = self._read_or_make()
        learner = _Learner(model, self._game, positions, self._epochs)
        state = self.files[1]
        if state.exists():
            learner.load_state_dict(torch.load(state, model.device, weights_only=True))
        while learner.epoch < self._epochs:
            seed_cpu(self._seed * 1_000_003 + learner.epoch)
            learner.learn()
            with atomic_path(state) as beside:
                torch.save(learner.state_dict(), beside)
            note(
                f"{self._name}  imitation, epoch {learner.epoch} of {self._epochs}  "
                f"{learner.agreement():.1%} of held-out positions get the move of the search"
            )

    def try_out(self) -> None:
        """Raise `Fault` if the game has no search."""
        self._game.reset()
        self._game.search(np.arange(self._game.n) == 0, nodes=1)

    def _read_or_make(self) -> Positions:
        path = self.files[0]
        if path.exists():
            with np.load(path) as kept:
                return Positions(*(kept[field] for field in Positions._fields))
        note(f"{self._name}  imitation: the search labels {self._positions:,} positions ...")
        made = label_positions(self._game, self._positions, self._nodes, self._seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as beside, beside.open("wb") as file:
            np.savez(file, **made._asdict())
        return made


def label_positions(game: TwoPlayerGame, count: int, nodes: int, seed: int) -> Positions:
    """Let a search play against itself, with random moves among its own, and label all positions.

    Args:
        game: its boards are begun anew.
        count: how many positions.
        nodes: how many positions the search may look at for each.
        seed: of the random moves.

    Raises:
        Fault: the game has no search.
    """
    random = np.random.default_rng((seed, count))
    everywhere = np.ones(game.n, np.bool_)
    opening, blunders = np.zeros(game.n, np.int64), np.zeros(game.n)
    turn = np.zeros(game.n, np.int64)
    game.reset()
    found: list[Positions] = []
    begun = everywhere
    while sum(len(each.actions) for each in found) < count:
        opening[begun] = random.integers(0, _OPENINGS, int(begun.sum()))
        blunders[begun] = random.choice(_BLUNDERS, int(begun.sum()))
        turn[begun] = 0
        legal, advice = game.legal(), game.search(everywhere, nodes=nodes)
        found.append(Positions(game.observe().astype(np.bool_), legal, *advice))
        at_random = (turn < opening) | (random.random(game.n) < blunders)
        moves = (random.random(legal.shape) * legal).argmax(axis=1)
        game.step(np.where(at_random, moves, advice.actions))
        turn += 1
        begun = game.done.copy()
        game.reset(begun)
    parts = (np.concatenate(each)[:count] for each in zip(*found, strict=True))
    return Positions(*map(np.ascontiguousarray, parts))  # as they are read from a file


class _Learner:
    """The supervised training: cross entropy of the moves, squared error of the values."""

    def __init__(
        self, model: OnPolicyAlgorithm, game: TwoPlayerGame, positions: Positions, epochs: int
    ) -> None:
        self.epoch = 0
        self._policy: Any = model.policy  # of two classes, which are no kin
        self._game, self._positions = game, positions
        self._learned = max(1, int(len(positions.actions) * (1 - _HELD_OUT)))
        steps = epochs * -(-self._learned // _BATCH)
        self._optimizer = torch.optim.AdamW(self._policy.parameters(), _RATE, weight_decay=1e-4)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer, _RATE, total_steps=steps, pct_start=0.1
        )

    def learn(self) -> None:
        """Learn each position once, in a random order, every second one mirrored."""
        self._policy.set_training_mode(True)
        order = np.random.permutation(self._learned)
        for begin in range(0, self._learned, _BATCH):
            places = order[begin : begin + _BATCH]
            planes, actions = self._batch(places, np.random.random(len(places)) < 0.5)
            values = self._tensor(self._positions.values[places])
            predicted, likelihood, _ = self._policy.evaluate_actions(planes, actions)
            loss = _VALUE * mse_loss(predicted.flatten(), values) - likelihood.mean()
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            self._schedule.step()
        self.epoch += 1

    def agreement(self) -> float:
        """Return how often the policy's likeliest legal move is the search's, where not learned."""
        places = np.arange(self._learned, len(self._positions.actions))
        if not len(places):
            return float("nan")
        self._policy.set_training_mode(False)
        planes, actions = self._batch(places, np.zeros(len(places), np.bool_))
        with torch.no_grad():
            logits = self._policy.get_distribution(planes).distribution.logits
        legal = torch.from_numpy(self._positions.legal[places]).to(logits.device)
        chosen = logits.masked_fill(~legal, -torch.inf).argmax(dim=1)
        return float((chosen == actions).float().mean())

    def state_dict(self) -> dict[str, Any]:
        """Return what goes on after a kill."""
        parts = (self._policy, self._optimizer, self._schedule)
        return {"epoch": self.epoch, "parts": [each.state_dict() for each in parts]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.epoch = state["epoch"]
        parts = (self._policy, self._optimizer, self._schedule)
        for part, values in zip(parts, state["parts"], strict=True):
            part.load_state_dict(values)

    def _batch(
        self, places: Ints, mirrored: NDArray[np.bool_]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        planes = self._positions.planes[places].astype(np.float32)
        actions = self._positions.actions[places]
        planes[mirrored], actions[mirrored] = self._game.mirror(planes[mirrored], actions[mirrored])
        return self._tensor(planes), self._tensor(actions)

    def _tensor(self, values: NDArray[Any]) -> torch.Tensor:
        # A copy: how NumPy aligns its memory may change the last bits of a product.
        return torch.tensor(values, device=self._policy.device)
