"""A life in secrets: one person goes every way in, and changes all that can be changed."""

from base64 import b32decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from http.cookies import SimpleCookie
from typing import Final

import httpx

from adapters.memory.bankid import MemoryBankId
from domain.identity.bankid import Assurance, BankIdClaims
from domain.identity.national_number import NationalNumber, NumberKind
from domain.identity.totp import code_at, step_of
from domain.shared.errors import DalerError
from entrypoints.http.bankid import BROWSER
from tests.security.life import Life
from tests.security.town import OPTIONS, Json, Someone, Town
from tests.support.authenticator import assertion_json, plain, registration_json

HERE: Final = {"origin": OPTIONS.public_url}
BORN: Final = date(1990, 1, 15)
"""As their numbers say, where those do."""
NEW_PASSWORD: Final = "another four quiet words of"  # noqa: S105 - of nobody


async def a_life(town: Town, word: str, number: int) -> Life:
    """`number`: of two people whom nobody else is."""
    someone = Someone(word)
    life = Life(town, someone, someone.password, numbers()[2 * number])
    life.keep(e_mail=someone.email, name=someone.name, password=someone.password)
    for chapter in (comes, uses_a_browser, changes_passwords, moves, has_a_program):
        await chapter(life)
    for chapter in (has_an_app, has_a_passkey, has_a_bankid, looks_round, leaves):
        await chapter(life)
    await is_made_by_bankid(life, numbers()[2 * number + 1])
    await town.work()
    return life


async def comes(life: Life) -> None:
    body = {"name": life.who.name, **life.login}
    await life.call("POST", "/auth/register", body, alone=True)
    token = {"token": await life.mailed(life.who.email)}
    await life.call("POST", "/auth/register/confirm", token, alone=True)
    await life.signs_in()
    token = {"refresh_token": life.who.session["refresh_token"]}
    life.goes_on(await life.told("POST", "/auth/refresh", token, alone=True))


async def uses_a_browser(life: Life) -> None:
    asked = life.login | {"cookies": True}
    cookies = _cookies(
        life, await life.call("POST", "/auth/login", asked, alone=True, headers=HERE)
    )
    cookies |= _cookies(life, await life.call("POST", "/auth/refresh", alone=True, headers=cookies))
    proof = {"password": life.password}
    cookies |= _cookies(
        life, await life.call("POST", "/auth/step-up", proof, alone=True, headers=cookies)
    )
    await life.call("GET", "/me", alone=True, headers=cookies)
    await life.call("POST", "/auth/logout", alone=True, headers=cookies)


def _cookies(life: Life, answer: httpx.Response) -> dict[str, str]:
    """What this browser sends from now on."""
    jar: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    life.keep(**{f"cookie_{name}": one.value for name, one in jar.items()})
    return HERE | {"cookie": "; ".join(f"{name}={one.value}" for name, one in jar.items())}


async def changes_passwords(life: Life) -> None:
    chosen = f"{NEW_PASSWORD} {life.who.word}"
    change = {"current_password": life.password, "new_password": chosen}
    await life.call("POST", "/me/password", change)
    await life.call("POST", "/auth/password/forgot", {"email": life.who.email}, alone=True)
    life.password = f"{chosen} once more"
    reset = {"token": await life.mailed(life.who.email), "password": life.password}
    device = await life.told("POST", "/auth/password/reset", reset, alone=True)
    life.keep(changed_password=chosen, reset_password=life.password, **device)
    await life.signs_in()


async def moves(life: Life) -> None:
    """To another e-mail address, which goes by another word."""
    moved = replace(life.who, word=f"{life.who.word}-moved")
    life.keep(new_e_mail=moved.email)
    await life.call("POST", "/me/email", {"email": moved.email})
    await life.call("POST", "/me/email/confirm", {"token": await life.mailed(moved.email)})
    life.who = moved


async def has_a_program(life: Life) -> None:
    name = f"{life.who.word}-key"
    wanted = {"name": name, "scopes": ["ledger:read"], "expires_in_days": 30}
    made = await life.told("POST", "/me/api-keys", wanted)
    life.keep(api_key=made["key"], key_name=name)
    bearer = {"authorization": f"Bearer {made['key']}"}
    await life.call("GET", "/accounts", alone=True, headers=bearer)
    await life.call("GET", "/me/api-keys")
    await life.call("DELETE", f"/me/api-keys/{made['id']}")


async def has_an_app(life: Life) -> None:
    given = await life.told("POST", "/me/totp")
    secret = given["secret"]
    life.keep(totp_secret=secret)
    confirmed = await life.told("POST", "/me/totp/confirm", {"code": _code(life, secret)})
    codes = confirmed["recovery_codes"]
    life.keep(recovery_code=codes[0], second_recovery_code=codes[1])
    # The next code, since this one is used up; a phone's clock may be half a minute ahead.
    body = await life.begins() | {"code": _code(life, secret, ahead=1)}
    life.goes_on(await life.told("POST", "/auth/login/totp", body, alone=True))
    body = await life.begins() | {"code": codes[0]}
    life.goes_on(await life.told("POST", "/auth/login/recovery-code", body, alone=True))
    life.goes_on(await life.told("POST", "/auth/step-up", {"recovery_code": codes[1]}))
    newer = await life.told("POST", "/me/recovery-codes")
    life.keep(newer_recovery_code=newer["recovery_codes"][0])
    await life.call("GET", "/me/second-factors")


