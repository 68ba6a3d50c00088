"""What second factors leave behind: traces, mails, and a device that is known again."""

from dataclasses import replace

import pytest

from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.identity.devices import KNOWN_DEVICES
from adapters.memory.jobs.rows import JOBS
from application.identity.jobs import SendNoticeJob
from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.finish_sign_in import FinishWithTotp, FinishWithTotpCommand
from domain.audit.chain import AuditEntry
from domain.identity.confirmation import Letter
from domain.identity.errors_factors import CodeWrongError
from domain.identity.session import Origin
from tests.support.factors import Anna, anna_of
from tests.support.identity import PHONE, World


@pytest.fixture
async def anna(world: World) -> Anna:
    return await anna_of(world)


def trail(memory: MemoryDatabase, anna: Anna, since: int = 0) -> list[AuditEntry]:
    return list(memory.tables.of(AUDIT_CHAINS)[anna.id])[since:]


async def test_everything_about_second_factors_is_audited(
    memory: MemoryDatabase, anna: Anna
) -> None:
    before = len(trail(memory, anna))
    await anna.begins_totp()
    await anna.confirms(anna.code())
    anna.world.clock.forward(seconds=30)
    asked = await anna.is_asked()
    with pytest.raises(CodeWrongError):
        await anna.shows_code(asked.challenge, anna.wrong_code())
    await anna.shows_recovery_code(asked.challenge, anna.codes[0])
    await anna.steps_up(code=anna.code())
    await anna.makes_codes()
    await anna.disables_totp()

    assert [entry.action for entry in trail(memory, anna, before)] == [
        "identity.totp_begun",
        "identity.totp_enabled",
        "identity.recovery_codes_made",
        "identity.second_factor_asked",
        "identity.second_factor_refused",
        "identity.recovery_code_used",
        "identity.second_factor_shown",
        "identity.logged_in",
        "identity.session_ended",
        "identity.stepped_up",
        "identity.recovery_codes_made",
        "identity.totp_disabled",
    ]


async def test_the_try_that_locks_is_in_the_trail(memory: MemoryDatabase, anna: Anna) -> None:
    await anna.sets_up_totp()
    before = len(trail(memory, anna))
    for _ in range(5):
        with pytest.raises(CodeWrongError):
            await anna.steps_up(code=anna.wrong_code())

    actions = [entry.action for entry in trail(memory, anna, before)]
    assert actions == ["identity.step_up_refused"] * 5 + ["identity.sign_in_locked"]


async def test_the_trail_holds_no_code(memory: MemoryDatabase, anna: Anna) -> None:
    await anna.sets_up_totp()
    asked = await anna.is_asked()
    code = anna.code()
    await anna.shows_code(asked.challenge, code)

    told = str(trail(memory, anna))
    assert anna.app is not None
    for secret in (anna.app, asked.challenge, *anna.codes):
        assert secret.reveal() not in told
    assert f'"{code.reveal()}"' not in told


async def test_the_person_is_told_of_every_change(memory: MemoryDatabase, anna: Anna) -> None:
    await anna.sets_up_totp()
    await anna.shows_recovery_code((await anna.is_asked()).challenge, anna.codes[0])
    await anna.makes_codes()
    await anna.disables_totp()

    rows = memory.tables.of(JOBS).values()
    letters = [row.payload["letter"] for row in rows if row.name == SendNoticeJob.name]
    assert letters == [
        Letter.TOTP_ENABLED,
        Letter.RECOVERY_CODE_USED,
        Letter.RECOVERY_CODES_MADE,
        Letter.TOTP_DISABLED,
    ]


async def test_a_trace_says_whether_the_second_proof_came_from_elsewhere(
    memory: MemoryDatabase, anna: Anna
) -> None:
    await anna.sets_up_totp()
    finish = FinishWithTotp(anna.world.challenges)
    for origin in (PHONE, replace(PHONE, address="203.0.113.9")):
        challenge = (await anna.is_asked()).challenge
        await finish(FinishWithTotpCommand(challenge, anna.code(), origin))
        anna.world.clock.forward(seconds=30)

    shown = [e for e in trail(memory, anna) if e.action == "identity.second_factor_shown"]
    assert [b'"moved":true' in entry.payload for entry in shown] == [False, True]


async def test_a_device_that_was_known_with_the_password_is_the_same_afterwards(
    memory: MemoryDatabase, anna: Anna
) -> None:
    await anna.sets_up_totp()
    token = anna.here.device_token
    assert token is not None
    before = len(memory.tables.of(KNOWN_DEVICES))

    asked = await anna.world.tries(origin=Origin(PHONE.device, PHONE.address, token))
    assert isinstance(asked, SecondFactorAsked)
    opened = await anna.shows_code(asked.challenge)

    assert opened.device_token == token
    assert len(memory.tables.of(KNOWN_DEVICES)) == before
