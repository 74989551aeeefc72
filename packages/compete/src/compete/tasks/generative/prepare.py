"""`compete prepare`: image files to one array of pixels, and to the contract. It needs no torch."""

import json
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from compete.contract import Competition
from compete.errors import Fault
from compete.files import CONTRACT, RECORD, atomic_path, digest, note, write_text
from compete.generative_contract import GenerativeContract
from compete.generative_records import IMAGES, NAMES, PREPARED, SOURCES, PreparedImages
from compete.perceptual_hash import FILE as THUMBNAILS
from compete.perceptual_hash import keep, reduce
from compete.records import CompetitionRecord
from compete.tasks.generative.contract_inference import Files, infer_contract
from compete.tasks.generative.image_arrays import Found, count_changes, decode_all, look_through
from compete.tasks.generative.image_files import (
    find_images,
)
from compete.tasks.generative.settings import GenerativeSettings
from compete.training.config import load_base


def prepare() -> None:
    """Write the images, and `contract.yaml`; say what was found and what was done about it.

    Raises:
        Fault: there are no images, some can't be used, or what is asked for is not known.
    """
    config = load_base()
    settings: GenerativeSettings = config.data
    found, sources = _find(settings)
    mode, skip = "RGB" if found.is_colour else "L", settings.on_bad_image == "skip"
    contract = _contract(config.competition, settings, found, sources, mode)
    with atomic_path(PREPARED) as beside:
        beside.mkdir(parents=True)
        size = settings.image_size
        images = decode_all(found, beside / IMAGES.name, mode, size, skip)
        translated = None
        if sources:
            translated = decode_all(sources, beside / SOURCES.name, mode, size, skip)
        distinct = _check(found, images)
        names = {"images": found.names, "source_images": sources.names if sources else []}
        write_text(beside / NAMES.name, json.dumps(names, ensure_ascii=False))
        _keep_thumbnails([images, translated], beside)
        record = PreparedImages(
            digest=digest(
                block.tobytes()
                for array in (images, translated)
                if array is not None
                for block in np.array_split(array, max(1, len(array) // 256))
            ),
            images=len(images),
            source_images=0 if translated is None else len(translated),
            image_size=settings.image_size,
            channels=images.shape[1],
            duplicates=len(images) - distinct,
            counts=count_changes([found, *([sources] if sources else [])], mode, size),
        )
        record.write(beside / "prepared.json")
        del images, translated  # Windows moves no folder with open files
    contract.save()
    _tell(contract, record, settings)


def load_names() -> list[str]:
    """Return the names of the files of the training images, in their order.

    Raises:
        Fault: they are missing or damaged.
    """
    try:
        names: list[str] = json.loads(NAMES.read_text(encoding="utf-8"))["images"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Fault(f"{NAMES} is missing or damaged.", "Run `compete prepare` again.") from None
    return names


def _find(settings: GenerativeSettings) -> tuple[Found, Found | None]:
    """Return the training images, and those to translate if there are any."""
    source = None
    if settings.source_images is not None:
        source = find_images(settings.source_images, "source_images")
    place = find_images(settings.images, "images", exclude=source.name if source else "")
    if source == place:
        raise Fault(
            f"{place} is both what is to be learned and what is to be translated.",
            "Name two folders under `data` in params.yaml: `images:` and `source_images:`.",
        )
    skip = settings.on_bad_image == "skip"
    return look_through(place, skip), look_through(source, skip) if source else None


def _check(found: Found, images: NDArray[np.uint8]) -> int:
    """Return how many different images there are. Raise `Fault` for one alone."""
    distinct = len({digest([image.tobytes()]) for image in images})
    if distinct < 2:
        raise Fault(
            f"{found.place} holds {'one image' if len(images) == 1 else 'the same image often'}: "
            "there is no variety to learn.",
            "Add more images; start with at least a few hundred.",
        )
    return distinct


def _keep_thumbnails(arrays: list[NDArray[np.uint8] | None], folder: Path) -> None:
    """Write what the leak check recognises the images by."""
    from PIL import Image

    keep(
        [
            reduce(Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)))
            for array in arrays
            if array is not None
            for image in array
        ],
        folder / THUMBNAILS.name,
    )


_TOLD = {
    "left_out": "can't be used and are skipped",
    "transparent": "have transparent parts, which become white",
    "grey_to_colour": "are grayscale in a color data set and are converted to color",
    "cropped": "are not square and are center-cropped",
    "enlarged": "are smaller than image_size and are enlarged",
    "reduced": "are larger than image_size and are reduced",
}


def _contract(
    competition: Competition,
    settings: GenerativeSettings,
    found: Found,
    sources: Found | None,
    mode: str,
) -> GenerativeContract:
    files = Files(
        images=found.place,
        source_images=sources.place if sources else None,
        sizes=frozenset(look.size for look in found.looks.values()),
        mode=mode,
        suffixes=frozenset(PurePosixPath(name).suffix.lower() for name in found.names),
    )
    record = CompetitionRecord.read(RECORD) or CompetitionRecord()
    return infer_contract(competition, settings, record, files)


def _tell(
    contract: GenerativeContract, record: PreparedImages, settings: GenerativeSettings
) -> None:
    shown = ("images", "source_images", "count_min", "count_max", "width", "height", "mode")
    for key in (*shown, "format", "metric", "deadline"):
        if value := getattr(contract, key):
            note(f"  {key:14} {value}  (from {contract.sources[key]})")
    for reason, number in record.counts.items():
        note(f"  {number:,} {_TOLD[reason]}")
    if record.duplicates:
        note(f"  {record.duplicates:,} are the same as another one")
    if record.images < settings.batch_size:
        note(
            f"warning: {record.images} images are fewer than a batch of {settings.batch_size}: "
            "a batch holds some of them twice."
        )
    sources = f" and {record.source_images:,} to translate" if record.source_images else ""
    colour = "colour" if record.channels == 3 else "grey"
    side = record.image_size
    note(
        f"Wrote {CONTRACT} and {PREPARED}: {record.images:,} images{sources}, "
        f"{side} x {side}, {colour}."
    )
