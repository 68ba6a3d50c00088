"""Passwords beside other ways of getting in: second factors, and people who came by BankID."""

import pytest

from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.tokens import SignedIn
from domain.identity.email import EmailAddress
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_factors import LongerPasswordNeededError
from domain.identity.errors_mail import PasswordAlreadySetError
from domain.identity.person import Person, PersonName
from domain.identity.session import Method
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON
from tests.support.factors import anna_of
from tests.support.identity import EMAIL, PHONE, World
from tests.support.post import NEW, Post

SHORT = Secret("kvadrat7")


@pytest.fixture
def post(world: World) -> Post:
    return Post.of(world)


async def by_bankid(post: Post, email: EmailAddress | None) -> SignedIn:
    """Somebody who has never had a password, signed in."""
    world = post.world
    user_id = UserId(world.ids.one())
    person = Person(id=user_id, name=PersonName("Kari Nordmann"), email=email, created_at=NOON)
    async with world.begin(user_id) as tx:
        await tx.people.add(person)
        signed_in = await world.opening(tx, user_id, PHONE, (Method.BANKID,), world.clock.now())
        await tx.commit()
    return signed_in


async def test_who_came_by_bankid_sets_a_password_once(post: Post) -> None:
    caller = await post.world.asks(await by_bankid(post, EmailAddress(EMAIL)))

    with pytest.raises(InvalidFieldsError):
        await post.sets_password(caller, Secret("Kari Nordmann 123"))
    await post.sets_password(caller)

    await post.world.asks(await post.world.logs_in(EMAIL, NEW))
    with pytest.raises(PasswordAlreadySetError):
        await post.sets_password(caller, Secret("and another few words"))
    await post.delivers()
    assert post.subjects(EMAIL) == ["Kontoen din har fått et passord"]


async def test_who_came_by_bankid_and_gave_no_address_confirms_one(post: Post) -> None:
    caller = await post.world.asks(await by_bankid(post, None))
    await post.sets_password(caller)

    await post.changes_email(caller, EMAIL)
    await post.delivers()
    profile = await post.confirms_email(caller, post.newest_token())
    await post.delivers()

    assert profile.email == EMAIL
    await post.world.logs_in(EMAIL, NEW)
    assert post.subjects(EMAIL) == ["Bekreft den nye e-postadressen din"], "no former address"


async def test_who_has_no_password_gets_one_by_mail_as_well(post: Post) -> None:
    await by_bankid(post, EmailAddress(EMAIL))
    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())

    await post.world.logs_in(EMAIL, NEW)


async def test_mail_does_not_get_past_a_second_factor(post: Post) -> None:
    anna = await anna_of(post.world)
    await anna.sets_up_totp()
    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())

    assert isinstance(await post.world.tries(EMAIL, NEW), SecondFactorAsked)


async def test_beside_a_second_factor_a_password_may_be_shorter(post: Post) -> None:
    anna = await anna_of(post.world)
    with pytest.raises(InvalidFieldsError):
        await post.changes_password(anna.caller, new=SHORT)
    await anna.sets_up_totp()

    await post.changes_password(anna.caller, new=SHORT)

    asked = await post.world.tries(EMAIL, SHORT)
    assert isinstance(asked, SecondFactorAsked)
    anna.here = await anna.shows_code(asked.challenge)
    with pytest.raises(LongerPasswordNeededError):
        await anna.disables_totp()


async def test_a_session_of_one_factor_moves_nobody_who_has_two(post: Post) -> None:
    """It began with the password alone, before the second factor was set up elsewhere."""
    anna = await anna_of(post.world)
    other = await post.world.asks(await post.world.logs_in())
    await anna.sets_up_totp()

    with pytest.raises(StepUpRequiredError):
        await post.changes_email(other, "thief@example.no")
