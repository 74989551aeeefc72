"""Nothing private is published, however it is disguised, and nothing harmless is refused."""

import base64
import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from compete.errors import Fault
from compete.portfolio.leak_check import check, find_leaks

# Put together here, so that no scanner takes this file for a leak.
TOKEN = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0" * 2
TOKEN = TOKEN[:40]
KEY = "0123456789abcdef" * 2
Guard = Callable[..., list[str]]


@pytest.fixture
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guard:
    """A clean project with data in a repository; returns what is found in some files."""
    home = tmp_path / "home" / "ada"
    project = home / "project"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)
    monkeypatch.setattr(Path, "home", lambda: home)
    raw = project / "data" / "raw"
    (raw / "images").mkdir(parents=True)
    chance = random.Random(0)
    words = ["storm", "fire", "bridge", "river", "night", "calm", "sun", "rain"]
    rows = [
        f"{i},{' '.join(chance.choices(words, k=6))},{chance.random():.5f},{i % 2}"
        for i in range(100)
    ]
    (raw / "train.csv").write_text("\n".join(["id,text,value,label", *rows, ""]), "utf-8")
    (raw / "images" / "1.png").write_bytes(chance.randbytes(500))
    commit("init", "--quiet", "--initial-branch=main")
    Path("README.md").write_text("# Clean\n\nid,text,value,label\n", encoding="utf-8")
    Path("notes.txt").write_text("fire in the night\n" * 20, encoding="utf-8")
    commit("add", "README.md", "notes.txt")
    commit("commit", "--quiet", "--message", "Clean")
    return lambda *files: [str(leak) for leak in find_leaks(map(Path, files))]


def commit(*words: str) -> None:
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *author, *words], check=True)


def rows() -> list[str]:
    return Path("data/raw/train.csv").read_text(encoding="utf-8").splitlines()[1:]


def renamed_table() -> str:
    Path("fixture.txt").write_bytes(Path("data/raw/train.csv").read_bytes())
    return "fixture.txt"


def rows_in_a_notebook() -> str:
    text = [f"{i}  {row.replace(',', '  ')}\n" for i, row in enumerate(rows()[:20])]
    cell = {"cell_type": "code", "outputs": [{"output_type": "stream", "text": text}]}
    Path("look.ipynb").write_text(json.dumps({"cells": [cell]}, indent=1), encoding="utf-8")
    return "look.ipynb"


def a_table_shown_in_a_notebook() -> str:
    body = "".join(
        f"<tr>\n<th>{i}</th>\n" + "".join(f"<td>{v}</td>\n" for v in row.split(",")) + "</tr>\n"
        for i, row in enumerate(rows()[:20])
    )
    shown = {"data": {"text/html": [f"<table>{body}</table>"]}}
    cell = {"cell_type": "code", "outputs": [shown]}
    Path("shown.ipynb").write_text(json.dumps({"cells": [cell]}, indent=1), encoding="utf-8")
    return "shown.ipynb"


def rows_in_a_test() -> str:
    lines = "\n".join(rows()[40:60])
    Path("test_it.py").write_text(f'ROWS = """\n{lines}\n"""\n', encoding="utf-8")
    return "test_it.py"


def rows_as_parquet() -> str:
    pl.read_csv("data/raw/train.csv").head(30).write_parquet("small.parquet")
    return "small.parquet"


def rows_packed_by_gzip() -> str:
    Path("rows.bin").write_bytes(gzip.compress("\n".join(rows()[:50]).encode()))
    return "rows.bin"


def an_image_in_a_zip_in_a_zip() -> str:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write("data/raw/images/1.png", "logo.png")
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets.zip", inner.getvalue())
    Path("pack.docx").write_bytes(outer.getvalue())
    return "pack.docx"


def an_image_elsewhere() -> str:
    Path("docs").mkdir()
    Path("docs/figure.jpg").write_bytes(Path("data/raw/images/1.png").read_bytes())
    return "docs/figure.jpg"


