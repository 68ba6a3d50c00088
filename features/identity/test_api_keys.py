from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from application.identity.api_keys.create_api_key import (
    CreateApiKey,
    CreateApiKeyCommand,
    NewApiKey,
)
from application.identity.api_keys.list_api_keys import ApiKeyView, ListApiKeys, ListApiKeysQuery
from application.identity.api_keys.note_key_use import NoteKeyUse
from application.identity.api_keys.ports import KeyUses
from application.identity.api_keys.revoke_api_key import RevokeApiKey, RevokeApiKeyCommand
from application.identity.api_keys.use_api_key import UseApiKey
from application.identity.sessions.end_sessions import EndSessions, EndSessionsCommand
from application.identity.signing_in.freshness import fresh
from application.shared.caller import Claims, SessionCheck, Standing
from domain.identity.api_key import PREFIX, written
from domain.identity.errors import StepUpRequiredError
from domain.shared.errors import DalerError
from domain.shared.ids import SessionId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from features.identity.story import Story
from features.identity.words import said
from features.words import Datatable
from tests.support.key_uses import ListedKeyUses

scenarios("api_keys.feature")


@dataclass(slots=True)
class Program:
    """Something of the person's own that signs in by itself."""

    story: Story
    key: Secret | None = None
    id: SessionId | None = None

    def takes(self, made: NewApiKey) -> None:
        self.key, self.id = made.key, made.id

    async def claims(self) -> Claims:
        assert self.key is not None
        return await self.story.world.the(UseApiKey).claims_of(self.key)

    async def standing(self) -> Standing:
        """What every request of it begins with."""
        return await self.story.world.the(SessionCheck).standing(await self.claims())


@pytest.fixture
def program(story: Story) -> Program:
    return Program(story)


# Making one


async def make(story: Story, device: str, name: str, scopes: str, days: int) -> NewApiKey:
    wanted = [] if scopes == "nothing" else [Scope(one) for one in scopes.split()]
    caller = await story.fresh(story.device(device))
    return await story.world.the(CreateApiKey)(CreateApiKeyCommand(caller, name, wanted, days))


@when(
    said(
        '{name:Who} makes a key for "{called}" on {device:Device} '
        'that may "{scopes}" for {days:d} days'
    )
)
def try_to_make(program: Program, called: str, device: str, scopes: str, days: int) -> None:
    made = program.story.world.attempt(make(program.story, device, called, scopes, days))
    if made is not None:
        program.takes(made)


@given(parsers.parse('she has made a key for "{called}"'))
def has_made(story: Story, program: Program, called: str) -> None:
    has_made_for(story, program, called, 90)


@given(parsers.parse('she has made a key for "{called}" for {days:d} days'))
def has_made_for(story: Story, program: Program, called: str, days: int) -> None:
    program.takes(story.world.do(make(story, "Anna's phone", called, "ledger:read", days)))


@given(said("the thief has made a key on {device:Device}"))
def thief_has_made(story: Story, program: Program, device: str) -> None:
    program.takes(story.world.do(make(story, device, "Backup", "ledger:read", 365)))


@given(parsers.parse("she has made {count:d} keys"))
def has_made_many(story: Story, program: Program, count: int) -> None:
    for number in range(count):
        has_made(story, program, f"Number {number}")


# Losing one


@when(said("{name:Who} revokes the key on {device:Device}"))
def revoke(story: Story, program: Program, device: str) -> None:
    async def work() -> None:
        assert program.id is not None
        command = RevokeApiKeyCommand(await story.fresh(story.device(device)), program.id)
        await story.world.the(RevokeApiKey)(command)

    story.world.attempt(work())


@when(said("she signs everything out from {device:Device}"))
def sign_all_out(story: Story, device: str) -> None:
    async def work() -> None:
        command = EndSessionsCommand(await story.fresh(story.device(device)), current=True)
        await story.world.the(EndSessions)(command)

    story.world.do(work())


@when("the last sign of the key is mistyped")
def mistype(program: Program) -> None:
    assert program.key is not None
    text = program.key.reveal()
    program.key = Secret(text[:-1] + ("a" if text[-1] != "a" else "b"))


@when("somebody makes up a key that is written as keys are")
def make_up(program: Program) -> None:
    program.key = written(Secret("n" * 43))


# What it opens


@when("a program uses the key")
def use(story: Story, program: Program) -> None:
    """And its use is written down, as happens by and by."""
    story.world.do(program.standing())
    uses = story.world.the(KeyUses)
    assert isinstance(uses, ListedKeyUses)
    for claims in uses.noted:
        story.world.do(story.world.the(NoteKeyUse)(claims))


@then(said("the key lets a program in as {name:Who}"))
def lets_in(story: Story, program: Program, name: str) -> None:
    assert story.world.do(program.standing()).caller.user_id == story.person(name)


@then(parsers.parse('it may "{scope}" and nothing else'))
def may(story: Story, program: Program, scope: str) -> None:
    assert story.world.do(program.claims()).scopes == frozenset({Scope(scope)})


@then(parsers.parse('the key is refused with "{code}"'))
def refused_with(story: Story, program: Program, code: str) -> None:
    with pytest.raises(DalerError) as refused:
        story.world.do(program.standing())
    assert refused.value.code == code


@then("the key counts as nobody who is there")
def nobody_there(story: Story, program: Program) -> None:
    standing = story.world.do(program.standing())
    with pytest.raises(StepUpRequiredError):
        fresh(standing, story.world.clock.now())


# What there is


def keys_of_anna(story: Story) -> list[ApiKeyView]:
    caller = story.world.do(story.caller(story.device("Anna's phone")))
    return list(story.world.do(story.world.the(ListApiKeys)(ListApiKeysQuery(caller))))


@then("her keys are")
def keys_are(story: Story, datatable: Datatable) -> None:
    now = story.world.clock.now()

    def used(key: ApiKeyView) -> str:
        if key.last_used_at is None:
            return "never"
        return f"{(now - key.last_used_at).seconds // 60} minutes ago"

    assert [[key.name, used(key)] for key in keys_of_anna(story)] == datatable[1:]


@then("she has no keys")
def no_keys(story: Story) -> None:
    assert keys_of_anna(story) == []


@then("nothing that is kept holds the key")
def kept_nowhere(story: Story, program: Program) -> None:
    assert program.key is not None
    kept = list(written_in(story.world.database.tables))
    assert "Spreadsheet" in kept
    random = program.key.reveal().removeprefix(PREFIX)[:43]
    assert [text for text in kept if random in text] == []


def written_in(thing: object) -> Iterator[str]:
    """Every text in it, secrets included."""
    if is_dataclass(thing):
        for one in fields(thing):
            yield from written_in(getattr(thing, one.name))
    elif isinstance(thing, dict):
        yield from written_in(list(thing.items()))
    elif isinstance(thing, list | tuple | set | frozenset):
        for one in thing:
            yield from written_in(one)
    else:
        yield thing.decode("latin-1") if isinstance(thing, bytes) else str(thing)
