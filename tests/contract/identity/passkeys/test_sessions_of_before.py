"""What a session may still do that began, or ended, before its person did something elsewhere."""

from base64 import b32decode
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from adapters.qr.segno_svg import SegnoQrCodes
from application.identity.api_keys.create_api_key import CreateApiKey, CreateApiKeyCommand
from application.identity.passkeys.start import StartPasskey, StartPasskeyCommand
from application.identity.profile.change_email import ChangeEmail, ChangeEmailCommand
from application.identity.profile.confirm_email import ConfirmEmail, ConfirmEmailCommand
from application.identity.second_factor.confirm_totp import ConfirmTotp, ConfirmTotpCommand
from application.identity.second_factor.disable_totp import DisableTotp, DisableTotpCommand
from application.identity.second_factor.recovery_codes import (
    MakeRecoveryCodes,
    MakeRecoveryCodesCommand,
)
from application.identity.second_factor.set_up_totp import SetUpTotp, SetUpTotpCommand, TotpSetup
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import FreshCaller
from domain.identity.errors import SessionEndedError, StepUpRequiredError
from domain.identity.session import Ended, Method
from domain.identity.totp import code_at, step_of
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from tests.support.authenticator import PARTY, Authenticator
from tests.support.identity import World
from tests.support.passkeys import PasskeyWorld, asked

Deed = Callable[[PasskeyWorld, FreshCaller], Awaitable[object]]


def fresh(signed_in: SignedIn) -> FreshCaller:
    """As the edge found them a moment ago."""
    return FreshCaller(signed_in.user_id, signed_in.session_id)


async def begins_totp(passkeys: PasskeyWorld, caller: FreshCaller) -> TotpSetup:
    w = passkeys.identity
    return await SetUpTotp(w.begin, SegnoQrCodes(), w.ids, w.chance, w.clock)(
        SetUpTotpCommand(caller)
    )


async def confirms_totp(world: World, caller: FreshCaller, setup: TotpSetup) -> None:
    code = code_at(b32decode(setup.secret.reveal()), step_of(world.clock.now()))
    confirm = ConfirmTotp(world.begin, world.chance, world.clock)
    await confirm(ConfirmTotpCommand(caller, Secret(code)))


async def makes_a_key(passkeys: PasskeyWorld, caller: FreshCaller) -> object:
    w = passkeys.identity
    create = CreateApiKey(w.begin, w.ids, w.chance, w.clock)
    return await create(CreateApiKeyCommand(caller, "Sheet", (Scope.LEDGER_READ,), 30))


async def starts_a_passkey(passkeys: PasskeyWorld, caller: FreshCaller) -> object:
    w = passkeys.identity
    start = StartPasskey(w.begin, passkeys.questions, PARTY, w.chance, w.clock)
    return await start(StartPasskeyCommand(caller))


async def makes_codes(passkeys: PasskeyWorld, caller: FreshCaller) -> object:
    w = passkeys.identity
    return await MakeRecoveryCodes(w.begin, w.chance, w.clock)(MakeRecoveryCodesCommand(caller))


async def moves(passkeys: PasskeyWorld, caller: FreshCaller) -> object:
    w = passkeys.identity
    command = ChangeEmailCommand(caller, "thief@example.no")
    return await ChangeEmail(w.begin, w.ids, w.clock)(command)


async def confirms_the_move(passkeys: PasskeyWorld, caller: FreshCaller) -> object:
    w = passkeys.identity
    return await ConfirmEmail(w.begin, w.clock)(ConfirmEmailCommand(caller, Secret("n" * 43)))


DEEDS: Final[tuple[Deed, ...]] = (
    begins_totp,
    makes_a_key,
    starts_a_passkey,
    makes_codes,
    moves,
    confirms_the_move,
)


async def ends(passkeys: PasskeyWorld, signed_in: SignedIn) -> None:
    w = passkeys.identity
    async with w.begin(signed_in.user_id) as tx:
        await tx.sessions.end_all(Ended.PASSWORD_CHANGED, w.clock.now())
        await tx.commit()


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_session_that_ended_since_it_was_asked_for_does_nothing(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, deed: Deed
) -> None:
    await passkeys.registers(anna, phone)
    await ends(passkeys, anna)
    before = await passkeys.acts(anna.user_id)

    with pytest.raises(SessionEndedError):
        await deed(passkeys, fresh(anna))

    assert await passkeys.acts(anna.user_id) == before


async def test_a_session_that_ended_neither_turns_an_app_on_nor_off(
    passkeys: PasskeyWorld, anna: SignedIn
) -> None:
    w = passkeys.identity
    setup = await begins_totp(passkeys, fresh(anna))
    await ends(passkeys, anna)

    with pytest.raises(SessionEndedError):
        await confirms_totp(w, fresh(anna), setup)
    with pytest.raises(SessionEndedError):
        await DisableTotp(w.begin, w.clock)(DisableTotpCommand(fresh(anna)))

    async with w.begin(anna.user_id) as tx:
        app = await tx.totps.get()
    assert app is not None
    assert not app.on


@pytest.mark.parametrize("deed", [begins_totp, makes_a_key])
async def test_a_session_of_the_password_alone_gets_no_second_factor_of_its_own(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, deed: Deed
) -> None:
    thief = await passkeys.identity.logs_in()
    await passkeys.registers(anna, phone)

    with pytest.raises(StepUpRequiredError):
        await deed(passkeys, fresh(thief))

    await deed(passkeys, fresh(anna))


async def test_a_factor_that_was_begun_before_the_owners_is_not_finished_after_it(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    thief = await passkeys.identity.logs_in()
    setup = await begins_totp(passkeys, fresh(thief))
    options = await passkeys.starts(thief)
    _, presented = Authenticator().makes(asked(options), options.user_handle)
    _, owners = await passkeys.registers(anna, phone)

    with pytest.raises(StepUpRequiredError):
        await confirms_totp(passkeys.identity, fresh(thief), setup)
    with pytest.raises(StepUpRequiredError):
        await passkeys.adds(thief, presented)

    assert [view.id for view in await passkeys.lists(anna)] == [owners.id]
    assert (await passkeys.session(thief)).methods == {Method.PASSWORD}
