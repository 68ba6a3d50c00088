"""What second factors are, without anybody around them."""

from base64 import b32decode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest

from domain.identity import recovery, totp
from domain.identity.challenge import (
    LIFETIME,
    TRIES_MAX,
    Begun,
    ChallengeId,
    SignInChallenge,
    could_be_one,
)
from domain.identity.errors_factors import (
    ChallengeOverError,
    CodeWrongError,
    TotpNotBegunError,
)
from domain.identity.factors import Factors, two_factors
from domain.identity.password import CredentialId, PasswordCredential, PasswordHash
from domain.identity.session import Method, Origin
from domain.identity.totp import Totp, TotpId, code_at
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANNA = UserId(UUID(int=1))
TOKEN = Secret("t" * 43)
RFC_KEY = b"12345678901234567890"
HALF_MINUTE = timedelta(seconds=30)


def app() -> Totp:
    return Totp.begin(TotpId(UUID(int=2)), ANNA, TOKEN, NOW)


def shown(kept: Totp, at: datetime) -> Secret:
    return Secret(code_at(b32decode(kept.secret.reveal()), totp.step_of(at)))


def password(changed_at: datetime = NOW) -> PasswordCredential:
    return PasswordCredential(
        user_id=ANNA,
        id=CredentialId(UUID(int=3)),
        hash=PasswordHash("$argon2id$"),
        created_at=NOW,
        changed_at=changed_at,
        suffices_alone=True,
    )


def challenge() -> SignInChallenge:
    return SignInChallenge.begin(ChallengeId(UUID(int=4)), TOKEN, password(), Begun(Origin()), NOW)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert code_at(RFC_KEY, totp.step_of(at), digits=8) == code


def test_codes_are_those_of_rfc_4226() -> None:
    first = [code_at(RFC_KEY, count) for count in range(5)]
    assert first == ["755224", "287082", "359152", "969429", "338314"]


def test_another_implementation_shows_the_same_codes() -> None:
    kept = app()
    theirs = pyotp.parse_uri(kept.address("anna@example.no").reveal())
    assert isinstance(theirs, pyotp.TOTP)

    for minutes in range(200):
        at = NOW + timedelta(minutes=minutes)
        assert theirs.at(at) == shown(kept, at).reveal()
    assert (theirs.issuer, theirs.name) == ("Daler", "anna@example.no")


def test_a_name_in_the_address_cannot_add_anything_to_it() -> None:
    address = app().address("A&secret=B?x#y/æ:z").reveal()
    theirs = pyotp.parse_uri(address)

    assert address.count("secret=") == 1
    assert (theirs.secret, theirs.issuer) == (app().secret.reveal(), "Daler")


def test_a_secret_has_as_many_bits_as_the_rfc_recommends() -> None:
    assert len(b32decode(app().secret.reveal())) == 20
    other = Totp.begin(TotpId(UUID(int=2)), ANNA, Secret("u" * 43), NOW)
    assert other.secret != app().secret


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_counts_one_step_either_side(steps: int, taken: bool) -> None:  # noqa: FBT001 - a column
    kept = app()
    code = shown(kept, NOW + steps * HALF_MINUTE)

    if taken:
        assert kept.spend(code, NOW).last_step == totp.step_of(NOW) + steps
    else:
        with pytest.raises(CodeWrongError):
            kept.spend(code, NOW)


def test_a_code_works_once_and_so_does_none_before_it() -> None:
    kept = app()
    early, code = shown(kept, NOW - HALF_MINUTE), shown(kept, NOW)
    after = kept.spend(code, NOW)

    for used in (code, early):
        for later in (timedelta(0), HALF_MINUTE):
            with pytest.raises(CodeWrongError):
                after.spend(used, NOW + later)
    assert after.spend(shown(kept, NOW + HALF_MINUTE), NOW).last_step > after.last_step


def test_a_setup_waits_a_quarter_of_an_hour_and_is_confirmed_once() -> None:
    kept = app()
    late = NOW + totp.SETUP + timedelta(seconds=1)
    on = kept.confirm(shown(kept, NOW), NOW)

    assert (kept.on, on.on, on.confirmed_at) == (False, True, NOW)
    with pytest.raises(TotpNotBegunError):
        kept.confirm(shown(kept, late), late)
    with pytest.raises(TotpNotBegunError):
        on.confirm(shown(kept, NOW + HALF_MINUTE), NOW + HALF_MINUTE)


