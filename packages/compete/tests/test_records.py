"""What one command leaves for another is read as it was written, or refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.records import CrossValidation, FoldRun, MemberScore, Prepared, Record, Scores
from compete.submission_records import Leaderboard

CV = CrossValidation("auc", 0.9, "maximize", rows=10, threshold=0.5, folds=[0.8, 1.0])
MEMBER = MemberScore(score=0.9, folds=[0.8, 1.0], trained=[0, 1], weight=1.0)
RECORDS: dict[str, Record] = {
    "data/processed/prepared.json": Prepared("time", 3, "abc", 10, 4, 1, {"train_broken": 2}),
    "runs/größer/fold1/fold.json": FoldRun("f", "größer", 1, True, "abc", {"loss": 0.5}, 3, 1.5),
    "reports/metrics.json": Scores(CV, {"base": MEMBER}),
    "submissions/leaderboard.json": Leaderboard("some", "2030-01-01", True, [0.9, 0.8]),
}


@pytest.fixture(autouse=True)
def _within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_read_as_it_was_written(name: str) -> None:
    record, path = RECORDS[name], Path(name)
    record.write(path)
    assert type(record).read(path) == record


def test_members_without_a_weight_are_not_blended() -> None:
    """Reports say "a blend of 2 models" of those that the predictions are made of."""
    scores = Scores(CV, {"a": MEMBER, "b": replace(MEMBER, weight=0.0), "c": MEMBER})
    assert scores.blended == 2


def test_each_record_has_its_place() -> None:
    for name, record in RECORDS.items():
        record.write(Path(name))
    found = [Prepared.load(), FoldRun.load("größer", 1), Scores.load(), Leaderboard.load()]
    assert found == list(RECORDS.values())
    run = FoldRun("f", "base", 2)
    run.save()
    assert FoldRun.load("base", 2) == run


def test_keys_of_another_version_are_left_out() -> None:
    made = Leaderboard.from_dict(
        {"slug": "some", "time": "now", "private": False, "scores": [], "colour": "blue"}
    )
    assert made == Leaderboard("some", "now", False, [])
    cv = {"metric": "auc", "score": 1, "direction": "", "rows": 1, "threshold": 0, "folds": []}
    member = {"score": 1, "folds": [], "trained": [], "weight": 1, "colour": "blue"}
    scores = Scores.from_dict({"cv": cv | {"colour": "blue"}, "members": {"base": member}})
    assert scores.members["base"].weight == 1


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"cv": 1, "members": 2}', "\xff"])
def test_a_broken_file_is_refused_by_name(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Fault, match=rf"{path.name} is damaged or was edited.*Delete it"):
        type(RECORDS[name]).read(path)


@pytest.mark.parametrize(
    ("record", "text", "problem"),
    [
        (Leaderboard, '{"slug": "s", "time": "t", "private": true, "scores": "0.9"}', "scores: "),
        (Leaderboard, '{"slug": "s", "time": "t", "private": true, "scores": ["x"]}', "scores.0: "),
        (FoldRun, '{"fingerprint": "f", "epochs": "many"}', "epochs: "),
        (FoldRun, '{"fingerprint": "f", "pretrained": {"source": 7, "kind": "hub"}}', "source: "),
        (Prepared, '{"fold_kind": "time", "folds": [3], "digest": "d"}', "folds: "),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_place(
    record: type[Record], text: str, problem: str
) -> None:
    Path("some.json").write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=rf"some.json is damaged .*\(.*{problem}.*Delete it"):
        record.read(Path("some.json"))


def test_what_is_not_there_is_none_and_unprepared_data_a_fault() -> None:
    assert (FoldRun.load("base", 0), Scores.load(), Leaderboard.load()) == (None, None, None)
    with pytest.raises(Fault, match="compete prepare"):
        Prepared.load()


def test_a_fold_is_finished_only_on_these_rows() -> None:
    assert not FoldRun.is_finished("base", 0, "abc")
    FoldRun("f", "base", 0, finished=False, prepared="abc").save()
    assert not FoldRun.is_finished("base", 0, "abc")
    FoldRun("f", "base", 0, finished=True, prepared="abc").save()
    assert FoldRun.is_finished("base", 0, "abc")
    assert not FoldRun.is_finished("base", 0, "other rows")
