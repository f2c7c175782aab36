# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching the locked wheels into wheels/. pip makes sure that they are the locked ones.

Run as: python -m tools.wheels.fetch KIND ...
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

from tools.environment import PYTHON, ROOT
from tools.wheels.lock import Pin, read_pins
from tools.wheels.targets import PYTHONS, ZIP_KINDS, pip_options, wheels_that_fit

FOLDER = ROOT / "wheels"


def main() -> int:
    """Fetch all locked wheels of the kinds of zips that the arguments name, and say how large they are together."""
    for kind in sys.argv[1:]:
        platform = ZIP_KINDS[kind].platform
        wheels = {wheel for python in PYTHONS for wheel in fetch(read_pins(kind, python), platform, python)}
        print(f"{kind}: {len(wheels)} wheels, {sum(wheel.stat().st_size for wheel in wheels) / 1e6:.0f} MB")
    return 0


def fetch(pins: Sequence[Pin], platform: str, python: str, folder: Path = FOLDER) -> list[Path]:
    """The wheels of these pins for a platform and a Python. Those that aren't in the folder yet, pip downloads.

    Raises SystemExit where the package index doesn't have one of them with a locked hash.
    """
    missing = [pin for pin in pins if find_wheel(pin, platform, python, folder) is None]
    if missing:
        print(f"== Fetching {len(missing)} wheels for {platform}, Python {python}", flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            requirements = Path(temporary) / "requirements.txt"
            requirements.write_text("".join(f"{pin.text}\n" for pin in missing), encoding="utf-8")
            code = download(["--require-hashes", "-r", str(requirements)], platform, python, folder)
        if code:
            raise SystemExit(
                f"The wheels for {platform} could not all be fetched: pip's own message above says which. "
                "If it is PyTorch, name an index that has it with --torch-index, or build with --light."
            )
    found = [find_wheel(pin, platform, python, folder) for pin in pins]
    return [wheel for wheel in found if wheel is not None]


def find_wheel(pin: Pin, platform: str, python: str, folder: Path = FOLDER) -> Path | None:
    """The wheel in a folder that a pin locks for a platform and a Python; None where there is none with its hash."""
    for name in wheels_that_fit(sorted(path.name for path in folder.glob("*.whl")), platform, python):
        package, version = parse_wheel_filename(name)[:2]
        is_pinned = (package, str(version)) == (canonicalize_name(pin.name), pin.version)
        if is_pinned and sha256_of(folder / name) in pin.hashes:
            return folder / name
    return None


def fetch_torch(requirement: str, platform: str, index: str, folder: Path = FOLDER) -> dict[str, Path]:
    """Let pip download PyTorch from an index that the user names, for every Python that the index has it for.

    No lock knows these wheels, so their hashes are printed. Returns Python: wheel. Raises SystemExit where the index
    has none of them.
    """
    found = {}
    for python in PYTHONS:
        print(f"== Fetching {requirement} for Python {python} from the index given", flush=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            if download(["--no-cache-dir", "--index-url", index, requirement], platform, python, Path(temporary)) == 0:
                (fetched,) = Path(temporary).iterdir()
                found[python] = fetched.replace(folder / fetched.name)
                print(f"{fetched.name}, SHA-256 {sha256_of(found[python])}", flush=True)
    if not found:
        raise SystemExit(f"The index given has no {requirement} for {platform}: pip's own message above says why.")
    return found


def download(requirements: list[str], platform: str, python: str, folder: Path) -> int:
    """Run pip's download, without dependencies, for a platform and Python. Returns its exit code."""
    command = ["-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps", "-d", str(folder)]
    return subprocess.run([str(PYTHON), *command, *pip_options(platform, python), *requirements]).returncode


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
