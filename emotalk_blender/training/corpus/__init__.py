# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus: speech with phones and curves, its making and its batches."""
