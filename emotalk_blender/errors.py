# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that reach an artist."""


class EmoTalkError(Exception):
    """Something the artist can act on: its text is one clear sentence that says what to do."""


class Cancelled(Exception):
    """The artist cancelled; raised out of a progress callback, never shown as an error."""
