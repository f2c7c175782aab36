# SPDX-License-Identifier: GPL-3.0-or-later
"""From speech to weights with the commands of the README, on inputs of seconds."""

from __future__ import annotations

import importlib.util
import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.network.checkpoint import read_info
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.corpus.corpus import read_manifest
from emotalk_blender.training.speech.synthesis import missing_synthesisers

from .captures.made_up_films import brightness, find_faces, write_film
from .tiny_corpus import make_corpus, tiny_settings

missing = [*missing_synthesisers(), *([] if importlib.util.find_spec("pyworld") else ["pyworld"])]


def run(*arguments: object) -> None:
    assert main([str(argument) for argument in arguments]) == 0


def test_capture_makes_takes_of_films_and_says_which_it_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("av")
    monkeypatch.setattr(
        "emotalk_blender.training.captures.face_tracker.face_tracker", lambda model, shapes: nullcontext(find_faces)
    )
    monkeypatch.setattr("emotalk_blender.training.captures.preview.HEIGHT", 60)
    times = np.arange(50) / 25
    films, takes = tmp_path / "films", tmp_path / "takes"
    films.mkdir()
    write_film(films / "good.mp4", brightness(0.4 * np.maximum(np.sin(6.28 * times), 0)), times)
    run("capture", films, "--out", takes, "--speaker", "ann", "--preview")
    assert sorted(file.name for file in (takes / "ann").glob("*.*")) == ["good.flac", "good.npz", "good.preview.mp4"]
    assert f"good.mp4: {takes / 'ann' / 'good.npz'}" in capsys.readouterr().out
    (films / "bad.mp4").write_text("no film", encoding="utf-8")
    assert main(["capture", str(films), "--out", str(takes), "--speaker", "ann"]) == 1
    told = capsys.readouterr()
    assert "good.npz" in told.out
    assert "bad.mp4 cannot be read as a film" in told.err


def test_capture_says_where_the_tracker_is_to_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "film.mp4").touch()
    assert main(["capture", str(tmp_path), "--out", str(tmp_path), "--tracker", str(tmp_path / "no.task")]) == 1
    assert "Download face_landmarker.task from https://" in capsys.readouterr().err


@pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")
def test_corpus_makes_speech_and_says_how_much(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "corpus"
    run("corpus", "--out", folder, "--hours", 0.002, "--seed", 3, "--processes", 1)
    clips = read_manifest(folder)
    assert f"{len(clips)} clips" in capsys.readouterr().out
    assert all((folder / "sound" / f"{clip.id}.flac").is_file() for clip in clips)
    settings = json.loads((folder / "corpus.json").read_text())
    assert settings["seed"] == 3
    assert "flite" in settings["sources"]


def test_train_export_and_evaluate_one_after_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6, seconds=2.0)
    settings, first, second = tmp_path / "settings.json", tmp_path / "first", tmp_path / "second"
    settings.write_text(tiny_settings(steps=3).to_json(), encoding="utf-8")
    weights = [tmp_path / "first.safetensors", tmp_path / "second.safetensors"]
    run("train", "--corpus", corpus, "--out", first, "--settings", settings)
    told = ["--licence", "CC0-1.0", "--source", "made-up sines"]
    run("export", "--run", first, "--corpus", corpus, "--out", weights[0], *told)
    run("train", "--corpus", corpus, "--out", second, "--settings", settings, "--base", weights[0], "--seed", 1)
    run("export", "--run", second, "--corpus", corpus, "--out", weights[1], *told)
    assert read_info(weights[1]).source == "made-up sines"
    assert weights[0].read_bytes() != weights[1].read_bytes()
    capsys.readouterr()
    run("evaluate", "--corpus", corpus, "--model", weights[1])
    table = capsys.readouterr().out
    for word in ("opening", "loudness", "chance", "closures", "movement above 8 Hz", "happy"):
        assert word in table
    kept = json.loads((second / "settings.json").read_text())
    assert len(kept["base"]) == 64
    assert [json.loads(line)["step"] for line in (second / "log.jsonl").read_text().splitlines()] == [3]


def test_a_command_ends_with_a_sentence_where_it_cannot_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--corpus", str(tmp_path / "none"), "--out", str(tmp_path / "run")]) == 1
    assert "no corpus" in capsys.readouterr().err
    assert main(["corpus", "--out", str(tmp_path / "c"), "--hours", "0"]) == 1
    assert "more than 0 hours" in capsys.readouterr().err
