# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of Kokoro, a speech synthesiser of 82 M parameters (Apache-2.0), with the times of its phones.

Kokoro is given as a folder:

    NAME.onnx       the network, as onnx-community/Kokoro-82M-v1.0-ONNX has it, in any precision; one such file
    vocab.json      the number of each symbol, alone or under "vocab" (config.json of hexgrad/Kokoro-82M has it so)
    voices/ID.bin   a voice: float32 [510, 256], a style for each length of the text. The first letter of the name is
                    the language (a: American, b: British English; others are passed over), the second f or m

The network finds how long each symbol lasts before it speaks; those lengths are the phone times.
"""

from __future__ import annotations

import importlib
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...curves import DoubleArray
from ...errors import EmoTalkError
from ..rules.phones import SILENCE, VOWELS, Phone, from_ipa
from .synthesis import Utterance, espeak, utterance_at_16_khz

KOKORO_RATE = 24000
STEP_SECONDS = 600 / KOKORO_RATE
"""Kokoro counts time in steps of 600 samples."""
LENGTHS = "/encoder/Round_output_0"
"""The value inside the network that holds the steps of each symbol."""
LATENESS = 0.06
MARK_SECONDS = 0.016
"""Symbols come that late after the sound; of a space or stress mark so much belongs to the phone before. Medians over
930 phones of 31 sentences against forced alignment (half of them within 15 ms): plain 60 ms, beginnings of marks 44."""
MOST_SYMBOLS = 500
STYLE_WIDTH = 256

PUNCTUATION = ",.!?;:"
STRESS = "ˈˌ"
PAUSE_LEVEL = 0.03
"""Level that ends the phone before a pause, relative to the loudest of the utterance: its symbol lasts through it."""
LEVEL_STEP = 0.01

# espeak-ng's spellings (a tie ^ within one sound) and those that Kokoro was trained with; longer ones first.
BOTH = {
    "ʔˌn̩": "tn", "ʔn̩": "tn", "ə^l": "ᵊl", "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "ɔ^ɪ": "Y", "d^ʒ": "ʤ", "t^ʃ": "ʧ",
    "ʲo": "jo", "ʲə": "jə", "ʔ": "t", "ɚɹ": "əɹ", "ɚ": "əɹ", "r": "ɹ", "x": "k", "ç": "k", "ɐ": "ə", "ɬ": "l", "ɾ": "T",
    "g": "ɡ", "ʲ": "", "̃": "",
}  # fmt: skip
AMERICAN = {"ɜːɹ": "ɜɹ", "o^ʊ": "O", "ɜː": "ɜɹ", "ɪə": "iə", "e": "A", "ː": "", "o": "ɔ"}
BRITISH = {"e^ə": "ɛː", "ə^ʊ": "Q", "iə": "ɪə", "e": "ɛ", "o": "ɔ"}

SYMBOL_PHONES = {
    "A": "EY", "I": "AY", "O": "OW", "Q": "OW", "W": "AW", "Y": "OY", "ʤ": "JH", "ʧ": "CH", "ᵊ": "AH", "T": "D",
}  # fmt: skip
"""Kokoro's symbols that are no letters of IPA."""


class Kokoro:
    """Kokoro, loaded. `voices` are the names of its English voices, sorted."""

    def __init__(self, folder: Path) -> None:
        """Load it from a folder. Takes onnxruntime and onnx. Raises EmoTalkError where something is missing."""
        models = sorted(folder.glob("*.onnx"))
        self._styles = {path.stem: path for path in sorted((folder / "voices").glob("[ab][fm]_*.bin"))}
        if len(models) != 1 or not self._styles or not (folder / "vocab.json").is_file():
            raise EmoTalkError(
                f"{folder} does not hold Kokoro. Put one .onnx file, vocab.json and voices/*.bin into it."
            )
        symbols = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self._symbols: dict[str, int] = symbols.get("vocab", symbols)
        self._session = _session(models[0])
        self.voices = tuple(self._styles)

    def speak(self, text: str, voice: str, speed: float = 1.0) -> Utterance:
        """Speak one sentence.

        voice: one of `voices`; speed: factor, 0.7 to 1.3 sounds natural. Raises EmoTalkError for a voice that it does
        not have, and a sentence of more than 500 symbols or of none.
        """
        if voice not in self._styles:
            raise EmoTalkError(f"Kokoro has no English voice {voice}. It has {', '.join(self.voices)}.")
        spelling = spell(text, british=voice.startswith("b"))
        known = "".join(symbol for symbol in spelling if symbol in self._symbols)
        if not 0 < len(known) <= MOST_SYMBOLS:
            raise EmoTalkError(f"Kokoro cannot speak {len(known)} symbols at once. Give it a sentence of 1 to 500.")
        styles = np.fromfile(self._styles[voice], np.float32).reshape(-1, STYLE_WIDTH)
        tokens = [0, *(self._symbols[symbol] for symbol in known), 0]
        sound, lengths = self._session.run(
            ["audio", LENGTHS],
            {
                "tokens": np.array([tokens], np.int64),
                "style": styles[[min(len(known), len(styles)) - 1]],
                "speed": np.array([speed], np.float32),
            },
        )
        samples = np.asarray(sound, np.float32).ravel()
        phones = timed_phones(known, np.asarray(lengths, np.float64).ravel())
        return utterance_at_16_khz(samples, KOKORO_RATE, shorten_at_pauses(samples, phones))


