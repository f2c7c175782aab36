# SPDX-License-Identifier: GPL-3.0-or-later
"""From films to takes: any phone's film works, or is refused in a sentence."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from emotalk_blender.animation.lips import lip_opening
from emotalk_blender.curves import CHANNEL
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.training.captures.captures import Capture, read_captures
from emotalk_blender.training.captures.face_tracker import Face
from emotalk_blender.training.captures.film import pictures
from emotalk_blender.training.captures.film_takes import CapturedFilms, capture_films, films_in, make_take
from emotalk_blender.training.captures.person import find_person
from emotalk_blender.training.captures.preview import write_preview

from .made_up_faces import SHAPES, speech, tracked
from .made_up_films import BRIGHT, NOBODY, brightness, find_faces, write_film

av = pytest.importorskip("av")


def jaw_at(times: np.ndarray) -> np.ndarray:
    """A jaw that opens once a second, and is shut for 0.4 s between."""
    return 0.4 * np.clip(np.sin(2 * np.pi * times) + 0.3, 0, 1)


def steady(seconds: float, fps: float = 25) -> np.ndarray:
    return np.arange(round(seconds * fps)) / fps


def captured(film: Path, out: Path, speaker: str | None = None) -> CapturedFilms:
    return capture_films(films_in([film]), out, speaker, find_faces, lambda stage, part: None)


def take_of(film: Path, out: Path) -> Capture:
    result = captured(film, out)
    assert not result.refused
    (take,) = read_captures(out)
    return take


def follows(take: Capture, shift: float = 0.0) -> float:
    """How well a take's opening follows the jaw, whose moment 0 is `shift` seconds into the take."""
    times = np.arange(len(take.curves)) / 30 - shift
    return float(np.corrcoef(lip_opening(take.curves), jaw_at(times))[0, 1])


@pytest.mark.parametrize("fps", [15, 24, 25, 30, 60])
def test_films_of_any_usual_rate(tmp_path: Path, fps: int) -> None:
    times = steady(4, fps)
    take = take_of(write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times), tmp_path / "out")
    assert abs(len(take.curves) - 120) <= 2
    assert follows(take) > 0.98
    assert (lip_opening(take.curves)[[24, 54, 84]] == 0).all(), "shut lips are shut"


def test_pictures_that_come_when_they_please(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(1 / 40, 1 / 18, 110))
    times -= times[0]
    take = take_of(write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times), tmp_path / "out")
    assert follows(take) > 0.98


def test_a_film_held_upright_is_turned(tmp_path: Path) -> None:
    times = steady(2)
    film = write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times)
    data = bytearray(film.read_bytes())
    matrix = data.find(b"tkhd") + 4 + 4 + 20 + 16
    one = 1 << 16
    for place, number in enumerate((0, one, 0, -one, 0, 0, 0, 0, 1 << 30)):
        struct.pack_into(">i", data, matrix + 4 * place, number)
    (tmp_path / "turned.mp4").write_bytes(data)
    plain, turned = next(pictures(film)).colors, next(pictures(tmp_path / "turned.mp4")).colors
    assert turned.shape == (128, 64, 3)
    # A quarter to the right: what was left is up.
    assert turned[:64].mean() > turned[64:].mean() + 10
    assert plain[:, :64].mean() > plain[:, 64:].mean() + 10


