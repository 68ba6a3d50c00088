"""A password does what was typed and nothing else, over memory and over PostgreSQL."""

from datetime import timedelta

import pytest

from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import BadCredentialsError
from domain.identity.session import Method
from domain.shared.secret import Secret
from tests.support.factors import Anna
from tests.support.identity import EMAIL, World
from tests.support.post import NEW, Post

LONG = Secret("Fire stille ord som ingen har sagt, og så noen til " * 2)
"""With capitals, rings and a blank at its end."""


@pytest.fixture
def post(world: World) -> Post:
    return Post.of(world)


@pytest.mark.parametrize(
    "nearly",
    [
        pytest.param(LONG.reveal()[:-1], id="one-character-less"),
        pytest.param(LONG.reveal()[:72], id="as-bcrypt-would-cut-it"),
        pytest.param(LONG.reveal().swapcase(), id="other-case"),
        pytest.param(LONG.reveal().rstrip(), id="without-the-blank-at-its-end"),
        pytest.param(" " + LONG.reveal(), id="with-a-blank-before-it"),
        pytest.param(LONG.reveal().replace("å", "a"), id="without-its-ring"),
    ],
)
async def test_a_password_is_verified_exactly_as_it_was_typed(world: World, nearly: str) -> None:
    await world.registers(password=LONG)

    with pytest.raises(BadCredentialsError):
        await world.logs_in(password=Secret(nearly))
    await world.logs_in(password=LONG)


async def test_a_password_never_runs_out(world: World) -> None:
    await world.registers()
    world.clock.forward(days=3_650)

    await world.logs_in()


async def test_a_reset_does_not_get_past_the_second_factor(world: World, post: Post) -> None:
    signed_in = await post.joins_and_signs_in()
    anna = Anna(world, signed_in.user_id, signed_in)
    await anna.sets_up_totp()
    await post.forgets()
    await post.delivers()
    await post.resets(post.newest_token(), NEW)

    answer = await world.tries(password=NEW)

    assert isinstance(answer, SecondFactorAsked)
    assert answer.methods == (Method.TOTP, Method.RECOVERY_CODE)
    assert isinstance(await anna.shows_code(answer.challenge), SignedIn)


async def test_nobody_is_signed_in_by_a_mail(world: World, post: Post) -> None:
    """What a mail brings makes a person or another password; it opens nothing by itself."""
    await post.registers()
    await post.delivers()
    token = post.newest_token(EMAIL)
    await post.confirms(token)
    with pytest.raises(BadCredentialsError):
        await world.logs_in(password=token)
    await post.forgets()
    await post.delivers()
    token = post.newest_token(EMAIL)
    await post.resets(token, NEW)
    with pytest.raises(BadCredentialsError):
        await world.logs_in(password=token)

    world.clock.at += timedelta(seconds=1)
    signed_in = await world.logs_in(password=NEW)
    async with world.begin(signed_in.user_id) as tx:
        assert [one.id for one in await tx.sessions.living(world.clock.now())] == [
            signed_in.session_id
        ]
