"""Which passwords may be chosen, and the reason that is given for each that may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.passwords.common import CommonPasswords
from adapters.passwords.lists import AllLists
from application.identity.passwords.choosing import ChoosePassword
from domain.identity.email import EmailAddress
from domain.identity.password import LENGTH_MAX, choose, suffices_alone
from domain.identity.patterns import cores, essence, lookalike
from domain.identity.person import PersonName
from domain.shared.errors import InvalidFieldsError
from domain.shared.secret import Secret

NAME = PersonName("Anna Løvås Bergersen")
EMAIL = EmailAddress("anna.bergersen84@fjordmail.no")


def reason(typed: str, *, alone: bool = True) -> str | None:
    try:
        choose(Secret(typed), NAME, EMAIL, alone=alone)
    except InvalidFieldsError as refused:
        (problem,) = refused.problems
        assert problem.field == "password"
        assert typed not in problem.message
        return problem.error
    return None


async def listed(typed: str, *, alone: bool = True) -> str | None:
    try:
        await ChoosePassword(CommonPasswords())(Secret(typed), NAME, EMAIL, alone=alone)
    except InvalidFieldsError as refused:
        return refused.problems[0].error
    return None


@pytest.mark.parametrize(("length", "alone"), [(14, True), (7, False)])
def test_too_short_is_fewer_than_15_alone_and_8_beside_another_factor(
    length: int, *, alone: bool
) -> None:
    text = "qk7 vm2 xz9 hw4 tp"

    assert reason(text[:length], alone=alone) == "too_short"
    assert reason(text[: length + 1], alone=alone) is None


def test_length_is_counted_in_code_points_after_nfkc() -> None:
    assert reason("㎯" + "qkvmxzhwtp") is None, "one sign that NFKC spells with five"
    assert reason("a\u030a" + "qkvmxzhwtpfgb") == "too_short"
    assert reason("🐎🔋📎🌧🎻🧀🚲🎈🪁🧵🪀🦔🌵🥨🛶") is None, "fifteen, whatever they weigh"


def test_only_what_is_long_enough_suffices_alone() -> None:
    assert not suffices_alone(choose(Secret("qk7 vm2 xz9"), NAME, EMAIL, alone=False))
    assert suffices_alone(choose(Secret("qk7 vm2 xz9 hw4"), NAME, EMAIL, alone=False))


@pytest.mark.parametrize(
    "typed",
    [
        "annabergersen12345",
        "Anna.Bergersen-1984",
        "anna anna anna anna",
        "4nn4b3rg3r53n1234",
        "nesregrebanna!!!!!",
        "løvåsløvåsløvås",
        "lovas-lovas-lovas",
        "fjordmail-anna-2024",
        "daler daler daler",
        "anna daler qwerty",
        "bergersen84bergersen84",
        "\uff21nna Berge\uff52sen 12",
    ],
)
def test_ones_own_words_are_no_password_however_they_are_dressed_up(typed: str) -> None:
    assert reason(typed) == "own_words"


@pytest.mark.parametrize(
    "typed",
    ["anna plays the cello", "why bergersen, of all", "seven dalers for a herring"],
)
def test_a_sentence_may_have_ones_name_in_it(typed: str) -> None:
    assert reason(typed) is None


def test_a_shorter_password_is_held_to_the_same() -> None:
    assert reason("anna1984", alone=False) == "own_words"
    assert reason("qk7anna2xz", alone=False) is None


@pytest.mark.parametrize(
    "typed",
    [
        "aaaaaaaaaaaaaaa",
        "123456789012345",
        "abcabcabcabcabc",
        "qwertyuiopasdfgh",
        "098765432109876",
        "xy-xy-xy-xy-xy-xy",
        "zyxwvutsrqponml",
        "               ",
    ],
)
def test_one_thing_over_and_over_is_no_password(typed: str) -> None:
    assert reason(typed) == "too_simple"


@pytest.mark.parametrize(
    ("typed", "alone"),
    [
        ("iloveyou", False),
        ("password12345678", True),
        ("Passw0rd!Passw0rd!", True),
        ("dragon-dragon-dragon", True),
        ("university 2024!!", True),
        ("!!!!sunshine1999", True),
        ("P4$$w0rd", False),
    ],
)
async def test_what_many_people_use_is_refused_with_its_trimmings(
    typed: str, *, alone: bool
) -> None:
    assert await listed(typed, alone=alone) == "common"


@pytest.mark.parametrize(
    "typed", ["four quiet words here", "correct horse battery staple", "x" * 8 + "qkvmzhwtpfgb"]
)
async def test_a_few_words_will_do(typed: str) -> None:
    assert await listed(typed) is None


async def test_a_password_as_long_as_may_be_is_looked_up_like_any_other() -> None:
    # zxcvbn itself raises above 72 characters.
    longest = ("password" * 16)[:LENGTH_MAX]

    assert await listed(longest) == "common"
    assert await listed(("blåbær og tyttebær på " * 6)[:LENGTH_MAX]) is None


async def test_no_list_is_no_reason() -> None:
    assert await AllLists(()).weakness(Secret("password")) is None


@given(st.text(max_size=128))
def test_looking_at_a_password_never_fails(text: str) -> None:
    assert len(essence(text)) <= len(text)
    assert len(lookalike(text)) == len(text)
    assert cores(text)


@given(st.text(alphabet="abcxyz019 -", min_size=1, max_size=12), st.integers(2, 6))
def test_saying_it_again_adds_nothing(text: str, times: int) -> None:
    assert len(essence(text * times)) <= len(text)
