# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.training.articulation import frame_count
from emotalk_blender.training.corpus import make_corpus, plan, plausible, read_labels, read_manifest, relabel
from emotalk_blender.training.expression import perform
from emotalk_blender.training.phones import BILABIALS, LABIODENTALS, PHONES
from emotalk_blender.training.sentences import sentence
from emotalk_blender.training.synthesis import FLITE_VOICES, Utterance, espeak, missing_synthesisers, speak_flite
from emotalk_blender.training.voices import join, mood, revoice

from .made_up import in_time, make_up_corpus, random_phones, sound_of

needs_synthesisers = pytest.mark.skipif(
    bool(missing_synthesisers()), reason=f"not installed here: {', '.join(missing_synthesisers())}"
)
needs_world = pytest.mark.skipif(importlib.util.find_spec("pyworld") is None, reason="pyworld is not installed here")


def utterance(seconds: float = 2.0) -> Utterance:
    phones = random_phones(np.random.default_rng(2), seconds)
    return Utterance(sound_of(phones), phones)


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_made_up_sentences_differ_and_repeat_with_their_seed() -> None:
    first, again = ([sentence(np.random.default_rng([seed, 1])) for seed in range(50)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 45
    assert not any("{" in text for text in first)


def test_a_plan_keeps_to_the_hours(tmp_path: Path) -> None:
    recordings = [(f"r{number}", utterance(6.0)) for number in range(10)]
    tasks = plan(tmp_path, 1.0, 0, recordings)
    recorded = sum(task.recording.seconds for task in tasks if task.recording)
    assert recorded == pytest.approx(0.3 * 3600, rel=0.1)
    assert [task.number for task in tasks] == list(range(len(tasks)))
    assert sum(task.plain for task in tasks) == len(recordings)
    held_out = {task.voice for task in tasks if task.split == "validation" and task.recording}
    trained = {task.voice for task in tasks if task.split == "train" and task.recording}
    assert held_out
    assert not held_out & trained


def test_impossible_alignments_are_refused() -> None:
    assert plausible(in_time(["SIL", "AA", "T", "IY"], [0.5, 0.1, 0.08, 0.12]))
    assert not plausible(in_time(["AA", "T", "IY"], [1.2, 0.08, 0.12]))
    assert not plausible(in_time(["AA", "T", "IY"], [0.02, 0.02, 0.02]))
    assert not plausible(in_time(["SIL"], [1.0]))


def test_joined_utterances_keep_their_times() -> None:
    one = utterance(1.0)
    both = join([one, one], [0.5, 0.25, 1.0])
    assert both.seconds == pytest.approx(2 * one.seconds + 1.75, abs=1e-3)
    assert both.phones[0].start == pytest.approx(0.5)
    assert both.phones[len(one.phones)].start == pytest.approx(0.75 + one.seconds, abs=1e-3)
    assert not both.samples[:8000].any()


@needs_world
def test_a_new_voice_keeps_the_words_in_time() -> None:
    old = utterance(3.0)
    slow = revoice(old, mood("sad", 1.0), 1.1, np.random.default_rng(0))
    assert slow.seconds > 1.15 * old.seconds
    assert [phone.name for phone in slow.phones] == [phone.name for phone in old.phones]
    assert slow.phones[-1].end == pytest.approx(slow.seconds)
    # The sound still falls silent where the phones do.
    power = np.array([np.square(slow.samples[int(p.start * 16000) : int(p.end * 16000)]).mean() for p in slow.phones])
    assert power[0] < 0.05 * power[1:-1].mean()


def test_moods_grow_with_their_strength() -> None:
    for emotion in EMOTIONS[1:]:
        assert mood(emotion, 0.0) == mood("neutral", 1.0)
        assert abs(np.log(mood(emotion, 1.0).pitch)) > abs(np.log(mood(emotion, 0.5).pitch)) > 0


@needs_synthesisers
def test_both_synthesisers_say_when_their_phones_start() -> None:
    text = "Papa bought my mother five maps."
    for spoken in (speak_flite(text, FLITE_VOICES[3]), espeak().speak(text, "en-us+f3")):
        names = [phone.name for phone in spoken.phones]
        assert names.count("P") >= 3
        assert set(names) <= set(PHONES)
        assert set(names) & (BILABIALS | LABIODENTALS)
        assert spoken.phones[-1].end == pytest.approx(spoken.seconds, abs=1e-3)
        loud = np.square(spoken.samples).mean()
        for phone in spoken.phones:
            part = spoken.samples[int(phone.start * 16000) : int(phone.end * 16000)]
            if phone.name in ("AA", "AO", "AY") and len(part):
                assert np.square(part).mean() > 0.3 * loud


@needs_synthesisers
@needs_world
def test_the_same_seed_gives_the_same_corpus_with_any_number_of_processes(tmp_path: Path) -> None:
    make_corpus(tmp_path / "one", 0.01, 5, processes=1)
    make_corpus(tmp_path / "two", 0.01, 5, processes=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    make_corpus(tmp_path / "other", 0.01, 6, processes=2)
    assert contents(tmp_path / "one")["sound/000000.flac"] != contents(tmp_path / "other")["sound/000000.flac"]


@needs_synthesisers
@needs_world
def test_a_stopped_corpus_goes_on(tmp_path: Path) -> None:
    make_corpus(tmp_path / "c", 0.01, 5)
    whole = contents(tmp_path / "c")
    manifest = tmp_path / "c" / "manifest.jsonl"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(lines[:2]) + "\n" + lines[2][:40])
    for name in ("sound", "labels"):
        for path in sorted((tmp_path / "c" / name).iterdir())[2:]:
            path.unlink()
    make_corpus(tmp_path / "c", 0.01, 5)
    assert contents(tmp_path / "c") == whole
    with pytest.raises(EmoTalkError, match="other settings"):
        make_corpus(tmp_path / "c", 0.02, 5)


def test_labels_fit_their_sound_and_make_any_face(tmp_path: Path) -> None:
    folder = make_up_corpus(tmp_path / "c", clips=3)
    for clip in read_manifest(folder):
        samples, rate = soundfile.read(folder / "sound" / f"{clip.id}.flac")
        labels = read_labels(folder, clip)
        assert rate == 16000
        assert labels.speech.frames == len(labels.phones) == frame_count(len(samples))
        assert perform(labels.speech, "angry", 1.2, 7).shape == (labels.speech.frames, 52)


def test_labels_are_written_anew_as_they_were(tmp_path: Path) -> None:
    folder = make_up_corpus(tmp_path / "c", clips=2)
    clip = read_manifest(folder)[0]
    before = read_labels(folder, clip)
    (folder / "labels" / f"{clip.id}.safetensors").unlink()
    relabel(folder)
    # The sound has been through 16 bit since.
    assert np.allclose(read_labels(folder, clip).speech.curves, before.speech.curves, atol=2e-3)


def test_a_folder_that_is_no_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="is no corpus"):
        read_manifest(tmp_path)


def test_manifest_lines_are_plain_json(tmp_path: Path) -> None:
    folder = make_up_corpus(tmp_path / "c", clips=2)
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        entry = json.loads(line)
        assert entry["emotion"] in EMOTIONS
        assert all(name in PHONES for name, _, _ in entry["phones"])
