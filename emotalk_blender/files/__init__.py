# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on disk: written whole or not at all, named by the user, found with odd paths."""
