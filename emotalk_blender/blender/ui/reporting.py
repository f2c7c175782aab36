# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in an operator reaches the artist as a sentence in Blender's status bar."""

from __future__ import annotations

import bpy

from ...errors import EmoTalkError


class ReportingOperator(bpy.types.Operator):
    """An operator that can fail. A script that calls it gets the sentence as a RuntimeError."""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Try; report what goes wrong."""
        try:
            self.attempt(context)
        except EmoTalkError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}

    def attempt(self, context: bpy.types.Context) -> None:
        """What the operator does. Raises EmoTalkError where that is not possible."""
        raise NotImplementedError
