# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of aligned speech from folders of recordings; what does not fit its text is left out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...inference.audio import read_sound, to_network_samples
from ..rules.phones import SILENCE, Phone, stretch, tidy
from .alignment import Aligner
from .synthesis import SAMPLE_RATE, Utterance
from .transcripts import read_transcripts, spoken_words

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


def read_recordings(folders: list[Path]) -> list[tuple[str, Utterance]]:
    """The recordings of the folders, aligned with their transcripts, as named pieces of about 10 s at most.

    Raises EmoTalkError where a folder holds none, or pocketsphinx or espeak-ng is missing.
    """
    found = [(folder, path, text) for folder in folders for path, text in read_transcripts(folder)]
    aligner = Aligner() if found else None
    pieces: list[tuple[str, Utterance]] = []
    for folder, path, text in found:
        assert aligner is not None
        samples = to_network_samples(read_sound(path))
        pieces += [(f"{folder.name}/{path.stem}", piece) for piece in aligned_pieces(aligner, samples, text)]
    return pieces


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
