"""docs/providers.md says what the code does: no code more, none less, none differently."""

import re
from typing import Final

import msgspec
import pytest

from adapters.outbound.remedy import Remedy
from adapters.plaid.problems import CODES, TYPES
from adapters.tink import shapes
from adapters.tink.consent import STATUSES, remedy_for
from adapters.tink.redirects import ERRORS, REASONS
from tests.architecture.sources import ROOT
from tests.providers import codes_tink as documented
from tests.providers.outcomes import OUTCOMES

PAGE: Final = (ROOT / "docs/providers.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its own, and without code marks."""
    _, _, below = PAGE.partition(f"\n#{heading}\n")
    section = re.split(r"\n##+ ", below)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows]


def pairs(heading: str) -> dict[str, str]:
    return {row[0]: row[1] for row in table(heading)}


def test_what_becomes_of_a_connection_is_as_written() -> None:
    rows = table("# What is asked for, and what becomes of the connection")
    assert [row[0] for row in rows if row[0] != Remedy.LINK_AGAIN] == list(OUTCOMES)
    assert {row[0] for row in rows} == set(Remedy)
    for remedy, _, status, error, again, access in rows:
        if remedy == Remedy.LINK_AGAIN:
            assert (status, error, again, access) == ("", "", "", "")
            continue
        wanted = OUTCOMES[Remedy(remedy)]
        kept = "yes" if wanted.access_kept else "no"
        written = (status, error, again, access)
        assert written == (wanted.status, wanted.error or "none", wanted.tried_again, kept)


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("## Codes", CODES),
        ("## Types", TYPES),
        ("## State of a consent", STATUSES),
        ("## Errors of the token endpoint", documented.TOKEN_ERRORS),
        ("## The way back from Tink Link", {**ERRORS, **REASONS}),
    ],
)
def test_each_code_is_on_the_page_with_what_it_asks_for(
    heading: str, known: dict[str, str]
) -> None:
    assert pairs(heading) == {code: str(meaning) for code, meaning in known.items()}


def weighed(status: str, kind: str, name: str, *, retryable: bool) -> Remedy:
    reason = documented.Reason(kind, None if name == "none" else name)
    raw = {
        "credentialsId": "c",
        "status": status,
        "detailedError": reason.error(retryable=retryable),
    }
    return remedy_for(msgspec.convert(raw, shapes.Consent, strict=False))


def test_each_reason_is_on_the_page_with_what_it_changes() -> None:
    rows = table("## Reason of a consent's error")
    assert [tuple(row[:2]) for row in rows] == [
        (one.kind, one.name or "none") for one in documented.ALL_REASONS
    ]
    for kind, name, written in rows:
        for status in ("AUTHENTICATION_ERROR", "PERMANENT_ERROR", "TEMPORARY_ERROR"):
            plain = weighed(status, kind, name, retryable=False)
            passing = weighed(status, kind, name, retryable=True)
            match written:
                case "tell":
                    assert (plain, passing) == (Remedy.TELL, Remedy.TELL)
                case "as the status says":
                    assert (plain, passing) == (STATUSES[status], STATUSES[status])
                case _:
                    assert written == "retry if retryable, else as the status says"
                    assert (plain, passing) == (STATUSES[status], Remedy.RETRY)
        expired = weighed("SESSION_EXPIRED", kind, name, retryable=True)
        assert expired is (Remedy.TELL if written == "tell" else Remedy.SIGN_IN)


def test_each_refused_call_is_on_the_page_with_what_it_asks_for() -> None:
    """`documented.CALLS` is what tests/providers/test_codes_tink.py sends over the wire."""
    written = {
        row[0]: dict(zip(documented.HTTP, row[1:], strict=True))
        for row in table("## Refused calls")
    }
    assert written == {
        call: {status: str(remedy) for status, remedy in meanings.items()}
        for call, meanings in documented.CALLS.items()
    }
