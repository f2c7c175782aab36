# SPDX-License-Identifier: GPL-3.0-or-later
"""Fine-tuning learns an actor's way of speaking from captured takes, and leaves everything else as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import FROM_VOICE, Performance
from emotalk_blender.inference.session import Session, load_session
from emotalk_blender.network.checkpoint import CheckpointInfo, load_checkpoint, read_info, save_checkpoint
from emotalk_blender.training.__main__ import main
from emotalk_blender.training.captures.captures import Capture, read_captures
from emotalk_blender.training.learning.finetune import (
    FinetuneSettings,
    Takes,
    check_out,
    excess,
    finetune,
    split,
    tunable_copy,
    tune,
)
from emotalk_blender.training.learning.heard_takes import draw_rows, hear, perform
from emotalk_blender.training.learning.learning_state import LearningState
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.loudness import loudness
from emotalk_blender.training.rules.phones import Phone

from ...network.published import tiny_model, with_emotion
from ..synthetic_speech import RATE, in_time, random_phones, sound_of

MOUTH = ("jawOpen", "mouthFunnel", "mouthSmileLeft", "mouthSmileRight", "mouthLowerDownLeft", "mouthUpperUpLeft")
DATA = Path(__file__).parent.parent.parent / "data"
WORDS = (
    *((1, 4), (5, 7), (8, 9), (10, 13), (14, 14), (15, 17), (18, 21), (22, 23), (24, 24), (25, 27), (28, 30)),
    *((31, 33), (34, 35), (36, 38), (39, 42), (43, 44), (45, 48), (49, 49)),
)
"""First and last phone of the words and pauses of labelled_speech: Papa bought my mother a big apple pie ..."""
EMOTIONS = ("angry", "happy", "neutral")
SHORT = FinetuneSettings(steps=12, frames=60, checks=3)


def in_style(curves: np.ndarray) -> np.ndarray:
    """How nobody in the training speaks: half the jaw, twice the funnel, a lasting lopsided smile, late by a frame."""
    late = np.concatenate([curves[:1], curves[:-1]])
    styled = late.copy()
    styled[:, CHANNEL["jawOpen"]] *= 0.5
    styled[:, CHANNEL["mouthFunnel"]] *= 2
    styled[:, CHANNEL["mouthSmileLeft"]] += 0.25
    styled[:, CHANNEL["mouthSmileRight"]] += 0.1
    return np.clip(styled, 0, 1).astype(np.float32)


def made_up_capture(seconds: float, seed: int = 0, name: str = "take", channels: tuple[str, ...] = MOUTH) -> Capture:
    """Sines for speech, and the rules' mouth in the style of an actor."""
    phones = random_phones(np.random.default_rng(seed), seconds)
    return captured_in_style(sound_of(phones, seed), phones, name, channels)


def shuffled_words(seconds: float, seed: int) -> tuple[np.ndarray, list[Phone]]:
    """Speech that was never spoken: the words of the labelled sentence in random order, at random speeds."""
    sentence, _ = soundfile.read(DATA / "labelled_speech.flac", dtype="float32")
    phones = json.loads((DATA / "labelled_speech.json").read_text())
    rng = np.random.default_rng(seed)
    parts, names, lengths = [], [], []
    while sum(lengths) < seconds:
        first, last = WORDS[int(rng.integers(len(WORDS)))]
        speed = float(rng.uniform(0.85, 1.2))
        for name, start, end in phones[first : last + 1]:
            heard = sentence[round(start * RATE) : round(end * RATE)]
            count = round(len(heard) / speed)
            parts.append(np.interp(np.arange(count) * speed, np.arange(len(heard)), heard))
            names.append(name)
            lengths.append(count / RATE)
    return np.concatenate(parts).astype(np.float32), in_time(names, lengths)


def spoken_capture(seconds: float, seed: int = 0) -> Capture:
    """Such speech, and the rules' mouth in the style of an actor."""
    return captured_in_style(*shuffled_words(seconds, seed), "take", MOUTH)


