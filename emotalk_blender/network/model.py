# SPDX-License-Identifier: GPL-3.0-or-later
"""EmoTalk: speech in, 52 blendshape weights a frame out, in two halves that stay apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ..curves import SAMPLE_RATE
from .config import EmoTalkConfig
from .decoder import FusionDecoder, Past
from .direction import Direction, level_weights
from .emotions import EmotionSetting
from .encoders import SpeechEncoder, interpolate_rows
from .front_ends import MEL_HOP, MELS, log_mels, speech_mean
from .grid import HOP, REACH, SHORTEST, FrameGrid, FrameRange, cover
from .rumble import RUMBLE_REACH, without_rumble

WHOLE = 40 * SAMPLE_RATE
"""Samples up to which a clip is measured in one piece, and heard in one as a rule."""

PIECE = 20 * SAMPLE_RATE
"""Samples that are looked at together where a longer one is measured."""

DECODED = 1024
"""Frames that are decoded together: what is made of them on the way takes far more memory than the features."""


@dataclass(frozen=True)
class Cut:
    """Where a part of a clip lies that is given alone: it begins at sample `first` of the clip's `total`."""

    first: int
    total: int


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
        """Bytes of memory that the features take."""
        return self.content.nbytes + self.emotion.nbytes


@dataclass(frozen=True)
class ClipStatistics:
    """What normalises a clip: mean and spread of its samples, and (mel front end) its mean log-mel [1, 1, 80].

    mels: the log-mels of the whole normalised clip, [1, mel frames, 80], where it was looked at in one piece: `encode`
    need not make them again.
    """

    mean: float
    spread: float
    mel_mean: Tensor | None = None
    mels: Tensor | None = None

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
    person_names: of persons who have a name, by their number.
    """

    def __init__(self, config: EmoTalkConfig) -> None:
        super().__init__()
        self.config = config
        self.person_names: dict[int, str] = {}
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

    def content_features(
        self, sound: Tensor, mel_mean: Tensor | None, span: FrameRange | None = None, cut: Cut | None = None
    ) -> Tensor:
        """Content features of normalised clips of one length: [batch, samples] to [batch, frames, content_features].

        mel_mean: [batch, 1, 80] for a mel front end, else None. span: only these frames, from just the sound around
        them; they lie where they lie in the whole clip. cut: what of the clip there is, if not all; then, for a mel
        front end, its log-mels may stand in its place.
        """
        cut = cut or Cut(0, sound.shape[-1])
        grid = FrameGrid(cut.total, self.config.fps)
        span = span or FrameRange(0, grid.frames)
        positions = grid.content_positions(span)
        rows, first = self._rows_around(self.content_encoder, sound, mel_mean, positions, cut)
        hidden = self.content_encoder.transform(interpolate_rows(rows, _positions(positions, first, sound)))
        features: Tensor = self.content_map(hidden.float())
        return features

    def emotion_hidden(
        self, sound: Tensor, span: FrameRange | None = None, cut: Cut | None = None
    ) -> tuple[Tensor, Tensor]:
        """Hidden emotion features of normalised clips of one length: interpolated to frames, and as they come.

        [batch, samples] to ([batch, frames, emotion width], [batch, emotion frames, emotion width]); span, cut: as for
        content_features.
        """
        cut = cut or Cut(0, sound.shape[-1])
        grid = FrameGrid(cut.total, self.config.fps)
        wanted, inner = grid.emotion_positions(span or FrameRange(0, grid.frames))
        positions = [grid.row_at_emotion(frame) for frame in range(inner.start, inner.stop)]
        rows, first = self._rows_around(self.emotion_encoder, sound, None, positions, cut)
        hidden = self.emotion_encoder.transform(interpolate_rows(rows, _positions(positions, first, sound)))
        return interpolate_rows(hidden.float(), _positions(wanted, inner.start, sound)), hidden

    def emotion_logits(self, hidden: Tensor) -> Tensor:
        """Emotion logits of hidden emotion features: [batch, frames, emotion width] to [batch, emotions]."""
        logits: Tensor = self.classifier(hidden.mean(dim=-2))
        return logits

    def fuse(self, content: Tensor, emotion: Tensor, level: Tensor, person: Tensor, past: Past | None = None) -> Tensor:
        """The decoder: features and weights, all [batch, frames, ...], to blendshape weights [batch, frames, 52].

        past: what the decoder keeps of the frames before these, and of these for the next ones; None for a whole clip.
        """
        wide: Tensor = self.emotion_map(emotion)
        narrow = torch.relu(self.emotion_narrow_map(wide))
        fused = torch.cat([content, narrow, self.level_map(level), self.person_map(person)], dim=-1)
        blendshapes: Tensor = self.blendshape_map(self.decoder(fused, wide, past))
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
        """What normalises a clip [samples]; computed in pieces, so that hours of sound need little memory."""
        count = len(audio)
        size = count if count <= WHOLE else PIECE
        pieces = [(start, min(start + size, count)) for start in range(0, count, size)]
        total, squares = 0.0, 0.0
        for start, stop in pieces:
            piece = self._prepared(audio, start, stop)
            total += piece.double().sum().item()
            squares += piece.double().square().sum().item()
        mean = total / count
        spread = (max(0.0, squares / count - mean * mean) + self.config.variance_floor) ** 0.5
        statistics = ClipStatistics(mean, spread)
        if self.config.front_end != "mel":
            return statistics
        if len(pieces) > 1:
            return replace(statistics, mel_mean=self._speech_mean(audio, statistics, pieces))
        mels = log_mels(pad_short(statistics.apply(piece))[None])
        return replace(statistics, mel_mean=speech_mean(mels), mels=mels)

    def _speech_mean(self, audio: Tensor, statistics: ClipStatistics, pieces: list[tuple[int, int]]) -> Tensor:
        """Mean log-mel over the louder frames of a long clip, as front_ends.speech_mean has it: [1, 1, 80].

        Where the middle is, is known at the end only, and to keep all log-mels until then takes too much memory: so
        they are made twice.
        """

        def mels(start: int, stop: int) -> Tensor:
            return log_mels(statistics.apply(self._prepared(audio, start, stop))[None])

        heard = [(start, stop) for start, stop in pieces if stop - start >= REACH]
        levels = [mels(*piece).mean(dim=-1) for piece in heard]
        middle = (min(level.min() for level in levels) + max(level.max() for level in levels)) / 2
        total, count = torch.zeros(1, 1, MELS), 0
        for piece, level in zip(heard, levels, strict=True):
            loud = level[0] >= middle
            total += mels(*piece)[:, loud].sum(dim=1, keepdim=True)
            count += int(loud.sum())
        return total / max(1, count)

    def _prepared(self, audio: Tensor, start: int, stop: int) -> Tensor:
        """Samples [start, stop) of the prepared clip."""
        first, last = max(0, start - RUMBLE_REACH), min(len(audio), stop + RUMBLE_REACH)
        return self.prepare(audio[first:last])[start - first : stop - first]

    @torch.no_grad()
    def encode(
        self, audio: Tensor, statistics: ClipStatistics | None = None, span: FrameRange | None = None
    ) -> SpeechFeatures:
        """Features of a clip: float32 [samples], 16 kHz mono in [-1, 1], at least one sample.

        statistics: of the whole clip, where they are known. span: only these frames of the clip's
        ceil(samples / 16000 * 30), heard with nothing outside them; no more of the clip is looked at then. Everything
        is computed on the network's own device.
        """
        statistics = statistics or self.statistics(audio)
        device = self.blendshape_map.weight.device
        grid = FrameGrid(len(audio), self.config.fps)
        first, last = grid.samples_around(span or FrameRange(0, grid.frames))
        cut = Cut(first, len(audio))
        if statistics.mels is not None and (first, last) == (0, len(audio)):
            sound = statistics.mels.to(device)
        else:
            sound = statistics.apply(self._prepared(audio, first, last))[None].to(device)
            if self.config.front_end == "mel":
                sound = log_mels(pad_short(sound))  # both encoders hear the same
        content = self.content_features(sound, statistics.to(device).mel_mean, span, cut)
        emotion, _ = self.emotion_hidden(sound, span, cut)
        return SpeechFeatures(content[0], emotion[0])

    @torch.no_grad()
    def decode(self, features: SpeechFeatures, direction: Direction) -> Tensor:
        """Blendshape weights [frames, 52] at 30 fps, as the network gives them: they may leave [0, 1] a little.

        The features may lie on another device than the network, in any floating type; the result lies with the network.
        """
        device, frames = self.blendshape_map.weight.device, features.frames
        weights = direction.emotion.to(device).expand(frames, -1)
        intensity = direction.intensity.to(device).expand(frames)
        person = direction.person.to(device).expand(frames, -1)
        setting = EmotionSetting.of(features.emotion, weights, self.neutral, self.prototypes, self.classifier.forward)
        past = Past()
        parts = []
        for start in range(0, frames, DECODED):
            part = slice(start, min(start + DECODED, frames))
            content, hidden = (feature[part].to(device).float() for feature in (features.content, features.emotion))
            emotion = setting.apply(hidden, weights[part], intensity[part])
            level = level_weights(intensity[part], self.config.levels)
            parts.append(self.fuse(content[None], emotion[None], level[None], person[None, part], past)[0])
        return torch.cat(parts)

    def _rows_around(
        self, encoder: SpeechEncoder, sound: Tensor, mel_mean: Tensor | None, positions: list[float], cut: Cut
    ) -> tuple[Tensor, int]:
        """The front-end rows that the positions read, [batch, rows, width], and the index of the first of them."""
        span = cover(positions[0], positions[-1], FrameGrid(cut.total, self.config.fps).rows)
        if sound.ndim == 2:
            padded = pad_short(sound) if cut.total < SHORTEST else sound
            heard = padded[:, span.start * HOP - cut.first : (span.stop - 1) * HOP + REACH - cut.first]
        else:
            per_row, first = HOP // MEL_HOP, cut.first // MEL_HOP
            heard = sound[:, span.start * per_row - first : (span.stop - 1) * per_row + 1 - first]
        return encoder.rows(heard.to(encoder.dtype), mel_mean), span.start


def pad_short(audio: Tensor) -> Tensor:
    """The sound [..., samples] padded with zeros to the shortest that the front end can read."""
    missing = SHORTEST - audio.shape[-1]
    return nn.functional.pad(audio, (0, missing)) if missing > 0 else audio


def _positions(positions: list[float], first: int, like: Tensor) -> Tensor:
    """Positions counted from row `first`, beside `like`; float64 where the device has it, for long clips."""
    dtype = torch.float32 if like.device.type == "mps" else torch.float64
    return torch.tensor([position - first for position in positions], dtype=dtype, device=like.device)
