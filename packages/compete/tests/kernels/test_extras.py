"""Which extras of the engine a project asks for."""

import pytest

from compete.kernels import requirements


def test_an_extra_of_the_project_itself_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {
        "titanic": ["compete[text]", 'compete[lora]; extra == "lora"'],
        "compete": ['sacremoses; extra == "text"', 'peft; extra == "lora"', "polars"],
    }
    monkeypatch.setattr(requirements, "_stated", lambda name: stated[name])
    monkeypatch.setattr(requirements, "_owners", dict)
    asked = requirements.asked_for_others("titanic")
    assert "peft" not in asked
    assert asked["sacremoses"] == "the extra text"