def _code(life: Life, secret: str, ahead: int = 0) -> str:
    code = code_at(b32decode(secret), step_of(datetime.now(UTC)) + ahead)
    life.codes.append(code)
    return code


async def has_a_passkey(life: Life) -> None:
    name = f"{life.who.word}-phone"
    asked = (await life.told("POST", "/me/passkeys/options"))["public_key"]
    life.key, presented = life.town.phone.makes(
        plain(asked["challenge"]), plain(asked["user"]["id"])
    )
    shown = registration_json(presented)
    life.keep(user_handle=asked["user"]["id"], credential=shown["id"], passkey_name=name)
    life.keep(attestation=shown["response"]["attestationObject"], challenge=asked["challenge"])
    made = await life.told("POST", "/me/passkeys", {"name": name, "credential": shown})
    await life.call("GET", "/me/passkeys")
    await life.call("PATCH", f"/me/passkeys/{made['id']}", {"name": f"{name}-renamed"})
    told = await life.told("POST", "/auth/passkey/options", alone=True)
    body = {"challenge": told["challenge"], "credential": _shown(life, told)}
    life.goes_on(await life.told("POST", "/auth/passkey", body, alone=True))
    begun = await life.begins()
    told = await life.told("POST", "/auth/login/passkey/options", begun, alone=True)
    body = begun | {"credential": _shown(life, told)}
    life.goes_on(await life.told("POST", "/auth/login/passkey", body, alone=True))
    told = await life.told("POST", "/auth/step-up/passkey/options")
    body = {"credential": _shown(life, told)}
    life.goes_on(await life.told("POST", "/auth/step-up/passkey", body))
    await life.call("DELETE", f"/me/passkeys/{made['id']}")


def _shown(life: Life, told: Json) -> Json:
    assert life.key is not None
    challenge = told["public_key"]["challenge"]
    shown = assertion_json(life.town.phone.signs(life.key, plain(challenge)))
    response = shown["response"]
    life.keep(challenge=challenge, signature=response["signature"])
    life.keep(client_data=response["clientDataJSON"])
    return shown


async def has_a_bankid(life: Life) -> None:
    begun = await life.call("POST", "/me/bankid")
    await _comes_back(life, begun, life.who.word, life.number)
    await life.call("GET", "/me/bankid")
    await life.call("DELETE", "/me/bankid")


async def is_made_by_bankid(life: Life, number: str) -> None:
    """Somebody else, who has no password until they choose one."""
    away = await life.call("GET", "/auth/bankid", alone=True)
    back = await _comes_back(life, away, f"{life.who.word}-other", number)
    life.goes_on(back.json()["data"])
    chosen = f"{life.who.word} chooses a first password"
    life.keep(first_password=chosen)
    await life.call("PUT", "/me/password", {"password": chosen})


async def _comes_back(life: Life, begun: httpx.Response, word: str, number: str) -> httpx.Response:
    bankid = await life.town.container.get(MemoryBankId)
    bankid.who = BankIdClaims(
        issuer="https://bankid.example.org",
        subject=f"{word}-subject",
        stable=f"{word}-stable",
        number=number,
        birth_date=BORN,
        name=f"{word.title()} Verified",
        assurance=Assurance.HIGH,
        method="BID",
    )
    cookie = SimpleCookie(begun.headers["set-cookie"])[BROWSER].value
    brought = {"state": bankid.left[-1].state.reveal(), "code": f"{word}-code"}
    nonce = bankid.left[-1].nonce.reveal()
    life.keep(bankid_cookie=cookie, bankid_nonce=nonce, national_number=number, **brought)
    life.keep(bankid_subject=bankid.who.subject, bankid_name=f"{word.title()} Verified")
    headers = {"cookie": f"{BROWSER}={cookie}"}
    return await life.call(
        "GET", "/auth/bankid/callback", alone=True, params=brought, headers=headers
    )


async def looks_round(life: Life) -> None:
    await life.call("GET", "/me")
    await life.call("PATCH", "/me", {"name": f"{life.who.name} Den Nye"})
    await life.call("GET", "/me/settings")
    quiet = {"notifications": {"product_news": {"email": True}}}
    await life.call("PATCH", "/me/settings", quiet)


async def leaves(life: Life) -> None:
    await life.call("DELETE", "/me/totp")
    stays = life.who
    await life.signs_in()
    ended = life.who.session["session_id"]
    life.who = stays
    await life.call("GET", "/me/sessions")
    await life.call("DELETE", f"/me/sessions/{ended}")
    await life.call("DELETE", "/me/sessions")
    await life.call("POST", "/auth/logout")


def numbers() -> list[str]:
    """National numbers of nobody, none of them the town's."""
    return list(_numbers())


def _numbers() -> Iterator[str]:
    for digits in range(20_000, 22_000):
        try:
            yield NationalNumber.parse(f"158190{digits:05}", (NumberKind.TENOR,)).text
        except DalerError:
            continue
