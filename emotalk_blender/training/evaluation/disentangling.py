# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether words and emotion stay apart in a network: its emotion features are changed alone, and both branches are
read by a linear probe.

Where they are apart, other emotion features change the upper face as the rules would and leave the mouth its words;
words can be read from the content features and hardly from the emotion features, emotion the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray, lip_opening
from ...errors import EmoTalkError
from ...inference.performance import EMOTIONS
from ...network.checkpoint import load_checkpoint
from ...network.direction import direct
from ...network.model import EmoTalk, SpeechFeatures
from ..corpus.corpus import Clip, Labels, read_labels, read_manifest, sound_path
from ..rules.expression import perform
from .clips import read_mono
from .figures import correlation
from .linear_probe import Reading, read_classes

LEARNT_CLIPS, TESTED_CLIPS = 350, 200
"""Clips that the probes learn from (of the training split) and are tested on (of the validation split), at most."""
EVERY = 3
"""Every third frame of speech is read by the probes; neighbours hardly differ."""

SPEECH_CHANNELS = [
    CHANNEL[name]
    for name in (
        "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLowerDownLeft", "mouthLowerDownRight",
        "mouthUpperUpLeft", "mouthUpperUpRight", "mouthRollLower", "mouthRollUpper",
    )
]  # fmt: skip
"""Channels that words move most."""
UPPER = np.array([name.startswith(("brow", "eye", "cheek", "nose")) for name in ARKIT_NAMES])
"""Which of the 52 belong to the upper face, bool [52]."""


@dataclass(frozen=True)
class HeardClip:
    """A clip as a network hears it, and its labels; features and labels of one number of frames."""

    clip: Clip
    labels: Labels
    features: SpeechFeatures


@dataclass(frozen=True)
class Change:
    """A face before and after its emotion was changed, and what the rules would change: all [frames, 52]."""

    before: FloatArray
    after: FloatArray
    rules_before: FloatArray
    rules_after: FloatArray


@dataclass(frozen=True)
class ChangeFigures:
    """What changing the emotion does, over some clips.

    mouth: root mean square of the change in parts of each channel's own deviation, averaged over SPEECH_CHANNELS;
    words: correlation of the opening before and after; upper_face: part of the rules' change of it that shows.
    """

    mouth: float
    words: float
    upper_face: float


@dataclass(frozen=True)
class Disentangling:
    """The figures of one network.

    swapped: each clip with another voice's emotion features; set_emotion: its emotion features set to one emotion and
    to another; the rules' own figures beside both. Then how well phones (of frames of speech) and the voice's emotion
    (of clips, from their mean features) are read from each branch.
    """

    model: str
    swapped: ChangeFigures
    rules_swapped: ChangeFigures
    set_emotion: ChangeFigures
    rules_set: ChangeFigures
    words_in_content: Reading
    words_in_emotion: Reading
    emotion_in_content: Reading
    emotion_in_emotion: Reading


def disentangle(model: Path, corpus: Path) -> Disentangling:
    """All figures of one network on a corpus. Raises EmoTalkError where the corpus is too small."""
    network, _ = load_checkpoint(model)
    learnt, tested = ([hear(network, corpus, clip) for clip in clips] for clips in choose_clips(corpus))
    swaps = [swap(network, one, other) for one, other in pairs(tested)]
    sets = [set_another(network, one, other) for one, other in pairs(tested)]
    return Disentangling(
        model.stem,
        network_figures(swaps),
        rules_figures(swaps),
        network_figures(sets),
        rules_figures(sets),
        read_words(learnt, tested, "content"),
        read_words(learnt, tested, "emotion"),
        read_emotion(learnt, tested, "content"),
        read_emotion(learnt, tested, "emotion"),
    )


def choose_clips(corpus: Path) -> tuple[list[Clip], list[Clip]]:
    """The clips to learn from and those to test on, of known words and mood. Raises EmoTalkError for too few."""
    known = [clip for clip in read_manifest(corpus) if clip.phones]
    learnt = _spread([clip for clip in known if clip.split == "train"], LEARNT_CLIPS)
    tested = _spread([clip for clip in known if clip.split == "validation"], TESTED_CLIPS)
    if len({clip.emotion for clip in learnt}) < 2 or len({clip.emotion for clip in tested}) < 2:
        raise EmoTalkError(f"{corpus} is too small: it needs voices in two moods to train on, and to validate.")
    return learnt, tested


def hear(network: EmoTalk, corpus: Path, clip: Clip) -> HeardClip:
    """A clip of a corpus through a network's encoders."""
    features = network.encode(torch.from_numpy(read_mono(sound_path(corpus, clip))))
    return HeardClip(clip, read_labels(corpus, clip), features)


