"""Whoever adds an operation that answers strangers has to say so here, too."""

import json
import re
from typing import Any, Final

from dishka import make_async_container

from application.shared.caller import Caller, Claims, FreshCaller, FreshStaff, Standing
from application.shared.limits import LimitClass
from domain.shared.scopes import Scope
from entrypoints.http.app import create_app
from entrypoints.http.openapi import Document
from entrypoints.http.options import HttpOptions
from entrypoints.http.routers import routers
from entrypoints.http.scoped import NO_KEY
from entrypoints.http.shell.plans import RoutePlan, public_operations

PUBLIC: Final = {
    # How one gets in.
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/register/confirm",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/login/totp",
    "POST /api/v1/auth/login/recovery-code",
    "POST /api/v1/auth/login/passkey/options",
    "POST /api/v1/auth/login/passkey",
    "POST /api/v1/auth/passkey/options",
    "POST /api/v1/auth/passkey",
    "POST /api/v1/auth/refresh",
    "GET /api/v1/auth/bankid",
    "GET /api/v1/auth/bankid/callback",
    # For orchestrators.
    "GET /health/live",
    "GET /health/ready",
    "GET /health/startup",
    "GET /metrics",
    # Pages without anything of anybody.
    "GET /",
    "GET /assets/{file}",
    "GET /docs",
    "GET /openapi.json",
    "GET /api/v1/categories",
    # What links in mails open; the token never gets to a server this way.
    "GET /account/confirm",
    "GET /account/password",
    "GET /account/email",
    # The browser comes back here from the bank, and brings what the app then sends on.
    "GET /banking/tink/return",
    # Providers tell what has happened; each proves by its signature that it is one.
    "POST /webhooks/tink",
    "POST /webhooks/plaid",
}
OPEN_TO_KEYS: Final = {"GET /api/v1/me/settings", "PATCH /api/v1/me/settings"}
"""What lies under /me and yet is no credential, session or key."""
SAFE: Final = {"GET", "HEAD"}
OPTIONS: Final = HttpOptions(public_url="https://api.example.org", version="0.1.0")


def plans() -> list[RoutePlan]:
    return list(create_app(make_async_container(), routers(), OPTIONS).plans.values())


def document() -> dict[str, Any]:
    app = create_app(make_async_container(), routers(), OPTIONS)
    whole = Document(OPTIONS)
    whole.plans = app.plans
    found: dict[str, Any] = json.loads(whole.text())
    return found


def test_only_these_answer_strangers() -> None:
    app = create_app(make_async_container(), routers(), OPTIONS)
    assert public_operations(app.plans) == PUBLIC


def test_public_operations_say_so_and_others_do_not() -> None:
    for plan in plans():
        assert plan.public == (plan.needs is None), plan.name


def test_everything_of_the_api_is_versioned_and_named_once() -> None:
    found = plans()
    for plan in found:
        if plan.needs is not None:
            assert plan.template.startswith("/api/v1/"), plan.name
    handlers = {plan.operation: plan.handler.fn for plan in found}
    assert len(handlers) == len({plan.handler.fn for plan in found})
    operations = [
        one["operationId"] for path in document()["paths"].values() for one in path.values()
    ]
    assert len(set(operations)) == len(operations)


def test_every_parameter_that_is_taken_is_documented() -> None:
    described = document()["paths"]
    for plan in plans():
        if not plan.handler.resolve_include_in_schema():
            continue
        told = described[plan.template][plan.method.lower()]["parameters"]
        assert {one["name"] for one in told if one["in"] == "query"} == plan.parameters, plan.name
        in_path = {one["name"] for one in told if one["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", plan.template)), plan.name


def test_claims_alone_are_for_reading() -> None:
    """A read may check its session in its own statement; whatever writes asks first."""
    for plan in plans():
        if plan.needs is Claims:
            assert plan.method in SAFE, plan.name
        elif plan.needs is not None:
            assert issubclass(plan.needs, Caller | Standing), plan.name


def test_every_route_for_people_says_which_keys_it_lets_in() -> None:
    """Whoever forgets it cannot start: see `UnscopedRouteError`."""
    for plan in plans():
        assert (plan.scope is None) == (plan.needs is None), plan.name


