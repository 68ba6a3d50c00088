"""The whole house as it runs in production, two persons and a stranger, and a bank across the way.

Tests here are synchronous: one loop for all of them, because hypothesis and schemathesis are, too.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import httpx
import msgspec
from dishka import AsyncContainer, Provider, provide
from dishka import Scope as Lifetime
from litestar import Router, get
from litestar.params import FromQuery

from adapters.memory.bankid import MemoryBankId
from adapters.memory.mailbox import MemoryMailbox
from application.identity.bankid.ports import BankIdProvider
from application.identity.mail.mails import Mailer
from application.jobs.work import Worker, WorkOptions
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.jobs import JobBoard
from domain.identity.bankid import Assurance, BankIdClaims
from domain.shared.ids import UserId
from domain.shared.scopes import Scope as KeyScope
from domain.shared.secret import Secret
from entrypoints.composition.secrets_file import fresh_secrets
from entrypoints.composition.settings import Settings, read_settings
from entrypoints.composition.world import production_world
from entrypoints.http.app import create_app
from entrypoints.http.bankid import BROWSER
from entrypoints.http.envelope import Data
from entrypoints.http.options import HttpOptions
from entrypoints.http.routers import routers
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.server import RunningSandbox, running_sandbox
from entrypoints.worker.handlers import handlers_from
from entrypoints.worker.log import StructuredWorkLog
from tests.http.support import GENEROUS
from tests.security.logbook import a_logbook
from tests.security.unsure import tell, tell_thrice
from tests.support.authenticator import (
    Authenticator,
    Passkey,
    assertion_json,
    plain,
    registration_json,
)
from tests.support.post import token_in
from tests.support.postgres import CleanDatabase, connect

T = TypeVar("T")
Json = dict[str, Any]

MARK: Final = "kanari"
"""In every value that people send: wherever it turns up, something of theirs has got there."""
BANK_TEXT: Final = "Vipps til Ola Skjult NO9386011117947"
"""What only the bank says."""
NUMBERS: Final = ("15819010029", "15819010290", "15819010371")
"""National numbers of nobody, which satisfy the rules: one each, in the order of coming."""
OPTIONS: Final = HttpOptions(public_url="https://daler.test", version="0.1.0", limits=GENEROUS)


class BoomError(Exception):
    """A fault of ours that nobody foresaw; its message quotes what it choked on."""


@get("/api/v1/boom", public=True, name="boom", include_in_schema=False)
async def boom(text: FromQuery[str] = "") -> Data[str]:
    raise BoomError(text)


@dataclass(slots=True)
class Someone:
    """A person with everything of theirs that must stay theirs. Every value is marked."""

    word: str
    """What marks their values, so that any of them is found wherever it turns up."""
    session: Json = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    """What they own, by the name that the API gives such an id."""
    cursors: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    """Every access and refresh token they ever had."""
    states: list[str] = field(default_factory=list)
    passkeys: list[Passkey] = field(default_factory=list)
    """Whoever has one is asked for it after the password."""

    @property
    def email(self) -> str:
        return f"{self.word}@canary.example"

    @property
    def name(self) -> str:
        return f"{self.word.title()} Kanarifugl"

    @property
    def password(self) -> str:
        return f"{self.word} four quiet words"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.session['access_token']}"}

    def remember(self, kind: str, one: str) -> str:
        self.ids.setdefault(kind, []).append(one)
        return one


@dataclass(frozen=True, slots=True)
class Town:
    container: AsyncContainer
    http: httpx.AsyncClient
    bank: RunningSandbox
    browser: httpx.AsyncClient
    database: CleanDatabase
    settings: Settings
    admin: asyncpg.Connection
    logs: StringIO

    async def call(
        self,
        method: str,
        path: str,
        who: Someone | None = None,
        **more: Any,  # noqa: ANN401 - what httpx takes
    ) -> httpx.Response:
        headers = {**(who.headers if who else {}), **more.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **more)

    async def ok(
        self,
        method: str,
        path: str,
        who: Someone | None = None,
        **more: Any,  # noqa: ANN401 - what httpx takes
    ) -> Json:
        answer = await self.call(method, path, who, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    async def welcome(self, word: str) -> Someone:
        """Somebody registers, reads their mail, confirms and signs in."""
        who = Someone(word)
        body = {"name": who.name, "email": who.email, "password": who.password}
        await self.ok("POST", "/api/v1/auth/register", json=body)
        await self.work()
        token = await self.mailed_token(who)
        await self.ok("POST", "/api/v1/auth/register/confirm", json={"token": token})
        return await self.signed_in(who)

    async def mailed_token(self, who: Someone) -> str:
        """The newest one that was mailed to them."""
        post = await self.container.get(MemoryMailbox)
        token = token_in(post.to(who.email)[-1])
        who.tokens.append(token)
        return token

    async def signed_in(self, who: Someone) -> Someone:
        """The same person in a session of its own."""
        body = {"email": who.email, "password": who.password}
        agent = {"user-agent": f"{who.word}-agent/1.0"}
        answer = await self.ok("POST", "/api/v1/auth/login", json=body, headers=agent)
        session = answer["data"]
        if "second_factor" in session:
            session = await self._shows_passkey(who, session["second_factor"]["challenge"], agent)
        again = replace(who, session=session)
        again.tokens += [again.session["access_token"], again.session["refresh_token"]]
        return again

    async def _shows_passkey(
        self, who: Someone, challenge: str, headers: Mapping[str, str]
    ) -> Json:
        path, begun = "/api/v1/auth/login/passkey", {"challenge": challenge}
        told = (await self.ok("POST", f"{path}/options", json=begun))["data"]["public_key"]
        shown = self.phone.signs(who.passkeys[0], plain(told["challenge"]))
        body = {**begun, "credential": assertion_json(shown)}
        session: Json = (await self.ok("POST", path, json=body, headers=headers))["data"]
        return session

    async def with_passkey(self, who: Someone) -> None:
        """On a phone of theirs."""
        path = "/api/v1/me/passkeys"
        told = (await self.ok("POST", f"{path}/options", who))["data"]["public_key"]
        key, presented = self.phone.makes(plain(told["challenge"]), plain(told["user"]["id"]))
        body = {"name": f"{who.word}-phone", "credential": registration_json(presented)}
        made = await self.ok("POST", path, who, json=body)
        who.passkeys.append(key)
        who.remember("passkey_id", made["data"]["id"])

    @property
    def phone(self) -> Authenticator:
        party = self.settings.passkeys
        return Authenticator(party, party.origins[0])

    async def link(self, who: Someone, provider: str, login: str) -> str:
        """From the button to the return; what was read is waited for elsewhere."""
        path = f"/api/v1/banking/{provider}"
        started = (await self.ok("POST", f"{path}/connect", who))["data"]
        who.states.append(started["state"])
        if started["url"]:
            there = httpx.URL(f"{started['url']}&test=true&input_username={login}")
        else:
            there = httpx.URL(
                self.bank.plaid_link_url,
                params={
                    "link_token": started["link_token"],
                    "state": started["state"],
                    "input_username": login,
                },
            )
        answer = await self.browser.get(there)
        assert answer.status_code == 302, answer.text
        back = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
        body = {**back, "state": started["state"]}
        key = {"idempotency-key": f"{who.word}-callback-{len(who.states)}"}
        linked = (await self.ok("POST", f"{path}/callback", who, json=body, headers=key))["data"]
        who.remember("job_id", linked["job_id"])
        return who.remember("connection_id", linked["connection_id"])

    async def work(self) -> int:
        """Everything that is due, until nothing is."""
        worker = Worker(
            board=await self.container.get(JobBoard),
            handlers=await handlers_from(self.container),
            clock=await self.container.get(Clock),
            chance=await self.container.get(Chance),
            log=StructuredWorkLog(),
            options=WorkOptions(),
        )
        return await worker.run_due()

    async def live(self, who: Someone, login: str) -> None:
        """Link, import, write: until there is a row in every table that can hold one."""
        for provider in ("tink", "plaid"):
            await self.link(who, provider, login)
        await self.work()
        await self.write_by_hand(who)
        await self._import(who)
        await self.work()
        await self._close_a_month(who)
        await self._be_asked(who)
        await self._move_money(who)
        await self._say_what_is_one(who)
        await self._look_round(who)
        await self._let_in(who)
        await self._let_go(who, login)

    async def _let_go(self, who: Someone, login: str) -> None:
        """Of one more link, of which a notice and a receipt stay."""
        connection_id = await self.link(who, "plaid", login)
        await self.work()
        path = f"/api/v1/banking/connections/{connection_id}"
        await self.ok("DELETE", path, who, params={"data": "erase"})
        await self.work()
        (told, *_) = (await self.ok("GET", "/api/v1/banking/notices", who))["data"]
        who.remember("notice_id", told["id"])
        assert (await self.ok("GET", f"{path}/receipt", who))["data"]["state"] == "done"
        who.ids["connection_id"].remove(connection_id)  # nothing opens this one any more
        who.remember("ended_connection_id", connection_id)

    async def write_by_hand(self, who: Someone) -> None:
        account = await self.ok(
            "POST",
            "/api/v1/accounts",
            who,
            json={
                "name": f"{who.word}-wallet",
                "kind": "cash",
                # Of no two persons the same, so that their sums differ.
                "opening_balance": {"amount": f"{len(who.word)}00.00", "currency": "NOK"},
            },
            headers={"idempotency-key": f"{who.word}-account"},
        )
        account_id = account["data"]["id"]
        for amount in ("-120.00", "-45.00"):
            entry = await self.ok(
                "POST",
                "/api/v1/transactions",
                who,
                json={
                    "account_id": account_id,
                    "amount": {"amount": amount, "currency": "NOK"},
                    "booked_on": "2026-03-01",
                    "text": f"{who.word}-text",
                    "counterparty": f"{who.word}-payee",
                    "note": f"{who.word}-note",
                },
                headers={"idempotency-key": f"{who.word}-entry-{amount}"},
            )
            who.remember("transaction_id", entry["data"]["id"])
        parts = [
            {"amount": {"amount": part, "currency": "NOK"}, "category": "food.groceries"}
            for part in ("-100.00", "-20.00")
        ]
        own = who.ids["transaction_id"][0]
        await self.ok("PATCH", f"/api/v1/transactions/{own}", who, json={"parts": parts})

    async def _import(self, who: Someone) -> None:
        rows = "\n".join(f"2026-02-{day:02},-{day}.50,,{who.word}-shop" for day in range(1, 9))
        form = {
            "file": ("a.csv", f"date,amount,category,merchant\n{rows}\n".encode()),
            "options": (None, json.dumps({"account_name": f"{who.word}-file", "currency": "NOK"})),
        }
        for key in ("once", "twice"):
            asked = await self.ok(
                "POST",
                "/api/v1/imports",
                who,
                files=form,
                headers={"idempotency-key": f"{who.word}-{key}"},
            )
            who.remember("import_id", asked["data"]["import_id"])
            who.remember("job_id", asked["data"]["job_id"])

    async def _close_a_month(self, who: Someone) -> None:
        """And a second file says more of it, which waits."""
        rows = [f"2026-01-05,-40.00,{who.word}-coffee", f"2026-02-10,-60.00,{who.word}-power"]
        late = f"2026-01-20,-5.00,{who.word}-late"
        (account,) = await self._balanced(who, *rows)
        await self.ok("POST", f"/api/v1/accounts/{account}/months/2026-01/close", who)
        await self._balanced(who, rows[0], late, rows[1])
        days = {"from": "2026-01-01", "to": "2026-02-28"}
        path = f"/api/v1/accounts/{account}/coverage"
        waits = await self.ok("GET", path, who, params=days)
        assert len(waits["data"]["late_changes"]) == 1

    async def _balanced(self, who: Someone, *rows: str) -> list[str]:
        """Import them with running balances; returns the account."""
        name, balance, lines = f"{who.word}-proved", 100_00, list[str]()
        for row in rows:
            balance += round(float(row.split(",")[1]) * 100)
            lines.append(f"{row},{balance // 100}.00")
        form = {
            "file": ("p.csv", "\n".join(["date,amount,text,balance", *lines]).encode()),
            "options": (None, json.dumps({"account_name": name, "currency": "NOK"})),
        }
        await self.ok("POST", "/api/v1/imports", who, files=form)
        await self.work()
        found = (await self.ok("GET", "/api/v1/accounts", who))["data"]
        return [one["id"] for one in found if one["name"] == name]

    async def _be_asked(self, who: Someone) -> None:
        """What may be the same; and one link taken apart."""
        me = (await self.ok("GET", "/api/v1/me", who))["data"]["id"]
        await tell(self.container, UserId(UUID(me)), who.word)
        await self.work()
        (asked,) = (await self.ok("GET", "/api/v1/banking/duplicates", who))["data"]
        who.remember("duplicate_id", asked["id"])
        found = await self.ok("GET", "/api/v1/transactions", who, params={"q": "Florist"})
        entry = f"/api/v1/transactions/{found['data'][0]['id']}"
        links = (await self.ok("GET", f"{entry}/links", who))["data"]
        who.remember("link_id", links[0]["id"])
        await self.ok("DELETE", f"{entry}/links/{links[1]['id']}", who)

    async def _move_money(self, who: Someone) -> None:
        """What the same bank twice makes doubtful; and one transfer made by hand."""
        (asked, *_) = (await self.ok("GET", "/api/v1/transfers/suggestions", who))["data"]
        who.remember("transfer_id", asked["id"])
        who.remember("other_transaction_id", asked["received"]["transaction_id"])
        body = {
            "transaction_id": asked["sent"]["transaction_id"],
            "other_transaction_id": asked["received"]["transaction_id"],
        }
        made = await self.ok("POST", "/api/v1/transfers", who, json=body)
        assert made["data"]["id"] == asked["id"]

    async def _say_what_is_one(self, who: Someone) -> None:
        """Two series of files are of one account; two bank links are not, or nobody knows yet."""
        ids = []
        for name in (f"{who.word}-one", f"{who.word}-other"):
            form = {
                "file": ("o.csv", f"date,amount,text\n2025-12-05,-40.00,{who.word}-tea\n".encode()),
                "options": (None, json.dumps({"account_name": name, "currency": "NOK"})),
            }
            await self.ok("POST", "/api/v1/imports", who, files=form)
            await self.work()
            found = (await self.ok("GET", "/api/v1/accounts", who))["data"]
            ids += [one["id"] for one in found if one["name"] == name]
        path, body = f"/api/v1/accounts/{ids[0]}", {"other_account_id": ids[1]}
        assert (await self.ok("POST", f"{path}/join", who, json=body))["data"]["joined"] == 1
        for feed in (await self.ok("GET", f"{path}/feeds", who))["data"]:
            who.remember("feed_id", feed["feed_id"])
        # Kept by hand, so that nobody can make it one with another.
        by_hand = (await self.ok("GET", "/api/v1/accounts", who))["data"]
        (wallet,) = (one["id"] for one in by_hand if one["origin"] == "manual")
        who.remember("other_account_id", wallet)
        me = (await self.ok("GET", "/api/v1/me", who))["data"]["id"]
        await tell_thrice(self.container, UserId(UUID(me)), who.word)
        await self.work()
        one, other, *_ = (await self.ok("GET", "/api/v1/accounts/same", who))["data"]
        who.remember("same_account_id", one["id"])
        await self.ok("POST", f"/api/v1/accounts/same/{other['id']}/dismiss", who)

    async def _look_round(self, who: Someone) -> None:
        accounts = await self.ok("GET", "/api/v1/accounts", who)
        for one in accounts["data"]:
            who.remember("account_id", one["id"])
        for path in ("/api/v1/transactions", "/api/v1/imports"):
            page = await self.ok("GET", path, who, params={"limit": 1})
            assert page["pagination"]["has_more"], path
            who.cursors[path] = page["pagination"]["next_cursor"]
        page = await self.ok("GET", "/api/v1/transactions", who, params={"limit": 20})
        for one in page["data"]:
            who.remember("transaction_id", one["id"])

    async def _let_in(self, who: Someone) -> None:
        """Another device, a program, and a passkey; and what they want to be told of."""
        quiet = {"notifications": {"product_news": {"email": True}}}
        await self.ok("PATCH", "/api/v1/me/settings", who, json=quiet)
        other = await self.signed_in(who)
        who.remember("session_id", other.session["session_id"])
        program = await self.with_key(who)
        who.remember("key_id", program.session["id"])
        await self.ok("POST", "/api/v1/me/totp", who)
        await self.with_passkey(who)
        await self.with_bankid(who)
        codes = await self.ok("POST", "/api/v1/me/recovery-codes", await self.signed_in(who))
        who.tokens += codes["data"]["recovery_codes"]

    async def with_bankid(self, who: Someone) -> None:
        """Theirs opens their account; everything that it tells is marked, or not to be found."""
        bankid = await self.container.get(MemoryBankId)
        number = NUMBERS[len(bankid.left)]
        begun = await self.call("POST", "/api/v1/me/bankid", who)
        cookie = begun.headers["set-cookie"].partition(";")[0]
        assert cookie.startswith(BROWSER), begun.text
        bankid.who = BankIdClaims(
            issuer="https://bankid.example.org",
            subject=f"{who.word}-subject",
            stable=f"{who.word}-stable",
            number=number,
            name=f"{who.word.title()} Verified",
            assurance=Assurance.HIGH,
            method="BID",
        )
        state = bankid.left[-1].state.reveal()
        who.tokens += [number, state, cookie.partition("=")[2]]
        await self.ok(
            "GET",
            "/api/v1/auth/bankid/callback",
            params={"state": state, "code": f"{who.word}-code"},
            headers={"cookie": cookie},
        )

    async def prove(self, *people: Someone) -> None:
        """As if they had stepped up just now: on a slow machine tests outlast a proof."""
        await self.admin.execute(
            "update sessions set proved_at = now() where id = any($1::uuid[])",
            [who.session["session_id"] for who in people],
        )

    async def hire(self, word: str) -> Someone:
        """An administrator, signed in with two factors."""
        who = await self.welcome(word)
        await self.with_passkey(who)
        profile = await self.ok("GET", "/api/v1/me", who)
        await self.admin.execute(
            "update people set role = 'admin' where user_id = $1", profile["data"]["id"]
        )
        return await self.signed_in(who)

    async def with_key(self, who: Someone, without: str | None = None) -> Someone:
        """A program of theirs that may do all that a key can, or all but one thing."""
        wanted = {
            "name": f"{who.word}-key",
            "scopes": [scope.value for scope in KeyScope if scope != without],
            "expires_in_days": 30,
        }
        made = (await self.ok("POST", "/api/v1/me/api-keys", who, json=wanted))["data"]
        who.tokens.append(made["key"])
        return replace(who, session={**made, "access_token": made["key"]})

    async def tables(self) -> Sequence[str]:
        rows = await self.admin.fetch(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        )
        return [row["tablename"] for row in rows if row["tablename"] != "alembic_version"]

    async def dump(self, table: str) -> str:
        """Every row as text, bytes both as hex and as what they may spell."""
        rows = await self.admin.fetch(f"select * from {table}")  # noqa: S608 - our own names
        return "\n".join(repr(tuple(row)) for row in rows)


def settings_for(database: CleanDatabase, bank: RunningSandbox) -> Settings:
    texts = {
        **fresh_secrets(),
        "DALER_PLAID_REDIRECT_URL": "https://daler.test/back",
        "DALER_BANKID_NUMBERS": "tenor",
    }
    settings = read_settings(texts).pointed_at(
        tink_url=bank.tink_url,
        tink_link_url=bank.tink_link_url,
        plaid_url=bank.plaid_url,
        rates_url=bank.norges_bank_url,
    )
    return msgspec.structs.replace(
        settings,
        database_url=Secret(database.app_url),
        database_owner_url=Secret(database.owner_url),
    )


@asynccontextmanager
async def a_town(database: CleanDatabase) -> AsyncIterator[Town]:
    with a_logbook() as logs:
        async with (
            running_sandbox(SandboxOptions()) as bank,
            httpx.AsyncClient(trust_env=False) as browser,
        ):
            settings = settings_for(database, bank)
            admin = await connect(database.admin_url)
            async with a_process(settings) as (container, http):
                yield Town(container, http, bank, browser, database, settings, admin, logs)
            await admin.close()


class Post(Provider):
    """Mails end in memory."""

    scope = Lifetime.APP

    @provide
    def mailbox(self) -> MemoryMailbox:
        return MemoryMailbox()

    @provide(override=True)
    def mailer(self, mailbox: MemoryMailbox) -> Mailer:
        return mailbox


class BankId(Provider):
    """Plays BankID, without a way there."""

    scope = Lifetime.APP

    @provide
    def bankid(self) -> MemoryBankId:
        return MemoryBankId()

    @provide(override=True)
    def provider(self, bankid: MemoryBankId) -> BankIdProvider:
        return bankid


@asynccontextmanager
async def a_process(
    settings: Settings, *instead: Provider
) -> AsyncIterator[tuple[AsyncContainer, httpx.AsyncClient]]:
    """What one `daler serve` is: everything composed, and a way to call it."""
    container = production_world(settings, Post(), BankId(), *instead)
    app = create_app(container, [*routers(), Router("/", route_handlers=[boom])], OPTIONS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://daler.test")
    async with app.litestar.lifespan(), client as http:
        yield container, http
    await container.close()


@asynccontextmanager
async def another_process(
    town: Town, settings: Settings, *instead: Provider
) -> AsyncIterator[Town]:
    """The same town, asked through a process of its own."""
    async with a_process(settings, *instead) as (container, http):
        yield replace(town, container=container, http=http)


@dataclass(frozen=True, slots=True)
class Days:
    """The town with people in it, and the loop it lives in."""

    runner: asyncio.Runner
    town: Town
    anna: Someone
    bjorn: Someone
    clumsy: Someone
    """Sends whatever is wrong, so that the others keep what they have."""
    staff: Someone
    """Sends the same to what only staff may call."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def sender(self, *, of_staff: bool) -> Someone:
        return self.staff if of_staff else self.clumsy
