"""Wheels that Kaggle could not install, and packages that it lacks, are found by name."""

import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from samples import write

from compete.errors import Fault
from compete.kaggle_image import KaggleImage, load_image, parse
from compete.kernels.image import show
from compete.kernels.requirements import applicable, asked_for_others, imports_of
from compete.kernels.wheels import check

IMAGE = KaggleImage("3.12", date(2026, 8, 12), "a test", {"numpy": "2.0.2", "torch": None})
PURE = "py3-none-any"


def wheel(folder: Path, name: str, tag: str = PURE, needs: tuple[str, ...] = ()) -> None:
    """Write a wheel that holds nothing but its metadata."""
    folder.mkdir(exist_ok=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
    lines += [f"Requires-Dist: {one}" for one in needs]
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines))


def faults(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the wheels."""
    return [fault.what for fault in check(folder, IMAGE, wanted)]


@pytest.mark.parametrize(
    "tag", [PURE, "cp312-cp312-manylinux_2_28_x86_64", "cp39-abi3-manylinux2014_x86_64"]
)
def test_wheels_that_fit_are_no_fault(tmp_path: Path, tag: str) -> None:
    wheel(tmp_path / "wheels", "tabm", tag, ("numpy>=1", "pywin32; sys_platform == 'win32'"))
    assert not faults(tmp_path / "wheels", {"tabm": "1.0"})


@pytest.mark.parametrize(
    "tag",
    [
        "cp311-cp311-manylinux_2_28_x86_64",
        "cp312-cp312-win_amd64",
        "cp312-cp312-manylinux_2_39_x86_64",
    ],
)
def test_a_wheel_for_another_python_or_system_is_named(tmp_path: Path, tag: str) -> None:
    wheel(tmp_path / "wheels", "tabm", tag)
    named, missing = faults(tmp_path / "wheels", {"tabm": "1.0"})
    assert f"tabm-1.0-{tag}.whl is a wheel for another Python or platform" in named
    assert "A wheel is missing" in missing


def test_a_missing_wheel_is_named_with_what_needs_it(tmp_path: Path) -> None:
    wheel(tmp_path / "wheels", "tabm", needs=("numpy", "rtdl_num_embeddings>=0.1"))
    what = faults(tmp_path / "wheels", {"tabm": "1.0", "lightning": "2.6"})
    assert "lacks lightning 2.6, and prediction needs it" in what[0]
    assert "lacks rtdl-num-embeddings, and tabm needs it" in what[1]


def test_requirements_are_those_of_kaggles_python_and_system() -> None:
    stated = ["a; python_version >= '3.12'", "b; python_version < '3.12'", "c; extra == 'dev'"]
    assert applicable(stated, "3.12") == [Requirement(stated[0])]
    assert [one.name for one in applicable(stated, "3.12", ["dev"])] == ["a", "c"]


def test_packages_are_found_by_what_the_code_imports(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text("import os\nimport yaml\ndef f():\n    from sklearn.svm import SVC\n", "utf-8")
    assert imports_of([file]) == {"pyyaml": "model.py", "scikit-learn": "model.py"}


def test_what_only_another_package_imports_is_shipped_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transformers' tokenizer of Marian reads otherwise without sacremoses, and says nothing."""
    text = "Metadata-Version: 2.1\nName: p\nVersion: 0\nRequires-Dist: compete[translation]\n"
    write(tmp_path / "p-0.dist-info/METADATA", text)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert asked_for_others("p").keys() == {"sacremoses", "sentencepiece"}


def test_the_recorded_image_says_its_python_and_what_it_lacks() -> None:
    image = load_image()
    assert image.python == "3.12"
    assert image.packages["polars"] == "1.35.2"
    assert not {"lightning", "tabm", "dvc"} & image.packages.keys()


@pytest.mark.parametrize(
    ("says", "python"), [("# python: 3.13\n", "3.13"), ("Python 3.13.7\n", "3.13"), ("", "")]
)
def test_a_newer_list_of_the_image_is_kept_in_the_project(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    says: str,
    python: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = load_image().python
    frozen = "".join(f"package-{number}==1.{number}\n" for number in range(12))
    (tmp_path / "kaggle.txt").write_text(f"{says}{frozen}torch @ file:///torch.whl\n")
    show(Path("kaggle.txt"))
    told = capsys.readouterr()
    assert "packages  13, 12 with their version" in told.out
    assert (f"does not say which Python Kaggle has: {before} is kept" in told.err) != bool(says)
    image = load_image()
    assert (image.python, image.age, image.packages["torch"]) == (python or before, 0, None)
    assert image.packages["package-3"] == "1.3"


def test_what_is_no_list_of_packages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no list of Kaggle's packages"):
        parse("hello\n", tmp_path / "kaggle.txt")
