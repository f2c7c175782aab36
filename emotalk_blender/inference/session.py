# SPDX-License-Identifier: GPL-3.0-or-later
"""A loaded network that hears and performs."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..curves import FPS, Curves, FloatArray
from ..errors import EmoTalkError
from ..settings import settings_of
from .audio import check_samples
from .device import choose_device
from .model_file import default_weights
from .mood_easing import eased
from .over_time import OverTime
from .performance import EMOTIONS, FROM_STRIP, FROM_VOICE, MIX, Performance
from .progress import Report, quiet
from .torch_import import import_torch
from .windows import WINDOW, windows

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from ..network.checkpoint import CheckpointInfo
    from ..network.direction import Direction
    from ..network.model import EmoTalk, SpeechFeatures

PACKAGES = ("torch", "safetensors")
"""Packages that the network needs."""

SETTINGS = settings_of(Performance)

LONG = 10 * 60 * FPS
"""Frames from which on features are kept in half precision, so that an hour of them needs little memory."""


def missing_packages() -> list[str]:
    """Names of the packages that cannot be imported; looks without importing them."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def load_session(
    model: Path | None = None, device: str = "auto", report: Report = quiet, exact: bool = False
) -> Session:
    """Load a checkpoint (None: the default weights) onto a device.

    exact: in float32 even where fewer bits would be quicker; see network/reduced_precision.py.

    Raises EmoTalkError where a package is missing, the device is not there, or the file is no checkpoint.
    """
    missing = missing_packages()
    if missing:
        raise EmoTalkError(f"EmoTalk needs the Python packages {', '.join(missing)}. Install the full extension zip.")
    report("Loading PyTorch", 0.0)
    import_torch()
    from ..network.reduced_precision import load_quick

    chosen = choose_device(device)
    report("Loading the model", 0.5)
    loaded = load_quick(model or default_weights(), chosen, exact)
    report("Loading the model", 1.0)
    return Session(loaded.model, loaded.info, chosen, model or default_weights(), loaded.precision)


