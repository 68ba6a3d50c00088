"""As root nothing that exists is opened to others; as an ordinary user everything stays at home."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from adapters.embedded.binaries import installed
from tests.embedded.world import a_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def modes(paths: Sequence[Path]) -> Mapping[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in paths}


@AS_ROOT
def test_root_changes_the_mode_of_no_existing_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    existing = closed / "home"
    existing.mkdir(mode=0o750)
    wheel = installed()
    watched = [existing, *existing.parents, wheel, *wheel.parents, *wheel.glob("pixeltable*/*")]
    watched += [Path("/var"), Path("/var/lib"), Path(tempfile.gettempdir())]
    before = modes(watched)

    with a_home(existing) as home:
        user = home.enter()
        owner = Path(f"/proc/{home.postmaster()}").stat().st_uid
        user.leave()

        assert owner != 0
        assert stat.S_IMODE((home.place / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((home.place / "run").stat().st_mode) == 0o700
        assert modes(watched) == before


@AS_ROOT
def test_root_finds_the_data_again_when_the_home_was_moved(tmp_path: Path) -> None:
    with a_home(tmp_path / "before") as home:
        user = home.enter()
        user.ask("create table kept (n int)")
        user.leave()
        assert home.is_deserted()
        home.path.rename(tmp_path / "after")

        with a_home(tmp_path / "after") as moved:
            assert moved.enter().ask("select count(*) from kept") == "0"


@pytest.fixture
def python_of_an_ordinary_user() -> Sequence[str]:
    """How to start Python as somebody who is not root; nothing to add when we are not."""
    if os.geteuid() != 0:
        return [sys.executable]
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    setpriv, python = (
        shutil.which("setpriv"),
        shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin:/usr/local/bin"),
    )
    if setpriv is None or python is None:
        pytest.skip("needs setpriv and a Python that other accounts may start")
    nobody = pwd.getpwnam("nobody")
    become = [setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    command = [
        *become,
        "/usr/bin/env",
        f"PYTHONPATH={packages}",
        "PYTHONDONTWRITEBYTECODE=1",
        python,
    ]
    tried = subprocess.run(
        [*command, "-c", "import adapters, asyncpg"], capture_output=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip("the project lies where other accounts cannot go")
    return command


@pytest.fixture
def a_folder_of_theirs() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="daler-") as folder:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        yield Path(folder)


def test_an_ordinary_user_keeps_everything_at_home(
    python_of_an_ordinary_user: Sequence[str], a_folder_of_theirs: Path
) -> None:
    with a_home(a_folder_of_theirs / "home") as home:
        user = home.enter(python=python_of_an_ordinary_user)

        assert user.ask("create table kept (n int)") == "CREATE TABLE"
        assert home.place == home.path / "postgres"
        assert (home.place / "data" / "PG_VERSION").exists()
        assert stat.S_IMODE((home.place / "run").stat().st_mode) == 0o700

        user.kill()
        assert home.is_deserted()
        again = home.enter(python=python_of_an_ordinary_user)
        assert again.ask("select count(*) from kept") == "0"
        again.leave()


def test_an_ordinary_user_with_a_long_home_gets_a_private_socket_elsewhere(
    python_of_an_ordinary_user: Sequence[str], a_folder_of_theirs: Path
) -> None:
    with a_home(a_folder_of_theirs / ("l" * 100)) as home:
        user = home.enter(python=python_of_an_ordinary_user)

        assert user.ask("select 1") == "1"
        assert home.path not in user.address.folder.parents
        assert stat.S_IMODE(user.address.folder.stat().st_mode) == 0o700
        user.leave()
        assert home.is_deserted()
        shutil.rmtree(user.address.folder)


@AS_ROOT
def test_root_does_not_start_a_second_database_over_somebody_elses(
    python_of_an_ordinary_user: Sequence[str], a_folder_of_theirs: Path
) -> None:
    with a_home(a_folder_of_theirs / "home") as home:
        home.enter(python=python_of_an_ordinary_user).leave()
        assert home.is_deserted()

        _, complaint = home.begin().communicate()

        assert "belongs to the account 'nobody'" in complaint
