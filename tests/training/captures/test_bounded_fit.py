# SPDX-License-Identifier: GPL-3.0-or-later
"""Least squares within bounds, smooth, with a sum that is met exactly."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.training.captures.bounded_fit import Problem, fit, on_plane

SEEDS = st.integers(0, 10_000)


@settings(deadline=None, max_examples=100)
@given(SEEDS, st.floats(0, 3))
def test_the_nearest_point_of_the_plane(seed: int, total: float) -> None:
    rng = np.random.default_rng(seed)
    parts = rng.uniform(0.1, 2, 5)
    points = rng.normal(size=(7, 5))
    nearest = on_plane(points, parts, np.full(7, total))
    assert nearest.min() >= 0
    assert np.abs(nearest @ parts - total).max() < 1e-9
    others = rng.dirichlet(np.ones(5), 200) * total / parts
    distance = np.linalg.norm(points - nearest, axis=1)
    assert (np.linalg.norm(points[:, None] - others[None], axis=2) >= distance[:, None] - 1e-9).all()


def problem(seed: int, frames: int = 12, smooth: float = 0.0) -> Problem:
    rng = np.random.default_rng(seed)
    basis = rng.normal(size=(8, 20))
    gram = basis @ basis.T + 0.1 * np.eye(8)
    pull = rng.uniform(-0.2, 0.6, (frames, 8)) @ gram
    total = np.maximum(rng.uniform(-0.3, 0.8, frames), 0)
    return Problem(
        gram,
        pull,
        np.full(8, smooth),
        np.ones(frames - 1, bool),
        np.array([1.0, 0.25, 0.25]),
        total,
        np.ones((frames, 5)),
    )


def cost(problem: Problem, curves: np.ndarray) -> float:
    step = np.diff(curves, axis=0)[problem.joined]
    data = np.einsum("ti,ij,tj->", curves, problem.gram, curves) - 2 * (curves * problem.pull).sum()
    return float(data + (problem.smooth * step**2).sum())


@settings(deadline=None, max_examples=12)
@given(SEEDS, st.sampled_from([0.0, 0.5, 20.0]))
def test_no_other_curves_within_the_bounds_fit_better(seed: int, smooth: float) -> None:
    task = problem(seed, smooth=smooth)
    found = fit(task)
    assert found.min() >= 0
    assert found[:, 3:].max() <= 1 + 1e-12
    assert np.abs(found[:, :3] @ task.parts - task.total).max() < 1e-9
    rng = np.random.default_rng(seed)
    best = cost(task, found)
    for size in (0.3, 0.03, 0.003):
        for _ in range(20):
            other = found + size * rng.normal(size=found.shape)
            other = np.concatenate(
                [on_plane(other[:, :3], task.parts, task.total), np.clip(other[:, 3:], 0, 1)], axis=1
            )
            assert cost(task, other) >= best - 1e-4


def test_curves_that_can_be_met_are_met() -> None:
    rng = np.random.default_rng(1)
    true = rng.uniform(0, 0.5, (6, 8))
    task = problem(0, frames=6)
    task = Problem(
        task.gram, true @ task.gram, task.smooth, task.joined, task.parts, true[:, :3] @ task.parts, task.most
    )
    assert np.abs(fit(task) - true).max() < 1e-4


def test_frames_that_do_not_belong_together_do_not_hold_to_each_other() -> None:
    task = problem(3, frames=4, smooth=50.0)
    apart = Problem(task.gram, task.pull, task.smooth, np.array([True, False, True]), task.parts, task.total, task.most)
    halves = [
        fit(
            Problem(
                task.gram, task.pull[half], task.smooth, np.array([True]), task.parts, task.total[half], task.most[half]
            )
        )
        for half in (slice(0, 2), slice(2, 4))
    ]
    assert np.abs(fit(apart) - np.concatenate(halves)).max() < 1e-3
