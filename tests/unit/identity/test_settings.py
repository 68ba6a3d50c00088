import pytest

from domain.identity.email import EmailAddress
from domain.identity.masking import masked_address, masked_email
from domain.identity.person import Locality
from domain.identity.settings import (
    ALWAYS_ON,
    DEFAULTS,
    LOCALES,
    Channel,
    Choices,
    Notice,
    choose_locality,
)
from domain.shared.errors import InvalidFieldsError

ZONES = {"Europe/Oslo", "America/New_York"}
HOME = Locality()


def test_what_is_not_chosen_stays() -> None:
    assert choose_locality(HOME, ZONES) == HOME
    moved = choose_locality(HOME, ZONES, time_zone="America/New_York", currency="USD")
    assert moved == Locality("nb-NO", "America/New_York", "USD")


@pytest.mark.parametrize("typed", ["nn-NO", "NN-no", "nn-no"])
def test_a_locale_is_kept_in_its_one_spelling(typed: str) -> None:
    assert choose_locality(HOME, ZONES, locale=typed).locale == "nn-NO"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        choose_locality(HOME, ZONES, locale="tlh", time_zone="../etc/passwd", currency="XXX")

    assert [(p.field, p.error) for p in refused.value.problems] == [
        ("locale", "unknown_locale"),
        ("time_zone", "unknown_time_zone"),
        ("currency", "unknown_currency"),
    ]


def test_every_locale_is_one_that_the_database_takes() -> None:
    assert len(set(LOCALES)) == len(LOCALES)
    for tag in LOCALES:
        language, region = tag.split("-")
        assert language.islower()
        assert region.isupper()


def test_every_notice_has_a_default() -> None:
    assert set(DEFAULTS) == set(Notice)
    assert Choices().wants(Notice.CONSENT_EXPIRY, Channel.EMAIL)
    assert not Choices().wants(Notice.PRODUCT_NEWS, Channel.EMAIL)


def test_a_choice_is_kept_and_taken_back() -> None:
    weekly = (Notice.WEEKLY_SUMMARY, Channel.EMAIL)
    chosen = Choices().changed({weekly: True})

    assert chosen.wants(*weekly)
    assert chosen.wants(Notice.WEEKLY_SUMMARY, Channel.IN_APP), "the other channel is untouched"
    assert not chosen.changed({weekly: False}).wants(*weekly)


def test_nobody_can_be_kept_from_hearing_of_their_security() -> None:
    for notice in ALWAYS_ON:
        for channel in Channel:
            with pytest.raises(InvalidFieldsError) as refused:
                Choices().changed({(notice, channel): False})
            assert refused.value.problems[0].field == f"notifications.{notice}.{channel}"
            assert refused.value.problems[0].error == "always_on"
            assert Choices({(notice, channel): False}).wants(notice, channel)
    assert Choices().changed({(Notice.SECURITY, Channel.EMAIL): True}) == Choices()


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("anna.berg@example.no", "a***@e***.no"),
        ("x@a.b.example.org", "x***@a***.org"),
    ],
)
def test_a_masked_address_is_recognised_and_not_known(email: str, shown: str) -> None:
    assert masked_email(EmailAddress.parse(email)) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8::/32"),
        ("unix", None),
        ("", None),
    ],
)
def test_of_a_network_address_the_network_is_shown(address: str, shown: str | None) -> None:
    assert masked_address(address) == shown
