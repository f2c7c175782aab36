# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of a network on speech that it was not trained on, beside loudness alone and beside chance.

Aligned speech is compared with the rules, captures with the actor, clips of a corpus with the rules' face of their
own voice. One voice cannot say much: these are figures to compare networks by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ...curves import ARKIT_NAMES, CHANNEL, FPS, BoolArray, FloatArray, lip_opening
from ...inference.performance import FROM_VOICE
from ...network.checkpoint import load_checkpoint
from ...network.direction import direct
from ...network.model import SpeechFeatures
from ..captures.captures import MOVING
from .baselines import by_chance, loudness_face, loudness_opening
from .clips import MOUTH, EvaluationClip, Kind, speech_mask
from .closures import Closures, actor_closures, closures
from .emotion_figures import Heard, Predict, Shows, emotion_shows, emotions_heard
from .figures import CurveFigures, jitter, judge_curve
from .film_figures import Filmed, FilmFigures, film_figures
from .mesh_error import FaceMesh, VertexErrors, mean_errors, vertex_errors

SILENT_SECONDS = 0.3
EMOTION_CLIPS = 3
"""Clips of each kind that emotions are set on."""

Hear = Callable[[FloatArray], str]
"""Sound (float32 [N], 16 kHz) to the name of the emotion that the network hears in it."""


class Candidate:
    """A checkpoint that is judged: the plain style (person 0), curves clipped to [0, 1]."""

    def __init__(self, model: Path) -> None:
        self._network, self._info = load_checkpoint(model)
        self._last: tuple[FloatArray, SpeechFeatures] | None = None

    def predict(self, samples: FloatArray, emotion: str, intensity: float) -> FloatArray:
        """Curves [frames, 52]; see Predict."""
        direction = direct(self._info.config, None if emotion == FROM_VOICE else emotion, intensity)
        curves = self._network.decode(self._features(samples), direction)
        return np.clip(curves.numpy(), 0, 1).astype(np.float32)

    @torch.no_grad()
    def hear(self, samples: FloatArray) -> str:
        """The emotion that the network's own head names; see Hear."""
        logits = self._network.emotion_logits(self._features(samples).emotion)
        return self._info.config.emotions[int(logits.argmax())]

    def _features(self, samples: FloatArray) -> SpeechFeatures:
        """The features of a clip; those of the clip before are kept."""
        if self._last is None or self._last[0] is not samples:
            self._last = samples, self._network.encode(torch.from_numpy(samples))
        return self._last[1]


@dataclass(frozen=True)
class ClosureFigures:
    """Closures of the network, of loudness, and of the truth: the rules, or the actor."""

    network: Closures
    loudness: Closures
    true: Closures


@dataclass(frozen=True)
class MeshFigures:
    """Errors on a mesh: of the network, of a jaw that loudness drives, of the network by chance, of a face at rest."""

    network: VertexErrors
    loudness: VertexErrors
    chance: VertexErrors
    rest: VertexErrors


@dataclass(frozen=True)
class ClipFigures:
    """All figures of one clip, From Voice at intensity 1.

    channels: of every mouth channel that truly moves; jaw_in_silence: mean jawOpen well away from speech, None where
    the take has no such frames; jitter: part of the movement's energy above 8 Hz, of the network and in truth.
    closures: on P B M where phones are known, else where the actor's lips close; mesh: None without a mesh.
    """

    clip: str
    kind: Kind
    phones_known: bool
    seconds: float
    opening: CurveFigures
    channels: dict[str, CurveFigures]
    jaw_in_silence: float | None
    jitter: float
    true_jitter: float
    closures: ClosureFigures
    mesh: MeshFigures | None = None


@dataclass(frozen=True)
class Evaluation:
    """Everything: figures of each clip, of each filmed speaker, of emotions set on some voices, and of emotions heard.

    emotions_set: of EMOTION_CLIPS clips of each kind; brows: mean standard deviation of browInnerUp in plain speech.
    """

    clips: list[ClipFigures]
    films: list[FilmFigures]
    emotions_set: list[Shows]
    emotions_heard: Heard | None
    brows: float


