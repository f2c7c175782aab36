# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech with phone times: synthesized, read aloud, or aligned to its text."""
