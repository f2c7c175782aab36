# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures by which default weights are chosen stand one to a line, networks side by side."""

from __future__ import annotations

import numpy as np

from emotalk_blender.curves import FloatArray
from emotalk_blender.training.evaluation.evaluate import evaluate
from emotalk_blender.training.evaluation.summary import goals, summary

from .test_evaluate import talk, teacher
from .test_film_figures import filmed_clip


def still(samples: FloatArray, emotion: str, intensity: float) -> FloatArray:
    return np.zeros((-(-len(samples) * 30 // 16000), 52), np.float32)


def test_every_figure_has_a_line_whatever_it_was_measured_on() -> None:
    evaluation = evaluate([talk(4)], still)
    text = summary([("still", evaluation), ("again", evaluation)])
    lines = text.splitlines()
    assert len(lines) == 1 + len(goals(evaluation)) >= 20
    assert lines[0].split()[-3:] == ["still", "again", "reach"]
    assert next(line for line in lines if "with the gap" in line).split()[-3:] == ["-", "-", "0.75"]


def test_figures_are_those_of_their_clips() -> None:
    take = talk(6)
    evaluation = evaluate([take, filmed_clip()], teacher(take), lambda samples: "sad")
    values = {goal.name: goal.value for goal in goals(evaluation)}
    assert values["aligned speech: P B M closed (chance)"].startswith("100 %")
    assert values["films: lips' opening with the gap, r"] != "-"
    assert values["captures without phones: opening, r"] == "-"
    assert values["mood heard"] == "-", "nobody knows the moods of these voices"
