from domain.shared.secret import Secret


def test_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    secret = Secret("open sesame")

    assert "sesame" not in f"{secret} {secret!r} {secret!s} {[secret]}"
    assert secret.reveal() == "open sesame"


def test_equal_secrets_are_equal() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
