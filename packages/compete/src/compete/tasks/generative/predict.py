"""`compete predict`: makes the images of the best member, and measures how good they are."""

import numpy as np
from numpy.typing import NDArray

from compete.errors import Fault
from compete.files import file_digest, note
from compete.generative_contract import IMAGES_ZIP, GenerativeContract
from compete.generative_records import Copy, GanRun, Measurement, PreparedImages
from compete.tasks.generative.copies import Nearest, find_nearest
from compete.tasks.generative.curve import measure_curves
from compete.tasks.generative.distances import measure
from compete.tasks.generative.generator import Generator
from compete.tasks.generative.image_zip import ZippedImages, write_images
from compete.tasks.generative.material import Material
from compete.tasks.generative.shown import draw_samples, draw_translations
from compete.training.config import load_base, member_names
from compete.training.trainer import silence_advice

_PAIRS = 8  # samples that the report shows beside the nearest training images
_ROWS = 32  # translations that it shows
_NAMES = {"fid": "FID", "kid": "KID", "mifid": "MiFID"}


def predict() -> None:
    """Write `submissions/images.zip`, its distances, the copies in it, and the report's pictures.

    A killed run goes on with the parts that it made.

    Raises:
        Fault: nothing is trained, or another number of images is made than is asked for.
    """
    silence_advice()
    runs = [run for name in member_names() if (run := GanRun.load(name)) and run.finished]
    if not runs:
        raise Fault("No generator is trained yet.", "Run `compete train` first.")
    material = Material(load_base(), GenerativeContract.load(), PreparedImages.load())
    count = material.count
    curve = measure_curves(runs, material)
    run = min(runs, key=lambda each: curve.points(each.member)[-1][1])
    generator = material.load(run)
    write_images(material.make(generator), count, material.contract, material.image_key(run))
    made = ZippedImages(IMAGES_ZIP)
    nearest = find_nearest(made, material.images)
    found = _measure(run, made, nearest, material)
    _draw(generator, material, made, nearest)
    made.close()
    found.save()
    _tell(found)


def _measure(run: GanRun, made: ZippedImages, nearest: Nearest, material: Material) -> Measurement:
    data, extractor = material.config.data, material.extractor
    features = extractor.features(made, data.distance_images)
    scores = measure(material.real, features)
    return Measurement(
        member=run.member,
        file=IMAGES_ZIP.as_posix(),
        sha256=file_digest(IMAGES_ZIP),
        bytes=IMAGES_ZIP.stat().st_size,
        count=len(made),
        truncation=data.truncation,
        extractor=data.extractor,
        names={key: extractor.name(name) for key, name in _NAMES.items()},
        made=len(features),
        real=len(material.real),
        copies=_pairs(nearest, nearest.copies, material),
        **scores,
    )


def _pairs(nearest: Nearest, numbers: NDArray[np.int64], material: Material) -> list[Copy]:
    """Return images of the submission, each with the training image that is nearest to it."""
    return [
        Copy(
            image=f"{number:05d}{material.contract.suffix}",
            of=material.names[nearest.index[number]],
            difference=round(float(nearest.difference[number]), 4),
        )
        for number in numbers.tolist()
    ]


def _draw(generator: Generator, material: Material, made: ZippedImages, nearest: Nearest) -> None:
    """Write the pictures of the report, with the samples that are nearest to real images."""
    closest = np.argsort(nearest.difference, kind="stable")[:_PAIRS]
    pairs = _pairs(nearest, closest, material)
    real = material.images[nearest.index[closest]]
    if material.sources is not None:
        draw_translations(material.sources, made[:_ROWS], pairs, made[closest], real)
    else:
        seed = material.config.seed_everything
        draw_samples(generator, seed, pairs, made[closest], real)


def _tell(found: Measurement) -> None:
    told = ", ".join(f"{name} {getattr(found, key):.4g}" for key, name in found.names.items())
    note(
        f"Wrote {found.file}: {found.count:,} images by {found.member}, {found.bytes / 1e6:.1f} "
        f"MB. {told} ({found.made:,} images against {found.real:,})."
    )
    if found.copies:
        first = found.copies[0]
        note(
            f"warning: {len(found.copies):,} of the images are copies of training images, "
            f"such as {first.image} of {first.of}."
        )
