"""How many images a second the training of networks that paint takes, compiled and not."""

import csv
import dataclasses
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from bench.offline import OfflineProject, make_offline_project
from bench.project import say
from bench.tables import as_table, spread
from compete.generative_records import IMAGES, GanRun, PreparedImages

_SIZE = 64
_SECONDS = 140  # of each training
_BACKBONES = ("stylegan2", "r3gan")


@dataclass(frozen=True)
class Rates:
    """What was measured.

    Args:
        device: the card's name, or `cpu`.
        batch: images in a batch.
        rates: images a second of each stretch but the first, by backbone and whether it was
            compiled; the message of what failed.
        records: of these trainings.
    """

    device: str
    batch: int
    rates: dict[tuple[str, bool], list[float] | str]
    records: dict[tuple[str, bool], GanRun]


def measure_generation(work: Path, *, quick: bool) -> Rates:
    """Train at 64 pixels for some minutes, with and without `torch.compile`.

    Args:
        work: the folder to work in.
        quick: take a few steps of tiny networks; else five minutes with one backbone.
    """
    shutil.rmtree(work / "generation", ignore_errors=True)
    (work / "generation").mkdir(parents=True)
    on_gpu = torch.cuda.is_available()
    batch = 4 if quick else 64 if on_gpu else 16
    project = _project(work / "generation", batch, on_gpu and not quick)
    rates: dict[tuple[str, bool], list[float] | str] = {}
    records: dict[tuple[str, bool], GanRun] = {}
    for backbone in _BACKBONES if quick else _BACKBONES[:1]:
        for compiled in (False, True) if on_gpu else (False,):
            key = backbone, compiled
            say(f"{backbone}, {'compiled' if compiled else 'not compiled'}")
            try:
                rates[key], records[key] = _train(project, backbone, compiled, quick, on_gpu)
            except (RuntimeError, TimeoutError) as error:
                rates[key] = str(error)
    device = torch.cuda.get_device_name(0) if on_gpu else "cpu"
    return Rates(device, batch, rates, records)


def _project(work: Path, batch: int, large: bool) -> OfflineProject:
    keys = {
        "data.batch_size": batch,
        "data.image_size": _SIZE,
        "model.network": {"width": 64, "max_width": 512, "latent": 512} if large else {"width": 8},
        "trainer.devices": 1,
        "trainer.logger": False,
    }
    project = make_offline_project(work, "generative", keys, {})
    stored = project.path / IMAGES
    stored.parent.mkdir(parents=True)
    images = _photographs(2000)
    np.save(stored, images)
    PreparedImages("photographs", len(images), 0, _SIZE, 3).write(stored.parent / "prepared.json")
    return project


def _photographs(count: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return squares of scikit-learn's two photographs, `(count, 3, size, size)`."""
    from sklearn.datasets import load_sample_images

    chance, photos = np.random.default_rng(0), load_sample_images().images
    squares = []
    for number in range(count):
        photo = photos[number % len(photos)]
        top, left = (chance.integers(0, side - _SIZE) for side in photo.shape[:2])
        squares.append(photo[top : top + _SIZE, left : left + _SIZE].transpose(2, 0, 1))
    return np.stack(squares).astype(np.uint8)


def _train(
    project: OfflineProject, backbone: str, compiled: bool, quick: bool, on_gpu: bool
) -> tuple[list[float], GanRun]:
    member = f"{backbone}-{compiled}".lower()
    (project.path / "members" / f"{member}.yaml").write_text("{}\n", encoding="utf-8")
    options = {
        "model.network.backbone": backbone,
        "model.compile": str(compiled).lower(),
        "trainer.total_kimg": 0.016 if quick else 1_000_000,
        "trainer.checkpoint_kimg": 0.004 if quick else 4 if on_gpu else 0.5,
        "trainer.snapshots": 0,
    }
    if not quick:
        options["trainer.max_time"] = f"00:00:{_SECONDS // 60:02d}:{_SECONDS % 60:02d}"
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    timed = dataclasses.replace(project, deadline=time.monotonic() + 2 * _SECONDS + 60)
    timed.run("compete", "train", "--member", member, *words)
    folder = project.path / "runs" / member
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        rates = [float(line["images_per_second"]) for line in csv.DictReader(file)]
    found = GanRun.read(folder / "gan.json")
    assert found is not None
    return rates[1:-1] or rates, found  # the last stretch may be a short one


def generation_page(found: Rates, machine: dict[str, str], *, quick: bool) -> str:
    """Return the page as Markdown.

    Args:
        found: what was measured.
        machine: facts about where.
        quick: whether it was a short run.
    """
    parts = [
        "# GAN training",
        "Generated by `python -m bench generation`; do not edit. `compete train` with color images "
        f"of {_SIZE} x {_SIZE} pixels, a batch size of {found.batch} and adaptive augmentation, on "
        "crops of two photographs: one run on one machine, to measure speed and not image quality. "
        "Rates are of real images shown to the discriminator, over intervals of some hundred "
        "batches with all regularization; the first interval is left out.",
    ]
    if quick:
        parts.append(
            "> **Generated with `--quick`**: too few steps to mean anything. Run "
            "`python -m bench generation`."
        )
    parts += ["## Machine", as_table(("", ""), ({"Device": found.device} | machine).items())]
    rows, failed = [], []
    for (backbone, compiled), rates in found.rates.items():
        name = f"{backbone}, compiled" if compiled else backbone
        if isinstance(rates, str):
            failed.append((name, " ".join(rates.split())[-400:]))
            continue
        record = found.records[backbone, compiled]
        size = f"{(record.parameters + record.discriminator_parameters) / 1e6:.1f}"
        rows.append((name, size, record.precision, f"{record.kimg:g}", *spread(rates, ".0f")))
    head = ("networks", "million parameters", "precision", "kimg", "intervals")
    parts += [
        "## Images per second",
        as_table((*head, "smallest", "median", "largest"), rows),
    ]
    if failed:
        parts += ["## What failed", as_table(("part", "why"), failed)]
    pair = [found.rates.get((_BACKBONES[0], compiled)) for compiled in (False, True)]
    plain, fast = pair
    if isinstance(plain, list) and isinstance(fast, list):
        gain = median(fast) / median(plain)
        parts.append(f"Compiling {_BACKBONES[0]} speeds up training by a factor of {gain:.2f}.")
    return "\n\n".join(parts) + "\n"
