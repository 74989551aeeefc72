"""What training asks of a two-player game: many boards that are stepped together."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from compete.errors import Fault

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Planes = NDArray[np.float32]


class Advice(NamedTuple):
    """What a search advises on some boards.

    Args:
        actions: the move of each board.
        values: for the player to move, from -1, lost, to 1, won.
    """

    actions: Ints
    values: NDArray[np.float32]


class Outcome(NamedTuple):
    """What a step led to, for each board.

    Args:
        done: `(n,)`, whether the game is over.
        reward: `(n,)` int8 for the player who moved: 1 won, -1 lost, 0 drawn or not over.
    """

    done: Bools
    reward: NDArray[np.int8]


class TwoPlayerGame(ABC):
    """`n` boards of a game in which two players move in turn and see everything.

    A board that is over stays as it is, and steps of it reward 0, until `reset`.
    """

    environment: ClassVar[str]
    """The game's name in kaggle-environments."""

    n: int
    """How many boards there are."""

    actions: int
    """How many actions there are; they are numbered from 0."""

    planes: tuple[int, int, int]
    """The shape of one board's observation."""

    done: Bools
    """`(n,)`, which boards are over."""

    @abstractmethod
    def reset(self, where: Bools | None = None) -> None:
        """Start the boards anew that `where`, `(n,)`, names; default: all of them."""

    @abstractmethod
    def legal(self) -> Bools:
        """Return `(n, actions)`, which moves the player to move has."""

    @abstractmethod
    def step(self, actions: NDArray[Any], where: Bools | None = None) -> Outcome:
        """Play `actions`, `(n,)`, on the boards that `where` names; default: on all of them.

        An illegal action loses the game.
        """

    @abstractmethod
    def observe(self) -> NDArray[np.float32]:
        """Return `(n, *planes)` from the view of the player to move."""

    @abstractmethod
    def to_move(self) -> NDArray[np.int8]:
        """Return `(n,)`, 0 where the player who began moves next, else 1."""

    def search(
        self,
        where: Bools,
        *,
        depth: int | None = None,
        nodes: int | None = None,
        random: np.random.Generator | None = None,
    ) -> Advice:
        """Return what a search advises on the boards that `where` names, none of them over.

        The same boards get the same advice, whatever was searched before.

        Args:
            where: `(n,)`.
            depth: how many moves it looks ahead, knowing nothing but the rules; None: as many as
                `nodes` allow, with all that it knows.
            nodes: how many positions it may look at for each board, roughly.
            random: chooses among equally good moves; None: the first is taken.

        Raises:
            Fault: the game has no search.
        """
        raise Fault(
            f"There is no search for {self.environment}.",
            "Set `imitate: 0` under `trainer` in params.yaml, and name no opponent that searches "
            "under `data`.",
        )

    def mirror(self, planes: Planes, actions: Ints) -> tuple[Planes, Ints]:
        """Return boards that are worth the same, and the same moves there; here: unchanged."""
        return planes, actions

    @abstractmethod
    def load(
        self, index: int, observation: Mapping[str, Any], configuration: Mapping[str, Any]
    ) -> None:
        """Set a board to what Kaggle shows the player to move."""
