"""Measures the input pipeline of images: on the digits, and on photographs as JPEG files."""

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml
from PIL import Image
from sklearn.datasets import load_sample_images

from bench.project import Project, run_script
from compete.tasks.image.decode import STORED, StoredImages

_WIDTH, _HEIGHT = 500, 375  # ImageNet's usual size


def prepare_photos(
    project: Project, folder: Path, count: int, cache_gb: float, like: Path | None = None
) -> Path:
    """Prepare crops of scikit-learn's two photographs; return the folder.

    Args:
        project: whose `compete prepare` it is.
        folder: where the data goes; must not exist.
        count: how many crops.
        cache_gb: as the key of params.yaml; 0: images are decoded each time.
        like: a folder that holds the same crops.
    """
    if like is None:
        _write_photos(folder / "data" / "raw", count)
    else:
        shutil.copytree(like / "data" / "raw", folder / "data" / "raw")
    params = yaml.safe_load((project.path / "params.yaml").read_text(encoding="utf-8"))
    params["data"]["cache_gb"] = cache_gb
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    shutil.copytree(project.path / "members", folder / "members")
    project.run("compete", "prepare", cwd=folder)
    return folder


def _write_photos(raw: Path, count: int) -> None:
    (raw / "images").mkdir(parents=True)
    large = [Image.fromarray(photo) for photo in load_sample_images().images]
    width, height = large[0].size
    corners = [(x, y) for x in range(width - _WIDTH) for y in range(height - _HEIGHT)]
    chosen = np.random.default_rng(0).permutation(len(corners))[:count]
    names = [f"{number:04d}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        x, y = corners[chosen[number]]
        view = large[number % 2].crop((x, y, x + _WIDTH, y + _HEIGHT))
        view.save(raw / "images" / name, quality=90)
    labels = ["temple" if number % 2 else "flower" for number in range(count)]
    pl.DataFrame({"id": names, "label": labels}).write_csv(raw / "train.csv")
    pl.DataFrame({"id": names[:2], "label": labels[:2]}).write_csv(raw / "sample_submission.csv")


def measure_input_pipeline(
    project: Project, work: Path, count: int, repeats: int, batch: int
) -> Any:
    """Return images per second, by source and number of workers.

    Args:
        project: has prepared the digits.
        work: the folder to work in.
        count: photographs.
        repeats: how often each is measured.
        batch: the batch size.
    """
    stored = prepare_photos(project, work / "stored", count, 8.0)
    files = prepare_photos(project, work / "files", count, 0.0, like=stored)
    digits = StoredImages.read(project.path / STORED)
    if digits is None:
        sys.exit(f"error: {project.path / STORED} is missing. Remove the work folder.")
    kinds = {
        f"stored, grey, {digits.image_size} px": (project.path, ("none", "light")),
        "stored, colour, 224 px": (stored, ("none", "photo")),
        f"JPEG, colour, {_WIDTH} x {_HEIGHT} to 224 px": (files, ("none", "photo")),
    }
    sources = [
        {"name": f"{kind}, `{augment}`", "folder": str(folder), "augment": augment}
        for kind, (folder, presets) in kinds.items()
        for augment in presets
    ]
    return load_rates(project, work, sources, repeats, batch, (0, 1, 2))


def load_rates(
    project: Project,
    work: Path,
    sources: list[dict[str, str]],
    repeats: int,
    batch: int,
    workers: Sequence[int],
) -> Any:
    """Return images per second, by source and number of workers.

    Args:
        project: whose loader it is.
        work: the folder to work in.
        sources: for each `name`, `folder` (where `compete prepare` ran) and `augment` (a preset).
        repeats: how often each is measured.
        batch: the batch size.
        workers: the numbers of workers.
    """
    words = (str(repeats), str(batch), json.dumps(list(workers)), json.dumps(sources))
    return run_script(project, "input_pipeline.py", work / "input_pipeline.json", *words)
