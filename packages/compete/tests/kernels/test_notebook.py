"""The notebook's source, what is made of it, and where it finds its inputs."""

from pathlib import Path

import pytest

from compete.errors import Fault
from compete.kernels.hard_coded import hard_coded
from compete.kernels.hidden_data import new_ids
from compete.kernels.notebook import code_cells, write_notebook
from compete.kernels.options import Options
from compete.kernels.percent import to_ipynb
from compete.kernels.rehearse import LAYOUTS

NAMES = {"DATASET_SLUG": "my-files", "COMPETITION_SLUG": "titanic"}


def test_a_script_becomes_cells_of_text_and_code() -> None:
    made = to_ipynb(
        "# %% [markdown]\n# Title\n#\n# Text.\n\n# %%\na = 1\n\nb = 2\n\n# %%\nprint(a)\n"
    )
    kinds = [(cell["cell_type"], "".join(cell["source"])) for cell in made["cells"]]
    assert kinds == [
        ("markdown", "Title\n\nText."),
        ("code", "a = 1\n\nb = 2"),
        ("code", "print(a)"),
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_inputs_are_found_wherever_kaggle_mounts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: tuple[str, str]
) -> None:
    slugs = {"owner": "me", "dataset": "my-files", "competition": "titanic"}
    dataset, data = (tmp_path / pattern.format(**slugs) for pattern in layout)
    dataset.mkdir(parents=True)
    data.mkdir(parents=True)
    write_notebook("predict.py", tmp_path, NAMES)
    monkeypatch.setenv("COMPETE_KAGGLE_INPUT", str(tmp_path))
    found: dict[str, object] = {}
    exec(code_cells(tmp_path / "notebook.ipynb")[0], found)
    assert (found["dataset"], found["data"]) == (dataset, data)


def test_an_input_that_is_not_attached_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inputs/titanic").mkdir(parents=True)
    write_notebook("predict.py", tmp_path, NAMES)
    monkeypatch.setenv("COMPETE_KAGGLE_INPUT", str(tmp_path / "inputs"))
    with pytest.raises(FileNotFoundError, match=r"my-files is not attached.*\['titanic'\]"):
        exec(code_cells(tmp_path / "notebook.ipynb")[0], {})


@pytest.mark.parametrize(
    "path", ["/home/me/weights.pt", "~/data/x.csv", "C:\\data\\x.csv", "/kaggle/lib/x"]
)
def test_a_path_of_one_machine_is_named_with_its_line(tmp_path: Path, path: str) -> None:
    write_notebook("predict.py", tmp_path, NAMES)
    code = tmp_path / "files/project/src/mine/model.py"
    code.parent.mkdir(parents=True)
    code.write_text(
        f'"""Text."""\nPLACE = {path!r}\nFINE = ["/kaggle/input", "a/b", "/v1/models/"]\n'
    )
    (fault,) = hard_coded(tmp_path, tmp_path / "files")
    assert fault.what.startswith("model.py, line 2, names a path of this machine")
    assert path in fault.what


def test_hidden_ids_are_new_and_written_like_the_visible_ones() -> None:
    assert new_ids(["3", "9", "3"], taken=["11"]) == ["12", "13", "14"]
    assert new_ids(["0003", "0010"]) == ["0011", "0012"]
    assert new_ids(["test/a.png", "b"]) == ["test/a-hidden0.png", "b-hidden1"]


@pytest.mark.parametrize(
    ("accelerator", "told"),
    [
        ("TpuV6E8", "does not run on a TPU: PyTorch needs torch_xla"),
        ("p100", "'p100' is not known"),
    ],
)
def test_a_machine_that_can_not_predict_is_refused(accelerator: str, told: str) -> None:
    with pytest.raises(Fault, match=rf"{told}.*one of none, t4, l4"):
        Options(accelerator=accelerator)
