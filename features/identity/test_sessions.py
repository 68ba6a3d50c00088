from dataclasses import replace

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.identity.sessions.end_session import EndSession, EndSessionCommand
from application.identity.sessions.end_sessions import EndSessions, EndSessionsCommand
from application.identity.sessions.list_sessions import ListSessions, ListSessionsQuery
from application.identity.signing_in.log_out import LogOut, LogOutCommand
from application.shared.caller import AccessTokens
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from features.identity.conftest import refresh
from features.identity.deeds import step_up
from features.identity.story import Device, Story
from features.identity.words import said
from features.words import Datatable, rows

scenarios("sessions.feature")


# Staying signed in


@given(said("{device:Device} has refreshed every day for {days:d} days"))
def refreshed_daily(story: Story, device: str, days: int) -> None:
    for _ in range(days):
        story.world.clock.forward(days=1)
        refresh(story, device)
        assert story.world.refusal is None


@when("the same refresh is sent again")
def again(story: Story) -> None:
    story.refreshes(story.here, story.here.replies[-2].refresh)


@when("a thief sends the old token")
def thief_sends_old(story: Story) -> None:
    old = story.device("Anna's phone").replies[-2].refresh
    story.refreshes(story.device("thief's computer"), old)


@given("a thief has refreshed with what her phone holds")
def thief_refreshes(story: Story) -> None:
    stolen = story.device("Anna's phone").now.refresh
    story.refreshes(story.device("thief's computer"), stolen)
    assert story.world.refusal is None


@when("a thief sends a token that was never given out")
def thief_makes_up(story: Story) -> None:
    story.refreshes(story.device("thief's computer"), Secret("n" * 43))


@when("a thief alters what her phone was given to open Bo's account")
def thief_alters(story: Story) -> None:
    """The words of one token under the signature of another."""
    story.joins("Bo")
    bo = story.account("Bo")
    his = story.device("Bo's phone")
    story.signs_in(his, bo.email, bo.password)
    head, words, _ = his.now.access.token.reveal().split(".")
    hers = story.device("Anna's phone").now
    _, _, signature = hers.access.token.reveal().split(".")
    forged = replace(hers.access, token=Secret(f"{head}.{words}.{signature}"))
    thiefs = story.device("thief's computer")
    thiefs.keep(replace(hers, access=forged))
    story.world.attempt(story.caller(thiefs))


@then("her access has run out")
def run_out(story: Story) -> None:
    with pytest.raises(DalerError) as refused:
        story.world.the(AccessTokens).verify(story.device("Anna's phone").now.access.token)
    assert refused.value.code == "access_token_expired"


@then("both replies hold the same token")
def same_token(story: Story) -> None:
    assert story.world.refusal is None
    first, second = story.here.replies[-2:]
    assert first.refresh == second.refresh


# Signing out


@when(said("she signs out on {device:Device}"))
def sign_out(story: Story, device: str) -> None:
    async def work() -> None:
        await story.world.the(LogOut)(LogOutCommand(await story.caller(story.device(device))))

    story.world.do(work())


@when(said("{name:Who} signs {other:Device} out from {device:Device}"))
def sign_other_out(story: Story, other: str, device: str) -> None:
    async def work() -> None:
        caller = await story.fresh(story.device(device))
        command = EndSessionCommand(caller, story.device(other).now.session_id)
        await story.world.the(EndSession)(command)

    story.world.attempt(work())


@when(said("{name:Who} signs everything else out from {device:Device}"))
def sign_others_out(story: Story, device: str) -> None:
    async def work() -> None:
        command = EndSessionsCommand(await story.fresh(story.device(device)))
        await story.world.the(EndSessions)(command)

    story.world.attempt(work())


@when(parsers.parse("she signs in on {count:d} other devices"))
def many_devices(story: Story, count: int) -> None:
    account = story.account("Anna")
    for number in range(count):
        story.world.clock.forward(seconds=1)
        story.signs_in(story.device(f"number {number}"), account.email, account.password)
        assert story.world.refusal is None


@then(said("{device:Device} shows that she is signed in on"))
def shows_where(story: Story, device: str, datatable: Datatable) -> None:
    query = ListSessionsQuery(story.world.do(story.caller(story.device(device))))
    seen = story.world.do(story.world.the(ListSessions)(query))
    expected = [(row["device"], row["here"] == "yes") for row in rows(datatable)]
    assert [(one.device, one.current) for one in seen] == expected


# Proving again that one is there


@given(said("a thief has copied what {device:Device} holds"))
def thief_copies(story: Story, device: str) -> None:
    copy: Device = story.device("thief's computer")
    copy.keep(story.device(device).now)
    assert story.world.do(story.caller(copy)).user_id == story.person("Anna")


@when(said('somebody proves on {device:Device} with "{password}" that it is she'))
def prove_with(story: Story, device: str, password: str) -> None:
    step_up(story, story.device(device), password=Secret(password))


@when(said('somebody proves {times:d} times on {device:Device} with "{password}" that it is she'))
def prove_often(story: Story, times: int, device: str, password: str) -> None:
    for _ in range(times):
        prove_with(story, device, password)
        assert story.world.refusal is not None
        assert story.world.refusal.code == "bad_credentials"
