"""Which host passkeys belong to, and which pages may ask for them."""

import pytest

from application.identity.passkeys.ports import RelyingParty
from entrypoints.composition.settings import read_settings
from entrypoints.composition.settings_source import SettingsError
from tests.settings.test_settings import SERVER


def party(**texts: str) -> RelyingParty:
    return read_settings({**SERVER, **texts}).passkeys


def test_passkeys_belong_to_the_host_that_callers_reach() -> None:
    found = party(DALER_PUBLIC_URL="https://bank.example.org/daler")
    assert (found.id, found.origins) == ("bank.example.org", ("https://bank.example.org",))


def test_at_home_passkeys_belong_to_localhost() -> None:
    """A browser makes none for an address, and shows the same page under both."""
    for address, spelt in (("127.0.0.1", "127.0.0.1"), ("[::1]", "[::1]")):
        found = party(DALER_PUBLIC_URL=f"http://{address}:8000")
        assert found.id == "localhost"
        assert found.origins == (f"http://{spelt}:8000", "http://localhost:8000")


def test_pages_at_other_addresses_may_ask_for_passkeys_of_a_common_host() -> None:
    found = party(
        DALER_PUBLIC_URL="https://api.example.org",
        DALER_WEB_ORIGINS="https://app.example.org,https://example.org:8443",
        DALER_PASSKEY_DOMAIN="example.org",
    )
    assert found.id == "example.org"
    assert found.origins == (
        "https://api.example.org",
        "https://app.example.org",
        "https://example.org:8443",
    )


@pytest.mark.parametrize(
    "domain", ["example.com", "xample.org", "other.example.org", "https://example.org", "Ex.org"]
)
def test_a_host_that_no_page_is_on_is_refused(domain: str) -> None:
    texts = {"DALER_PUBLIC_URL": "https://api.example.org", "DALER_PASSKEY_DOMAIN": domain}
    with pytest.raises(SettingsError) as refused:
        party(**texts)
    assert "DALER_PASSKEY_DOMAIN" in str(refused.value)
