# SPDX-License-Identifier: GPL-3.0-or-later
"""A network changes the mood and keeps the words, or is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import EMOTIONS
from emotalk_blender.network.checkpoint import save_checkpoint
from emotalk_blender.network.direction import Direction
from emotalk_blender.network.model import EmoTalk, SpeechFeatures
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.corpus.corpus import Clip, label
from emotalk_blender.training.evaluation.disentangling import (
    UPPER,
    HeardClip,
    choose_clips,
    network_figures,
    pairs,
    read_emotion,
    read_words,
    rules_figures,
    set_another,
    swap,
)
from emotalk_blender.training.rules.expression import perform

from ..synthetic_speech import random_phones, sound_of
from ..tiny_corpus import make_corpus, tiny_settings

MOODS = ("happy", "angry", "surprise", "sad")


def clips(count: int = 4, seconds: float = 3.0, first: int = 0) -> list[HeardClip]:
    """Clips whose content features are the number of the clip and its phones, whose emotion features are the mood."""
    made = []
    for number in range(first, first + count):
        phones = random_phones(np.random.default_rng(number), seconds)
        labels = label(sound_of(phones, number), phones)
        mood = MOODS[number % len(MOODS)]
        clip = Clip(str(number), seconds, "made up", "sines", mood, 1.0, "validation", [])
        frames = labels.speech.frames
        content = torch.nn.functional.one_hot(torch.from_numpy(labels.phones[:frames]), 40).float()
        content = torch.cat([content, torch.full((frames, 1), float(number))], dim=1)
        emotion = torch.full((frames, 1), float(EMOTIONS.index(mood)))
        made.append(HeardClip(clip, labels, SpeechFeatures(content, emotion)))
    return made


class MadeUpNetwork:
    """Decodes the features of `clips` by a function of the clip and an emotion."""

    def __init__(self, heard: list[HeardClip], face: Callable[[HeardClip, str], np.ndarray]) -> None:
        self.config = tiny_settings().network
        self.heard = {float(clip.clip.id): clip for clip in heard}
        self.face = face

    def decode(self, features: SpeechFeatures, direction: Direction) -> Tensor:
        heard = self.heard[float(features.content[0, -1])]
        mood = int(direction.emotion.argmax()) if direction.emotion.any() else int(features.emotion[0, 0])
        return torch.from_numpy(self.face(heard, EMOTIONS[mood])[: features.frames])


def as_taught(heard: HeardClip, mood: str) -> np.ndarray:
    return perform(heard.labels.speech, mood, 1.0)


def unmoved(heard: HeardClip, mood: str) -> np.ndarray:
    return perform(heard.labels.speech, "neutral", 0.0)


def half_way(heard: HeardClip, mood: str) -> np.ndarray:
    return 0.5 * as_taught(heard, mood) + 0.5 * unmoved(heard, mood)


@pytest.mark.parametrize("change", [swap, set_another])
def test_a_network_that_learnt_the_rules_does_as_they_do(change: Callable) -> None:
    heard = clips()
    changes = [change(MadeUpNetwork(heard, as_taught), *pair) for pair in pairs(heard)]
    assert network_figures(changes) == rules_figures(changes)
    assert network_figures(changes).upper_face == pytest.approx(1)
    assert network_figures(changes).mouth > 0.1


@pytest.mark.parametrize("change", [swap, set_another])
def test_a_network_that_is_deaf_to_emotion_changes_nothing(change: Callable) -> None:
    heard = clips()
    found = network_figures([change(MadeUpNetwork(heard, unmoved), *pair) for pair in pairs(heard)])
    assert found.upper_face == 0
    assert found.mouth == 0
    assert found.words == pytest.approx(1)


def test_half_of_an_emotion_is_half() -> None:
    heard = clips()
    found = network_figures([swap(MadeUpNetwork(heard, half_way), *pair) for pair in pairs(heard)])
    assert found.upper_face == pytest.approx(0.5, abs=0.01)


def test_a_network_whose_emotion_brings_other_words_is_found_out() -> None:
    heard = clips()
    by_mood = {clip.clip.emotion: clip for clip in heard}
    entangled = MadeUpNetwork(heard, lambda one, mood: as_taught(by_mood[mood], mood))
    found = network_figures([swap(entangled, *pair) for pair in pairs(heard)])
    assert found.words < 0.6
    assert found.mouth > 0.8


def test_clips_are_paired_with_another_mood() -> None:
    heard = clips(9)
    found = pairs(heard)
    assert [one.clip.id for one, _ in found] == [clip.clip.id for clip in heard]
    assert all(one.clip.emotion != other.clip.emotion for one, other in found)
    assert pairs(heard[:1]) == []


def test_each_branch_is_read_for_what_it_holds() -> None:
    learnt, tested = clips(8), clips(4, first=8)
    assert read_words(learnt, tested, "content").accuracy > 0.95
    assert read_words(learnt, tested, "emotion").accuracy < 0.2
    assert read_emotion(learnt, tested, "emotion").accuracy > read_emotion(learnt, tested, "content").accuracy
    assert read_emotion(learnt, tested, "emotion").commonest == 0.25


def test_the_upper_face_has_no_mouth() -> None:
    assert UPPER.sum() == 5 + 14 + 3 + 2


def test_a_corpus_of_one_mood_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="two moods"):
        choose_clips(make_corpus(tmp_path / "corpus", clips=3, seconds=1.0))


def test_the_command_compares_networks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = make_corpus(tmp_path / "corpus", clips=6, seconds=2.0)
    models = [tmp_path / name for name in ("one.safetensors", "other.safetensors")]
    for model in models:
        save_checkpoint(EmoTalk(tiny_settings().network), model, source="nothing", licence="CC0-1.0")
    numbers = tmp_path / "figures.json"
    arguments = ["disentangle", "--corpus", corpus, "--model", *models, "--json", numbers]
    assert main([str(argument) for argument in arguments]) == 0
    printed = capsys.readouterr().out
    for word in ("one", "other", "rules", "upper face follows", "chance"):
        assert word in printed
    written = json.loads(numbers.read_text())
    assert [row["model"] for row in written] == ["one", "other"]
    assert written[0]["rules_swapped"] == written[1]["rules_swapped"]
