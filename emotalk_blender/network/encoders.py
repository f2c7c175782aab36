# SPDX-License-Identifier: GPL-3.0-or-later
"""From a waveform to features: front ends, interpolation over time, and the wav2vec 2.0 transformer."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn
from transformers.audio_utils import mel_filter_bank
from transformers.models.wav2vec2.configuration_wav2vec2 import Wav2Vec2Config
from transformers.models.wav2vec2.modeling_wav2vec2 import (
    Wav2Vec2EncoderStableLayerNorm,
    Wav2Vec2FeatureEncoder,
    Wav2Vec2FeatureProjection,
)

from .config import SAMPLE_RATE, EmoTalkConfig, EncoderConfig
from .grid import REACH

MELS = 80
MEL_HOP = 160
LOG_FLOOR = 1e-4
LOG_SCALE = 4.0  # brings the logs of a clip at normalised level to about [-2, 2]


def wav2vec2_config(encoder: EncoderConfig, front_end_width: int, dropout: float) -> Wav2Vec2Config:
    """The wav2vec 2.0 config (large, XLSR-53 layout) of one encoder; attention without attention maps."""
    return Wav2Vec2Config(
        hidden_size=encoder.width,
        num_hidden_layers=encoder.layers,
        num_attention_heads=encoder.heads,
        intermediate_size=encoder.feed_forward,
        conv_dim=(front_end_width,) * 7,
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=encoder.position_kernel,
        num_conv_pos_embedding_groups=encoder.position_groups,
        hidden_dropout=dropout,
        attention_dropout=dropout,
        activation_dropout=dropout,
        feat_proj_dropout=dropout,
        layerdrop=0.0,
        attn_implementation="sdpa",
    )


@cache
def _mel_filters() -> Tensor:
    """Triangular mel filters, float32 [201, 80]."""
    filters = mel_filter_bank(REACH // 2 + 1, MELS, 20.0, 7600.0, SAMPLE_RATE, norm=None, mel_scale="htk")
    return torch.from_numpy(filters).float()


def log_mels(audio: Tensor) -> Tensor:
    """Log-mel energies: [batch, samples] to [batch, mel frames (100 Hz), 80]; unit white noise gives about 0.5."""
    window = torch.hann_window(REACH, device=audio.device)
    frames = audio.unfold(-1, REACH, MEL_HOP) * window
    power = torch.fft.rfft(frames).abs().square() / window.square().sum()
    return torch.log(power @ _mel_filters().to(audio.device) + LOG_FLOOR) / LOG_SCALE


def speech_mean(mels: Tensor) -> Tensor:
    """Mean log-mel over the louder frames of each clip: [batch, frames, 80] to [batch, 1, 80].

    Loud is above the middle between the quietest and loudest frames, so that pauses do not shift the mean.
    """
    level = mels.mean(dim=-1)
    middle = (level.amin(dim=1, keepdim=True) + level.amax(dim=1, keepdim=True)) / 2
    loud = (level >= middle).to(mels.dtype)[..., None]
    return (mels * loud).sum(dim=1, keepdim=True) / loud.sum(dim=1, keepdim=True).clamp(min=1)


class MelFrontEnd(nn.Module):
    """80 log-mels at 100 Hz and two convolutions to 50 Hz; a row sees the samples that a wav2vec 2.0 row sees."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList(
            [nn.Conv1d(MELS, width, 3, padding=1), nn.Conv1d(width, width, 3, stride=2, padding=1)]
        )

    def forward(self, audio: Tensor, mel_mean: Tensor | None = None) -> Tensor:
        """[batch, samples] to [batch, rows (50 Hz), width]; mel_mean [batch, 1, 80] is subtracted where given."""
        mels = log_mels(audio)
        if mel_mean is not None:
            mels = mels - mel_mean
        hidden = mels.transpose(1, 2)
        for layer in self.conv_layers:
            hidden = nn.functional.gelu(layer(hidden))
        return hidden.transpose(1, 2)


class WaveformFrontEnd(Wav2Vec2FeatureEncoder):  # type: ignore[misc]  # transformers has no types
    """The seven convolutions of wav2vec 2.0."""

    def forward(self, audio: Tensor, mel_mean: Tensor | None = None) -> Tensor:
        """[batch, samples] to [batch, rows (50 Hz), width]; mel_mean has no meaning here."""
        hidden: Tensor = super().forward(audio)
        return hidden.transpose(1, 2)


class SpeechEncoder(nn.Module):
    """Front end, projection and transformer; whoever calls it interpolates between the two halves."""

    def __init__(self, config: EmoTalkConfig, encoder: EncoderConfig) -> None:
        super().__init__()
        layout = wav2vec2_config(encoder, config.front_end_width, config.dropout)
        is_mel = config.front_end == "mel"
        self.feature_extractor = MelFrontEnd(config.front_end_width) if is_mel else WaveformFrontEnd(layout)
        self.feature_projection = Wav2Vec2FeatureProjection(layout)
        self.encoder = Wav2Vec2EncoderStableLayerNorm(layout)

    def rows(self, audio: Tensor, mel_mean: Tensor | None = None) -> Tensor:
        """Front-end rows at 50 Hz: [batch, samples] to [batch, rows, front_end_width]."""
        rows: Tensor = self.feature_extractor(audio, mel_mean)
        return rows

    def transform(self, rows: Tensor) -> Tensor:
        """Projection and transformer: [batch, frames, front_end_width] to [batch, frames, width]."""
        projected, _ = self.feature_projection(rows)
        hidden: Tensor = self.encoder(projected).last_hidden_state
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
