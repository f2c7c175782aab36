# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of rows: which clips, voices and captured faces they hold, and in what shares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.curves import CHANNEL
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.corpus.batches import (
    BatchSources,
    CorpusReader,
    Crop,
    RowShares,
    assemble,
    clip_weights,
    draw_batch,
    spread_of_targets,
)
from emotalk_blender.training.corpus.corpus import UNKNOWN, Clip, Labels
from emotalk_blender.training.rules.articulation import Speech
from emotalk_blender.training.rules.prosody import no_prosody

from ..tiny_corpus import add_captures, make_corpus

FRAMES = 30


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("corpus") / "c")


def crop(captured: bool = False) -> Crop:
    """A crop of silence; a captured one has its jaw open and nothing else captured."""
    flat = np.zeros(FRAMES, np.float32)
    curves = np.zeros((FRAMES, 52), np.float32)
    mask = None
    phones = np.zeros(FRAMES, np.int64)
    if captured:
        curves[:, 24] = 0.4
        mask = (np.arange(52) == 24).astype(np.float32)
        phones -= 1
    labels = Labels(Speech(curves, flat, no_prosody(FRAMES)), phones, mask)
    audio = np.zeros(FRAMES * 16000 // 30, np.float32)
    return Crop(audio, audio, labels, "neutral", 0.0)


@given(st.integers(1, 16), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**16))
def test_rows_have_tasks_by_their_shares(size: int, set_share: float, cross_share: float, seed: int) -> None:
    rows = assemble([crop() for _ in range(size)], np.random.default_rng(seed), RowShares(set_share, cross_share))
    assert int(rows.is_set.sum()) == round(set_share * size)
    swapped = rows.source != torch.arange(size)
    assert int(swapped.sum()) <= round(cross_share * size)
    assert not (swapped & rows.is_set).any()


def test_without_cross_reconstruction_every_row_has_its_own_voice() -> None:
    rows = assemble([crop() for _ in range(8)], np.random.default_rng(0), RowShares(set=0.0, cross=0.0))
    assert torch.equal(rows.source, torch.arange(8))
    assert not rows.is_set.any()


def test_a_captured_row_keeps_the_actors_face_and_says_what_is_unknown() -> None:
    crops = [crop(), crop(), *[crop(captured=True) for _ in range(90)]]
    rows = assemble(crops, np.random.default_rng(0), RowShares(set=0.5, cross=0.5))
    assert rows.known[:2].min() == 1
    assert rows.known[2:, 24].min() == 1
    plain = rows.emotion == 0
    plain[:2] = False
    assert torch.allclose(rows.target[plain][:, :, 24], torch.tensor(0.4))
    assert rows.known[plain].sum() == plain.sum()
    assert (rows.is_set | plain)[2:].all(), "an emotion shows on a captured voice only where it is set"
    happy = rows.emotion == EMOTIONS.index("happy")
    assert happy[2:].any()
    smile = CHANNEL["mouthSmileLeft"]
    assert rows.known[happy][:, smile].min() == 1
    strong = happy & (rows.intensity > 0.5)
    assert rows.target[strong][:, :, smile].min() > 0.2
    assert rows.known[2:, CHANNEL["eyeBlinkLeft"]].max() == 0
    assert (rows.voice[2:] == UNKNOWN).all()
    assert (rows.phones[2:] == UNKNOWN).all()
    assert (rows.person[2:] == 0).all()
    assert (rows.source[:2] < 2).all(), "no voice of unknown mood drives another row"


def test_a_channel_weighs_as_much_as_its_capture_is_trusted() -> None:
    half = crop(captured=True)
    assert half.labels.captured is not None
    half = replace(half, labels=replace(half.labels, captured=half.labels.captured * np.float32(0.5)))
    rows = assemble([half], np.random.default_rng(0), RowShares())
    plain = rows.known[rows.emotion == 0]
    assert torch.equal(plain[:, 24], torch.full_like(plain[:, 24], 0.5))


def test_a_voice_of_an_hour_does_not_drown_those_of_a_minute() -> None:
    def clip(source: str, voice: str, seconds: float) -> Clip:
        return Clip("0", seconds, source, voice, "neutral", 0.0, "train", [])

    clips = [clip("recording", "long", 3600.0), *[clip("recording", f"short {number}", 36.0) for number in range(100)]]
    clips += [clip("flite", "slt", 1800.0), clip("flite", "slt", 1800.0)]
    weights = clip_weights(clips)
    assert weights.sum() == pytest.approx(1)
    assert weights[-2:].sum() == pytest.approx(1 / 3), "a source is heard by its seconds"
    assert weights[0] == pytest.approx(10 * weights[1]), "a voice by the root of its own"
    assert len(clip_weights([])) == 0


def test_captures_are_drawn_by_their_share(corpus: Path) -> None:
    spoken = CorpusReader(corpus, "train")
    rng = np.random.default_rng(0)
    sources = BatchSources(spoken, CorpusReader(corpus, "train", True))
    assert draw_batch(sources, 8, FRAMES, rng, RowShares(captured=0.25)).known.all()
    assert not CorpusReader(corpus, "train", captured=True).clips


def test_a_captured_stretch_is_filled_with_clips_of_the_same_voice(tmp_path: Path) -> None:
    folder = add_captures(make_corpus(tmp_path / "c"), {"ann": 2, "ben": 1})
    reader = CorpusReader(folder, "train", captured=True, persons={"ann": 24, "ben": 25})
    rng = np.random.default_rng(0)
    persons = set()
    for _ in range(60):
        drawn = reader.random_crop(300, rng)
        persons.add(drawn.person)
        assert len(drawn.audio) == len(drawn.mood_audio) == 300 * 16000 // 30
        assert len(drawn.labels.speech.curves) == len(drawn.labels.speech.prosody.activity) == 300
        assert drawn.labels.captured is not None, "no made-up silence is taken for a performance"
        speaking = (drawn.labels.phones > 0).reshape(10, 30).any(axis=1)
        assert speaking.all(), "no second of it is beyond the end of a clip"
    assert persons == {24, 25}


def test_channels_are_measured_by_what_rules_and_actors_do(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c")
    spoken = CorpusReader(folder, "train")
    without = spread_of_targets(spoken, CorpusReader(folder, "train", captured=True))
    captured = CorpusReader(add_captures(folder, {"ann": 2}), "train", captured=True)
    for labels in captured.labels:
        labels.speech.curves[::2, CHANNEL["mouthShrugUpper"]] = 0.8
    found = spread_of_targets(spoken, captured)
    assert (found >= without).all()
    assert found[CHANNEL["mouthShrugUpper"]] > 0.3
