import unicodedata

from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.database import AUDIT_CHAINS
from domain.shared.secret import Secret
from features.identity.story import Story

scenarios("signing_in.feature")


@given(parsers.parse('Bo has an account with the password "{password}"'))
def has_account_with(story: Story, password: str) -> None:
    story.account("Bo").password = Secret(unicodedata.normalize("NFC", password))
    story.joins("Bo")


@when("Bo signs in on a keyboard that writes å as two signs")
def other_keyboard(story: Story) -> None:
    account = story.account("Bo")
    typed = unicodedata.normalize("NFD", account.password.reveal())
    assert typed != account.password.reveal()
    story.signs_in(story.device("Bo's laptop"), account.email, Secret(typed))


@when(parsers.parse("somebody signs in with a password of {count:d} signs"))
def endless_password(story: Story, count: int) -> None:
    email = story.account("Anna").email
    story.signs_in(story.device("somebody's computer"), email, Secret("x" * count))


@then("there is one trail")
def one_trail(story: Story) -> None:
    assert len(story.world.database.tables.of(AUDIT_CHAINS)) == 1
