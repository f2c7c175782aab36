# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that move a face from phones and a mood: the teacher of what was never filmed."""
