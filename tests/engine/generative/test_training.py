import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from compete.errors import Fault
from compete.generative_records import IMAGES, SOURCES, GanRun
from compete.tasks.generative.generator import load_generator
from compete.tasks.generative.train import train

Settle = Callable[..., Path]
RUN = Path("runs/base")
KEPT = RUN / "generator.safetensors"
# Ends the process's training before the batch that the file `stop_at` holds, as a kill would.
STOPS = (
    "model.py",
    """
from pathlib import Path


class Killed(BaseException):
    pass


class Model(Model):
    def training_step(self, batch, batch_idx):
        place = Path("stop_at")
        if place.exists() and self.number == int(place.read_text()):
            place.unlink()
            raise Killed
        super().training_step(batch, batch_idx)
""",
)
TRANSLATES = (
    "model.py",
    "from compete.tasks.generative.module import GanModule",
    "from compete.tasks.generative.translation import TranslationModule as GanModule",
)
PLAIN = {"path_length": "auto", "style_mixing": "auto"}


def curve() -> list[list[str]]:
    """Each line of metrics.csv, less how fast it was."""
    lines = csv.DictReader((RUN / "metrics.csv").read_text(encoding="utf-8").splitlines())
    slow = ("images_per_second", "seconds")
    return [[value for key, value in line.items() if key not in slow] for line in lines]


