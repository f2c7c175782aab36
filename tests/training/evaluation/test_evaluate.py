# SPDX-License-Identifier: GPL-3.0-or-later
"""The evaluation of a network: perfect figures for a perfect one, and a table of all parts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.network.checkpoint import save_checkpoint
from emotalk_blender.network.model import EmoTalk
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.evaluation.clips import MOUTH, EvaluationClip
from emotalk_blender.training.evaluation.emotion_figures import emotion_shows, emotions_heard
from emotalk_blender.training.evaluation.evaluate import Candidate, ClipFigures, evaluate, evaluate_clip
from emotalk_blender.training.evaluation.mesh_error import FaceMesh, read_mesh
from emotalk_blender.training.evaluation.table import table
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.expression import perform
from emotalk_blender.training.rules.loudness import loudness

from ..synthetic_speech import random_phones, sound_of
from ..tiny_corpus import make_corpus, tiny_settings
from .test_mesh_error import made_up_mesh


def talk(seconds: float = 6.0, seed: int = 3) -> EvaluationClip:
    phones = random_phones(np.random.default_rng(seed), seconds)
    samples = sound_of(phones)
    return EvaluationClip("made up", samples, phones, articulate(phones, loudness(samples, phones)).curves)


def teacher(take: EvaluationClip):
    """A network that knows the rules: it gives the take's own face in any emotion."""
    assert take.phones is not None
    speech = articulate(take.phones, loudness(take.samples, take.phones))
    return lambda samples, emotion, intensity: perform(speech, "neutral" if emotion == "voice" else emotion, intensity)


def judged(clip: EvaluationClip, known: EvaluationClip, mesh: FaceMesh | None = None) -> ClipFigures:
    """The figures of the teacher of a clip whose phones are known."""
    return evaluate_clip(clip, teacher(known)(clip.samples, "voice", 1.0), mesh)


def test_a_perfect_network_has_perfect_figures(tmp_path: Path) -> None:
    take = replace(talk(10), known=MOUTH)
    mesh = read_mesh(made_up_mesh(tmp_path / "face.npz"))
    figures = judged(take, take, mesh)
    assert figures.opening.network.all_frames == pytest.approx(1, abs=1e-3)
    assert figures.opening.network.lag == 0
    assert figures.opening.loudness.speech_frames < 0.7
    assert figures.closures.network.closed == 1
    assert figures.closures.true == figures.closures.network
    assert figures.mesh is not None
    assert figures.mesh.network.lve.distance < 0.01
    assert min(part.lve.distance for part in (figures.mesh.loudness, figures.mesh.chance, figures.mesh.rest)) > 0.1
    assert figures.mesh.network.eve is None


def test_only_mouth_channels_that_truly_move_and_are_known_are_judged() -> None:
    take = talk(6)
    channels = judged(take, take).channels
    assert {"jawOpen", "mouthPuckerLeft", "mouthPucker"} & set(channels) == {"jawOpen", "mouthPucker"}
    assert not any(name.startswith(("brow", "eye")) for name in channels)
    assert "mouthFrownLeft" not in channels  # plain speech never moves it
    known = MOUTH & (np.arange(52) != 24)
    assert set(channels) - set(judged(replace(take, known=known), take).channels) == {"jawOpen"}


def test_a_capture_is_judged_by_the_actors_closures() -> None:
    take = replace(talk(20), phones=None, kind="captured")
    figures = judged(take, talk(20))
    assert figures.closures.network.count > 3
    assert figures.closures.network.closed == 1
    assert figures.closures.network.false == 0


def test_set_emotions_show_in_a_network_that_has_them() -> None:
    take = talk(8)
    shows = emotion_shows(teacher(take), take.samples)
    assert set(shows) == set(EMOTIONS[1:])
    for shown in shows.values():
        assert 0.6 < shown.part < 1.3
        assert shown.words > 0.8
        assert shown.mean > 0.1
        assert shown.liveliness > 0.1

    def deaf(samples: np.ndarray, emotion: str, intensity: float) -> np.ndarray:
        return take.curves

    for shown in emotion_shows(deaf, take.samples).values():
        assert shown.part == pytest.approx(0, abs=1e-6)
        assert shown.liveliness < 0.01


