"""A finished project whose agent plays, with records of made-up numbers, and its report."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pages import HOSTILE, Read

from compete.files import LEADERBOARD, SCORES, write_json
from compete.portfolio.simulation.report import report
from compete.simulation_contract import SimulationContract
from compete.simulation_records import (
    REPLAY,
    AgentRun,
    Judgement,
    Mistake,
    MoveQuality,
    MoveTimes,
    Pairing,
    Standing,
)
from compete.submission_records import Leaderboard, LedgerEntry
from compete.tasks.simulation.official import make_environment

FILE = Path("submissions/submission.tar.gz")
MOVES = (3, 3, 2, 2, 1, 1, 0)  # the first player has four in the lowest row


def make_contract(**changes: Any) -> SimulationContract:
    """Return the contract of ConnectX; keywords change its values."""
    values: dict[str, Any] = {
        "slug": "connectx",
        "title": HOSTILE[0],
        "environment": "connectx",
        "kind": "kaggle",
        "version": "1.0.1",
        "package": "kaggle-environments 1.33.2",
        "players": [2],
        "action": {"description": "Column to drop a checker onto the board.", "type": "integer"},
        "observation": {"board": {"type": "array"}, "mark": {"enum": [1, 2]}},
        "configuration": {"rows": 6, "columns": 7, "inarow": 4},
        "episode_steps": 1000,
        "act_timeout": 2.0,
        "overage": 60.0,
        "run_timeout": 1200.0,
        "sources": {"environment": "params.yaml"},
    }
    return SimulationContract(**{**values, **changes})


def play(moves: tuple[int, ...] = MOVES) -> dict[str, Any]:
    """Return the replay of a game of these moves, by Kaggle's own environment."""

    def agent(own: Iterator[int]) -> Any:
        return lambda observation: next(own)

    environment = make_environment("connectx")
    environment.run([agent(iter(moves[::2])), agent(iter(moves[1::2]))])
    replay: dict[str, Any] = environment.toJSON()
    return replay


def make_judgement(opponent: str = HOSTILE[0], **changes: Any) -> Judgement:
    """Return a judgement of some games; keywords change it."""
    rows = ((0, 0), (0, 1), (0, 0), (1, 1), (2, 2), (1, 2))
    board = [0] * 42
    for row, column in rows:
        board[(5 - row) * 7 + column] = 1
    values: dict[str, Any] = {
        "agent": "agent",
        "environment": "connectx",
        "member": "base",
        "play": "search",
        "file": FILE.as_posix(),
        "sha256": "0",
        "size": 1_234_567,
        "anchor": "random",
        "games": 60,
        "failures": 1,
        "ladder": [
            Standing("agent", 812.25, 700.5, 930.75, 30, 2, 8),
            Standing(opponent, 400.5, 300.0, 500.0, 10, 2, 28),
            Standing("random", 0.0, 0.0, 0.0, 8, 0, 32),
        ],
        "pairings": [
            Pairing("agent", opponent, 13, 2, 5),
            Pairing("agent", "random", 17, 0, 3),
            Pairing(opponent, "agent", 5, 2, 13),
            Pairing(opponent, "random", 5, 0, 15),
            Pairing("random", "agent", 3, 0, 17),
            Pairing("random", opponent, 15, 0, 5),
        ],
        "times": MoveTimes(moves=512, mean=0.875, first=12.5, slowest=1.25, overage=10.75),
        "quality": MoveQuality(
            moves=400,
            unknown=80,
            lost=20,
            kept=280,
            share=0.9375,
            mistakes=[Mistake(board, 1, 3, 1, [4, 5], opponent)],
        ),
        "replay": ["agent", opponent],
    }
    return Judgement(**{**values, **changes})


def make_run(member: str = "base", **changes: Any) -> AgentRun:
    """Return a finished self-play; keywords change it."""
    values: dict[str, Any] = {
        "fingerprint": "f",
        "member": member,
        "finished": True,
        "environment": "connectx",
        "algorithm": "MaskablePPO",
        "timesteps": 200_000,
        "best_timesteps": 100_000,
        "scores": {"return": 0.75, "against_random": 0.875},
        "curve": [
            {"timesteps": 100_000, "return": 0.75, "against_random": 0.875},
            {"timesteps": 200_000, "return": 0.5, "against_random": 0.75},
        ],
        "parameters": 54_321,
        "seconds": 100.0,
        "hardware": "some machine",
        "versions": {"torch": "2.6", "stable-baselines3": "2.7"},
    }
    return AgentRun(**{**values, **changes})


def save_run(run: AgentRun) -> None:
    """Write a training and its member."""
    Path("members").mkdir(exist_ok=True)
    Path(f"members/{run.member}.yaml").write_text("{}\n", encoding="utf-8")
    run.save()
    config = {
        "data": {
            "opponents": ["random", "/home/me/old.safetensors"],
            "pool_size": 16,
            "snapshot_freq": 50_000,
        },
        "model": {"gamma": 0.99, "policy_kwargs": None, "path": "/home/me/secret/w.pth"},
    }
    path = AgentRun.folder(run.member) / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")


def finish_project() -> LedgerEntry:
    """Write into the working folder what the pipeline leaves; return the submission's entry."""
    make_contract().save()
    save_run(make_run())
    make_judgement().save()
    write_json(REPLAY, play())
    Leaderboard("connectx", "2031-01-02", private=False, scores=[1200.5, 900.0, 400.0]).write(
        LEADERBOARD
    )
    return LedgerEntry(
        tag="t",
        time="2031-01-02T03:04:05+00:00",
        slug="connectx",
        file=FILE.as_posix(),
        sha256="0",
        message=HOSTILE[0],
        commit="c0ffee",
        state="complete",
        public=1040.25,
        rank=3,
        teams=20,
    )


def finish_gymnasium() -> None:
    """Write what the pipeline leaves of an environment of Gymnasium's."""
    make_contract(
        slug="cartpole",
        environment="CartPole-v1",
        kind="gymnasium",
        package="gymnasium 1.2.0",
        players=[1],
        act_timeout=None,
        overage=None,
        run_timeout=None,
        reward_threshold=475.0,
    ).save()
    curve = [{"timesteps": 5_000, "return": 321.5, "spread": 10.0, "length": 321.5}]
    save_run(make_run(environment="CartPole-v1", scores={"return": 321.5}, curve=curve))
    scores = {"return": 487.25, "spread": 3.5, "length": 487.25, "episodes": 20}
    write_json(SCORES, scores)


def write_report(*ledger: LedgerEntry) -> Read:
    """Write the report of a ledger and read the page."""
    report(list(ledger))
    return Read(Path("reports/index.html").read_text(encoding="utf-8"))