@pytest.mark.parametrize(("picture", "sound"), [(0.0, 0.4), (0.5, 0.0)])
def test_sound_and_picture_that_do_not_begin_together(tmp_path: Path, picture: float, sound: float) -> None:
    times = picture + steady(4)
    film = write_film(tmp_path / "film.mkv", brightness(jaw_at(times)), times, sound_from=sound)
    take = take_of(film, tmp_path / "out")
    start = max(picture, sound)
    assert follows(take, -start) > 0.98
    level = np.sqrt(np.add.reduceat(take.samples**2, np.arange(len(take.curves)) * 16000 // 30))
    assert np.corrcoef(level, jaw_at(np.arange(len(take.curves)) / 30 + 1 / 60 + start))[0, 1] > 0.9
    assert len(take.samples) == round(len(take.curves) * 16000 / 30)


def test_seconds_without_a_face_are_a_gap_and_no_zeros(tmp_path: Path) -> None:
    times = steady(7)
    levels = brightness(jaw_at(times))
    levels[(times >= 2.5) & (times < 4.5)] = NOBODY
    captured(write_film(tmp_path / "film.mp4", levels, times), tmp_path / "out")
    first, second = read_captures(tmp_path / "out")
    assert (first.name, second.name) == ("film.1", "film.2")
    assert len(first.curves) / 30 == pytest.approx(2.5, abs=0.07)
    assert len(second.curves) / 30 == pytest.approx(2.5, abs=0.07)
    assert follows(first) > 0.98
    assert follows(second, -4.5) > 0.95
    with np.load(tmp_path / "out" / "film.npz") as file:
        assert not file["seen"][80:130].any()


def test_a_lost_frame_is_bridged(tmp_path: Path) -> None:
    times = steady(3)
    levels = brightness(jaw_at(times))
    levels[[20, 21, 50]] = NOBODY
    assert follows(take_of(write_film(tmp_path / "film.mp4", levels, times), tmp_path / "out")) > 0.97


def test_a_face_in_the_background_is_not_the_speakers(tmp_path: Path) -> None:
    times = steady(4)
    film = write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times, right=BRIGHT)
    assert follows(take_of(film, tmp_path / "out")) > 0.98


def test_what_a_take_holds(tmp_path: Path) -> None:
    times = steady(3)
    film = write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times)
    take = take_of(film, tmp_path / "out")
    assert not take.captured[CHANNEL["tongueOut"]]
    with np.load(tmp_path / "out" / "film.npz") as file:
        frames = len(file["curves"])
        assert file["head"].shape == (frames, 3)
        assert np.abs(file["head"]).max() < 0.05
        assert np.array_equal(file["lips_touch"], lip_opening(file["curves"]) == 0)
        assert file["gap"].shape == file["seen"].shape == (frames,)
        assert file["seen"].all()
        assert file["captured"].sum() == 47


def test_a_face_that_is_turned_far_away_is_not_seen() -> None:
    film = tracked(speech(4, 25), 25)
    head = np.zeros((100, 3))
    head[40:70, 1] = np.radians(60)
    person = find_person([film], SHAPES)
    take = make_take(tracked(speech(4, 25), 25, head), person, SHAPES)
    moments = np.arange(len(take.curves)) / 30
    assert not take.seen[(moments > 1.65) & (moments < 2.75)].any()
    assert take.seen[(moments < 1.55) | (moments > 2.85)].all()
    assert np.abs(np.degrees(take.head[60]) - [0, 60, 0]).max() < 3


def test_a_take_tells_how_low_the_chin_hangs_and_how_narrow_the_mouth_is() -> None:
    weights = speech(6, 30)
    face = tracked(weights, 30)
    take = make_take(face, find_person([face], SHAPES), SHAPES)
    rounding = weights[:, CHANNEL["mouthPucker"]] - weights[:, CHANNEL["mouthSmileLeft"]]
    assert np.corrcoef(take.chin, weights[: len(take.chin), CHANNEL["jawOpen"]])[0, 1] > 0.9
    assert np.corrcoef(take.narrowing, rounding[: len(take.narrowing)])[0, 1] > 0.8


def test_films_of_one_speaker_share_a_folder_and_a_resting_face(tmp_path: Path) -> None:
    times = steady(2)
    for name, most in (("shut", 0.1), ("open", 0.4)):
        # One film alone hardly shows a closed mouth; together they do.
        jaw = np.maximum(jaw_at(times), 0.2) if name == "open" else most * jaw_at(times)
        write_film(tmp_path / f"{name}.mp4", brightness(jaw), times)
    result = capture_films(films_in([tmp_path]), tmp_path / "out", "ann", find_faces, lambda stage, part: None)
    assert sorted(path.name for path in result.takes.values()) == ["open.npz", "shut.npz"]
    takes = {take.name: take for take in read_captures(tmp_path / "out")}
    assert lip_opening(takes["open"].curves).min() > 0.1, "its smallest opening is no rest"
    assert (tmp_path / "out" / "ann" / "open.flac").is_file()


