"""Which weights a timm backbone began with, as timm's own records and the hub's cache tell."""

from pathlib import Path

import huggingface_hub
import pytest
from samples import write

from compete.records import Pretrained
from compete.tasks.image.pretrained import pretrained

COMMIT = "c0ffee" + "0" * 34


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, on a machine that can't reach it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return tmp_path


def test_a_name_of_timm_leads_to_its_repository_and_licence(cache: Path) -> None:
    model = {"backbone": "test_efficientnet", "weights": "hub"}
    repository = "timm/test_efficientnet.r160_in1k"  # with the tag that timm chooses
    assert pretrained(model) == Pretrained(repository, "hub", license="apache-2.0")
    root = cache / f"models--{repository.replace('/', '--')}"
    write(root / "refs/main", COMMIT)
    write(root / "snapshots" / COMMIT / "model.safetensors", b"weights")
    found = pretrained(model)
    assert found
    assert (found.version, len(found.sha256)) == (COMMIT, 64)


def test_a_repository_of_somebody_else_is_told_as_it_was_asked_for(cache: Path) -> None:
    root = cache / "models--ada--net"
    write(root / "refs/v2", COMMIT)
    write(root / "snapshots" / COMMIT / "model.safetensors", b"weights")
    write(root / "snapshots" / COMMIT / "README.md", "---\nlicense: mit\n---\n")
    found = pretrained({"backbone": "hf-hub:ada/net@v2", "weights": "hub"})
    assert found
    assert (found.source, found.version, found.license) == ("ada/net", COMMIT, "mit")


def test_a_file_takes_the_place_of_the_hub(cache: Path) -> None:
    write(cache / "w.pth", b"weights")
    found = pretrained({"backbone": "test_efficientnet", "weights": "w.pth"})
    assert found
    assert (found.source, found.kind, found.license) == ("w.pth", "file", "")


@pytest.mark.parametrize("model", [{"backbone": "test_vit", "weights": "none"}, {"width": 3}])
def test_a_model_from_scratch_has_no_origin(model: dict[str, object]) -> None:
    assert pretrained(model) is None
