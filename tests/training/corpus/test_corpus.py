# SPDX-License-Identifier: GPL-3.0-or-later
"""A corpus on disk: sound, labels and manifest are read as they were written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.corpus.corpus import (
    CAPTURE,
    UNKNOWN,
    capture_labels,
    read_labels,
    read_manifest,
    write_labels,
)
from emotalk_blender.training.rules.expression import perform
from emotalk_blender.training.rules.loudness import frame_count
from emotalk_blender.training.rules.phones import PHONES, Phone

from ..tiny_corpus import make_corpus


def test_labels_fit_their_sound_and_make_any_face(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c", clips=3)
    for clip in read_manifest(folder):
        samples, rate = soundfile.read(folder / "sound" / f"{clip.id}.flac")
        labels = read_labels(folder, clip)
        assert rate == 16000
        assert labels.speech.frames == len(labels.phones) == frame_count(len(samples))
        assert perform(labels.speech, "angry", 1.2, 7).shape == (labels.speech.frames, 52)


def test_labels_are_written_anew_as_they_were(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c", clips=2)
    clip = read_manifest(folder)[0]
    before = read_labels(folder, clip)
    (folder / "labels" / f"{clip.id}.safetensors").unlink()
    assert main(["relabel", "--corpus", str(folder), "--processes", "1"]) == 0
    # The sound has been through 16 bit since.
    assert np.allclose(read_labels(folder, clip).speech.curves, before.speech.curves, atol=2e-3)


def test_captured_curves_are_read_as_they_were_and_never_labelled_anew(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c", clips=2)
    first, second = read_manifest(folder)
    rng = np.random.default_rng(0)
    curves = rng.uniform(0, 1, (90, 52)).astype(np.float32)
    captured = np.where(rng.random(52) < 0.5, np.float32(0.25), np.float32(0))
    write_labels(folder, first, capture_labels(curves, captured, []))
    lines = [replace(first, source=CAPTURE, phones=[]), second]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(vars(line)) + "\n" for line in lines))

    assert main(["relabel", "--corpus", str(folder), "--processes", "1"]) == 0
    labels = read_labels(folder, read_manifest(folder)[0])
    assert labels.captured is not None
    assert np.array_equal(labels.captured, captured)
    assert np.allclose(labels.speech.curves, curves, atol=1e-3)
    assert (labels.phones == UNKNOWN).all()
    assert not (
        labels.speech.contact.any() or labels.speech.prosody.activity.any() or labels.speech.prosody.accent.any()
    )


def test_phones_of_captured_curves_are_kept_where_they_are_known(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c", clips=1)
    clip = read_manifest(folder)[0]
    phones = [Phone("SIL", 0.0, 1.0), Phone("AA", 1.0, 3.0)]
    write_labels(folder, clip, capture_labels(np.zeros((90, 52), np.float32), np.ones(52, np.float32), phones))
    labels = read_labels(folder, clip)
    assert labels.captured is not None
    assert [PHONES[index] for index in labels.phones] == ["SIL"] * 30 + ["AA"] * 60


def test_a_folder_that_is_no_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="is no corpus"):
        read_manifest(tmp_path)


def test_manifest_lines_are_plain_json(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path / "c", clips=2)
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        assert entry["emotion"] in EMOTIONS
        assert all(name in PHONES for name, _, _ in entry["phones"])
