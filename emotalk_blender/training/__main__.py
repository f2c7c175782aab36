# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: python -m emotalk_blender.training COMMAND. Its --help lists the commands."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ..command_line import run_command
from ..errors import EmoTalkError
from ..inference.progress import StderrProgress

GOES_ON = "Stopped. Run the same command again to go on."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code, as run_command has it."""
    return run_command(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m emotalk_blender.training", description=__doc__)
    commands = parser.add_subparsers(required=True)

    capture = commands.add_parser("capture", help="make takes of films of somebody who talks")
    capture.add_argument("films", type=Path, nargs="+", metavar="VIDEO|FOLDER", help="films with one talking face each")
    capture.add_argument(
        "--out", type=Path, required=True, metavar="TAKES", help="the takes; goes on where it was stopped"
    )
    capture.add_argument(
        "--tracker",
        type=Path,
        default=Path("face_landmarker.task"),
        metavar="FILE",
        help="MediaPipe's model bundle (default: face_landmarker.task)",
    )
    capture.add_argument(
        "--speaker", metavar="NAME", help="all films are of this one person (default: one person each)"
    )
    capture.add_argument(
        "--preview", action="store_true", help="films of the video beside the EmoTalk face, to look at"
    )
    capture.set_defaults(run=_capture)

    corpus = commands.add_parser("corpus", help="make labelled speech")
    corpus.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the corpus; goes on where it was stopped"
    )
    corpus.add_argument(
        "--speech", type=Path, nargs="+", default=[], metavar="FOLDER", help="recordings, with transcripts or --whisper"
    )
    corpus.add_argument(
        "--whisper",
        type=Path,
        metavar="FOLDER",
        help="a faster-whisper network, to hear recordings without transcripts",
    )
    corpus.add_argument("--kokoro", type=Path, metavar="FOLDER", help="Kokoro: .onnx, vocab.json and voices/*.bin")
    corpus.add_argument(
        "--kokoro-minutes", type=float, default=60.0, metavar="M", help="how long Kokoro speaks (default 60)"
    )
    corpus.add_argument("--moods", type=Path, metavar="FOLDER", help="acted moods: the sounds and .lablaut of EmoDB")
    corpus.add_argument(
        "--captures", type=Path, nargs="+", default=[], metavar="FOLDER|FILE", help="captured takes: sound with curves"
    )
    corpus.add_argument(
        "--held-out", nargs="+", default=[], metavar="NAME", help="speakers and takes that are only validated on"
    )
    corpus.add_argument(
        "--prepared", type=Path, metavar="DIR", help="where spoken and aligned pieces are kept (default: in the corpus)"
    )
    corpus.add_argument(
        "--hours", type=float, default=5.0, metavar="H", help="length of the corpus without captures (default 5)"
    )
    corpus.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same corpus")
    corpus.add_argument("--processes", type=int, default=2, metavar="N", help="how many work at once (default 2)")
    corpus.set_defaults(run=_corpus, if_interrupted=GOES_ON)

    relabel = commands.add_parser("relabel", help="label the speech of a corpus anew, after the rules have changed")
    relabel.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    relabel.add_argument("--processes", type=int, default=2, metavar="N", help="how many work at once (default 2)")
    relabel.set_defaults(run=_relabel)

    train = commands.add_parser("train", help="train a network on a corpus")
    train.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    train.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run; goes on where it was stopped")
    train.add_argument("--settings", type=Path, metavar="FILE", help="settings.json of another run to repeat")
    train.add_argument("--base", type=Path, metavar="FILE", help="begin with the weights of this checkpoint")
    train.add_argument(
        "--content-from", type=Path, metavar="FOLDER", help="begin with this wav2vec 2.0 encoder for the words"
    )
    train.add_argument(
        "--emotion-from", type=Path, metavar="FOLDER", help="begin with this wav2vec 2.0 encoder for the emotion"
    )
    train.add_argument("--steps", type=int, metavar="N", help="length of a new run")
    train.add_argument("--seed", type=int, metavar="N", help="seed of a new run")
    train.add_argument("--device", default="cpu", help="cpu, cuda, ... (default cpu)")
    train.add_argument("--threads", type=int, default=0, metavar="N", help="processor threads (default: all)")
    train.set_defaults(run=_train, if_interrupted=GOES_ON)

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
        help="takes of captured curves (as finetune reads them), or sound with .TextGrid alone (aligned speech)",
    )
    evaluate.add_argument("--acted", type=Path, metavar="DIR", help="acted moods: the folder of EmoDB")
    evaluate.add_argument("--actors", nargs="+", default=[], metavar="NN", help="of these speakers of EmoDB alone")
    evaluate.add_argument("--corpus", type=Path, metavar="DIR", help="validation clips of a corpus")
    evaluate.add_argument("--mesh", type=Path, metavar="FILE", help=".npz of a face: names and deltas of shape keys")
    evaluate.add_argument("--model", type=Path, metavar="FILE", help="a checkpoint (default: the default weights)")
    evaluate.add_argument("--beside", type=Path, metavar="FILE", help="another checkpoint to sum up beside it")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="all figures of all clips")
    evaluate.set_defaults(run=_evaluate)

    disentangle = commands.add_parser("disentangle", help="show how far words and emotion stay apart in networks")
    disentangle.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="clips of known words and mood")
    disentangle.add_argument("--model", type=Path, nargs="+", required=True, metavar="FILE", help="checkpoints")
    disentangle.add_argument("--json", type=Path, metavar="FILE", help="all figures")
    disentangle.set_defaults(run=_disentangle)

    finetune = commands.add_parser("finetune", help="teach a network an actor's way of speaking from captured takes")
    finetune.add_argument(
        "--captures", type=Path, required=True, metavar="DIR", help="takes: sound or movies with curves beside them"
    )
    finetune.add_argument("--out", type=Path, required=True, metavar="FILE", help="the tuned checkpoint, .safetensors")
    finetune.add_argument("--base", type=Path, metavar="FILE", help="a checkpoint (default: the default weights)")
    finetune.add_argument(
        "--held-out",
        action="append",
        default=[],
        metavar="PART",
        help="judge on takes with this in their name (default: every fifth take, or the last fifth of a single one)",
    )
    finetune.add_argument("--steps", type=int, metavar="N", help="length of the tuning")
    finetune.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same network")
    finetune.add_argument("--device", default="cpu", help="cpu, cuda, ... (default cpu)")
    finetune.set_defaults(run=_finetune, if_interrupted=GOES_ON)

    rules = commands.add_parser("fit-rules", help="let the articulation rules learn from captured faces")
    rules.add_argument(
        "--captures", type=Path, required=True, metavar="DIR", help="a folder of takes with phones for each speaker"
    )
    rules.add_argument("--out", type=Path, metavar="FILE", help="the table, .json (default: the one that is in use)")
    rules.add_argument(
        "--held-out",
        action="append",
        default=[],
        metavar="SPEAKER",
        help="judge on this speaker only (default: the last by name)",
    )
    rules.add_argument("--steps", type=int, metavar="N", help="length of the fit")
    rules.set_defaults(run=_fit_rules)
    return parser


def _line(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _capture(options: argparse.Namespace) -> None:
    """The command capture."""
    from .captures.face_shapes import face_shapes
    from .captures.face_tracker import face_tracker
    from .captures.film_takes import capture_films, films_in
    from .captures.preview import write_preview

    progress = StderrProgress()
    films = films_in(options.films)
    try:
        with face_tracker(options.tracker, face_shapes()) as find_faces:
            captured = capture_films(films, options.out, options.speaker, find_faces, progress)
        for film, take in captured.takes.items():
            sys.stdout.write(f"{film.name}: {take}\n")
            if options.preview:
                preview = take.with_suffix(".preview.mp4")
                write_preview(film, take, preview, progress)
                sys.stdout.write(f"{film.name}: {preview}\n")
    except OSError as error:
        raise EmoTalkError(f"The takes cannot be written to {options.out}: {error.strerror}.") from error
    if captured.refused:
        raise EmoTalkError("\n".join(captured.refused))


def _corpus(options: argparse.Namespace) -> None:
    """The command corpus."""
    from .corpus.corpus_making import CorpusSettings, make_corpus

    if options.hours <= 0 or options.processes < 1 or options.kokoro_minutes <= 0:
        raise EmoTalkError("A corpus needs more than 0 hours and minutes and at least one process.")
    names = [field.name for field in dataclasses.fields(CorpusSettings)]
    settings = CorpusSettings(**{name: getattr(options, name) for name in names})
    clips = make_corpus(options.out, settings, options.processes, StderrProgress())
    seconds = sum(clip.seconds for clip in clips)
    sys.stdout.write(f"{len(clips)} clips, {seconds / 3600:.2f} hours in {options.out}\n")


def _relabel(options: argparse.Namespace) -> None:
    """The command relabel."""
    from .corpus.corpus import relabel

    if options.processes < 1:
        raise EmoTalkError("Writing labels needs at least one process.")
    count = relabel(options.corpus, options.processes, StderrProgress())
    sys.stdout.write(f"{count} clips labelled in {options.corpus}\n")


def _train(options: argparse.Namespace) -> None:
    """The command train."""
    import torch

    from .learning.beginnings import Beginning
    from .learning.processes import join_processes, leave_processes
    from .learning.settings import new_settings, read_settings
    from .learning.trainer import Run

    if options.threads:
        torch.set_num_threads(options.threads)
    processes = join_processes(options.device)
    beginning = Beginning(options.base, options.content_from, options.emotion_from)
    if (options.out / "settings.json").is_file():
        settings = read_settings(options.out)
    else:
        given = read_settings(options.settings) if options.settings else None
        settings = new_settings(given, options.corpus, processes.count, beginning.has_encoders)
    changes = {name: getattr(options, name) for name in ("steps", "seed") if getattr(options, name) is not None}
    settings = dataclasses.replace(settings, **changes)
    Run(options.corpus, options.out, settings, beginning, processes).train(report=_line)
    leave_processes()


def _export(options: argparse.Namespace) -> None:
    """The command export."""
    from .learning.settings import read_settings
    from .learning.trainer import Run

    run = Run(options.corpus, options.folder, read_settings(options.folder))
    if run.step == 0:
        raise EmoTalkError(f"{options.folder} has not been trained yet. Run train first.")
    run.export(options.out, options.source, options.licence)
    sys.stdout.write(f"{options.out} after {run.step} steps\n")


def _evaluate(options: argparse.Namespace) -> None:
    """The command evaluate."""
    from ..inference.model_file import default_weights
    from .evaluation.clips import acted_clips, corpus_clips, read_clips
    from .evaluation.evaluate import Candidate, evaluate
    from .evaluation.mesh_error import read_mesh
    from .evaluation.summary import summary
    from .evaluation.table import table

    if not options.captures and not options.corpus and not options.acted:
        raise EmoTalkError("Choose what to evaluate on: --captures DIR, --acted DIR or --corpus DIR.")
    candidate = Candidate(options.model or default_weights())
    mesh = read_mesh(options.mesh) if options.mesh else None
    clips = [clip for path in options.captures for clip in read_clips(path)]
    if options.acted:
        clips += acted_clips(options.acted, options.actors)
    if options.corpus:
        clips += corpus_clips(options.corpus)
    evaluation = evaluate(clips, candidate.predict, candidate.hear, mesh)
    columns = [((options.model or default_weights()).stem[-14:], evaluation)]
    if options.beside:
        other = Candidate(options.beside)
        columns.append((options.beside.stem[-14:], evaluate(clips, other.predict, other.hear)))
    if options.json:
        options.json.write_text(json.dumps(dataclasses.asdict(evaluation), indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{table(evaluation)}\n{summary(columns)}")


def _disentangle(options: argparse.Namespace) -> None:
    """The command disentangle."""
    from .evaluation.disentangling import disentangle, table

    rows = [disentangle(model, options.corpus) for model in options.model]
    if options.json:
        text = json.dumps([dataclasses.asdict(row) for row in rows], indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(table(rows))


def _finetune(options: argparse.Namespace) -> None:
    """The command finetune."""
    from ..inference.session import load_session
    from .captures.captures import read_captures
    from .learning.finetune import FinetuneSettings, check_out, finetune, split
    from .learning.tuning_figures import table

    settings = FinetuneSettings(seed=options.seed)
    if options.steps is not None:
        if options.steps < 1:
            raise EmoTalkError("Tuning needs at least one step.")
        settings = dataclasses.replace(settings, steps=options.steps)
    check_out(options.out)  # before anything that takes long
    takes = split(read_captures(options.captures), options.held_out)
    report = StderrProgress()
    session = load_session(options.base, options.device, report, exact=True)
    tuned = finetune(session, takes, options.out, settings, report)
    sys.stdout.write(f"learned from {', '.join(tuned.learned_from)}; held out {', '.join(tuned.held_out)}\n")
    sys.stdout.write(table(tuned.before, tuned.after))
    if tuned.step:
        sys.stdout.write(f"{options.out} as it was after {tuned.step} steps, best on the held-out takes\n")
    else:
        sys.stdout.write(f"Tuning did not help on the held-out takes: {options.out} holds the base unchanged\n")


def _fit_rules(options: argparse.Namespace) -> None:
    """The command fit-rules."""
    from .learning.fit_rules import fit_rules, table_text
    from .rules.articulation_table import TABLE_FILE
    from .rules.fitting import FitSettings

    settings = FitSettings()
    if options.steps is not None:
        if options.steps < 1:
            raise EmoTalkError("A fit needs at least one step.")
        settings = dataclasses.replace(settings, steps=options.steps)
    out = options.out or TABLE_FILE
    fitted = fit_rules(options.captures, out, options.held_out, settings, StderrProgress())
    sys.stdout.write(table_text(fitted))
    sys.stdout.write(f"{out} written. Label your corpora anew with: relabel\n")


if __name__ == "__main__":
    if hasattr(os, "register_at_fork"):  # Clips are made in processes of their own. Ctrl+C is this one's affair alone.
        os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    sys.exit(main())