def captured_in_style(samples: np.ndarray, phones: list[Phone], name: str, channels: tuple[str, ...]) -> Capture:
    """The rules' mouth for some speech in the style of an actor; only some channels captured."""
    curves = in_style(articulate(phones, loudness(samples, phones)).curves)
    frames = min(len(curves), len(samples) * 30 // RATE)
    captured = np.isin(ARKIT_NAMES, channels)
    return Capture(name, samples[: round(frames * RATE / 30)], np.where(captured, curves[:frames], 0), captured)


def write_capture(folder: Path, capture: Capture) -> None:
    soundfile.write(folder / f"{capture.name}.flac", capture.samples, RATE)
    np.savez(folder / f"{capture.name}.npz", curves=capture.curves)


def tiny_session(**changes: object) -> Session:
    """A tiny network that has learned nothing; with prototypes, and emotions that show, unless told otherwise."""
    network = tiny_model(**{"front_end": "mel", "prototypes": True, "emotions": EMOTIONS, **changes})
    return Session(network, CheckpointInfo(network.config, "made in a test", "CC0-1.0", 0, "F32"), torch.device("cpu"))


def tiny_base(path: Path, **changes: object) -> Path:
    model = tiny_model(**{"front_end": "mel", "prototypes": True, "emotions": EMOTIONS, **changes})
    save_checkpoint(model, path, source="made in a test", licence="CC-BY-NC-4.0", dtype="float16")
    return path


def error_of(session: Session, capture: Capture, channel: str) -> float:
    features = session.hear(capture.samples)
    found = session.perform(features, Performance(FROM_VOICE)).values[: len(capture.curves)]
    return float(np.sqrt(np.mean((found - capture.curves)[:, CHANNEL[channel]] ** 2)))


def test_an_unseen_style_is_learned_from_two_minutes() -> None:
    base = load_session(device="cpu")
    learned, unseen = spoken_capture(120), spoken_capture(20, seed=1)
    settings = FinetuneSettings(steps=60, frames=150, checks=4)
    tuned = tune(base, split([learned]), settings, lambda *_: None)
    after = replace(base, network=tuned.network)

    # On speech that neither learned nor chose the state.
    for channel in ("jawOpen", "mouthFunnel", "mouthSmileLeft", "mouthSmileRight"):
        assert error_of(after, unseen, channel) < 0.7 * error_of(base, unseen, channel), channel
    features = after.hear(unseen.samples)
    values = after.perform(features, Performance(FROM_VOICE)).values[: len(unseen.curves)]
    for channel in ("jawOpen", "mouthFunnel"):
        actor = unseen.curves[:, CHANNEL[channel]]
        assert np.corrcoef(values[:, CHANNEL[channel]], actor)[0, 1] > 0.7, channel
    assert np.mean(values, axis=0)[CHANNEL["mouthSmileLeft"]] == pytest.approx(0.25, abs=0.08)

    # What was not captured stays, and the emotions are set as before.
    untold = ~unseen.captured
    old = base.perform(features, Performance(FROM_VOICE)).values[: len(unseen.curves)]
    assert np.abs(values - old)[:, untold].mean() < 0.02
    for emotion in ("happy", "sad", "angry", "fear", "disgust", "surprise"):
        new_change, old_change = (
            (
                session.perform(features, Performance(emotion)).values
                - session.perform(features, Performance("neutral")).values
            ).mean(axis=0)
            for session in (after, base)
        )
        assert new_change @ old_change / (old_change @ old_change) > 0.75, emotion

    # The figures say so too.
    assert tuned.step > 0
    assert tuned.after.error < 0.6 * tuned.before.error
    assert tuned.after.opening is not None and tuned.after.opening > 0.7
    assert tuned.before.emotions == pytest.approx(1, abs=1e-3)
    assert tuned.after.emotions == pytest.approx(1, abs=0.2)


def test_the_same_seed_gives_the_same_network() -> None:
    takes = split([made_up_capture(8)])
    one, same, other = (
        tune(tiny_session(), takes, replace(SHORT, seed=seed), lambda *_: None).network.state_dict()
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_never_worse_than_the_base_on_held_out_takes() -> None:
    session = tiny_session()
    learned = made_up_capture(8)
    judged = made_up_capture(4, seed=1, name="judged")
    # An actor who moves as the base does already: whatever is learned from another one does harm here.
    own = session.perform(session.hear(judged.samples), Performance()).values[: len(judged.curves)]
    judged = replace(judged, curves=np.clip(own, 0, 1))
    tuned = tune(session, Takes([learned], [judged]), SHORT, lambda *_: None)
    assert tuned.step == 0
    assert tuned.after == tuned.before
    kept = session.network.state_dict()
    assert all(torch.equal(value, kept[name]) for name, value in tuned.network.state_dict().items())


def test_the_best_state_is_kept_not_the_last() -> None:
    def mouth_at(level: float, seed: int) -> Capture:
        capture = made_up_capture(6, seed)
        return replace(capture, curves=np.where(capture.captured, level + 0.1 * capture.curves, 0).astype(np.float32))

    # On the way to a mouth that is wide open it is half open, as the held-out take has it.
    session = tiny_session()
    session.network.blendshape_map.weight.mul_(0.05)
    session.network.blendshape_map.bias.zero_()
    settings = replace(SHORT, steps=40, checks=20, learning_rate=1e-2)
    tuned = tune(session, Takes([mouth_at(0.9, 0)], [mouth_at(0.4, 1)]), settings, lambda *_: None)
    assert 0 < tuned.step < 40
    assert tuned.after.error < tuned.before.error


def test_only_what_follows_the_encoders_learns() -> None:
    session = tiny_session()
    before = {name: value.clone() for name, value in session.network.state_dict().items()}
    tuned = tune(session, split([made_up_capture(8)]), SHORT, lambda *_: None)
    assert tuned.step > 0
    frozen = ("content_encoder", "emotion_encoder", "classifier", "prototypes", "content_map")
    for name, value in tuned.network.state_dict().items():
        if name.startswith(frozen):
            assert torch.equal(value, before[name]), name
        assert torch.equal(session.network.state_dict()[name], before[name]), "the base itself must not change"
    assert not any(parameter.requires_grad for parameter in tuned.network.parameters())


def test_values_of_channels_that_were_not_captured_have_no_say() -> None:
    capture = made_up_capture(8, channels=("jawOpen",))
    noisy = replace(capture, curves=np.where(capture.captured, capture.curves, np.float32(0.9)))
    one, other = (tune(tiny_session(), split([take]), SHORT, lambda *_: None) for take in (capture, noisy))
    assert [figures.name for figures in one.after.channels] == ["jawOpen"]
    state = other.network.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in one.network.state_dict().items())


@pytest.mark.parametrize("changes", [{}, {"front_end": "waveform", "prototypes": False}])
def test_directed_features_are_those_of_the_network(changes: dict[str, object]) -> None:
    session = tiny_session(**changes)
    capture = made_up_capture(3)
    take = hear(session, capture, lambda *_: None)
    weights = torch.zeros(take.frames, len(EMOTIONS))
    weights[:, 1] = 1
    network = session.network
    # The whole clip's mean is what is moved, so the features of the whole clip are compared.
    wanted = with_emotion(network, session.hear(capture.samples).emotion, weights, 0.7)
    assert torch.allclose(take.directed(1, 0.7), wanted[: take.frames], atol=1e-4)
    curves = session.perform(session.hear(capture.samples), Performance("happy", 0.7)).values
    assert torch.allclose(perform(network, take, 1, 0.7), torch.from_numpy(curves)[: take.frames], atol=1e-4)


def test_takes_shorter_than_a_stretch_are_filled_up() -> None:
    session = tiny_session()
    takes = [hear(session, made_up_capture(seconds, seed), lambda *_: None) for seed, seconds in ((0, 2), (1, 6))]
    rows = draw_rows(takes, 12, 100, session.network, np.random.default_rng(0))
    assert rows.curves.shape == (12, 100, 52)
    lengths = {int(length) for length in rows.real.sum(dim=(1, 2))}
    assert lengths == {takes[0].frames, 100}
    assert int(rows.is_plain.sum()) == 6
    assert (rows.intensity[rows.is_plain] == 1).all()
    assert not rows.person[rows.is_plain].any()
    assert torch.equal(rows.emotion[rows.is_plain], rows.plain[rows.is_plain])


def test_lips_apart_count_where_the_actor_closes_them() -> None:
    session = tiny_session()
    takes = [hear(session, made_up_capture(6), lambda *_: None)]
    rows = draw_rows(takes, 4, 100, session.network, np.random.default_rng(0))
    wider = rows.curves.clone()
    wider[..., CHANNEL["jawOpen"]] += 0.2
    assert excess(wider, rows.curves, rows) > 0.01
    assert excess(rows.curves, rows.curves, rows) == 0
    shut = rows.curves.clone()
    shut[..., CHANNEL["jawOpen"]] = 0
    assert excess(shut, rows.curves, rows) == 0, "lips together where the actor's are apart are for the other losses"
    unknown = replace(rows, known=torch.zeros_like(rows.known))
    assert excess(wider, rows.curves, unknown) == 0


def test_the_encoders_are_shared_not_copied() -> None:
    network = tiny_model()
    copied = tunable_copy(network)
    assert copied.content_encoder is network.content_encoder
    assert copied.decoder is not network.decoder
    assert copied.config == network.config


# --- which takes ----------------------------------------------------------------------------------------------------


def named(*names: str, seconds: float = 6.0) -> list[Capture]:
    frames = round(seconds * 30)
    curves = np.full((frames, 52), 0.5, np.float32)
    return [Capture(name, np.zeros(frames * RATE // 30, np.float32), curves, np.ones(52, bool)) for name in names]


def names_of(captures: list[Capture]) -> list[str]:
    return [capture.name for capture in captures]


def test_every_fifth_take_is_held_out() -> None:
    learned, judged = split(named(*"abcdefghijk"))
    assert names_of(judged) == ["e", "j"]
    assert names_of(learned) == list("abcdfghik")


def test_of_few_takes_the_last_is_held_out() -> None:
    learned, judged = split(named("a", "b", "c"))
    assert (names_of(learned), names_of(judged)) == (["a", "b"], ["c"])


def test_of_a_single_take_the_last_fifth_is_held_out() -> None:
    (capture,) = named("a", seconds=10)
    learned, judged = split([capture])
    assert [len(take.curves) for take in (*learned, *judged)] == [240, 60]
    assert [len(take.samples) for take in (*learned, *judged)] == [8 * RATE, 2 * RATE]


def test_takes_are_held_out_by_a_part_of_their_name() -> None:
    learned, judged = split(named("monday_1", "monday_2", "tuesday_1"), ["tues", "_2"])
    assert (names_of(learned), names_of(judged)) == (["monday_1"], ["monday_2", "tuesday_1"])


@pytest.mark.parametrize(
    ("captures", "held_out", "says"),
    [
        (named("a", "b"), ["c"], r"No take has 'c' in its name. Choose from: a, b\."),
        (named("a", "b"), ["a", "b"], "too few to learn from"),
        (named("a", "b", seconds=2), [], "too few to learn from"),
        (named("a", seconds=4), [], "too few to learn from"),
        ([replace(take, captured=np.zeros(52, bool)) for take in named("a", "b")], [], "nothing moves"),
    ],
)
def test_too_little_is_refused(captures: list[Capture], held_out: list[str], says: str) -> None:
    with pytest.raises(EmoTalkError, match=says):
        split(captures, held_out)


# --- the command ----------------------------------------------------------------------------------------------------


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    takes = tmp_path / "takes"
    takes.mkdir()
    for number, name in enumerate(("one", "two")):
        write_capture(takes, made_up_capture(6, number, name))
    base, out = tiny_base(tmp_path / "base.safetensors"), tmp_path / "actor.safetensors"
    arguments = ["finetune", "--captures", str(takes), "--out", str(out), "--base", str(base), "--steps", "6"]
    assert main([*arguments, "--held-out", "one", "--seed", "3"]) == 0
    printed = capsys.readouterr()
    assert "learned from two; held out one" in printed.out
    assert "opening, correlation" in printed.out
    assert "closures as the actor's" in printed.out
    assert all(channel in printed.out for channel in MOUTH)
    assert "browInnerUp" not in printed.out
    assert "Listening to one" in printed.err
    info = read_info(out)
    assert info.licence == "CC-BY-NC-4.0", "what may be done with the base may be done with what comes of it"
    assert info.source.startswith("made in a test; ")
    assert info.dtype == "F16"
    assert info.config == read_info(base).config
    session = load_session(out, "cpu")
    curves = session.perform(session.hear(made_up_capture(2).samples), Performance("happy", 1.2, person=1))
    assert np.isfinite(curves.values).all()

    assert main([*arguments, "--held-out", "one"]) == 1
    assert capsys.readouterr().err.endswith("actor.safetensors exists already. Choose another name.\n")


class Interrupted(BaseException):
    """Ctrl+C."""


def stopping_at(part: float):
    """A report that ends the tuning when so much of it is done."""

    def report(stage: str, done: float) -> None:
        if stage == "Tuning" and done >= part:
            raise Interrupted

    return report


def test_a_stopped_tuning_goes_on_where_it_was(tmp_path: Path) -> None:
    takes = split([made_up_capture(8)])
    whole = tune(tiny_session(), takes, SHORT, lambda *_: None)
    kept = tmp_path / "actor.safetensors.unfinished"
    with pytest.raises(Interrupted):
        tune(tiny_session(), takes, SHORT, stopping_at(0.7), kept)
    stages = []
    resumed = tune(tiny_session(), takes, SHORT, lambda stage, part: stages.append((stage, part)), kept)
    assert min(part for stage, part in stages if stage == "Tuning") >= 0.6
    assert resumed.step == whole.step
    state = resumed.network.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in whole.network.state_dict().items())


@pytest.mark.parametrize("change", ["settings", "takes", "damage"])
def test_what_was_kept_of_another_tuning_is_not_taken_up(tmp_path: Path, change: str) -> None:
    takes, kept = split([made_up_capture(8)]), tmp_path / "actor.safetensors.unfinished"
    with pytest.raises(Interrupted):
        tune(tiny_session(), takes, SHORT, stopping_at(0.7), kept)
    settings = replace(SHORT, seed=1) if change == "settings" else SHORT
    if change == "takes":
        takes = split([made_up_capture(8, seed=1)])
    if change == "damage":
        kept.write_bytes(kept.read_bytes()[:1000])
    first, second = (tune(tiny_session(), takes, settings, lambda *_: None, path) for path in (None, kept))
    state = second.network.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in first.network.state_dict().items())


def test_the_same_command_goes_on_after_ctrl_c_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = tmp_path / "takes"
    takes.mkdir()
    write_capture(takes, made_up_capture(8))
    base, out = tiny_base(tmp_path / "base.safetensors"), tmp_path / "actor.safetensors"
    arguments = ["finetune", "--captures", str(takes), "--out", str(out), "--base", str(base), "--steps", "24"]
    advance = LearningState.advance
    steps: list[int] = []

    def advance_or_stop(state: LearningState, norm: float) -> None:
        if len(steps) == 15:
            raise KeyboardInterrupt
        steps.append(state.step)
        advance(state, norm)

    with monkeypatch.context() as patched:
        patched.setattr(LearningState, "advance", advance_or_stop)
        assert main(arguments) == 130
    assert "go on" in capsys.readouterr().err
    assert not out.exists()
    steps.clear()
    with monkeypatch.context() as patched:
        patched.setattr(LearningState, "advance", advance_or_stop)
        assert main(arguments) == 0
    assert steps[0] == 14, "the last check before it was stopped"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["actor.safetensors", "base.safetensors", "takes"]


def test_published_layout_is_tuned_too(tmp_path: Path) -> None:
    takes = tmp_path / "takes"
    takes.mkdir()
    write_capture(takes, made_up_capture(8))
    base = tiny_base(tmp_path / "base.safetensors", front_end="waveform", prototypes=False)
    out = tmp_path / "actor.safetensors"
    session = load_session(base, "cpu", exact=True)
    tuned = finetune(session, split(read_captures(takes)), out, replace(SHORT, learning_rate=3e-3))
    assert tuned.step > 0
    assert tuned.after.error < tuned.before.error
    network, _ = load_checkpoint(out)
    assert network.prototypes is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("there.safetensors", r"there\.safetensors exists already"),
        ("nowhere/actor.safetensors", "does not exist"),
        ("actor.bin", r"end in \.safetensors"),
    ],
)
def test_where_nothing_can_be_written_is_said_before_the_work(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "there.safetensors").write_bytes(b"an older network")
    with pytest.raises(EmoTalkError, match=says):
        check_out(tmp_path / name)
    assert (tmp_path / "there.safetensors").read_bytes() == b"an older network"


@pytest.mark.parametrize("steps", ["0", "-5"])
def test_no_steps_are_refused(tmp_path: Path, steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "actor.safetensors"
    assert main(["finetune", "--captures", str(tmp_path), "--out", str(out), "--steps", steps]) == 1
    assert capsys.readouterr().err == "Tuning needs at least one step.\n"


def test_a_folder_without_takes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["finetune", "--captures", str(tmp_path), "--out", str(tmp_path / "actor.safetensors")]) == 1
    assert "holds no take" in capsys.readouterr().err
