# SPDX-License-Identifier: GPL-3.0-or-later
"""The one performance being made beside the interface: its thread, its progress, its end."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ...errors import Cancelled, EmoTalkError, as_sentence
from ..redraw import redraw_sidebars
from . import release_gpu

if TYPE_CHECKING:
    from ...curves import Curves
    from .request import GenerateRequest

TICK = 0.02
"""Seconds between two looks at the worker."""

PROGRESS = 0.25
"""Seconds at least between two drawings of the progress, which takes a good part of 50 ms without a graphics card."""

TURN = 0.0005
"""Seconds after which the worker hands Python over to the interface, which asks many times for each panel it draws."""

_USUAL_TURN = sys.getswitchinterval()

log = logging.getLogger(__name__)


class Job:
    """A request in the worker thread, which shares nothing with the main thread but this object."""

    def __init__(self, request: GenerateRequest) -> None:
        self.request = request
        self.stage = "Starting"
        self.part = 0.0
        self.cancelled = threading.Event()
        self.shown, self.shown_at = "", 0.0
        self.result: Curves | EmoTalkError | None = None
        self.thread = threading.Thread(target=self._run, name="EmoTalk", daemon=True)

    def _run(self) -> None:
        from ...inference.kept_network import shared_network

        try:
            with _short_turns():
                self.result = shared_network().generate(self.request.work, self._report)
        except Cancelled:
            pass
        except EmoTalkError as error:
            self.result = error
        except Exception as error:
            log.exception("Generate failed")
            self.result = as_sentence(error)

    def _report(self, stage: str, part: float) -> None:
        if self.cancelled.is_set():
            raise Cancelled
        self.stage, self.part = stage, part

    @property
    def progress(self) -> str:
        """What is being done, and how much of it is done, in words."""
        return f"{self.stage} {self.part:.0%}"

    def show(self) -> None:
        """Draw the progress where it has changed, but not too often."""
        now = time.monotonic()
        if self.progress != self.shown and now - self.shown_at >= PROGRESS:
            self.shown, self.shown_at = self.progress, now
            redraw_sidebars()


@contextmanager
def _short_turns() -> Iterator[None]:
    """Short turns for all threads, as long as the worker has anything to do."""
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(_USUAL_TURN)


class State:
    """What the panel shows: the job that runs, and how the last one ended."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.message = ""
        self.failed = False
        self.stopping: list[threading.Thread] = []

    def is_stopping(self) -> bool:
        """Whether a cancelled thread has not ended yet."""
        self.stopping = [thread for thread in self.stopping if thread.is_alive()]
        return bool(self.stopping)

    def end(self, message: str, failed: bool = False) -> None:
        """No job runs any more; this is what became of it."""
        self.job, self.message, self.failed = None, message, failed
        if message:
            log.log(logging.ERROR if failed else logging.INFO, message)


state = State()


def start(request: GenerateRequest) -> None:
    """Begin to generate in the background. Raises EmoTalkError while another one runs."""
    if state.job is not None:
        raise EmoTalkError("EmoTalk is still generating. Wait for it, or cancel it.")
    # What was chosen in search fields has no undo step of its own, and would go when the bake is undone. While a
    # cancelled thread still works the step that its own start has pushed has to do.
    if not state.is_stopping():
        _push_undo("Start Generating")
    state.job, state.message, state.failed = Job(request), "", False
    state.job.thread.start()
    bpy.app.timers.register(tick, first_interval=TICK)


def cancel(message: str = "Cancelled") -> None:
    """End the running job, if there is one. Its thread stops at its next report; what it brings is thrown away."""
    if state.job is not None:
        state.job.cancelled.set()
        state.stopping.append(state.job.thread)
        state.end(message)
        redraw_sidebars()


def register() -> None:
    """Watch for another file being opened."""
    bpy.app.handlers.load_pre.append(_cancel_for_another_file)


def unregister() -> None:
    """Leave neither handler, timer nor thread behind."""
    cancel("")
    bpy.app.handlers.load_pre.remove(_cancel_for_another_file)
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    for thread in state.stopping:
        thread.join(timeout=5)


@persistent
def _cancel_for_another_file(*_: object) -> None:
    cancel("Cancelled, because another file was opened")


def tick() -> float | None:
    """Show the progress, and bring the curves home once they are there. Called by Blender's timer."""
    from .request import deliver

    job = state.job
    if job is None:
        return None
    if job.result is None:
        job.show()
        return TICK
    job.thread.join()  # It has nothing left to do.
    release_gpu.begin_to_wait()
    if isinstance(job.result, EmoTalkError):
        redraw_sidebars()
        state.end(str(job.result), failed=True)
        return None
    waiting = _why_not_now()
    if waiting:
        job.stage = waiting
        job.show()
        return TICK
    redraw_sidebars()
    try:
        message = deliver(job.request, job.result)
        _push_undo("Generate Performance")
        state.end(message)
    except EmoTalkError as error:
        state.end(str(error), failed=True)
    except Exception as error:
        log.exception("The bake failed")
        state.end(str(as_sentence(error)), failed=True)
    return None


def may_bake(context: bpy.types.Context) -> bool:
    """Whether a bake can be undone in one step (not so in Edit Mode and its like) and disturbs no render."""
    return context.mode in {"OBJECT", "POSE"} and not bpy.app.is_job_running("RENDER")


def _why_not_now() -> str:
    """What a bake has to wait for; empty where it has not. The window is asked only once no thread of ours works."""
    if state.is_stopping():
        return "Waiting for the last one to stop"
    return "" if _window_may_bake() else "Waiting for Object Mode, or for the end of the render"


def _window_may_bake() -> bool:
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        return may_bake(bpy.context)


def _push_undo(message: str) -> None:
    """Only while no thread of ours works.

    In Python 3.11 (Blender 4.5 and 5.0) an operator that is called under temp_override asks for its context without
    Python's lock: where another thread runs Python meanwhile, the process crashes sooner or later.
    """
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.ed.undo_push(message=message)
