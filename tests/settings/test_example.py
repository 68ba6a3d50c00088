"""`.env.example` lists exactly the settings there are, and nobody can run on it as it stands."""

import re
from pathlib import Path

import pytest

from entrypoints.composition.settings import Settings, load_settings, read_settings
from entrypoints.composition.settings_source import SettingsError
from tests.settings.test_settings import SERVER

EXAMPLE = Path(__file__).parents[2] / ".env.example"
LINES = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
SETTINGS = {name: value for name, value in LINES if name.startswith("DALER_")}


def test_every_setting_is_explained_once() -> None:
    assert len(LINES) == len({name for name, _ in LINES})
    # Every name is known ...
    read_settings({**SETTINGS, **SERVER})
    # ... and every known name is here: one that is left out would be called unknown.
    code = "".join(
        path.read_text() for path in (EXAMPLE.parent / "entrypoints" / "composition").glob("*.py")
    )
    assert set(re.findall(r'"(DALER_[A-Z_]+)"', code)) == set(SETTINGS)


def test_the_defaults_it_shows_are_the_defaults() -> None:
    shown, default = read_settings({**SETTINGS, **SERVER}), read_settings(SERVER)

    assert shown == default
    assert isinstance(shown, Settings)


def test_it_holds_no_secret_that_could_be_used() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({**SETTINGS, "DALER_DATABASE_URL": SERVER["DALER_DATABASE_URL"]})

    assert len(caught.value.problems) == 5
    assert all(not value for name, value in LINES if re.search("KEY|SECRET|PASSWORD", name))
