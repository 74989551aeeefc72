"""The page of a project that makes images shows what is in the records, and nothing else."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from generative_project import finish_project, make_contract, make_measurement, write_report
from pages import HOSTILE
from PIL import Image

from compete.errors import Fault
from compete.generative_records import CURVE, SHOWN, DistanceCurve, GanRun, Measurement
from compete.portfolio.card import Card
from compete.submission_records import LedgerEntry


@pytest.fixture
def entry(folder: Path) -> LedgerEntry:
    """A finished project to work in: the entry of its submission."""
    return finish_project()


def test_the_numbers_are_those_of_the_records(entry: LedgerEntry) -> None:
    page = write_report(entry)
    assert page.numbers == pytest.approx(
        {
            "public": 60.25,
            "rank": 2,
            "copies": 1,
            "parameters": 1_234_567,
            "kimg": 20,
            "minutes": 400 / 60,
        }
    )
    for words in (
        "a zip of 700 to 1,000 images of 256 x 256 pixels, in JPEG",
        "by the features of tf_efficientnet_lite0.in1k",
        "can be compared only within this project",
        "each point uses 500 images: base from 999.5 after 0 to 150.2 after 20",
        "At the end the probability is 0.12, the mean sign 0.75",
        "adaptive discriminator augmentation",
        "20,000 images (50 a second)",
        "network.width",
        "w.pth",
    ):
        assert words in page.words, words
    assert "Not done yet" not in page.words
    assert "999.5 before training" not in page.words  # for that is the distance of fewer images
    assert "is not the file measured below" not in page.words
    assert "/home/me" not in page.words


def test_the_cards_say_the_same(entry: LedgerEntry) -> None:
    write_report(entry)
    readme = Path("README.md").read_text(encoding="utf-8")
    for row in (
        "| public score (MiFID) | 60.25000 |",
        "| rank | 2 of 3 |",
        "| FID-lite0 | 123.5 |",
        "| copies of training images | 1 of 700 |",
        "(reports/plots/samples.webp)",
        "(reports/plots/picture.svg)",
    ):
        assert row in readme, row
    samples = Path("reports/plots/samples.webp")
    assert samples.read_bytes() == (SHOWN / "truncation-1.webp").read_bytes()
    with Image.open(samples) as small, Image.open("reports/plots/picture.png") as large:
        assert 1120 / 2 < large.width <= 1120
        reduced = large.resize(small.size, Image.Resampling.NEAREST)
        assert np.array_equal(np.asarray(small), np.asarray(reduced))
    card = json.loads(Path("reports/card.json").read_text(encoding="utf-8"))
    assert (card["task"], card["direction"], card["metric"]) == ("generative", "minimize", "MiFID")
    assert (card["scores"]["fid"], card["scores"]["copies"]) == (123.5, 1)
    assert (card["score"], card["split"]) == (60.25, "public leaderboard")
    assert "StyleGAN2" in card["skills"]
    assert card["findings"][:2] == [
        "There is 1 copy of training images among 700 generated images.",
        "Training reduced the distance from 999.5 to 150.2.",
    ]
    assert card["cv_lines"][1] == (
        "FID-lite0 123.5 over 600 generated images."  # the curve is of 500
    )
    _, head, body = Path("MODEL_CARD.md").read_text(encoding="utf-8").split("---\n", 2)
    (model,) = yaml.safe_load(head)["model-index"]
    values = {each["metrics"][0]["type"]: each["metrics"][0]["value"] for each in model["results"]}
    assert values["FID-lite0"] == 123.5
    assert "1,234,567 parameters (stylegan2)" in body


def test_what_others_wrote_stays_text(entry: LedgerEntry) -> None:
    page = write_report(entry)
    assert not [tag for tag, given in page.tags if "onerror" in given]
    assert page.words.count(HOSTILE[0]) >= 3  # title, message, and the name of a file


def test_a_picture_of_the_competitions_images_is_in_the_page_alone(folder: Path) -> None:
    write_report(finish_project(source_images="data/raw/photos"))
    assert not Path("reports/plots/samples.webp").exists()
    with Image.open("reports/plots/picture.png") as chart:
        assert chart.width == 2 * 560  # the distance by kimg


def test_what_is_not_done_is_said_and_what_is_broken_refused(folder: Path) -> None:
    make_contract().save()
    Path("members").mkdir()
    Path("members/base.yaml").write_text("{}\n", encoding="utf-8")
    page = write_report()
    for words in (
        "The training of member base is not finished.",
        "No images have been generated yet.",
        "Nothing has been submitted yet.",
    ):
        assert words in page.words
    GanRun("f", member="base", finished=True).save()
    (GanRun.folder("base") / "config.yaml").write_text("{}\n", encoding="utf-8")
    with pytest.raises(Fault, match=r"metrics\.csv can't be read"):
        write_report()


def test_another_zip_than_the_measured_one_is_told(entry: LedgerEntry) -> None:
    Path("submissions").mkdir(exist_ok=True)
    Path("submissions/images.zip").write_bytes(b"another")
    page = write_report(replace(entry, sha256="1"))
    assert "submissions/images.zip has changed since it was measured." in page.words
    assert "That submission is not the file measured below." in page.words


def test_a_measurement_is_read_as_it_was_written(folder: Path) -> None:
    make_measurement().save()
    assert Measurement.load() == make_measurement()
    scores = json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))
    assert scores == {"fid": 123.5, "kid": 0.0625, "mifid": 130.25, "copies": 1}


def test_the_report_loads_no_networks() -> None:
    code = "import sys, compete.portfolio.generative.report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("p", "finding"),
    [
        (0.125, "The augmentation probability was 0.12 at the end."),
        (0.0, "Nothing was augmented at the end: the discriminator did not overfit."),
    ],
)
def test_a_finding_says_whether_augmentation_was_needed(
    entry: LedgerEntry, p: float, finding: str
) -> None:
    make_measurement(copies=[]).save()
    run = GanRun.read(GanRun.folder("base") / "gan.json")
    assert run is not None
    replace(run, p=p).save()
    write_report(entry)
    card = json.loads(Path("reports/card.json").read_text(encoding="utf-8"))
    assert card["findings"][-1] == finding


@pytest.mark.parametrize(("images", "baseline"), [(500, None), (600, 999.5)])
def test_before_it_is_submitted_the_score_is_the_projects_own_distance(
    entry: LedgerEntry, images: int, baseline: float | None
) -> None:
    curve = DistanceCurve.read(CURVE)
    assert curve is not None
    replace(curve, images=images).write(CURVE)
    write_report()
    card = Card.load()
    assert card is not None
    assert (card.metric, card.score, card.split) == ("FID-lite0", 123.5, "generated images")
    assert (card.baseline.score if card.baseline else None) == baseline


def test_samples_that_are_too_large_for_the_page_leave_its_place_to_the_chart(
    entry: LedgerEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "the first images that the generator made"
    assert told in write_report(entry).words
    monkeypatch.setattr("compete.portfolio.generative.pictures._MOST_BYTES", 1)
    assert told not in write_report(entry).words
    assert told in Path("README.md").read_text(encoding="utf-8")
