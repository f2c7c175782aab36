# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that fits the rules to captured takes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.learning.fit_rules import fit_rules, read_spoken_takes
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.articulation_table import default_table, read_table
from emotalk_blender.training.rules.fitting import FitSettings
from emotalk_blender.training.rules.loudness import loudness

from ..synthetic_speech import RATE, random_phones, sound_of

FEW = FitSettings(steps=6)


def make_up_takes(folder: Path, speakers: int = 2, words: bool = True) -> Path:
    """Takes of faces that go by the rules that come along, with phones beside them."""
    rng = np.random.default_rng(4)
    for speaker in range(speakers):
        place = folder / f"speaker{speaker}"
        place.mkdir(parents=True)
        for number in range(3):
            phones = random_phones(rng, 2.5)
            samples = sound_of(phones)
            curves = articulate(phones, loudness(samples, phones)).curves
            listed = [[phone.name, phone.start, phone.end] for phone in phones]
            told: object = listed
            if words:
                said = [["one", "two", "three"][index % 3] for index in range(len(phones) - 2)]
                told = {
                    "phones": listed,
                    "words": [[word, *entry[1:]] for word, entry in zip(said, listed[1:-1], strict=True)],
                }
            soundfile.write(place / f"take{number}.flac", samples, RATE, subtype="PCM_16")
            np.savez(place / f"take{number}.npz", curves=curves)
            (place / f"take{number}.json").write_text(json.dumps(told))
    return folder


def test_takes_are_read_with_their_speakers_phones_and_words(tmp_path: Path) -> None:
    folder = make_up_takes(tmp_path / "takes")
    (folder / "speaker1" / "take2.json").unlink()
    takes = read_spoken_takes(folder)
    assert [take.capture.speaker for take in takes] == ["speaker0"] * 3 + ["speaker1"] * 2
    assert {word for word, _, _ in takes[0].words} == {"one", "two", "three"}
    first = takes[0].capture
    assert len(first.curves) == len(first.weight)
    assert first.phones[-1].end == pytest.approx(len(first.curves) / 30, abs=0.01)


def test_the_command_writes_a_table_and_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = make_up_takes(tmp_path / "takes"), tmp_path / "table.json"
    assert main(["fit-rules", "--captures", str(folder), "--out", str(out), "--steps", "6"]) == 0
    said = capsys.readouterr().out
    assert "fitted to speaker0; speakers held out: speaker1" in said
    assert "words held out: one" in said
    assert "opening" in said
    table = read_table(out)
    assert "3 captured takes" in table.about
    assert table.phones == default_table().phones
    assert table.shapes != default_table().shapes


def test_rules_that_were_right_follow_the_faces_as_before(tmp_path: Path) -> None:
    fitted = fit_rules(make_up_takes(tmp_path / "takes"), tmp_path / "table.json", settings=FEW)
    before, after = fitted.speakers
    assert before.correlation["jaw"] > 0.99
    assert after.correlation["jaw"] > 0.95
    assert fitted.words is not None
    assert fitted.words[0].correlation["jaw"] > 0.99


def test_without_words_there_is_no_figure_of_words(tmp_path: Path) -> None:
    folder = make_up_takes(tmp_path / "takes", words=False)
    fitted = fit_rules(folder, tmp_path / "table.json", ["speaker0"], FEW)
    assert fitted.words is None
    assert fitted.held_out == ["speaker0"]
    assert fitted.fitted_to == ["speaker1"]


def test_what_cannot_be_fitted_is_refused_in_a_sentence(tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    one = make_up_takes(tmp_path / "one", speakers=1)
    with pytest.raises(EmoTalkError, match="one speaker"):
        fit_rules(one, out)
    two = make_up_takes(tmp_path / "two")
    with pytest.raises(EmoTalkError, match="no speaker speaker7"):
        fit_rules(two, out, ["speaker7"])
    with pytest.raises(EmoTalkError, match="All speakers"):
        fit_rules(two, out, ["speaker0", "speaker1"])
    for file in two.rglob("*.json"):
        file.unlink()
    with pytest.raises(EmoTalkError, match="no takes with phones"):
        fit_rules(two, out)
    with pytest.raises(EmoTalkError, match="no folder"):
        fit_rules(tmp_path / "nowhere", out)
    assert not out.exists()
