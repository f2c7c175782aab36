# SPDX-License-Identifier: GPL-3.0-or-later
"""How far phone times lie from those that forced alignment finds in the same speech.

    python -m tools.check_alignment [TEXTGRID ...]

prints, for each synthesiser's voice and each given recording with a TextGrid of words and phones (.flac or .wav beside
it), the median of the differences of phone starts in ms (positive: later than forced alignment says), of their
magnitudes, and the median of each class of phones. synthesis.FLITE_LATENESS and its like were measured so, with those
constants at 0.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from emotalk_blender.curves import SAMPLE_RATE
from emotalk_blender.inference.audio import read_sound, to_network_samples
from emotalk_blender.training.rules.phones import BILABIALS, LABIODENTALS, SILENCE, STOPS, VOWELS, Phone
from emotalk_blender.training.speech.alignment import Aligner
from emotalk_blender.training.speech.sentences import sentence
from emotalk_blender.training.speech.synthesis import FLITE_VOICES, Utterance, espeak, speak_flite
from emotalk_blender.training.speech.textgrids import read_textgrid, read_textgrid_words
from emotalk_blender.training.speech.transcripts import spoken_words

SENTENCES = 12
ESPEAK_VOICES = ("en-us+f3", "en-us+m3", "en-us+Alex", "en-us+klatt2", "en-us+f5", "en-us+m7")
CLASSES = {"P B M": BILABIALS, "stops": STOPS, "F V": LABIODENTALS, "vowels": VOWELS}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grids", type=Path, nargs="*", metavar="TEXTGRID")
    options = parser.parse_args()
    aligner = Aligner()
    rng = np.random.default_rng(0)
    texts = [sentence(rng) + "." for _ in range(SENTENCES)]
    for grid in options.grids:
        show(grid.stem, [pair for words, speech in phrases(grid) for pair in starts(aligner, words, speech)])
    for voice in FLITE_VOICES:
        spoken = [(spoken_words(text), speak_flite(text, voice)) for text in texts]
        show(f"flite {voice}", [pair for words, speech in spoken for pair in starts(aligner, words, speech)])
    for voice in ESPEAK_VOICES:
        spoken = [(spoken_words(text), espeak().speak(text, voice)) for text in texts]
        show(f"espeak {voice}", [pair for words, speech in spoken for pair in starts(aligner, words, speech)])


def starts(aligner: Aligner, words: list[str], speech: Utterance) -> Iterator[tuple[str, float]]:
    """Name, and start minus the start by forced alignment in ms, of the phones that both have in the same order."""
    found = aligner.align(speech.samples, words)
    labelled = [phone for phone in speech.phones if phone.name != SILENCE]
    heard = [phone for phone in found.phones if phone.name != SILENCE] if found else []
    names = ([phone.name for phone in labelled], [phone.name for phone in heard])
    for first, second, count in SequenceMatcher(None, *names, autojunk=False).get_matching_blocks():
        for offset in range(count):
            one, other = labelled[first + offset], heard[second + offset]
            yield one.name, 1000 * (one.start - other.start)


def phrases(grid: Path, pause: float = 0.2, margin: float = 0.1) -> Iterator[tuple[list[str], Utterance]]:
    """The phrases between the pauses of a recording, as words and speech."""
    sound = next(path for path in (grid.with_suffix(".flac"), grid.with_suffix(".wav")) if path.is_file())
    samples, phones = to_network_samples(read_sound(sound)), read_textgrid(grid)
    phrase: list[tuple[str, float, float]] = []
    for word, start, end in [*read_textgrid_words(grid), ("", 0.0, np.inf)]:
        if word:
            phrase.append((word, start, end))
        elif phrase and end - start > pause:
            begin, finish = max(0.0, phrase[0][1] - margin), phrase[-1][2] + margin
            inside = [
                Phone(p.name, p.start - begin, p.end - begin) for p in phones if begin < p.end and p.start < finish
            ]
            part = samples[int(begin * SAMPLE_RATE) : int(finish * SAMPLE_RATE)]
            yield spoken_words(" ".join(entry[0] for entry in phrase)), Utterance(part, inside)
            phrase = []


def show(name: str, differences: list[tuple[str, float]]) -> None:
    """A line of the table."""
    values = np.array([value for _, value in differences])
    if not len(values):
        sys.stdout.write(f"{name:24s} nothing could be aligned\n")
        return
    classes = {label: [value for phone, value in differences if phone in members] for label, members in CLASSES.items()}
    medians = "  ".join(f"{label} {np.median(part):+.0f}" for label, part in classes.items() if part)
    middle, size = np.median(values), np.median(abs(values))
    sys.stdout.write(
        f"{name:24s} {len(values):4d} phones  median {middle:+.0f} ms, magnitude {size:.0f} ms  ({medians})\n"
    )


if __name__ == "__main__":
    main()
