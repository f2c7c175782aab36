# SPDX-License-Identifier: GPL-3.0-or-later
"""Acted moods with phones noted by hand: the Berlin Database of Emotional Speech (EmoDB).

F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss (2005), "A database of German emotional speech". A file's
name is speaker (two digits), text (a letter, two digits), mood and take: 03a01Fa. NAME.lablaut beside the sound holds
its phones: lines of a start in seconds, a color and a label, after a line "#". A label is a phone, or what was
noted about one (tasp: the breath of a T), then tabs and marks of how it was spoken, which change no mouth.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from ...curves import SAMPLE_RATE
from ...errors import EmoTalkError
from ...inference.audio import read_sound, to_network_samples
from ..rules.phones import SILENCE, Phone, tidy
from .pieces import PieceFolder, Spoken
from .synthesis import Utterance

SOURCE = "emodb"
MOODS = {"N": "neutral", "F": "happy", "T": "sad", "W": "angry", "A": "fear", "E": "disgust"}
"""Mood letters: the German words' initials. L, boredom, is no emotion of ours."""
STRENGTH = 1.0
"""The actors were asked for moods that strangers name."""
NAME = re.compile(r"(\d\d)([ab]\d\d)([A-Z])([a-z])")
LINE = re.compile(r"\s*([\d.]+)\s+-?\d+\s?(.*)")

# SAMPA of German and the database's own signs. German rounds vowels that English doesn't: they take the English
# vowel with those lips. A lenis B between vowels (B) hardly touches.
LABELS = {
    "a": "AH", "a:": "AA", "A": "AA", "e": "EY", "E": "EH", "E:": "EH", "i": "IY", "I": "IH", "o": "OW", "O": "AO",
    "u": "UW", "U": "UH", "y": "UW", "Y": "UH", "2": "UH", "9": "UH", "6": "AH", "@": "AH", "V": "V", "8": "UH",
    "p": "P", "b": "B", "B": "V", "t": "T", "d": "D", "D": "DH", "k": "K", "g": "G", "G": "G", "m": "M", "n": "N",
    "N": "NG", "J": "N", "f": "F", "v": "V", "s": "S", "z": "Z", "S": "SH", "Z": "ZH", "C": "HH", "x": "HH", "X": "HH",
    "h": "HH", "H": "HH", "j": "Y", "l": "L", "L": "L", "r": "R", "R": "R", "4": "R", "?": "T",
}  # fmt: skip
DIPHTHONGS = {
    "aI": "AY", "aU": "AW", "OY": "OY", "OU": "OW", "aO": "AW", "AO": "AW", "AU": "AW", "ao": "AW",
}  # fmt: skip
PAUSES = frozenset({"", ".", "(", "!", "(gef"})


def emodb_files(folder: Path) -> list[Path]:
    """The sounds of the database whose mood is one of ours, by name. Raises EmoTalkError where there is none."""
    found = [
        path
        for path in sorted(folder.iterdir() if folder.is_dir() else [])
        if path.suffix in (".wav", ".flac") and (name := NAME.fullmatch(path.stem)) and name[3] in MOODS
    ]
    if not found:
        raise EmoTalkError(f"{folder} holds no sound of EmoDB (03a01Fa.wav and the like).")
    return found


def prepare_emodb(folder: Path, pieces: PieceFolder) -> None:
    """Keep the database's sentences as pieces; those whose phones were not noted are left out. Raises EmoTalkError."""
    for path in emodb_files(folder):
        if path.stem not in pieces:
            found = read_emodb(path)
            pieces.add(path.stem, [found[0]] if found else [], found[1] if found else Spoken(SOURCE, SOURCE))


def read_emodb(path: Path) -> tuple[Utterance, Spoken] | None:
    """A sentence with its phones, speaker and mood; None where its phones were not noted."""
    name = NAME.fullmatch(path.stem)
    assert name is not None
    emotion = MOODS[name[3]]
    spoken = Spoken(SOURCE, f"{SOURCE}/{name[1]}", emotion, 0.0 if emotion == "neutral" else STRENGTH)
    labels = path.with_suffix(".lablaut")
    samples = to_network_samples(read_sound(path))
    text = labels.read_text(encoding="latin-1") if labels.is_file() else ""
    phones = read_labels(text, len(samples) / SAMPLE_RATE)
    return (Utterance(samples, phones), spoken) if phones else None


def read_labels(text: str, seconds: float) -> list[Phone]:
    """The phones of a .lablaut file, without gaps over the sound's `seconds`; none where it notes none.

    Raises EmoTalkError for a label that stands for no phone.
    """
    _, _, body = text.replace("\r", "").partition("\n#\n")
    entries: list[tuple[str, float]] = []
    for line in body.splitlines():
        found = LINE.match(line)
        label = re.split(r"[\t ]", found[2])[0] if found else ""
        # A label without a phone notes a change within the one before it.
        if found and not label.startswith(("+", "-", "[")) and (label or not entries):
            entries.append((label, float(found[1])))
    phones: list[Phone] = []
    for (label, start), (_, end) in pairwise([*entries, ("", seconds)]):
        names = _names(label)
        share = (end - start) / len(names)
        for number, name in enumerate(names):
            begin = start + number * share
            if phones and name == phones[-1].name and label[0] in "!_tpkbdg":
                phones[-1] = Phone(name, phones[-1].start, begin + share)  # closure, burst and breath of one stop
            else:
                phones.append(Phone(name, begin, begin + share))
    spoken = [phone for phone in phones if phone.start < seconds]
    return tidy(spoken, seconds) if any(phone.name != SILENCE for phone in spoken) else []


def _names(label: str) -> tuple[str, ...]:
    """The phones that a label stands for: one, or two for a vowel that runs into another."""
    if label in PAUSES:
        return (SILENCE,)
    # "!t" is the burst of a T, "_t" its closure, "tasp" its breath; a doubled sign is one long phone.
    bare = re.sub(r"asp?$", "", label) if len(label) > 2 and label[0] in "tpkbdg" else label
    bare = bare.lstrip("!_").split("+")[0].split("-")[0]
    if bare in DIPHTHONGS:
        return (DIPHTHONGS[bare],)
    letters = bare[:1] if len(bare) == 2 and bare[0] == bare[1] else bare
    if letters and all(letter in LABELS for letter in letters):
        return tuple(dict.fromkeys(LABELS[letter] for letter in letters))
    raise EmoTalkError(f"{label!r} is no label of EmoDB that stands for a phone.")