def test_a_stopped_command_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emotalk_blender.training.captures.tracking.KEEP_EVERY", 20)
    times = steady(3)
    film = write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times)
    looked: list[int] = []

    def stopping(colors: np.ndarray) -> list[Face]:
        looked.append(1)
        if len(looked) == 50:
            raise KeyboardInterrupt
        return find_faces(colors)

    with pytest.raises(KeyboardInterrupt):
        capture_films(films_in([film]), tmp_path / "out", None, stopping, lambda stage, part: None)
    capture_films(films_in([film]), tmp_path / "out", None, stopping, lambda stage, part: None)
    assert len(looked) == 50 + 75 - 40, "forty pictures were kept"
    (take,) = read_captures(tmp_path / "out")
    assert follows(take) > 0.98
    capture_films(films_in([film]), tmp_path / "out", None, stopping, lambda stage, part: None)
    assert len(looked) == 85, "a film that is done is not searched again"
    write_film(film, brightness(jaw_at(times[:70])), times[:70])
    capture_films(films_in([film]), tmp_path / "out", None, stopping, lambda stage, part: None)
    assert len(looked) == 85 + 70, "another film under the same name is"


def refused(folder: Path, kind: str) -> Path:
    """A film that gives no take."""
    times = steady(0.6 if kind == "short" else 3, 10 if kind == "slow" else 25)
    levels = np.full(len(times), NOBODY) if kind == "nobody" else brightness(jaw_at(times))
    film = write_film(folder / "film.mp4", levels, times, sound_from=None if kind == "silent" else 0.0)
    if kind == "glimpse":
        levels[12:] = NOBODY
        write_film(film, levels, times)
    if kind == "text":
        film.write_text("no film", encoding="utf-8")
    if kind == "cut off":
        film.write_bytes(film.read_bytes()[:3000])
    if kind == "sound alone":
        with av.open(str(film), "w") as movie:
            track = movie.add_stream("aac", rate=48000, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 48000
            movie.mux(track.encode(frame))
            movie.mux(track.encode(None))
    return film


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("nobody", "shows no face"),
        ("glimpse", "less than a second"),
        ("short", "less than a second"),
        ("slow", "fewer than 12 pictures"),
        ("silent", "has no sound"),
        ("sound alone", "has no pictures"),
        ("text", "cannot be read as a film"),
        ("cut off", "cannot be read as a film"),
    ],
)
def test_films_that_are_refused_in_a_sentence(tmp_path: Path, kind: str, why: str) -> None:
    result = captured(refused(tmp_path, kind), tmp_path / "out")
    assert not result.takes
    (sentence,) = result.refused
    assert why in sentence
    assert sentence.startswith("film.mp4 ")
    assert not list((tmp_path / "out").glob("*.*"))


def test_one_bad_film_does_not_cost_the_others(tmp_path: Path) -> None:
    times = steady(2)
    write_film(tmp_path / "good.mp4", brightness(jaw_at(times)), times)
    (tmp_path / "bad.mp4").write_text("no film", encoding="utf-8")
    result = capture_films(films_in([tmp_path]), tmp_path / "out", None, find_faces, lambda stage, part: None)
    assert [path.name for path in result.takes] == ["good.mp4"]
    assert len(result.refused) == 1


def test_films_of_a_folder_and_their_names(tmp_path: Path) -> None:
    for path in ("monday/take.mp4", "tuesday/take.MOV", "tuesday/b.mkv", "tuesday/notes.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    names = {name: path.relative_to(tmp_path).as_posix() for name, path in films_in([tmp_path]).items()}
    assert names == {
        "monday_take": "monday/take.mp4",
        "tuesday_take": "tuesday/take.MOV",
        "b": "tuesday/b.mkv",
    }
    with pytest.raises(EmoTalkError, match="does not exist"):
        films_in([tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmoTalkError, match="holds no film"):
        films_in([tmp_path / "empty"])
    with pytest.raises(EmoTalkError, match="no name of a speaker"):
        capture_films({}, tmp_path / "out", "a/b", find_faces, lambda stage, part: None)


def test_a_preview_shows_the_film_beside_the_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emotalk_blender.training.captures.preview.HEIGHT", 120)
    times = steady(1.5)
    film = write_film(tmp_path / "film.mp4", brightness(jaw_at(times)), times)
    (take,) = captured(film, tmp_path / "out").takes.values()
    preview = tmp_path / "preview.mp4"
    write_preview(film, take, preview, lambda stage, part: None)
    shown = list(pictures(preview))
    with np.load(take) as file:
        assert len(shown) == len(file["curves"])
        opening = lip_opening(file["curves"])
    # The mouth is in the lower middle of the right half, and dark inside where it is open.
    right = np.array([picture.colors[83:103, 167:193].mean() for picture in shown])
    assert np.corrcoef(right, opening)[0, 1] < -0.8
    with av.open(str(preview)) as movie:
        assert movie.streams.audio[0].duration * movie.streams.audio[0].time_base == pytest.approx(1.5, abs=0.15)
