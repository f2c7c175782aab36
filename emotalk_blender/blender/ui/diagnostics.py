# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bug report should tell, as text for the clipboard; nothing is sent anywhere, and PyTorch is not loaded."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import bpy

from ...errors import EmoTalkError
from ...inference.found_devices import known_devices
from ...inference.kept_network import shared_network
from ...inference.model_description import describe_model
from ...inference.model_file import default_weights
from ...inference.session import PACKAGES, missing_packages
from .. import logs
from ..addon_settings import DEVICE_LABELS, device_choice, in_words, model_choice, thread_choice

_FOLDERS = re.compile(r"(?<!\w)~?(?:[A-Za-z]:)?[\\/](?:[^\\/\"'\n]*[\\/])+")
"""The folders before a file name, of this or another system; blanks are part of them."""


def diagnostics() -> str:
    """Versions, model, device and the last errors, one to a line. Of paths only the last name is told."""
    found = known_devices()
    threads = thread_choice()
    lines = [
        f"EmoTalk {addon_version()}",
        f"Blender {bpy.app.version_string} ({bpy.app.build_hash.decode()})",
        # Not platform.platform(), which asks another program for the processor.
        f"Python {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}",
        f"Packages: {', '.join(f'{name} {package_version(name)}' for name in (*PACKAGES, 'numpy'))}",
        f"Model: {_model()}",
        f"Device: {DEVICE_LABELS[device_choice()][0]}; found: {in_words(found) if found else 'not looked for yet'}",
        f"Network: {shared_network().in_words() or 'not loaded yet'}",
        f"Threads: {threads if threads > 0 else 'automatic'}",
        *(f"Error at {error}" for error in logs.last_errors()),
    ]
    return without_folders("\n".join(lines))


def addon_version() -> str:
    """As the manifest says, which lies in the installed extension, or beside the package in a checkout."""
    import tomllib  # slow to import, and seldom needed

    package = Path(__file__).resolve().parents[2]
    for folder in (package, package.parent):
        manifest = folder / "blender_manifest.toml"
        if manifest.is_file():
            return str(tomllib.loads(manifest.read_text(encoding="utf-8"))["version"])
    return "unknown"


def package_version(name: str) -> str:
    """The version of a Python package that can be imported, which is not imported for that."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, too

    if name in missing_packages():
        return "missing"
    try:
        return version(name)
    except PackageNotFoundError:
        return "of unknown version"


def without_folders(text: str) -> str:
    """Only the last name of every path: folders are named after people, clients and projects."""
    home = Path.home()
    return _FOLDERS.sub("", text.replace(str(home), "~") if home.name else text)


def _model() -> str:
    own = model_choice()
    path = own or default_weights()
    try:
        licence = describe_model(path).licence
    except EmoTalkError as error:
        return str(error)
    return f"{path.name} ({'chosen' if own else 'comes with EmoTalk'}), {licence}"
