# SPDX-License-Identifier: GPL-3.0-or-later
"""Forced alignment finds the phones of recordings."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.training.speech.alignment import Aligner
from emotalk_blender.training.speech.recordings import WORST_FIT
from emotalk_blender.training.speech.synthesis import missing_synthesisers
from emotalk_blender.training.speech.transcripts import spoken_words

DATA = Path(__file__).parents[2] / "data"
WORDS = spoken_words("Papa bought my mother a big apple pie, and Bob put the map above the lamp.")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None, reason="pocketsphinx is not installed here"
)
needs_espeak = pytest.mark.skipif("espeak-ng" in missing_synthesisers(), reason="espeak-ng is not installed here")


@pytest.fixture(scope="module")
def aligner() -> Aligner:
    return Aligner()


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    samples, _ = soundfile.read(DATA / "labelled_speech.flac", dtype="float32")
    return samples


def test_alignment_finds_the_phones_where_they_are(aligner: Aligner, speech: np.ndarray) -> None:
    true = {(name, round(start, 2)) for name, start, _ in json.loads((DATA / "labelled_speech.json").read_text())}
    found = aligner.align(speech, WORDS)
    assert found is not None
    assert found.phones[-1].end == pytest.approx(len(speech) / 16000)
    near = [
        min(abs(phone.start - start) for name, start in true if name == phone.name)
        for phone in found.phones
        if phone.name in "PBM"
    ]
    assert len(near) >= 10
    assert np.median(near) < 0.04


def test_other_words_fit_worse_or_not_at_all(aligner: Aligner, speech: np.ndarray) -> None:
    true = aligner.align(speech, WORDS)
    other = aligner.align(speech, spoken_words("Seven tall trees shook their green leaves in the wind of the evening."))
    assert true is not None
    assert true.fit > WORST_FIT
    assert other is None or other.fit < WORST_FIT
    assert aligner.align(speech, []) is None


@needs_espeak
def test_words_that_the_dictionary_lacks_are_aligned_as_espeak_says_them(aligner: Aligner, speech: np.ndarray) -> None:
    found = aligner.align(speech, ["peppah" if word == "papa" else word for word in WORDS])
    assert found is not None
    assert found.fit > WORST_FIT
    assert [phone.name for phone in found.phones if phone.name != "SIL"][:3] == ["P", "EH", "P"]
    assert not aligner.knows("'")


def test_the_words_of_a_piece_are_found_in_a_text(aligner: Aligner, speech: np.ndarray) -> None:
    text = ["once", "there", "was", "a", "man", *WORDS, "and", "that", "was", "all", "he", "did"]
    assert aligner.find(speech, text) == (5, 5 + len(WORDS))
