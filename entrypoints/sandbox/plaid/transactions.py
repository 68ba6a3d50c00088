"""/transactions/sync: added, modified and removed since a cursor.

A cursor is a signed (loop start, next position, end) in the person's log of changes. Whatever
came and went between start and end is never told; a row is told once, as it stands at the end.
A log that grew while a loop was under way ends the loop: the client starts again.
"""

from dataclasses import dataclass
from typing import Any

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.plaid import fields
from entrypoints.sandbox.plaid.errors import invalid_field, refusal
from entrypoints.sandbox.plaid.feed import Page, Span, View, page_of
from entrypoints.sandbox.plaid.fields import Body
from entrypoints.sandbox.plaid.items import PlaidItems
from entrypoints.sandbox.plaid.rows import Rows
from entrypoints.sandbox.web import RefusalError, Reply

COUNT, COUNT_MAX = 100, 500
NOW = "now"


def mutation() -> RefusalError:
    message = "Underlying transaction data changed since last page was fetched. Restart pagination."
    return refusal("TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", message)


@dataclass(frozen=True, slots=True)
class PlaidTransactions:
    bank: Bank
    items: PlaidItems
    encoder: Rows

    def routes(self) -> dict[str, Any]:
        return {"/transactions/sync": self.sync}

    async def sync(self, body: Body) -> Reply:
        view = self._view(body)
        count = fields.integer(body, "count", COUNT, 1, COUNT_MAX)
        options, cursor = fields.part(body, "options"), fields.text(body, "cursor", "")
        account_id = fields.text(options, "account_id", "")
        self.items.ensure_logged_in(view.item)
        span = self._span(cursor, view, account_id)
        found, at = page_of(view.history, span, count, view.filter(account_id))
        following = self._cursor(view, account_id, span, at)
        original = "" if options.get("include_original_description") is True else "null"
        lists = self._lists(view, found, original)
        return self._reply(view, lists, following, more=at < span.end)

    async def not_ready(self, body: Body) -> Reply:
        """The first answers for a new Item: nothing yet, and no place in the log."""
        view = self._view(body)
        lists = self._lists(view, Page(), "")
        return self._reply(view, lists, "", more=False, status="NOT_READY")

    def _view(self, body: Body) -> View:
        item_id, item = self.items.find(body)
        names = self.bank.signer.names("plaid", item.holder(item_id), item.person)
        return View(item_id, item, self.bank.history(item.person), names)

    def is_paging(self, body: Body) -> bool:
        claims = self.bank.signer.read("plaid-cursor", str(body.get("cursor", "")))
        return claims is not None and claims["at"] < claims["end"]

    def _span(self, cursor: str, view: View, account_id: str) -> Span:
        item_id, end = view.item_id, len(view.history.log)
        if not cursor:
            return Span(0, 0, end)
        if cursor == NOW:
            return Span(end, end, end)
        claims = self.bank.signer.read("plaid-cursor", cursor)
        if claims is None or (claims["i"], claims["a"]) != (item_id[:8], account_id[:8]):
            raise invalid_field("cursor not associated with access_token")
        if claims.get("n", 0) != view.item.renamed:
            # Accounts that could not be matched again are new ones, and so is all that they hold.
            return Span(0, 0, end)
        if claims["at"] >= claims["end"]:
            return Span(claims["end"], claims["end"], end)
        if claims["end"] != end:
            raise mutation()
        return Span(claims["start"], claims["at"], end)

    def _cursor(self, view: View, account_id: str, span: Span, at: int) -> str:
        claims: dict[str, Any] = {"i": view.item_id[:8], "a": account_id[:8]}
        if view.item.renamed:
            claims["n"] = view.item.renamed
        # A clock set back must not take the cursor back with it.
        claims |= {"start": span.start, "at": at, "end": max(span.end, span.at)}
        return self.bank.signer.write("plaid-cursor", claims)

    def _lists(self, view: View, found: Page, original: str) -> str:
        ids, accounts = view.account_ids(), view.history.accounts
        added, modified = (
            ",".join(
                self.encoder.one(
                    row, view.names, accounts[row.account].spec, ids[row.account], original
                )
                for row in rows
            )
            for rows in (found.added, found.modified)
        )
        removed = ",".join(
            f'{{"transaction_id":"{view.names.mixed_case("t", row.key)}",'
            f'"account_id":"{ids[row.account]}"}}'
            for row in found.removed
        )
        return f'"added":[{added}],"modified":[{modified}],"removed":[{removed}]'

    def _reply(
        self,
        view: View,
        lists: str,
        following: str,
        *,
        more: bool,
        status: str = "HISTORICAL_UPDATE_COMPLETE",
    ) -> Reply:
        text = (
            f'{{"accounts":{self.items.listed_json(view.item_id, view.item)},{lists},'
            f'"next_cursor":"{following}","has_more":{"true" if more else "false"},'
            f'"transactions_update_status":"{status}"}}'
        )
        return Reply(200, text.encode())
