"""Generated images submitted through the official client: read as asked, judged as a whole."""

import gzip
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import practice_kaggle
import pytest
import yaml
from PIL import Image
from practice_kaggle.datasets.pictures import fashion_mnist, make_digit_pictures
from practice_kaggle.datasets.pixels import sklearn_digits
from practice_kaggle.errors import BadSubmission, PracticeError
from practice_kaggle.generative.scorer import ImageScorer
from practice_kaggle.settings import read_settings

NEEDED = "28x28 is expected"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The competition of digits; it is shared: look, but change nothing."""
    return make_digit_pictures(tmp_path_factory.mktemp("images") / "digits")


@pytest.fixture(scope="module")
def scorer(folder: Path) -> ImageScorer:
    """What judges them."""
    return ImageScorer(folder / "private/judge.npz", read_settings(folder))


def pack(path: Path, images: Any, **options: Any) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, image in enumerate(images):
            made = io.BytesIO()
            Image.fromarray(image).save(made, options.get("format", "PNG"))
            archive.writestr(f"{number}.png", made.getvalue())
    return path


def hidden(folder: Path) -> Any:
    """Real digits that competitors do not get."""
    files = [np.asarray(Image.open(path)) for path in (folder / "data/images").glob("*.png")]
    given = {image.tobytes() for image in files}
    return np.stack([image for image in sklearn_digits()[0] if image.tobytes() not in given])


def test_the_more_real_and_the_less_copied_images_are_the_better_their_score(
    folder: Path, scorer: ImageScorer
) -> None:
    images = hidden(folder)[:300]
    noisy = np.random.default_rng(0).normal(images, 60).clip(0, 255).astype(np.uint8)
    baselines = {
        path.stem: scorer.judge.score(scorer.read(path))
        for path in (folder / "private/baselines").glob("*.zip")
    }
    real, worse = scorer.judge.score(images), scorer.judge.score(noisy)
    alike = scorer.judge.score(np.repeat(images[:1], 300, axis=0))
    assert real < baselines["mean-of-two-images"] < baselines["noise"]
    assert real < worse < baselines["noise"]
    assert real < alike
    assert baselines["training-images-copied"] > 1e6


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda images: images[:99], "The zip holds 99 files; 100 to 1000 images are expected"),
        (lambda images: images[:, :20], f"0.png is PNG L 28x20; PNG L {NEEDED}"),
        (lambda images: np.stack([images] * 3, -1), f"0.png is PNG RGB 28x28; PNG L {NEEDED}"),
    ],
)
def test_images_of_another_kind_are_refused(
    folder: Path, scorer: ImageScorer, tmp_path: Path, change: Any, said: str
) -> None:
    with pytest.raises(BadSubmission, match=said):
        scorer.score(pack(tmp_path / "images.zip", change(hidden(folder)[:100])))


def test_files_that_are_no_images_are_refused(scorer: ImageScorer, tmp_path: Path) -> None:
    path = tmp_path / "images.zip"
    path.write_text("no zip")
    with pytest.raises(BadSubmission, match="could not be read as a zip"):
        scorer.score(path)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.png", b"no image")
    with pytest.raises(BadSubmission, match=r"0\.png could not be read as an image"):
        scorer.score(path)


def test_the_official_client_submits_a_zip_and_gets_its_place(
    folder: Path, tmp_path: Path, connect: Any
) -> None:
    own = tmp_path / "own"
    shutil.copytree(folder, own)
    settings = yaml.safe_load((own / "competition.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(settings | {"scoring_seconds": 0})
    (own / "competition.yaml").write_text(text, encoding="utf-8")
    slug = settings["slug"]
    with practice_kaggle.serve(own) as server:
        api = connect(server)
        (page,) = api.competition_list_pages(slug, "evaluation")
        assert "generate 100-1,000 images in PNG format" in page.content
        sent = pack(tmp_path / "images.zip", hidden(own)[:200])
        api.competition_submit(str(sent), "real ones", slug)
        (submission,) = api.competition_submissions(slug)
        assert float(submission.public_score) > 0
        best, *others = api.competition_leaderboard_view(slug)
        assert best.score == submission.public_score
        assert [row.team_name for row in others][-1] == "Training images copied"


def test_fashion_mnist_is_read_as_debian_holds_it(tmp_path: Path) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    inner = tmp_path / "usr/share/datasets/fashion-mnist"
    inner.mkdir(parents=True)
    head = bytes([0, 0, 8, 3]) + np.array(images.shape, ">u4").tobytes()
    pictures = inner / "train-images-idx3-ubyte.gz"
    pictures.write_bytes(gzip.compress(head + images.tobytes()))
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 2, 9, 4])
    (inner / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    found, sorts = fashion_mnist(tmp_path)
    np.testing.assert_array_equal(found, images)
    assert sorts.tolist() == [9, 4]
    pictures.write_bytes(gzip.compress(head + images.tobytes()[:-1]))
    with pytest.raises(PracticeError, match="is damaged"):
        fashion_mnist(tmp_path)
    with pytest.raises(PracticeError, match="apt-get download dataset-fashion-mnist"):
        fashion_mnist(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("images_min", 1001, "images_min must be from 2 to images_max"),
        ("image_mode", "CMYK", "image_mode must be one of L, RGB"),
        ("image_size", None, "needs image_size"),
    ],
)
def test_a_wrong_setting_is_named(
    folder: Path, tmp_path: Path, key: str, value: Any, said: str
) -> None:
    settings = yaml.safe_load((folder / "competition.yaml").read_text(encoding="utf-8"))
    for name in ("data", "private"):
        (tmp_path / name).mkdir()
    shutil.copy(folder / "private/judge.npz", tmp_path / "private/judge.npz")
    (tmp_path / "competition.yaml").write_text(json.dumps(settings | {key: value}))
    with pytest.raises(PracticeError, match=said):
        practice_kaggle.serve(tmp_path).__enter__()