def kaggle_json_in_a_folder() -> str:
    Path("deep").mkdir()
    Path("deep/kaggle.json").write_text("{}\n", encoding="utf-8")
    return "deep/kaggle.json"


def its_content_under_another_name() -> str:
    Path("settings.json").write_text(json.dumps({"username": "ada", "key": KEY}), encoding="utf-8")
    return "settings.json"


def a_token_in_a_notebook() -> str:
    cell = {"cell_type": "code", "outputs": [{"text": [f"token: {TOKEN}\n"]}]}
    Path("token.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    return "token.ipynb"


def a_key_in_a_notebook() -> str:
    cell = {"cell_type": "code", "source": [f'os.environ["KAGGLE_KEY"] = "{KEY}"\n']}
    Path("key.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    return "key.ipynb"


def a_key_in_single_quotes() -> str:
    Path("sign_in.py").write_text(f"who = {{'username': 'me', 'key': '{KEY}'}}\n", "utf-8")
    return "sign_in.py"


def a_hub_token() -> str:
    Path("upload.py").write_text(f"login('hf_{'aB3' * 12}')\n", encoding="utf-8")
    return "upload.py"


def a_cloud_key() -> str:
    Path("store.cfg").write_text(f"aws_id = {'AKIA' + 'ABCDEFGHIJKLMNOP'}\n", encoding="utf-8")
    return "store.cfg"


def a_private_key() -> str:
    begin = "-----BEGIN " + "RSA PRIVATE KEY-----"
    Path("id.txt").write_text(f"{begin}\n{base64.b64encode(bytes(60)).decode()}\n", "utf-8")
    return "id.txt"


def an_env_file() -> str:
    Path(".env.local").write_text("A=1\n", encoding="utf-8")
    return ".env.local"


def a_path_of_the_home() -> str:
    Path("run.sh").write_text(f"cd {Path.home()}/project\n", encoding="utf-8")
    return "run.sh"


def weights() -> str:
    Path("best.safetensors").write_bytes(b"w" * 100)
    return "best.safetensors"


DISGUISES = (
    renamed_table,
    rows_in_a_notebook,
    a_table_shown_in_a_notebook,
    rows_in_a_test,
    rows_as_parquet,
    rows_packed_by_gzip,
    an_image_in_a_zip_in_a_zip,
    an_image_elsewhere,
    kaggle_json_in_a_folder,
    its_content_under_another_name,
    a_key_in_a_notebook,
    a_key_in_single_quotes,
    a_token_in_a_notebook,
    a_hub_token,
    a_cloud_key,
    a_private_key,
    an_env_file,
    a_path_of_the_home,
    weights,
)


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.__name__)
def test_a_disguise_is_seen_through(guard: Guard, disguise: Callable[[], str]) -> None:
    name = disguise()
    found = guard(name)
    assert found
    assert all(one.startswith(name) for one in found)
    commit("add", "--force", name)
    assert guard() == found, "it is seen when staged, too"


def test_a_clean_project_passes(guard: Guard) -> None:
    assert guard() == []
    assert guard("README.md", "notes.txt") == []


def test_what_a_later_commit_removed_is_still_in_the_history(guard: Guard) -> None:
    Path("upload.py").write_text(f"first = 1\ntoken = '{TOKEN}'\n", encoding="utf-8")
    for message in ("Leak", "Remove it"):
        commit("add", "upload.py")
        commit("commit", "--quiet", "--message", message)
        Path("upload.py").write_text("first = 1\n", encoding="utf-8")
    assert guard("upload.py") == []
    (found,) = guard()
    assert found.startswith("upload.py:2 (commit ")
    assert "filter-repo" in found


def test_what_only_a_merge_brought_is_in_the_history(guard: Guard) -> None:
    commit("switch", "--quiet", "--create", "other")
    commit("commit", "--quiet", "--allow-empty", "--message", "Other")
    commit("switch", "--quiet", "main")
    commit("merge", "--quiet", "--no-ff", "--no-commit", "other")
    Path("upload.py").write_text(f"token = '{TOKEN}'\n", encoding="utf-8")
    commit("add", "upload.py")
    commit("commit", "--quiet", "--message", "Merge")
    commit("rm", "--quiet", "upload.py")
    commit("commit", "--quiet", "--message", "Remove it")
    (found,) = guard()
    assert found.startswith("upload.py:1 (commit ")


def test_a_name_is_seen_even_where_the_same_content_has_another(guard: Guard) -> None:
    for name in ("a.json", "deep/kaggle.json", "z.json"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("{}\n", encoding="utf-8")
    commit("add", "--force", "a.json", "deep", "z.json")
    assert [one.partition(":")[0] for one in guard()] == ["deep/kaggle.json"]
    commit("commit", "--quiet", "--message", "Leak")
    commit("rm", "--quiet", "deep/kaggle.json")
    commit("commit", "--quiet", "--message", "Remove it")
    (found,) = guard()
    assert found.startswith("deep/kaggle.json (commit ")


def test_a_reviewed_exception_holds_for_that_very_file(guard: Guard) -> None:
    name = rows_in_a_test()
    entry = {"file": name, "sha256": hashlib.sha256(Path(name).read_bytes()).hexdigest()}
    allowed = Path(".publish-allow.yaml")
    allowed.write_text(json.dumps({"allow": [entry]}), encoding="utf-8")
    with pytest.raises(Fault, match="reason"):
        guard(name)
    allowed.write_text(json.dumps({"allow": [entry | {"reason": "invented"}]}), encoding="utf-8")
    assert guard(name) == []
    with Path(name).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert guard(name) != []


def test_every_finding_is_named_with_what_to_do(guard: Guard) -> None:
    check([Path("README.md")])
    name = weights()
    with pytest.raises(Fault, match=r"best\.safetensors: a file whose name says weights") as caught:
        check([Path(name)])
    assert hashlib.sha256(Path(name).read_bytes()).hexdigest() in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize(
    "name", ['we"ird.pem', "tab\t.pem", "line\n.pem", "\u2028.pem", b"\xe9.pem"]
)
def test_unusual_names_are_seen_in_git(guard: Guard, name: str | bytes) -> None:
    file = os.fsdecode(name)
    try:
        Path(file).write_text("x\n", encoding="utf-8")
    except OSError:
        pytest.skip("this disk takes no such name")
    commit("add", "--force", file)
    assert [leak.startswith(file) for leak in guard()] == [True]
    commit("commit", "--quiet", "--message", "Leak")
    commit("rm", "--quiet", file)
    commit("commit", "--quiet", "--message", "Remove it")
    assert [leak.startswith(f"{file} (commit ") for leak in guard()] == [True]


def test_a_repository_that_git_does_not_trust_is_not_taken_for_none(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(Fault, match=r"dubious ownership.*git status"):
        guard()


def test_the_weights_of_a_demo_pass_once_the_author_says_that_they_may_be_shared(
    guard: Guard,
) -> None:
    part = Path("reports/demo/parts/model-base-0-0.js")
    part.parent.mkdir(parents=True)
    part.write_text('part("model-base-0",0,"AAAA");\n', encoding="utf-8")
    other = part.with_name("model-base-0-1.js")  # the same model: it is told of once
    other.write_text('part("model-base-0",1,"AAAA");\n', encoding="utf-8")
    (found,) = guard(str(part), str(other))
    assert "trained weights" in found
    assert ".publish-allow.yaml" in found
    Path(".publish-allow.yaml").write_text(
        "weights: {license: apache-2.0, reason: the backbone's licence allows it}\n", "utf-8"
    )
    assert guard(str(part), str(other)) == []
