import pytest

from domain.identity.password import LENGTH_MAX, normalised
from domain.identity.person import PersonName
from domain.identity.signing_up import SigningUp
from domain.shared.errors import InvalidFieldsError
from domain.shared.secret import Secret

GOOD = "four quiet words here"


def problems(
    name: str = "Anna Berg", email: str = "anna@example.no", typed: str = GOOD
) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFieldsError) as refused:
        SigningUp.parse(name, email, Secret(typed))
    return [(p.field, p.error) for p in refused.value.problems]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert problems("", "nowhere", "short") == [
        ("name", "missing"),
        ("email", "not_an_email"),
        ("password", "too_short"),
    ]


@pytest.mark.parametrize("length", [0, 1, 14])
def test_fourteen_characters_are_too_few(length: int) -> None:
    assert problems(typed="å" * length) == [("password", "too_short")]


@pytest.mark.parametrize("length", [15, 64, 128])
def test_fifteen_to_128_characters_of_any_kind_will_do(length: int) -> None:
    text = ("blåbær og tyttebær på kjøkkenbordet " * 4)[-length:]

    assert SigningUp.parse("Anna", "a@example.no", Secret(text)).password == Secret(text)


@pytest.mark.parametrize(
    "typed",
    [
        "fire stille ord til",
        "FIREANDRESTILLEORD",
        "840271593684027159",
        "#¤%&/()=?`^*_:;><|@£$",
        "\N{GRINNING FACE}\N{SNOWMAN}\N{ANCHOR} til vedsekken",
        "четыре тихих слова",
        "四つの静かな言葉を選んでください",
        "أربع كلمات هادئة هنا",
    ],
)
def test_no_kind_of_character_is_asked_for_or_refused(typed: str) -> None:
    assert SigningUp.parse("Anna", "a@example.no", Secret(typed)).password == Secret(typed)


def test_129_characters_are_too_many() -> None:
    assert problems(typed="å" * 129) == [("password", "too_long")]


def test_length_is_counted_after_normalising() -> None:
    # One sign that NFKC spells with three letters, and two that it joins to one.
    assert (
        SigningUp.parse("Anna", "a@example.no", Secret("㎯" + "x" * 10)).password.reveal()[0] == "r"
    )
    assert problems(typed="a\u030a" * 14) == [("password", "too_short")]


def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    assert normalised(Secret("bla\u030abærsyltetøy")) == normalised(Secret("blåbærsyltetøy"))


def test_what_would_grow_beyond_measure_is_refused_before_it_grows() -> None:
    assert normalised(Secret("\ufdfa" * LENGTH_MAX)) is None
    assert normalised(Secret("x" * 10_000_000)) is None


@pytest.mark.parametrize("text", ["a" * 20 + "\0", "a" * 20 + "\ud800"])
def test_what_cannot_be_written_is_refused(text: str) -> None:
    assert problems(typed=text) == [("password", "bad_character")]
    assert normalised(Secret(text)) is None


def test_the_address_is_no_password() -> None:
    email = "anna.marie.berg@example.no"

    assert problems(email=email, typed="Anna.Marie.Berg@Example.no") == [("password", "is_email")]
    assert problems(email=email, typed="anna.marie.berg") == [("password", "is_email")]


def test_the_name_is_no_password() -> None:
    assert problems("Anna Marie Bergersen", typed="anna marie bergersen") == [
        ("password", "is_name")
    ]


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(InvalidFieldsError, match="at least 15 characters"):
        SigningUp.parse("Anna", "a@example.no", Secret("short"))


@pytest.mark.parametrize(
    ("typed", "kept"), [("  Anna \t Berg ", "Anna Berg"), ("A\u030ase", "Åse"), ("李", "李")]
)
def test_a_name_is_kept_as_people_write_it(typed: str, kept: str) -> None:
    assert PersonName.parse(typed).text == kept


@pytest.mark.parametrize("typed", ["An\0na", "An\x1bna", "Anna\u202egreB", "An\ud800na", "x" * 101])
def test_a_name_hides_nothing(typed: str) -> None:
    with pytest.raises(InvalidFieldsError):
        PersonName.parse(typed)
