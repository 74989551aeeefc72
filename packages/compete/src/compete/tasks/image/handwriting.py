"""Digits as people write them, drawn here: a printed 7, 6 or 9 is unlike any that is handwritten.

Each is written in a few ways. The one that is nearest to the mean training image of its class is
taken, so that in a competition where a 7 has a bar, the example has one.
"""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]
Line = list[Point]

_SIDE = 200  # pixels that are drawn on
_ASPECTS = (0.45, 0.55, 0.65, 0.75)  # width by height
_SLANTS = (0.0, 0.1, 0.2)  # how far the top leans to the right, as a part of the height


def _arc(x: float, y: float, width: float, height: float, start: int, stop: int) -> Line:
    """Return points of an ellipse around `(x, y)`, from an angle to another; 0 right, 90 below."""
    angles = [math.radians(start + (stop - start) * step / 24) for step in range(25)]
    return [(x + width * math.cos(a) / 2, y + height * math.sin(a) / 2) for a in angles]


# Lines in a square, from (0, 0) at the upper left to (1, 1).
DIGITS: dict[str, list[list[Line]]] = {
    "0": [[_arc(0.5, 0.5, 1, 1, 0, 360)]],
    "1": [
        [[(0.2, 0.3), (0.6, 0), (0.6, 1)]],
        [[(0.2, 0.3), (0.6, 0), (0.6, 1)], [(0.2, 1), (1, 1)]],
        [[(0.5, 0), (0.5, 1)]],
    ],
    "2": [[[*_arc(0.5, 0.3, 1, 0.6, 190, 380), (0, 1), (1, 1)]]],
    "3": [[[*_arc(0.45, 0.26, 1, 0.52, 210, 450), *_arc(0.45, 0.76, 1.1, 0.48, -90, 150)]]],
    "4": [
        [[(0.6, 0), (0, 0.65), (1, 0.65)], [(0.75, 0.35), (0.75, 1)]],
        [[(0.4, 0), (0, 0.6), (1, 0.6)], [(0.8, 0.3), (0.6, 1)]],
        [[(0.7, 1), (0.7, 0), (0, 0.65), (1, 0.65)]],
    ],
    "5": [[[(0.95, 0), (0.15, 0), (0.1, 0.45), *_arc(0.45, 0.7, 1, 0.6, -110, 150)]]],
    "6": [
        [[(0.65, 0), (0.3, 0.25), (0.05, 0.6), *_arc(0.5, 0.72, 0.94, 0.56, 180, 540)]],
        [[*_arc(0.8, 0.65, 1.56, 1.3, 270, 180), *_arc(0.5, 0.7, 0.96, 0.6, 180, 540)]],
    ],
    "7": [
        [[(0, 0), (1, 0), (0.4, 1)]],
        [[(0, 0), (1, 0), (0.4, 1)], [(0, 0.55), (1.05, 0.55)]],
        [[(0.1, 0.1), (0.3, 0), (0.9, 0), (0.4, 1)], [(0, 0.55), (1, 0.5)]],
    ],
    "8": [[[*_arc(0.5, 0.25, 0.8, 0.5, 90, 450), *_arc(0.5, 0.75, 1, 0.5, -90, 270)]]],
    "9": [
        [[*_arc(0.5, 0.28, 0.9, 0.56, 0, 360), (0.95, 0.3), (0.7, 1)]],
        [[*_arc(0.5, 0.28, 0.9, 0.56, 0, 360), *_arc(0.4, 0.6, 1.1, 0.8, 0, 140)]],
    ],
}


def handwritten(digit: str, ink: dict[str, Any], typical: NDArray[np.float32]) -> Image.Image:
    """Return a digit, light on black, written as is nearest to a typical one.

    Args:
        digit: from 0 to 9.
        ink: how training images look, as `export.describe` measures it.
        typical: the mean training image of its class `(size, size)`, light on black.
    """
    size = (typical.shape[1], typical.shape[0])

    def likeness(image: Image.Image) -> float:
        small = np.asarray(image.resize(size, Image.Resampling.BILINEAR), dtype=np.float32)
        return float(np.corrcoef(small.ravel(), typical.ravel())[0, 1])

    return max(_ways(digit, ink), key=likeness)


def _ways(digit: str, ink: dict[str, Any]) -> Iterator[Image.Image]:
    for lines, aspect, slant in product(DIGITS[digit], _ASPECTS, _SLANTS):
        yield _drawn(
            [[((x - 0.5) * aspect - (y - 0.5) * slant, y - 0.5) for x, y in one] for one in lines],
            ink,
        )


def _drawn(lines: list[Line], ink: dict[str, Any]) -> Image.Image:
    """Return lines drawn as `drawn` in image.js does it: scaled, moved and blurred by `ink`."""
    wide = ink["stroke"] * _SIDE
    points = np.array([point for line in lines for point in line])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (ink["side"] * _SIDE - wide) / (high - low).max()
    image = Image.new("L", (_SIDE, _SIDE))
    draw = ImageDraw.Draw(image)
    for line in lines:
        moved = (np.array(line) - (low + high) / 2) * scale + _SIDE / 2
        places = [(float(x), float(y)) for x, y in moved]
        draw.line(places, fill=255, width=round(wide))
        for x, y in places:  # round ends and joints
            draw.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=255)
    if ink["centre"] == "mass":
        y, x = _mass(image)
        middle = (_SIDE - 1) / 2
        image = ImageChops.offset(image, round(middle - x), round(middle - y))
    return image.filter(ImageFilter.GaussianBlur(ink["blur"] * _SIDE))


def _mass(image: Image.Image) -> NDArray[np.float64]:
    """Return the row and the column of the centre of what is light."""
    light = np.asarray(image, dtype=np.float64)
    places = np.indices(light.shape)
    return np.array((places * light).sum(axis=(1, 2)) / light.sum())
