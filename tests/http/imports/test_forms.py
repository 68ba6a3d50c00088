from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.shared.idempotency import IdempotencyKey
from domain.shared.errors import DalerError
from entrypoints.http.forms import Form, read_form
from entrypoints.http.problem import InvalidRequestError

TYPE = b"multipart/form-data; boundary=b0undary"
PARTS = ("file", "options")


def body(*parts: tuple[str, bytes], end: bytes = b"--\r\n") -> bytes:
    def pieces() -> Iterator[bytes]:
        for name, value in parts:
            head = f'--b0undary\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            yield head.encode() + value + b"\r\n"
        yield b"--b0undary" + end

    return b"".join(pieces())


def problem_of(content_type: bytes, sent: bytes) -> tuple[str, str]:
    with pytest.raises(InvalidRequestError) as refused:
        read_form(content_type, sent, PARTS)
    return refused.value.details[0].field, refused.value.details[0].error


def test_a_form_gives_its_parts_byte_for_byte() -> None:
    file = b"\0\r\n--b0undar\xff\r\n\r\n"

    form = read_form(TYPE, body(("file", file), ("options", b"{}")), PARTS)

    assert form.parts == {"file": file, "options": b"{}"}


def test_a_part_may_be_empty_but_not_missing() -> None:
    form = read_form(TYPE, body(("file", b"")), PARTS)

    assert form.part("file") == b""
    with pytest.raises(InvalidRequestError):
        form.part("options")


@pytest.mark.parametrize(
    ("content_type", "sent", "problem"),
    [
        (b"multipart/form-data", body(("file", b"x")), ("", "invalid")),
        (b"multipart/form-data; boundary=", body(("file", b"x")), ("", "invalid")),
        (b"multipart/form-data; boundary=other", body(("file", b"x")), ("", "invalid")),
        (TYPE, b"", ("", "invalid")),
        (TYPE, b"date,amount\n", ("", "invalid")),
        (TYPE, body(("file", b"x"), end=b""), ("", "invalid")),
        (TYPE, body(("file", b"x"))[:-20], ("", "invalid")),
        (
            TYPE,
            b"--b0undary\r\nContent-Type: text/csv\r\n\r\nx\r\n--b0undary--\r\n",
            ("", "invalid"),
        ),
        (TYPE, body(("file", b"x"), ("file", b"y")), ("file", "duplicate")),
        (TYPE, body(("note", b"x")), ("note", "unknown")),
        (TYPE, body(*[("file", b"x")] * 50), ("file", "duplicate")),
    ],
)
def test_what_is_no_such_form_is_refused(
    content_type: bytes, sent: bytes, problem: tuple[str, str]
) -> None:
    assert problem_of(content_type, sent) == problem


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_whatever_is_sent_is_a_form_or_refused(sent: bytes, tail: bytes) -> None:
    for content_type in (TYPE, b"multipart/form-data; boundary=" + tail, TYPE + tail):
        for whole in (sent, b"--b0undary\r\n" + sent, body(("file", sent)) + tail):
            try:
                read_form(content_type, whole, PARTS)
            except DalerError:
                continue


def test_a_key_is_over_what_the_form_says_and_not_over_how() -> None:
    key = IdempotencyKey("k-1", "imports.request", b"whatever the boundary made of it")
    one = Form({"file": b"x", "options": b"{}"})
    same = Form({"options": b"{}", "file": b"x"})
    moved = Form({"file": b"x{}", "options": b""})

    assert one.key(key) == same.key(key) != moved.key(key)
    assert one.key(None) is None
