"""The permission table, written out a second time: changing it takes two places to agree."""

import pytest

from domain.identity.roles import PERMISSIONS, Permission, Role

TABLE = """
permission           user  support  compliance  admin
people:list          -     yes      yes         yes
people:find          -     yes      yes         yes
people:see           -     yes      yes         yes
people:see_in_full   -     -        yes         yes
sessions:see         -     yes      yes         yes
sessions:end         -     yes      yes         yes
people:lock          -     yes      yes         yes
people:ban           -     -        yes         yes
staff:act            -     -        -           yes
staff:see_actions    -     -        yes         yes
roles:grant          -     -        -           yes
providers:see        -     -        -           yes
"""
HEADING, *ROWS = [line.split() for line in TABLE.strip().splitlines()]


def test_the_table_is_whole() -> None:
    assert [row[0] for row in ROWS] == [permission.value for permission in Permission]
    assert HEADING[1:] == [role.value for role in Role]
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_role_may_what_the_table_says(row: list[str]) -> None:
    permission, *told = row
    for role, may in zip(Role, told, strict=True):
        assert (Permission(permission) in PERMISSIONS[role]) == (may == "yes"), role


def test_the_table_cannot_be_changed_while_running() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS[Role.USER] = frozenset(Permission)  # type: ignore[index] # that is the point
