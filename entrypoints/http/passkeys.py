"""Passkeys: making them, signing in with them, and proving again with one.

Pages have each `public_key` read by their browser (`PublicKeyCredential.parse...FromJSON`), and
send back what the credential's `toJSON()` gives.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from application.identity.passkeys.add import AddPasskey, AddPasskeyCommand
from application.identity.passkeys.list_passkeys import ListPasskeys, ListPasskeysQuery
from application.identity.passkeys.remove import RemovePasskey, RemovePasskeyCommand
from application.identity.passkeys.rename import RenamePasskey, RenamePasskeyCommand
from application.identity.passkeys.second_factor import (
    AskForSecondPasskey,
    AskForSecondPasskeyCommand,
    FinishWithPasskey,
    FinishWithPasskeyCommand,
)
from application.identity.passkeys.sign_in import (
    AskForPasskey,
    SignInWithPasskey,
    SignInWithPasskeyCommand,
)
from application.identity.passkeys.start import StartPasskey, StartPasskeyCommand
from application.identity.passkeys.step_up import (
    AskToStepUp,
    AskToStepUpCommand,
    StepUpWithPasskey,
    StepUpWithPasskeyCommand,
)
from application.identity.passkeys.view import PasskeyView
from application.shared.caller import Caller, FreshCaller
from domain.identity.passkey import PasskeyId
from domain.identity.session import Origin
from domain.shared.secret import Secret
from entrypoints.http.envelope import Data
from entrypoints.http.identity import device_token_of
from entrypoints.http.passkeys_forms import (
    BODY_MAX,
    PasskeyAfterPassword,
    PasskeyForSignIn,
    PasskeyMade,
    PasskeyNamed,
    PasskeyShown,
    SignInBegun,
    ToBeMade,
    ToBeShown,
)
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.second_factor import FreshTokens, stepped_up_reply
from entrypoints.http.shell.exchange import Exchange
from entrypoints.http.signed_in import Tokens, signed_in_reply

ONE: Final = "/me/passkeys/{passkey_id:uuid}"


@post(
    "/me/passkeys/options",
    status_code=200,
    name="me.passkeys.options",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def start_passkey(
    caller: FromDishka[FreshCaller], start: FromDishka[StartPasskey]
) -> Data[ToBeMade]:
    """What this browser needs to make a passkey, within five minutes."""
    return Data(ToBeMade.of(await start(StartPasskeyCommand(caller))))


@post(
    "/me/passkeys",
    name="me.passkeys.add",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
    request_max_body_size=BODY_MAX,
)
async def add_passkey(
    data: JSONBody[PasskeyMade], caller: FromDishka[Caller], add: FromDishka[AddPasskey]
) -> Data[PasskeyView]:
    """Register the passkey that was made with the options of this session.

    The options are used up by that, whether the passkey is accepted or not.
    """
    command = AddPasskeyCommand(caller, data.name, data.credential.presented())
    return Data(await add(command))


@get("/me/passkeys", name="me.passkeys.list", one_factor=True, scope=NO_KEY)
async def list_passkeys(
    caller: FromDishka[Caller], list_passkeys: FromDishka[ListPasskeys]
) -> Data[Sequence[PasskeyView]]:
    """Your passkeys, the oldest first; there are at most twenty."""
    return Data(await list_passkeys(ListPasskeysQuery(caller)))


@patch(ONE, name="me.passkeys.rename", scope=NO_KEY)
async def rename_passkey(
    passkey_id: FromPath[UUID],
    data: JSONBody[PasskeyNamed],
    caller: FromDishka[Caller],
    rename: FromDishka[RenamePasskey],
) -> Data[PasskeyView]:
    """Call a passkey something else."""
    return Data(await rename(RenamePasskeyCommand(caller, PasskeyId(passkey_id), data.name)))


@delete(ONE, name="me.passkeys.remove", scope=NO_KEY, limit="sensitive")
async def remove_passkey(
    passkey_id: FromPath[UUID],
    caller: FromDishka[FreshCaller],
    remove: FromDishka[RemovePasskey],
) -> None:
    """Remove a passkey; every other session has to sign in again.

    The last way into an account cannot be removed.
    """
    await remove(RemovePasskeyCommand(caller, PasskeyId(passkey_id)))


@post(
    "/auth/passkey/options",
    public=True,
    status_code=200,
    name="auth.passkey.options",
    limit="sign_in",
)
async def ask_for_passkey(ask: FromDishka[AskForPasskey]) -> Data[ToBeShown]:
    """What a browser needs to sign in with a passkey, within five minutes. It asks no names."""
    return Data(ToBeShown.of(await ask()))


@post(
    "/auth/passkey",
    public=True,
    status_code=200,
    name="auth.passkey",
    refuses=(401,),
    limit="sign_in",
    request_max_body_size=BODY_MAX,
)
async def sign_in_with_passkey(
    data: JSONBody[PasskeyForSignIn],
    origin: FromDishka[Origin],
    sign_in: FromDishka[SignInWithPasskey],
) -> Response[Data[Tokens]]:
    """Open a session with a passkey alone; it counts as two factors."""
    challenge = Secret(data.challenge)
    origin = origin.bringing(device_token_of(data.device_token))
    command = SignInWithPasskeyCommand(challenge, data.credential.presented(), origin)
    return signed_in_reply(await sign_in(command), cookies=data.cookies)


@post(
    "/auth/login/passkey/options",
    public=True,
    status_code=200,
    name="auth.login.passkey.options",
    refuses=(401,),
    limit="sign_in",
)
async def ask_for_second_passkey(
    data: JSONBody[SignInBegun], ask: FromDishka[AskForSecondPasskey]
) -> Data[ToBeShown]:
    """What a browser needs to finish signing in with a passkey, after the password."""
    command = AskForSecondPasskeyCommand(Secret(data.challenge))
    return Data(ToBeShown.of(await ask(command)))


@post(
    "/auth/login/passkey",
    public=True,
    status_code=200,
    name="auth.login.passkey",
    refuses=(401,),
    limit="sign_in",
    request_max_body_size=BODY_MAX,
)
async def finish_with_passkey(
    data: JSONBody[PasskeyAfterPassword],
    origin: FromDishka[Origin],
    finish: FromDishka[FinishWithPasskey],
) -> Response[Data[Tokens]]:
    """Finish signing in with a passkey, after the password.

    `challenge` is the one that the password was answered with, not the one in the options.
    """
    challenge = Secret(data.challenge)
    command = FinishWithPasskeyCommand(challenge, data.credential.presented(), origin)
    return signed_in_reply(await finish(command), cookies=data.cookies)


@post(
    "/auth/step-up/passkey/options",
    status_code=200,
    name="auth.step_up.passkey.options",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def ask_to_step_up(
    caller: FromDishka[Caller], ask: FromDishka[AskToStepUp]
) -> Data[ToBeShown]:
    """What a browser needs to prove with a passkey that it is still you."""
    return Data(ToBeShown.of(await ask(AskToStepUpCommand(caller))))


@post(
    "/auth/step-up/passkey",
    status_code=200,
    name="auth.step_up.passkey",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
    request_max_body_size=BODY_MAX,
)
async def step_up_with_passkey(
    data: JSONBody[PasskeyShown],
    caller: FromDishka[Caller],
    exchange: FromDishka[Exchange],
    origin: FromDishka[Origin],
    step_up: FromDishka[StepUpWithPasskey],
) -> Response[Data[FreshTokens]]:
    """Prove again that it is you: for five minutes you may do what is dangerous.

    Answers with a new session in place of this one, whose tokens work no more.
    """
    command = StepUpWithPasskeyCommand(caller, origin, data.credential.presented())
    return stepped_up_reply(await step_up(command), exchange)


def passkeys_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            start_passkey,
            add_passkey,
            list_passkeys,
            rename_passkey,
            remove_passkey,
            ask_for_passkey,
            sign_in_with_passkey,
            ask_for_second_passkey,
            finish_with_passkey,
            ask_to_step_up,
            step_up_with_passkey,
        ],
        tags=["identity"],
    )
