# SPDX-License-Identifier: GPL-3.0-or-later
"""EmoTalk: speech in, 52 blendshape weights a frame out, in two halves that stay apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from .config import SAMPLE_RATE, EmoTalkConfig
from .decoder import FusionDecoder
from .direction import Direction, level_weights
from .emotions import set_emotion
from .encoders import SpeechEncoder, interpolate_rows
from .front_ends import log_mels, speech_mean
from .grid import HOP, REACH, SHORTEST, FrameGrid, Span, cover
from .rumble import without_rumble

STATISTICS_CHUNK = 60 * SAMPLE_RATE


@dataclass(frozen=True)
class SpeechFeatures:
    """What the encoders heard in a clip; all that `decode` needs of the sound.

    content: [frames, content_features]; emotion: hidden emotion features [frames, emotion width]; 30 fps.
    """

    content: Tensor
    emotion: Tensor

    @property
    def frames(self) -> int:
        """Number of frames at 30 fps."""
        return len(self.content)

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        return self.content.nbytes + self.emotion.nbytes


@dataclass(frozen=True)
class ClipStatistics:
    """What normalises a clip: mean and spread of its samples, and (mel front end) its mean log-mel [1, 1, 80]."""

    mean: float
    spread: float
    mel_mean: Tensor | None

    def apply(self, audio: Tensor) -> Tensor:
        """(audio - mean) / spread."""
        return (audio - self.mean) / self.spread

    def to(self, device: torch.device) -> ClipStatistics:
        """The same on another device."""
        return self if self.mel_mean is None else replace(self, mel_mean=self.mel_mean.to(device))


class EmotionClassifier(nn.Module):
    """Names the emotion of mean emotion features: dense, tanh, dense."""

    def __init__(self, width: int, emotions: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, emotions)

    def forward(self, mean: Tensor) -> Tensor:
        """[..., width] to logits [..., emotions]."""
        logits: Tensor = self.out_proj(torch.tanh(self.dense(mean)))
        return logits


class EmoTalk(nn.Module):
    """The network. `encode` is nearly all of the cost and knows nothing of the artist's choices; `decode` is cheap.

    The methods on batches (content_rows to fuse) are what `encode` and `decode` are made of, and what training uses.
    """

    def __init__(self, config: EmoTalkConfig) -> None:
        super().__init__()
        self.config = config
        width = config.decoder_width
        self.content_encoder = SpeechEncoder(config, config.content)
        self.emotion_encoder = SpeechEncoder(config, config.emotion)
        self.classifier = EmotionClassifier(config.emotion.width, len(config.emotions))
        self.content_map = nn.Linear(config.content.width, config.content_features)
        self.emotion_map = nn.Linear(config.emotion.width, width)
        self.emotion_narrow_map = nn.Linear(width, config.emotion_features)
        self.level_map = nn.Linear(config.levels, config.level_features)
        self.person_map = nn.Linear(config.persons, config.person_features)
        self.decoder = FusionDecoder(config)
        self.blendshape_map = nn.Linear(width, config.blendshapes)
        self.prototypes = (
            nn.Parameter(torch.zeros(len(config.emotions), config.emotion.width)) if config.prototypes else None
        )

    @property
    def neutral(self) -> int | None:
        """Index of the neutral emotion, None where the network knows none."""
        return self.config.emotions.index("neutral") if "neutral" in self.config.emotions else None

    # --- on batches -------------------------------------------------------------------------------------------------

    def content_features(self, audio: Tensor, mel_mean: Tensor | None, span: Span | None = None) -> Tensor:
        """Content features of normalised clips of one length: [batch, samples] to [batch, frames, content_features].

        mel_mean: [batch, 1, 80] for a mel front end, else None. span: only these frames, from just the sound around
        them; they lie where they lie in the whole clip.
        """
        grid = FrameGrid(audio.shape[-1], self.config.fps)
        span = span or Span(0, grid.frames)
        positions = [grid.row_at(frame) for frame in range(span.start, span.stop)]
        rows, first = self._rows_around(self.content_encoder, audio, mel_mean, positions, grid)
        hidden = self.content_encoder.transform(interpolate_rows(rows, _positions(positions, first, audio)))
        features: Tensor = self.content_map(hidden)
        return features

    def emotion_hidden(self, audio: Tensor, span: Span | None = None) -> tuple[Tensor, Tensor]:
        """Hidden emotion features of normalised clips of one length: interpolated to frames, and as they come.

        [batch, samples] to ([batch, frames, emotion width], [batch, emotion frames, emotion width]).
        """
        grid = FrameGrid(audio.shape[-1], self.config.fps)
        span = span or Span(0, grid.frames)
        wanted = [grid.emotion_at(frame) for frame in range(span.start, span.stop)]
        inner = cover(wanted[0], wanted[-1], grid.emotion_frames)
        positions = [grid.row_at_emotion(frame) for frame in range(inner.start, inner.stop)]
        rows, first = self._rows_around(self.emotion_encoder, audio, None, positions, grid)
        hidden = self.emotion_encoder.transform(interpolate_rows(rows, _positions(positions, first, audio)))
        return interpolate_rows(hidden, _positions(wanted, inner.start, audio)), hidden

    def emotion_logits(self, hidden: Tensor) -> Tensor:
        """Emotion logits of hidden emotion features: [batch, frames, emotion width] to [batch, emotions]."""
        logits: Tensor = self.classifier(hidden.mean(dim=-2))
        return logits

    def fuse(self, content: Tensor, emotion: Tensor, level: Tensor, person: Tensor) -> Tensor:
        """The decoder: features and weights, all [batch, frames, ...], to blendshape weights [batch, frames, 52]."""
        wide: Tensor = self.emotion_map(emotion)
        narrow = torch.relu(self.emotion_narrow_map(wide))
        fused = torch.cat([content, narrow, self.level_map(level), self.person_map(person)], dim=-1)
        blendshapes: Tensor = self.blendshape_map(self.decoder(fused, wide))
        return blendshapes

    def fuse_rows(self, content: Tensor, emotion: Tensor, intensity: Tensor, person: Tensor) -> Tensor:
        """`fuse` with one intensity and one person for each row: both [batch], person an index."""
        frames = content.shape[1]
        level = level_weights(intensity[:, None].expand(-1, frames), self.config.levels)
        persons = nn.functional.one_hot(person, self.config.persons).to(content.dtype)
        return self.fuse(content, emotion, level, persons[:, None].expand(-1, frames, -1))

    # --- on one clip ------------------------------------------------------------------------------------------------

    def prepare(self, audio: Tensor) -> Tensor:
        """The sound [..., samples] as the network wants it: with a mel front end without rumble, else as it is.

        Rumble that nobody hears can have most of a recording's power, and would rule the level it is brought to.
        """
        if self.config.front_end != "mel":
            return audio
        return torch.from_numpy(without_rumble(audio.cpu().numpy())).to(audio.device)

    def statistics(self, audio: Tensor) -> ClipStatistics:
        """What normalises a prepared clip [samples]; computed in pieces, so that hours of sound need little memory."""
        mean = audio.mean(dtype=torch.float64).item()
        variance = (audio - mean).square().mean(dtype=torch.float64).item()
        statistics = ClipStatistics(mean, (variance + self.config.variance_floor) ** 0.5, None)
        if self.config.front_end != "mel":
            return statistics
        pieces = torch.split(pad_short(statistics.apply(audio)), STATISTICS_CHUNK)
        mels = torch.cat([log_mels(piece[None]) for piece in pieces if len(piece) >= REACH], dim=1)
        return ClipStatistics(mean, statistics.spread, speech_mean(mels))

    @torch.no_grad()
    def encode(
        self, audio: Tensor, statistics: ClipStatistics | None = None, span: Span | None = None
    ) -> SpeechFeatures:
        """Features of a clip: float32 [samples], 16 kHz mono in [-1, 1], at least one sample.

        statistics: of the whole clip, which then has been prepared already; else both happens here. span: only these
        frames of the clip's ceil(samples / 16000 * 30), heard with nothing outside them.
        """
        if statistics is None:
            audio = self.prepare(audio)
            statistics = self.statistics(audio)
        normal = statistics.apply(audio)[None]
        content = self.content_features(normal, statistics.mel_mean, span)
        emotion, _ = self.emotion_hidden(normal, span)
        return SpeechFeatures(content[0], emotion[0])

    @torch.no_grad()
    def decode(self, features: SpeechFeatures, direction: Direction) -> Tensor:
        """Blendshape weights [frames, 52] at 30 fps, as the network gives them: they may leave [0, 1] a little."""
        device, frames = features.content.device, features.frames
        weights = direction.emotion.to(device).expand(frames, -1)
        intensity = direction.intensity.to(device).expand(frames)
        person = direction.person.to(device).expand(frames, -1)
        emotion = set_emotion(
            features.emotion, weights, intensity, self.neutral, self.prototypes, self.classifier.forward
        )
        level = level_weights(intensity, self.config.levels)
        return self.fuse(features.content[None], emotion[None], level[None], person[None])[0]

    def _rows_around(
        self, encoder: SpeechEncoder, audio: Tensor, mel_mean: Tensor | None, positions: list[float], grid: FrameGrid
    ) -> tuple[Tensor, int]:
        """The front-end rows that the positions read, [batch, rows, width], and the index of the first of them."""
        span = cover(positions[0], positions[-1], grid.rows)
        heard = pad_short(audio)[:, span.start * HOP : (span.stop - 1) * HOP + REACH]
        return encoder.rows(heard, mel_mean), span.start


def pad_short(audio: Tensor) -> Tensor:
    """The sound [..., samples] padded with zeros to the shortest that the front end can read."""
    missing = SHORTEST - audio.shape[-1]
    return nn.functional.pad(audio, (0, missing)) if missing > 0 else audio


def _positions(positions: list[float], first: int, like: Tensor) -> Tensor:
    """Positions counted from row `first`, beside `like`; float64 where the device has it, for long clips."""
    dtype = torch.float32 if like.device.type == "mps" else torch.float64
    return torch.tensor([position - first for position in positions], dtype=dtype, device=like.device)
