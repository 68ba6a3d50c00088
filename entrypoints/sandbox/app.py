"""The sandbox bank: one small ASGI application that speaks Tink and Plaid over the wire.

    app = create_sandbox(SandboxOptions())                         # for ASGITransport
    async with running_sandbox(SandboxOptions()) as sandbox:       # server.py, a real socket
        sandbox.url, sandbox.tink_url, sandbox.tink_link_url, sandbox.plaid_url
    python -m entrypoints.sandbox --port 0 --state FILE            # a process of its own

Base addresses (all under one origin)
    /tink         stands for api.tink.com        (/tink/api/v1/oauth/token, /tink/data/v2/accounts)
    /tink-link    stands for link.tink.com       (/tink-link/1.0/transactions/connect-accounts)
    /plaid        stands for sandbox.plaid.com   (/plaid/transactions/sync)
    /plaid-link   stands for Plaid's Link module (/plaid-link?link_token=...)
    /control      faults, clock, truth: see control.py

Link pages
    Tink: GET .../connect-accounts | update-consent | extend-consent with `client_id`,
      `redirect_uri`, `authorization_code` (a delegate code), `market`, `locale`, `state`,
      `credentials_id` (update and extend). With `test=true` and `input_username=<person>` the
      answer is at once 302 to `redirect_uri?credentials_id=..&state=..`; without them a page
      where a visitor chooses. `input_username=cancel` gives error=USER_CANCELLED, `locked`
      gives AUTHENTICATION_ERROR, `broken` gives TEMPORARY_ERROR.
    Plaid: GET /plaid-link with `link_token`, optional `state` (handed back). With
      `input_username=<person>`: 302 to the link token's redirect_uri with `public_token`,
      `link_token`, `state` (`cancel`: `error=USER_CANCELLED`). Without a redirect_uri the answer
      shows the public_token, as JSON `{"public_token": ..}` under `Accept: application/json`.
      An update-mode link token repairs the login and gives no public_token.

People (`input_username`, `override_username`)
    anna (checking, savings, credit card), anna-travel (the same woman's other bank: NOK, EUR;
    monthly transfers meet anna's), bjorn (car, SEK shopping, EUR card purchases, credit card),
    kari (pension, near-midnight entries), sofie (student, JPY account), tom (accounts, nothing
    booked), ingen (no accounts), many-<n> (exactly n booked entries up to the day the bank
    first opened, on three accounts, growing afterwards). Any other name [a-z0-9_.-] is a person
    too, made from the seed and the name.

Two clocks: people, balances, consents live by the bank's clock, which `/control/advance` moves;
tokens, codes and signatures live by the real one, so that a moved clock breaks no session.
"""

from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.web import ASGIApp


def create_sandbox(options: SandboxOptions) -> ASGIApp:
    """A bank that keeps its state in `options.state_file`, or in memory only."""
    raise NotImplementedError(options)
