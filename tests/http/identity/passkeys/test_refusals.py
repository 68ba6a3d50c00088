"""What is refused, and what is told of it."""

import pytest

from tests.http.identity.passkeys.owner import ROUTES, Owner, refusal
from tests.support.authenticator import (
    Lies,
    lying,
)
from tests.support.clock import FixedClock


@pytest.mark.parametrize("path", ROUTES)
async def test_an_answer_works_once(anna: Owner, path: str) -> None:
    body = await anna.body_for(path)
    first, second = await anna.calls("POST", path, body), await anna.calls("POST", path, body)

    assert first.status_code in {200, 201}, first.text
    assert refusal(second) in {
        (422, "passkey_challenge_invalid"),
        (401, "challenge_over"),
    }


@pytest.mark.parametrize("path", ROUTES[1:])
@pytest.mark.parametrize(
    "lies",
    [
        lying(origin="https://daler.example"),
        lying(rp_id="daler.example"),
        lying(present=False),
        lying(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        lying(authenticator_data=b"\xff"),
        lying(user_handle=b"x" * 64),
        lying(eligible=True),
    ],
)
async def test_every_lie_gets_the_same_answer(anna: Owner, path: str, lies: Lies) -> None:
    answer = await anna.calls("POST", path, await anna.body_for(path, lies))

    assert refusal(answer) == (401, "passkey_refused")
    body = answer.json()
    assert body["details"] == []
    assert body["message"] == ("this passkey was not accepted; try again, or sign in another way")


async def test_an_unknown_passkey_is_refused_like_a_wrong_signature(anna: Owner) -> None:
    body = await anna.body_for("/auth/passkey", lying(credential_id=b"unknown"))
    unknown = (await anna.http.post("/auth/passkey", json=body)).json()
    body = await anna.body_for("/auth/passkey", lying(signature=b"wrong"))
    wrong = (await anna.http.post("/auth/passkey", json=body)).json()

    del unknown["request_id"], wrong["request_id"]
    assert unknown == wrong


@pytest.mark.parametrize("path", ROUTES[1:])
async def test_a_copy_is_refused(anna: Owner, path: str) -> None:
    answer = await anna.calls("POST", path, await anna.body_for(path, lying(sign_count=1)))
    assert refusal(answer) == (401, "passkey_cloned")


@pytest.mark.parametrize(
    ("why", "lies"),
    [
        ("origin", lying(origin="https://daler.example")),
        ("not_verified", lying(verified=False)),
        ("algorithm", lying(key={1: 2, 3: -35})),
        ("attestation", lying(format="android-safetynet")),
        ("malformed", lying(attestation=b"\x9b" + b"\xff" * 8)),
        ("malformed", lying(attestation=b"\x81" * 12_000 + b"\x00")),
    ],
)
async def test_what_is_wrong_with_a_new_passkey_is_said(anna: Owner, why: str, lies: Lies) -> None:
    answer = await anna.calls("POST", "/me/passkeys", await anna.body_for("/me/passkeys", lies))

    assert refusal(answer) == (422, "passkey_unacceptable")
    assert [(d["field"], d["error"]) for d in answer.json()["details"]] == [("credential", why)]


async def test_a_known_passkey_is_a_conflict(anna: Owner) -> None:
    assert anna.key is not None
    mine = anna.key.credential_id
    lies = lying(credential_id=mine, attested_id=mine)
    answer = await anna.calls("POST", "/me/passkeys", await anna.body_for("/me/passkeys", lies))

    assert refusal(answer) == (409, "passkey_known")


async def test_nobodys_passkey_is_not_found(anna: Owner) -> None:
    nobodys = "/me/passkeys/01990000-0000-7000-8000-0000deadbeef"
    renamed = await anna.calls("PATCH", nobodys, {"name": "Mine"})
    removed = await anna.calls("DELETE", nobodys)

    assert refusal(renamed) == refusal(removed) == (404, "passkey_not_found")


async def test_after_five_minutes_another_proof_is_wanted(anna: Owner, clock: FixedClock) -> None:
    [view] = (await anna.calls("GET", "/me/passkeys")).json()["data"]
    clock.forward(minutes=6)
    for method, path in (
        ("POST", "/me/passkeys/options"),
        ("DELETE", f"/me/passkeys/{view['id']}"),
    ):
        assert refusal(await anna.calls(method, path)) == (403, "step_up_required")

    body = await anna.body_for("/auth/step-up/passkey")
    await anna.calls("POST", "/auth/step-up/passkey", body)

    assert (await anna.calls("POST", "/me/passkeys/options")).status_code == 200


async def test_a_sign_in_that_nobody_began_has_no_options(anna: Owner) -> None:
    for challenge in ("n" * 43, "x" * 4_096, "tøken"):
        answer = await anna.http.post("/auth/login/passkey/options", json={"challenge": challenge})
        assert refusal(answer) == (401, "challenge_over")
