# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong in a command line ends in one sentence and an honest exit code."""

from __future__ import annotations

import argparse
import errno
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from emotalk_blender.command_line import DEBUG, run_command
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference import __main__ as inference
from emotalk_blender.training import __main__ as training

ROOT = Path(__file__).resolve().parents[1]


def command(run: Callable[[Any], None], **defaults: object) -> argparse.ArgumentParser:
    """A command line of one command that does this."""
    parser = argparse.ArgumentParser(prog="program")
    parser.add_argument("--number", type=int)
    parser.set_defaults(run=run, **defaults)
    return parser


def failing(error: BaseException) -> argparse.ArgumentParser:
    def fail(_options: object) -> None:
        raise error

    return command(fail)


def undecodable() -> UnicodeDecodeError:
    with pytest.raises(UnicodeDecodeError) as raised:
        b"\xff\xfe".decode("utf-8")
    return raised.value


def test_a_command_that_works_gives_0(capsys: pytest.CaptureFixture[str]) -> None:
    parser = command(lambda options: sys.stdout.write(f"{options.number}\n") and None)
    assert run_command(parser, ["--number", "3"]) == 0
    assert capsys.readouterr() == ("3\n", "")


@pytest.mark.parametrize(("words", "code"), [(["--number", "x"], 2), (["--frobnicate"], 2), (["--help"], 0)])
def test_a_wrong_command_line_is_told_as_argparse_does(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(command(lambda _: None), words) == code
    said = capsys.readouterr()
    assert "usage: program" in (said.err if code else said.out)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (EmoTalkError("Choose another file."), "Choose another file."),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.json"), "a.json does not exist. Check the path."),
        (PermissionError(errno.EACCES, "denied", "a.json"), "a.json may not be read or written."),
        (IsADirectoryError(errno.EISDIR, "is a directory", "folder"), "folder is a folder. Choose a file."),
        (OSError(errno.ENOSPC, "No space left", "out.csv"), "the disk is full"),
        (OSError(errno.EIO, "Input/output error", "a.wav"), "a.wav cannot be used: Input/output error."),
        (undecodable(), "Save it as UTF-8"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("CUDA out of memory"), "not enough memory"),
        (ModuleNotFoundError("No module named 'av'", name="av"), "needs the Python package av. Install it"),
        (BrokenPipeError(), "closed it before all was written"),
        (
            KeyError("x\ny"),
            f"unforeseen went wrong (KeyError: 'x\\ny'). Please report it with what it writes when the "
            f"environment variable {DEBUG} is 1.",
        ),
        (ValueError("first\nsecond"), "(ValueError: first). Please report it"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    error: Exception, sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DEBUG, raising=False)
    with capsys.disabled():  # a broken pipe closes the process's own stdout
        kept = os.dup(1)
    try:
        assert run_command(failing(error), []) == 1
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.err.endswith(".\n")
    assert "Traceback" not in said.err


def test_ctrl_c_says_what_the_command_says_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(failing(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr().err == "Cancelled.\n"

    def stop(_options: object) -> None:
        raise KeyboardInterrupt

    assert run_command(command(stop, if_interrupted="Run it again to go on."), []) == 130
    assert capsys.readouterr().err == "Run it again to go on.\n"


def test_developers_can_see_where_an_error_comes_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEBUG, "1")
    assert run_command(failing(KeyError("x")), []) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert "in fail" in said


def test_an_error_is_no_crash_where_there_is_no_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert run_command(failing(KeyError("x")), []) == 1


# The three command lines themselves.


def one_sentence(code: int, capsys: pytest.CaptureFixture[str]) -> str:
    """The last line on stderr after a failure, which has no traceback."""
    said = capsys.readouterr().err
    assert code == 1
    assert "Traceback" not in said
    return said.splitlines()[-1]


def test_training_with_settings_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "--corpus", tmp_path, "--out", tmp_path / "run", "--settings", tmp_path / "no.json"]
    assert "no.json" in one_sentence(training.main([str(word) for word in words]), capsys)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_training_with_a_textgrid_that_is_not_in_utf_8(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    soundfile.write(tmp_path / "take.wav", np.zeros(16000, np.float32), 16000)
    grid = (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n2\n'
        '"IntervalTier"\n"phones"\n0\n1\n1\n0\n1\n"a"\n"IntervalTier"\n"Wörter"\n0\n1\n1\n0\n1\n"ä"\n'
    )
    (tmp_path / "take.TextGrid").write_bytes(grid.encode(encoding))
    code = training.main(["evaluate", "--captures", str(tmp_path)])
    if encoding == "utf-16":  # as Praat itself writes what is not ASCII
        assert code == 0
    else:
        assert "take.TextGrid is no TextGrid" in one_sentence(code, capsys)


def test_inference_with_an_error_that_nobody_foresaw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "run_info", lambda _: {}["x"])
    assert "KeyError: 'x'" in one_sentence(inference.main(["info"]), capsys)


def test_inference_into_a_pipe_that_is_closed() -> None:
    if not importlib.util.find_spec("torch"):
        pytest.skip("info reads a checkpoint")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "emotalk_blender.inference", "info"],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == "Whatever read the output has closed it before all was written.\n"


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="processes are not forked here")
def test_ctrl_c_while_processes_of_training_work() -> None:
    """A terminal sends it to all of them."""
    code = """
import multiprocessing, runpy, sys, time
from emotalk_blender.training.corpus import corpus

def relabel(*_):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        working = pool.map_async(time.sleep, [60, 60], chunksize=1)
        time.sleep(1)
        sys.stderr.write("at work\\n")
        sys.stderr.flush()
        working.get()

corpus.relabel = relabel
sys.argv = ["training", "relabel", "--corpus", "."]
runpy.run_module("emotalk_blender.training", run_name="__main__")
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "at work\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.stderr.read() == "Cancelled.\n"
    assert process.wait(30) == 130
