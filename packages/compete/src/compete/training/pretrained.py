"""The origin and license of pretrained weights, recorded with a fold's run."""

import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import yaml
from huggingface_hub import ModelCard, hf_hub_download, try_to_load_from_cache

from compete.files import file_digest
from compete.records import Pretrained

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SECONDS = 5.0  # for the model card of a repository, which training can do without


def from_hub(repository: str, revision: str | None = None, license_name: str = "") -> Pretrained:
    """Return the origin of a model on the Hugging Face hub that has just been loaded.

    Args:
        repository: its id, such as `timm/resnet50.a1_in1k`.
        revision: the branch, tag or commit that was asked for.
        license_name: of the weights, where it is known; else the repository's model card is asked.
    """
    cached = [try_to_load_from_cache(repository, name, revision=revision) for name in _WEIGHTS]
    cached.append(try_to_load_from_cache(repository, "config.json", revision=revision))
    found = [Path(path) for path in cached if isinstance(path, str)]
    commit = found[0].parent.name if found else ""  # snapshots/COMMIT/NAME
    weights = [path for path in found if path.name in _WEIGHTS]
    if not license_name:
        try:
            card = hf_hub_download(
                repository, "README.md", revision=commit or revision, etag_timeout=_SECONDS
            )
            license_name = _card_license(Path(card))
        except Exception:  # no network, no card: each version of the client has its own kinds
            license_name = ""
    return Pretrained(
        source=repository,
        kind="hub",
        version=commit,
        license=license_name,
        sha256=_sha256(weights[0]) if weights else "",
    )


def from_disk(path: Path) -> Pretrained:
    """Return the origin of a file of weights, or of a folder as `save_pretrained` writes it.

    Args:
        path: where it is. Of what lies outside the project only the name is told.
    """
    weights = [path] if path.is_file() else [path / name for name in _WEIGHTS]
    sha256 = next((_sha256(file) for file in weights if file.is_file()), "")
    card = _card_license(path / "README.md") if path.is_dir() else ""
    here = path.absolute()
    shown = (
        here.relative_to(Path.cwd()).as_posix() if here.is_relative_to(Path.cwd()) else here.name
    )
    package = _package_of(here)
    if package is None:
        return Pretrained(source=shown, kind="file", license=card, sha256=sha256)
    stated = _package_license(package)
    if card and stated and card.lower() != stated.lower():
        card = f"{stated} by the package, {card} by the model card in it"
    return Pretrained(
        source=package.metadata["Name"],
        kind="package",
        version=package.version,
        license=card or stated,
        file=shown,
        sha256=sha256,
    )


def _sha256(file: Path) -> str:
    """Return the SHA-256 of a file; in the hub's cache a large one is a link named so."""
    name = file.resolve().name
    return name if _SHA256.fullmatch(name) else file_digest(file)


def _card_license(card: Path) -> str:
    """Return the licence in the metadata of a model card, nothing if it states none."""
    try:
        data = ModelCard.load(card, ignore_metadata_errors=True).data.to_dict()
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    stated = data.get("license_name") if data.get("license") == "other" else data.get("license")
    return ", ".join(map(str, stated)) if isinstance(stated, list) else str(stated or "")


def _package_of(path: Path) -> metadata.Distribution | None:
    """Return the installed package that a file or folder belongs to."""
    for folder in path.parents:
        inside = re.escape(path.relative_to(folder).as_posix())
        for package in metadata.distributions(path=[str(folder)]):
            if re.search(rf'^"?{inside}[,/"]', package.read_text("RECORD") or "", re.MULTILINE):
                return package
    return None


def _package_license(package: metadata.Distribution) -> str:
    """Return the licence that a package states, in the newest form in which it does."""
    stated = (text.strip() for text in _stated(package))
    return next((text for text in stated if text not in ("", "UNKNOWN")), "")


def _stated(package: metadata.Distribution) -> Iterator[str]:
    about = package.metadata
    yield from about.get_all("License-Expression") or ()
    # Some packages put the whole text there.
    yield from (text for text in about.get_all("License") or () if "\n" not in text.strip())
    for classifier in about.get_all("Classifier") or ():
        if classifier.startswith("License ::"):
            yield classifier.rpartition("::")[2]
    for file in package.files or ():
        if re.match(r"LICEN[CS]E|COPYING", file.name, re.IGNORECASE):
            with suppress(OSError):
                yield from file.read_text("utf-8").strip().splitlines()[:1]
