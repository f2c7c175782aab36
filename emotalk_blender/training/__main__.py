# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: python -m emotalk_blender.training corpus | train | export | evaluate."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import EmoTalkError
from ..inference.progress import StderrProgress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except EmoTalkError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Run the same command again to go on.\n")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m emotalk_blender.training", description=__doc__)
    commands = parser.add_subparsers(required=True)

    corpus = commands.add_parser("corpus", help="make labelled speech")
    corpus.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the corpus; goes on where it was stopped"
    )
    corpus.add_argument(
        "--speech", type=Path, nargs="+", default=[], metavar="FOLDER", help="recordings with transcripts"
    )
    corpus.add_argument("--hours", type=float, default=5.0, metavar="H", help="length of the corpus (default 5)")
    corpus.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same corpus")
    corpus.add_argument("--processes", type=int, default=2, metavar="N", help="how many work at once (default 2)")
    corpus.set_defaults(run=_corpus)

    train = commands.add_parser("train", help="train a network on a corpus")
    train.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    train.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run; goes on where it was stopped")
    train.add_argument("--settings", type=Path, metavar="FILE", help="settings.json of another run to repeat")
    train.add_argument("--steps", type=int, metavar="N", help="length of a new run")
    train.add_argument("--seed", type=int, metavar="N", help="seed of a new run")
    train.add_argument("--device", default="cpu", help="cpu, cuda, ... (default cpu)")
    train.add_argument("--threads", type=int, default=0, metavar="N", help="processor threads (default: all)")
    train.set_defaults(run=_train)

    export = commands.add_parser("export", help="write the weights of a run as a checkpoint")
    export.add_argument("--run", dest="folder", type=Path, required=True, metavar="RUN")
    export.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--licence", required=True, help="licence of the weights, as an SPDX identifier")
    export.add_argument("--source", required=True, help="what they were trained on, for the artist to read")
    export.set_defaults(run=_export)

    evaluate = commands.add_parser("evaluate", help="print figures beside loudness alone and chance")
    evaluate.add_argument(
        "--captures",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR|FILE",
        help=".flac with .TextGrid (aligned speech) or .npz (captured curves) beside them",
    )
    evaluate.add_argument("--corpus", type=Path, metavar="DIR", help="validation clips of a corpus")
    evaluate.add_argument("--model", type=Path, metavar="FILE", help="a checkpoint (default: the default weights)")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="all figures of all takes")
    evaluate.set_defaults(run=_evaluate)
    return parser


def _line(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _corpus(options: argparse.Namespace) -> None:
    """The command corpus."""
    from .corpus import make_corpus

    if options.hours <= 0 or options.processes < 1:
        raise EmoTalkError("A corpus needs more than 0 hours and at least one process.")
    clips = make_corpus(options.out, options.hours, options.seed, options.speech, options.processes, StderrProgress())
    seconds = sum(clip.seconds for clip in clips)
    sys.stdout.write(f"{len(clips)} clips, {seconds / 3600:.2f} hours in {options.out}\n")


def _train(options: argparse.Namespace) -> None:
    """The command train."""
    import torch

    from .trainer import Run, TrainingSettings, read_settings

    if options.threads:
        torch.set_num_threads(options.threads)
    if (options.out / "settings.json").is_file():
        settings = read_settings(options.out)
    elif options.settings:
        settings = TrainingSettings.from_json(options.settings.read_text(encoding="utf-8"))
    else:
        settings = TrainingSettings()
    changes = {name: getattr(options, name) for name in ("steps", "seed") if getattr(options, name) is not None}
    run = Run(options.corpus, options.out, dataclasses.replace(settings, **changes), options.device)
    run.train(report=_line)


def _export(options: argparse.Namespace) -> None:
    """The command export."""
    from .trainer import Run, read_settings

    run = Run(options.corpus, options.folder, read_settings(options.folder))
    if run.step == 0:
        raise EmoTalkError(f"{options.folder} has not been trained yet. Run train first.")
    run.export(options.out, options.source, options.licence)
    sys.stdout.write(f"{options.out} after {run.step} steps\n")


def _evaluate(options: argparse.Namespace) -> None:
    """The command evaluate."""
    from ..inference.model_file import default_weights
    from .evaluate import corpus_takes, evaluate, predictor, read_takes, table

    if not options.captures and not options.corpus:
        raise EmoTalkError("Choose what to evaluate on: --captures DIR or --corpus DIR.")
    takes = [take for path in options.captures for take in read_takes(path)]
    if options.corpus:
        takes += corpus_takes(options.corpus)
    figures, emotions = evaluate(takes, predictor(options.model or default_weights()))
    if options.json:
        rows = {"takes": [dataclasses.asdict(row) for row in figures], "emotions": emotions}
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(table(figures, emotions))


if __name__ == "__main__":
    sys.exit(main())
