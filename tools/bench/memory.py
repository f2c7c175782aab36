# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory something takes at the most, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.environment import ROOT

MARK = "peak-mib "


def peak_of(benchmark: str, what: str) -> float:
    """MiB that `what` of a benchmark's JOBS takes above what the process had before it. Linux only."""
    code = f"from tools.bench import memory, {benchmark}; memory.report_peak({benchmark}.JOBS[{what!r}])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return next(float(line.removeprefix(MARK)) for line in done.stdout.splitlines() if line.startswith(MARK))


def report_peak(job: Callable[[], object]) -> None:
    """Run a job and print its peak; pages mapped from files count as long as they are held."""
    before = _status("VmRSS")
    job()
    print(f"{MARK}{_status('VmHWM') - before:.0f}")


def _status(name: str) -> float:
    """A line of /proc/self/status in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))
