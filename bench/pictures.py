"""What the input pipeline is measured on: the digits, and photographs as JPEG files."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml
from PIL import Image
from project import Project, inside
from sklearn.datasets import load_sample_images

_WIDTH, _HEIGHT = 500, 375  # ImageNet's usual size


def photos(project: Project, folder: Path, count: int, cache_gb: float) -> Path:
    """Views of scikit-learn's two photographs, prepared; decoded each time if `cache_gb` is 0."""
    raw = folder / "data" / "raw"
    (raw / "images").mkdir(parents=True)
    large = [Image.fromarray(picture) for picture in load_sample_images().images]
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
    params = yaml.safe_load((project.path / "params.yaml").read_text(encoding="utf-8"))
    params["data"]["cache_gb"] = cache_gb
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    shutil.copytree(project.path / "members", folder / "members")
    project.run("compete", "prepare", cwd=folder)
    return folder


def pipeline(project: Project, work: Path, count: int, repeats: int, batch: int) -> Any:
    """Pictures a second by source and number of workers."""
    stored = photos(project, work / "stored", count, 8.0)
    files = photos(project, work / "files", count, 0.0)
    size = json.loads((project.path / "data/processed/prepared.json").read_text(encoding="utf-8"))
    kinds = {
        f"stored, grey, {size['image_size']} px": (project.path, ("none", "light")),
        "stored, colour, 224 px": (stored, ("none", "photo")),
        f"JPEG, colour, {_WIDTH} x {_HEIGHT} to 224 px": (files, ("none", "photo")),
    }
    sources = [
        {"name": f"{kind}, `{augment}`", "folder": str(folder), "augment": augment}
        for kind, (folder, presets) in kinds.items()
        for augment in presets
    ]
    out = work / "pipeline.json"
    return inside(project, "pipeline.py", out, str(repeats), str(batch), json.dumps(sources))
