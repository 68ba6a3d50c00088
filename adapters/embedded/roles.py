"""The names inside the server, the same in every mode."""

ADMIN, OWNER, APP, DATABASE = "postgres", "daler_owner", "daler_app", "daler"

# `daler_owner` makes tables; `daler_app` owns nothing, so row level security holds for it.
# One statement to a line.
FIRST_WORDS = f"""\
create role {OWNER} login nosuperuser nocreatedb nocreaterole nobypassrls
create role {APP} login nosuperuser nocreatedb nocreaterole nobypassrls
create database {DATABASE} owner {OWNER}
revoke all on database {DATABASE} from public
grant connect, temporary on database {DATABASE} to {APP}
"""
