"""The report tells what the files hold, in whatever state the project is, and nothing else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from conftest import Package
from sklearn.metrics import accuracy_score

HOSTILE = ["</script><img src=x onerror=alert(1)>", "b|c](javascript:alert(1))", "{" + "{ 7 * 7 }}"]
ROWS = 90
Finished = Callable[..., dict[str, Any]]


class Read(HTMLParser):
    """A page as a browser reads it: its numbers by id, its tags, its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.numbers: dict[str, float] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        if tag == "data" and named.get("id"):
            self.numbers[str(named["id"])] = float(str(named["value"]))

    def handle_data(self, data: str) -> None:
        self.words += data if self.tags[-1:] and self.tags[-1][0] not in ("script", "style") else ""


@pytest.fixture
def finished(
    package: Package,
    contract: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Finished:
    """Makes a finished project of random numbers and works in it; keywords change the contract."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(__file__).parents[1] / "pyproject.toml", "pyproject.toml")
    Path("README.md").write_text(
        "# Mine\n\n<!-- results:start -->\nformer words\n<!-- results:end -->\n\nmore\n",
        encoding="utf-8",
    )

    def make(**changes: Any) -> dict[str, Any]:
        values = {"classes": HOSTILE, "title": HOSTILE[0], **changes}
        made = contract(**values)
        made.save()
        rng = np.random.default_rng(0)
        names = made.classes or made.target_columns
        p = rng.dirichlet(np.ones(max(len(names), 2)), ROWS)[:, : len(names)]
        truth = {
            "classification": rng.integers(0, len(names), (ROWS, 1)),
            "multilabel": rng.integers(0, 2, (ROWS, len(names))),
            "regression": p + rng.normal(0, 0.1, p.shape),
            "translation": rng.choice(["le chat dort", "il pleut ici", HOSTILE[0]], (ROWS, 1)),
        }[made.problem]
        if made.problem == "translation":
            p = rng.choice(["le chat", "il pleut ici", HOSTILE[1]], (ROWS, 1))
        oof = pl.DataFrame({"row": range(ROWS), "id": [str(i) for i in range(ROWS)]}).with_columns(
            pl.col("row").mod(2).alias("fold"),
            *(pl.Series(f"target_{i}", column) for i, column in enumerate(truth.T)),
            *(pl.Series(f"p_{name}", p[:, i]) for i, name in enumerate(names)),
        )
        for folder in ("predictions/blend", "data/processed", "members"):
            Path(folder).mkdir(parents=True)
        oof.write_parquet("predictions/blend/oof.parquet")
        labels = [HOSTILE[i % 3] for i in range(ROWS)]
        columns = dict.fromkeys(made.target_columns, labels)
        if made.problem != "classification":
            right = truth.T if made.problem == "translation" else truth.T.astype(float)
            columns = dict(zip(made.target_columns, right.tolist(), strict=True))
        train = pl.DataFrame({**columns, "fold": oof["fold"]})
        train.write_parquet("data/processed/train.parquet")
        Path("members/base.yaml").write_text("{}\n", encoding="utf-8")
        score = 0.5
        if made.problem == "classification":
            score = float(accuracy_score(truth[:, 0], p.argmax(axis=1)))
        cv = {"metric": made.metric, "score": score, "rows": ROWS, "folds": [score, score / 2]}
        member = {"score": score, "folds": [score], "trained": [0, 1], "weight": 1.0}
        files: dict[str, Any] = {
            "data/processed/prepared.json": {"folds": 2, "fold_kind": "plain", "duplicates": 3},
            "reports/metrics.json": {"cv": cv, "members": {"base": member}},
            "submissions/leaderboard.json": {
                "slug": made.slug,
                "time": "2031-01-02",
                "private": False,
                "teams": 3,
                "scores": [0.9, 0.8, 0.1],
            },
        }
        run = {"finished": True, "seconds": 90.0, "device": "cpu", "devices": 1}
        for fold in range(2):
            place = Path(f"runs/base/fold{fold}")
            files[f"{place}/fold.json"] = run | {"torch": "2", "lightning": "2"}
            (place / "csv/version_0").mkdir(parents=True)
            (place / "csv/version_0/metrics.csv").write_text(
                "epoch,step,train/loss,val/accuracy\n0,9,1.5,\n0,9,,0.25\n1,19,0.5,\n1,19,,0.75\n"
            )
            config = {"model": {"weights": "/home/me/secret/w.pth", "lr": 1.0}}
            (place / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        for name, content in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(json.dumps(content), encoding="utf-8")
        entry = {"slug": made.slug, "state": "complete", "message": HOSTILE[0], "commit": "c0ffee"}
        scores = {"cv": score, "public": 0.8125, "private": 0.75, "rank": 2, "teams": 3}
        return entry | scores | {"time": "2031-01-02T03:04:05+00:00", "dirty": True, "file": "x"}

    return make


@pytest.fixture
def write(package: Package) -> Callable[..., Read]:
    """Runs the report over a ledger and reads the page that it wrote."""
    report = package("portfolio.report").report
    made = package("exhibits").Exhibit

    def run(*ledger: dict[str, Any]) -> Read:
        row = {"n": None} | {f"column {i}": HOSTILE[0] for i in range(12)} | {"other": 1}
        shown = [HOSTILE[0], row, b"picture", [(HOSTILE[0], -0.5)]]

        def inputs(_: Any, rows: list[int]) -> list[Any]:
            return [shown[row % len(shown)] for row in rows]

        bars = [(HOSTILE[0], 0.5), ("other", -0.25)]
        exhibits = [made("Importance", "What counts.", bars=bars)]
        report(list(ledger), inputs, lambda _, rows: exhibits if rows else [])
        return Read(Path("reports/index.html").read_text(encoding="utf-8"))

    return run


def test_the_numbers_are_those_of_the_files(finished: Finished, write: Callable[..., Read]) -> None:
    page = write(finished())
    oof = pl.read_parquet("predictions/blend/oof.parquet")
    answers = oof.select(pl.col("^p_.*$")).to_numpy().argmax(axis=1)
    assert page.numbers["cv"] == accuracy_score(oof["target_0"], answers)
    assert page.numbers["cv-rows"] == page.numbers["rows"] == ROWS
    folds = json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))["cv"]["folds"]
    assert page.numbers["cv-spread"] == pytest.approx(np.std(folds, ddof=1))
    assert (page.numbers["public"], page.numbers["private"]) == (0.8125, 0.75)
    assert (page.numbers["rank"], page.numbers["minutes"]) == (2, 3)
    assert "fold 0" in page.words
    assert "fold 1" in page.words
    assert page.numbers["percentile"] == pytest.approx(200 / 3)


def test_what_is_hostile_stays_text(finished: Finished, write: Callable[..., Read]) -> None:
    Path("reports").mkdir()
    Path("reports/notes.md").write_text(f"<!-- hint -->\n**Limits**: {HOSTILE[0]}\n", "utf-8")
    page = write(finished())
    sources = [named.get("src") or "" for tag, named in page.tags if tag == "img"]
    assert sources
    assert all(source.startswith("data:image/webp") for source in sources)
    assert not [tag for tag, named in page.tags if "onerror" in named]
    assert sum(tag == "script" for tag, _ in page.tags) == 1 + sum(
        named.get("class") == "chart" for _, named in page.tags
    )
    assert ("strong", {}) in page.tags
    assert "hint" not in page.words
    assert "49" not in page.words.split()
    readme = Path("README.md").read_text(encoding="utf-8")
    assert "](javascript:" not in readme.replace("\\]", "")
    assert "<img" not in readme.replace("\\<", "")
    card = Path("MODEL_CARD.md").read_text(encoding="utf-8")
    assert "/home/me" not in card
    assert "w.pth" in card


@pytest.mark.parametrize(
    "changes",
    [
        {"problem": "classification"},
        {"problem": "multilabel", "target_columns": HOSTILE},
        {"problem": "regression", "metric": "rmse", "target_columns": ["y", "z"], "classes": []},
        {"problem": "translation", "metric": "chrf", "target_columns": ["y"], "classes": []},
    ],
    ids=lambda changes: changes["problem"],
)
def test_every_problem_has_a_page_that_needs_nothing_else(
    finished: Finished, write: Callable[..., Read], changes: dict[str, Any]
) -> None:
    if changes["problem"] == "translation":
        pytest.importorskip("sacrebleu")
    page = write(finished(**changes))
    assert Path("reports/index.html").stat().st_size < 2_000_000
    for tag, named in page.tags:
        for key in ("src", "href"):
            address = str(named.get(key) or "#")
            assert address.startswith(("data:", "#")) or tag == "a", (tag, address)
    charts = [named for _, named in page.tags if named.get("role") == "img"]
    assert len(charts) >= 6
    assert all(len(str(named["aria-label"])) > 20 for named in charts)
    assert "Not everything is done" not in page.words


def test_a_row_is_shown_by_the_columns_that_count_most(
    finished: Finished, write: Callable[..., Read]
) -> None:
    words = write(finished()).words
    assert "other" in words
    assert "column 9" in words
    assert "column 10" not in words
    assert "and 2 other columns" in words


def test_examples_lie_all_along_the_values(finished: Finished, write: Callable[..., Read]) -> None:
    kind = {"problem": "regression", "metric": "rmse", "target_columns": ["y"], "classes": []}
    _, words = write(finished(**kind)).words.split("Rows of the training data.")
    examples, *_ = words.split("Training")
    values = pl.read_parquet("data/processed/train.parquet")["y"].sort()
    shown = [value for value in values if str(value) in examples]
    assert 6 <= len(shown) <= 12
    assert shown[0] == values[0]
    assert shown[-1] >= values[-12]


def test_translations_are_scored_by_length_and_by_language(
    package: Package, contract: Callable[..., Any]
) -> None:
    pytest.importorskip("sacrebleu")
    judge = package("portfolio.judge")
    made = contract(problem="translation", metric="chrf", target_columns=["text"], classes=[])
    short, long = "le chat dort", "il pleut ici depuis trois jours"
    oof = pl.DataFrame(
        {"row": [0, 2, 3], "target_0": [short, short, long], "p_text": [short, "non", long]}
    )
    train = pl.DataFrame(
        {
            "language": ["fr", "fr", "be", None],
            "place": ["a", "b", "c", "d"],
            "text": [short, long, short, long],
            "content": ["1", "2", "3", "4"],
        }
    )
    judged = judge.judge(made, oof)
    by = dict(judge.by_group(made, judged, train))
    assert by["By language"].rows()[1] == ("fr", 1, 100.0)
    assert by["By language"]["group"].to_list() == ["be", "fr", "none"]
    lengths = by["By the length of the translation"]
    assert lengths["group"].to_list() == ["up to 5 words", "6 to 10 words"]
    assert lengths["rows"].to_list() == [2, 1]
    assert lengths["chrF"][0] < lengths["chrF"][1] == 100
    assert not {"By text", "By content"} & set(by)


def test_experiments_are_told_also_after_they_were_committed(
    finished: Finished, write: Callable[..., Read]
) -> None:
    entry = finished()
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    dvc = (sys.executable, "-m", "dvc")

    def commit() -> None:
        subprocess.run(["git", "add", "--all"], check=True)
        subprocess.run(["git", *author, "commit", "--quiet", "--message", "Work"], check=True)

    def tried(dropout: float, score: float) -> None:
        text = yaml.safe_dump({"model": {"dropout": dropout}})
        Path("params.yaml").write_text(text, encoding="utf-8")
        metrics = json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))
        metrics["cv"]["score"] = score
        Path("reports/metrics.json").write_text(json.dumps(metrics), encoding="utf-8")

    metrics = [{"reports/metrics.json": {"cache": False}}]
    stage = {"cmd": "echo", "params": ["model"], "metrics": metrics}
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"predict": stage}}), encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*dvc, "init", "--quiet"], check=True)
    tried(0.1, 0.625)
    commit()
    assert "No experiment was run" in write(entry).words
    tried(0.3, 0.875)
    subprocess.run([*dvc, "exp", "save", "--quiet", "--force", "--name", "drier"], check=True)
    commit()
    assert "driermodel.dropout: 0.30.8750.625" in write(entry).words  # cells of a row


def test_work_that_is_not_done_is_named(finished: Finished, write: Callable[..., Read]) -> None:
    finished()
    shutil.rmtree("runs/base/fold1")
    page = write()
    assert "Of member base, 1 of 2 folds are trained." in page.words
    assert "Nothing was submitted yet." in page.words
    assert "public" not in page.numbers
    for name in ("runs", "predictions", "data", "reports", "submissions"):
        shutil.rmtree(name)
    page = write()
    for sentence in (
        "The data is not prepared",
        "nothing is scored out of fold",
        "No submission has a score yet",
        "Nothing is trained yet",
        "The author has written nothing",
    ):
        assert sentence in page.words, sentence
    assert set(page.numbers) == set()
    assert json.loads(Path("reports/card.json").read_text(encoding="utf-8"))["score"]["cv"] is None
    assert "Nothing was submitted yet." in Path("README.md").read_text(encoding="utf-8")


def test_the_cards_say_the_same(finished: Finished, write: Callable[..., Read]) -> None:
    entry = finished()
    write(entry)
    readme = Path("README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Mine\n\n<!-- results:start -->\n")
    assert readme.endswith("<!-- results:end -->\n\nmore\n")
    assert "former words" not in readme
    assert "0.81250" in readme
    assert (Path("reports/plots/score.svg")).read_text(encoding="utf-8").startswith("<svg")
    card = json.loads(Path("reports/card.json").read_text(encoding="utf-8"))
    assert (card["score"]["cv"], card["score"]["rank"]) == (entry["cv"], 2)
    assert len(card["cv_lines"]) == 3
    _, head, _ = Path("MODEL_CARD.md").read_text(encoding="utf-8").split("---\n", 2)
    (model,) = yaml.safe_load(head)["model-index"]
    values = [metric["value"] for result in model["results"] for metric in result["metrics"]]
    assert values == [entry["cv"], 0.8125, 0.75]
    cited = yaml.safe_load(Path("CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)


def test_the_same_facts_give_the_same_bytes(finished: Finished, write: Callable[..., Read]) -> None:
    entry = finished()

    def written() -> dict[str, bytes]:
        write(entry)
        found = [*Path("reports").rglob("*.*"), *Path().glob("*.md"), Path("CITATION.cff")]
        return {path.as_posix(): path.read_bytes() for path in found}

    assert written() == written()
