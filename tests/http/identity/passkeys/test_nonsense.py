"""Whatever is sent in place of a credential is the fault of who sends it."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final

import pytest

from tests.http.identity.passkeys.owner import ROUTES, Owner, refusal
from tests.http.identity.test_identity import Json
from tests.support.authenticator import (
    changed,
)


def parts_of(body: Json, path: str = "") -> Iterator[str]:
    for name, value in body.items():
        here = f"{path}.{name}".lstrip(".")
        yield here
        if isinstance(value, dict):
            yield from parts_of(value, here)


NONSENSE: Final[tuple[object, ...]] = (
    None,
    True,
    0,
    -1.5,
    "",
    "!",
    "=",
    "A",
    "AA==",
    "tøken",
    "\x00",
    "\ud800",
    "A" * 60_000,
    [],
    ["AAAA"],
    {},
    {"id": "AAAA"},
)
IGNORED: Final = {
    "credential.authenticatorAttachment",
    "credential.clientExtensionResults",
    "credential.clientExtensionResults.credProps",
    "credential.clientExtensionResults.credProps.rk",
    "credential.response.publicKeyAlgorithm",
}
"""What browsers add, and we do not read."""
REFUSALS: Final = {
    (400, "invalid_request"),
    (400, "bad_json"),
    (401, "passkey_refused"),
    (401, "challenge_over"),
    (413, "body_too_large"),
    (422, "invalid_fields"),
    (422, "passkey_challenge_invalid"),
    (422, "passkey_unacceptable"),
}


def taken_all_the_same(part: str, wrong: object) -> bool:
    """Names, transports that we do not know, and handles that need not be told."""
    return (
        (part == "name" and isinstance(wrong, str))
        or (part.endswith("userHandle") and wrong is None)
        or (part.endswith("transports") and wrong in ([], ["AAAA"]))
    )


@pytest.mark.parametrize("path", ROUTES)
async def test_nonsense_anywhere_is_the_callers_fault(anna: Owner, path: str) -> None:
    template = await anna.body_for(path)
    for part in parts_of(template):
        if part in IGNORED:
            continue
        for wrong in NONSENSE:
            body = changed(deepcopy(template), part, lambda _, wrong=wrong: wrong)  # type: ignore[misc] # bound now
            answer = await anna.calls("POST", path, body)
            fine = answer.is_success and taken_all_the_same(part, wrong)
            assert fine or refusal(answer) in REFUSALS, (part, wrong, answer.text)


@pytest.mark.parametrize("path", ROUTES)
async def test_what_is_left_out_is_missed(anna: Owner, path: str) -> None:
    template = await anna.body_for(path)
    needed = [p for p in parts_of(template) if p not in IGNORED and "transports" not in p]
    for part in needed:
        body = without(template, part)
        answer = await anna.calls("POST", path, body)
        if not part.endswith("userHandle"):
            assert refusal(answer) == (400, "invalid_request"), part
            assert answer.json()["details"][0] == {
                "field": part,
                "error": "missing",
                "message": "this field is required",
            }


def without(body: Json, part: str) -> Json:
    head, _, rest = part.partition(".")
    if rest:
        return body | {head: without(body[head], rest)}
    return {name: value for name, value in body.items() if name != head}


@pytest.mark.parametrize("path", ROUTES)
async def test_a_body_is_64_kilobytes_at_most(anna: Owner, path: str) -> None:
    body = await anna.body_for(path)
    body["credential"]["clientExtensionResults"] = {"largeBlob": "A" * 66_000}

    assert refusal(await anna.calls("POST", path, body)) == (413, "body_too_large")


@pytest.mark.parametrize("path", ROUTES)
async def test_each_part_has_a_longest_length(anna: Owner, path: str) -> None:
    body = await anna.body_for(path)
    for name in body["credential"]["response"]:
        if name in {"transports", "publicKeyAlgorithm"}:
            continue
        grown = deepcopy(body)
        grown["credential"]["response"][name] = "A" * 30_000
        assert refusal(await anna.calls("POST", path, grown)) == (400, "invalid_request")


async def test_id_and_raw_id_are_one(anna: Owner) -> None:
    body = await anna.body_for("/auth/passkey")
    body["credential"]["id"] = "AAAA"

    answer = await anna.http.post("/auth/passkey", json=body)

    assert refusal(answer) == (400, "invalid_request")
    assert answer.json()["details"][0]["field"] == "credential.id"


async def test_what_browsers_learn_to_say_keeps_nobody_out(anna: Owner) -> None:
    """`toJSON()` grows with the standard; what we do not know we do not read."""
    body = await anna.body_for("/auth/passkey")
    body["credential"]["somethingNew"] = {"of": ["next", "year"]}
    body["credential"]["response"]["attestationObject"] = "AAAA"

    assert (await anna.http.post("/auth/passkey", json=body)).status_code == 200


async def test_refusals_repeat_nothing_that_was_sent(anna: Owner) -> None:
    marked = "bWFya2VkLW1hcmtlZC1tYXJrZWQ"
    for path in ROUTES:
        template = await anna.body_for(path)
        for part in parts_of(template):
            mark: Callable[[Any], object] = lambda _: marked  # noqa: E731 - one word for it
            answer = await anna.calls("POST", path, changed(deepcopy(template), part, mark))
            if answer.status_code >= 400:
                assert marked not in answer.text, part
