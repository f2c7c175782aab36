# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of recordings: the sounds in them, who speaks and what is said."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import EmoTalkError

SOUNDS = ("*.flac", "*.wav", "*.ogg", "*.opus")
LIBRISPEECH = re.compile(r"(\d+)-\d+-\d+")
"""LibriSpeech names its sounds by reader, chapter and sentence."""


@dataclass(frozen=True)
class Recording:
    """A sound, who speaks in it, and the text that it is read from; None where nobody wrote it down."""

    path: Path
    speaker: str
    text: str | None


def find_recordings(folder: Path) -> list[Recording]:
    """The recordings of a folder, by name.

    The text of NAME.flac (or .wav, .ogg, .opus) stands in transcripts.csv (columns clip and text, and speaker if it is
    known) or in NAME.txt; TALE.txt is the text of TALE_1.flac as well, which may hold only a part of it. Where no
    speaker is told, names as LibriSpeech has them tell it, and else one person speaks in the whole folder. Raises
    EmoTalkError where the folder holds no sound.
    """
    texts = {path.stem: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.txt"))}
    rows = read_table(folder / "transcripts.csv")
    texts.update({clip: row["text"] for clip, row in rows.items()})
    found = []
    for sound in sorted(path for ending in SOUNDS for path in folder.glob(ending)):
        names = [name for name in texts if sound.stem == name or sound.stem.startswith(f"{name}_")]
        numbered = LIBRISPEECH.fullmatch(sound.stem)
        speaker = rows.get(sound.stem, {}).get("speaker") or (numbered[1] if numbered else "")
        text = texts[max(names, key=len)] if names else None
        found.append(Recording(sound, f"{folder.name}/{speaker}" if speaker else folder.name, text))
    if not found:
        raise EmoTalkError(f"{folder} holds no recordings (.flac, .wav, .ogg or .opus). Choose another folder.")
    return found


def read_table(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a transcripts.csv by clip; none where there is no such file. Raises EmoTalkError for another one."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if any(row.get("clip") is None or row.get("text") is None for row in rows):
        raise EmoTalkError(f"{path} needs the columns clip and text. Mend its first line.")
    return {row["clip"]: row for row in rows}
