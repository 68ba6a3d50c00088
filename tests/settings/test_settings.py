"""Settings: every mistake is named in one sentence, all at once, and no secret is ever shown."""

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from entrypoints.composition.settings import Settings, load_settings
from entrypoints.composition.settings_source import SettingsError

DATABASE = "postgresql://daler_app:hunter2@db/daler"


def a_key(first: int) -> str:
    return base64.b64encode(bytes(range(first, first + 32))).decode()


SECRETS = {
    "DALER_ENCRYPTION_KEYS": f"2026:{a_key(0)},2025:{a_key(32)}",
    "DALER_JWT_KEYS": f"1:{a_key(64)}",
    "DALER_REFRESH_KEYS": f"1:{a_key(96)}",
    "DALER_LOOKUP_KEY": a_key(128),
    "DALER_CURSOR_KEY": a_key(160),
}
SERVER = {"DALER_DATABASE_URL": DATABASE, **SECRETS}


def embedded(home: Path, **settings: str) -> Settings:
    return load_settings({"DALER_HOME": str(home), **settings})


def problems(environment: Mapping[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environment)
    return list(caught.value.problems)


def test_without_any_setting_there_is_a_database_and_a_bank_of_our_own(tmp_path: Path) -> None:
    settings = embedded(tmp_path / "home")

    assert settings.embedded
    assert settings.sandbox
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.log_format == "console"


def test_a_server_is_what_its_environment_says() -> None:
    settings = load_settings(
        {
            **SERVER,
            "DALER_DATABASE_OWNER_URL": "postgres://daler_owner@db/daler?ssl=require",
            "DALER_REDIS_URL": "redis://cache:6379/0",
            "DALER_PUBLIC_URL": "https://api.example.org/",
            "DALER_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.7",
            "DALER_WEB_ORIGINS": "https://app.example.org, http://localhost:5173",
            "DALER_TINK_CLIENT_ID": "tink",
            "DALER_TINK_CLIENT_SECRET": "sesame",
            "DALER_PLAID_COUNTRIES": "NO, SE",
            "DALER_JOB_LEASE_S": "1.5",
            "DALER_JOB_BEAT_S": "0.5",
        }
    )

    assert not settings.embedded
    assert not settings.sandbox
    assert settings.database_url
    assert settings.database_url.reveal() == "postgresql+asyncpg://daler_app:hunter2@db/daler"
    assert settings.database_owner_url
    assert settings.database_owner_url.reveal().endswith("daler_owner@db/daler?ssl=require")
    assert [key.id for key in settings.encryption_keys] == ["2026", "2025"]
    assert settings.encryption_keys.newest.secret == bytes(range(32))
    assert settings.public_url == "https://api.example.org"
    assert settings.web_origins == ("https://app.example.org", "http://localhost:5173")
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "192.0.2.7/32"]
    assert settings.tink
    assert settings.tink.redirect_uri == "https://api.example.org/banking/tink/return"
    assert settings.plaid is None
    assert (settings.job_lease_s, settings.log_format) == (1.5, "json")


def test_without_an_owner_of_their_own_migrations_run_as_the_application() -> None:
    settings = load_settings(SERVER)

    assert settings.database_owner_url == settings.database_url


def test_printing_settings_shows_no_secret() -> None:
    settings = load_settings(
        {
            **SERVER,
            "DALER_REDIS_URL": "redis://:hunter2@cache",
            "DALER_TINK_CLIENT_ID": "tink",
            "DALER_TINK_CLIENT_SECRET": "hunter2",
        }
    )

    shown = repr(settings) + str(settings)
    assert "hunter2" not in shown
    assert "\\x" not in shown
    assert a_key(0) not in shown


def test_a_misspelt_name_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    home = tmp_path / "home"

    assert problems(
        {"DALER_HOME": str(home), "DALER_PROT": "1", "DALER_": "", "DALER_XYZZY": ""}
    ) == [
        "DALER_ is not a setting of daler: remove it; .env.example lists all settings",
        "DALER_PROT is not a setting of daler: did you mean DALER_PORT?",
        "DALER_XYZZY is not a setting of daler: remove it; .env.example lists all settings",
    ]
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("DALER_PORT", "70000", "is '70000': write a port from 0 (any free one) to 65535"),
        ("DALER_PORT", "\N{FULLWIDTH DIGIT EIGHT}", "write a port"),
        ("DALER_PORT", "-1", "is '-1': write a port"),
        ("DALER_HOST", "a b", "is 'a b': write a host name"),
        ("DALER_SYNC_INTERVAL_S", "0", "is '0': write a number of seconds above 0"),
        ("DALER_SYNC_INTERVAL_S", "nan", "is 'nan': write a number of seconds"),
        ("DALER_JOB_CONCURRENCY", "0", "is '0': write a whole number from 1 to 256"),
        ("DALER_JOB_BEAT_S", "15", "write at most half of DALER_JOB_LEASE_S (20)"),
        ("DALER_LOG_LEVEL", "loud", "is 'loud': write one of debug, info, warning, error"),
        ("DALER_SANDBOX", "on", "is 'on': write one of auto, off"),
        ("DALER_PUBLIC_URL", "api.example.org", "is not a web address"),
        ("DALER_TINK_API_URL", "http://api.tink.com", "must be called over https"),
        ("DALER_TINK_MARKET", "Norway", "is 'Norway': write it like NO"),
        ("DALER_PLAID_COUNTRIES", "NO;SE", "is 'NO;SE': write countries in two capitals"),
        ("DALER_TINK_CLIENT_ID", "abc", "DALER_TINK_CLIENT_SECRET is missing beside"),
        ("DALER_PLAID_SECRET", "abc", "DALER_PLAID_CLIENT_ID is missing beside"),
        ("DALER_REDIS_URL", "http://cache", "is not the address of a Redis"),
        ("DALER_TRUSTED_PROXIES", "10.0.0.0/99", "write addresses or networks"),
        ("DALER_WEB_ORIGINS", "*", "is not a list of origins"),
        ("DALER_WEB_ORIGINS", "app.example.org", "is not a list of origins"),
        ("DALER_WEB_ORIGINS", "https://app.example.org/", "is not a list of origins"),
        ("DALER_WEB_ORIGINS", "https://App.example.org", "is not a list of origins"),
        ("DALER_WEB_ORIGINS", "https://a.example:443", "is not a list of origins"),
        ("DALER_WEB_ORIGINS", "https://a.example,https://*.a.example", "is not a list"),
        ("DALER_DATABASE_OWNER_URL", DATABASE, "needs DALER_DATABASE_URL beside it"),
        ("DALER_LOOKUP_KEY", "change-me", "is not base64"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    (found,) = problems({"DALER_HOME": str(tmp_path), name: text})

    assert name in found
    assert complaint in found
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://daler:hunter2@db/daler", "is not the address of a PostgreSQL"),
        ("hunter2", "is not the address of a PostgreSQL"),
        ("postgresql://daler:hunter2@db", "names no database"),
        ("postgresql://daler:hunter2@db/daler?sslmode=require", "write ssl=require instead"),
    ],
)
def test_a_wrong_database_is_explained_without_repeating_it(url: str, complaint: str) -> None:
    (found,) = problems({**SERVER, "DALER_DATABASE_URL": url})

    assert complaint in found
    assert "hunter2" not in found


