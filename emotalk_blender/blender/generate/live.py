# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: every change of the performance shows on the face at once, without hearing the sound again."""

from __future__ import annotations

import logging

import bpy

from ...errors import EmoTalkError
from ..bake.bake_status import bakes_to_follow
from . import jobs

log = logging.getLogger(__name__)


def settings_changed(context: bpy.types.Context) -> None:
    """Bake anew what the chosen strip was baked onto. Called for every change of a setting that Live follows.

    Nothing happens where Live is off, before the first Generate, and where a bake could not be undone in one step. A
    slider calls this at every step of a drag, and Blender itself makes one undo step of the drag and all these bakes.
    """
    settings = context.scene.emotalk
    if not settings.live or not settings.strip or jobs.state.job is not None or not jobs.may_bake(context):
        return
    targets = [bake.target for bake in bakes_to_follow(context)]
    if not targets:
        return
    from .request import deliver, request_of
    from .worker import perform_now

    try:
        take = request_of(context, settings.strip, targets)
        curves = perform_now(take.work)
        if curves is None:
            jobs.state.end("Press Generate once more: then Live follows again")
        else:
            deliver(take, curves)
            jobs.state.end("")
    except EmoTalkError as error:
        jobs.state.end(str(error), failed=True)
    except Exception as error:
        log.exception("Live failed")
        jobs.state.end(str(jobs.as_sentence(error)), failed=True)
