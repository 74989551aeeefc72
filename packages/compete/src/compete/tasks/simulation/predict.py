"""`compete predict`: writes the trained agent as a submission, and judges it."""

import contextlib

import numpy as np

from compete.errors import Fault
from compete.files import SCORES, atomic_path, note, read_yaml, write_json
from compete.simulation_contract import SimulationContract
from compete.simulation_records import REPLAY, AgentRun, Judgement
from compete.tasks.simulation.agent_files import ARCHIVE
from compete.tasks.simulation.evaluation import make_evaluation, make_training
from compete.tasks.simulation.fit import make_model
from compete.tasks.simulation.judging import TOURNAMENT, judge
from compete.tasks.simulation.submission import AgentWriter
from compete.tasks.simulation.weights import load_policy
from compete.training.config import load_config, member_names


def predict() -> None:
    """Write `submissions/submission.tar.gz` of the best member, and judge it.

    An agent of Gymnasium has nothing to be submitted to: it is evaluated in further episodes.

    Raises:
        Fault: nothing is trained, or what is can't be played.
    """
    contract = SimulationContract.load()
    run = best_run()
    if contract.kind == "gymnasium":
        _evaluate(run, contract)
        return
    config = load_config(run.member)
    writer = AgentWriter(config, contract)
    play = writer.play
    data = writer.archive(AgentRun.folder(run.member) / "model.safetensors", play)
    with atomic_path(ARCHIVE) as beside:
        beside.write_bytes(data)
    note(f"Wrote {ARCHIVE}: {len(data) / 1e6:.2f} MB, {run.member}, plays by {play}.")
    if len(data) > config.data.max_submission_mb * 1e6:
        raise Fault(
            f"{ARCHIVE} has {len(data) / 1e6:.1f} MB; the competition takes "
            f"{config.data.max_submission_mb:g} MB.",
            "Train a smaller network (`model` in params.yaml), or correct `max_submission_mb` "
            "under `data`.",
        )
    past = {}
    for name in _past_selves(run.member, config.data.judged_past_selves):
        past[name] = TOURNAMENT / "agents" / f"{name}.tar.gz"
        weights = AgentRun.folder(run.member) / "pool" / f"{name.removeprefix('past-')}.safetensors"
        with atomic_path(past[name]) as beside:
            beside.write_bytes(writer.archive(weights, "argmax"))
    rounds = config.data.judge_rounds
    judgement, replay = judge(ARCHIVE, past, contract, member=run.member, play=play, rounds=rounds)
    write_json(REPLAY, replay)
    judgement.save()
    _tell(judgement)


def best_run() -> AgentRun:
    """Return the finished training with the best evaluation.

    Raises:
        Fault: no training is finished.
    """
    runs = [run for name in member_names() if (run := AgentRun.load(name)) and run.finished]
    if not runs:
        raise Fault("No agent is trained yet.", "Run `compete train` first.")
    return max(runs, key=lambda run: run.scores["return"])


def _past_selves(member: str, count: int) -> list[str]:
    """Return the names of past selves, evenly chosen, the youngest and the untrained not."""
    names = sorted(path.stem for path in (AgentRun.folder(member) / "pool").glob("*.safetensors"))
    places = np.linspace(0, len(names) - 1, count + 2).round().astype(int)[1:-1]
    return [f"past-{names[place]}" for place in dict.fromkeys(places.tolist())] if names else []


def _evaluate(run: AgentRun, contract: SimulationContract) -> None:
    config = load_config(run.member)
    kept = config.from_kept(read_yaml(AgentRun.folder(run.member) / "config.yaml"))
    environments = make_training(kept, contract)
    episodes = config.trainer.n_eval_episodes
    with contextlib.closing(environments):
        model = make_model(kept, contract, environments, "cpu")
        weights = AgentRun.folder(run.member) / "model.safetensors"
        load_policy(model.policy, weights, "Run `compete train` again.")
        with contextlib.closing(make_evaluation(model, kept, contract, episodes)) as evaluate:
            scores = evaluate(run.timesteps + 1)
    write_json(SCORES, scores | {"episodes": episodes})
    TOURNAMENT.mkdir(exist_ok=True)  # an output of the stage in dvc.yaml
    told = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
    note(f"{run.member}: {told} over {episodes} episodes. Wrote {SCORES}.")


def _tell(judgement: Judgement) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("player")
    for name in ("Elo", "95 % interval", "won", "drawn", "lost"):
        table.add_column(name, justify="right")
    for each in judgement.ladder:
        interval = f"{each.low:.0f} to {each.high:.0f}"
        counts = map(str, (each.wins, each.draws, each.losses))
        table.add_row(each.player, f"{each.elo:.0f}", interval, *counts)
    Console(soft_wrap=True).print(table)
    taken = judgement.times
    note(
        f"A move takes {taken.mean:.2f} s on average, {taken.slowest:.2f} s at most, "
        f"the first {taken.first:.2f} s."
    )
    if judgement.quality is not None:
        known = judgement.quality.moves - judgement.quality.unknown
        note(f"{judgement.quality.share:.1%} of {known} solved moves are optimal.")
    if judgement.failures:
        note(
            f"warning: the agent failed in {judgement.failures} games; "
            "`compete validate` shows why."
        )
