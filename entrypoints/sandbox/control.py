"""The other side of the counter: faults, the clock, the truth. Loopback callers only.

POST   /control/faults     a FaultOrder (see faults.py), e.g. {"provider":"plaid","path":"/sync",
                           "kind":"rate_limited","times":2,"retry_after_s":1} -> 201 the fault
GET    /control/faults     {"faults":[{id, done, ...order}]}
DELETE /control/faults     204; all are gone
GET    /control/requests   {"total", "requests":[{"method","path","count","statuses":{"200":3}}]}
DELETE /control/requests   204; counting starts again
POST   /control/advance    {"days":n,"hours":n,"minutes":n} (any of them) -> {"now","today",
                           "changes","webhooks"}; entries appear, holds book, consents end,
                           webhooks are delivered before the answer
GET    /control/truth      ?person=&provider=tink|plaid[&link=][&since=YYYY-MM-DD] ->
                           {"person","provider","link","as_of","counts":{"booked","pending"},
                           "accounts":[{"id","name","type","currency","opening_minor",
                           "booked_minor","pending_minor"}],
                           "transactions":[{"id","account_id","date","amount_minor","currency"}],
                           "pending":[the same]}; outflow negative, a card's debt negative.
                           Ids are those that the link shows (a credentials_id or item_id; the
                           newest one by default). `since` leaves out older bookings.
GET    /control/transfers  ?person= -> what moved between own accounts: see transfers.py
GET    /control/links      {"tink":[{"link","person","user_id","external_user_id","status"}],
                           "plaid":[{"link","person","client_user_id","needs_login","removed"}]}
GET    /control/people     {"people":[{"username","full_name","accounts":[..]}]}
POST   /control/person/{username}/transactions
                           {"amount_minor","text","account":0,"booked_on":today,"times":1,
                           "pending":false,"settles_after_hours":24,"settled_minor"} ->
                           {"ordered","webhooks"}; account is an index
POST   /control/person/{username}/login
                           {"state":"required"|"expired"|"ok"} -> {"links","webhooks"}; lasts
                           until the person comes back through the link page
POST   /control/person/{username}/consent
                           {"days_left":n} -> {"links","webhooks"}; from the bank's present on,
                           all consents of the person end in so many days. 0: they have ended
POST   /control/person/{username}/renewal
                           {"ids": "same"|"accounts"|"link"} -> 204; what the person's next
                           renewal does to ids: see orders.py
POST   /control/webhooks/fire
                           {"provider","link","event","content":{},"times":1,"tamper":false} ->
                           {"webhooks"}; Plaid's event is a webhook_code. Tampered ones do not
                           match their signature.
Logins and consents are of people who have linked something: 404 for others.
In every answer "webhooks" is [{"url","event","status":int|null,"problem"}]. Errors are 4xx with
{"error"}.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field, replace

import msgspec

from entrypoints.sandbox.bank import Bank, UnknownPersonError
from entrypoints.sandbox.clockwork import Clockwork
from entrypoints.sandbox.faults import FaultOrder, FaultPlan
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.life.people import PEOPLE
from entrypoints.sandbox.orders import (
    AdvanceOrder,
    ConsentOrder,
    EntryOrder,
    FireOrder,
    LoginOrder,
    RenewalOrder,
    read_order,
    refusal,
)
from entrypoints.sandbox.transfers import transfers_of
from entrypoints.sandbox.truth import Truth
from entrypoints.sandbox.web import (
    Call,
    Handler,
    RefusalError,
    Reply,
    Routes,
    UnreadableError,
    json_reply,
)
from entrypoints.sandbox.webhooks import Letter

PATHS_MAX = 10_000


@dataclass(slots=True)
class Control:
    bank: Bank
    clockwork: Clockwork
    truths: Truth
    faults: FaultPlan
    counts: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def routes(self) -> Routes:
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/faults", self.add_fault),
            ("GET", "/faults", self.list_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/requests", self.requests),
            ("DELETE", "/requests", self.forget_requests),
            ("POST", "/advance", self.advance),
            ("GET", "/truth", self.truth),
            ("GET", "/transfers", self.transfers),
            ("GET", "/links", self.links),
            ("GET", "/people", self.people),
            ("POST", "/person/{}/transactions", self.order_entries),
            ("POST", "/person/{}/login", self.login),
            ("POST", "/person/{}/consent", self.consent),
            ("POST", "/person/{}/renewal", self.renewal),
            ("POST", "/webhooks/fire", self.fire),
        ]
        return Routes(table)

    async def answer(self, call: Call, routes: Routes) -> Reply:
        try:
            # A web page that someone reads on this machine must not move the bank's clock.
            if not call.from_loopback or "origin" in call.headers:
                raise refusal("loopback callers only", 403)
            if (found := routes.find(call.method, call.path)) is None:
                raise refusal("no such control", 404)
            handler, params = found
            return await handler(replace(call, params=params))
        except RefusalError as error:
            return error.reply
        except UnknownPersonError as error:
            return refusal(f"nobody is called {error}", 404).reply
        except UnreadableError as error:
            return refusal(str(error)).reply

    def count(self, method: str, path: str, status: int) -> None:
        if len(self.counts) < PATHS_MAX or (method, path, status) in self.counts:
            self.counts[method, path, status] += 1

    async def add_fault(self, call: Call) -> Reply:
        return json_reply(self.faults.add(read_order(call, FaultOrder)).shown(), 201)

    async def list_faults(self, _: Call) -> Reply:
        return json_reply({"faults": [fault.shown() for fault in self.faults.faults]})

    async def clear_faults(self, _: Call) -> Reply:
        self.faults.clear()
        return Reply(204)

    async def requests(self, _: Call) -> Reply:
        found: dict[tuple[str, str], Counter[str]] = {}
        for (method, path, status), count in self.counts.items():
            found.setdefault((method, path), Counter())[str(status)] += count
        rows = [
            {"method": method, "path": path, "count": by.total(), "statuses": by}
            for (method, path), by in sorted(found.items())
        ]
        return json_reply({"total": self.counts.total(), "requests": rows})

    async def forget_requests(self, _: Call) -> Reply:
        self.counts.clear()
        return Reply(204)

    async def advance(self, call: Call) -> Reply:
        order = read_order(call, AdvanceOrder)
        changes, letters = self.clockwork.advance(order.total_ms())
        return json_reply(
            {
                "now": instant(self.bank.now_ms()),
                "today": str(self.bank.today()),
                "changes": changes,
                "webhooks": await self._delivered(letters),
            }
        )

    async def truth(self, call: Call) -> Reply:
        provider = call.one("provider")
        if provider not in ("tink", "plaid"):
            raise refusal("provider is tink or plaid")
        return self.truths.told(call.one("person"), provider, call.one("link"), call.one("since"))

    async def transfers(self, call: Call) -> Reply:
        return json_reply({"transfers": transfers_of(self.bank, call.one("person"))})

    async def links(self, _: Call) -> Reply:
        return json_reply(self.truths.links())

    async def people(self, _: Call) -> Reply:
        return json_reply({"people": [asdict(person) for person in PEOPLE]})

    async def order_entries(self, call: Call) -> Reply:
        order = read_order(call, EntryOrder)
        letters = self.clockwork.order_entries(call.params[0], order)
        return json_reply({"ordered": order.times, "webhooks": await self._delivered(letters)}, 201)

    async def login(self, call: Call) -> Reply:
        order = read_order(call, LoginOrder)
        links, letters = self.clockwork.set_login(call.params[0], order.state)
        _ensure_linked(call.params[0], links)
        return json_reply({"links": links, "webhooks": await self._delivered(letters)})

    async def consent(self, call: Call) -> Reply:
        order = read_order(call, ConsentOrder)
        links, letters = self.clockwork.set_consent(call.params[0], order.days_left)
        _ensure_linked(call.params[0], links)
        return json_reply({"links": links, "webhooks": await self._delivered(letters)})

    async def renewal(self, call: Call) -> Reply:
        order = read_order(call, RenewalOrder)
        self.bank.person(call.params[0])
        self.bank.state.renewals[call.params[0]] = order.ids
        self.bank.store.save()
        return Reply(204)

    async def fire(self, call: Call) -> Reply:
        order = read_order(call, FireOrder)
        letters = self.clockwork.letters_for(order) * order.times
        if order.tamper:
            letters = [replace(letter, body=letter.body + b" ") for letter in letters]
        return json_reply({"webhooks": await self._delivered(letters)})

    async def _delivered(self, letters: list[Letter]) -> object:
        return msgspec.to_builtins(await self.bank.postman.deliver(letters))


def _ensure_linked(username: str, links: int) -> None:
    """Raises RefusalError: whoever has linked nothing has no logins and consents to change."""
    if not links:
        raise refusal(f"{username} has linked nothing; GET /control/links says who has", 404)
