"""Pictures to click on in the demo: the author's, else drawn here; never the competition's."""

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from compete.contract import Contract
from compete.export.demo import EXAMPLES
from compete.tasks.image.decode import StoredImages
from compete.tasks.image.handwriting import DIGITS, handwritten
from compete.tasks.image.load import SUFFIXES

_MOST = 12
_SIDE = 640  # pixels; larger pictures are scaled down
_GLYPH = 140  # pixels of a letter's em
_FONT_STROKE = 0.09  # of its em: the width of the font's strokes
_MOST_STROKE = 0.12  # of its em: wider ones fill the loops of 6, 8 and 9


def examples(
    contract: Contract,
    stored: StoredImages,
    ink: dict[str, Any] | None,
    typical: Callable[[int], NDArray[np.float32]],
) -> list[dict[str, Any]]:
    """Return pictures as `{"name": ..., "image": a data URI}`.

    Those of the author lie in `reports/examples`, each named by what it shows. Without any, classes
    that are single characters are drawn where images are of strokes: digits as they are written,
    others in a font.

    Args:
        contract: what the competition asks for.
        stored: how the images are kept.
        ink: how drawings look, None where images are no drawings.
        typical: the mean training image of a class by its number, light on black.
    """
    files = sorted(path for path in EXAMPLES.glob("*") if path.suffix.lower() in SUFFIXES)
    if files:
        return [{"name": path.stem, "image": _uri(_opened(path))} for path in files[:_MOST]]
    names = [str(value) for value in contract.classes]
    if ink is None or not names or any(len(name) != 1 for name in names):
        return []
    found = []
    for number, name in enumerate(names[:_MOST]):
        written = handwritten(name, ink, typical(number)) if name in DIGITS else _glyph(name, ink)
        small = written.resize((stored.native_size,) * 2, Image.Resampling.LANCZOS)
        shown = ImageOps.invert(small) if ink["background"] > 127 else small
        found.append({"name": name, "image": _uri(shown)})
    return found


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    return picture


def _glyph(character: str, ink: dict[str, Any]) -> Image.Image:
    """Return a character in Pillow's own font (Aileron, CC0), white on black."""
    big = Image.new("L", (2 * _GLYPH, 2 * _GLYPH))
    draw, font = ImageDraw.Draw(big), ImageFont.load_default(_GLYPH)
    thicker = max(0, round((min(ink["stroke"], _MOST_STROKE) - _FONT_STROKE) * _GLYPH / 2))
    draw.text((_GLYPH, _GLYPH), character, 255, font, "mm", stroke_width=thicker)
    left, top, right, bottom = big.getbbox() or (0, 0, *big.size)
    wide = max(right - left, bottom - top) / ink["side"]
    big = big.filter(ImageFilter.GaussianBlur(ink["blur"] * wide))
    x, y = (left + right) / 2, (top + bottom) / 2
    frame = (round(x - wide / 2), round(y - wide / 2), round(x + wide / 2), round(y + wide / 2))
    return big.crop(frame)


def _uri(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
