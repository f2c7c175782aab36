# SPDX-License-Identifier: GPL-3.0-or-later
"""Which control of a face follows which source, and how much."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..curves import CHANNEL, FloatArray
from .fit import fit
from .sources import LIPS_TOGETHER, POSES, SOURCES, covered_channel

_LIPS_AT_REST = 0.02
"""jawOpen below which LIPS_TOGETHER fades out: a closed jaw needs nothing to shut the lips over."""


@dataclass(frozen=True)
class Row:
    """One control: a shape key, a property, or the data path of a number.

    source: a name out of SOURCES. strength: what a weight of 1 sets the control to; rows with the same target add up.
    """

    target: str
    source: str
    strength: float = 1.0


@dataclass(frozen=True)
class Mapping:
    """The controls of one object that the network can drive.

    rows: in the order of the object's own controls where they were detected.
    preset: the name of what the rows were recognised by, empty for the artist's own rows.
    count, total: how many of the shapes that belong to the preset are there, of how many.
    missing: the shapes that are not there.
    poses: the poses that share the fit, beside those of the rows: what other meshes of the same face have.
    """

    rows: tuple[Row, ...]
    preset: str
    count: int
    total: int
    missing: tuple[str, ...]
    poses: frozenset[str] = frozenset()

    @property
    def report(self) -> str:
        """How much of the preset is there, such as "47 of 52", for the panel."""
        return f"{self.count} of {self.total}"

    @property
    def targets(self) -> tuple[str, ...]:
        """The controls, each once."""
        return tuple(dict.fromkeys(row.target for row in self.rows))

    @property
    def channels(self) -> dict[str, int]:
        """Control -> column of the curves, of the rows that take one of the 52 over as it is."""
        return {row.target: CHANNEL[row.source] for row in self.rows if row.source in CHANNEL}

    def drive(self, values: FloatArray) -> FloatArray:
        """The value of each control over time, in the order of `targets`: [frames, targets].

        values: weights of the blendshapes, [frames, 52]. What follows one of the 52 with a strength of 1 is copied bit
        for bit. Nothing is held within the range of the control.
        """
        sources = self._sources(values)
        column = {target: index for index, target in enumerate(self.targets)}
        driven: FloatArray = np.zeros((len(values), len(column)), np.float32)
        for row in self.rows:
            driven[:, column[row.target]] += np.float32(row.strength) * sources[row.source]
        return driven

    def _sources(self, values: FloatArray) -> dict[str, FloatArray]:
        """Each source that a row has -> its weight over time, [frames]."""
        found = {name: values[:, channel] for name, channel in CHANNEL.items()}
        used = {row.source for row in self.rows}
        if LIPS_TOGETHER in used:
            jaw = np.maximum(found["jawOpen"], np.float32(_LIPS_AT_REST))
            found[LIPS_TOGETHER] = np.clip(found["mouthClose"] / jaw, 0, 1)
        poses = [name for name in POSES if name in used | self.poses]
        if used & set(poses):
            covered = {covered_channel(source) for source in used} - {None}
            weights = fit(values, poses, sorted(channel for channel in covered if channel is not None))
            found |= {name: weights[:, index] for index, name in enumerate(poses)}
        return found


def own_mapping(rows: Sequence[Row], controls: Iterable[str]) -> Mapping:
    """The artist's own rows, less those whose control is not there, whose source is none or strength no number."""
    there = set(controls)
    kept = tuple(row for row in rows if row.target in there and row.source in SOURCES and math.isfinite(row.strength))
    missing = dict.fromkeys(row.target for row in rows if row.target not in there)
    return Mapping(kept, "", len(kept), len(rows), tuple(missing))


def sharing_poses(mappings: Sequence[Mapping]) -> list[Mapping]:
    """The mappings of the meshes of one face, each fitted with the poses of all that are of the same preset.

    A mesh of teeth may have fewer visemes than the head: where each were fitted by itself, its jaw would open further
    than that of the head.
    """
    poses: dict[str, frozenset[str]] = {}
    for mapping in mappings:
        own = frozenset(row.source for row in mapping.rows if row.source in POSES)
        poses[mapping.preset] = poses.get(mapping.preset, frozenset()) | own
    return [replace(mapping, poses=poses[mapping.preset]) for mapping in mappings]