def evaluate(
    clips: Sequence[EvaluationClip], predict: Predict, hear: Hear | None = None, mesh: FaceMesh | None = None
) -> Evaluation:
    """All figures of a network on some clips, at least one."""
    figures, heard, filmed, brows = [], [], [], []
    for clip in clips:
        found = predict(clip.samples, FROM_VOICE, 1.0)
        figures.append(evaluate_clip(clip, found, mesh))
        brows.append(float(found[:, CHANNEL["browInnerUp"]].std()))
        if clip.kind == "captured" and clip.phones:
            filmed.append(Filmed(clip, found))
        if hear is not None and clip.emotion is not None:
            heard.append((clip.emotion, hear(clip.samples)))
    plain = [spread for spread, clip in zip(brows, clips, strict=True) if clip.emotion in (None, "neutral")]
    return Evaluation(
        figures,
        film_figures(filmed),
        [emotion_shows(predict, clip.samples) for clip in _voices(clips)],
        emotions_heard(heard),
        float(np.mean(plain or brows)),
    )


def _voices(clips: Sequence[EvaluationClip]) -> list[EvaluationClip]:
    """EMOTION_CLIPS clips of each kind, spread over them: voices to set emotions on."""
    chosen = []
    for kind in dict.fromkeys(clip.kind for clip in clips):
        same = [clip for clip in clips if clip.kind == kind]
        chosen += same[:: max(1, len(same) // EMOTION_CLIPS)][:EMOTION_CLIPS]
    return chosen


def evaluate_clip(clip: EvaluationClip, found: FloatArray, mesh: FaceMesh | None = None) -> ClipFigures:
    """All figures of the curves [frames, 52] that a network found for a clip."""
    frames = min(len(found), len(clip.curves))
    found, true = found[:frames], clip.curves[:frames]
    speaking = speech_mask(clip.samples, clip.phones, frames)
    silent = _deep_silence(speaking)
    loud = loudness_opening(clip.samples, frames)
    judged = MOUTH & clip.known & (true.std(axis=0) > MOVING)
    return ClipFigures(
        clip=clip.name,
        kind=clip.kind,
        phones_known=clip.phones is not None,
        seconds=frames / FPS,
        opening=judge_curve(lip_opening(found), lip_opening(true), loud, speaking),
        channels={
            name: judge_curve(found[:, channel], true[:, channel], loud, speaking)
            for channel, name in enumerate(ARKIT_NAMES)
            if judged[channel]
        },
        jaw_in_silence=float(found[silent, CHANNEL["jawOpen"]].mean()) if silent.any() else None,
        jitter=jitter(found),
        true_jitter=jitter(true),
        closures=_judge_closures(clip, lip_opening(found), loud, lip_opening(true)),
        mesh=_judge_mesh(mesh, found, loudness_face(loud), true, clip.known) if mesh else None,
    )


def _judge_closures(clip: EvaluationClip, found: FloatArray, loud: FloatArray, true: FloatArray) -> ClosureFigures:
    """Closures of three openings [frames]: on the phones where they are known, else where the actor's mouth closes."""
    if clip.phones is None:
        return ClosureFigures(*(actor_closures(curve, true) for curve in (found, loud, true)))
    return ClosureFigures(*(closures(curve, clip.phones) for curve in (found, loud, true)))


def _judge_mesh(mesh: FaceMesh, found: FloatArray, loud: FloatArray, true: FloatArray, known: BoolArray) -> MeshFigures:
    """Errors of the faces [frames, 52] on a mesh."""
    moved = by_chance(found)
    return MeshFigures(
        network=vertex_errors(mesh, found, true, known),
        loudness=vertex_errors(mesh, loud, true, known),
        chance=mean_errors([vertex_errors(mesh, face, true, known) for face in moved], [1.0] * len(moved)),
        rest=vertex_errors(mesh, np.zeros_like(true), true, known),
    )


def _deep_silence(speaking: BoolArray) -> BoolArray:
    """Frames at least SILENT_SECONDS from any speech."""
    reach = int(SILENT_SECONDS * FPS)
    near = np.convolve(speaking, np.ones(2 * reach + 1), mode="same") > 0
    return np.asarray(~near)