def _session(path: Path) -> Any:
    """The network with the symbols' lengths among its outputs, on one core."""
    try:
        onnx: Any = importlib.import_module("onnx")
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise EmoTalkError("Kokoro needs onnx and onnxruntime. Install the training extra.") from error
    model = onnx.load(str(path))
    if not any(LENGTHS in node.output for node in model.graph.node):
        raise EmoTalkError(
            f"{path.name} does not tell how long its phones last. Take onnx-community's Kokoro-82M-v1.0."
        )
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(LENGTHS))
    options = runtime.SessionOptions()
    # One thread: no pool that would be lost when the process is copied to make clips.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def spell(text: str, british: bool) -> str:
    """A text in Kokoro's symbols: each clause as espeak-ng reads it, with the text's own punctuation between."""
    parts = []
    for part in re.split(rf"([{PUNCTUATION}]+)", text):
        if part and part[0] in PUNCTUATION:
            parts.append(part[0])
        elif part.strip():
            ipa = espeak().to_ipa(part, "en" if british else "en-us", tie="^")
            parts.append((" " if parts else "") + to_symbols(ipa, british))
    return "".join(parts)


def to_symbols(ipa: str, british: bool) -> str:
    """espeak-ng's IPA (with ties) as Kokoro was trained to read it."""
    rules = BOTH | (BRITISH if british else AMERICAN)
    pattern = "|".join(re.escape(spelling) for spelling in sorted(rules, key=len, reverse=True))
    text = re.sub(pattern, lambda found: rules[found[0]], re.sub(r"\s+", " ", ipa.strip()))
    # A consonant that is a syllable of its own ("button") has a small vowel before it instead of a mark after it.
    return re.sub(r"(\S)̩", r"ᵊ\1", text).replace("^", "").replace("-", "")


def timed_phones(symbols: str, lengths: DoubleArray) -> list[Phone]:
    """The phones of symbols whose lengths are known, in time.

    lengths: steps of each symbol and of the padding before and after them [symbols + 2]. A space or stress mark belongs
    to the phone that follows but for its beginning; after a mark of punctuation it belongs to the pause.
    """
    edges = np.concatenate([[0.0], np.cumsum(lengths)]) * STEP_SECONDS
    starts: list[tuple[str, float]] = [(SILENCE, 0.0)]
    waiting = None
    for place, symbol in enumerate(symbols):
        time = float(edges[place + 1])
        if symbol in PUNCTUATION:
            starts.append((SILENCE, time))
        elif symbol in STRESS or (symbol == " " and symbols[place - 1] not in PUNCTUATION):
            waiting = time + MARK_SECONDS if waiting is None else waiting
        elif symbol not in " ː":
            for name in _phones_of(symbols, place):
                starts.append((name, time if waiting is None else waiting))
            waiting = None
    starts.append((SILENCE, float(edges[-2])))
    seconds = float(edges[-1])
    times = [max(0.0, time - LATENESS) for _, time in starts] + [seconds]
    return [Phone(name, a, b) for (name, _), (a, b) in zip(starts, pairwise(times), strict=True)]


def _phones_of(symbols: str, place: int) -> tuple[str, ...]:
    """The phone of a symbol; none for an R that only colours the vowel before it (ER)."""
    symbol, before, after = symbols[place], symbols[place - 1 : place], symbols[place + 1 : place + 2]
    if symbol == "ɹ" and (before == "ɜ" or (before == "ə" and not _starts_vowel(after))):
        return ()
    if symbol == "ə" and after == "ɹ" and not _starts_vowel(symbols[place + 2 : place + 3]):
        return ("ER",)
    return (SYMBOL_PHONES[symbol],) if symbol in SYMBOL_PHONES else from_ipa(symbol)


def _starts_vowel(symbol: str) -> bool:
    """Whether a symbol begins a syllable's vowel."""
    if not symbol or symbol in " " + PUNCTUATION:
        return False
    return symbol in STRESS or (SYMBOL_PHONES.get(symbol) or from_ipa(symbol)[0]) in VOWELS


def shorten_at_pauses(samples: npt.NDArray[np.float32], phones: list[Phone]) -> list[Phone]:
    """The phones, where those before a pause end with their sound: their symbols last on into it.

    samples: float32 [N] at 24 kHz.
    """
    step = round(LEVEL_STEP * KOKORO_RATE)
    count = len(samples) // step
    level = np.sqrt(np.square(samples[: count * step].reshape(count, step)).mean(axis=1))
    heard = level > PAUSE_LEVEL * level.max()
    shortened = list(phones)
    for place, (phone, pause) in enumerate(pairwise(phones)):
        if pause.name == SILENCE and phone.name != SILENCE:
            first = int(phone.start / LEVEL_STEP)
            loud = np.flatnonzero(heard[first : int(np.ceil(pause.end / LEVEL_STEP))])
            end = (first + loud[-1] + 1) * LEVEL_STEP if len(loud) else phone.start + LEVEL_STEP
            end = min(max(end, phone.start + LEVEL_STEP), pause.end)
            shortened[place] = Phone(phone.name, phone.start, end)
            shortened[place + 1] = Phone(SILENCE, end, pause.end)
    return shortened
