"""The secrets of an embedded installation: made once, kept from others, never replaced."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entrypoints.composition.settings import Settings, load_settings
from entrypoints.composition.settings_source import SettingsError


def load(home: Path, **settings: str) -> Settings:
    return load_settings({"DALER_HOME": str(home), **settings})


def test_the_first_start_makes_them_and_later_starts_keep_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = load(home)

    assert load(home) == first
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / ".env").stat().st_mode) == 0o600


def test_no_two_installations_have_the_same(tmp_path: Path) -> None:
    assert load(tmp_path / "a").lookup_key != load(tmp_path / "b").lookup_key


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    load(tmp_path)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_many_that_start_at_once_get_the_same(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: load(home), range(32)))

    assert all(settings == found[0] for settings in found)
    assert [entry.name for entry in home.iterdir()] == [".env"]


def test_what_the_person_wrote_stays_and_a_missing_secret_is_added(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    load(tmp_path)
    kept = [line for line in file.read_text().splitlines() if "LOOKUP" not in line]
    mine = ["# mine", "DALER_PORT = '8123'", "DALER_LOG_LEVEL=debug"]
    file.write_text("\n".join([*kept, *mine]))

    settings = load(tmp_path)

    assert (settings.port, settings.log_level) == (8123, "debug")
    assert file.read_text().splitlines()[:-1] == [*kept, *mine]
    assert file.read_text().splitlines()[-1].startswith("DALER_LOOKUP_KEY=")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_environment_wins(tmp_path: Path) -> None:
    load(tmp_path)
    file = tmp_path / ".env"
    file.write_text(file.read_text() + "DALER_PORT=8123\n")

    assert load(tmp_path, DALER_PORT="9000").port == 9000
    assert load(tmp_path, DALER_PORT="").port == 8123


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / ".env").chmod(0o640)

    with pytest.raises(SettingsError, match="can be read by others: run 'chmod 600"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("PATH=/tmp", "line 1: write DALER_NAME=value"),
        ("DALER_PORT", "line 1: write DALER_NAME=value"),
        ("DALER_PROT=1", "did you mean DALER_PORT"),
        ("DALER_DATABASE_URL=postgresql://db/x", "belongs into the environment"),
    ],
)
def test_a_line_that_means_nothing_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{line}\n")
    file.chmod(0o600)

    with pytest.raises(SettingsError, match=complaint):
        load(tmp_path)
    assert file.read_text() == f"{line}\n"


def test_lost_secrets_are_not_replaced_beside_a_database_that_needs_them(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / ".env").unlink()

    with pytest.raises(SettingsError, match="put the file back from a copy"):
        load(tmp_path)
    assert not (tmp_path / ".env").exists()


def test_a_home_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="set DALER_HOME to a folder of yours"):
        load(tmp_path / "file" / "home")
