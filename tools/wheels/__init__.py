# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that travel in the zips: locked with their hashes, fetched, adapted, proved."""
