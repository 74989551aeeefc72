"""Trains one agent, from its last checkpoint if there is one, and keeps what play needs."""

import os
import platform
import shutil
from contextlib import closing
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
import yaml
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv

from compete.errors import Fault, first_line
from compete.files import atomic_path, write_text
from compete.project import author
from compete.records import CompetitionRecord
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.arguments import make_arguments
from compete.tasks.simulation.callbacks import TrainingLoop
from compete.tasks.simulation.environments import MakeEnvironment
from compete.tasks.simulation.evaluation import (
    environment_of,
    is_game,
    make_evaluation,
    make_training,
)
from compete.tasks.simulation.imitation import Imitation
from compete.tasks.simulation.opponents import make_opponent
from compete.tasks.simulation.prepare import make_contract
from compete.tasks.simulation.selfplay import game_module, make_game
from compete.tasks.simulation.trainer import Trainer
from compete.tasks.simulation.video import record_episode
from compete.tasks.simulation.weights import load_policy
from compete.training.config import Config
from compete.training.fingerprint import fingerprint
from compete.training.run_folder import drop_broken_logs, place_loggers

_BOARDS = 256  # whose positions are labelled together
_PACKAGES = ("torch", "stable-baselines3", "sb3-contrib", "gymnasium", "numpy")


def agent_fingerprint(config: Config[Any]) -> str:
    """Return the digest of all that decides the result of `fit`."""
    game = game_module(SimulationContract.load().environment)  # no import statement names it
    return fingerprint(config, 0, __name__, *([game] if game else []))


def check(config: Config[Any]) -> None:
    """Make all that a training needs, and write nothing. Raise `Fault` for what can't be made."""
    contract = SimulationContract.load()
    _check_contract(config, contract)
    if not _goes_on(config):
        _check_opponents(config.data.opponents, AgentRun.folder(config.member))
    section = config.trainer.clone()
    section.logger = False  # they begin to write when they are made
    trainer = Trainer(**make_arguments("trainer", Trainer, config, section))
    if (imitation := make_imitation(config, contract, trainer)) is not None:
        imitation.try_out()
    environments = make_training(config, contract)
    with closing(environments):
        model = make_model(config, contract, environments, trainer.device)
        if is_game(contract):
            for name in config.data.opponents:
                make_opponent(name, model.policy)


def _check_contract(config: Config[Any], contract: SimulationContract) -> None:
    """Raise `Fault` if a member asks for another environment than `compete prepare` has seen."""
    asked = make_contract(config.competition, config.data, CompetitionRecord())
    for key in ("environment", "version", "configuration"):
        ours, theirs = getattr(asked, key), getattr(contract, key)
        if ours != theirs:
            raise Fault(
                f"Member {config.member} asks for the {key} {ours}, contract.yaml has {theirs}.",
                "Run `compete prepare`; all members play the environment of params.yaml.",
            )


def _check_opponents(opponents: list[str], folder: Path) -> None:
    """Raise `Fault` if an opponent lies where the training that is about to begin anew deletes."""
    for name in opponents:
        if folder.resolve() in Path(name).resolve().parents:
            raise Fault(
                f"The opponent {name} is in the run that is about to be retrained.",
                f"Copy it to agents/{Path(name).name}, and name that file under `opponents`.",
            )


def _goes_on(config: Config[Any]) -> bool:
    """Return whether a training that was begun is the one that is asked for."""
    before = AgentRun.load(config.member)
    return before is not None and before.fingerprint == agent_fingerprint(config)


def build(config: Config[Any], contract: SimulationContract, device: str) -> OnPolicyAlgorithm:
    """Return the untrained model in its environments. Raise `Fault` for what can't be built."""
    environments = make_training(config, contract)
    model = make_model(config, contract, environments, device)
    environments.begin_rollout(model, 0)  # SB3 resets them before the first rollout begins
    return model


def make_model(
    config: Config[Any],
    contract: SimulationContract,
    environments: VecEnv,
    device: str,
) -> OnPolicyAlgorithm:
    """Return the untrained model. Raise `Fault` for what can't be built."""
    arguments = make_arguments("model", author("model", "Model"), config, config.model)
    try:
        model: OnPolicyAlgorithm = author("model", "Model")(
            env=environments, seed=config.seed_everything, device=device, **arguments
        )
    except (AssertionError, TypeError, ValueError, RuntimeError) as error:
        raise Fault(
            f"Stable-Baselines3 can't make this model for {contract.environment}: "
            f"{first_line(error).rstrip('.')}.",
            "Correct the key under `model` in params.yaml, or `Model` in model.py.",
        ) from None
    return model


