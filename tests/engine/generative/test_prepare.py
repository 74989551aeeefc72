"""`compete prepare`: from folders of any images to one array, each policy stated and counted."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from compete.errors import Fault
from compete.generative_contract import GenerativeContract
from compete.generative_records import IMAGES, NAMES, SOURCES, PreparedImages
from compete.perceptual_hash import count_known
from compete.tasks.generative.prepare import prepare

Settle = Callable[..., Path]
Said = pytest.CaptureFixture[str]
ASKED = {"submission_min": 4, "submission_max": 8, "submission_size": 32}
ASKED |= {"submission_format": "PNG", "submission_mode": "RGB"}  # type: ignore[dict-item]


def noise(mode: str = "RGB", size: tuple[int, int] = (32, 32), seed: int = 0) -> Image.Image:
    depth = {"L": 1, "RGB": 3, "RGBA": 4}[mode]
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], depth), dtype=np.uint8)
    return Image.fromarray(pixels.squeeze())


def place(images: dict[str, Image.Image]) -> None:
    for name, image in images.items():
        path = Path("data/raw", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)


def test_images_of_all_kinds_become_one_array_and_the_policies_are_counted(
    settle: Settle, capsys: Said
) -> None:
    settle(data={**ASKED, "batch_size": 8, "on_bad_image": "skip"})
    place(
        {
            "images/a.png": noise("L", seed=1),
            "images/b.png": noise("RGBA", seed=2),
            "images/c.jpg": noise("RGB", (64, 40), seed=3),
            "images/d.png": noise("RGB", (16, 16), seed=4),
            "images/e.png": noise("RGB", seed=5),
            "images/f.png": noise("RGB", seed=5),
            "images/tiny.png": noise("RGB", (3, 3)),
        }
    )
    Path("data/raw/images/broken.png").write_bytes(b"no image")
    prepare()
    images = np.load(IMAGES)
    assert images.shape == (6, 3, 32, 32)
    assert json.loads(NAMES.read_text("utf-8"))["images"] == [
        f"{x}.{'jpg' if x == 'c' else 'png'}" for x in "abcdef"
    ]
    np.testing.assert_array_equal(images[4].transpose(1, 2, 0), np.asarray(noise("RGB", seed=5)))
    assert (images[0] == images[0, :1]).all()  # grey
    record = PreparedImages.load()
    assert (record.images, record.channels, record.duplicates) == (6, 3, 1)
    assert record.counts == {
        "left_out": 2,
        "transparent": 1,
        "grey_to_colour": 1,
        "cropped": 1,
        "enlarged": 1,
        "reduced": 1,
    }
    said = capsys.readouterr().err
    assert "1 are not square and are center-cropped" in said
    assert "2 can't be used and are skipped" in said
    assert "6 images are fewer than a batch of 8" in said
    assert count_known() == 6  # what the leak check knows them by


@pytest.mark.parametrize(
    ("images", "settings", "why"),
    [
        ({}, {}, "contains no images"),
        ({"images/a.png": noise()}, {}, "one image: there is no variety"),
        (
            {"images/a.png": noise(), "images/b.png": noise()},
            {},
            "the same image often: there is no variety",
        ),
        (
            {"images/a.png": noise("L", (3, 3)), "images/b.png": noise()},
            {},
            r"a\.png: 3 x 3 pixels; at least 8 a side are needed.*on_bad_image: skip",
        ),
        ({"a/1.png": noise(), "b/1.png": noise()}, {}, r"a \(1\), b \(1\).*\n  images: a\n"),
        (
            {"a/1.png": noise(), "a/2.png": noise(seed=1)},
            {"images": "a", "source_images": "a"},
            "both what is to be learned and what is to be translated",
        ),
        (
            {"a/1.png": noise(), "a/2.png": noise(seed=1)},
            {"submission_min": "auto"},
            "How many images the competition takes is not known",
        ),
    ],
)
def test_what_can_not_be_learned_from_is_refused_and_nothing_is_left_behind(
    settle: Settle, images: dict[str, Image.Image], settings: dict[str, str], why: str
) -> None:
    settle(data={**ASKED, **settings})
    before = IMAGES.read_bytes()
    Path("data/raw").mkdir()
    place(images)
    with pytest.raises(Fault, match=why):
        prepare()
    assert IMAGES.read_bytes() == before
    assert not Path("contract.yaml").exists()
    assert [path.name for path in Path("data").iterdir() if path.name.startswith(".")] == []


def test_images_to_translate_are_prepared_beside_those_to_learn_from(settle: Settle) -> None:
    settle(data={**ASKED, "source_images": "photos"})
    place({f"paintings/{i}.png": noise(seed=i) for i in range(3)})
    place({f"photos/{i}.png": noise("L", (64, 64), seed=i) for i in range(4)})
    prepare()
    assert np.load(IMAGES).shape == (3, 3, 32, 32)
    assert np.load(SOURCES).shape == (4, 3, 32, 32)
    contract = GenerativeContract.load()
    assert (contract.images, contract.source_images) == ("data/raw/paintings", "data/raw/photos")
    assert contract.translates


def test_the_same_images_give_the_same_bytes_and_another_image_another_digest(
    settle: Settle,
) -> None:
    settle(data=ASKED)
    place({f"images/{i}.png": noise(seed=i) for i in range(3)})
    prepare()
    files = {path: path.read_bytes() for path in IMAGES.parent.iterdir()}
    prepare()
    assert {path: path.read_bytes() for path in IMAGES.parent.iterdir()} == files
    digest = PreparedImages.load().digest
    place({"images/2.png": noise(seed=9)})
    prepare()
    assert PreparedImages.load().digest != digest


def test_preparing_and_validating_need_no_torch() -> None:
    code = (
        "import sys, compete.tasks.generative.prepare, compete.tasks.generative.validate; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
