"""OWASP ASVS 5.0, chapters V6 to V9: the table is whole, and what only the sources can prove."""

import ast
import json
import re
from collections import Counter
from typing import Final

from dishka import make_async_container

from application.shared.caller import FreshCaller, FreshStaff
from entrypoints.http.app import create_app
from entrypoints.http.openapi import Document
from entrypoints.http.options import HttpOptions
from entrypoints.http.routers import routers
from tests.architecture.sources import ROOT, name, sources, tree

PAGE: Final = ROOT / "docs" / "security.md"
OPTIONS: Final = HttpOptions(public_url="https://api.example.org", version="0.1.0")
LEVELS_1_AND_2: Final = (
    {"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4}
    | {"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2}
    | {"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1}
    | {"9.1": 3, "9.2": 4}
)
"""How many a section has; those of level 3 come after them. 6.7 has none but of level 3."""
REQUIRED: Final = [
    f"{section}.{number}"
    for section, count in LEVELS_1_AND_2.items()
    for number in range(1, count + 1)
]
STATES: Final = {"met", "in part", "by setting", "not applicable", "not here"}
"""`not here`: a page's matter, and there is none of ours that does it."""
SELF_EVIDENT: Final = {"6.1.1", "6.1.2", "6.1.3", "7.1.1", "7.1.2", "7.1.3", "8.1.1", "8.1.2"}
"""Asks for documentation, which is on the same page."""
_ROW: Final = re.compile(r"^\| (\d\.\d\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str, str]]:
    return _ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_every_requirement_stands_in_the_table_once() -> None:
    assert Counter(row[0] for row in rows()) == Counter(REQUIRED)


def test_every_row_says_how_it_is_met_and_what_proves_it() -> None:
    """That the tests exist is asked of every page: see `test_docs.py`."""
    for one, _, state, proof in rows():
        word = state.partition(":")[0].strip()
        assert word in STATES, (one, state)
        if word != "met":
            assert ":" in state, f"{one}: say why"
        if word in {"met", "in part", "by setting"} and one not in SELF_EVIDENT:
            assert re.search(r"`tests/[\w./]+\.py::test_\w+`", proof), one


def test_sessions_are_opened_in_one_place_for_every_way_in() -> None:
    """6.3.4: a further way in shows up here, and has to be told of in the docs."""
    asking = {
        name(path)
        for path in sources("application", "entrypoints/http", "entrypoints/cli")
        if "application.identity.signing_in.opening" in path.read_text(encoding="utf-8")
    }
    assert asking == {
        "application/identity/bankid/sign_in.py",
        "application/identity/signing_in/challenges.py",
        "application/identity/signing_in/log_in.py",
        "application/identity/passkeys/sign_in.py",
        "application/identity/signing_in/step_up.py",
    }
    adding = {
        name(path)
        for path in sources("application", "entrypoints")
        if re.search(r"\bsessions\.add\(", path.read_text(encoding="utf-8"))
    }
    assert adding == {
        "application/identity/signing_in/opening.py",
        "application/identity/api_keys/create_api_key.py",
    }


def test_what_changes_how_one_gets_in_takes_a_fresh_proof() -> None:
    """7.5.1: within the last five minutes. The type is the proof, so forgetting it cannot start.

    Finishing what was begun with one (a code, a passkey, a mail) and the current password, which
    is a proof itself, come beside these; so does one of the sessions, which asks for it in code.
    """
    app = create_app(make_async_container(), routers(), OPTIONS)
    fresh = {plan.name for plan in app.plans.values() if plan.needs in {FreshCaller, FreshStaff}}
    assert fresh == {
        "PUT /api/v1/me/password",
        "POST /api/v1/me/email",
        "POST /api/v1/me/totp",
        "DELETE /api/v1/me/totp",
        "POST /api/v1/me/recovery-codes",
        "POST /api/v1/me/passkeys/options",
        "DELETE /api/v1/me/passkeys/{passkey_id}",
        "POST /api/v1/me/bankid",
        "DELETE /api/v1/me/bankid",
        "POST /api/v1/me/api-keys",
        "DELETE /api/v1/me/api-keys/{key_id}",
        "DELETE /api/v1/me/sessions",
        "PATCH /api/v1/admin/users/{user_id}",
        "POST /api/v1/admin/users/{user_id}/ban",
        "POST /api/v1/admin/users/{user_id}/unban",
        "POST /api/v1/admin/users/{user_id}/lock",
        "POST /api/v1/admin/users/{user_id}/unlock",
        "DELETE /api/v1/admin/users/{user_id}/sessions",
    }


def test_nothing_asks_for_hints_or_secret_questions() -> None:
    """6.4.2."""
    app = create_app(make_async_container(), routers(), OPTIONS)
    whole = Document(OPTIONS)
    whole.plans = app.plans
    asked: set[str] = set()

    def look(found: object) -> None:
        if isinstance(found, dict):
            asked.update(found.get("properties", {}))
            for inner in found.values():
                look(inner)
        elif isinstance(found, list):
            for inner in found:
                look(inner)

    look(json.loads(whole.text()))
    assert {"email", "password", "recovery_code"} <= asked
    assert not [one for one in asked if re.search("hint|question|reminder|maiden", one)]


def test_chance_that_matters_comes_from_the_operating_system() -> None:
    """6.5.3: one module rolls dice, and only to spread retries; the sandbox bank makes up lives."""
    rolling = {
        name(path)
        for path in sources("domain", "application", "adapters", "entrypoints")
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Import) and any(one.name == "random" for one in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    }
    assert {one for one in rolling if "sandbox" not in one} == {"adapters/system/chance.py"}
