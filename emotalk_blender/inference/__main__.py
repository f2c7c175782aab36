# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m emotalk_blender.inference: sound files to curve files, import of weights, what a checkpoint is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..animation.settings import AnimationSettings
from ..command_line import run_command
from ..curve_files import check_ending, write_curves
from ..curves import FPS, Curves
from ..errors import EmoTalkError
from ..settings import settings_of
from .audio import SoundFile
from .device import DEVICES
from .kept_network import KeptNetwork
from .model_file import default_weights
from .performance import EMOTIONS, FROM_VOICE, Performance
from .progress import StderrProgress
from .session import missing_packages
from .setting_options import ANIMATION, add_animation_settings, add_setting, animation_settings, option
from .work import NetworkChoice, Work


def parser() -> argparse.ArgumentParser:
    """The command line."""
    main_parser = argparse.ArgumentParser(prog="python -m emotalk_blender.inference", description=__doc__)
    commands = main_parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser("generate", help="make blendshape curves from a sound file")
    command.add_argument("audio", type=Path, metavar="AUDIO", help="wav, flac, ogg, opus, mp3 or aiff")
    command.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help=".csv, .npy or .json")
    command.add_argument("--model", type=Path, metavar="FILE", help="checkpoint; the default weights if left out")
    command.add_argument(
        "--emotion",
        choices=(FROM_VOICE, *EMOTIONS),
        default=FROM_VOICE,
        help="voice: as the network hears it; the default weights hear calm or excited rather than the mood",
    )
    for name in ("intensity", "person"):
        setting = settings_of(Performance)[name]
        add_setting(command, name, setting, setting.default)
    command.add_argument("--fps", type=float, default=float(FPS), metavar="F", help="frames per second of the curves")
    command.add_argument("--device", choices=DEVICES, default="auto")
    command.add_argument(
        "--exact", action="store_true", help="float32, where a large network would be quicker in fewer bits"
    )
    add_animation_settings(command)
    command.add_argument("--raw", action="store_true", help=f"the network's own {FPS} fps output, nothing done to it")
    command.set_defaults(run=run_generate)

    command = commands.add_parser("import-checkpoint", help="turn the published EmoTalk.pth into a checkpoint")
    command.add_argument("source", type=Path, metavar="EmoTalk.pth")
    command.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.safetensors")
    command.add_argument("--dtype", choices=("float32", "float16"), default="float32")
    command.set_defaults(run=run_import)

    command = commands.add_parser("info", help="what a checkpoint says of itself")
    command.add_argument(
        "file", type=Path, nargs="?", metavar="FILE.safetensors", help="the default weights if left out"
    )
    command.set_defaults(run=run_info)
    return main_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code, as run_command has it."""
    return run_command(parser(), arguments)


def run_generate(options: argparse.Namespace) -> None:
    """generate: AUDIO to OUT."""
    check_ending(options.out)
    if not options.out.parent.is_dir():
        raise EmoTalkError(f"The folder {options.out.parent} does not exist. Make it first, or choose another one.")
    if not 1 <= options.fps <= 1000:
        raise EmoTalkError(f"{options.fps:g} frames per second is out of range. Choose 1 to 1000.")
    if options.raw and options.fps != FPS:
        raise EmoTalkError(f"--raw is the network's own {FPS} fps output. Leave out --fps or --raw.")
    animation = animation_settings(options)
    if options.raw and animation != AnimationSettings():
        names = ", ".join(option(name) for name in ANIMATION)
        raise EmoTalkError(f"--raw is the network's own output. Leave out --raw, or all of {names}.")
    work = Work(
        SoundFile(options.audio),
        Performance(options.emotion, options.intensity, options.person),
        None if options.raw else animation,
        network=NetworkChoice(options.model, options.device, exact=options.exact),
    )
    curves = with_the_sound(KeptNetwork().generate(work, StderrProgress()), options.fps)
    write_curves(curves, options.out)
    sys.stderr.write(f"{curves.frames} frames at {curves.fps:g} fps written to {options.out}\n")


def with_the_sound(curves: Curves, fps: float) -> Curves:
    """The curves at another rate, over as much time as they last, with the first frame where the sound begins.

    A file says nothing of where its curves start (or readers do not look), so that an offset has to be in its rows.
    """
    if fps == curves.fps and curves.start == 0:
        return curves
    there = Curves(curves.values, curves.fps).resampled(fps)
    return Curves(curves.at(np.arange(there.frames) / fps), fps)


def run_import(options: argparse.Namespace) -> None:
    """import-checkpoint: a published file to a checkpoint."""
    need_packages()
    from ..network.import_published import import_published

    sys.stderr.write(f"Reading {options.source.name}\n")
    import_published(options.source, options.out, options.dtype)
    sys.stderr.write(f"Written to {options.out}\n")


def run_info(options: argparse.Namespace) -> None:
    """info: what a checkpoint says of itself, on stdout."""
    need_packages()
    from ..network.checkpoint import read_info

    path = options.file or default_weights()
    info = read_info(path)
    config = info.config
    lines = {
        "file": path.name,
        "parameters": f"{info.parameters / 1e6:.2f} million, stored as {info.dtype}",
        "front end": config.front_end,
        "emotions": ", ".join(config.emotions),
        "setting an emotion": "by prototypes" if config.prototypes else "by the checkpoint's own classifier",
        "persons": str(config.persons),
        "levels": str(config.levels),
        "frames per second": str(info.fps),
        "source": info.source,
        "licence": info.licence,
    }
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in lines.items()))


def need_packages() -> None:
    """Raise EmoTalkError where PyTorch or what belongs to it is not installed."""
    missing = missing_packages()
    if missing:
        raise EmoTalkError(f"This needs the Python packages {', '.join(missing)}. Install them first.")


if __name__ == "__main__":
    sys.exit(main())
