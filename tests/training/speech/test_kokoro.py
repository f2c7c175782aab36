# SPDX-License-Identifier: GPL-3.0-or-later
"""Kokoro: its spelling, its pauses, and when its phones start."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.rules.phones import Phone
from emotalk_blender.training.speech.kokoro import (
    KOKORO_RATE,
    LATENESS,
    LENGTHS,
    MARK_SECONDS,
    Kokoro,
    shorten_at_pauses,
    spell,
    timed_phones,
    to_symbols,
)
from emotalk_blender.training.speech.kokoro_speech import KokoroSpeech, speak_pieces
from emotalk_blender.training.speech.pieces import PieceFolder
from emotalk_blender.training.speech.synthesis import missing_synthesisers

needs_espeak = pytest.mark.skipif("espeak-ng" in missing_synthesisers(), reason="espeak-ng is not installed here")


@pytest.mark.parametrize(
    ("ipa", "british", "symbols"),
    [
        ("t^ʃˈe^ɪnd^ʒ", False, "ʧˈAnʤ"),
        ("bˈɜːd", False, "bˈɜɹd"),
        ("bˈɜːd", True, "bˈɜːd"),
        ("ɹˈo^ʊd", False, "ɹˈOd"),
        ("ɹˈə^ʊd", True, "ɹˈQd"),
        ("bˈɑːɾə^l", False, "bˈɑTᵊl"),
        ("mˈʌðɚ", False, "mˈʌðəɹ"),
        ("bˈʌʔn̩", False, "bˈʌtn"),
    ],
)
def test_espeak_is_spelled_as_kokoro_was_taught(ipa: str, british: bool, symbols: str) -> None:
    assert to_symbols(ipa, british) == symbols


@needs_espeak
def test_punctuation_stays_between_the_words() -> None:
    assert spell("Papa, buy a chair!", british=False) == "pˈɑpə, bˈI ɐ ʧˈɛɹ!".replace("ɐ", "ə")


def test_phones_take_the_marks_before_them_and_pauses_their_punctuation() -> None:
    symbols = "bˈI, mˈI ɜɹ."
    lengths = np.array([8, 2, 2, 4, 8, 2, 2, 2, 4, 2, 2, 2, 6, 1], float)
    phones = timed_phones(symbols, lengths)
    assert [phone.name for phone in phones] == ["SIL", "B", "AY", "SIL", "M", "AY", "ER", "SIL", "SIL"]
    starts = {name: phone.start + LATENESS for name, phone in zip("_bI,mJr.$", phones, strict=True)}
    assert starts["b"] == pytest.approx(8 * 0.025)
    assert starts["I"] == pytest.approx(10 * 0.025 + MARK_SECONDS)
    assert starts[","] == pytest.approx(16 * 0.025)
    assert starts["m"] == pytest.approx(26 * 0.025), "the space after the comma belongs to the pause"
    assert starts["r"] == pytest.approx(34 * 0.025 + MARK_SECONDS), "and one between words to the word"
    assert phones[-1].end == pytest.approx(lengths.sum() * 0.025)


def test_an_r_after_a_vowel_colours_it_and_one_before_a_vowel_is_itself() -> None:
    def names(symbols: str) -> list[str]:
        return [phone.name for phone in timed_phones(symbols, np.full(len(symbols) + 2, 4.0)) if phone.name != "SIL"]

    assert names("mˈʌðəɹ") == ["M", "AH", "DH", "ER"]
    assert names("əɹˈWnd") == ["AH", "R", "AW", "N", "D"]
    assert names("bˈɜɹd") == ["B", "ER", "D"]
    assert names("vˈɛɹi") == ["V", "EH", "R", "IY"]


def test_a_phone_before_a_pause_ends_with_its_sound() -> None:
    samples = np.zeros(KOKORO_RATE, np.float32)
    samples[: KOKORO_RATE // 2] = np.sin(np.arange(KOKORO_RATE // 2) / 10)
    phones = [Phone("AA", 0.0, 0.3), Phone("N", 0.3, 0.9), Phone("SIL", 0.9, 1.0)]
    shorter = shorten_at_pauses(samples, phones)
    assert shorter[0] == phones[0]
    assert shorter[1].end == pytest.approx(0.5, abs=0.011)
    assert shorter[2] == Phone("SIL", shorter[1].end, 1.0)


def test_a_folder_without_kokoro_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmoTalkError, match="does not hold Kokoro"):
        Kokoro(tmp_path)


@needs_espeak
def test_kokoro_speaks_and_says_when(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    write_tiny_kokoro(onnx, tmp_path)
    kokoro = Kokoro(tmp_path)
    assert kokoro.voices == ("af_tiny", "bm_tiny")
    spoken = kokoro.speak("Papa.", "af_tiny", 0.5)
    symbols = spell("Papa.", british=False)
    # The tiny network lets every symbol last 2 / speed steps.
    assert spoken.seconds == pytest.approx((len(symbols) + 2) * 4 * 0.025, abs=1e-3)
    assert [phone.name for phone in spoken.phones if phone.name != "SIL"] == ["P", "AA", "P", "AH"]
    assert spoken.phones[-1].end == pytest.approx(spoken.seconds, abs=1e-3)
    with pytest.raises(EmoTalkError, match="no English voice"):
        kokoro.speak("Papa.", "jf_tiny")
    with pytest.raises(EmoTalkError, match="cannot speak 0 symbols"):
        kokoro.speak(" ", "af_tiny")


@needs_espeak
def test_sentences_are_spoken_in_turn_and_once(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    write_tiny_kokoro(onnx, tmp_path / "model")
    quiet = lambda what, part: None  # noqa: E731
    pieces = PieceFolder(tmp_path / "pieces")
    spoken = speak_pieces(KokoroSpeech(tmp_path / "model", 0.1, 3), pieces, 1, quiet)
    assert spoken == pieces.pieces
    assert sum(piece.seconds for piece in spoken) >= 6
    assert [piece.voice for piece in spoken[:3]] == ["af_tiny", "bm_tiny", "af_tiny"]
    assert all(piece.source == "kokoro" for piece in spoken)
    again = PieceFolder(tmp_path / "pieces")
    assert speak_pieces(KokoroSpeech(tmp_path / "gone", 0.1, 3), again, 1, quiet) == spoken
    assert len(speak_pieces(KokoroSpeech(tmp_path / "gone", 0.02, 3), again, 1, quiet)) < len(spoken)


def write_tiny_kokoro(onnx: object, folder: Path) -> None:
    """A network with Kokoro's inputs and outputs: a steady sound, 2 / speed steps of 600 samples for each symbol."""
    folder.mkdir(exist_ok=True)
    helper, kind = onnx.helper, onnx.TensorProto  # type: ignore[attr-defined]
    constants = [
        helper.make_tensor("two", kind.FLOAT, [1], [2.0]),
        helper.make_tensor("step", kind.FLOAT, [1], [600.0]),
        helper.make_tensor("axes", kind.INT64, [1], [-1]),
    ]
    nodes = [
        helper.make_node("Cast", ["tokens"], ["zeros_of"], to=kind.FLOAT),
        helper.make_node("Sub", ["zeros_of", "zeros_of"], ["zeros"]),
        helper.make_node("Div", ["two", "speed"], ["each"]),
        helper.make_node("Add", ["zeros", "each"], ["lengths"]),
        helper.make_node("Round", ["lengths"], [LENGTHS]),
        helper.make_node("ReduceSum", [LENGTHS, "axes"], ["steps"], keepdims=0),
        helper.make_node("Mul", ["steps", "step"], ["count"]),
        helper.make_node("Cast", ["count"], ["shape"], to=kind.INT64),
        helper.make_node("Expand", ["two", "shape"], ["sound"]),
        helper.make_node("ReduceMean", ["style"], ["level"], keepdims=0),
        helper.make_node("Mul", ["sound", "level"], ["audio"]),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", kind.INT64, [1, None]),
        helper.make_tensor_value_info("style", kind.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", kind.FLOAT, [1]),
    ]
    outputs = [helper.make_tensor_value_info("audio", kind.FLOAT, [None])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "tiny.onnx"))  # type: ignore[attr-defined]
    (folder / "vocab.json").write_text(json.dumps({"vocab": {symbol: n + 1 for n, symbol in enumerate("pɑə ˈ.,")}}))
    (folder / "voices").mkdir()
    for voice in ("af_tiny", "bm_tiny", "jf_tiny"):
        np.full((510, 256), 0.1, np.float32).tofile(folder / "voices" / f"{voice}.bin")
