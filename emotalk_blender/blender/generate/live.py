# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: every change of the performance shows on the face at once, without hearing the sound again."""

from __future__ import annotations

import logging

import bpy

from ...errors import EmoTalkError, as_sentence
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
    found = bakes_to_follow(context)
    if found is None:
        return
    from ...inference.kept_network import shared_network
    from ..bake.bake import bake
    from .request import request_for

    try:
        request = request_for(context, found.strip, found.onto)
        curves = shared_network().perform_now(request.work)
        if curves is None:
            jobs.state.end("Press Generate once more: then Live follows again")
        else:
            bake(curves, request.strip, found.onto, request.options)
            jobs.state.end("")
    except EmoTalkError as error:
        jobs.state.end(str(error), failed=True)
    except Exception as error:
        log.exception("Live failed")
        jobs.state.end(str(as_sentence(error)), failed=True)
