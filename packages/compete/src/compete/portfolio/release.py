"""The release on GitHub: model card, report, and the weights if they may be shared."""

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import ModelCard

from compete.errors import Fault
from compete.files import MODEL_CARD, RUNS, git, note
from compete.portfolio.github import Step, get, gh
from compete.portfolio.leak_check import find_leaks
from compete.portfolio.publish_allow import ALLOWED, weights_license
from compete.portfolio.repository import Metadata

_FILES = (MODEL_CARD, Path("reports/index.html"), Path("reports/card.json"))
_WEIGHTS = "weights.zip"
# Of a trained fold, and of a generator of images: what `compete train` knows it by.
_FOLD_FILES = ("config.yaml", "fold.json", "model.safetensors")
_GENERATOR_FILES = ("config.yaml", "gan.json", "generator.safetensors", "metrics.csv")


def release_steps(repository: str, metadata: Metadata) -> list[Step]:
    """Return the steps that release the project's version and attach the missing files.

    Args:
        repository: OWNER/NAME on GitHub.
        metadata: of the project.
    """
    tag = f"v{metadata.version}"
    files = [path for path in _FILES if path.exists()]
    wanted = {path.name for path in files}
    trained = _trained_files()
    if weights_license() is None:
        note(f"  The release has no weights: {ALLOWED} does not say that they may be shared.")
    elif trained:
        wanted.add(_WEIGHTS)
    # without its metadata, which GitHub would show as text
    notes = ModelCard.load(MODEL_CARD).text.strip() if MODEL_CARD.exists() else tag
    title = ("--title", f"{metadata.name} {tag}", "--target", git("rev-parse", "HEAD"))
    where = ("--repo", repository)

    def attach() -> None:
        missing = wanted - _attached(tag, repository)
        with TemporaryDirectory() as folder:
            paths = [path for path in files if path.name in missing]
            if _WEIGHTS in missing:
                paths.append(_pack(trained, Path(folder)))
            # an upload that was interrupted leaves a part, which --clobber replaces
            gh("release", "upload", tag, *where, "--clobber", *map(str, paths))

    return [
        Step(
            f"release {tag}",
            lambda: bool(get(f"repos/{repository}/releases/tags/{tag}")),
            lambda: gh("release", "create", tag, *where, *title, "--notes", notes),
        ),
        Step(
            f"attach {', '.join(sorted(wanted))}",
            lambda: wanted <= _attached(tag, repository),
            attach,
        ),
    ]


def _attached(tag: str, repository: str) -> set[str]:
    """Return the names of the files that were uploaded completely."""
    assets = get(f"repos/{repository}/releases/tags/{tag}").get("assets", [])
    return {asset["name"] for asset in assets if asset["state"] == "uploaded"}


def _trained_files() -> list[Path]:
    """Return the files of all that is trained."""
    folds = [
        path.parent / name
        for path in RUNS.glob("*/fold*/model.safetensors")
        for name in _FOLD_FILES
    ]
    generators = [
        path.parent / name
        for path in RUNS.glob("*/generator.safetensors")
        for name in _GENERATOR_FILES
    ]
    return sorted([*folds, *generators])


def _pack(trained: list[Path], folder: Path) -> Path:
    """Write what is trained to one archive, which training finds when unpacked in a clone.

    Raises:
        Fault: there is something in it that must not be published.
    """
    target = folder / _WEIGHTS
    with zipfile.ZipFile(target, "w") as archive:  # not compressed: weights do not shrink
        for path in trained:
            archive.write(path, path.as_posix())
    found = [leak for leak in find_leaks([target]) if leak.kind not in ("weights", "size")]
    if found:
        raise Fault(
            "The weights contain what must not be published:\n"
            + "".join(f"  {leak}\n" for leak in found),
            f"Train without it, or remove `weights:` from {ALLOWED}.",
        )
    return target
