"""Link tokens, and a page that stands in for Plaid's Link module."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from entrypoints.sandbox import page
from entrypoints.sandbox.bank import Bank, UnknownPersonError
from entrypoints.sandbox.life.calendar import instant
from entrypoints.sandbox.life.people import PEOPLE, Person
from entrypoints.sandbox.plaid import fields
from entrypoints.sandbox.plaid.errors import invalid_field, missing, refusal
from entrypoints.sandbox.plaid.events import PlaidEvents
from entrypoints.sandbox.plaid.feed import DAYS_MAX
from entrypoints.sandbox.plaid.fields import Body
from entrypoints.sandbox.plaid.items import INSTITUTION, PlaidItems
from entrypoints.sandbox.state import LinkToken
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, Reply, json_reply, redirect

LIFE_MS, UPDATE_LIFE_MS = 4 * 3_600_000, 30 * 60_000
DAYS, NAME_LENGTH_MAX = 90, 30
LANGUAGES = fields.words("da nl en et fi fr de hi it lv lt no pl pt ro es sv vi")
COUNTRIES = fields.words("US GB ES NL FR IE CA DE IT PL DK NO SE EE LT LV PT BE AT FI")
PRODUCTS = fields.words("transactions auth balance identity investments liabilities")
CANCELLED = "cancel"


@dataclass(frozen=True, slots=True)
class PlaidLink:
    bank: Bank
    items: PlaidItems
    events: PlaidEvents

    def routes(self) -> dict[str, Any]:
        return {"/link/token/create": self.create, "/link/token/get": self.get}

    async def create(self, body: Body) -> Reply:
        self._ensure_fields(body)
        user = fields.part(body, "user")
        client_user_id = fields.text(user, "client_user_id") if user else ""
        asked = fields.part(body, "transactions")
        item_id, products = "", fields.texts(body, "products")
        if body.get("access_token") is not None:
            if products:
                raise invalid_field("products must not be set in update mode")
            item_id, _ = self.items.find(body)
        elif not products:
            raise missing("products")
        elif unknown := set(products) - PRODUCTS:
            message = f"invalid product names: {', '.join(sorted(unknown))}"
            raise refusal("INVALID_INPUT", "INVALID_PRODUCT", message)
        now = self.bank.real_ms()
        token = LinkToken(
            expires_ms=now + (UPDATE_LIFE_MS if item_id else LIFE_MS),
            client_user_id=client_user_id,
            webhook=fields.address(body, "webhook"),
            redirect_uri=fields.address(body, "redirect_uri"),
            days_requested=fields.integer(asked, "days_requested", DAYS, 1, DAYS_MAX),
            item_id=item_id,
        )
        tokens = self.bank.state.link_tokens
        for old in [name for name, one in tokens.items() if one.expires_ms < now]:
            del tokens[old]
        name = f"link-sandbox-{fresh()}"
        tokens[name] = token
        self.bank.store.save()
        content = {"link_token": name, "expiration": instant(token.expires_ms)}
        if "hosted_link" in body and self.bank.options.public_url:
            base = self.bank.options.public_url.rstrip("/")
            content["hosted_link_url"] = f"{base}/plaid-link?{urlencode({'link_token': name})}"
        return json_reply(content)

    async def get(self, body: Body) -> Reply:
        name = fields.text(body, "link_token")
        if (token := self._living(name)) is None:
            message = "the link token is unknown or has expired"
            raise refusal("INVALID_INPUT", "INVALID_LINK_TOKEN", message)
        added = [{"public_token": token.public_token}] if token.public_token else []
        return json_reply(
            {
                "link_token": name,
                "expiration": instant(token.expires_ms),
                "link_sessions": [{"results": {"item_add_results": added}}] if added else [],
            }
        )

    def _ensure_fields(self, body: Body) -> None:
        name = fields.text(body, "client_name")
        if len(name) > NAME_LENGTH_MAX:
            raise invalid_field(f"client_name must be at most {NAME_LENGTH_MAX} characters")
        if fields.text(body, "language") not in LANGUAGES:
            raise invalid_field("language is not supported")
        countries = fields.texts(body, "country_codes")
        if not countries:
            raise missing("country_codes")
        if not COUNTRIES.issuperset(countries):
            raise invalid_field("country_codes holds an unsupported country")

    def _living(self, name: str) -> LinkToken | None:
        token = self.bank.state.link_tokens.get(name)
        return token if token and self.bank.real_ms() < token.expires_ms else None

    async def visit(self, call: Call) -> Reply:
        """GET /plaid-link: choose a person, or have been chosen by `input_username`."""
        if (token := self._living(call.one("link_token"))) is None:
            return page.message("This link does not work", ["The link_token has expired."], 400)
        username = call.one("another").strip() or call.one("input_username")
        if not username:
            return self._choice(call, token)
        if username == CANCELLED:
            return self._back(call, token, {"error": "USER_CANCELLED"})
        try:
            return self._back(call, token, self._log_in(token, username))
        except UnknownPersonError:
            return page.message("No such person", ["Nobody here has that name."], 400)

    def _log_in(self, token: LinkToken, username: str) -> dict[str, str]:
        """What the client gets: a public_token, or nothing but a mended Item in update mode."""
        if token.item_id:
            item = self.bank.state.items[token.item_id]
            if username != item.person:
                raise UnknownPersonError(username)
            ids = self.bank.renewal_of(username)
            if ids == "link":
                # The old Item stays as it is, and never opens again.
                item.needs_login = True
                return self._public_token(token, username)
            if ids == "accounts":
                item.renamed += 1
            self.items.repair(item)
            self.bank.postman.post(self.events.item(token.item_id, "LOGIN_REPAIRED", {}))
            return {}
        self.bank.person(username)
        return self._public_token(token, username)

    def _public_token(self, token: LinkToken, username: str) -> dict[str, str]:
        token.public_token = self.items.public_token(
            username, token.webhook, token.days_requested, token.client_user_id, INSTITUTION
        )
        self.bank.store.save()
        return {"public_token": token.public_token}

    def _choice(self, call: Call, token: LinkToken) -> Reply:
        kept = [(key, value) for key, value in call.query if key in {"link_token", "state"}]
        cancel = f"?{urlencode([*kept, ('input_username', CANCELLED)])}"
        lead = "The sandbox bank asks: may this app read your accounts?"
        people: tuple[Person, ...] = PEOPLE
        if token.item_id:
            people = (self.bank.person(self.bank.state.items[token.item_id].person),)
        return page.choice("Connect a bank", lead, kept, cancel, people=people)

    def _back(self, call: Call, token: LinkToken, outcome: dict[str, str]) -> Reply:
        outcome |= {"link_token": call.one("link_token")}
        if state := call.one("state"):
            outcome |= {"state": state}
        if uri := token.redirect_uri:
            return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(outcome)}")
        if "application/json" in call.headers.get("accept", ""):
            return json_reply(outcome)
        return page.message("Done", [f"{key}: {value}" for key, value in outcome.items()])
