"""Rings as text, in a file that is followed, and in an environment that is not ours."""

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from application.secrets.ports import Turn
from application.shared.cipher import SealContext
from domain.secrets.errors import RingChangedError
from domain.secrets.ring import KeyFacts, RingName, turned
from domain.shared.ids import HOUSE
from entrypoints.composition import settings_values as values
from entrypoints.composition.kept_keys import KeptKeys
from entrypoints.composition.live_keys import LiveKeys
from entrypoints.composition.settings import Settings, load_settings
from entrypoints.composition.settings_source import SettingsError
from tests.settings.test_settings import SERVER, a_key

MADE = datetime(2026, 1, 1, 12, tzinfo=UTC)
RETIRED = datetime(2026, 7, 31, 8, 30, 5, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)
HERE = SealContext("people.name", HOUSE, HOUSE)


def a_turn(ring: KeyRing) -> Turn:
    return Turn(ring.facts, turned(ring.facts, KeyFacts("2", LATER), LATER, at_once=True))


def load(home: Path, **settings: str) -> Settings:
    return load_settings({"DALER_HOME": str(home), **settings})


def kept(settings: Settings) -> KeptKeys:
    return KeptKeys(LiveKeys.of(settings), settings.secrets_file)


def test_a_ring_without_dates_reads_as_it_always_did() -> None:
    ring = values.ring(f"2026:{a_key(0)}, old-one:{a_key(32)}")

    assert [key.id for key in ring] == ["2026", "old-one"]
    assert all(key.made is None and key.retired is None for key in ring)


