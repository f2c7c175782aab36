# SPDX-License-Identifier: GPL-3.0-or-later
"""One encoder: front end, projection and transformer; and interpolation over time, which lies between them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .config import EmoTalkConfig, EncoderConfig
from .front_ends import MelFrontEnd, WaveformFrontEnd
from .transformer import Projection, Transformer


class SpeechEncoder(nn.Module):
    """Front end, projection and transformer; whoever calls it interpolates between the two halves."""

    def __init__(self, config: EmoTalkConfig, encoder: EncoderConfig) -> None:
        super().__init__()
        front_end = MelFrontEnd if config.front_end == "mel" else WaveformFrontEnd
        self.feature_extractor = front_end(config.front_end_width)
        self.feature_projection = Projection(config.front_end_width, encoder.width, config.dropout)
        self.encoder = Transformer(encoder, config.dropout)

    @property
    def dtype(self) -> torch.dtype:
        """Number type of the encoder's input and output; its weights may have fewer bits."""
        return self.encoder.layer_norm.weight.dtype

    def rows(self, audio: Tensor, mel_mean: Tensor | None = None) -> Tensor:
        """Front-end rows at 50 Hz: [batch, samples] to [batch, rows, front_end_width]."""
        rows: Tensor = self.feature_extractor(audio, mel_mean)
        return rows

    def transform(self, rows: Tensor) -> Tensor:
        """Projection and transformer: [batch, frames, front_end_width] to [batch, frames, width]."""
        hidden: Tensor = self.encoder(self.feature_projection(rows))
        return hidden


def interpolate_rows(rows: Tensor, positions: Tensor) -> Tensor:
    """Linear interpolation over time: rows [batch, count, width] at float64 positions [frames] within [0, count - 1].

    With positions spread evenly from 0 to count - 1 this is interpolation with align_corners=True.
    """
    positions = positions.clamp(0, rows.shape[1] - 1)
    left = positions.floor().long()
    right = (left + 1).clamp(max=rows.shape[1] - 1)
    weight = (positions - left).to(rows.dtype)[:, None]
    return rows[:, left] * (1 - weight) + rows[:, right] * weight
