"""Writes an agent as Kaggle takes it: the trained policy, the author's network, and the game."""

import ast
import inspect
import json
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import log_softmax

from compete.errors import Fault, first_line
from compete.files import read_yaml
from compete.project import author, module, package
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.agent_files import MAIN, pack
from compete.tasks.simulation.evaluation import make_training
from compete.tasks.simulation.fit import make_model
from compete.tasks.simulation.kaggle_image import lacks
from compete.tasks.simulation.weights import load_policy
from compete.training.config import Config

_GAMES = "compete.tasks.simulation.search"
_NEAR = 1e-3  # logits of the same weights by two programs differ by rounding


class AgentWriter:
    """Makes submissions of the weights of one member's training.

    Args:
        config: of the member, today's: how it plays.
        contract: what the competition asks for.

    Raises:
        Fault: what was trained cannot play without Stable-Baselines3, or nothing says how it sees
            the game.
    """

    def __init__(self, config: Config[Any], contract: SimulationContract) -> None:
        self._config, self._contract = config, contract
        kept = config.from_kept(read_yaml(AgentRun.folder(config.member) / "config.yaml"))
        with closing(make_training(kept, contract)) as environments:
            model = make_model(kept, contract, environments, "cpu")
        self._policy: Any = model.policy  # masked ones share no class with the others
        self._policy.set_training_mode(False)
        self._game = _game_file(contract.environment)
        self._sources = {
            MAIN: _source(Path(__file__).with_name("agent.py")),
            "agent_network.py": _shipped(Path(inspect.getfile(author("network", "Network")))),
            "agent_game.py": _shipped(self._game),
        }

    @property
    def play(self) -> Literal["search", "argmax"]:
        """How the agent chooses its moves. Raise `Fault` if there is no search for the game."""
        play: Literal["auto", "search", "argmax"] = self._config.data.play
        searches = "make_search" in _functions(self._game)
        if play == "search" and not searches:
            raise Fault(
                f"There is no search for {self._contract.environment}.",
                "Set `play: auto` under `data` in params.yaml, or write a function `make_search` "
                f"in {self._game.name}.",
            )
        return ("search" if searches else "argmax") if play == "auto" else play

    def archive(self, weights: Path, play: Literal["search", "argmax"]) -> bytes:
        """Return the bytes of `submission.tar.gz`; they are the same for the same inputs.

        Args:
            weights: of a policy of this training.
            play: how it chooses its moves.

        Raises:
            Fault: the weights don't fit, or are no numbers.
        """
        self.network(weights)  # which checks them
        settings = {
            "play": play,
            "search": {"time_share": self._config.data.time_share},
            "shape": self._policy.observation_space.shape,
            "body": self._policy.features_extractor_kwargs,
            "actions": int(self._policy.action_space.n),
        }
        told = json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"
        files = {"agent.json": told, "agent.safetensors": weights.read_bytes()}
        return pack(self._sources | files)

    def network(self, weights: Path) -> nn.Module:
        """Return the author's `Network` with trained weights, as the submitted agent loads it.

        Args:
            weights: of a policy of this training.

        Returns:
            A module of observations `(n, *shape)` to logits `(n, actions)` and values `(n,)`.

        Raises:
            Fault: the weights don't fit, are no numbers, or network.py makes something else of
                them than the policy does.
        """
        remedy = "Run `compete train` again, or delete this file if it is a past self."
        load_policy(self._policy, weights, remedy)
        if not all(each.isfinite().all() for each in self._policy.parameters()):
            raise Fault(f"{weights} holds a weight that is no number (NaN).", remedy)
        remedy = (
            f"Change `Network` in src/{package()}/network.py so that it computes what `Model` "
            "trains; or set `policy: auto` and `policy_kwargs: null` under `model` in params.yaml, "
            "and run `compete train` again."
        )
        body = author("network", "Body")
        if self._policy.features_extractor_class is not body:
            raise Fault("The trained policy does not see by `Body` of network.py.", remedy)
        space, actions = self._policy.observation_space, int(self._policy.action_space.n)
        try:
            network: Any = author("network", "Network")(
                body(space, **self._policy.features_extractor_kwargs), actions
            )
            network.load_policy(load_file(weights))
        except (RuntimeError, KeyError, TypeError, AttributeError) as error:
            raise Fault(
                f"`Network` of network.py does not take the trained weights: {first_line(error)}.",
                remedy,
            ) from None
        planes = torch.rand(8, *space.shape, generator=torch.Generator().manual_seed(0))
        with torch.inference_mode():
            logits, values = network.eval()(planes)
            trained: Any = self._policy.get_distribution(planes).distribution
            valued = self._policy.predict_values(planes).squeeze(1).clamp(-1, 1)
        same = torch.allclose(log_softmax(logits, 1), log_softmax(trained.logits, 1), atol=_NEAR)
        if not (same and torch.allclose(values, valued, atol=_NEAR)):
            raise Fault("`Network` of network.py computes other moves than the policy.", remedy)
        return network  # type: ignore[no-any-return]


def _game_file(environment: str) -> Path:
    """Return the file that says how an agent sees the game, and maybe how it searches."""
    name = f"{_GAMES}.{environment}"
    if environment.isidentifier() and (spec := find_spec(name)) and spec.origin:
        return Path(spec.origin)
    own = module("environment")
    if own is None or not hasattr(own, "view"):
        raise Fault(
            f"Nothing says how an agent sees {environment}.",
            "Write a function `view(observation, configuration)` in "
            f"src/{package()}/environment.py that returns what the network sees, as in training, "
            "and an array of which actions are legal; and, if actions have names, `ACTIONS`.",
        )
    return Path(inspect.getfile(own))


def _source(file: Path) -> bytes:
    return file.read_text(encoding="utf-8").encode()  # Unix line ends


def _shipped(file: Path) -> bytes:
    """Return a file's content. Raise `Fault` for an import that an agent on Kaggle has not."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name.startswith(".") or lacks(name.partition(".")[0]):
                raise Fault(
                    f"{file.name} imports {name}, which an agent on Kaggle does not have.",
                    f"Move what needs it out of {file.name}: this file is part of the submission.",
                )
    return _source(file)


def _functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_bytes())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