def test_a_key_says_when_it_was_made_and_when_another_took_over() -> None:
    text = (
        f"2@20260731T083005Z:{a_key(0)},1@20260101T120000Z/20260731T083005Z:{a_key(32)}"
        f",0@/20260101T120000Z:{a_key(64)}"
    )
    ring = values.ring(text)

    assert [(key.made, key.retired) for key in ring] == [
        (RETIRED, None),
        (MADE, RETIRED),
        (None, MADE),
    ]
    assert values.ring_text(ring) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"1@2026-01-01:{a_key(0)}", "dates cannot be read"),
        (f"1@20260231T120000Z:{a_key(0)}", "dates cannot be read"),
        (f"1@20260101T120000:{a_key(0)}", "dates cannot be read"),
        (f"2:{a_key(0)},1@20260731T083005Z/20260101T120000Z:{a_key(32)}", "exchange the two"),
        (f"1@20260101T120000Z/20260731T083005Z:{a_key(0)}", "the first key of the ring is retired"),
    ],
)
def test_dates_that_cannot_be_right_are_refused_without_the_key(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        values.ring(text)
    assert a_key(0) not in str(refused.value)


def test_fresh_keys_know_when_they_were_made(tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    settings = load(tmp_path)

    for name in RingName:
        made = settings.ring(name).newest.made
        assert made is not None
        assert before <= made <= datetime.now(UTC)


def test_a_turn_is_written_into_the_file_and_leaves_its_other_lines_alone(tmp_path: Path) -> None:
    settings = load(tmp_path)
    file = tmp_path / ".env"
    file.write_text(file.read_text() + "# mine\nDALER_PORT = '8123'\n")
    lines = file.read_text().splitlines()

    to_set = kept(settings).put({RingName.JWT: a_turn(settings.jwt_keys)})

    assert to_set == {}
    changed = [line for line in lines if line not in file.read_text().splitlines()]
    assert [line.partition("=")[0] for line in changed] == ["DALER_JWT_KEYS"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = load(tmp_path)
    assert [key.id for key in again.jwt_keys] == ["2", "1"]
    assert again.jwt_keys.keys[1] == replace(settings.jwt_keys.newest, retired=LATER)
    assert again.port == 8123


def test_who_runs_uses_the_new_ring_at_once(tmp_path: Path) -> None:
    settings = load(tmp_path)
    running = LiveKeys.of(settings)
    cipher = aes_gcm_cipher(running.encryption, settings.lookup_key.secret)
    before = cipher.seal(b"Anna", HERE)
    turn = a_turn(settings.encryption_keys)

    kept(load(tmp_path)).put({RingName.ENCRYPTION: replace(turn, after=_unretired(turn))})

    assert running.encryption().newest.id == "2"
    assert cipher.seal(b"Anna", HERE)[2:3] == b"2"
    assert cipher.open(before, HERE) == b"Anna"
    assert [key.id for key in running.jwt()] == ["1"]


def _unretired(turn: Turn) -> tuple[KeyFacts, ...]:
    return tuple(replace(key, retired=None) for key in turn.after)


@pytest.mark.parametrize("text", ["", "DALER_JWT_KEYS=nonsense\n", "DALER_JWT_KEYS=1:short\n"])
def test_a_file_that_makes_no_sense_changes_nothing_for_who_runs(tmp_path: Path, text: str) -> None:
    settings = load(tmp_path)
    running = LiveKeys.of(settings)
    good = (tmp_path / ".env").read_text()

    (tmp_path / ".env").write_text(text)
    assert running.jwt() == settings.jwt_keys
    (tmp_path / ".env").unlink()
    assert running.jwt() == settings.jwt_keys

    (tmp_path / ".env").write_text(good)
    (tmp_path / ".env").chmod(0o600)
    kept(settings).put({RingName.JWT: a_turn(settings.jwt_keys)})
    assert running.jwt().newest.id == "2", "and once it makes sense again, it is followed again"


def test_a_ring_of_the_environment_stays_what_it_is_and_the_operator_is_told(
    tmp_path: Path,
) -> None:
    own = f"1:{a_key(0)}"
    settings = load(tmp_path, DALER_JWT_KEYS=own)
    turns = {name: a_turn(settings.ring(name)) for name in (RingName.JWT, RingName.REFRESH)}

    to_set = kept(settings).put(turns)

    assert list(to_set) == ["DALER_JWT_KEYS"]
    ring = values.ring(to_set["DALER_JWT_KEYS"].reveal())
    assert [key.id for key in ring] == ["2", "1"]
    assert ring.keys[1].secret == settings.jwt_keys.newest.secret
    running = LiveKeys.of(settings)
    assert running.jwt().newest.id == "1"
    assert running.refresh().newest.id == "2"
    assert not kept(settings).at_once(RingName.JWT)


def test_a_server_keeps_no_keys_of_its_own() -> None:
    settings = load_settings(SERVER)

    to_set = kept(settings).put({RingName.REFRESH: a_turn(settings.refresh_keys)})

    assert list(to_set) == ["DALER_REFRESH_KEYS"]
    assert settings.secrets_file is None


def test_of_two_who_turn_a_ring_the_second_is_told_to_look_again(tmp_path: Path) -> None:
    settings = load(tmp_path)
    turn = a_turn(settings.jwt_keys)
    kept(settings).put({RingName.JWT: turn})
    once = (tmp_path / ".env").read_text()

    with pytest.raises(RingChangedError):
        kept(settings).put({RingName.JWT: turn})

    assert (tmp_path / ".env").read_text() == once


def test_new_keys_are_random_and_old_ones_stay_themselves(tmp_path: Path) -> None:
    settings = load(tmp_path)
    kept(settings).put({name: a_turn(settings.ring(name)) for name in RingName})

    made = [load(tmp_path).ring(name).newest.secret for name in RingName]
    assert len({*made, *(settings.ring(name).newest.secret for name in RingName)}) == 6


def test_a_home_that_is_half_restored_is_not_begun_in(tmp_path: Path) -> None:
    (tmp_path / "restore-unfinished").touch()

    with pytest.raises(SettingsError, match="under way or was cut off"):
        load(tmp_path)
    assert not (tmp_path / ".env").exists()


def test_a_passphrase_has_no_place_beside_what_it_locks(tmp_path: Path) -> None:
    load(tmp_path)
    file = tmp_path / ".env"
    file.write_text(file.read_text() + "DALER_BACKUP_PASSPHRASE=four quiet words\n")

    with pytest.raises(SettingsError, match="belongs into the environment"):
        load(tmp_path)


def test_a_key_cannot_be_retired_before_it_was_made() -> None:
    with pytest.raises(ValueError, match="before it was made"):
        Key("1", b"k" * 32, made=RETIRED, retired=MADE)
