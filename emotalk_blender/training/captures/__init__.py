# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: captured performances with their sound."""
