"""The release on GitHub: model card, report, and the weights if they may be shared."""

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from huggingface_hub import ModelCard

from ..errors import Fault
from ..files import RUNS, git, note
from . import guard
from .steps import Step, gh, seen

_FILES = ("MODEL_CARD.md", "reports/index.html", "reports/card.json")
_WEIGHTS = "weights.zip"
_OF_A_FOLD = ("config.yaml", "fold.json", "model.safetensors")


def release_steps(name: str, project: dict[str, Any]) -> list[Step]:
    """Make the release of the project's version, and attach to it what it lacks.

    Args:
        name: OWNER/NAME of the repository.
        project: the metadata in pyproject.toml.
    """
    tag = f"v{project['version']}"
    files = [Path(file) for file in _FILES if Path(file).exists()]
    wanted = {file.name for file in files}
    models = sorted(RUNS.glob("*/fold*/model.safetensors"))
    if not guard.weights():
        note(f"  Weights stay out of the release: {guard.ALLOWED} does not say they may be shared.")
    elif models:
        wanted.add(_WEIGHTS)
    card = Path("MODEL_CARD.md")  # less its metadata, which GitHub would show as text
    notes = ModelCard.load(card).text.strip() if card.exists() else tag
    title = ("--title", f"{project['name']} {tag}", "--target", git("rev-parse", "HEAD"))
    there = ("--repo", name)

    def attach() -> None:
        missing = wanted - _attached(tag, name)
        with TemporaryDirectory() as folder:
            paths = [file for file in files if file.name in missing]
            if _WEIGHTS in missing:
                paths.append(_pack(models, Path(folder)))
            gh("release", "upload", tag, *there, "--clobber", *map(str, paths))

    return [
        Step(
            f"release {tag}",
            lambda: bool(seen(f"repos/{name}/releases/tags/{tag}")),
            lambda: gh("release", "create", tag, *there, *title, "--notes", notes),
        ),
        Step(f"attach {', '.join(sorted(wanted))}", lambda: wanted <= _attached(tag, name), attach),
    ]


def _attached(tag: str, name: str) -> set[str]:
    """The files of the release that are whole."""
    assets = seen(f"repos/{name}/releases/tags/{tag}").get("assets", [])
    return {asset["name"] for asset in assets if asset["state"] == "uploaded"}


def _pack(models: list[Path], folder: Path) -> Path:
    """The trained folds in one archive, to be unpacked in a clone, where training finds them.

    Raises:
        Fault: the guard finds something in it.
    """
    target = folder / _WEIGHTS
    with zipfile.ZipFile(target, "w") as archive:  # not compressed: weights do not shrink
        for path in (model.parent / name for model in models for name in _OF_A_FOLD):
            archive.write(path, path.as_posix())
    found = [one for one in guard.guard([target]) if one.kind not in ("weights", "size")]
    if found:
        raise Fault(
            "The weights hold what must not be published:\n"
            + "".join(f"  {one}\n" for one in found),
            f"Train without it, or take `weights:` out of {guard.ALLOWED}.",
        )
    return target
