"""Where numbers go, and that a resumed training writes none of them twice."""

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from compete.errors import Fault
from compete.tasks.simulation.loggers import CSV, DVCLive, TensorBoard, WandB
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.train import train

KEY = "train/loss"


def write(writer: Any, steps: range, close: bool = True) -> None:
    for step in steps:
        values = {KEY: step / 3, "time/fps": 9.0, "name": "x"}
        writer.write(values, dict.fromkeys(values, ()), step)
    if close:
        writer.close()


def test_a_table_has_a_row_for_each_step_whatever_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "whole.csv"
    write(CSV(str(path)), range(6))
    killed = CSV(str(tmp_path / "killed.csv"))
    write(killed, range(5), close=False)
    with killed.path.open("a", encoding="utf-8") as file:
        file.write("3")  # the beginning of 30, and of a step that was there before
    resumed = CSV(str(killed.path))
    resumed.resume(2)
    write(resumed, range(3, 6))
    assert killed.path.read_bytes() == path.read_bytes()
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    assert [float(row[KEY]) for row in rows] == [step / 3 for step in range(6)]
    assert rows[0].keys() == {"timesteps", KEY}  # no names, and nothing of the time it took


def test_a_value_that_comes_later_is_a_column_of_its_own(tmp_path: Path) -> None:
    writer = CSV(str(tmp_path / "table.csv"))
    writer.write({"a": 1.0}, {}, 1)
    writer.write({"a": 2.0, "b": 3.0}, {}, 2)
    writer.write({"a": 4.0}, {}, 3)
    assert writer.path.read_text() == "timesteps,a,b\n1,1.0,\n2,2.0,3.0\n3,4.0,\n"


def test_dvclive_forgets_what_came_after_the_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path / "dvclive"
    write(DVCLive(str(folder)), range(5))
    resumed = DVCLive(str(folder))
    resumed.resume(2)
    write(resumed, range(3, 6))
    (points,) = folder.glob("plots/metrics/train/loss.tsv")
    lines = [line.split("\t") for line in points.read_text().splitlines()]
    step = lines[0].index("step")
    assert [int(line[step]) for line in lines[1:]] == [0, 1, 2, 3, 4, 5]


def test_dvclive_asks_for_a_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Fault, match=r"DVCLive can't log here: .*git commit -m start"):
        DVCLive("dvclive")


def test_tensorboard_shows_each_step_once(tmp_path: Path) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    write(TensorBoard(str(tmp_path)), range(5), close=False)
    resumed = TensorBoard(str(tmp_path))
    resumed.resume(2)
    write(resumed, range(3, 6))
    shown = events.EventAccumulator(str(tmp_path), purge_orphaned_data=True)
    shown.Reload()
    assert [point.step for point in shown.Scalars(KEY)] == [0, 1, 2, 3, 4, 5]


def test_wandb_is_given_numbers_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra of the project that these tests do without: only our calls are looked at."""
    logged: list[Any] = []
    run = SimpleNamespace(
        log=lambda values, step: logged.append((step, values)), finish=lambda: logged.append("end")
    )
    begun: dict[str, Any] = {}
    fake = SimpleNamespace(init=lambda **options: begun.update(options) or run)
    monkeypatch.setitem(sys.modules, "wandb", fake)
    write(WandB("games", dir=str(tmp_path / "w")), range(2))
    assert logged == [(0, {KEY: 0.0}), (1, {KEY: 1 / 3}), "end"]
    assert begun["resume"] == "auto"
    assert (tmp_path / "w").is_dir()


def test_a_logger_is_named_in_the_settings_and_writes_beside_the_run(
    settle: Callable[..., Path],
) -> None:
    logger = "stable_baselines3.common.logger.JSONOutputFormat"
    ours = "compete.tasks.simulation.loggers.DVCLive"
    settle(
        trainer={
            "total_timesteps": 256,
            "logger": [
                {"class_path": logger, "init_args": {"filename": "{run}/log.json"}},
                {"class_path": ours, "init_args": {"dir": "{run}/dvclive"}},
            ],
        }
    )
    prepare()
    train(None, None, [])
    assert "rollout/ep_rew_mean" in Path("runs/base/log.json").read_text()
    assert Path("runs/base/dvclive/plots/metrics/eval/return.tsv").exists()
