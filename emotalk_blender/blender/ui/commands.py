# SPDX-License-Identifier: GPL-3.0-or-later
"""blender -b shot.blend --command emotalk generate ...: the whole way without a window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...errors import EmoTalkError
from ...inference.device import DEVICES
from ...inference.performance import Performance
from ...moods import CHOICES
from ...settings import settings_of
from ..bake.bake_options import BakeOptions

if TYPE_CHECKING:
    import argparse

COMMAND = "emotalk"

_GIVEN = ("emotion", "intensity", "person", "tolerance", "keep_edits", "model", "device", "threads")
"""Options that stand for settings of the file or the preferences where they are given."""


def parser() -> argparse.ArgumentParser:
    """The command line after --command emotalk."""
    import argparse

    from ...inference.setting_options import add_setting

    main_parser = argparse.ArgumentParser(
        prog=f"blender -b FILE.blend --command {COMMAND}", description="Speech to facial animation."
    )
    commands = main_parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="let a face speak a sound strip, as the settings in the file say")
    generate.add_argument("--strip", required=True, metavar="NAME", help="the sound strip to speak")
    generate.add_argument(
        "--object", required=True, action="append", metavar="NAME", help="a mesh to animate; may be given several times"
    )
    generate.add_argument(
        "--emotion",
        choices=tuple(CHOICES),
        help="voice: as the network hears it (the default weights hear calm or excited rather than the mood); "
        "mix and strip: as the file's settings say",
    )
    for name, setting in (settings_of(Performance) | settings_of(BakeOptions)).items():
        if name in _GIVEN:
            add_setting(generate, name, setting, default=None)
    generate.add_argument(
        "--replace", dest="keep_edits", action="store_false", default=None, help="let go of edits of earlier keys"
    )
    generate.add_argument("--model", type=Path, metavar="FILE", help="checkpoint instead of the one in the preferences")
    generate.add_argument("--device", choices=DEVICES, help="instead of the one in the preferences")
    generate.add_argument(
        "--threads", type=int, metavar="N", help="how many compute on the CPU; 0: as many as it has cores"
    )
    saving = generate.add_mutually_exclusive_group()
    saving.add_argument("--save", action="store_true", help="save the file under its own name")
    saving.add_argument(
        "--save-as", type=Path, metavar="FILE", help="save a new .blend; without either nothing is kept"
    )
    generate.set_defaults(run=run_generate)
    return main_parser


def main(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit code, as run_command has it."""
    from ...command_line import run_command

    return run_command(parser(), arguments)


def run_generate(options: argparse.Namespace) -> None:
    """Generate, bake and save as told. Raises EmoTalkError; what can go wrong with saving is looked at first."""
    from ... import api
    from ...inference.progress import StderrProgress

    out = _file_to_save(options)
    given = {name: value for name in _GIVEN if (value := getattr(options, name)) is not None}
    line = api.make_line(options.strip, options.object, **given)
    sys.stderr.write(f"{api.bake(line, api.generate(line, StderrProgress()))}\n")
    if out is not None:
        try:
            bpy.ops.wm.save_as_mainfile(filepath=str(out), copy=not options.save)
        except RuntimeError as error:
            # Blender's own words would be "Success" where the disk is full.
            raise EmoTalkError(
                f"{out} could not be saved. See whether its disk is full or its folder read-only, or save elsewhere."
            ) from error
        sys.stderr.write(f"Saved to {out}\n")


def _file_to_save(options: argparse.Namespace) -> Path | None:
    if options.save:
        if not bpy.data.filepath:
            raise EmoTalkError("This file has no name yet. Give --save-as FILE instead of --save.")
        return Path(bpy.data.filepath)
    if options.save_as is None:
        return None
    out: Path = options.save_as.absolute()
    if out.suffix != ".blend":
        raise EmoTalkError(f"{out.name} does not end in .blend. Give --save-as a name that does.")
    if not out.parent.is_dir():
        raise EmoTalkError(f"The folder {out.parent} does not exist. Make it first, or choose another one.")
    return out


_handle: object = None


def register() -> None:
    """Called when the extension is enabled."""
    global _handle
    _handle = bpy.utils.register_cli_command(COMMAND, main)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_cli_command(_handle)
