"""What keeps guessers out can be set, and not switched off where others can reach."""

from pathlib import Path

import pytest

from application.shared.limits import LimitClass, Rate
from domain.identity.lockout import DEFAULT_RULES
from tests.settings.test_settings import SERVER, embedded, problems


def test_the_defaults_are_those_that_were_asked_for(tmp_path: Path) -> None:
    guard = embedded(tmp_path / "home").guard

    assert guard.limits.rates == {
        LimitClass.SIGN_IN: Rate(10, 60),
        LimitClass.PUBLIC: Rate(120, 60),
        LimitClass.SENSITIVE: Rate(20, 3600),
    }
    assert guard.lockout == DEFAULT_RULES
    assert (guard.lockout.pair.tries, guard.lockout.pair.memory.total_seconds()) == (5, 1800)
    assert (guard.lockout.account.tries, guard.lockout.account.memory.total_seconds()) == (20, 3600)
    assert (guard.password_cost.memory_kib, guard.password_cost.passes) == (46 * 1024, 1)
    assert guard.password_cost.lanes == 1
    assert guard.breached_passwords is None
    assert not guard.require_second_factor


def test_each_can_be_set(tmp_path: Path) -> None:
    stolen = tmp_path / "stolen.txt"
    stolen.write_text(f"{'A' * 40}:3\n")
    guard = embedded(
        tmp_path / "home",
        DALER_LIMIT_SIGN_IN="3/s",
        DALER_LIMIT_PUBLIC="7/min",
        DALER_LIMIT_SENSITIVE="9/day",
        DALER_LOCKOUT_TRIES="3",
        DALER_LOCKOUT_MINUTES="60",
        DALER_LOCKOUT_TRIES_PER_HOUR="10",
        DALER_REQUIRE_SECOND_FACTOR="on",
        DALER_HASH_MEMORY_MIB="64",
        DALER_HASH_PASSES="3",
        DALER_HASH_LANES="2",
        DALER_BREACHED_PASSWORDS=str(stolen),
    ).guard

    assert list(guard.limits.rates.values()) == [Rate(3, 1), Rate(7, 60), Rate(9, 86_400)]
    assert (guard.lockout.pair.tries, guard.lockout.pair.memory.total_seconds()) == (3, 3600)
    assert guard.lockout.account.tries == 10
    assert (guard.password_cost.memory_kib, guard.password_cost.passes) == (64 * 1024, 3)
    assert guard.password_cost.lanes == 2
    assert guard.breached_passwords == stolen
    assert guard.require_second_factor


@pytest.mark.parametrize("text", ["0/min", "10", "10/week", "-1/min", "10 / min", "ten/min", "1/"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    (problem,) = problems({**SERVER, "DALER_LIMIT_SIGN_IN": text})

    assert problem.startswith("DALER_LIMIT_SIGN_IN is ")
    assert "10/min" in problem


@pytest.mark.parametrize(
    "reachable",
    [
        {"DALER_HOST": "0.0.0.0"},  # noqa: S104 - what is refused
        {"DALER_PUBLIC_URL": "https://api.example.org"},
        {"DALER_HOST": "192.0.2.7"},
    ],
)
def test_limits_are_not_switched_off_where_others_can_reach(reachable: dict[str, str]) -> None:
    (problem,) = problems({**SERVER, **reachable, "DALER_LIMIT_SIGN_IN": "off"})

    assert problem.startswith("DALER_LIMIT_SIGN_IN is 'off' while others can reach Daler")


def test_limits_may_be_off_on_this_machine_alone(tmp_path: Path) -> None:
    guard = embedded(tmp_path / "home", DALER_LIMIT_SIGN_IN="off", DALER_LIMIT_PUBLIC="OFF").guard

    assert list(guard.limits.rates) == [LimitClass.SENSITIVE]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DALER_HASH_MEMORY_MIB", "45"),
        ("DALER_HASH_PASSES", "0"),
        ("DALER_HASH_LANES", "0"),
        ("DALER_LOCKOUT_TRIES", "0"),
        ("DALER_LOCKOUT_MINUTES", "0"),
        ("DALER_LOCKOUT_TRIES_PER_HOUR", "1001"),
    ],
)
def test_floors_hold(name: str, text: str) -> None:
    (problem,) = problems({**SERVER, name: text})

    assert problem.startswith(f"{name} is ")


def test_a_bad_file_of_stolen_passwords_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "stolen.txt"
    assert "cannot be read" in problems({**SERVER, "DALER_BREACHED_PASSWORDS": str(path)})[0]

    path.write_text("hunter2\n")
    (problem,) = problems({**SERVER, "DALER_BREACHED_PASSWORDS": str(path)})
    assert problem.startswith("DALER_BREACHED_PASSWORDS is ")
    assert "HASH:COUNT" in problem
