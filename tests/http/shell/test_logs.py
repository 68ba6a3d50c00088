import io
import json
import logging

import pytest
import structlog

from domain.shared.errors import ConflictError
from domain.shared.secret import Secret
from entrypoints.logs import LogFormat, configure_logs, log_access

NASTY = "a\r\nb\x1b[31mc\u2028d\x85e\x9b1mf\x7f"


def written(fmt: LogFormat, **values: object) -> str:
    stream = io.StringIO()
    configure_logs(fmt, to=stream)
    structlog.get_logger("test").info("happened", **values)
    logging.getLogger("elsewhere").warning("said %s", values.get("text", ""))
    return stream.getvalue()


def test_one_event_is_one_line_of_json_whatever_it_holds() -> None:
    text = written("json", text=NASTY)
    assert len(text.splitlines()) == 2
    assert text.isascii()
    assert [json.loads(line).get("text", NASTY) for line in text.splitlines()] == [NASTY] * 2


def test_one_event_is_one_line_for_people_too() -> None:
    text = written("console", text=NASTY)
    assert len(text.splitlines()) == 2
    assert "\x1b" not in text
    assert "\u2028" not in text


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_a_secret_stays_one(fmt: LogFormat) -> None:
    assert "hunter2" not in written(fmt, password=Secret("hunter2"), nested=[Secret("hunter2")])


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_exceptions_are_told_without_values(fmt: LogFormat) -> None:
    stream = io.StringIO()
    configure_logs(fmt, to=stream)

    def choke(canary: str) -> None:
        try:
            dict[str, str]()[canary]
        except KeyError as error:
            raise ConflictError(canary) from error

    try:
        choke("canary-1")
    except ConflictError:
        structlog.get_logger("test").exception("failed")
        logging.getLogger("elsewhere").exception("failed")
    text = stream.getvalue()
    assert "canary-1" not in text
    assert text.count("ConflictError") == 2
    assert text.count("KeyError") == 2
    assert "choke" in text
    assert len(text.splitlines()) == 2 or fmt == "console"


def test_what_tells_of_every_request_is_quiet() -> None:
    stream = io.StringIO()
    configure_logs("json", to=stream)
    for name in ("httpx", "httpcore.connection", "uvicorn.access"):
        logging.getLogger(name).info("GET https://bank.example/?token=x")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("fmt", ["json", "console"])
def test_access_lines_follow_format_and_level(fmt: LogFormat) -> None:
    for level, count in (("INFO", 1), ("WARNING", 0)):
        stream = io.StringIO()
        configure_logs(fmt, level, to=stream)
        log_access('G"ET', "/a/{id}", 200, duration_ms=1.5, request_id="r", user_id=None)
        assert len(stream.getvalue().splitlines()) == count
        if fmt == "json" and count:
            assert json.loads(stream.getvalue())["method"] == "other"
