"""Second factors: setting them up, finishing a sign-in with one, and proving again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody

from application.identity.second_factor.confirm_totp import ConfirmTotp, ConfirmTotpCommand
from application.identity.second_factor.disable_totp import DisableTotp, DisableTotpCommand
from application.identity.second_factor.recovery_codes import (
    MakeRecoveryCodes,
    MakeRecoveryCodesCommand,
    RecoveryCodesMade,
)
from application.identity.second_factor.set_up_totp import SetUpTotp, SetUpTotpCommand
from application.identity.second_factor.view_factors import (
    SecondFactors,
    ViewFactors,
    ViewFactorsQuery,
)
from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.finish_sign_in import (
    FinishWithRecoveryCode,
    FinishWithRecoveryCodeCommand,
    FinishWithTotp,
    FinishWithTotpCommand,
)
from application.identity.signing_in.step_up import SteppedUp, StepUp, StepUpCommand
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller, FreshCaller
from domain.identity.session import Method, Origin
from domain.shared.secret import Secret
from entrypoints.http.cookies import AsksForCookies
from entrypoints.http.envelope import Data
from entrypoints.http.inputs import Token
from entrypoints.http.replies import Reply
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.exchange import Exchange
from entrypoints.http.signed_in import Tokens, signed_in_reply

CodeIn = Annotated[
    str,
    msgspec.Meta(
        max_length=64,
        description="Six digits; blanks between them do no harm.",
        examples=["492 039"],
    ),
]
RecoveryCodeIn = Annotated[
    str,
    msgspec.Meta(
        max_length=64,
        description="24 letters and digits; case, blanks and dashes do not matter.",
        examples=["k7m2-9xqp-4tfh-wz83-bn5d-r6cy"],
    ),
]


class CodeShown(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    code: CodeIn


class TotpForSignIn(AsksForCookies, forbid_unknown_fields=True, frozen=True):
    challenge: Token
    code: CodeIn


class RecoveryCodeForSignIn(AsksForCookies, forbid_unknown_fields=True, frozen=True):
    challenge: Token
    code: RecoveryCodeIn


class ProvedAgain(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One of the three; the password only for those who have no second factor."""

    code: CodeIn | None = None
    recovery_code: RecoveryCodeIn | None = None
    password: Annotated[str, msgspec.Meta(max_length=512)] | None = None


class SecondFactorNeeded(msgspec.Struct, frozen=True):
    """The password was right, and nobody is signed in yet."""

    challenge: str
    """Send it back with the second proof; it works once, and for five tries."""
    methods: Sequence[Method]
    expires_in: int
    """Seconds from now."""


class NotYetSignedIn(msgspec.Struct, frozen=True):
    second_factor: SecondFactorNeeded


class TotpGiven(msgspec.Struct, frozen=True):
    """For the authenticator app, shown this once."""

    secret: str
    otpauth_uri: str
    qr_svg: str


class RecoveryCodesGiven(msgspec.Struct, frozen=True):
    """Shown this once. The codes before them work no more."""

    recovery_codes: Sequence[str]

    @classmethod
    def of(cls, made: RecoveryCodesMade) -> "RecoveryCodesGiven":
        return cls([code.reveal() for code in made.codes])


class FreshTokens(Tokens, frozen=True, kw_only=True):
    """In place of those that the request came with, which are refused from now on."""

    fresh_until: datetime
    """Until then nothing asks for another proof."""


def stepped_up_reply(stepped_up: SteppedUp, exchange: Exchange) -> Response[Data[FreshTokens]]:
    """In cookies, when the session that asked was in cookies."""
    reply: Response[Any] = signed_in_reply(
        stepped_up.signed_in, cookies=bool(exchange.session_cookies)
    )
    told = msgspec.structs.asdict(reply.content.data)
    reply.content = Data(FreshTokens(**told, fresh_until=stepped_up.fresh_until))
    return reply


def password_reply(
    answer: SignedIn | SecondFactorAsked, *, cookies: bool
) -> Response[Data[Tokens] | Data[NotYetSignedIn]]:
    """What a right password leads to: a session, or the question for a second proof."""
    if isinstance(answer, SignedIn):
        reply: Response[Any] = signed_in_reply(answer, cookies=cookies)
        return reply
    asked = SecondFactorNeeded(answer.challenge.reveal(), answer.methods, answer.expires_in_s)
    return Reply(Data(NotYetSignedIn(asked)))


