"""GitHub Apps: how a token is asked for, when it is renewed, and what is told if there is none."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from boost_pipeline.errors import SettingsError
from boost_pipeline.sources.github import AppCredentials, TokenRejected
from boost_pipeline_tests.sources.github.conftest import START
from boost_pipeline_tests.sources.github.scripted_host import Reply


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def app(key: rsa.RSAPrivateKey) -> AppCredentials:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return AppCredentials("12345", "678", pem.decode())


def issued(number: int, clock, minutes: int = 60) -> Reply:
    expires = clock.now() + timedelta(minutes=minutes)
    return Reply(201, {"token": f"ghs_issued{number}", "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ")})


def test_an_app_asks_for_a_token_with_a_signed_statement_and_then_uses_it(world, host, clock, app, key):
    host.plan = [issued(1, clock)]
    github = world.client(app)

    github.get("/x")
    github.get("/y")

    assert host.paths == ["/app/installations/678/access_tokens", "/x", "/y"]
    assert host.tokens[1:] == ["ghs_issued1"] * 2
    claims = jwt.decode(host.tokens[0], key.public_key(), algorithms=["RS256"], options={"verify_exp": False})
    now = int(START.timestamp())
    assert claims == {"iss": "12345", "iat": now - 60, "exp": now + 540}


def test_the_token_is_renewed_before_it_expires(world, host, clock, app):
    host.plan = [issued(1, clock)]
    github = world.client(app)
    github.get("/x")
    clock.elapsed = 54 * 60
    github.get("/still-good")

    clock.elapsed = 56 * 60
    host.plan = [issued(2, clock)]
    github.get("/y")

    assert [t for t in host.tokens if t.startswith("ghs")] == ["ghs_issued1", "ghs_issued1", "ghs_issued2"]


def test_a_token_that_is_not_accepted_is_renewed_once(world, host, clock, app):
    host.otherwise = lambda asked: (
        issued(len(host.asked), clock)
        if asked.method == "POST"
        else Reply(401 if asked.token == "ghs_issued1" else 200)
    )
    github = world.client(app)

    github.get("/x")

    assert host.tokens[1::2] == ["ghs_issued1", "ghs_issued3"]


def test_an_app_whose_new_token_is_not_accepted_either_is_rejected(world, host, clock, app):
    host.otherwise = lambda asked: issued(1, clock) if asked.method == "POST" else Reply(401)
    github = world.client(app)

    with pytest.raises(TokenRejected, match=r"none of the tokens \(GitHub App 12345\)"):
        github.get("/x")

    assert host.paths.count("/x") == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_app_that_github_does_not_know_names_its_settings(world, host, app, status):
    host.plan = [Reply(status, {"message": "Integration not found"})]

    with pytest.raises(TokenRejected, match=rf"no token \({status}, Integration not found\); check GITHUB_APP_ID,"):
        world.client(app).get("/x")


def test_an_app_that_github_does_not_know_leaves_the_work_to_the_tokens(world, host, app, caplog):
    host.otherwise = lambda asked: Reply(404 if asked.method == "POST" else 200)
    github = world.client(app, "ghp_one")

    github.get("/x")
    github.get("/y")

    assert host.paths == ["/app/installations/678/access_tokens", "/x", "/y"]
    assert "The other tokens are used" in caplog.text


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(201, {}),
        Reply(201, {"token": "a b\n", "expires_at": "x"}),
        Reply(201, {"token": 1}),
        Reply(201, []),
    ],
)
def test_a_token_that_does_not_come_is_asked_for_again(world, host, clock, app, reply):
    host.plan = [reply, issued(1, clock)]

    world.client(app).get("/x")

    assert host.tokens[-1] == "ghs_issued1"


@pytest.mark.parametrize("pem", ["no key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"])
def test_a_private_key_that_is_none_names_the_setting_and_not_itself(world, host, pem):
    github = world.client(AppCredentials("1", "2", pem))

    with pytest.raises(SettingsError, match=r"^GITHUB_APP_PRIVATE_KEY is no RSA private key") as raised:
        github.get("/x")

    assert pem not in str(raised.value)
    assert raised.value.__context__ is None
    assert host.asked == []


def test_a_private_key_on_one_line_is_understood(world, host, clock, app):
    host.plan = [issued(1, clock)]
    one_line = AppCredentials(app.app_id, app.installation_id, app.private_key.replace("\n", "\\n"))

    world.client(one_line).get("/x")

    assert host.tokens[-1] == "ghs_issued1"


def test_an_installation_id_is_a_number(world, host, app):
    github = world.client(AppCredentials("1", "../../x", app.private_key))

    with pytest.raises(SettingsError, match="GITHUB_APP_INSTALLATION_ID"):
        github.get("/x")

    assert host.asked == []
