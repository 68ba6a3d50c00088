"""Orders about somebody who has linked nothing: a slip in a name must not look obeyed."""

import pytest

from tests.sandbox.clients import Clients
from tests.sandbox.test_tink_link import delegate_code


@pytest.mark.parametrize(
    ("what", "order"),
    [
        ("login", {"state": "expired"}),
        ("login", {"state": "ok"}),
        ("consent", {"days_left": 5}),
    ],
)
async def test_an_order_about_the_links_of_somebody_without_any_is_refused(
    bank: Clients, what: str, order: dict[str, object]
) -> None:
    await bank.tink.visit(await delegate_code(bank), "anna")

    answers = [
        await bank.http.post(f"/control/person/{name}/{what}", json=order)
        for name in ("annna", "sofie", "anna")
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert answers[0].json()["error"].startswith("annna has linked nothing")
