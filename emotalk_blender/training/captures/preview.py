# SPDX-License-Identifier: GPL-3.0-or-later
"""x"""


def write_preview(film, take, preview, progress):
    pass
