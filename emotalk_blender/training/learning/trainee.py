# SPDX-License-Identifier: GPL-3.0-or-later
"""The network while it learns: rows of a batch through it, with the head that names phones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...errors import EmoTalkError
from ...network.config import EmoTalkConfig
from ...network.emotions import EmotionSetting
from ...network.model import Cut, EmoTalk
from ..corpus.batches import Batch
from ..rules.phones import PHONES
from .losses import Predictions


class Trainee(nn.Module):
    """The network, and the head that names phones while it learns; the head does not travel with the weights."""

    def __init__(self, config: EmoTalkConfig) -> None:
        super().__init__()
        self.network = EmoTalk(config)
        self.phone_head = nn.Linear(config.content_features, len(PHONES))
        if self.network.prototypes is None:
            raise EmoTalkError("Training needs a network with prototypes. Set prototypes in its config.")
        nn.init.normal_(self.network.prototypes, std=0.5)
        nn.init.normal_(self.network.blendshape_map.weight, std=0.01)  # begin at rest
        nn.init.zeros_(self.network.blendshape_map.bias)

    def forward(self, batch: Batch) -> Predictions:
        """The predictions for a batch; see Batch for whose emotion drives which row."""
        network = self.network
        cut = Cut(0, batch.audio.shape[-1])
        sound, mel_mean = heard_rows(network, batch.audio)
        mood_sound, _ = heard_rows(network, batch.mood_audio)
        content = network.content_features(sound, mel_mean, cut=cut)
        hidden, raw = network.emotion_hidden(mood_sound, cut=cut)
        emotion = directed_rows(network, hidden, batch)
        curves = network.fuse_rows(content, emotion, batch.intensity, batch.person)
        return Predictions(curves.float(), self.phone_head(content).float(), network.emotion_logits(raw).float())


def heard_rows(network: EmoTalk, audio: Tensor) -> tuple[Tensor, Tensor | None]:
    """What the encoders hear of clips [rows, samples], each normalised as a clip that is encoded: sound and mel_mean.

    The sound is log-mels [rows, mel frames, 80] for a mel front end, else samples; see EmoTalk.content_features.
    """
    with torch.autocast(audio.device.type, enabled=False):
        found = [network.statistics(row) for row in audio]
        if network.config.front_end != "mel":
            rows = [statistics.apply(network.prepare(row)) for statistics, row in zip(found, audio, strict=True)]
            return torch.stack(rows), None
        mels = [statistics.mels for statistics in found if statistics.mels is not None]
        means = [statistics.mel_mean for statistics in found if statistics.mel_mean is not None]
        return torch.cat(mels), torch.cat(means)


def directed_rows(network: EmoTalk, hidden: Tensor, batch: Batch) -> Tensor:
    """The emotion features that drive each row: its own set to an emotion, or those of its source row.

    hidden: [rows, frames, emotion width], as heard; returns the same shape.
    """
    weights = nn.functional.one_hot(batch.emotion, len(network.config.emotions)).to(hidden.dtype)
    frames = hidden.shape[1]
    rows = []
    for row, is_set in enumerate(batch.is_set.tolist()):
        if not is_set:
            rows.append(hidden[batch.source[row]])
            continue
        wanted = weights[row].expand(frames, -1)
        setting = EmotionSetting.of(
            hidden[row], wanted, network.neutral, network.prototypes, network.classifier.forward
        )
        rows.append(setting.apply(hidden[row], wanted, batch.intensity[row].expand(frames)))
    return torch.stack(rows)
