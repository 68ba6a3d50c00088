from collections.abc import Callable

import pytest

from domain.identity.errors_staff import PersonStatusError
from domain.identity.person import Person, PersonName, PersonStatus
from domain.identity.roles import Role
from domain.shared.ids import UserId
from tests.support.clock import NOON, CountedIds

ACTIVE, LOCKED, BANNED, DELETED = PersonStatus
ANNA = Person(id=UserId(CountedIds().one()), name=PersonName("Anna"), email=None, created_at=NOON)

VERBS: dict[str, Callable[[Person], Person]] = {
    "ban": Person.banned,
    "unban": Person.unbanned,
    "lock": Person.locked,
    "unlock": Person.unlocked,
}
LEADS = {
    "ban": {ACTIVE: BANNED, LOCKED: BANNED, BANNED: BANNED},
    "unban": {ACTIVE: ACTIVE, BANNED: ACTIVE},
    "lock": {ACTIVE: LOCKED, LOCKED: LOCKED},
    "unlock": {ACTIVE: ACTIVE, LOCKED: ACTIVE},
}


def standing(status: PersonStatus) -> Person:
    return Person(id=ANNA.id, name=ANNA.name, email=None, created_at=NOON, status=status)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", PersonStatus)
def test_where_each_verb_leads_from_each_status(verb: str, status: PersonStatus) -> None:
    to = LEADS[verb].get(status)
    if to is not None:
        assert VERBS[verb](standing(status)) == standing(to)
        return
    with pytest.raises(PersonStatusError) as refused:
        VERBS[verb](standing(status))
    assert refused.value.status == status


@pytest.mark.parametrize("status", [LOCKED, BANNED, DELETED])
def test_who_cannot_sign_in_cannot_become_staff_but_stop_being_it(status: PersonStatus) -> None:
    with pytest.raises(PersonStatusError):
        standing(status).given(Role.SUPPORT)
    assert standing(status).given(Role.USER).role is Role.USER
