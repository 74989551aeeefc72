"""`compete predict`: makes the images of the best member, and measures how good they are."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.errors import Fault
from compete.files import PREDICTIONS, atomic_path, digest, file_digest, note
from compete.generative_contract import IMAGES_ZIP, GenerativeContract
from compete.generative_records import (
    IMAGES,
    NAMES,
    SOURCES,
    Copy,
    GanRun,
    Measurement,
    PreparedImages,
)
from compete.tasks.generative.copies import Nearest, find_nearest
from compete.tasks.generative.distances import frechet, measure
from compete.tasks.generative.extractor import Extractor
from compete.tasks.generative.generator import Generator, load_generator
from compete.tasks.generative.image_zip import Make, read_images_of, write_images
from compete.tasks.generative.settings import GenerativeSettings
from compete.tasks.generative.shown import draw_samples, draw_translations
from compete.training.config import Config, load_base, member_names
from compete.training.trainer import silence_advice

Images = NDArray[np.uint8]
_FEATURES = PREDICTIONS / "real_features.npz"
_PAIRS = 8  # samples that the report shows beside the nearest images to learn from


@dataclass
class _Material:
    """What all members share."""

    config: Config[GenerativeSettings]
    contract: GenerativeContract
    prepared: PreparedImages
    images: Images
    sources: Images | None
    count: int


def predict() -> None:
    """Write `submissions/images.zip`, its distances, the copies in it, and the report's pictures.

    A killed run goes on with the parts that it made.

    Raises:
        Fault: nothing is trained, or fewer images can be made than are asked for.
    """
    silence_advice()
    material = _material()
    runs = [run for name in member_names() if (run := GanRun.load(name)) and run.finished]
    if not runs:
        raise Fault("No generator is trained yet.", "Run `compete train` first.")
    settings, device = material.config.data, _device()
    extractor = Extractor(
        settings.extractor, settings.extractor_weights, settings.image_size, device
    )
    real = _real_features(material, extractor)
    run = _best(runs, material, extractor, real, device)
    generator = load_generator(GanRun.folder(run.member), device)
    began = time.monotonic()
    key = _key(run, material)
    write_images(_make(generator, material), material.count, material.contract, key)
    seconds = time.monotonic() - began
    made = read_images_of(IMAGES_ZIP)
    nearest = find_nearest(made, material.images)
    compared = made[: settings.distance_images]
    scores = measure(real, extractor.features(compared))
    found = Measurement(
        member=run.member,
        file=IMAGES_ZIP.as_posix(),
        sha256=file_digest(IMAGES_ZIP),
        bytes=IMAGES_ZIP.stat().st_size,
        count=len(made),
        truncation=settings.truncation,
        extractor=settings.extractor,
        names={name: extractor.name(name.upper().replace("MI", "Mi")) for name in scores},
        made=len(compared),
        real=len(real),
        copies=_pairs(nearest, nearest.copies, material),
        seconds=seconds,
        **scores,
    )
    _draw(generator, material, made, nearest)
    found.save()
    _tell(found)


def _material() -> _Material:
    config: Config[GenerativeSettings] = load_base()
    contract, prepared = GenerativeContract.load(), PreparedImages.load()
    sources = np.load(SOURCES, mmap_mode="r") if contract.translates else None
    count = _count(config.data, contract, prepared)
    return _Material(config, contract, prepared, np.load(IMAGES, mmap_mode="r"), sources, count)


def _count(
    settings: GenerativeSettings, contract: GenerativeContract, prepared: PreparedImages
) -> int:
    """Return how many images are made. Raise `Fault` if the competition does not take so many."""
    count = settings.submission_count
    if count == "auto":
        count = contract.count_min
        if contract.translates:
            count = min(prepared.source_images, contract.count_max)
    if contract.translates and count > prepared.source_images:
        raise Fault(
            f"There are {prepared.source_images:,} images to translate, and {count:,} are asked "
            "for.",
            "Set `submission_count: auto` under `data` in params.yaml.",
        )
    if not contract.count_min <= count <= contract.count_max:
        raise Fault(
            f"The competition takes {contract.count_min:,} to {contract.count_max:,} images, and "
            f"{count:,} would be made.",
            "Correct `submission_count`, or `submission_min` and `submission_max`, under `data` in "
            "params.yaml.",
        )
    return count


def _device() -> str:
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return accelerator.type if accelerator else "cpu"


def _make(generator: Generator, material: _Material) -> Make:
    """Return what makes images by their numbers."""
    seed, truncation = material.config.seed_everything, material.config.data.truncation
    sources = material.sources
    if generator.translates and sources is not None:
        return lambda start, count: generator.translate(np.array(sources[start : start + count]))
    return lambda start, count: generator.sample(count, seed, truncation, start)


def _key(run: GanRun, material: _Material) -> str:
    """Return the fingerprint of what decides how a submitted image looks."""
    contract = material.contract
    asked = (contract.width, contract.height, contract.mode, contract.format)
    return digest(
        [
            file_digest(GanRun.folder(run.member) / "generator.safetensors"),
            str((material.config.seed_everything, material.config.data.truncation, *asked)),
            material.prepared.digest if material.sources is not None else "",
        ]
    )


def _real_features(material: _Material, extractor: Extractor) -> Tensor:
    """Return the features of the images to learn from, kept from an earlier run if they are."""
    settings = material.config.data
    parts = (settings.extractor, settings.extractor_weights, settings.distance_images)
    key = digest([material.prepared.digest, str(parts)])
    if _FEATURES.exists():
        with np.load(_FEATURES) as kept:
            if str(kept["key"]) == key:
                return torch.from_numpy(kept["features"])
    images, most = material.images, settings.distance_images
    chosen = np.linspace(0, len(images) - 1, min(most, len(images))).round().astype(int)
    note(f"Features of {len(chosen):,} images to learn from, by {settings.extractor} ...")
    features = extractor.features(images[chosen])
    with atomic_path(_FEATURES) as beside, beside.open("wb") as file:
        np.savez(file, key=np.array(key), features=features.numpy())
    return features


def _best(
    runs: list[GanRun], material: _Material, extractor: Extractor, real: Tensor, device: str
) -> GanRun:
    """Return the member whose images are nearest to the real ones."""
    if len(runs) == 1:
        return runs[0]
    count = min(material.count, material.config.data.distance_images)
    distances: dict[str, float] = {}
    for run in runs:
        generator = load_generator(GanRun.folder(run.member), device)
        images = _make(generator, material)(0, count)
        distances[run.member] = frechet(real, extractor.features(images))
        note(f"{run.member}: {extractor.name('FID')} {distances[run.member]:.2f}")
    return min(runs, key=lambda run: distances[run.member])


def _pairs(nearest: Nearest, numbers: NDArray[np.int64], material: _Material) -> list[Copy]:
    """Return images of the submission with the image to learn from that is nearest to each."""
    import json

    names: list[str] = json.loads(NAMES.read_text(encoding="utf-8"))["images"]
    suffix = material.contract.suffix
    return [
        Copy(f"{number:05d}{suffix}", names[nearest.index[number]], float(nearest.difference[number]))
        for number in numbers.tolist()
    ]


def _draw(generator: Generator, material: _Material, made: Images, nearest: Nearest) -> None:
    """Write the pictures of the report; beside real images those samples that are nearest."""
    closest = np.argsort(nearest.difference, kind="stable")[:_PAIRS]
    shown: Any = [
        (pair, number, int(nearest.index[number]))
        for pair, number in zip(_pairs(nearest, closest, material), closest.tolist(), strict=True)
    ]
    if generator.translates and material.sources is not None:
        draw_translations(material.sources, made, material.images, shown)
    else:
        draw_samples(generator, material.config.seed_everything, made, material.images, shown)


def _tell(found: Measurement) -> None:
    told = ", ".join(f"{name} {getattr(found, key):.4g}" for key, name in found.names.items())
    note(
        f"{found.file}: {found.count:,} images by {found.member}, {found.bytes / 1e6:.1f} MB. "
        f"{told}, of {found.made:,} images to {found.real:,}."
    )
    if found.copies:
        first = found.copies[0]
        note(
            f"warning: {len(found.copies):,} of the images are copies of images to learn from, "
            f"such as {first.image} of {first.of}."
        )
