"""What the competition asks for: from params.yaml, then Kaggle's page, then the image files."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compete.contract import Competition
from compete.errors import Fault
from compete.files import PARAMS
from compete.generative_contract import GenerativeContract
from compete.records import CompetitionRecord
from compete.tasks.generative.settings import GenerativeSettings
from compete.tasks.generative.submission_rules import Rules, read_rules

_PAGE = "Kaggle's page on the evaluation"
_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}


@dataclass(frozen=True)
class Files:
    """What the image files are.

    Args:
        images: the folder or zip of those to learn from.
        source_images: of those to translate; None if there are none.
        sizes: the widths and heights of those to learn from.
        mode: `RGB` if any of them is in colour, else `L`.
        suffixes: of their names, in small letters.
    """

    images: Path
    source_images: Path | None
    sizes: frozenset[tuple[int, int]]
    mode: str
    suffixes: frozenset[str]


def infer_contract(
    competition: Competition, settings: GenerativeSettings, record: CompetitionRecord, files: Files
) -> GenerativeContract:
    """Return what the submitted images must be, each value with its source.

    Raises:
        Fault: a value is not known, or two sources of the same rank differ.
    """
    rules = read_rules(record.evaluation)
    low, high = _counts(settings, rules)
    size = _choose(
        "size", settings.submission_size, rules.sizes, files.sizes, "submission_size: {0}"
    )
    width, height = (size[0], size[0]) if isinstance(size[0], int) else size[0]
    formats = {_FORMATS.get(suffix, "PNG") for suffix in files.suffixes}
    mode = _choose(
        "colour mode", settings.submission_mode, rules.modes, {files.mode}, "submission_mode: {}"
    )
    kind = _choose(
        "format", settings.submission_format, rules.formats, formats, "submission_format: {}"
    )
    values: dict[str, tuple[Any, str]] = {
        "slug": (competition.slug, str(PARAMS)),
        "title": (record.title or competition.slug, "Kaggle" if record.title else str(PARAMS)),
        "metric": (record.metric, "Kaggle"),
        "images": (files.images.as_posix(), _origin(settings.images != "auto")),
        "source_images": (
            files.source_images.as_posix() if files.source_images else "",
            str(PARAMS),
        ),
        "count_min": low,
        "count_max": high,
        "width": (width, size[1]),
        "height": (height, size[1]),
        "mode": mode,
        "format": kind,
        "deadline": (record.deadline, "Kaggle"),
        "max_daily_submissions": (record.max_daily_submissions, "Kaggle"),
        "kernels_only": (record.kernels_only, "Kaggle"),
    }
    sources = {key: str(source) for key, (_, source) in values.items()}
    return GenerativeContract(**{key: value for key, (value, _) in values.items()}, sources=sources)


def _counts(settings: GenerativeSettings, rules: Rules) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return the fewest and the most images, each with its source."""
    low, high = settings.submission_min, settings.submission_max
    if low == "auto" or high == "auto":
        given = "submission_min: {0}\n  submission_max: {1}"
        if not rules.counts:
            raise Fault(
                "How many images the competition takes is not known: "
                + ("its page on Kaggle does not say." if rules.sizes else "there is no such page."),
                f"Look it up there, and say so under `data` in params.yaml, such as\n  "
                f"{given.format(1000, 1000)}",
            )
        page = _single("numbers of images", rules.counts, _PAGE, given)
        low = page[0] if low == "auto" else low
        high = page[1] if high == "auto" else high
    if not 1 <= low <= high:
        raise Fault(
            f"The fewest images are {low}, the most {high}.",
            "Correct `submission_min` and `submission_max` under `data` in params.yaml.",
        )
    return (
        (low, _origin(settings.submission_min != "auto", _PAGE)),
        (high, _origin(settings.submission_max != "auto", _PAGE)),
    )


def _choose(
    what: str, given: Any, page: Collection[Any], files: Collection[Any], line: str
) -> tuple[Any, str]:
    """Return a value with its source: the first that says anything."""
    if given != "auto":
        return given, str(PARAMS)
    if page:
        return _single(f"{what}s", page, _PAGE, line), _PAGE
    return _single(f"{what}s", files, "The training images", line), "the training images"


def _single(what: str, found: Collection[Any], where: str, line: str) -> Any:
    """Return the only value. Raise `Fault` for several, with the line that chooses one."""
    if len(found) == 1:
        return next(iter(found))
    shown = sorted(found, key=str)
    first = shown[0]
    given = line.format(*first) if isinstance(first, tuple) else line.format(first)
    some = ", ".join(
        " x ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in shown[:5]
    )
    raise Fault(
        f"{where} {'has' if where == _PAGE else 'have'} several {what}: {some}.",
        f"Say what the competition asks for, under `data` in params.yaml, such as\n  {given}",
    )


def _origin(given: bool, otherwise: str = "the files") -> str:
    return str(PARAMS) if given else otherwise
