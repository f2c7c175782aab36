# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthesised speech whose phone times are known: flite and espeak-ng."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from ...curves import SAMPLE_RATE
from ...errors import EmoTalkError
from ..rules.phones import SILENCE, STOPS, Phone, from_flite, from_ipa, spread_ipa, tidy

FLITE_VOICES = ("kal16", "awb", "rms", "slt")
ESPEAK_ACCENTS = ("en-us", "en-us", "en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-029")
# Variants that sound like a person; robots, whispers and effects are left out.
ESPEAK_VARIANTS = (
    "Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike Nguyen "
    "Storm adam anika announcer antonio aunty belinda benjamin boris caleb croak david ed edward edward2 f1 f2 f3 "
    "f4 f5 grandma grandpa gustave iven iven2 iven3 iven4 john kaukovalta klatt klatt2 klatt3 klatt4 linda m1 m2 m3 m4 "
    "m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro shelby steph steph2 "
    "steph3 travis victor zac"
).split()
# Seconds by which the times that the synthesisers tell come after those that forced alignment finds in their speech:
# medians over 2000 phones each (to which the Montreal Forced Aligner's times of real speech lie at a median of 0).
FLITE_LATENESS = 0.006
ESPEAK_LATENESS = 0.011
ESPEAK_STOP_LATENESS = 0.022

FLITE_TIMEOUT = 60


@dataclass(frozen=True)
class Utterance:
    """Speech with its phones: samples float32 [N] at 16 kHz, phones without gaps over all of it."""

    samples: npt.NDArray[np.float32]
    phones: list[Phone]

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / SAMPLE_RATE


def missing_synthesisers() -> list[str]:
    """Which of the two synthesisers is not installed: "flite", "espeak-ng"."""
    missing = [] if shutil.which("flite") else ["flite"]
    return missing if ctypes.util.find_library("espeak-ng") else [*missing, "espeak-ng"]


def speak_flite(text: str, voice: str, stretch: float = 1.0) -> Utterance:
    """Speak one sentence with flite.

    voice: one of FLITE_VOICES; stretch: duration factor. Raises EmoTalkError where flite is missing or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}", "-psdur", "-t", text, "-o"]
        try:
            done = subprocess.run(
                [*command, str(path)], capture_output=True, text=True, timeout=FLITE_TIMEOUT, check=True
            )
            samples, rate = soundfile.read(path, dtype="float32")
        except (OSError, subprocess.SubprocessError, soundfile.LibsndfileError) as error:
            raise EmoTalkError(f"flite cannot speak ({error}). Install the package flite.") from error
    phones, time = [], 0.0
    for entry in done.stdout.split():
        name, _, end = entry.rpartition(":")
        phones.append(Phone(from_flite(name), time, max(0.0, float(end) - FLITE_LATENESS)))
        time = phones[-1].end
    return utterance_at_16_khz(samples, rate, phones)


class _EspeakEvent(ctypes.Structure):
    """espeak_EVENT of espeak-ng's speak_lib.h."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    ]


_ESPEAK_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_EspeakEvent)
)
_PHONEME_EVENT = 7
_SYNCHRONOUS = 2
_PHONEMES_IN_IPA = 1 | 2
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_IPA = 2
_TIED, _TIE_BITS = 0x80, 8


class Espeak:
    """espeak-ng in this process. It remembers how its voices waver: only a new process repeats itself exactly."""

    def __init__(self) -> None:
        name = ctypes.util.find_library("espeak-ng")
        if name is None:
            raise EmoTalkError("espeak-ng cannot be found. Install the package libespeak-ng1.")
        self._library = ctypes.CDLL(name)
        self._pieces: list[npt.NDArray[np.int16]] = []
        self._events: list[tuple[float, str]] = []
        self._callback = _ESPEAK_CALLBACK(self._receive)
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEMES_IN_IPA)
        if self._rate <= 0:
            raise EmoTalkError("espeak-ng does not start. Install the package espeak-ng-data again.")
        self._library.espeak_SetSynthCallback(self._callback)
        self._to_phonemes = self._library.espeak_TextToPhonemes
        self._to_phonemes.restype = ctypes.c_char_p

    def speak(self, text: str, voice: str, rate: int = 175, pitch: int = 50, pitch_range: int = 50) -> Utterance:
        """Speak one sentence.

        voice: as "en-us+f3"; rate: words a minute; pitch and pitch_range: 0 to 100. Raises EmoTalkError.
        """
        self._pieces.clear()
        self._events.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise EmoTalkError(f"espeak-ng has no voice {voice}. Install the package espeak-ng-data.")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        if not self._pieces:
            raise EmoTalkError(f"espeak-ng says nothing for {text!r}.")
        samples = np.concatenate(self._pieces).astype(np.float32) / 32768
        seconds = len(samples) / self._rate
        starts = [max(0.0, time - _lateness(name)) for time, name in self._events]
        phones = []
        for (_, name), start, end in zip(self._events, starts, [*starts[1:], seconds], strict=True):
            phones += spread_ipa(name, start, end)
        return utterance_at_16_khz(samples, self._rate, phones)

    def pronounce(self, word: str) -> tuple[str, ...]:
        """The phones of a word in American English; none where it has no sound, or one that ARPAbet cannot write."""
        try:
            return tuple(name for name in from_ipa(self.to_ipa(word, "en-us")) if name != SILENCE)
        except ValueError:
            return ()

    def to_ipa(self, text: str, voice: str, tie: str = "") -> str:
        """How a text is read, in IPA with stress marks and a space between words.

        voice: as "en-us"; tie: what to put between two letters that are one sound. Raises EmoTalkError.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise EmoTalkError(f"espeak-ng has no voice {voice}. Install the package espeak-ng-data.")
        mode = _IPA | (_TIED | ord(tie) << _TIE_BITS if tie else 0)
        rest = ctypes.c_char_p(text.encode())
        clauses = []
        while rest.value:
            clauses.append(self._to_phonemes(ctypes.byref(rest), _UTF8, mode).decode("utf-8", "ignore").strip())
        return " ".join(clause for clause in clauses if clause)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        """Collect a buffer of sound and the phone events with it (seconds, IPA)."""
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type == _PHONEME_EVENT:
                self._events.append((event.audio_position / 1000, event.string.decode("utf-8", "ignore")))
            index += 1
        return 0


@functools.cache
def espeak() -> Espeak:
    """The one espeak-ng of this process."""
    return Espeak()


def _lateness(ipa: str) -> float:
    """How late espeak-ng announces a phone."""
    names = from_ipa(ipa)
    return ESPEAK_STOP_LATENESS if names and names[0] in STOPS else ESPEAK_LATENESS


def utterance_at_16_khz(samples: npt.NDArray[np.float32], rate: int, phones: list[Phone]) -> Utterance:
    """The utterance at 16 kHz, its phones made gapless."""
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
    return Utterance(samples.astype(np.float32), tidy(phones, len(samples) / SAMPLE_RATE))
