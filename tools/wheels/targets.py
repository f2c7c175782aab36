# SPDX-License-Identifier: GPL-3.0-or-later
"""The systems and Pythons that there are zips with wheels for: their options of pip, and which wheels fit them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

PYTHONS = ("3.11", "3.13")
"""The Python of Blender 4.5 and 5.0, and that of Blender 5.1 and 5.2."""

FIRST_BLENDER = {"3.11": "4.5.0", "3.13": "5.1.0"}
"""Python: the first Blender that has it and that EmoTalk runs in."""


@dataclass(frozen=True)
class System:
    """A system as uv and pip see it.

    target: uv's name for it. tags: platform tags of the wheels that run there, best first. markers: its values of the
    environment markers that don't depend on Python.
    """

    target: str
    tags: tuple[str, ...]
    markers: dict[str, str]


SYSTEMS = {
    "linux-x64": System(
        "x86_64-manylinux_2_28",
        (  # glibc 2.28 is what Blender itself wants
            *(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)),
            *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
        ),
        {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    ),
    "windows-x64": System(
        "x86_64-pc-windows-msvc",
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
    "macos-arm64": System(
        "aarch64-apple-darwin",
        (  # PyTorch wants macOS 14
            *(f"macosx_{major}_0_{kind}" for major in range(14, 10, -1) for kind in ("arm64", "universal2")),
            *(f"macosx_10_{minor}_universal2" for minor in range(16, 8, -1)),
        ),
        {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    ),
}
"""System, by Blender's name for it."""


@dataclass(frozen=True)
class ZipKind:
    """A kind of zip with wheels: for a platform (Blender's name), with PyTorch for the processor or for CUDA."""

    platform: str
    cuda: bool = False

    @property
    def name(self) -> str:
        """The end of the zip's name, after the version, such as linux-x64-cuda."""
        return f"{self.platform}-cuda" if self.cuda else self.platform


ZIP_KINDS = {kind.name: kind for kind in (*map(ZipKind, SYSTEMS), ZipKind("linux-x64", cuda=True))}
"""The kinds whose wheels are all locked, by name."""


def markers_of(platform: str, python: str) -> dict[str, str]:
    """All environment markers (PEP 508) of a CPython on a platform."""
    return SYSTEMS[platform].markers | {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
    }


def pip_options(platform: str, python: str) -> list[str]:
    """pip's options to choose wheels for this platform and Python, whatever runs here; no source packages."""
    tags = [option for tag in SYSTEMS[platform].tags for option in ("--platform", tag)]
    return ["--only-binary=:all:", "--implementation=cp", f"--python-version={python}", *tags]


def wheels_that_fit(names: Iterable[str], platform: str, python: str) -> list[str]:
    """Those of the wheels (file names, with or without folders) that a Python on a platform can use."""
    accepted = accepted_tags(platform, python)
    return [name for name in names if accepted & parse_wheel_filename(name.rsplit("/", 1)[-1])[3]]


def accepted_tags(platform: str, python: str) -> set[Tag]:
    """The tags (PEP 425) of all wheels that a Python on a platform can use."""
    major, minor = map(int, python.split("."))
    tags = SYSTEMS[platform].tags
    return {
        *cpython_tags((major, minor), platforms=tags),
        *compatible_tags((major, minor), f"cp{major}{minor}", platforms=tags),
    }
