# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of speech with known phones, kept in a folder: what took long to make or to align is done once.

pieces.jsonl    one line for each recording or sentence that was worked on: {"of": its name, "pieces": [...]}, an
                empty list where nothing of it could be used; a piece has the fields of Piece
NAME.flac       the sound of a piece: mono, 16 kHz, 16 bit
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import soundfile

from ...curves import SAMPLE_RATE
from ..rules.phones import Phone, tidy
from .synthesis import Utterance


@dataclass(frozen=True)
class Piece:
    """Speech of one voice, without its sound.

    name: unique in its folder; source: one of corpus_making.SOURCES; voice: who speaks, the same for all that one
    person says; emotion, strength: how it is spoken (one of EMOTIONS, 0 to 1); phones: [name, start, end] without gaps.
    """

    name: str
    source: str
    voice: str
    emotion: str
    strength: float
    seconds: float
    phones: list[tuple[str, float, float]]


@dataclass(frozen=True)
class Spoken:
    """What is said of an utterance beside its phones; see Piece."""

    source: str
    voice: str
    emotion: str = "neutral"
    strength: float = 0.0


class PieceFolder:
    """A folder of pieces, which may be added to; a line that a stopped run left unfinished is passed over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._table = folder / "pieces.jsonl"
        self._done: dict[str, list[Piece]] = {}
        lines = self._table.read_text(encoding="utf-8").split("\n") if self._table.is_file() else []
        for line in lines:
            try:
                entry = json.loads(line)
                self._done[entry["of"]] = [_piece(piece) for piece in entry["pieces"]]
            except (json.JSONDecodeError, TypeError, KeyError):
                continue
        if lines and lines[-1]:
            with self._table.open("a", encoding="utf-8") as table:
                table.write("\n")

    def __contains__(self, name: str) -> bool:
        """Whether the recording or sentence of this name has been worked on."""
        return name in self._done

    @property
    def pieces(self) -> list[Piece]:
        """All pieces, by name."""
        return sorted((piece for pieces in self._done.values() for piece in pieces), key=lambda piece: piece.name)

    @property
    def refused(self) -> int:
        """How many recordings could not be used."""
        return sum(not pieces for pieces in self._done.values())

    def add(self, name: str, utterances: list[Utterance], spoken: Spoken) -> None:
        """Keep what a recording or sentence came to; nothing, where it could not be used."""
        pieces = []
        for number, utterance in enumerate(utterances):
            key = name if number == 0 else f"{name}_{number + 1}"
            soundfile.write(self.folder / f"{key}.flac", utterance.samples, SAMPLE_RATE, subtype="PCM_16")
            phones = [(phone.name, round(phone.start, 4), round(phone.end, 4)) for phone in utterance.phones]
            pieces.append(Piece(key, **asdict(spoken), seconds=round(utterance.seconds, 4), phones=phones))
        self._done[name] = pieces
        with self._table.open("a", encoding="utf-8") as table:
            entry = {"of": name, "pieces": [asdict(piece) for piece in pieces]}
            table.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def read(self, piece: Piece) -> Utterance:
        """A piece with its sound."""
        return read_piece(self.folder, piece)


def _piece(entry: dict[str, Any]) -> Piece:
    """A piece as its table has it."""
    return Piece(**{**entry, "phones": [tuple(phone) for phone in entry["phones"]]})


def read_piece(folder: Path, piece: Piece) -> Utterance:
    """A piece of a folder with its sound."""
    samples, _ = soundfile.read(folder / f"{piece.name}.flac", dtype="float32")
    return Utterance(samples, tidy([Phone(*phone) for phone in piece.phones], len(samples) / SAMPLE_RATE))
