"""Pictures: those of projects, read with care and written anew, and those shown beside links."""

import io
import re
import unicodedata
import warnings

from PIL import Image, ImageDraw, ImageFont, ImageOps

from portfolio_site.errors import Fault

LARGEST = 8_000_000  # bytes of a file
_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_SHOWN = (1280, 960)  # twice as large as a card shows it, for dense screens
_LINK = (1200, 630)  # what Open Graph asks for
_MARGIN = 72
_LETTERS = {*map(chr, range(32, 127)), *"·±…"}  # of the font that Pillow brings
_INK, _PAPER, _SOFT, _ACCENT = "#16202c", "#ffffff", "#5b6776", "#0b62a8"
_REMEDY = "Save the picture again as PNG, JPEG or WebP."


def reencode(data: bytes) -> Image.Image:
    """Return the pixels of a picture, not more than a card needs; `encode` writes nothing else.

    Raises:
        Fault: it is no picture, or would take too much memory.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                if opened.width * opened.height > _PIXELS:
                    raise Fault("Its picture has too many pixels.", _REMEDY)
                opened.load()
                pixels = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
    except Fault:
        raise
    except Exception:  # decoders meet a broken file with errors of any kind
        raise Fault("Its picture can't be read.", _REMEDY) from None
    if pixels.mode == "RGBA":
        paper = Image.new("RGBA", pixels.size, _PAPER)
        pixels = Image.alpha_composite(paper, pixels).convert("RGB")
    pixels.thumbnail(_SHOWN, Image.Resampling.LANCZOS)
    return pixels


def encode(picture: Image.Image, kind: str) -> bytes:
    """Return the bytes of a picture's file, the same for the same pixels.

    Args:
        picture: of any size.
        kind: `.webp`, or `.png` for what does not read that.
    """
    file = io.BytesIO()
    if kind == ".webp":
        picture.save(file, "WEBP", method=6, quality=88)
    else:
        picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def link_picture(
    title: str, lines: list[str], number: str, meaning: str, picture: Image.Image | None
) -> Image.Image:
    """Return the picture that is shown beside a link to a page.

    Args:
        title: large.
        lines: small, below.
        number: larger still, in the accent's colour; may be empty.
        meaning: small, above the number.
        picture: at the right.
    """
    canvas = Image.new("RGB", _LINK, _PAPER)
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, 14, _LINK[1]), fill=_ACCENT)
    width = _LINK[0] - 2 * _MARGIN
    if picture:
        box = (440, _LINK[1] - 2 * _MARGIN)
        shown = ImageOps.contain(picture, box, Image.Resampling.LANCZOS)
        left = _LINK[0] - _MARGIN - box[0] + (box[0] - shown.width) // 2
        canvas.paste(shown, (left, (_LINK[1] - shown.height) // 2))
        width -= box[0] + 48
    top = float(_MARGIN)
    for text, size, colour, most in [
        (title, 68, _INK, 2),
        *((line, 32, _SOFT, 3) for line in lines),
    ]:
        font = ImageFont.load_default(size)
        for line in _wrap(_drawable(text), font, width, most):
            draw.text((_MARGIN, top), line, font=font, fill=colour)
            top += size * 1.25
        top += 18
    if number := _drawable(number):
        bottom = _LINK[1] - _MARGIN
        font = ImageFont.load_default(84)
        draw.text((_MARGIN, bottom), number, font=font, fill=_ACCENT, anchor="ls")
        font = ImageFont.load_default(32)
        for line in _wrap(_drawable(meaning), font, width, 1):
            draw.text((_MARGIN, bottom - 92), line, font=font, fill=_SOFT, anchor="ls")
    return canvas


Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _drawable(text: str) -> str:
    """Return text without accents, empty if Pillow's own font has no letters for it.

    No font is the same on every machine; the page itself has the text as it is written.
    """
    parts = unicodedata.normalize("NFKD", re.sub("[\u2013\u2014]", "-", text))
    plain = "".join(char for char in parts if not unicodedata.combining(char))
    return plain if set(plain) <= _LETTERS else ""


def _wrap(text: str, font: Font, width: int, most: int) -> list[str]:
    """Return text in at most `most` lines, the last one cut if there is more."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} ..."]
    for number, line in enumerate(lines):
        while font.getlength(line) > width and len(line) > 4:
            line = f"{line[:-4].rstrip()}..."
        lines[number] = line
    return lines
