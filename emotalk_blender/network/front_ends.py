# SPDX-License-Identifier: GPL-3.0-or-later
"""From a waveform to 50 feature rows a second: the convolutions of wav2vec 2.0, or log-mels and two convolutions."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

from ..curves import SAMPLE_RATE
from .grid import HOP, REACH

MELS = 80
MEL_HOP = 160
LOWEST, HIGHEST = 20.0, 7600.0
LOG_FLOOR = 1e-4
LOG_SCALE = 4.0  # brings the logs of a clip at normalised level to about [-2, 2]

KERNELS = (10, 3, 3, 3, 3, 2, 2)
STRIDES = (5, 2, 2, 2, 2, 2, 2)

CHUNK = 64
"""Rows whose convolutions are computed at once: their 4096 steps of the first layer stay in a processor's cache."""


@cache
def _mel_filters() -> Tensor:
    """Triangular filters, evenly spread on the mel scale 2595 log10(1 + f / 700): float32 [201, 80]."""
    lowest, highest = (2595 * np.log10(1 + edge / 700) for edge in (LOWEST, HIGHEST))
    edges = 700 * (10 ** (np.linspace(lowest, highest, MELS + 2) / 2595) - 1)
    frequencies = np.linspace(0, SAMPLE_RATE / 2, REACH // 2 + 1)
    rising = (frequencies[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - frequencies[:, None]) / np.diff(edges)[1:]
    return torch.from_numpy(np.maximum(0, np.minimum(rising, falling))).float()


def log_mels(audio: Tensor) -> Tensor:
    """Log-mel energies: [batch, samples] to [batch, mel frames (100 Hz), 80]; unit white noise gives about 0.5."""
    window = torch.hann_window(REACH, device=audio.device)
    frames = audio.unfold(-1, REACH, MEL_HOP) * window
    real, imaginary = torch.view_as_real(torch.fft.rfft(frames)).unbind(dim=-1)
    power = (real * real).addcmul(imaginary, imaginary)
    filters = _mel_filters().to(audio.device) / window.square().sum()
    return torch.log(power @ filters + LOG_FLOOR) / LOG_SCALE


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

    def forward(self, sound: Tensor, mel_mean: Tensor | None = None) -> Tensor:
        """To [batch, rows (50 Hz), width]; mel_mean [batch, 1, 80] is subtracted where given.

        sound: [batch, samples], or its log-mels [batch, mel frames, 80] where they are there already.
        """
        mels = log_mels(sound) if sound.ndim == 2 else sound
        if mel_mean is not None:
            mels = mels - mel_mean
        hidden = mels.transpose(1, 2)
        for layer in self.conv_layers:
            hidden = nn.functional.gelu(layer(hidden))
        return hidden.transpose(1, 2)


class StepConvolution(nn.Conv1d):
    """A convolution of steps [batch, steps, channels] as one matrix product, which is what it is without padding.

    The channels of a step lie side by side, as the layer normalisation after it wants them.
    """

    def forward(self, steps: Tensor) -> Tensor:
        """[batch, steps, in_channels] to [batch, (steps - kernel) // stride + 1, out_channels]."""
        seen = seen_steps(steps, self.kernel_size[0], self.stride[0])
        return nn.functional.linear(seen, self.matrix(), self.bias)

    def matrix(self) -> Tensor:
        """The weight as a matrix: [out_channels, kernel * in_channels]."""
        return self.weight.transpose(1, 2).flatten(1)


def seen_steps(steps: Tensor, kernel: int, stride: int) -> Tensor:
    """The steps that each output step sees, side by side: [batch, output steps, kernel * channels]."""
    return steps.unfold(1, kernel, stride).transpose(2, 3).flatten(2)


class StepLayer(nn.Module):
    """Convolution, layer normalisation, GELU."""

    def __init__(self, channels: int, width: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = StepConvolution(channels, width, kernel, stride)
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, steps: Tensor) -> Tensor:
        """[batch, steps, channels] to [batch, fewer steps, width]."""
        return nn.functional.gelu(self.layer_norm(self.conv(steps)))


class WaveformFrontEnd(nn.Module):
    """The seven convolutions of wav2vec 2.0 with layer normalisation (Baevski et al. 2020, the large model)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        channels = (1, *[width] * 6)
        self.conv_layers = nn.ModuleList(
            StepLayer(*sizes) for sizes in zip(channels, [width] * 7, KERNELS, STRIDES, strict=True)
        )

    def forward(self, audio: Tensor, mel_mean: Tensor | None = None) -> Tensor:
        """[batch, samples] to [batch, rows (50 Hz), width]; mel_mean has no meaning here.

        A row sees REACH samples and no other, so that the rows are computed in chunks: the same numbers, in a
        fraction of the memory.
        """
        rows = (audio.shape[-1] - REACH) // HOP + 1
        return torch.cat([self._rows(audio, start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK)], dim=1)

    def _rows(self, audio: Tensor, start: int, stop: int) -> Tensor:
        """Rows [start, stop) of the clip."""
        steps = audio[:, start * HOP : (stop - 1) * HOP + REACH, None]
        for layer in self.conv_layers:
            steps = layer(steps)
        return steps
