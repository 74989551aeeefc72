"""`compete predict` and `compete validate`: images, their distance, the copies among them."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compete.errors import Fault
from compete.files import RECORD, write_json
from compete.generative_contract import IMAGES_ZIP, GenerativeContract
from compete.generative_records import (
    IMAGES,
    NAMES,
    SHOWN,
    DistanceCurve,
    GanRun,
    Measurement,
    PreparedImages,
    Shown,
)
from compete.kaggle.submission import submit
from compete.kernels.build import build
from compete.kernels.options import Options
from compete.kernels.rehearse import run_rehearsal
from compete.records import CompetitionRecord
from compete.tasks.generative.generator import load_generator
from compete.tasks.generative.image_zip import ZippedImages, write_images
from compete.tasks.generative.predict import predict
from compete.tasks.generative.train import train
from compete.tasks.generative.validate import check, submission_facts

Settle = Callable[..., Path]
MEASURED = {"extractor": "test_efficientnet", "extractor_weights": "none", "distance_images": 16}
TRANSLATES = (
    "model.py",
    "from compete.tasks.generative.module import GanModule",
    "from compete.tasks.generative.translation import TranslationModule as GanModule",
)


def contract(**changes: Any) -> None:
    values: dict[str, Any] = {
        "slug": "made-up",
        "title": "Made up",
        "metric": "",
        "images": "data/raw/images",
        "source_images": "",
        "count_min": 10,
        "count_max": 12,
        "width": 28,
        "height": 28,
        "mode": "L",
        "format": "PNG",
    }
    GenerativeContract(**values | changes).save()
    names = [f"{number}.png" for number in range(20)]
    write_json(NAMES, {"images": names, "source_images": names[:12]})
    PreparedImages("d", 20, 12 if changes.get("source_images") else 0, 32, 1).save()


def test_the_images_of_the_nearest_member_are_submitted_and_measured(
    settle: Settle, capsys: pytest.CaptureFixture[str]
) -> None:
    settle(data=MEASURED, trainer={"total_kimg": 0.016, "checkpoint_kimg": 0.016})
    Path("members/other.yaml").write_text("seed_everything: 7\n", encoding="utf-8")
    contract()
    train(None, None, [])
    predict()
    found, curve = Measurement.load(), DistanceCurve.load()
    assert found is not None
    assert curve is not None
    ends = {name: curve.points(name)[-1] for name in ("base", "other")}
    assert found.member == min(ends, key=lambda name: ends[name][1])
    assert [kimg for kimg, _ in curve.points("base")] == [0, 0.008, 0.016]
    assert found.names["mifid"] == "MiFID-untrained-test_efficientnet"
    assert (found.count, found.made, found.real) == (10, 10, 16)
    made = load_generator(GanRun.folder(found.member)).sample(10, 42)
    images = ZippedImages(IMAGES_ZIP)
    assert images[:10].shape == (10, 1, 28, 28)
    # Reduced from 32 to 28 pixels, and yet the same images.
    means = made.mean(axis=(1, 2, 3)), images[:10].mean(axis=(1, 2, 3))
    np.testing.assert_allclose(*means, atol=2)
    images.close()
    assert not check(IMAGES_ZIP).faults
    shown = Shown.load()
    assert shown is not None
    assert all((SHOWN / name).stat().st_size for name in (*shown.grids, "interpolation.webp"))
    capsys.readouterr()
    before = IMAGES_ZIP.stat().st_mtime_ns
    predict()  # nothing is made or measured twice
    said = capsys.readouterr().err
    assert "kimg:" not in said
    assert "Features of" not in said
    assert IMAGES_ZIP.stat().st_mtime_ns == before


def test_images_are_translated_one_for_one(settle: Settle) -> None:
    trainer = {"total_kimg": 0.008, "checkpoint_kimg": 0.008, "snapshots": 0}
    model = {"loss": {"path_length": "auto", "style_mixing": "auto"}}
    settle(author=TRANSLATES, data=MEASURED, model=model, trainer=trainer)
    contract(source_images="data/raw/photos")
    train(None, None, [])
    predict()
    images = ZippedImages(IMAGES_ZIP)
    assert len(images) == 12  # as many as there are to translate
    images.close()
    shown = Shown.load()
    assert shown is not None
    assert list(shown.grids) == ["translations.webp"]
    contract()
    with pytest.raises(Fault, match="there are none to translate"):
        predict()


def test_another_number_than_the_competition_takes_is_refused(settle: Settle) -> None:
    settle(data={**MEASURED, "submission_count": 13})
    contract()
    GanRun("f", member="base", finished=True).save()
    with pytest.raises(Fault, match="accepts 10 to 12 images, not 13"):
        predict()


def test_a_bad_zip_is_told_by_file_and_copies_by_name(settle: Settle) -> None:
    settle(data=MEASURED)
    contract()
    asked = GenerativeContract.load()
    chance = np.random.default_rng(0)
    fresh = chance.integers(0, 256, (10, 1, 32, 32), dtype=np.uint8)
    fresh[4] = np.load(IMAGES)[17]
    fresh[9] = fresh[8]
    write_images(lambda start, count: fresh[start : start + count], 10, asked, "k")
    verdict = check(IMAGES_ZIP)
    assert verdict.faults == []
    same, copied = verdict.warnings
    assert same == "1 of the images are duplicates"
    assert copied.startswith(
        "1 of the images are copies of training images, such as 00004.png of 17.png"
    )
    assert verdict.looked_at == "10 images (28 x 28 L in PNG are asked for)"

    contract(width=32, format="JPEG", count_min=11)
    with zipfile.ZipFile(IMAGES_ZIP, "a") as archive:
        archive.writestr("deep/readme.txt", "no image")
    assert check(IMAGES_ZIP).faults == [
        "00000.png, 00001.png, 00002.png and 7 more are 28 x 28, but must be 32 x 28",
        "00000.png, 00001.png, 00002.png and 7 more are PNG, but must be JPEG",
        "deep/readme.txt is not a readable image",
    ]
    contract(count_min=12)
    assert check(IMAGES_ZIP).faults[0] == "it has 11 files; 12 to 12 are allowed"
    IMAGES_ZIP.write_bytes(b"no zip")
    assert check(IMAGES_ZIP).faults == ["it is not a zip file: File is not a zip file"]
    IMAGES_ZIP.unlink()
    with pytest.raises(Fault, match="There is no file"):
        check(IMAGES_ZIP)


def test_a_competition_that_takes_notebooks_gets_the_images_by_one(settle: Settle) -> None:
    settle()
    contract()
    CompetitionRecord(slug="made-up", kernels_only=True).write(RECORD)
    with pytest.raises(Fault, match=r"no file.*images\.zip.*compete predict"):
        build(Options())
    noise = np.random.default_rng(0).integers(0, 256, (10, 1, 32, 32), dtype=np.uint8)
    asked = GenerativeContract.load()
    write_images(lambda start, count: noise[start : start + count], 10, asked, "k")
    facts = submission_facts()
    with pytest.raises(Fault, match=r"takes a notebook.*compete kernel build"):
        submit(facts.file, "", facts, check)
    build(Options())
    contract(count_min=11)
    found = run_rehearsal()
    assert [fault["what"] for fault in found.faults] == [
        f"Kaggle would refuse {IMAGES_ZIP}: it has 10 files; 11 to 12 are allowed."
    ]
    assert found.checked.startswith("10 images")