def fit(config: Config[Any]) -> None:
    """Train one member and write its run's folder.

    Args:
        config: of the member, which `check` has found good.

    Raises:
        Fault: the training diverged, or can't begin.
    """
    contract = SimulationContract.load()
    run = AgentRun(agent_fingerprint(config), config.member)
    folder = AgentRun.folder(config.member)
    if not _goes_on(config):
        shutil.rmtree(folder, ignore_errors=True)
        run.save()
    drop_broken_logs(folder)
    section = place_loggers(config.trainer, folder)
    trainer = Trainer(**make_arguments("trainer", Trainer, config, section))
    model = build(config, contract, trainer.device)
    assert model.env is not None
    teach = make_imitation(config, contract, trainer)
    with (
        closing(model.env),
        closing(make_evaluation(model, config, contract, trainer.n_eval_episodes)) as evaluate,
    ):
        name, seed = config.member, config.seed_everything
        loop = trainer.fit(model, evaluate, folder, name, seed, teach)
    _keep(config, contract, model, loop, replace(run, imitated=trainer.imitate))
    for left in teach.files if teach else ():
        left.unlink(missing_ok=True)


def make_imitation(
    config: Config[Any], contract: SimulationContract, trainer: Trainer
) -> Imitation | None:
    """Return what teaches the policy before it plays, None if nothing does.

    Raises:
        Fault: the environment is no game of the engine's, whose search could be imitated.
    """
    if not trainer.imitate:
        return None
    if not is_game(contract):
        raise Fault(
            f"There is no search for {contract.environment}, which `imitate` would learn from.",
            "Set `imitate: 0` under `trainer` in params.yaml.",
        )
    return Imitation(
        make_game(contract.environment, _BOARDS, config.data.environment_kwargs),
        positions=trainer.imitate,
        nodes=trainer.imitate_nodes,
        epochs=trainer.imitate_epochs,
        folder=AgentRun.folder(config.member),
        name=config.member,
        seed=config.seed_everything,
    )


def record(config: Config[Any]) -> None:
    """Draw an episode of a trained member, if its settings ask for one that is not there yet."""
    contract, frames = SimulationContract.load(), config.trainer.video_frames
    folder = AgentRun.folder(config.member)
    path = folder / "episode.gif"
    if not frames or path.exists() or is_game(contract):
        return
    model = build(config, contract, "cpu")
    load_policy(model.policy, folder / "model.safetensors", "Run `compete train` again.")
    kwargs = {"render_mode": "rgb_array"} | config.data.environment_kwargs
    make = MakeEnvironment(environment_of(contract), kwargs, (config.seed_everything, 2))
    record_episode(model, make, frames, path)


def _keep(
    config: Config[Any],
    contract: SimulationContract,
    model: OnPolicyAlgorithm,
    loop: TrainingLoop,
    run: AgentRun,
) -> None:
    folder = AgentRun.folder(run.member)
    with atomic_path(folder / "model.safetensors") as beside:
        shutil.copyfile(loop.best_weights, beside)
    write_text(folder / "config.yaml", yaml.safe_dump(config.kept()))
    best = {key: value for key, value in loop.best.items() if key != "timesteps"}
    replace(
        run,
        finished=True,
        environment=contract.environment,
        algorithm=next(base.__name__ for base in type(model).mro()[1:]),
        seed=config.seed_everything,
        timesteps=model.num_timesteps,
        best_timesteps=int(loop.best["timesteps"]),
        scores=best,
        curve=loop.curve,
        parameters=sum(weight.numel() for weight in model.policy.parameters()),
        seconds=round(loop.elapsed(), 1),
        device=model.device.type,
        hardware=_hardware(model.device),
        versions={name: metadata.version(name) for name in _PACKAGES}
        | {contract.package.split()[0]: contract.package.split()[1]},
    ).save()
    for left in (loop.checkpoint, loop.best_weights, *folder.glob(".*.part")):
        left.unlink(missing_ok=True)


def _hardware(device: torch.device) -> str:
    """Return what trained, as a person would call it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} cores of {platform.processor() or platform.machine()}"