@dataclass(frozen=True)
class Session:
    """A network on its device. `hear` once for each sound, `perform` for each change of the performance.

    file: its checkpoint, to go on from where the device's memory is full; None where there is none.
    precision: the numbers that its encoders compute with, in words.
    """

    network: EmoTalk
    info: CheckpointInfo
    device: torch.device
    file: Path | None = None
    precision: str = "float32"

    def hear(self, samples: FloatArray, report: Report = quiet) -> SpeechFeatures:
        """The features of a clip: float32 [samples], 16 kHz mono. Long clips are heard in windows with overlap.

        The features stay on the CPU, in float16 for clips that are LONG. Where the device's memory is full, shorter
        windows are tried, then the CPU, and `report` hears of it. Raises EmoTalkError for sound without samples;
        whatever `report` raises ends it between two layers of the network.
        """
        import torch

        from ..network.reduced_precision import load_quick

        audio = torch.from_numpy(check_samples(samples))
        for size, stage in ((WINDOW, "Listening"), (WINDOW // 4, "Listening in short pieces, as its memory is full")):
            try:
                return _hear_in_windows(self.network, audio, size, stage, report)
            except torch.cuda.OutOfMemoryError:
                torch.cuda.empty_cache()
        if self.file is None:
            raise EmoTalkError("The device's memory is full. Choose the CPU as device.")
        stage = "Listening on the CPU, as the device's memory is full"
        report(stage, 0.0)
        return _hear_in_windows(load_quick(self.file, torch.device("cpu")).model, audio, WINDOW, stage, report)

    def rest(self) -> None:
        """Move the network to main memory and give all of its device's back; `perform` goes on there."""
        import torch

        self.network.to("cpu")
        if self.device.type != "cpu":
            getattr(torch, self.device.type).empty_cache()

    def wake(self) -> None:
        """Move the network to its device, if it is not there."""
        self.network.to(self.device)

    def direction(self, performance: Performance, frames: int = 1) -> Direction:
        """A performance as this network takes it, over this many frames.

        Raises EmoTalkError for an emotion, intensity or person that it has not: ask before a long clip is heard.
        """
        from ..network.direction import direct

        intensity = performance.intensity
        values = intensity.values if isinstance(intensity, OverTime) else np.array(intensity)
        for value in (values.min(), values.max()):  # not a number, where one of them is none
            SETTINGS["intensity"].check(float(value))
        SETTINGS["borrowed"].check(performance.borrowed)
        try:
            return direct(
                self.network.config,
                self._emotion(performance, frames),
                self._over_time(intensity, frames)[:, 0] if isinstance(intensity, OverTime) else intensity,
                performance.person,
            )
        except ValueError as error:
            raise EmoTalkError(f"This model cannot perform that: {error}.") from error

    def _emotion(self, performance: Performance, frames: int) -> str | dict[str, Tensor] | None:
        """The emotion as `direct` takes it."""
        if performance.emotion in (FROM_VOICE, FROM_STRIP):
            return None
        if performance.emotion != MIX:
            return performance.emotion
        weights = performance.weights
        if weights is None or weights.columns.shape[1] != len(EMOTIONS):
            raise ValueError(f"a mix needs a weight for each of {', '.join(EMOTIONS)}")
        if not (weights.values.min() >= 0 and np.isfinite(weights.values).all()):
            raise ValueError("the weights of a mix must be 0 or above")
        return dict(zip(EMOTIONS, self._over_time(weights, frames).unbind(dim=1), strict=True))

    def _over_time(self, given: OverTime, frames: int) -> Tensor:
        """Eased and on this network's frames: [frames, numbers]."""
        import torch

        return torch.from_numpy(eased(given, frames, float(self.info.fps)))

    def perform(self, features: SpeechFeatures, performance: Performance, report: Report = quiet) -> Curves:
        """The network's own curves at 30 fps, nothing done to them. Raises EmoTalkError as `direction` does.

        For FROM_STRIP the features are those that borrow() of network/borrowed_mood.py returns.
        """
        report("Performing", 0.0)
        direction = self.direction(performance, features.frames)
        values = self.network.decode(features, direction).cpu().numpy()
        if not np.isfinite(values).all():
            raise EmoTalkError("The model gave no numbers for this sound. Choose another model file or device.")
        report("Performing", 1.0)
        return Curves(values, float(self.info.fps))


def _hear_in_windows(network: EmoTalk, audio: Tensor, size: int, stage: str, report: Report) -> SpeechFeatures:
    """The features of a clip, heard in windows of so many frames."""
    import torch

    from ..network.grid import FrameGrid, FrameRange
    from ..network.model import SpeechFeatures

    frames = FrameGrid(len(audio)).frames
    parts = windows(frames, size)
    statistics = network.statistics(audio)
    kind = torch.float16 if frames > LONG else torch.float32
    content = torch.zeros(frames, network.config.content_features, dtype=kind)
    emotion = torch.zeros(frames, network.config.emotion.width, dtype=kind)
    with _watched(network, len(parts), stage, report):
        for part in parts:
            heard = network.encode(audio, statistics, FrameRange(part.start, part.stop))
            weight = torch.from_numpy(part.weight)[:, None]
            content[part.start : part.stop] += weight * heard.content.cpu()
            emotion[part.start : part.stop] += weight * heard.emotion.cpu()
    return SpeechFeatures(content, emotion)


@contextmanager
def _watched(network: EmoTalk, passes: int, stage: str, report: Report) -> Iterator[None]:
    """Report before every layer of the encoders, so that a long clip shows progress and can be cancelled at once."""
    encoders = (network.content_encoder, network.emotion_encoder)
    layers = [layer for encoder in encoders for layer in encoder.encoder.layers]
    total, done = passes * len(layers), 0

    def watch(*_: object) -> None:
        report(stage, done / total)

    def count(*_: object) -> None:
        nonlocal done
        watch()
        done += 1

    handles = [layer.register_forward_pre_hook(count) for layer in layers]
    # The convolutions come in chunks, as many as the clip is long.
    handles += [
        layer.register_forward_pre_hook(watch)
        for encoder in encoders
        for layer in encoder.feature_extractor.conv_layers
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
