# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a zip with wheels that need its files alone, not the platform that it is for."""

from __future__ import annotations

import stat
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from email import message_from_bytes
from email.message import Message
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from tools.wheels.left_out import LEFT_OUT
from tools.wheels.targets import FIRST_BLENDER, PYTHONS, SYSTEMS, markers_of, wheels_that_fit

LONGEST_USER = "u" * 20
"""A Windows account has 20 letters at most."""

BLENDER_FOLDER = rf"C:\Users\{LONGEST_USER}\AppData\Roaming\Blender Foundation\Blender\5.2\extensions"

EXTENSION_FOLDER = rf"{BLENDER_FOLDER}\user_default\emotalk_blender"
PACKAGES_FOLDER = rf"{BLENDER_FOLDER}\.local\lib\python3.13\site-packages"
"""Where Blender unpacks the zip and its wheels on Windows."""

LONGEST_PATH = 259
LONGEST_FOLDER = 247
"""Characters of the path of a file and of a folder on Windows, where long paths haven't been allowed."""

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
"""Names that no file may have on Windows, whatever its ending."""


def find_problems(path: Path) -> list[str]:
    """One sentence for everything in a zip with wheels that would not do on its platform; empty where all is well.

    Looks at the manifest, how the wheels are stored, for whom they are (their tags), and at each file that Blender
    will unpack: no symbolic links, no names that leave the folder, no two names that differ in case alone; for Windows
    no names that it refuses and no path too long for it.
    """
    with zipfile.ZipFile(path) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        named = [name.removeprefix("./") for name in manifest.get("wheels", [])]
        there = [entry for entry in archive.infolist() if entry.filename.endswith(".whl")]
        problems = list(manifest_problems(manifest, named, [entry.filename for entry in there]))
        problems += [f"{e.filename} is squeezed." for e in there if e.compress_type != zipfile.ZIP_STORED]
        problems += entry_problems(archive.infolist())
        (platform,) = manifest["platforms"]
        if platform == "windows-x64":
            problems += windows_problems(archive.infolist(), EXTENSION_FOLDER)
        for python in pythons_of(manifest):
            with ExitStack() as opened:
                names = wheels_that_fit(named, platform, python)
                wheels = [zipfile.ZipFile(opened.enter_context(archive.open(name))) for name in names]
                problems += requirement_problems(wheels, platform, python)
                unpacked = [entry for wheel in wheels for entry in wheel.infolist()]
            problems += entry_problems(unpacked)
            if platform == "windows-x64":
                problems += windows_problems(unpacked, PACKAGES_FOLDER)
    return list(dict.fromkeys(problems))


def manifest_problems(manifest: dict[str, object], named: list[str], there: list[str]) -> Iterator[str]:
    """Problems of the platforms and wheels in a manifest, a sentence each.

    named: the wheels in the manifest; there: those in the zip.
    """
    platforms = manifest.get("platforms")
    if not isinstance(platforms, list) or len(platforms) != 1 or platforms[0] not in SYSTEMS:
        raise SystemExit(f"The manifest must name one platform of {', '.join(SYSTEMS)}, not {platforms}.")
    if sorted(named) != sorted(there):
        yield f"The manifest names other wheels than there are: {sorted(set(named) ^ set(there))}."
    packages = {package_of(name) for name in named}
    fitting = {python: wheels_that_fit(named, platforms[0], python) for python in pythons_of(manifest)}
    for python, names in fitting.items():
        fit = [package_of(name) for name in names]
        yield from (
            f"There are several wheels of {name} for Python {python}." for name in set(fit) if fit.count(name) > 1
        )
        yield from (f"There is no wheel of {name} for Python {python}." for name in sorted(packages - set(fit)))
    useless = set(named) - set(chain.from_iterable(fitting.values()))
    yield from (f"{name} fits no Blender that this zip is for." for name in sorted(useless))


def pythons_of(manifest: dict[str, object]) -> list[str]:
    """The Pythons of the Blenders that a manifest admits."""

    def version(text: object) -> tuple[int, ...]:
        return tuple(map(int, str(text).split(".")))

    least, below = version(manifest["blender_version_min"]), version(manifest.get("blender_version_max", "99"))
    firsts = [version(FIRST_BLENDER[python]) for python in PYTHONS]
    nexts = [*firsts[1:], version("99")]
    return [
        python for python, first, after in zip(PYTHONS, firsts, nexts, strict=True) if first < below and after > least
    ]


def package_of(name: str) -> str:
    """The package that a wheel's file name names."""
    return str(parse_wheel_filename(name.rsplit("/", 1)[-1])[0])


def requirement_problems(wheels: Iterable[zipfile.ZipFile], platform: str, python: str) -> Iterator[str]:
    """Which requirements of these wheels are neither met by another of them nor knowingly left out."""
    metadata = [metadata_of(wheel) for wheel in wheels]
    versions = {canonicalize_name(message["Name"]): message["Version"] for message in metadata}
    markers = markers_of(platform, python) | {"extra": ""}
    for message in metadata:
        for text in message.get_all("Requires-Dist", []):
            requirement = Requirement(text)
            name = canonicalize_name(requirement.name)
            if name in LEFT_OUT or (requirement.marker and not requirement.marker.evaluate(markers)):
                continue
            if name not in versions or not requirement.specifier.contains(versions[name], prereleases=True):
                yield f"{message['Name']} asks for {text}, but the zip has {versions.get(name, 'none')}."


def metadata_of(wheel: zipfile.ZipFile) -> Message:
    """The metadata of a wheel (METADATA)."""
    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1)
    return message_from_bytes(wheel.read(name))


def entry_problems(entries: Iterable[zipfile.ZipInfo]) -> Iterator[str]:
    """Problems on any system of files that are unpacked into one folder, a sentence each."""
    spellings: dict[str, str] = {}
    for entry in entries:
        name = entry.filename
        parts = name.rstrip("/").split("/")
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield f"{name} is a symbolic link."
        if ".." in parts or name.startswith("/"):
            yield f"{name} leads out of the folder."
        for depth in range(1, len(parts) + 1):
            part = "/".join(parts[:depth])
            other = spellings.setdefault(part.lower(), part)
            if other != part:
                yield f"{part} and {other} differ in case alone."


def windows_problems(entries: Iterable[zipfile.ZipInfo], folder: str) -> Iterator[str]:
    """Problems on Windows of files that are unpacked into a folder there, a sentence each."""
    for entry in entries:
        if any(is_refused_by_windows(part) for part in entry.filename.rstrip("/").split("/")):
            yield f"{entry.filename} is no name for Windows."
        excess = excess_on_windows(entry.filename, folder)
        if excess > 0:
            yield f"{entry.filename} is {excess} characters too long for Windows."


def excess_on_windows(name: str, folder: str) -> int:
    """By how many characters the path of a file (or of a folder: a name that ends with /) is too long for Windows.

    folder: where it is unpacked. Zero or less where the path will do, and those of the folders on its way.
    """
    file = 0 if name.endswith("/") else len(folder) + 1 + len(name) - LONGEST_PATH
    return max(file, len(folder) + 1 + len(name.rpartition("/")[0]) - LONGEST_FOLDER)


def is_refused_by_windows(part: str) -> bool:
    """Whether Windows refuses this name of a file or folder."""
    return part.split(".")[0].lower() in RESERVED or part[-1:] in {".", " "} or bool(set(part) & set('<>:"\\|?*'))
