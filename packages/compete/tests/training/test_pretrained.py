"""Where weights come from and under which licence, as files, packages and the hub's cache tell."""

import hashlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import huggingface_hub
import pytest
from samples import write

from compete.records import Pretrained
from compete.training.pretrained import from_disk, from_hub

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
Package = Callable[..., Path]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """`package("License: MIT")`: a folder of weights that an installer has put into the project."""
    monkeypatch.chdir(tmp_path)

    def install(*metadata: str, license_file: str = "") -> Path:
        root = tmp_path / "weights"
        model = root / "some_weights/model"
        write(model / "model.safetensors", CONTENT)
        lines = ["Metadata-Version: 2.4", "Name: some-weights", "Version: 1.2", *metadata, ""]
        about = root / "some_weights-1.2.dist-info"
        write(about / "METADATA", "\n".join(lines))
        write(about / "LICENSE", license_file)
        record = ["some_weights/model/model.safetensors,,", f"{about.name}/LICENSE,,"]
        write(about / "RECORD", "\n".join([*record, ""]))
        return model

    return install


@pytest.mark.parametrize(
    ("metadata", "license_file", "license_name"),
    [
        (["License-Expression: Apache-2.0", "License: other"], "", "Apache-2.0"),
        (["License: MIT"], "", "MIT"),
        (["Classifier: License :: OSI Approved :: BSD License"], "", "BSD License"),
        (
            ["License: UNKNOWN"],
            "\nApache Software License 2.0\n\nmore\n",
            "Apache Software License 2.0",
        ),
        ([], "", ""),
    ],
)
def test_weights_of_a_package_have_its_name_version_and_licence(
    package: Package, metadata: list[str], license_file: str, license_name: str
) -> None:
    model = package(*metadata, license_file=license_file)
    (model.parent.parent / "neighbour.pth").write_bytes(b"")  # of no package
    for path in (model, model / "model.safetensors", model.relative_to(Path.cwd())):
        found = from_disk(path)
        assert (found.source, found.kind, found.version) == ("some-weights", "package", "1.2")
        assert found.license == license_name
        assert found.sha256 == SHA256
        assert found.file.startswith("weights/some_weights/model")
    assert from_disk(model.parent.parent / "neighbour.pth").kind == "file"


def test_a_licence_of_the_package_and_another_of_the_model_are_both_told(package: Package) -> None:
    model = package("License: MIT")
    write(model / "README.md", "---\nlicense: apache-2.0\n---\n# Card\n")
    assert from_disk(model).license == "MIT by the package, apache-2.0 by the model card in it"
    write(model / "README.md", "---\nlicense: mit\n---\n# Card\n")
    assert from_disk(model).license.lower() == "mit"


def test_of_a_file_outside_the_project_only_the_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "private/w.pth", CONTENT)
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    assert from_disk(file) == Pretrained("w.pth", "file", sha256=SHA256)


@pytest.mark.parametrize(
    ("card", "license_name"),
    [
        ("---\nlicense: cc-by-nc-4.0\n---\n# Card\n", "cc-by-nc-4.0"),
        ("---\nlicense: other\nlicense_name: some-terms\n---\n# Card\n", "some-terms"),
        ("# Card\n", ""),
        ("---\nlicense: [\n---\n", ""),
        ("", ""),
    ],
)
def test_a_model_of_the_hub_has_commit_and_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: str, license_name: str
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    root = tmp_path / "models--ada--bert"
    write(root / "refs/main", commit)
    write(root / "snapshots" / commit / "config.json", "{}")
    write(root / "snapshots" / commit / "model.safetensors", CONTENT)
    if card:
        write(root / "snapshots" / commit / "README.md", card)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    expected = Pretrained("ada/bert", "hub", commit, license_name, sha256=SHA256)
    assert from_hub("ada/bert") == expected
    assert from_hub("ada/bert", license_name="mit").license == "mit"


def test_the_model_card_is_fetched_where_only_the_weights_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, card = "0123456789abcdef0123456789abcdef01234567", b"---\nlicense: mit\n---\n"
    root = tmp_path / "models--ada--bert"
    write(root / "refs/main", commit)
    write(root / "snapshots" / commit / "model.safetensors", CONTENT)
    asked = []

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            for name, value in (("ETag", '"1"'), ("X-Repo-Commit", commit)):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(card)))
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(card)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
        monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        assert from_hub("ada/bert").license == "mit"
        assert asked
        assert all(path == f"/ada/bert/resolve/{commit}/README.md" for path in asked)
        server.shutdown()
    assert from_hub("ada/bert").license == "mit"  # from the cache
