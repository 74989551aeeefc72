"""Reads competition.yaml: the name, the metric and the rules of a practice competition."""

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml

from .errors import PracticeError

FILE_NAME = "competition.yaml"


@dataclass(frozen=True)
class Settings:
    """The keys of competition.yaml.

    Required are `slug` and either `metric` and `id_column`, or the `environment` of a simulation,
    or `metric`, `images_min`, `images_max` and `image_size` of a competition that asks for images.
    """

    slug: str
    metric: str = ""
    id_column: str = ""
    title: str = ""
    target_columns: list[str] = field(default_factory=list)
    deadline: datetime | None = None
    max_daily_submissions: int | None = None
    kernels_only: bool = False
    # The rest is for practising, and optional.
    description: str = ""
    category: str = "Getting Started"
    reward: str = "Knowledge"
    entered: bool = True
    rules_accepted: bool = True
    submissions_disabled: bool = False
    reveal_private: bool = False
    scoring_seconds: float = 1.0
    zip_single_files: bool = False
    fail: list[str] = field(default_factory=list)
    # Of code competitions: limits of the rerun on hidden data.
    kernel_seconds: float = 9 * 3600.0
    kernel_memory_gb: float = 30.0
    kernel_internet: bool = False
    # Of those answered through an inference server: limits of the gateway, which hands out batches.
    inference_server: bool = False
    startup_seconds: float = 900.0
    batch_rows: int = 20
    batch_seconds: float = 300.0
    # Of simulations: competitions in which agents play.
    environment: str = ""
    players: int = 2
    ladder: list[str] = field(default_factory=list)
    episodes: int = 10
    configuration: dict[str, Any] = field(default_factory=dict)
    overage_seconds: float | None = None
    max_submission_mb: float = 100.0
    # Of competitions that ask for a zip of images: how many, and of what kind.
    images_min: int = 0
    images_max: int = 0
    image_size: int = 0
    image_mode: str = "RGB"
    image_format: str = "JPEG"


def read_settings(folder: Path) -> Settings:
    """Return the settings of a practice folder.

    Raises:
        PracticeError: names the file and the key that is wrong.
    """
    path = folder / FILE_NAME
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PracticeError(
            f"{folder} has no {FILE_NAME}. Make a practice folder with `practice-kaggle make`."
        ) from None
    except yaml.YAMLError as error:
        raise PracticeError(f"{path} is not valid YAML: {error}") from None
    if not isinstance(raw, dict):
        raise PracticeError(f"{path} must hold keys and values.")
    return _parse(raw, path)


def _parse(raw: dict[str, Any], path: Path) -> Settings:
    known = {item.name for item in dataclasses.fields(Settings)}
    if unknown := sorted(set(raw) - known):
        raise PracticeError(
            f"{path} has unknown keys: {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    values = {key: value for key, value in raw.items() if value is not None}
    needed: tuple[str, ...] = ("slug", "metric", "id_column")
    if values.get("environment"):
        needed = ("slug",)
    elif values.get("images_max"):
        needed = ("slug", "metric", "images_min", "image_size")
    if missing := [key for key in needed if not values.get(key)]:
        raise PracticeError(f"{path} needs {', '.join(missing)}.")
    targets = values.get("target_columns", [])
    values["target_columns"] = [targets] if isinstance(targets, str) else [str(t) for t in targets]
    values["deadline"] = _moment(values.get("deadline"), path)
    for key in {"slug", "metric", "id_column"}.intersection(needed):
        values[key] = str(values[key])
    values["title"] = str(values.get("title") or values["slug"].replace("-", " ").title())
    limit = values.get("max_daily_submissions")
    if limit is not None and (not isinstance(limit, int) or limit < 0):
        raise PracticeError(f"{path}: max_daily_submissions must be a whole number, not {limit!r}.")
    ladder = values.get("ladder", [])
    values["ladder"] = [ladder] if isinstance(ladder, str) else [str(name) for name in ladder]
    if values.get("inference_server"):
        values["kernels_only"] = True
    return Settings(**values)


def _moment(value: object, path: Path) -> datetime | None:
    """Return a deadline as an aware UTC time; a bare date means its last second, as on Kaggle."""
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PracticeError(f"{path}: deadline {value!r} is not an ISO 8601 time.") from None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(23, 59, 59), tzinfo=UTC)
    raise PracticeError(f"{path}: deadline {value!r} is not an ISO 8601 time.")
