"""What is recognised of our own texts. The floors only rise: who lowers one says why in the commit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.corpus.evaluate import main
from tests.corpus.measure import Measured, Share, by_kind, by_level, everything, measure
from tests.corpus.texts import OURS, read

_RECALL = {"en": 0.99, "es": 0.99}
_IMMINENT = {"en": 0.985, "es": 0.995}
_EVERY_KIND = {"en": 0.94, "es": 0.91}
_FALSE_ALARMS = {"en": 0.002, "es": 0.002}
_FIGURATIVE = {"en": 0.005, "es": 0.005}


@cache
def _measured() -> Measured:
    return measure(read(OURS))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_people_in_danger_are_referred(lang: str) -> None:
    assert _measured().recall(everything, lang)["all"].value >= _RECALL[lang]
    assert _measured().recall(by_level, lang)["imminent"].value >= _IMMINENT[lang]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_kind_of_danger_is_left_behind(lang: str) -> None:
    shares = _measured().recall(by_kind, lang)

    assert {kind: str(share) for kind, share in shares.items() if share.value < _EVERY_KIND[lang]} == {}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_people_who_mean_no_harm_are_left_alone(lang: str) -> None:
    alarms = _measured().false_alarms(by_kind, lang)

    assert _measured().false_alarms(everything, lang)["all"].value <= _FALSE_ALARMS[lang]
    assert alarms["everyday"].value <= 0.003
    assert alarms["figurative"].value <= _FIGURATIVE[lang]


def test_a_share_says_how_sure_it_is() -> None:
    low, high = Share(98, 100).interval

    assert low == pytest.approx(0.930, abs=0.001)
    assert high == pytest.approx(0.994, abs=0.001)
    assert Share(0, 0).interval == (0.0, 1.0)


def test_a_service_measures_itself_without_showing_a_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "texts.jsonl").write_text(
        '{"text": "i want to die", "label": "crisis"}\n{"text": "purple elephants", "label": "benign"}\n{"text": "unlabelled"}\n'
    )

    assert main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "1/1 = 100.0%" in said
    assert "elephants" not in said
    assert "jsonl" not in said


def test_a_folder_without_labelled_texts_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "no JSONL file" in capsys.readouterr().err
