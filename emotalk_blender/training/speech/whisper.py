# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in recordings that have no transcripts, as Whisper hears it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import EmoTalkError


@dataclass(frozen=True)
class Heard:
    """Words as heard, and how sure Whisper is of the least sure stretch: mean log probability of its tokens."""

    text: str
    confidence: float


class Whisper:
    """A Whisper network of English speech, from a folder as faster-whisper (CTranslate2) stores it."""

    def __init__(self, folder: Path) -> None:
        """Load it: config.json, model.bin, tokenizer.json and a vocabulary. Raises EmoTalkError."""
        try:
            package: Any = importlib.import_module("faster_whisper")
        except ImportError as error:
            raise EmoTalkError("Transcribing needs faster-whisper. Install the training extra.") from error
        if not (folder / "model.bin").is_file():
            raise EmoTalkError(f"{folder} holds no Whisper network (model.bin). Give a faster-whisper model's folder.")
        try:
            self._model: Any = package.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
        except (RuntimeError, ValueError, OSError) as error:
            raise EmoTalkError(f"{folder} holds a Whisper network that can't be loaded ({error}).") from error

    def transcribe(self, samples: npt.NDArray[np.float32]) -> Heard:
        """What a recording (float32 [N], 16 kHz) says in English; takes about half its length on one core."""
        segments, _ = self._model.transcribe(
            samples, language="en", condition_on_previous_text=False, without_timestamps=True
        )
        heard = list(segments)
        text = " ".join(segment.text.strip() for segment in heard)
        return Heard(text, min((float(segment.avg_logprob) for segment in heard), default=-np.inf))
