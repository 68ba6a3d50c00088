"""BankID's settings: what goes together, and what is refused in words."""

import pytest

from adapters.bankid.settings import HIGH, Userinfo
from domain.identity.national_number import NumberKind
from entrypoints.composition.settings import Settings, read_settings
from entrypoints.composition.settings_source import SettingsError
from tests.settings.test_settings import SERVER

SECRET = "a-secret-of-ours"  # noqa: S105 - made up here
BANKID = {
    "DALER_BANKID_ISSUER": "https://auth.bankid.no/auth/realms/prod",
    "DALER_BANKID_CLIENT_ID": "daler",
    "DALER_BANKID_CLIENT_SECRET": SECRET,
}


def reading(**more: str) -> Settings:
    named = {f"DALER_{name}": text for name, text in more.items()}
    return read_settings({**SERVER, **BANKID, **named})


def refused(**more: str) -> str:
    with pytest.raises(SettingsError) as error:
        reading(**more)
    assert SECRET not in str(error.value)
    return str(error.value)


def test_bankid_is_not_offered_unless_it_is_set() -> None:
    found = read_settings(SERVER).bankid

    assert found.issuer is None
    assert found.rules.passwords
    assert found.rules.numbers == {NumberKind.REAL}


def test_with_three_settings_bankid_works() -> None:
    found = reading(PUBLIC_URL="https://api.example.org").bankid.issuer

    assert found is not None
    assert found.issuer == BANKID["DALER_BANKID_ISSUER"]
    assert found.redirect_uri == "https://api.example.org/api/v1/auth/bankid/callback"
    assert found.scopes == ("openid", "profile")
    assert found.algorithms == {"RS256"}
    assert (found.acr_high, found.acr_substantial) == (HIGH, frozenset())
    assert found.userinfo is Userinfo.SIGNED
    assert SECRET not in repr(found)


@pytest.mark.parametrize("missing", BANKID)
def test_two_of_three_are_a_mistake(missing: str) -> None:
    with pytest.raises(SettingsError, match=f"{missing}.*set all three, or none"):
        read_settings({**SERVER, **BANKID, missing: ""})


def test_an_issuer_is_taken_letter_by_letter() -> None:
    found = reading(BANKID_ISSUER="https://idp.example.org/").bankid.issuer

    assert found is not None
    assert found.issuer == "https://idp.example.org/"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ISSUER", "http://auth.bankid.no/realms/prod"),
        ("ISSUER", "https://user:word@auth.bankid.no"),
        ("ISSUER", "https://auth.bankid.no/?realm=prod"),
        ("ISSUER", "auth.bankid.no"),
        ("ISSUER", "https://auth.bankid.no/" + "x" * 300),
        ("CLIENT_SECRET", "two words"),
        ("REDIRECT_URL", "nowhere"),
        ("SCOPES", "profile nnin"),
        ("SCOPES", 'openid "profile"'),
        ("LOCALE", "norsk"),
        ("ALGS", "none"),
        ("ALGS", "HS256"),
        ("ALGS", "RS256,HS256"),
        ("ACR_HIGH", "a b"),
        ("ACR_SUBSTANTIAL", ","),
        ("ACR_VALUES", "ø"),
        ("MAX_AGE_S", "-1"),
        ("MAX_AGE_S", "soon"),
        ("USERINFO", "yes"),
        ("NUMBERS", "all"),
        ("NUMBER_CLAIMS", "pid,"),
        ("BIRTH_DATE_CLAIMS", "birth date"),
        ("NAME_CLAIMS", "1name"),
        ("STABLE_CLAIMS", "x" * 200),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_name(name: str, text: str) -> None:
    assert f"DALER_BANKID_{name} " in refused(**{f"BANKID_{name}": text})


def test_id_porten_and_brokers_have_words_of_their_own() -> None:
    found = reading(
        BANKID_SCOPES="openid  profile",
        BANKID_ALGS="RS256, ES256",
        BANKID_ACR_HIGH="idporten-loa-high",
        BANKID_ACR_SUBSTANTIAL="urn:bankid:bis;LOA=3,idporten-loa-substantial",
        BANKID_ACR_VALUES="idporten-loa-high",
        BANKID_MAX_AGE_S="0",
        BANKID_USERINFO="off",
        BANKID_NUMBER_CLAIMS="pid, nin",
        BANKID_NUMBERS="tenor,dolly",
    ).bankid

    assert found.issuer is not None
    assert found.issuer.claims.number == ("pid", "nin")
    assert found.issuer.acr_high == {"idporten-loa-high"}
    assert found.issuer.acr_substantial == {"urn:bankid:bis;LOA=3", "idporten-loa-substantial"}
    assert found.issuer.max_age_s is None
    assert found.issuer.algorithms == {"RS256", "ES256"}
    assert found.rules.numbers == {NumberKind.TENOR, NumberKind.DOLLY}


def test_passwords_are_switched_off_only_where_bankid_is_there() -> None:
    off = {"DALER_PASSWORD_LOGIN": "off"}

    assert not read_settings({**SERVER, **BANKID, **off}).bankid.rules.passwords
    with pytest.raises(SettingsError, match="nobody could get in"):
        read_settings({**SERVER, **off})
