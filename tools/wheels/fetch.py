# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching the locked wheels into wheels/, and making sure that they are the locked ones."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tools.environment import PYTHON, ROOT
from tools.wheels.lock import Wheel, read_lock
from tools.wheels.targets import PYTHONS, ZIP_KINDS, pip_options

FOLDER = ROOT / "wheels"


def fetch(wheels: Iterable[Wheel], folder: Path = FOLDER) -> None:
    """Let pip download the wheels that are not in the folder yet, by version and hash.

    Raises SystemExit where the package index doesn't have one of them.
    """
    missing: dict[tuple[str, str], list[Wheel]] = defaultdict(list)
    for wheel in {wheel.file: wheel for wheel in wheels}.values():
        if not (folder / wheel.file).exists():
            missing[wheel.zips[0], wheel.pythons[0]].append(wheel)
    for (kind, python), group in missing.items():
        print(f"== Fetching {len(group)} wheels for {kind}, Python {python}", flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            pins = Path(temporary) / "pins.txt"
            # With === the builds +cpu or +cu130 of a version are not taken for the version itself.
            pins.write_text("".join(f"{w.name}==={w.version} --hash=sha256:{w.sha256}\n" for w in group))
            done = download(["--require-hashes", "-r", str(pins)], ZIP_KINDS[kind].platform, python, folder)
        if done:
            raise SystemExit(
                f"The wheels for {kind} could not all be fetched: pip's own message above says which. "
                "If it is PyTorch, name an index that has it with --torch-index, or build with --light."
            )


def check(wheels: Iterable[Wheel], folder: Path = FOLDER) -> None:
    """Compare size and hash of the wheels in the folder with the lock; raises SystemExit where one is not the same."""
    for wheel in wheels:
        path = folder / wheel.file
        if path.stat().st_size != wheel.size or sha256_of(path) != wheel.sha256:
            raise SystemExit(f"{path} is not the wheel that wheels/lock.toml names: delete it and try again.")


def fetch_kind(kind: str) -> None:
    """Fetch and check all locked wheels of a kind of zip, and say how large they are together."""
    wanted = [wheel for wheel in read_lock().wheels if kind in wheel.zips]
    fetch(wanted)
    check(wanted)
    print(f"{kind}: {len(wanted)} wheels, {sum(wheel.size for wheel in wanted) / 1e6:.0f} MB")


def fetch_torch(requirement: str, platform: str, index: str, folder: Path = FOLDER) -> dict[str, Path]:
    """Let pip download PyTorch from an index that the user names, for every Python that the index has it for.

    No lock knows these wheels, so their hashes are told. Returns Python: wheel. Raises SystemExit where the index has
    none of them.
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


def download(what: list[str], platform: str, python: str, folder: Path) -> int:
    """Run pip's download, without dependencies, for a platform and Python. Returns its exit code."""
    command = ["-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps", "-d", str(folder)]
    return subprocess.run([str(PYTHON), *command, *pip_options(platform, python), *what]).returncode


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