def pairs(clips: Sequence[HeardClip]) -> list[tuple[HeardClip, HeardClip]]:
    """Each clip with one of another mood, half of the clips further on where there is one."""
    found = []
    for index, one in enumerate(clips):
        order = np.roll(np.arange(len(clips)), -(index + len(clips) // 2))
        other = next((clips[place] for place in order if clips[place].clip.emotion != one.clip.emotion), None)
        if other is not None:
            found.append((one, other))
    return found


def swap(network: EmoTalk, one: HeardClip, other: HeardClip) -> Change:
    """One clip with its own, and with the other's emotion features (From Voice), as long as the shorter of them."""
    frames = min(one.features.frames, other.features.frames)
    voice = direct(network.config)
    content = one.features.content[:frames]
    own, lent = (SpeechFeatures(content, clip.features.emotion[:frames]) for clip in (one, other))
    return Change(
        network.decode(own, voice).numpy(),
        network.decode(lent, voice).numpy(),
        perform(one.labels.speech, one.clip.emotion, one.clip.strength)[:frames],
        perform(one.labels.speech, other.clip.emotion, other.clip.strength)[:frames],
    )


def set_another(network: EmoTalk, one: HeardClip, other: HeardClip) -> Change:
    """One clip set to its voice's emotion, and set to the other's, both at intensity 1."""
    faces = [network.decode(one.features, direct(network.config, heard.clip.emotion)).numpy() for heard in (one, other)]
    rules = [perform(one.labels.speech, heard.clip.emotion, 1.0)[: one.features.frames] for heard in (one, other)]
    return Change(faces[0], faces[1], rules[0], rules[1])


def network_figures(changes: Sequence[Change]) -> ChangeFigures:
    """The figures of the network's changes."""
    return _figures(changes, [(change.before, change.after) for change in changes])


def rules_figures(changes: Sequence[Change]) -> ChangeFigures:
    """The figures of what the rules would change: a network that has learnt all they teach has these."""
    return _figures(changes, [(change.rules_before, change.rules_after) for change in changes])


def read_words(learnt: Sequence[HeardClip], tested: Sequence[HeardClip], branch: str) -> Reading:
    """How well phones are read from a branch ("content" or "emotion") in the frames of speech."""
    (features, phones), (others, their_phones) = (_spoken(part, branch) for part in (learnt, tested))
    return read_classes(features, phones, others, their_phones)


def read_emotion(learnt: Sequence[HeardClip], tested: Sequence[HeardClip], branch: str) -> Reading:
    """How well the voice's emotion is read from the mean of a branch's features over each clip."""
    (features, emotions), (others, their_emotions) = (_mean_features(part, branch) for part in (learnt, tested))
    return read_classes(features, emotions, others, their_emotions)


def table(rows: Sequence[Disentangling]) -> str:
    """The figures of some networks on one corpus, as text to read."""
    lines = []
    for title, own, rules in (
        ("another voice's emotion features", "swapped", "rules_swapped"),
        ("another emotion set", "set_emotion", "rules_set"),
    ):
        lines.append(f"{title:34s}{'mouth moves':>13s}{'words stay':>12s}{'upper face follows':>20s}")
        shown = [(row.model, getattr(row, own)) for row in rows] + [("rules", getattr(rows[0], rules))]
        for name, change in shown:
            lines.append(f"  {name:32s}{change.mouth:13.2f}{change.words:12.2f}{100 * change.upper_face:19.0f}%")
    lines.append(f"{'':34s}{'words, read from':>30s}{'emotion, read from':>30s}")
    lines.append(f"{'linear probe':34s}" + f"{'content':>12s}{'emotion':>9s}{'chance':>9s}" * 2)
    for row in rows:
        readings = (row.words_in_content, row.words_in_emotion, row.emotion_in_content, row.emotion_in_emotion)
        parts = [100 * reading.accuracy for reading in readings]
        chances = [100 * row.words_in_content.commonest, 100 * row.emotion_in_content.commonest]
        lines.append(
            f"  {row.model:32s}{parts[0]:11.0f}%{parts[1]:8.0f}%{chances[0]:8.0f}%"
            f"{parts[2]:11.0f}%{parts[3]:8.0f}%{chances[1]:8.0f}%"
        )
    return "\n".join(lines) + "\n"


def _spread(clips: Sequence[Clip], most: int) -> list[Clip]:
    """At most so many of the clips, evenly."""
    return [clips[round(place)] for place in np.linspace(0, len(clips) - 1, min(most, len(clips)))]


def _figures(changes: Sequence[Change], faces: Sequence[tuple[FloatArray, FloatArray]]) -> ChangeFigures:
    """The figures of faces before and after, beside the rules' change of the upper face."""
    before, after = (np.concatenate([pair[side] for pair in faces]) for side in (0, 1))
    moved = np.sqrt(np.square(after - before).mean(axis=0))[SPEECH_CHANNELS]
    own = np.maximum(before.std(axis=0)[SPEECH_CHANNELS], 1e-6)
    shown = np.array([(pair[1] - pair[0]).mean(axis=0)[UPPER] for pair in faces])
    meant = np.array([(change.rules_after - change.rules_before).mean(axis=0)[UPPER] for change in changes])
    return ChangeFigures(
        mouth=float((moved / own).mean()),
        words=float(np.mean([correlation(lip_opening(pair[0]), lip_opening(pair[1])) for pair in faces])),
        upper_face=float((shown * meant).sum() / np.square(meant).sum()),
    )


def _spoken(clips: Sequence[HeardClip], branch: str) -> tuple[Tensor, Tensor]:
    """A branch's features [examples, width] and the phones [examples] of every third frame of speech."""
    features, phones = [], []
    for heard in clips:
        chosen = np.flatnonzero(heard.labels.phones[: heard.features.frames])[::EVERY]
        features.append(getattr(heard.features, branch)[torch.from_numpy(chosen)])
        phones.append(torch.from_numpy(heard.labels.phones[chosen]))
    return torch.cat(features), torch.cat(phones)


def _mean_features(clips: Sequence[HeardClip], branch: str) -> tuple[Tensor, Tensor]:
    """A branch's mean features of each clip [clips, width], and the emotions of the voices [clips]."""
    means = torch.stack([getattr(heard.features, branch).mean(dim=0) for heard in clips])
    return means, torch.tensor([EMOTIONS.index(heard.clip.emotion) for heard in clips])
