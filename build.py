# SPDX-License-Identifier: GPL-3.0-or-later
"""Build, test and show EmoTalk for Blender. Needs Python 3.11 and nothing else: python3 build.py --help."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from emotalk_blender.inference.performance import EMOTIONS, FROM_VOICE

WANTED = (3, 11)
"""The Python that Blender 4.5 and 5.0 carry, and so the one their Python modules are made for."""

PLATFORMS = ("linux-x64", "linux-x64-cuda", "macos-arm64", "windows-x64")
"""The platforms that have a zip of their own, by Blender's names; -cuda is for NVIDIA's cards."""

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
    build = commands.add_parser("build", help="write the extension's zip to dist/")
    build.add_argument("--platform", choices=PLATFORMS, help="with the packages it needs (default: without, for any)")
    torch = build.add_mutually_exclusive_group()
    torch.add_argument("--light", action="store_true", help="without PyTorch, for those who have it")
    torch.add_argument("--torch-index", metavar="URL", help="with PyTorch from this package index")
    wheels = commands.add_parser("wheels", help="fetch the packages for the zips into wheels/, and check them")
    wheels.add_argument("--platform", choices=PLATFORMS, help="only those of one platform")
    wheels.add_argument("--lock", action="store_true", help="first let uv resolve them anew, into the locks in wheels/")
    bench = commands.add_parser("bench", help="measure how fast it is here, in ratios, and print one table")
    bench.add_argument("names", nargs="*", metavar="NAME", help="only these benchmarks")
    bench.add_argument("--blender", metavar="COMMAND", help="measure in the window of this Blender as well")
    commands.add_parser("faults", help="bring about every fault that the tests know, and print what came of each")
    arguments = parser.parse_args()

    if arguments.command == "build" and not arguments.platform and (arguments.light or arguments.torch_index):
        raise SystemExit("Say with --platform for which system the zip shall be.")
    if arguments.command == "demo" and not arguments.audio.is_file():
        raise SystemExit(f"There is no file {arguments.audio}. Give --audio a sound file, or leave it out.")

    from tools import checks, environment

    environment.make_environment()
    if arguments.command == "demo":
        command = [environment.PYTHON, "-m", "tools.pictures.demo", arguments.audio.resolve(), arguments.emotion]
        return subprocess.run(command, cwd=environment.ROOT).returncode
    if arguments.command == "wheels":
        return fetch_wheels([arguments.platform] if arguments.platform else PLATFORMS, arguments.lock)
    if arguments.command == "build":
        return build_zip(arguments.platform, arguments.light, arguments.torch_index)
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


def build_zip(platform: str | None, light: bool, torch_index: str | None) -> int:
    """Build a zip. Returns the exit code."""
    from tools import environment
    from tools.zip import extension_zip

    if platform is None:
        print(extension_zip.build_zip())
        return 0
    options = ["--light"] if light else ["--torch-index", torch_index] if torch_index else []
    command = [str(environment.PYTHON), "-m", "tools.zip.platform_zip", platform, *options]
    return subprocess.run(command, cwd=environment.ROOT).returncode


def fetch_wheels(kinds: Iterable[str], lock: bool) -> int:
    """Fetch the wheels of these kinds of zips, having locked them anew if asked to. Returns the exit code."""
    from tools import environment

    commands = [["tools.wheels.resolve"]] if lock else []
    commands.append(["tools.wheels.fetch", *kinds])
    for command in commands:
        code = subprocess.run([environment.PYTHON, "-m", *command], cwd=environment.ROOT).returncode
        if code:
            return code
    return 0


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
