"""A finished project that makes images, with records of made-up numbers, and its report."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pages import HOSTILE, Read
from PIL import Image

from compete.files import LEADERBOARD, write_text
from compete.generative_contract import GenerativeContract
from compete.generative_records import (
    CURVE,
    SHOWN,
    Copy,
    DistanceCurve,
    GanRun,
    Measurement,
    Shown,
)
from compete.portfolio.generative.report import report
from compete.submission_records import Leaderboard, LedgerEntry

GRIDS = {"truncation-0.5.webp": "truncation 0.5", "truncation-1.webp": "truncation 1"}
FRAMES, SIDE, PATHS = 12, 32, 6
_PROGRESS = """\
kimg,loss_g,loss_d,p,sign,images_per_second,seconds
10.0,0.9,1.3,0.0,0.1,50.0,200.0
20.0,1.1,1.2,0.125,0.75,52.0,400.0
"""


def make_contract(**changes: Any) -> GenerativeContract:
    """Return the contract of a competition of paintings; keywords change its values."""
    values: dict[str, Any] = {
        "slug": "paint",
        "title": HOSTILE[0],
        "metric": "MiFID",
        "images": "data/raw/paintings",
        "source_images": "",
        "count_min": 700,
        "count_max": 1000,
        "width": 256,
        "height": 256,
        "mode": "RGB",
        "format": "JPEG",
        "sources": {"count_min": "Kaggle's page on the evaluation"},
    }
    return GenerativeContract(**{**values, **changes})


def make_measurement(**changes: Any) -> Measurement:
    """Return the measurement of a submission that holds one copy; keywords change its values."""
    values: dict[str, Any] = {
        "member": "base",
        "file": "submissions/images.zip",
        "sha256": "0",
        "bytes": 12_345_678,
        "count": 700,
        "truncation": 1.0,
        "extractor": "tf_efficientnet_lite0.in1k",
        "names": {"fid": "FID-lite0", "kid": "KID-lite0", "mifid": "MiFID-lite0"},
        "fid": 123.5,
        "kid": 0.0625,
        "mifid": 130.25,
        "made": 600,
        "real": 300,
        "copies": [Copy("00007.jpg", HOSTILE[0], 0.005)],
    }
    return Measurement(**{**values, **changes})


def finish_project(**contract: Any) -> LedgerEntry:
    """Write into the working folder what the pipeline leaves; return the submission's entry."""
    make_contract(**contract).save()
    Path("members").mkdir()
    write_text(Path("members/base.yaml"), "{}\n")
    run = GanRun(
        fingerprint="f",
        member="base",
        finished=True,
        image_size=64,
        channels=3,
        backbone="stylegan2",
        augment="ada",
        kimg=20.0,
        images=300,
        p=0.125,
        sign=0.75,
        parameters=1_234_567,
        discriminator_parameters=7_654_321,
        seconds=400.0,
        hardware="2 cores",
        versions={"torch": "2", "lightning": "2"},
    )
    run.save()
    folder = GanRun.folder("base")
    config = {"model": {"network": {"width": 32}, "path": "/home/me/secret/w.pth"}}
    write_text(folder / "config.yaml", yaml.safe_dump(config))
    write_text(folder / "metrics.csv", _PROGRESS)
    make_measurement().save()
    DistanceCurve("k", 500, {"base": {"0": 999.5, "10": 300.0, "20": 150.25}}).write(CURVE)
    _draw()
    Leaderboard("paint", "2031-01-02", False, [40.5, 60.25, 90.0]).write(LEADERBOARD)
    return LedgerEntry(
        tag="t",
        time="2031-01-02T03:04:05+00:00",
        slug="paint",
        file="submissions/images.zip",
        sha256="0",
        message=HOSTILE[0],
        commit="c0ffee",
        state="complete",
        public=60.25,
        rank=2,
        teams=3,
    )


def _draw() -> None:
    """Write the pictures, and the frames of the animation, each in another shade."""
    sizes = dict.fromkeys([*GRIDS, "nearest.webp"], (256, 512))
    SHOWN.mkdir(parents=True, exist_ok=True)
    for name, size in sizes.items():
        Image.fromarray(np.full((*size, 3), 128, np.uint8)).save(SHOWN / name)
    shades = np.linspace(0, 255, FRAMES).round().astype(np.uint8).repeat(SIDE)
    frames = np.broadcast_to(shades[:, None, None], (FRAMES * SIDE, PATHS * SIDE, 3))
    Image.fromarray(np.ascontiguousarray(frames)).save(SHOWN / "interpolation.webp", lossless=True)
    Image.fromarray(np.ascontiguousarray(frames[: 3 * SIDE])).save(SHOWN / "still.webp")
    shown = Shown(GRIDS, SIDE, FRAMES, PATHS, [Copy("00007.jpg", "a.jpg", 0.005)])
    shown.write(SHOWN / "shown.json")


def write_report(*ledger: LedgerEntry) -> Read:
    """Write the report of a ledger and read the page."""
    report(list(ledger))
    return Read(Path("reports/index.html").read_text(encoding="utf-8"))
