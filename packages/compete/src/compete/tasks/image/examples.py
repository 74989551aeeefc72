"""Pictures to click on in the demo: the author's, else drawn here; never the competition's."""

import base64
import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from compete.contract import Contract
from compete.files import REPORTS
from compete.tasks.image.decode import StoredImages
from compete.tasks.image.load import SUFFIXES

FOLDER = REPORTS / "examples"
_MOST = 12
_SIDE = 640  # pixels; larger pictures are scaled down
_GLYPH = 140


def examples(contract: Contract, stored: StoredImages) -> list[dict[str, Any]]:
    """Return pictures as `{"name": ..., "image": a data URI}`.

    Those of the author lie in `reports/examples`, each named by what it shows. Without any, classes
    that are single characters are drawn in a font, where images are grey.
    """
    files = sorted(path for path in FOLDER.glob("*") if path.suffix.lower() in SUFFIXES)
    if files:
        return [{"name": path.stem, "image": _uri(_opened(path))} for path in files[:_MOST]]
    names = [str(value) for value in contract.classes]
    if stored.channels != 1 or not names or any(len(name) != 1 for name in names):
        return []
    return [{"name": name, "image": _uri(_glyph(name, stored.native_size))} for name in names][
        :_MOST
    ]


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    return picture


def _glyph(character: str, side: int) -> Image.Image:
    """Return a character in Pillow's own font (Aileron, CC0), white on black, in its middle."""
    font = ImageFont.load_default(_GLYPH)
    big = Image.new("L", (200, 200))
    draw = ImageDraw.Draw(big)
    draw.text((100, 100), character, fill=255, font=font, anchor="mm", stroke_width=3)
    box = big.getbbox() or (0, 0, 200, 200)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    half = 0.7 * max(box[2] - box[0], box[3] - box[1])
    frame = tuple(
        round(value)
        for value in (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    )
    return big.crop(frame).resize((side, side), Image.Resampling.LANCZOS)  # type: ignore[arg-type]


def _uri(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