def test_emotions_heard_are_counted() -> None:
    heard = emotions_heard([("happy", "happy"), ("happy", "sad"), ("sad", "sad"), ("happy", "happy")])
    assert heard is not None
    assert heard.confusion == {"happy": {"happy": 2, "sad": 1}, "sad": {"sad": 1}}
    assert (heard.count, heard.accuracy, heard.commonest) == (4, 0.75, 0.75)
    assert heard.mean_recall == pytest.approx(5 / 6)
    assert emotions_heard([]) is None


def test_voices_are_heard_where_their_emotion_is_known() -> None:
    take = talk(4)
    takes = [replace(take, emotion="happy"), replace(take, emotion="sad"), take]
    heard = evaluate(takes, teacher(take), hear=lambda samples: "happy").emotions_heard
    assert heard is not None
    assert (heard.count, heard.accuracy) == (2, 0.5)


def test_the_table_names_every_part(tmp_path: Path) -> None:
    take = replace(talk(8), emotion="sad")
    mesh = read_mesh(made_up_mesh(tmp_path / "face.npz"))
    evaluation = evaluate([take], teacher(take), lambda samples: "fear", mesh)
    text = table(evaluation)
    words = ("aligned speech", "made up (8 s)", "loudness", "chance", "mouthSmile", "P B M", "above 8 Hz", "LVE", "EVE")
    for word in (*words, "happy", "heard in 1 voices: right 0 %"):
        assert word in text
    assert "captures" not in text
    assert "LVE" not in table(evaluate([take], teacher(take)))
    assert "beside the actors" in table(evaluate([replace(take, phones=None, kind="captured")], teacher(take)))


def test_a_dash_stands_for_an_eve_that_nobody_knows(tmp_path: Path) -> None:
    take = replace(talk(4), known=MOUTH)
    mesh = read_mesh(made_up_mesh(tmp_path / "face.npz"))
    text = table(evaluate([take], teacher(take), mesh=mesh))
    line = next(line for line in text.splitlines()[::-1] if line.strip().startswith("rest"))
    assert line.split()[-2:] == ["-", "-"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_checkpoint(EmoTalk(tiny_settings().network), path, source="nothing", licence="CC0-1.0")
    return path


def test_a_checkpoint_predicts_and_hears(checkpoint: Path) -> None:
    candidate, samples = Candidate(checkpoint), talk(2).samples
    curves = candidate.predict(samples, "voice", 1.0)
    assert curves.shape == (-(-len(samples) * 30 // 16000), 52)
    assert curves.min() >= 0
    assert curves.max() <= 1
    assert candidate.hear(samples) in EMOTIONS
    other = candidate.predict(samples[: len(samples) // 2].copy(), "voice", 1.0)
    assert len(other) < len(curves)  # what was heard before is not kept for another sound


def test_the_command_prints_a_table_and_writes_json(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6, seconds=2.0)
    mesh, numbers = made_up_mesh(tmp_path / "face.npz"), tmp_path / "figures.json"
    options = ["--corpus", corpus, "--mesh", mesh, "--model", checkpoint, "--json", numbers]
    assert main(["evaluate", *map(str, options)]) == 0
    assert "validation clips" in capsys.readouterr().out
    written = json.loads(numbers.read_text())
    assert [clip["kind"] for clip in written["clips"]] == ["corpus", "corpus"]
    assert written["clips"][0]["mesh"]["network"]["eve"]["distance"] > 0
    assert sum(sum(row.values()) for row in written["emotions_heard"]["confusion"].values()) == 2


def test_the_command_wants_something_to_evaluate_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate"]) == 1
    assert "--captures" in capsys.readouterr().err
