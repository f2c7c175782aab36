# SPDX-License-Identifier: GPL-3.0-or-later
"""What key reduction does to real speech: python -m tools.measure_reduction [FILE ...] [--tolerance 0.01].

FILE is a sound, performed with the default weights, or captured curves (.npz with an array `curves`, or .npy, floats
[frames, 52] at 30 fps). For each, and each frame rate: keys of the 52 curves before (one on every frame) and after,
the largest error at any frame as Blender evaluates the keys, and the time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from emotalk_blender.animation.keys import evaluate
from emotalk_blender.animation.reduction import closure_frames, reduce_keys
from emotalk_blender.curves import ARKIT_NAMES, FPS, Curves
from emotalk_blender.inference.audio import SoundFile
from emotalk_blender.inference.kept_network import KeptNetwork
from emotalk_blender.inference.work import Work
from tools.environment import ROOT

SAMPLE = ROOT / "tests/data/spoken_sample.flac"
TIMES = 7
LIPS = np.array([name.startswith(("jaw", "mouth", "tongue")) for name in ARKIT_NAMES])


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", default=[SAMPLE])
    parser.add_argument("--tolerance", type=float, default=0.01)
    parser.add_argument("--fps", type=float, nargs="+", default=[24.0, 30.0])
    parser.add_argument("--seconds", type=float, default=1e9, help="how much of each, from its start")
    options = parser.parse_args()
    network = KeptNetwork()
    totals = {fps: np.zeros(2, np.int64) for fps in options.fps}
    print(f"{'file':<24}{'fps':>6}{'frames':>8}{'before':>9}{'after':>8}{'part':>8}{'largest error':>15}{'ms':>8}")
    for path in options.files:
        captured = path.suffix in (".npz", ".npy")
        curves = read_curves(path) if captured else network.generate(Work(SoundFile(path)))
        for fps in options.fps:
            totals[fps] += measure(path.stem, curves, fps, options.tolerance, options.seconds)
    for fps, (before, after) in totals.items():
        print(f"{'all':<24}{fps:>6g}{'':>8}{before:>9}{after:>8}{after / before:>8.1%}")


def read_curves(path: Path) -> Curves:
    """The captured curves in a file, at 30 fps."""
    stored = np.load(path)
    values = stored["curves"] if path.suffix == ".npz" else stored
    return Curves(np.clip(values, 0, 1).astype(np.float32), FPS)


def measure(name: str, curves: Curves, fps: float, tolerance: float, seconds: float) -> tuple[int, int]:
    """Reduce one file's curves at one frame rate and print a line; returns the keys before and after."""
    values = curves.resampled(fps).values[: int(min(seconds, 1e6) * fps)]
    frames = np.arange(1, len(values) + 1)
    kept = closure_frames(values)[:, None] & (LIPS & (np.ptp(values, axis=0) > tolerance))
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        reduced = reduce_keys(frames, values, tolerance, kept)
        taken.append(time.perf_counter() - start)
    error = max(
        float(np.abs(evaluate(keys, frames) - dense).max()) for keys, dense in zip(reduced, values.T, strict=True)
    )
    after = sum(map(len, reduced))
    print(
        f"{name:<24}{fps:>6g}{len(values):>8}{values.size:>9}{after:>8}{after / values.size:>8.1%}"
        f"{error:>15.5f}{1000 * min(taken):>8.1f}"
    )
    return values.size, after


if __name__ == "__main__":
    main()
