"""Tokens from mails in a hurry: what only a database can referee."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest

from adapters.postgres.database import Database
from application.identity.profile.profile import Profile
from domain.identity.confirmation import MAILS_MAX, Purpose
from domain.identity.email import EmailAddress
from domain.identity.errors import EmailTakenError, SessionEndedError
from domain.identity.errors_mail import ConfirmationInvalidError
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON
from tests.support.identity import EMAIL, World
from tests.support.post import NEW, Post, tokens_in
from tests.support.postgres import CleanDatabase, connect
from tests.support.statements import statements

pytestmark = pytest.mark.postgres


@pytest.fixture
def post(postgres: World) -> Post:
    return Post.of(postgres)


async def together(*calls: Awaitable[Any]) -> list[Any]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def rows(database: CleanDatabase, table: str) -> int:
    db: asyncpg.Connection = await connect(database.admin_url)
    try:
        return int(await db.fetchval(f"select count(*) from {table}"))  # noqa: S608 - our own names
    finally:
        await db.close()


async def test_one_token_many_times_at_once_makes_one_person(
    post: Post, clean_database: CleanDatabase
) -> None:
    await post.registers()
    await post.delivers()
    token = post.newest_token()

    answers = Counter(map(type, await together(*(post.confirms(token) for _ in range(20)))))

    assert answers == {Profile: 1, ConfirmationInvalidError: 19}
    for table in ("people", "login_directory", "credentials", "audit_heads"):
        assert await rows(clean_database, table) == 1


async def test_many_tokens_of_one_address_at_once_make_one_person(
    post: Post, clean_database: CleanDatabase
) -> None:
    for _ in range(MAILS_MAX):
        await post.registers()
    await post.delivers()
    tokens = [one for mail in post.mailbox.to(EMAIL) for one in tokens_in(mail)]

    answers = Counter(
        map(type, await together(*(post.confirms(Secret(token)) for token in tokens)))
    )

    assert answers == {Profile: 1, EmailTakenError: MAILS_MAX - 1}
    assert await rows(clean_database, "people") == 1


async def test_one_reset_of_many_counts(post: Post) -> None:
    signed_in = await post.joins_and_signs_in()
    await post.forgets()
    await post.delivers()
    token = post.newest_token()
    passwords = [Secret(f"{nth} quite new words of hers") for nth in range(8)]

    answers = await together(*(post.resets(token, password) for password in passwords))

    kept = [p for p, a in zip(passwords, answers, strict=True) if not isinstance(a, Exception)]
    assert len(kept) == 1
    assert {type(a) for a in answers if isinstance(a, Exception)} == {ConfirmationInvalidError}
    await post.world.logs_in(EMAIL, kept[0])
    with pytest.raises(SessionEndedError):
        await post.world.asks(signed_in)


async def test_no_session_slips_past_a_reset(post: Post) -> None:
    """Whoever signs in with the old password at this moment is out, or never gets in."""
    await post.world.registers()
    await post.forgets()
    await post.delivers()

    answers = await together(
        *(post.world.logs_in() for _ in range(6)),
        post.resets(post.newest_token()),
        *(post.world.logs_in() for _ in range(6)),
    )

    for answer in answers:
        if hasattr(answer, "access"):
            with pytest.raises(SessionEndedError):
                await post.world.asks(answer)


async def test_two_who_want_one_address_do_not_both_get_it(
    post: Post, clean_database: CleanDatabase
) -> None:
    anna = await post.world.asks(await post.joins_and_signs_in())
    bo = await post.world.asks(await post.joins_and_signs_in("bo@example.no"))
    for caller in (anna, bo):
        await post.changes_email(caller, "both@example.no")
    await post.delivers()
    both = post.mailbox.to("both@example.no")
    tokens = [Secret(one) for mail in both for one in tokens_in(mail)]

    answers = await together(
        *(post.confirms_email(caller, token) for caller in (anna, bo) for token in tokens)
    )

    assert [type(a) for a in answers].count(Profile) == 1
    assert {type(a) for a in answers} <= {Profile, EmailTakenError, ConfirmationInvalidError}
    assert await rows(clean_database, "login_directory") == 2


async def test_turns_are_taken_one_after_the_other(post: Post) -> None:
    email = EmailAddress("anna@example.no")

    async def take() -> bool:
        async with post.world.begin(UserId(post.world.ids.one())) as tx:
            turn = await tx.confirmations.may_mail(email, Purpose.REGISTER, NOON)
            await tx.commit()
            return turn

    assert sum(await together(*(take() for _ in range(20)))) == MAILS_MAX


async def test_known_and_unknown_addresses_cost_the_same_statements_and_commits(
    post: Post, database: Database
) -> None:
    await post.world.registers()
    caller = await post.world.asks(await post.world.logs_in())
    await post.world.registers("bo@example.no")
    asking: Mapping[str, Callable[[str], Awaitable[object]]] = {
        "register": post.registers,
        "forgot": post.forgets,
        "move": lambda email: post.changes_email(caller, email),
    }
    for name, ask in asking.items():
        costs = []
        for email in ("bo@example.no", "nobody@example.no"):
            with statements(database.engine) as seen:
                await ask(email)
            costs.append(seen)
        known, unknown = costs
        assert known == unknown, name
        assert known.count("COMMIT") == 1, name


async def test_what_lies_in_the_table_is_sealed(post: Post, clean_database: CleanDatabase) -> None:
    await post.registers(name="Anna Kanarifugl")
    await post.delivers()
    token = post.newest_token()
    db = await connect(clean_database.admin_url)
    try:
        shown = repr([tuple(row) for row in await db.fetch("select * from confirmations")])
        shown += repr([tuple(row) for row in await db.fetch("select * from mail_turns")])
        shown += repr([tuple(row) for row in await db.fetch("select * from jobs")])
    finally:
        await db.close()

    for secret in (EMAIL, "Kanarifugl", token.reveal(), "argon2", NEW.reveal()):
        assert secret not in shown