@pytest.mark.parametrize("typed", ["123456", "123 456", " 1 2 3 4 5 6 "])
def test_blanks_in_a_code_do_no_harm(typed: str) -> None:
    assert totp.read_code(Secret(typed)).reveal() == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "-12345",
        "+12345",
        "12345\n",
        "123\u00a0456",
        "١٢٣٤٥٦",
        "１２３４５６",  # noqa: RUF001 - full-width digits are the point
        "12345\0",
        "²³¹²³¹",
        "\ud800" * 6,
        "1" * 100_000,
    ],
    ids=ascii,
)
def test_what_is_not_six_ascii_digits_is_no_code(typed: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        totp.read_code(Secret(typed))
    assert [(p.field, p.error) for p in refused.value.problems] == [("code", "not_a_code")]
    assert typed.strip() == "" or typed not in str(refused.value)


def test_recovery_codes_are_long_different_and_can_be_read_out() -> None:
    codes = [c.reveal() for c in recovery.make([Secret(f"token-{n}") for n in range(10)])]

    assert len(set(codes)) == 10
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [4] * 6
        assert not set(code) & set("oilu")
    # Five bits a letter, all of them used: 120 bits, where 50 would do.
    many = recovery.make([Secret(str(n)) for n in range(400)])
    for at in range(24):
        assert len({c.reveal().replace("-", "")[at] for c in many}) == 32


@pytest.mark.parametrize(
    "spelled",
    [
        lambda code: code,
        str.upper,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " ") + " ",
        lambda code: code.replace("1", "l").replace("0", "O"),
        lambda code: code.replace("1", "I").replace("0", "o"),
    ],
)
def test_a_recovery_code_may_be_typed_in_any_spelling(spelled: "object") -> None:
    assert callable(spelled)
    for code in recovery.make([Secret(f"token-{n}") for n in range(20)]):
        assert recovery.read_code(Secret(spelled(code.reveal()))) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "k7m2",
        "k7m2-9xqp-4tfh-wz83-bn5d-r6c",
        "\u212a" + "7m2-9xqp-4tfh-wz83-bn5d-r6cy",
        "k7m2-9xqp-4tfh-wz83-bn5d-r6cyy",
        "u7m2-9xqp-4tfh-wz83-bn5d-r6cy",
        "\ud800",
        "0" * 100_000,
        "k7m2-9xqp-4tfh-wz83-bn5d-r6cy\n",
    ],
    ids=ascii,
)
def test_what_cannot_be_a_recovery_code_is_none(typed: str) -> None:
    with pytest.raises(InvalidFieldsError):
        recovery.read_code(Secret(typed))


@pytest.mark.parametrize(
    ("methods", "two"),
    [
        ({Method.PASSWORD}, False),
        ({Method.TOTP}, False),
        ({Method.TOTP, Method.RECOVERY_CODE}, False),
        ({Method.PASSWORD, Method.TOTP}, True),
        ({Method.PASSWORD, Method.RECOVERY_CODE}, True),
        ({Method.PASSWORD, Method.PASSKEY}, True),
        ({Method.PASSKEY}, True),
        ({Method.BANKID}, True),
        (set(), False),
    ],
)
def test_two_factors_are_two_of_different_kinds(methods: set[Method], two: bool) -> None:  # noqa: FBT001 - a column
    assert two_factors(methods) is two


def test_recovery_codes_alone_are_no_second_factor() -> None:
    left_over = Factors(recovery_codes=10)
    assert not left_over.on
    assert left_over.methods == ()


def test_what_can_finish_a_sign_in_is_what_is_set_up() -> None:
    both = Factors(totp=True, passkeys=1, recovery_codes=1)

    assert both.methods == (Method.PASSKEY, Method.TOTP, Method.RECOVERY_CODE)
    assert Factors(totp=True).methods == (Method.TOTP,)
    assert both.without_totp().on
    assert not both.without_totp().without_a_passkey().on


def test_a_challenge_is_over_after_five_minutes_five_misses_or_one_success() -> None:
    begun = challenge()
    tried = begun
    for _ in range(TRIES_MAX):
        tried.ensure_open(password(), NOW)
        tried = tried.missed()

    begun.ensure_open(password(), NOW + LIFETIME - timedelta(microseconds=1))
    over = [
        (tried, password(), NOW),
        (begun.finished(NOW), password(), NOW),
        (begun, password(), NOW + LIFETIME),
        (begun, password(changed_at=NOW + timedelta(seconds=1)), NOW),
        (begun, None, NOW),
    ]
    for one, kept, at in over:
        with pytest.raises(ChallengeOverError):
            one.ensure_open(kept, at)


@pytest.mark.parametrize("text", ["", "x" * 129, "é", "\ud800"], ids=ascii)
def test_what_cannot_be_a_challenge_is_not_looked_up(text: str) -> None:
    assert not could_be_one(Secret(text))


def test_nothing_secret_is_printed() -> None:
    kept = app()
    told = repr(kept) + repr(challenge()) + repr(recovery.make([TOKEN]))
    assert kept.secret.reveal() not in told
    assert "t" * 43 not in told
