"""What is trained, in which environments, and what is refused with a remedy."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from samples import write
from stable_baselines3.common.utils import LinearSchedule

from compete.errors import Fault
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation import selfplay
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.train import train

Settle = Callable[..., Path]
RUN = Path("runs/base")
CONNECTX: dict[str, dict[str, Any]] = {
    "data": {"environment": "auto", "n_envs": 64, "snapshot_freq": 2048},
    "model": {"n_steps": 16, "batch_size": 256, "channels": 16, "blocks": 1},
    "trainer": {"total_timesteps": 8192, "eval_freq": 4096, "n_eval_episodes": 100},
}
TINY: dict[str, dict[str, Any]] = {
    "data": {"environment": "connectx", "n_envs": 8, "snapshot_freq": 64},
    "model": {"n_steps": 8, "batch_size": 32, "channels": 4, "blocks": 1},
    "trainer": {"total_timesteps": 128, "eval_freq": 64, "checkpoint_freq": 64},
}


def trained(*overrides: str) -> AgentRun:
    """Prepare and train in the working folder, and return the record."""
    prepare()
    train(None, None, list(overrides))
    run = AgentRun.load("base")
    assert run is not None
    assert run.finished
    return run


def test_an_agent_learns_to_balance_a_pole(settle: Settle) -> None:
    settle(
        data={"n_envs": 8},
        model={"batch_size": 256, "n_epochs": 20},
        trainer={"total_timesteps": 4096, "eval_freq": 2048, "n_eval_episodes": 20},
    )
    run = trained()
    assert run.scores["return"] > 80  # random actions balance it for 22 steps
    assert run.scores["return"] == max(point["return"] for point in run.curve)
    assert (run.environment, run.algorithm) == ("CartPole-v1", "MaskablePPO")
    assert run.timesteps == 4096
    assert run.versions["stable-baselines3"]


def test_self_play_learns_to_beat_random_moves(settle: Settle) -> None:
    settle(slug="connectx", **CONNECTX)
    run = trained("--model.learning_rate", "1e-3")
    assert run.scores["against_random"] > 0.8  # the one who begins wins 56 % of random games
    assert len(list((RUN / "pool").iterdir())) == 4


def test_a_reached_target_ends_the_training(settle: Settle) -> None:
    settle(trainer={"total_timesteps": 100_000, "target_return": 5.0, "eval_freq": 256})
    run = trained()
    assert run.timesteps == 256
    assert [point["timesteps"] for point in run.curve] == [256]


def test_a_schedule_and_the_policys_arguments_are_keys(settle: Settle) -> None:
    linear = "stable_baselines3.common.utils.LinearSchedule"
    rate = {"class_path": linear, "init_args": {"start": 1e-3, "end": 0.0, "end_fraction": 1.0}}
    settle(
        model={"learning_rate": rate, "policy_kwargs": {"net_arch": [8]}},
        trainer={"total_timesteps": 512},
    )
    assert trained().parameters < 200
    rows = (RUN / "progress.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("train/learning_rate")
    rates = [float(row.split(",")[column]) for row in rows[2:]]
    assert rates == pytest.approx([1e-3 * (1 - step / 512) for step in range(128, 513, 128)])


def test_another_algorithm_is_one_edit(settle: Settle) -> None:
    plain = "stable_baselines3 import PPO"
    settle(
        author=("model.py", "sb3_contrib import MaskablePPO", f"{plain} as MaskablePPO"),
        data={"environment": "Pendulum-v1"},
        trainer={"total_timesteps": 128},
    )
    assert trained().algorithm == "PPO"


def test_numbers_are_not_actions_for_masked_ppo(settle: Settle) -> None:
    settle(data={"environment": "Pendulum-v1"})
    with pytest.raises(Fault, match=r"can't make this model for Pendulum-v1.*Discrete.*model\.py"):
        trained()


def test_an_environment_of_the_authors_is_trained_in(settle: Settle) -> None:
    own = (
        "import gymnasium\n\n\ndef make(**kwargs):\n"
        "    return gymnasium.make('CartPole-v1', max_episode_steps=kwargs['episodeSteps'])\n\n\n"
        "def wrap(env):\n    return gymnasium.wrappers.TransformReward(env, lambda r: 2 * r)\n"
    )
    settle(environment=own, data={"environment": "rps", "environment_kwargs": {"episodeSteps": 7}})
    run = trained()
    assert run.scores["length"] == run.scores["return"] == 7  # rewards are counted as they come


def test_a_past_agent_is_an_opponent(settle: Settle) -> None:
    root = settle(**TINY)
    trained()
    inside = ["--data.opponents", f"[{RUN}/model.safetensors]"]
    with pytest.raises(Fault, match=r"is in the run .* retrained.*agents/model\.safetensors"):
        train(None, None, inside)
    old = (RUN / "model.safetensors").rename(root / "old.safetensors")
    train(None, None, ["--data.opponents", "[tactical, old.safetensors]"])
    run = AgentRun.load("base")
    assert run is not None
    assert run.scores.keys() == {"return", "against_tactical", "against_old"}
    first = run.fingerprint
    old.write_bytes((RUN / "model.safetensors").read_bytes())  # another agent of the same name
    train(None, None, ["--data.opponents", "[tactical, old.safetensors]"])
    again = AgentRun.load("base")
    assert again is not None
    assert again.fingerprint != first
    with pytest.raises(Fault, match=r"old\.safetensors is of another network: .*opponents"):
        train(None, None, ["--data.opponents", "[old.safetensors]", "--model.channels", "6"])
    old.write_bytes(b"broken")
    with pytest.raises(Fault, match=r"old\.safetensors can't be loaded: .*Take it out"):
        train(None, None, ["--data.opponents", "[old.safetensors]"])


def test_a_past_self_that_no_longer_loads_is_refused(
    settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(**TINY)
    prepare()
    overrides = ["--data.opponents", "[]", "--trainer.total_timesteps", "256"]
    with monkeypatch.context() as patch:
        patch.setattr(selfplay, "play", _interrupt_after(55))
        with pytest.raises(KeyboardInterrupt):
            train(None, None, overrides)
    assert (RUN / "pool/000000128.safetensors").exists()
    (RUN / "pool/000000064.safetensors").write_bytes(b"the half")
    with pytest.raises(Fault, match=r"064\.safetensors can't be loaded.*delete the folder of the"):
        train(None, None, overrides)


def _interrupt_after(calls: int) -> Callable[..., Any]:
    """Return what plays moves as `selfplay.play` does, but so many times only."""
    left, play = [calls], selfplay.play

    def count(*args: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return play(*args)

    return count


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ({"data": {"environment": "CartPole-v7"}}, r"CartPole-v7.*Near: .*CartPole-v1"),
        ({"data": {"environment": "conectx"}}, r"no environment 'conectx'.*Near: connectx"),
        ({"data": {"environment": "auto"}}, r"named like the competition, 'made-up'.*environment"),
        ({"data": {"environment": "hungry_geese"}}, r"no boards of hungry_geese.*`make`"),
        (
            {"data": {"environment_kwargs": {"colour": 1}}},
            r"CartPole-v1 can't be made .*colour.*environment_kwargs",
        ),
        (
            {"data": {"environment": "connectx", "environment_kwargs": {"inarow": 5}}},
            r"5 in a row is not supported",
        ),
        (
            {"data": {"environment": "connectx", "environment_kwargs": {"rows": "six"}}},
            r"connectx refuses its configuration.*six",
        ),
        ({"data": {"opponents": ["stockfish"]} | {"environment": "connectx"}}, r"'stockfish'.*tac"),
        ({"model": {"policy": "CnnPolicy"}}, r"can't make this model for CartPole-v1.*`model`"),
        ({"model": {"policy_kwargs": {"activation_fn": "Tanh"}}}, r"names no class.*torch\.nn\.T"),
        ({"competition": {"metric": "accuracy"}}, r"`metric` under .* no effect.*Delete `metric`"),
        ({"competition": {"id_column": "id"}}, r"`id_column` under `competition` has no effect"),
        ({"trainer": {"imitate_epochs": 0}}, r"trainer\.imitate_epochs.*greater than 0.* 0"),
        ({"trainer": {"imitate": -1}}, r"trainer\.imitate.*greater than or equal to 0.* -1"),
        ({"data": {"snapshot_freq": 0}}, r"data\.snapshot_freq.*greater than 0.* 0"),
        ({"data": {"time_share": 1.5}}, r"data\.time_share.*less than or equal to 1.* 1.5"),
        ({"model": {"n_epochs": 0}}, r"model\.n_epochs.*greater than 0.* 0"),
        ({"model": {"gamma": 1.5}}, r"model\.gamma.*less than or equal to 1.* 1.5"),
        (
            {"model": {"learning_rate": 1e38}},
            r"diverged: a step of the optimizer .*`learning_rate`",
        ),
        ({"trainer": {"eval_freq": 0}}, r"trainer\.eval_freq.*greater than 0.* 0"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_remedy(
    settle: Settle, sections: dict[str, Any], sentence: str
) -> None:
    settle(**sections)
    with pytest.raises(Fault, match=sentence):
        trained()


def test_another_environment_than_the_contracts_is_refused(settle: Settle) -> None:
    settle(trainer={"total_timesteps": 128})
    prepare()
    with pytest.raises(Fault, match=r"base asks for .* Acrobot-v1, .*CartPole-v1.*compete prepare"):
        train(None, None, ["--data.environment", "Acrobot-v1"])
    with pytest.raises(Fault, match=r"the configuration \{'max_episode_steps': 9\}.*prepare"):
        train(None, None, ["--data.environment_kwargs", "{max_episode_steps: 9}"])
    train(None, None, [])


def test_weights_that_become_nan_are_refused_and_the_checkpoint_stays(
    settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(trainer={"checkpoint_freq": 128})
    prepare()
    monkeypatch.setattr(LinearSchedule, "__call__", lambda self, left: 1e-3 if left > 0.7 else 1e38)
    schedule = f"{LinearSchedule.__module__}.LinearSchedule"
    values = f"{{class_path: {schedule}, init_args: {{start: 0, end: 0, end_fraction: 1}}}}"
    with pytest.raises(Fault, match=r"diverged: .* NaN after \d+ steps.*`learning_rate`"):
        train(None, None, ["--model.learning_rate", values])
    assert (RUN / "checkpoint.pt").exists()


def test_an_observation_that_is_nan_is_refused(settle: Settle) -> None:
    own = (
        "import gymnasium\nimport numpy as np\n\n\n"
        "def wrap(env):\n"
        "    return gymnasium.wrappers.TransformObservation(\n"
        "        env, lambda seen: seen * np.nan, env.observation_space\n    )\n"
    )
    settle(environment=own)
    with pytest.raises(Fault, match=r"observation that is NaN.*environment\.py"):
        trained()


def test_the_contract_tells_what_the_environment_asks_and_who_says_so(settle: Settle) -> None:
    root = settle(slug="connectx", data={"environment": "auto", "environment_kwargs": {"rows": 7}})
    record = {"slug": "connectx", "title": "Connect X", "deadline": "2030-01-01T00:00:00"}
    (root / "data").mkdir()
    (root / "data/competition.json").write_text(json.dumps(record))
    prepare()
    contract = SimulationContract.load()
    assert (contract.environment, contract.kind) == ("connectx", "kaggle")
    assert (contract.act_timeout, contract.overage, contract.players) == (2, 60, [2])
    assert contract.configuration["rows"] == 7
    assert contract.title == "Connect X"
    sources = contract.sources
    assert sources["environment"] == "the competition's name, connectx"
    assert sources["title"] == sources["deadline"] == "Kaggle"
    assert sources["act_timeout"].startswith("kaggle-environments 1.")
    assert sources["configuration"].startswith("params.yaml over kaggle-environments")


def test_an_episode_is_drawn_also_after_a_training_that_was_kept(
    settle: Settle, capfd: pytest.CaptureFixture[str]
) -> None:
    settle(
        data={"environment": "ALE/Pong-v5", "n_envs": 1}
        | {"environment_kwargs": {"max_episode_steps": 200}},
        model={"n_steps": 32, "batch_size": 32, "n_epochs": 1},
        trainer={"total_timesteps": 32, "n_eval_episodes": 1},
    )
    trained()
    assert not (RUN / "episode.gif").exists()
    train(None, None, ["--trainer.video_frames", "20"])
    assert "already finished, kept" in capfd.readouterr().err
    with Image.open(RUN / "episode.gif") as film:
        assert film.size == (160, 210)
        assert 2 < getattr(film, "n_frames", 1) <= 20  # frames that are equal are drawn once


def test_an_environment_that_cannot_be_drawn_is_told_of(
    settle: Settle, capfd: pytest.CaptureFixture[str]
) -> None:
    if find_spec("pygame"):
        pytest.skip("pygame is installed, which draws CartPole")
    settle(trainer={"total_timesteps": 128})
    trained("--trainer.video_frames", "5")
    assert "No video: pygame is not installed" in capfd.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--model.policy", "CnnPolicy"],
        ["--trainer.n_eval_episodes", "0"],
        ["--data.opponents", "[stockfish]"],
        ["--data.opponents", "[nowhere.safetensors]"],
        ["--model.learning_rate", "{class_path: collections.Nothing}"],
        ["--data.environment", "hungry_geese"],
    ],
)
def test_what_is_refused_leaves_the_finished_run_as_it_is(settle: Settle, wrong: list[str]) -> None:
    settle(**TINY)
    trained()
    before = {path: path.read_bytes() for path in RUN.rglob("*") if path.is_file()}
    with pytest.raises(Fault):
        train(None, None, wrong)
    assert {path: path.read_bytes() for path in RUN.rglob("*") if path.is_file()} == before


def test_actions_that_are_illegal_are_never_chosen(settle: Settle) -> None:
    own = (
        "import gymnasium\nimport numpy as np\nfrom pathlib import Path\n\n\n"
        "class Masked(gymnasium.Wrapper):\n"
        "    def action_masks(self):\n        return np.array([False, True])\n\n"
        "    def step(self, action):\n"
        "        with Path('actions').open('a') as file:\n            file.write(str(action))\n"
        "        return super().step(action)\n\n\n"
        "def wrap(env):\n    return Masked(env)\n"
    )
    settle(environment=own, trainer={"total_timesteps": 256, "eval_freq": 128})
    trained()
    actions = Path("actions").read_text(encoding="utf-8")
    assert len(actions) > 256  # those of evaluations too
    assert set(actions) == {"1"}


def test_each_member_is_an_agent_of_its_own(settle: Settle) -> None:
    root = settle(trainer={"total_timesteps": 128})
    write(root / "members/other.yaml", "seed_everything: 7\n")
    trained()
    other = AgentRun.load("other")
    assert other is not None
    assert (other.finished, other.seed) == (True, 7)
    first, second = (root / f"runs/{name}/model.safetensors" for name in ("base", "other"))
    assert first.read_bytes() != second.read_bytes()
    with pytest.raises(Fault, match="has no folds"):
        train(0, None, [])


def test_prepare_starts_without_torch(settle: Settle) -> None:
    settle()
    code = (
        "import sys; from compete.tasks.simulation import prepare\n"
        "prepare.find_environment('connectx', '')\n"
        "assert not {'torch', 'stable_baselines3', 'lightning'} & set(sys.modules)"
    )
    paths = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths}, check=True)