def test_killed_at_ten_moments_or_shared_by_two_processes_a_training_ends_the_same(
    settle: Settle,
) -> None:
    settle("calm", STOPS)
    train(None, None, [])
    calm, lines = load_file(KEPT), curve()
    run = GanRun.load("base")
    assert run is not None
    assert (run.finished, run.kimg, run.kind, run.augment) == (True, 0.128, "generate", "ada")
    assert [float(line[0]) for line in lines] == [0.024, 0.048, 0.072, 0.096, 0.12, 0.128]
    snapshots = sorted(path.stem for path in (RUN / "snapshots").iterdir())
    assert snapshots == ["00000000", "00000064"]
    assert not (RUN / "last.ckpt").exists()

    settle("shaken")
    for batch in (0, 2, 3, 4, 5, 8, 9, 11, 14, 15):
        Path("stop_at").write_text(str(batch))
        with pytest.raises(BaseException, match=r"^$") as stopped:
            train(None, None, [])
        assert type(stopped.value).__name__ == "Killed"
    train(None, None, [])
    assert KEPT.read_bytes() == (Path("../calm") / KEPT).read_bytes()
    assert curve() == lines
    assert sorted(path.stem for path in (RUN / "snapshots").iterdir()) == snapshots
    before = KEPT.stat().st_mtime_ns
    train(None, None, [])
    assert KEPT.stat().st_mtime_ns == before

    settle("shared")
    author = str(Path(sys.modules[_author()].__file__ or "").parents[1])
    path = os.pathsep.join([author, os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-m", "compete", "train", "--trainer.devices", "2"],
        env=dict(os.environ) | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        timeout=300,
    )
    shared = load_file(KEPT)
    assert shared.keys() == calm.keys()
    for name, tensor in calm.items():
        torch.testing.assert_close(shared[name], tensor, atol=2e-3, rtol=2e-3, msg=name)
    found = GanRun.load("base")
    assert found is not None
    assert found.devices == 2
    np.testing.assert_allclose(
        np.array([line[:5] for line in curve()], float),
        np.array([x[:5] for x in lines], float),
        1e-2,
    )


def _author() -> str:
    from compete.project import package

    return package()


def test_images_are_the_same_however_they_are_divided_up(settle: Settle) -> None:
    settle()
    train(None, None, [])
    generator = load_generator(RUN, batch_size=4)
    assert (generator.translates, generator.image_size, generator.channels) == (False, 32, 1)
    images = generator.sample(11, seed=100)
    assert images.shape == (11, 1, 32, 32)
    assert images.dtype == np.uint8
    assert len({image.tobytes() for image in images}) == 11
    parts = [generator.sample(count, 100, start=start) for start, count in ((0, 3), (3, 6), (9, 2))]
    np.testing.assert_array_equal(np.concatenate(parts), images)
    assert (generator.sample(2, 5, truncation=0.0)[0] == generator.sample(1, 99, 0.0)[0]).all()
    difference = generator.decode(generator.latents(11, 100)).astype(int) - images
    assert abs(difference).max() <= 1
    first = load_generator(RUN, weights="snapshots/00000000.safetensors").sample(11, 100)
    assert not np.array_equal(first, images)
    assert generator.sample(0, 1).shape == (0, 1, 32, 32)
    with pytest.raises(Fault, match="can't translate images"):
        generator.translate(images)
    (RUN / "config.yaml").write_text(
        (RUN / "config.yaml").read_text().replace("width: 4", "width: 8")
    )
    with pytest.raises(Fault, match="current `Model`"):
        load_generator(RUN)
    with pytest.raises(Fault, match="not there yet"):
        load_generator(Path("runs/other"))


def test_images_are_translated_by_the_same_command(settle: Settle) -> None:
    settle(author=TRANSLATES, channels=3, model={"loss": PLAIN})
    train(None, None, ["--trainer.total_kimg", "0.032"])
    run = GanRun.load("base")
    assert run is not None
    assert run.kind == "translate"
    assert float(dict(zip(*_table(), strict=True))["nce"]) > 0
    generator, sources = load_generator(RUN, batch_size=5), np.load(SOURCES)
    made = generator.translate(sources)
    assert made.shape == sources.shape
    assert made.dtype == np.uint8
    again = np.concatenate([generator.translate(sources[:5]), generator.translate(sources[5:])])
    np.testing.assert_array_equal(again, made)
    with pytest.raises(Fault, match="from noise"):
        generator.sample(1, 0)
    with pytest.raises(Fault, match="can't be translated"):
        generator.translate(sources[:, :1])
    SOURCES.unlink()
    with pytest.raises(Fault, match="compete prepare"):
        train(None, None, [])


def _table() -> list[list[str]]:
    return list(csv.reader((RUN / "metrics.csv").read_text(encoding="utf-8").splitlines()[:2]))


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_every_weight_of_r3gan_learns_in_either_precision(settle: Settle, precision: str) -> None:
    settle(model={"network": {"backbone": "r3gan"}, "loss": PLAIN, "lr": 0.002})
    train(None, None, ["--trainer.precision", precision, "--trainer.total_kimg", "0.048"])
    before, after = load_file(RUN / "snapshots/00000000.safetensors"), load_file(KEPT)
    assert [name for name in after if torch.equal(before[name], after[name])] == []
    heading, first = _table()
    values = dict(zip(heading, first, strict=True))
    assert float(values["loss_d"]) == pytest.approx(0.69, abs=0.2)
    assert float(values["r1"]) > 0
    assert float(values["r2"]) > 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--data.batch_size", "1"], r"data.batch_size.*Got value: 1"),
        (["--data.image_size", "64"], "not images of 64 pixels"),
        (["--trainer.total_kimg", "0"], "total_kimg"),
        (["--trainer.precision", "16-mixed"], "precision"),
        (["--trainer.strategy", "fsdp"], "strategy"),
        (["--model.augment.p", "2"], r"augment.p.*Got value: 2"),
        (["--model.loss.gamma", "much"], "gamma"),
        (["--trainer.max_epochs", "3"], "max_epochs"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_before_anything_is_written(
    settle: Settle, options: list[str], named: str
) -> None:
    settle()
    with pytest.raises(Fault, match=named):
        train(None, None, options)
    assert not RUN.exists()


def test_a_training_begins_only_with_prepared_images(settle: Settle) -> None:
    settle()
    with pytest.raises(Fault, match="no folds"):
        train(0, None, [])
    IMAGES.write_bytes(b"no array")
    with pytest.raises(Fault, match="can't be read"):
        train(None, None, [])
    IMAGES.unlink()
    with pytest.raises(Fault, match="not there yet"):
        train(None, None, [])


def test_a_loss_that_is_no_number_ends_the_training(settle: Settle) -> None:
    settle()
    options: list[Any] = ["--model.lr", "1e30", "--trainer.total_kimg", "0.048"]
    with pytest.raises(Fault, match="diverged"):
        train(None, None, options)
    assert not KEPT.exists()
