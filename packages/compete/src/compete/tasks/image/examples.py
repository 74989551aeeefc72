"""Pictures to click on in the demo: the author's, else drawn here; never the competition's."""

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from compete.contract import Contract
from compete.export.demo import EXAMPLES
from compete.tasks.image.decode import StoredImages
from compete.tasks.image.load import SUFFIXES

_MOST = 12
_SIDE = 640  # pixels; larger pictures are scaled down
_GLYPH = 140  # pixels of a letter's em
_FONT_STROKE = 0.09  # of its em: the width of the font's strokes
_MOST_STROKE = 0.12  # of its em: wider ones fill the loops of 6, 8 and 9


def examples(
    contract: Contract, stored: StoredImages, ink: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Return pictures as `{"name": ..., "image": a data URI}`.

    Those of the author lie in `reports/examples`, each named by what it shows. Without any, classes
    that are single characters are drawn in a font, where images are of strokes.

    Args:
        contract: what the competition asks for.
        stored: how the images are kept.
        ink: how drawings look, None where images are no drawings.
    """
    files = sorted(path for path in EXAMPLES.glob("*") if path.suffix.lower() in SUFFIXES)
    if files:
        return [{"name": path.stem, "image": _uri(_opened(path))} for path in files[:_MOST]]
    names = [str(value) for value in contract.classes]
    if ink is None or not names or any(len(name) != 1 for name in names):
        return []
    return [{"name": name, "image": _uri(_glyph(name, stored.native_size, ink))} for name in names][
        :_MOST
    ]


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    return picture


def _glyph(character: str, side: int, ink: dict[str, Any]) -> Image.Image:
    """Return a character in Pillow's own font (Aileron, CC0), as large as drawings are."""
    big = Image.new("L", (2 * _GLYPH, 2 * _GLYPH))
    draw, font = ImageDraw.Draw(big), ImageFont.load_default(_GLYPH)
    thicker = max(0, round((min(ink["stroke"], _MOST_STROKE) - _FONT_STROKE) * _GLYPH / 2))
    draw.text((_GLYPH, _GLYPH), character, 255, font, "mm", stroke_width=thicker)
    left, top, right, bottom = big.getbbox() or (0, 0, *big.size)
    wide = max(right - left, bottom - top) / ink["side"]
    big = big.filter(ImageFilter.GaussianBlur(ink["blur"] * wide))
    x, y = (left + right) / 2, (top + bottom) / 2
    frame = (round(x - wide / 2), round(y - wide / 2), round(x + wide / 2), round(y + wide / 2))
    small = big.crop(frame).resize((side, side), Image.Resampling.LANCZOS)
    return ImageOps.invert(small) if ink["background"] > 127 else small


def _uri(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
