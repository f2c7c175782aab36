# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tools.bench [NAME ...]: run the benchmarks of these names, or all, and print one table.

Each runs in a process of its own, so that none profits from, or pays for, what another has loaded.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

from tools.bench.row import Row, table
from tools.environment import ROOT

BENCHMARKS: tuple[str, ...] = ("network", "clips", "first_click", "slider", "baking", "enabling", "main_loop")
"""Modules of this package, in the order of the table; each has a function rows() that yields what it measured."""

MARK = "bench-row "
"""Begins the lines of a benchmark's output that are rows; all else that is printed is passed over."""


def main() -> int:
    """Run the command line. Returns 1 where a benchmark broke, else 0, whatever was reached."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all if left out")
    parser.add_argument("--here", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        for row in importlib.import_module(f"tools.bench.{options.here}").rows():
            print(f"{MARK}{row.to_json()}", flush=True)
        return 0
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    broken = []
    for name in options.names or BENCHMARKS:
        print(f"== {name}", file=sys.stderr, flush=True)
        found = run(name)
        rows += found or []
        print(table(found or []), file=sys.stderr, flush=True)  # what is measured is not lost where it ends early
        if found is None:
            broken.append(name)
    print(table(rows))
    for name in broken:
        print(f"BROKEN: {name}")
    return 1 if broken else 0


def run(name: str) -> list[Row] | None:
    """The rows of one benchmark, run in a new process; None where it broke, after its own words on stderr."""
    command = [sys.executable, "-m", "tools.bench", "--here", name]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        return None
    return [Row.from_json(line.removeprefix(MARK)) for line in done.stdout.splitlines() if line.startswith(MARK)]


if __name__ == "__main__":
    sys.exit(main())