@post(
    "/auth/login/totp",
    public=True,
    status_code=200,
    name="auth.login.totp",
    refuses=(401,),
    limit="sign_in",
)
async def finish_with_totp(
    data: JSONBody[TotpForSignIn], origin: FromDishka[Origin], finish: FromDishka[FinishWithTotp]
) -> Response[Data[Tokens]]:
    """Finish signing in with the code that the authenticator app shows."""
    command = FinishWithTotpCommand(Secret(data.challenge), Secret(data.code), origin)
    return signed_in_reply(await finish(command), cookies=data.cookies)


@post(
    "/auth/login/recovery-code",
    public=True,
    status_code=200,
    name="auth.login.recovery_code",
    refuses=(401,),
    limit="sign_in",
)
async def finish_with_recovery_code(
    data: JSONBody[RecoveryCodeForSignIn],
    origin: FromDishka[Origin],
    finish: FromDishka[FinishWithRecoveryCode],
) -> Response[Data[Tokens]]:
    """Finish signing in with a recovery code, which is used up by that."""
    command = FinishWithRecoveryCodeCommand(Secret(data.challenge), Secret(data.code), origin)
    return signed_in_reply(await finish(command), cookies=data.cookies)


@post(
    "/auth/step-up",
    status_code=200,
    name="auth.step_up",
    refuses=(410,),
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def step_up(
    data: JSONBody[ProvedAgain],
    caller: FromDishka[Caller],
    exchange: FromDishka[Exchange],
    origin: FromDishka[Origin],
    step_up: FromDishka[StepUp],
) -> Response[Data[FreshTokens]]:
    """Prove again that it is you: for five minutes you may do what is dangerous.

    Answers with a new session in place of this one, whose tokens work no more. Signing in counts
    as a proof, too. Who has only BankID signs in with it again. Where passwords are switched off,
    none is a proof.
    """
    if data.password is not None:
        exchange.ensure_passwords()
    command = StepUpCommand(
        caller,
        origin,
        code=_secret(data.code),
        recovery_code=_secret(data.recovery_code),
        password=_secret(data.password),
    )
    return stepped_up_reply(await step_up(command), exchange)


@get("/me/second-factors", name="me.second_factors", one_factor=True, scope=NO_KEY)
async def view_factors(
    caller: FromDishka[Caller], view: FromDishka[ViewFactors]
) -> Data[SecondFactors]:
    """What is set up besides the password, and how many recovery codes are left."""
    return Data(await view(ViewFactorsQuery(caller)))


@post("/me/totp", name="me.totp.set_up", one_factor=True, scope=NO_KEY, limit="sensitive")
async def set_up_totp(
    caller: FromDishka[FreshCaller], set_up: FromDishka[SetUpTotp]
) -> Data[TotpGiven]:
    """Begin to set up an authenticator app; it counts once a code of it is confirmed."""
    setup = await set_up(SetUpTotpCommand(caller))
    given = TotpGiven(setup.secret.reveal(), setup.address.reveal(), setup.qr_svg.reveal())
    return Data(given)


@post(
    "/me/totp/confirm",
    status_code=200,
    name="me.totp.confirm",
    one_factor=True,
    scope=NO_KEY,
    limit="sensitive",
)
async def confirm_totp(
    data: JSONBody[CodeShown], caller: FromDishka[Caller], confirm: FromDishka[ConfirmTotp]
) -> Data[RecoveryCodesGiven]:
    """Turn the authenticator app on with its first code; ten recovery codes come with it."""
    made = await confirm(ConfirmTotpCommand(caller, Secret(data.code)))
    return Data(RecoveryCodesGiven.of(made))


@delete("/me/totp", name="me.totp.disable", scope=NO_KEY, limit="sensitive")
async def disable_totp(caller: FromDishka[FreshCaller], disable: FromDishka[DisableTotp]) -> None:
    """Turn the authenticator app off; every other session has to sign in again.

    A password shorter than 15 characters cannot stand alone: choose a longer one first.
    """
    await disable(DisableTotpCommand(caller))


@post("/me/recovery-codes", name="me.recovery_codes.make", scope=NO_KEY, limit="sensitive")
async def make_recovery_codes(
    caller: FromDishka[FreshCaller], make: FromDishka[MakeRecoveryCodes]
) -> Data[RecoveryCodesGiven]:
    """Ten new recovery codes; the old ones are void."""
    return Data(RecoveryCodesGiven.of(await make(MakeRecoveryCodesCommand(caller))))


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def second_factor_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            finish_with_totp,
            finish_with_recovery_code,
            step_up,
            view_factors,
            set_up_totp,
            confirm_totp,
            disable_totp,
            make_recovery_codes,
        ],
        tags=["identity"],
    )
