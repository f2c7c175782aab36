# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of aligned speech from folders of recordings; what does not fit its text is left out."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...curves import SAMPLE_RATE
from ...errors import EmoTalkError
from ...inference.audio import read_sound, to_network_samples
from ...inference.progress import Report
from ..rules.phones import SILENCE, Phone, stretch, tidy
from .alignment import Aligner
from .pieces import PieceFolder, Spoken
from .recording_folders import find_recordings, read_table
from .synthesis import Utterance
from .transcripts import spoken_words
from .whisper import Whisper

SOURCE = "recording"
LEAST_CONFIDENCE = -0.7
"""Whisper's mean log probability below which what it heard is not believed."""
WHOLE_SECONDS = 16.0
"""Recordings up to that long are aligned at once; longer ones piece by piece."""
PIECE_SECONDS = 10.0
WORDS_A_PIECE = 60
"""More words than anybody says in a piece."""
PAUSE_SECONDS = 0.2
PAUSE_LEVEL = 0.06
"""Loudness of a pause, relative to loud speech."""
WORST_FIT = -65.0
"""Alignment.fit below which recording and text do not belong together."""


class Recordings:
    """What turns recordings into pieces: an aligner, and a recogniser of speech for those without a text."""

    def __init__(self, whisper: Path | None = None) -> None:
        """whisper: folder of a Whisper network, which is loaded when it is first needed."""
        self._folder = whisper
        self._aligner: Aligner | None = None
        self._whisper: Whisper | None = None

    def prepare(self, folder: Path, pieces: PieceFolder, report: Report) -> None:
        """Align the recordings of a folder and keep what fits; goes on where it was stopped.

        What is heard in recordings without a text is kept in `pieces` too, in transcripts.csv; what Whisper is unsure
        of is left out. Raises EmoTalkError where the folder has no recordings, or none with a text and no Whisper, or
        pocketsphinx or espeak-ng is missing.
        """
        found = find_recordings(folder)
        if self._folder is None:
            found = [recording for recording in found if recording.text is not None]
            if not found:
                raise EmoTalkError(
                    f"{folder} has no transcripts (transcripts.csv or NAME.txt beside its recordings). Add them, or "
                    "let --whisper hear them."
                )
        for number, recording in enumerate(found):
            name = recording.path.stem
            if name not in pieces:
                samples = to_network_samples(read_sound(recording.path))
                text = recording.text if recording.text is not None else self._heard(name, samples, pieces.folder)
                self._aligner = self._aligner or Aligner()
                pieces.add(name, aligned_pieces(self._aligner, samples, text), Spoken(SOURCE, recording.speaker))
            report(f"Aligning {folder.name}", (number + 1) / len(found))

    def _heard(self, name: str, samples: npt.NDArray[np.float32], folder: Path) -> str:
        """What Whisper hears in a recording, or heard in an earlier run; nothing where it is unsure."""
        table = folder / "transcripts.csv"
        row = read_table(table).get(name)
        if row is None:
            assert self._folder is not None
            self._whisper = self._whisper or Whisper(self._folder)
            heard = self._whisper.transcribe(samples)
            row = {"clip": name, "confidence": f"{heard.confidence:.3f}", "text": heard.text}
            new = not table.is_file()
            with table.open("a", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(row))
                if new:
                    writer.writeheader()
                writer.writerow(row)
        return row["text"] if float(row["confidence"]) >= LEAST_CONFIDENCE else ""


def aligned_pieces(aligner: Aligner, samples: npt.NDArray[np.float32], text: str) -> list[Utterance]:
    """What of a recording (float32 [N], 16 kHz) fits its text, cut at pauses into pieces of about 10 s at most.

    A long recording may begin and end within the text, which may have wrong words: each piece is looked for in the
    words that follow those of the last piece found.
    """
    words = spoken_words(text)
    if len(samples) <= WHOLE_SECONDS * SAMPLE_RATE:
        whole = convincing(aligner, samples, words)
        return cut_at_pauses(whole) if whole else []
    words = [word for word in words if aligner.knows(word)]
    pieces = []
    place, window = 0, WORDS_A_PIECE
    for start, end in pairwise(pause_edges(samples)):
        part = samples[start:end]
        near = words[place : place + window]
        said = aligner.find(part, near)
        piece = convincing(aligner, part, near[said[0] : said[1]]) if said else None
        if said and piece:
            pieces += cut_at_pauses(piece)
            place, window = place + said[1], WORDS_A_PIECE
        else:
            window += WORDS_A_PIECE
    return pieces


def convincing(aligner: Aligner, samples: npt.NDArray[np.float32], words: list[str]) -> Utterance | None:
    """A recording aligned with its words, or None where it does not say them."""
    found = aligner.align(samples, words)
    if found is None or found.fit < WORST_FIT or not plausible(found.phones):
        return None
    return Utterance(samples, found.phones)


def plausible(phones: list[Phone]) -> bool:
    """Whether an alignment can be true: 5 to 22 phones a second of speech, and none held beyond 0.8 s."""
    spoken = [phone for phone in phones if phone.name != SILENCE]
    seconds = sum(phone.end - phone.start for phone in spoken)
    return bool(spoken) and 5 <= len(spoken) / seconds <= 22 and max(p.end - p.start for p in spoken) < 0.8


def pause_edges(samples: npt.NDArray[np.float32], longest: float = PIECE_SECONDS) -> list[int]:
    """Where to cut a recording, from its first sample to its last: in the middle of pauses.

    Pieces are as long as they can be within `longest` seconds, or up to the next pause where there is none.
    """
    step = SAMPLE_RATE // 100
    count = len(samples) // step
    level = np.sqrt(np.square(samples[: count * step].reshape(count, step)).mean(axis=1))
    quiet = np.concatenate([[False], level < PAUSE_LEVEL * np.percentile(level, 95), [False]])
    turns = np.flatnonzero(quiet[1:] != quiet[:-1]).reshape(-1, 2)
    pauses = [int(first + last) // 2 * step for first, last in turns if last - first >= PAUSE_SECONDS * 100]
    edges = [0]
    for pause, following in pairwise([*pauses, len(samples)]):
        if following - edges[-1] > longest * SAMPLE_RATE and pause > edges[-1]:
            edges.append(pause)
    return [*edges, len(samples)]


def cut_at_pauses(utterance: Utterance, longest: float = PIECE_SECONDS) -> list[Utterance]:
    """Pieces of at most about `longest` seconds, cut in the middle of silent phones."""
    edges = [0.0]
    for phone in utterance.phones:
        middle = (phone.start + phone.end) / 2
        if phone.name == SILENCE and phone.end - phone.start > 0.15 and middle - edges[-1] > longest * 0.5:
            edges.append(middle)
    if utterance.seconds - edges[-1] < 1.5 and len(edges) > 1:
        edges.pop()
    edges.append(utterance.seconds)
    pieces = []
    for start, end in pairwise(edges):
        phones = stretch(utterance.phones, start, end)
        samples = utterance.samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        pieces.append(Utterance(samples, tidy(phones, len(samples) / SAMPLE_RATE)))
    return pieces
