# SPDX-License-Identifier: GPL-3.0-or-later
"""From the click on Generate to the keys: the first one, which loads PyTorch and the network, and the next."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.compiled import environment
from tools.bench.row import Row
from tools.bench.speech import speech_of
from tools.environment import ROOT

SECONDS = 10
ROUNDS = 5
FIRST, SECOND = 3.0, 0.4


def rows() -> Iterator[Row]:
    """Two rows, each the median over new Blenders."""
    with TemporaryDirectory() as folder:
        once(Path(folder))  # Python writes its compiled files at the first time after an installation
        rounds = [once(Path(folder)) for _ in range(ROUNDS)]
    for what, limit, index in (
        ("first result after a click, model not loaded", FIRST, 0),
        ("the second one, another sound", SECOND, 1),
    ):
        seconds = [times[index] for times in rounds]
        median = statistics.median(seconds)
        yield Row(
            what=f"{what}, {SECONDS} s strip",
            against="",
            reach=f"under {limit:g} s",
            measured=f"{median:.2f} s",
            reached=median < limit,
            note=f"median of {ROUNDS} new Blenders that find compiled files, largest {max(seconds):.2f} s",
        )


def once(compiled: Path) -> list[float]:
    """Seconds of the clicks in a new Blender; compiled: folder of Python's compiled files."""
    command = [sys.executable, "-m", __name__]
    done = subprocess.run(command, cwd=ROOT, env=environment(compiled), stdout=subprocess.PIPE, text=True, check=True)
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def clicks() -> list[float]:
    """Seconds of two clicks in this Blender: two sounds, one after the other, onto the EmoTalk face."""
    from tools.bench.in_blender import OUT, extension, face_and_strip

    seconds = []
    with extension():
        for index in range(2):
            face_and_strip(speech_of(SECONDS, OUT / f"click_{index}.wav", start=3.0 * index))
            start = time.perf_counter()
            click()
            seconds.append(time.perf_counter() - start)
    return seconds


def click() -> None:
    """Do what the button does where there is a window. Without one no timer fires, so this ticks in Blender's place."""
    import bpy

    from emotalk_blender.blender.face.targets import find_targets
    from emotalk_blender.blender.generate import jobs
    from emotalk_blender.blender.generate.request import request_of

    context = bpy.context
    jobs.start(request_of(context, context.scene.emotalk.strip, find_targets(context.selected_objects)))
    wait: float | None = jobs.TICK
    while wait is not None:
        time.sleep(wait)
        wait = jobs.tick()
    bpy.app.timers.unregister(jobs.tick)
    if jobs.state.failed:
        raise RuntimeError(jobs.state.message)


if __name__ == "__main__":
    sys.stdout.write(f"\n{json.dumps(clicks())}\n")
