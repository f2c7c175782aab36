# SPDX-License-Identifier: GPL-3.0-or-later
"""Build, test and show EmoTalk for Blender. Needs Python 3.11 and nothing else: python3 build.py --help."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from emotalk_blender.inference.performance import EMOTIONS, FROM_VOICE

WANTED = (3, 11)
"""The Python that Blender 4.5 and 5.0 carry, and so the one their Python modules are made for."""

SAMPLE = Path(__file__).resolve().parent / "tests/data/spoken_sample.flac"


def main() -> int:
    """Run the command line. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="let a face speak: writes a .blend, a film and a contact sheet to out/")
    demo.add_argument("--audio", type=Path, default=SAMPLE, metavar="FILE", help="what it says (default: a sample)")
    demo.add_argument("--emotion", choices=(FROM_VOICE, *EMOTIONS), default=FROM_VOICE, help="in which mood")
    test = commands.add_parser("test", help="run the linter, the type checker and all tests")
    test.add_argument("--blender", metavar="COMMAND", help="instead, test the installed zip in this Blender")
    commands.add_parser("build", help="write the extension's zip to dist/")
    bench = commands.add_parser("bench", help="measure how fast it is here, in ratios, and print one table")
    bench.add_argument("names", nargs="*", metavar="NAME", help="only these benchmarks")
    bench.add_argument("--blender", metavar="COMMAND", help="measure in the window of this Blender as well")
    commands.add_parser("faults", help="bring about every fault that the tests know, and print what came of each")
    arguments = parser.parse_args()

    if arguments.command == "demo" and not arguments.audio.is_file():
        raise SystemExit(f"There is no file {arguments.audio}. Give --audio a sound file, or leave it out.")

    from tools import checks, environment, extension_zip

    environment.make_environment()
    if arguments.command == "demo":
        command = [environment.PYTHON, "-m", "tools.demo", arguments.audio.resolve(), arguments.emotion]
        return subprocess.run(command, cwd=environment.ROOT).returncode
    if arguments.command == "build":
        print(extension_zip.build_zip())
        return 0
    if arguments.command == "bench":
        blender = {"EMOTALK_BLENDER": arguments.blender} if arguments.blender else {}
        command = [environment.PYTHON, "-m", "tools.bench", *arguments.names]
        return subprocess.run(command, cwd=environment.ROOT, env=os.environ | blender).returncode
    if arguments.command == "faults":
        return subprocess.run([environment.PYTHON, "-m", "tools.fault_table"], cwd=environment.ROOT).returncode
    if arguments.blender:
        return checks.run_in_blender(arguments.blender)
    environment.make_blender_5()
    return checks.run_checks()


def use_wanted_python() -> None:
    """Start again in Python 3.11 when this is another one; raises SystemExit where there is none."""
    if sys.version_info[:2] == WANTED:
        return
    name = f"python{WANTED[0]}.{WANTED[1]}"
    other = shutil.which(name)
    if other is None:
        raise SystemExit(
            f"This needs Python {WANTED[0]}.{WANTED[1]}, which Blender uses: install {name} and try again."
        )
    os.execv(other, [other, *sys.argv])


if __name__ == "__main__":
    use_wanted_python()
    sys.exit(main())
