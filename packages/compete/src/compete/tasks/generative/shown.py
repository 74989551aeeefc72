"""The pictures of the report: grids of samples, an interpolation, and nearest images side by side.

`compete report` loads no networks, so `compete predict` leaves them for it.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from compete.files import atomic_path
from compete.generative_records import SHOWN, Copy, Shown
from compete.tasks.generative.generator import Generator

Images = NDArray[np.uint8]
_TRUNCATIONS = (0.5, 0.7, 1.0)
_ROWS, _COLUMNS = 4, 8
_FRAMES = 48  # of the interpolation, which ends where it begins
_STRIDE = 8  # frames between two of those that are printed
_STOPS, _PATHS = 4, 6  # samples that each path leads through, and paths side by side
_LOW, _HIGH = 64, 96  # the fewest and the most pixels at which an image is shown
_QUALITY = 85  # of WebP


def draw_samples(
    generator: Generator, seed: int, pairs: list[Copy], near: Images, real: Images
) -> None:
    """Write the pictures of a generator that makes images of noise.

    Args:
        generator: what makes them.
        seed: of the samples.
        pairs: submitted images with the nearest training images.
        near: those submitted images, (n, channels, height, width).
        real: those training images.
    """
    with atomic_path(SHOWN) as folder:
        folder.mkdir(parents=True)
        grids = {}
        for truncation in _TRUNCATIONS:
            name = f"truncation-{truncation:g}.webp"
            _save(folder / name, _grid(generator.sample(_ROWS * _COLUMNS, seed, truncation)))
            grids[name] = f"truncation {truncation:g}"
        frames = _interpolate(generator, seed)
        side = len(frames) // _FRAMES
        _save(folder / "interpolation.webp", frames)
        _save(
            folder / "still.webp",
            frames.reshape(_FRAMES, side, -1, 3)[::_STRIDE].reshape(-1, *frames.shape[1:]),
        )
        _draw_nearest(folder, near, real)
        Shown(
            grids=grids,
            side=side,
            frames=_FRAMES,
            paths=_PATHS,
            nearest=pairs,
        ).write(folder / "shown.json")


def draw_translations(
    sources: Images, made: Images, pairs: list[Copy], near: Images, real: Images
) -> None:
    """Write the pictures of a generator that translates images.

    Args:
        sources: the images to translate.
        made: the first submitted images, in the same order.
        pairs: as `draw_samples` takes them, as are `near` and `real`.
        near: the submitted images of the pairs.
        real: the training images of the pairs.
    """
    half = _COLUMNS * (_ROWS // 2)
    with atomic_path(SHOWN) as folder:
        folder.mkdir(parents=True)
        mixed = []
        for start in range(0, min(half, len(made)), _COLUMNS):
            for images in (sources, made):
                mixed += [_show(image) for image in images[start : start + _COLUMNS]]
        _save(folder / "translations.webp", _tile(mixed))
        _draw_nearest(folder, near, real)
        Shown(
            grids={"translations.webp": "each row of images above its translations"},
            nearest=pairs,
        ).write(folder / "shown.json")


def _draw_nearest(folder: Path, near: Images, real: Images) -> None:
    size = real.shape[:1:-1]  # that of the submission may be another one
    resized = [
        np.stack([np.asarray(Image.fromarray(plane).resize(size)) for plane in image])
        for image in near
    ]
    shown = [_show(image) for image in (*resized, *real)]
    _save(folder / "nearest.webp", _tile(shown, columns=len(near)))


def _interpolate(generator: Generator, seed: int) -> Images:
    """Return frames one below the other, in each some paths through samples side by side."""
    stops = generator.latents(_STOPS * _PATHS, seed).view(_PATHS, _STOPS, -1)
    each = _FRAMES // _STOPS
    latents = torch.stack(
        [
            _between(path[stop], path[(stop + 1) % _STOPS], step / each)
            for stop in range(_STOPS)
            for step in range(each)
            for path in stops
        ]
    )
    images = generator.decode(latents)
    return _tile([_show(image, 0) for image in images], columns=_PATHS)


def _between(start: Tensor, end: Tensor, share: float) -> Tensor:
    """Return a point on the great circle between two latent vectors (Shoemake, 1985)."""
    cosine = torch.dot(start, end) / (start.norm() * end.norm())
    angle = math.acos(float(cosine.clamp(-1, 1)))
    if math.sin(angle) < 1e-6:
        return torch.lerp(start, end, share)
    weights = math.sin((1 - share) * angle), math.sin(share * angle)
    return (weights[0] * start + weights[1] * end) / math.sin(angle)


def _grid(images: Images) -> Images:
    return _tile([_show(image) for image in images])


def _show(image: Images, low: int = _LOW) -> Images:
    """Return an image `(channels, height, width)` in colour, in the size of the report."""
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    picture = Image.fromarray(pixels).convert("RGB")
    width, height = picture.size
    factor = min(1.0, _HIGH / max(width, height))
    if max(width, height) < low:
        factor = float(low // max(width, height))  # whole pixels stay whole
    how = Image.Resampling.NEAREST if factor > 1 else Image.Resampling.LANCZOS
    shown = picture.resize((max(1, round(width * factor)), max(1, round(height * factor))), how)
    return np.asarray(shown)


def _tile(images: Sequence[Images], columns: int = _COLUMNS) -> Images:
    """Return images of one size `(height, width, 3)` in rows; missing ones are white."""
    height, width = max(len(one) for one in images), max(one.shape[1] for one in images)
    rows = -(-len(images) // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + len(image), left : left + image.shape[1]] = image
    return sheet


def _save(path: Path, pixels: Images) -> None:
    Image.fromarray(pixels).save(path, "WEBP", quality=_QUALITY)