def test_a_server_needs_every_secret_and_is_told_of_all_that_are_missing() -> None:
    found = problems({"DALER_DATABASE_URL": DATABASE})

    assert [sentence.split(" ")[0] for sentence in found] == [
        "DALER_ENCRYPTION_KEYS",
        "DALER_JWT_KEYS",
        "DALER_REFRESH_KEYS",
        "DALER_LOOKUP_KEY",
        "DALER_CURSOR_KEY",
    ]
    assert all("openssl rand -base64 32" in sentence for sentence in found)


@pytest.mark.parametrize(
    ("name", "secret", "complaint"),
    [
        ("DALER_LOOKUP_KEY", base64.b64encode(b"short").decode(), "has 5 bytes and needs exactly"),
        ("DALER_LOOKUP_KEY", base64.b64encode(bytes(32)).decode(), "is not random"),
        ("DALER_LOOKUP_KEY", base64.b64encode(b"password" * 4).decode(), "is not random"),
        ("DALER_LOOKUP_KEY", a_key(160), "DALER_CURSOR_KEY repeats a key of DALER_LOOKUP_KEY"),
        ("DALER_JWT_KEYS", a_key(64), "is not a ring of keys"),
        ("DALER_JWT_KEYS", f"1:{a_key(64)},1:{a_key(70)}", "have the same id"),
        ("DALER_JWT_KEYS", f"a b:{a_key(64)}", "whose id is not"),
        ("DALER_JWT_KEYS", f"1:{a_key(0)}", "DALER_JWT_KEYS repeats a key of DALER_ENC"),
    ],
)
def test_a_weak_secret_stops_a_server(name: str, secret: str, complaint: str) -> None:
    (found,) = problems({**SERVER, name: secret})

    assert complaint in found
    assert secret not in found


def test_keys_may_be_spelt_for_urls_and_without_padding() -> None:
    spelt = a_key(128).replace("+", "-").replace("/", "_").rstrip("=")

    assert (
        load_settings({**SERVER, "DALER_LOOKUP_KEY": spelt}).lookup_key
        == load_settings(SERVER).lookup_key
    )


def test_an_empty_setting_is_no_setting(tmp_path: Path) -> None:
    assert embedded(tmp_path, DALER_REDIS_URL=" ", DALER_PORT="").port == 8000


def test_credentials_of_ones_own_switch_the_sandbox_bank_off(tmp_path: Path) -> None:
    own = {"DALER_PLAID_CLIENT_ID": "me", "DALER_PLAID_SECRET": "sesame"}
    settings = embedded(tmp_path, **own)

    assert not settings.sandbox
    assert settings.tink is None
    assert settings.plaid
    assert settings.plaid.api_url == "https://production.plaid.com"


def test_the_sandbox_bank_can_be_switched_off(tmp_path: Path) -> None:
    settings = embedded(tmp_path, DALER_SANDBOX="off")

    assert (settings.sandbox, settings.tink, settings.plaid) == (False, None, None)


def test_nobody_is_called_before_the_sandbox_bank_has_an_address(tmp_path: Path) -> None:
    settings = embedded(tmp_path)
    assert settings.tink
    assert settings.tink.api_url == "http://127.0.0.1:9"

    pointed = settings.pointed_at(
        tink_url="http://127.0.0.1:5/tink",
        tink_link_url="http://127.0.0.1:5/tink-link",
        plaid_url="http://127.0.0.1:5/plaid",
    )
    assert pointed.tink
    assert pointed.plaid
    assert (pointed.tink.api_url, pointed.tink.client_id) == (
        "http://127.0.0.1:5/tink",
        "sandbox-tink-client",
    )
    assert pointed.plaid.api_url == "http://127.0.0.1:5/plaid"


def test_settings_of_the_embedded_server_do_not_come_from_a_leftover_file(tmp_path: Path) -> None:
    embedded(tmp_path)

    found = problems({"DALER_HOME": str(tmp_path), "DALER_DATABASE_URL": DATABASE})

    assert len(found) == len(SECRETS)
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]
