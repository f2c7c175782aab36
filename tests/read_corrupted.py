# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.read_corrupted blender|plain FILE COUNT: read a sound COUNT times, damaged another way each time.

A process of its own, since a decoder that breaks takes its process along. Prints a line for each: "read", or the
sentence. Ends with a traceback where a file keeps it longer than a minute: that one has no end.
"""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from emotalk_blender.errors import EmoTalkError
from tools.environment import ROOT

from .bad_sounds import corrupted

LONGEST = 60
"""Seconds that one file may take."""


def told_of_damage(where: str, file: Path, count: int = 200) -> str:
    """What reading a file with each of these damages ended with, counted; fails where it ended the process."""
    command = [sys.executable, "-m", "tests.read_corrupted", where, str(file), str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    lines = [line.removeprefix("told: ") for line in done.stdout.splitlines() if line.startswith("told: ")]
    assert (done.returncode, len(lines)) == (0, count), done.stderr[-2000:]
    assert all(line == "read" or line.endswith(".") for line in lines)
    return ", ".join(f"{times} x {line}" for line, times in Counter(lines).most_common())


def reader(where: str) -> Callable[[Path], object]:
    """How Blender or the command line reads a sound."""
    if where == "blender":
        import bpy  # noqa: F401  # aud is a part of it

        from emotalk_blender.blender.sequencer.sound import SoundSource, read_samples
        from emotalk_blender.inference.progress import quiet

        return lambda path: read_samples(SoundSource(path), 0.0, 1000.0, quiet)

    from emotalk_blender.inference.audio import read_sound, to_network_samples

    return lambda path: to_network_samples(read_sound(path))


def main() -> None:
    where, file, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    data, bad, read = file.read_bytes(), file.with_name(f"bad{file.suffix}"), reader(where)
    for seed in range(count):
        bad.write_bytes(corrupted(data, seed))
        sys.stderr.write(f"damage {seed}\n")
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        try:
            read(bad)
            told = "read"
        except EmoTalkError as error:
            told = str(error)
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.write(f"told: {told}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
