"""Mails asked for to keep somebody out, or to get in where they moved out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from typing_extensions import override

from application.identity.ports import Directory
from domain.identity.confirmation import MAILS_MAX
from domain.identity.email import EmailAddress
from domain.identity.errors_mail import ConfirmationExpiredError, ConfirmationInvalidError
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId
from tests.support.identity import EMAIL, World
from tests.support.post import NEW, Post

MOVED = "anna@new.example"
KNOWN = "Du har allerede en konto"
RESET = "Velg et nytt passord"


@pytest.fixture
def post(world: World) -> Post:
    return Post.of(world)


async def test_registering_with_somebodys_address_does_not_use_up_their_resets(post: Post) -> None:
    await post.joins_and_signs_in()
    for _ in range(MAILS_MAX + 1):
        await post.registers()
    await post.delivers()
    assert post.subjects(EMAIL) == [KNOWN] * MAILS_MAX

    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())
    await post.world.logs_in(EMAIL, NEW)


async def test_moving_to_an_address_over_and_over_does_not_use_up_its_owners_resets(
    post: Post,
) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    await post.world.registers("bo@example.no")
    for _ in range(MAILS_MAX + 1):
        await post.changes_email(caller, "bo@example.no")
        await post.delivers()

    await post.forgets("bo@example.no")
    await post.delivers()

    assert post.subjects("bo@example.no") == [KNOWN] * MAILS_MAX + [RESET]


async def test_asking_for_more_resets_leaves_those_before_as_good_as_they_were(
    post: Post,
) -> None:
    """Whoever keeps asking for somebody's address does not make the link in their hand die."""
    await post.joins_and_signs_in()
    await post.forgets()
    await post.delivers()
    first = post.newest_token()
    for _ in range(MAILS_MAX + 3):
        post.world.clock.forward(minutes=5)
        await post.forgets()
        await post.delivers()
    assert post.subjects(EMAIL) == [RESET] * MAILS_MAX

    await post.resets(first)
    await post.world.logs_in(EMAIL, NEW)


async def test_an_address_that_gets_no_more_mails_has_one_that_still_works(post: Post) -> None:
    await post.joins_and_signs_in()
    for _ in range(MAILS_MAX):
        await post.forgets()
    await post.delivers()
    post.world.clock.forward(minutes=59, seconds=59)
    await post.forgets()
    await post.delivers()
    assert len(post.mailbox.mails) == MAILS_MAX

    post.world.clock.forward(seconds=1)
    with pytest.raises(ConfirmationExpiredError):
        await post.resets(post.newest_token())
    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())


@dataclass
class Meanwhile(Directory):
    """Something happens right after somebody was found by their address."""

    real: Directory
    deed: Callable[[], Awaitable[object]]

    @override
    async def owner_of_email(self, email: EmailAddress) -> UserId | None:
        found = await self.real.owner_of_email(email)
        await self.deed()
        return found

    @override
    async def owner_of_token(self, token: TokenHash) -> UserId | None:
        return await self.real.owner_of_token(token)


async def test_who_moves_while_a_reset_is_being_written_is_not_opened_by_it(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    await post.changes_email(caller, MOVED)
    await post.delivers()
    moving, directory = post.newest_token(MOVED), post.world.directory
    await post.forgets()

    post.world.directory = Meanwhile(directory, lambda: post.confirms_email(caller, moving))
    await post.delivers()
    post.world.directory = directory

    # The mail has gone to a mailbox that may be somebody else's by now.
    assert post.subjects(EMAIL)[-2:] == [RESET, "E-postadressen din er endret"]
    with pytest.raises(ConfirmationInvalidError):
        await post.resets(post.newest_token(EMAIL))
    await post.world.logs_in(MOVED)
    await post.forgets(MOVED)
    await post.delivers()
    await post.resets(post.newest_token(MOVED))
