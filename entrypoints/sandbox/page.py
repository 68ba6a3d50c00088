"""The plain page on which a visitor chooses a person. It loads nothing from anywhere."""

from collections.abc import Iterable, Sequence
from html import escape

from entrypoints.sandbox.life.people import PEOPLE, Person
from entrypoints.sandbox.web import Reply

HEADERS = (
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
)
LAYOUT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}}
label{{display:block;padding:.3rem 0}}button,.cancel{{font:inherit;padding:.5rem 1.2rem}}
</style></head>
<body><main><h1>{title}</h1>{content}</main></body></html>
"""
CHOICE = """<p>{lead}</p>
<form method="get" action="">{hidden}
<fieldset><legend>Log in as</legend>{people}
<label>Or another name <input name="another" pattern="[a-z0-9._\\-]*" autocomplete="off"></label>
</fieldset>
<p><button type="submit">Agree and continue</button>
<a class="cancel" href="{cancel}">Cancel</a></p>
</form>"""


def html(title: str, content: str, status: int = 200) -> Reply:
    text = LAYOUT.format(title=escape(title), content=content)
    return Reply(status, text.encode(), "text/html; charset=utf-8", HEADERS)


def choice(
    title: str,
    lead: str,
    kept: Sequence[tuple[str, str]],
    cancel: str,
    *,
    people: Sequence[Person] = PEOPLE,
    chosen: str = "",
) -> Reply:
    """A form that comes back to its own address with `input_username` or `another` added."""
    hidden = "".join(_hidden(name, value) for name, value in kept)
    chosen = chosen or people[0].username
    listed = "".join(_person(person, checked=person.username == chosen) for person in people)
    return html(
        title,
        CHOICE.format(lead=escape(lead), hidden=hidden, people=listed, cancel=escape(cancel)),
    )


def message(title: str, paragraphs: Iterable[str], status: int = 200) -> Reply:
    return html(title, "".join(f"<p>{escape(text)}</p>" for text in paragraphs), status)


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _person(person: Person, *, checked: bool) -> str:
    held = ", ".join(account.name for account in person.accounts) or "no accounts"
    mark = " checked" if checked else ""
    return (
        f'<label><input type="radio" name="input_username" value="{escape(person.username)}"'
        f"{mark}> {escape(person.full_name)} ({escape(person.username)}): {escape(held)}</label>"
    )
