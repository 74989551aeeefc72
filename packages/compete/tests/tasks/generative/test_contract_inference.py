"""What a competition asks for: its page is read, the files fill the gaps, doubt is refused."""

from pathlib import Path
from typing import Any

import pytest

from compete.contract import Competition
from compete.errors import Fault
from compete.generative_contract import GenerativeContract
from compete.records import CompetitionRecord
from compete.tasks.generative.contract_inference import Files, infer_contract
from compete.tasks.generative.settings import GenerativeSettings

# As Kaggle's page of gan-getting-started words it.
MONET = """
<h3>Submission File</h3><p>You are going to generate 7,000-10,000 Monet-style images that are in
jpg format. Their sizes should be 256x256x3 (RGB). Then you need to zip those images and your output
from your Kernel should only have ONE output file named images.zip.</p>
"""
DOGS = "Your submission must contain exactly 10,000 images, of 64 x 64 pixels, as .png files."


def infer(page: str = "", **settings: Any) -> GenerativeContract:
    files = Files(
        images=Path("data/raw/monet_jpg"),
        source_images=None,
        sizes=frozenset({(256, 256)}),
        mode="RGB",
        suffixes=frozenset({".jpg"}),
    )
    record = CompetitionRecord(evaluation=page, title="Paint", metric="MiFID")
    return infer_contract(Competition("paint"), GenerativeSettings(**settings), record, files)


def test_kaggles_own_page_says_all() -> None:
    found = infer(MONET)
    assert (found.count_min, found.count_max) == (7000, 10000)
    assert (found.width, found.height, found.mode, found.format) == (256, 256, "RGB", "JPEG")
    assert found.suffix == ".jpg"
    for key in ("count_min", "width", "mode", "format"):
        assert found.sources[key] == "Kaggle's page on the evaluation"


def test_another_page_is_read_and_its_gaps_are_filled_by_the_files() -> None:
    found = infer(DOGS)
    assert (found.count_min, found.count_max) == (10000, 10000)
    assert (found.width, found.format, found.mode) == (64, "PNG", "RGB")
    assert found.sources["mode"] == "the training images"


def test_the_settings_come_first() -> None:
    found = infer(MONET, submission_min=8000, submission_size=128, submission_format="PNG")
    assert (found.count_min, found.count_max) == (8000, 10000)
    assert (found.width, found.height, found.format) == (128, 128, "PNG")
    assert found.sources["count_min"] == found.sources["width"] == "params.yaml"
    assert found.sources["count_max"] == "Kaggle's page on the evaluation"


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("", "submission_min: 1000\n  submission_max: 1000"),
        (MONET + "or 64x64", "submission_size: 256"),
        (MONET + "or png", "submission_format: JPEG"),
        (MONET + "2 to 5 images", "submission_min: 2\n  submission_max: 5"),
    ],
)
def test_doubt_is_refused_with_the_line_to_add(page: str, line: str) -> None:
    with pytest.raises(Fault) as refused:
        infer(page)
    assert refused.value.remedy.endswith(line)
    keys = dict(each.strip().split(": ") for each in line.splitlines())
    given = {key: int(value) if value.isdigit() else value for key, value in keys.items()}
    infer(page, **given)  # the remedy works


def test_a_contract_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = infer(MONET)
    made.save(tmp_path / "contract.yaml")
    assert GenerativeContract.load(tmp_path / "contract.yaml") == made