def test_a_key_that_reads_changes_nothing() -> None:
    for plan in plans():
        if isinstance(plan.scope, Scope):
            reads = plan.scope.endswith(":read")
            assert reads == (plan.method in SAFE), plan.name


def test_no_key_gets_at_credentials_sessions_or_keys() -> None:
    for plan in plans():
        inside = plan.template.startswith(("/api/v1/auth/", "/api/v1/me/", "/api/v1/admin/"))
        if plan.needs is not None and inside and plan.name not in OPEN_TO_KEYS:
            assert plan.scope is NO_KEY, plan.name


def test_every_route_of_administration_names_the_permission_it_takes() -> None:
    """And no other route speaks of one: whoever acts for themself needs none."""
    for plan in plans():
        of_staff = plan.template.startswith("/api/v1/admin")
        assert plan.for_staff == of_staff, plan.name
        assert (plan.permission is not None) == of_staff, plan.name
        if of_staff:
            assert plan.scope is NO_KEY, plan.name


def test_with_one_factor_one_can_set_up_another_look_at_oneself_and_leave() -> None:
    """Where two are wanted (`DALER_REQUIRE_SECOND_FACTOR`), these are all that is left."""
    assert {plan.name for plan in plans() if plan.one_factor} == {
        "GET /api/v1/me",
        "GET /api/v1/me/second-factors",
        "POST /api/v1/me/totp",
        "POST /api/v1/me/totp/confirm",
        "GET /api/v1/me/passkeys",
        "POST /api/v1/me/passkeys",
        "POST /api/v1/me/passkeys/options",
        "GET /api/v1/me/bankid",
        "POST /api/v1/me/bankid",
        "POST /api/v1/auth/step-up",
        "POST /api/v1/auth/step-up/passkey",
        "POST /api/v1/auth/step-up/passkey/options",
        "POST /api/v1/auth/logout",
        "GET /api/v1/me/sessions",
        "DELETE /api/v1/me/sessions",
        "DELETE /api/v1/me/sessions/{session_id}",
    }


def test_the_document_names_each_operations_scope() -> None:
    described = document()["paths"]
    for plan in plans():
        if plan.needs is None or not plan.handler.resolve_include_in_schema():
            continue
        told = described[plan.template][plan.method.lower()]
        scopes = [] if plan.scope is NO_KEY else [plan.scope]
        assert told["security"] == [{"bearer": scopes}, {"cookie": []}], plan.name


def test_whatever_answers_strangers_is_limited() -> None:
    """In the API; pages, pictures and what orchestrators ask hold nothing of anybody."""
    for plan in plans():
        if plan.needs is None and plan.template.startswith("/api/"):
            assert plan.limit in {LimitClass.SIGN_IN, LimitClass.PUBLIC}, plan.name
        if plan.limit is LimitClass.SENSITIVE:
            assert plan.needs is not None, plan.name


def test_whatever_takes_a_fresh_proof_is_limited() -> None:
    fresh = [plan for plan in plans() if plan.needs in {FreshCaller, FreshStaff}]
    assert fresh
    for plan in fresh:
        assert plan.limit in {LimitClass.SENSITIVE, LimitClass.SIGN_IN}, plan.name


def test_what_takes_a_secret_from_strangers_has_the_strictest_rate() -> None:
    loose = {
        plan.name
        for plan in plans()
        if plan.needs is None
        and plan.template.startswith("/api/v1/auth/")
        and plan.limit is not LimitClass.SIGN_IN
    }
    # Its 256 bits cannot be guessed, and everybody of an office refreshes from one address.
    assert loose == {"POST /api/v1/auth/refresh"}


def test_the_hot_reads_pay_for_no_limit() -> None:
    for plan in plans():
        if plan.needs is Claims:
            assert plan.limit is None, plan.name


def test_every_body_is_limited_and_of_one_kind() -> None:
    for plan in plans():
        assert 0 < plan.body_max <= 64 * 1024 * 1024, plan.name
        assert plan.method not in SAFE or not plan.media_types, plan.name
