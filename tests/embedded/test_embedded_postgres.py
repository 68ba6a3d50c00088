"""The embedded server lives exactly as long as somebody uses it, and loses nothing."""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded.layout import EmbeddedError
from adapters.embedded.server import EmbeddedPostgres, wait_until_ended
from tests.embedded.world import Home, a_home, eventually, kill_all

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with a_home(tmp_path / "home") as made:
        yield made


def test_the_application_owns_nothing_and_the_network_is_not_listened_to(home: Home) -> None:
    user = home.enter()

    assert user.ask("select current_user") == "daler_owner"
    assert user.ask("show listen_addresses") == ""
    assert user.ask("show data_checksums") == "on"
    assert user.ask("show fsync") == "on"
    assert user.ask("show server_encoding") == "UTF8"
    powers = "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole from pg_roles"
    assert user.ask(f"{powers} where rolname = 'daler_app'") == "False"
    assert user.ask(f"{powers} where rolname = 'daler_owner'") == "False"
    assert user.ask("select count(*) from pg_database where datdba = 'daler_app'::regrole") == "0"
    user.leave()


def test_two_processes_share_one_server_and_the_last_one_out_ends_it(home: Home) -> None:
    first, second = home.enter(), home.enter()
    postmaster = home.postmaster()

    first.leave()
    time.sleep(0.2)
    assert second.ask("select 1") == "1"
    assert home.postmaster() == postmaster

    second.leave()
    assert home.is_deserted()


def test_a_killed_user_leaves_no_process_and_loses_no_row(home: Home) -> None:
    user = home.enter()
    user.ask("create table kept (n int)")
    for _ in range(20):
        assert user.ask("insert into kept values (1)") == "INSERT 0 1"

    user.kill()

    assert home.is_deserted()
    assert home.enter().ask("select count(*) from kept") == "20"


def test_a_killed_server_is_started_again_under_its_users(home: Home) -> None:
    user = home.enter()
    user.ask("create table kept (n int)")
    user.ask("insert into kept values (1)")
    killed = home.postmaster()

    os.kill(killed, signal.SIGKILL)

    assert eventually(lambda: killed not in home.everything(), 5.0)
    later = home.enter()
    assert later.ask("select count(*) from kept") == "1"
    assert user.ask("select count(*) from kept") == "1"
    assert home.postmaster() != killed


def test_a_killed_keeper_takes_the_server_with_it_and_the_next_user_starts_both(home: Home) -> None:
    user = home.enter()
    user.ask("create table kept (n int)")
    server = home.postmaster()

    os.kill(home.keeper(), signal.SIGKILL)

    assert eventually(lambda: server not in home.everything(), 5.0)
    assert home.enter().ask("select count(*) from kept") == "0"
    assert user.ask("select count(*) from kept") == "0"


def test_a_user_whose_server_is_gone_can_have_it_started_again(home: Home) -> None:
    server = EmbeddedPostgres.join(home.path)
    with server:
        os.kill(home.keeper(), signal.SIGKILL)
        assert wait_until_ended(home.path, 5.0)

        address = server.ready()

        assert (address.folder / ".s.PGSQL.5432").is_socket()


def test_everything_killed_at_once_is_recovered(home: Home) -> None:
    user = home.enter()
    user.ask("create table kept (n int)")
    user.ask("insert into kept values (1)")

    kill_all([home.keeper(), *home.everything()])
    user.kill()

    assert home.enter().ask("select count(*) from kept") == "1"


def test_ctrl_c_reaches_the_users_only(home: Home) -> None:
    first, second = home.enter(), home.enter()

    os.killpg(first.process.pid, signal.SIGINT)
    first.process.communicate()

    time.sleep(0.2)
    assert second.ask("select 1") == "1"
    second.leave()


def test_a_first_start_that_is_cut_off_anywhere_is_made_good_by_the_next(home: Home) -> None:
    for _ in range(6):
        process = home.begin()
        time.sleep(random.uniform(0.05, 0.7))  # noqa: S311  # any moment will do
        kill_all([process.pid, *home.everything()])
        process.communicate()

    assert home.enter().ask("select current_database()") == "daler"


def test_users_that_come_and_go_at_the_same_time_never_meet_a_closed_door(home: Home) -> None:
    home.enter().leave()
    for _ in range(4):
        users = [home.begin() for _ in range(4)]
        for user in users:
            said, complaint = user.communicate("select 40 + 2\n")
            assert said.split()[-1:] == ["42"], complaint
    assert home.is_deserted()


def test_joining_again_while_the_last_server_is_still_stopping_works(home: Home) -> None:
    for _ in range(5):
        with EmbeddedPostgres.join(home.path) as address:
            assert (address.folder / ".s.PGSQL.5432").is_socket()
    assert wait_until_ended(home.path, 10.0)


def test_a_long_path_and_strange_letters_are_no_obstacle(tmp_path: Path) -> None:
    with a_home(tmp_path / ('it\'s "a" ' + "l" * 120) / "høme") as home:
        assert home.enter().ask("select 1") == "1"


def test_data_of_another_version_is_refused_in_one_sentence(home: Home) -> None:
    home.enter().leave()
    assert home.is_deserted()
    version = home.place / "data" / "PG_VERSION"
    version.write_text("17\n")

    with (
        pytest.raises(EmbeddedError, match="written by PostgreSQL 17 and this program carries"),
        EmbeddedPostgres.join(home.path),
    ):
        pass


def test_a_server_that_may_forget_is_not_lent_to_who_needs_it_durable(home: Home) -> None:
    forgetful = home.enter("forgetful")

    with (
        pytest.raises(EmbeddedError, match="started by tests"),
        EmbeddedPostgres.join(home.path),
    ):
        pass
    forgetful.leave()
