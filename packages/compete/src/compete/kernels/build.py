"""`compete kernel build`: the data set and the notebook of a code competition."""

import shutil
import time
from collections.abc import Iterable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from compete import project
from compete.contract import Contract
from compete.errors import Fault
from compete.files import (
    CONTRACT,
    MEMBERS,
    PARAMS,
    PROCESSED,
    RAW,
    SCORES,
    atomic_path,
    note,
    read_yaml,
    write_text,
)
from compete.kaggle_image import KaggleImage, load_image
from compete.kernels import wheels
from compete.kernels.finished_file import build_file
from compete.kernels.folder import (
    DATASET,
    ENGINE,
    NOTEBOOK,
    describe_dataset,
    describe_notebook,
    names,
    note_accepts_files,
)
from compete.kernels.inference_server import find_server
from compete.kernels.notebook import write_notebook
from compete.kernels.options import Options
from compete.kernels.requirements import Needed, find_needed
from compete.records import FoldRun, Prepared, Scores
from compete.training.config import load_base

_FOLD_FILES = ("config.yaml", "fold.json", "model.safetensors")
_KEPT_AWAY = ("logger", "callbacks", "profiler", "plugins")  # of `trainer`: none predicts


def build(options: Options) -> None:
    """Write `kernel/dataset` and `kernel/notebook`; nothing is sent.

    Args:
        options: of prediction on Kaggle.

    Raises:
        Fault: nothing was predicted yet, wheels can't be had, or an option has no effect.
    """
    if not project.has_workflow("hidden"):
        build_file(options)
        return
    start = time.monotonic()
    contract, image = Contract.load(), load_image()
    folds = _chosen_folds(contract)
    needed = find_needed(image)
    with atomic_path(DATASET) as folder:
        known = DATASET / "wheels"
        wheels.fetch(needed.shipped, folder / "wheels", known, image)
        wheels.build_engine(folder / "wheels")
        _write_project(folder / "project", folds, options, needed)
        describe_dataset(folder, contract.slug, image)
    with atomic_path(NOTEBOOK) as folder:
        placeholders = {"DATASET_SLUG": names()[0], "COMPETITION_SLUG": contract.slug}
        server = find_server(RAW)
        if server is None:
            write_notebook("predict.py", folder, placeholders)
        else:
            placeholders |= {"SERVER_MODULE": server.module, "SERVER_CLASS": server.name}
            write_notebook("serve.py", folder, placeholders)
        describe_notebook(folder, contract.slug, options)
    _tell(needed, image, folds, time.monotonic() - start)
    if not contract.kernels_only:
        note_accepts_files(contract.slug)


def _chosen_folds(contract: Contract) -> list[tuple[str, int]]:
    """Return the folds that the blend of `compete predict` is made of.

    Raises:
        Fault: there is no blend, or it is of other folds than there are now.
    """
    scores, prepared = Scores.load(), Prepared.load()
    if scores is None:
        raise Fault("Nothing has been predicted yet.", "Run `compete predict` first.")
    chosen = [
        (member, fold)
        for member, score in scores.members.items()
        if score.weight > 0 or contract.prediction == "text"
        for fold in score.trained
    ]
    for member, fold in chosen:
        if not FoldRun.is_finished(member, fold, prepared.digest):
            raise Fault(
                f"{FoldRun.folder(member, fold)} is not what the blend was made of.",
                "Run `compete train` and `compete predict` again.",
            )
    return chosen


def _write_project(
    folder: Path, folds: list[tuple[str, int]], options: Options, needed: Needed
) -> None:
    """Write what prediction reads of the project."""
    for path in (PARAMS, *sorted(MEMBERS.glob("*.yaml"))):
        values = read_yaml(path)
        trainer: Any = values.get("trainer")
        if isinstance(trainer, dict):
            values["trainer"] = {k: v for k, v in trainer.items() if k not in _KEPT_AWAY}
        write_text(folder / path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
    left_out = load_base().data.unneeded_by_prediction
    for path in (CONTRACT, SCORES, *sorted(PROCESSED.rglob("*"))):
        if path.is_file() and not any(path.match(pattern) for pattern in left_out):
            _copy(path, folder / path)
    for member, fold in folds:
        place = FoldRun.folder(member, fold)
        for name in _FOLD_FILES:
            _copy(place / name, folder / place / name)
        if options.half:
            halve(member, fold, folder / place / "model.safetensors")
    _write_package(folder / "src")
    options.write(folder / Options.FILE)
    shipped = needed.shipped | {ENGINE: metadata.version(ENGINE)}
    lines = [f"{name}=={version}" if version else name for name, version in shipped.items()]
    write_text(folder / "requirements.txt", "\n".join(sorted(lines)) + "\n")
    write_text(folder / "image.txt", "\n".join(sorted(needed.from_image)) + "\n")


def _write_package(folder: Path) -> None:
    """Copy the author's package, with the entry point by which the engine finds it."""
    name = project.package()
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    skip = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(Path(spec.origin).parent, folder / name, ignore=skip)
    about = folder / f"{name}-0.dist-info"
    write_text(about / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    entry = f"[{project.GROUP}]\n{project.KEY} = {name}\n"
    write_text(about / "entry_points.txt", entry)


def halve(member: str, fold: int, file: Path) -> None:
    """Keep the matrices of a fold in 16 bits; what does not fit into them stays as it is."""
    import torch
    from safetensors.torch import load_file, save_file

    from compete.supervised.inference import load_fold
    from compete.training.config import load_config

    _, model = load_fold(Contract.load(), load_config(member), fold)
    matrices = {name for name, weight in model.named_parameters() if weight.ndim > 1}
    weights = load_file(file)
    for name in matrices & weights.keys():
        short = weights[name].to(torch.float16)
        if short.isfinite().all():
            weights[name] = short
    save_file(weights, file, {"format": "pt"})


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _tell(needed: Needed, image: KaggleImage, folds: list[tuple[str, int]], seconds: float) -> None:
    there = sorted((DATASET / "wheels").glob("*.whl"))
    rest = [path for path in DATASET.rglob("*") if path.is_file()]
    note(f"  image     {image.source}: Python {image.python}, list {image.age} days old")
    note(f"  folds     {', '.join(f'{member} {fold}' for member, fold in folds)}")
    note(f"  wheels    {len(there)}, {_megabytes(there)} MB: {', '.join(sorted(needed.shipped))}")
    other = {n: v for n, v in needed.from_image.items() if v and _differs(n, v)}
    if other:
        told = ", ".join(f"{name} {version}" for name, version in sorted(other.items()))
        note(f"  image's   versions that are not those here: {told}")
    note(f"Wrote {DATASET} ({_megabytes(rest)} MB) and {NOTEBOOK} in {seconds:.0f} s.")


def _differs(name: str, version: str) -> bool:
    try:
        return metadata.version(name).partition("+")[0] != version.partition("+")[0]
    except metadata.PackageNotFoundError:
        return False


def _megabytes(files: Iterable[Path]) -> str:
    return f"{sum(path.stat().st_size for path in files) / 1e6:.1f}"
