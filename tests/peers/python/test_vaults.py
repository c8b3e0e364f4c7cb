"""beta.vaults and beta.vaults.credentials."""

import datetime

import anthropic
import pytest

from support import ABSENT, newest_first, paged, refused, unique

SECRET = "do-not-tell-anyone"


def bearer(url="https://mcp.example/mcp"):
    return {"type": "static_bearer", "mcp_server_url": url, "token": SECRET}


def oauth(url="https://oauth.example/mcp"):
    return {
        "type": "mcp_oauth",
        "mcp_server_url": url,
        "access_token": SECRET,
        "expires_at": "2030-01-01T00:00:00Z",
        "refresh": {
            "refresh_token": SECRET,
            "token_endpoint": "https://oauth.example/token",
            "client_id": "me",
            "token_endpoint_auth": {"type": "client_secret_post", "client_secret": SECRET},
            "scope": "read",
        },
    }


def variable(name="API_TOKEN"):
    return {
        "type": "environment_variable",
        "secret_name": name,
        "secret_value": SECRET,
        "networking": {"type": "limited", "allowed_hosts": ["api.example"]},
    }


@pytest.fixture
def vault(beta):
    return beta.vaults.create(display_name=unique("vault"))


def test_a_vault_lives_and_is_archived_and_deleted(beta):
    vault = beta.vaults.create(display_name="Mine", metadata={"a": "1"})
    assert vault.id.startswith("vlt_") and vault.type == "vault" and vault.display_name == "Mine"
    assert beta.vaults.retrieve(vault.id) == vault
    changed = beta.vaults.update(vault.id, display_name="Ours", metadata={"a": None, "b": "2"})
    assert (changed.display_name, changed.metadata) == ("Ours", {"b": "2"})
    credential = beta.vaults.credentials.create(vault.id, auth=bearer())
    archived = beta.vaults.archive(vault.id)
    assert archived.archived_at is not None
    inside = beta.vaults.credentials.retrieve(credential.id, vault_id=vault.id)
    assert inside.archived_at is not None
    assert vault.id not in [v.id for v in beta.vaults.list()]
    assert vault.id in [v.id for v in beta.vaults.list(include_archived=True)]
    deleted = beta.vaults.delete(vault.id)
    assert (deleted.id, deleted.type) == (vault.id, "vault_deleted")
    refused(anthropic.NotFoundError, beta.vaults.retrieve, vault.id)


def test_vaults_come_in_pages(beta):
    made = [beta.vaults.create(display_name=unique("listed")) for _ in range(3)]
    newest_first(paged(beta.vaults.list), made)


def test_a_credential_never_shows_its_secret(beta, vault):
    of = beta.vaults.credentials
    made = [of.create(vault.id, auth=auth) for auth in [bearer(), oauth(), variable()]]
    first, second, third = made
    assert first.id.startswith("vcrd_") and first.type == "vault_credential"
    assert first.vault_id == vault.id and first.auth.mcp_server_url == "https://mcp.example/mcp"
    assert second.auth.refresh.client_id == "me" and second.auth.refresh.scope == "read"
    assert second.auth.refresh.token_endpoint_auth.type == "client_secret_post"
    assert second.auth.expires_at == datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
    assert third.auth.secret_name == "API_TOKEN"
    assert third.auth.networking.allowed_hosts == ["api.example"]
    assert (third.auth.injection_location.header, third.auth.injection_location.body) == (
        True,
        True,
    )
    everything = [*made, *of.list(vault.id), of.retrieve(first.id, vault_id=vault.id)]
    assert not any(SECRET in credential.to_json() for credential in everything)
    newest_first(paged(of.list, vault.id), made)


def test_a_credential_is_changed_and_replaced(beta, vault):
    of, here = beta.vaults.credentials, {"vault_id": vault.id}
    first = of.create(vault.id, auth=bearer(), display_name="First", metadata={"a": "1"})
    changed = of.update(
        first.id,
        auth={"type": "static_bearer", "token": "another"},
        display_name="Second",
        metadata={"a": None},
        **here,
    )
    assert (changed.display_name, changed.metadata) == ("Second", {})
    refused(
        anthropic.ConflictError, of.create, vault.id, auth=bearer("https://MCP.example:443/mcp/")
    )
    archived = of.archive(first.id, **here)
    assert archived.archived_at is not None
    assert first.id not in [c.id for c in of.list(vault.id)]
    assert first.id in [c.id for c in of.list(vault.id, include_archived=True)]
    again = of.create(vault.id, auth=bearer())
    deleted = of.delete(again.id, **here)
    assert (deleted.id, deleted.type) == (again.id, "vault_credential_deleted")
    refused(anthropic.NotFoundError, of.retrieve, again.id, **here)


def test_where_a_secret_goes_is_one_place_at_least(beta, vault):
    of, here = beta.vaults.credentials, {"vault_id": vault.id}
    auth = {**variable(), "injection_location": {"header": True}}
    made = of.create(vault.id, auth=auth)
    assert (made.auth.injection_location.header, made.auth.injection_location.body) == (True, False)
    nowhere = {"type": "environment_variable", "injection_location": {"header": False}}
    refused(anthropic.BadRequestError, of.update, made.id, auth=nowhere, **here)


def test_a_credential_is_validated(beta, vault):
    of, here = beta.vaults.credentials, {"vault_id": vault.id}
    made = of.create(vault.id, auth=oauth("https://127.0.0.1:1/mcp"))
    found = of.mcp_oauth_validate(made.id, **here)
    assert found.type == "vault_credential_validation"
    assert (found.credential_id, found.vault_id) == (made.id, vault.id)
    assert found.has_refresh_token is True and found.status in ("valid", "invalid", "unknown")
    assert SECRET not in found.to_json()


def test_what_is_wrong_is_refused(beta, vault):
    nobody, nothing, of = f"vlt_{ABSENT}", f"vcrd_{ABSENT}", beta.vaults.credentials
    missing, here = anthropic.NotFoundError, {"vault_id": vault.id}
    for call in [beta.vaults.retrieve, beta.vaults.archive, beta.vaults.delete]:
        refused(missing, call, nobody)
    refused(missing, beta.vaults.update, nobody, display_name="x")
    refused(missing, of.create, nobody, auth=bearer())
    refused(missing, lambda: of.list(nobody))
    for call in [of.retrieve, of.archive, of.delete, of.mcp_oauth_validate]:
        refused(missing, call, nothing, **here)
    refused(missing, of.update, nothing, display_name="x", **here)
    refused(anthropic.BadRequestError, beta.vaults.create, display_name="")
    for wrong in [
        {"type": "static_bearer", "mcp_server_url": "ftp://x", "token": "x"},
        {
            "type": "environment_variable",
            "secret_name": "A B",
            "secret_value": "x",
            "networking": {"type": "unrestricted"},
        },
        {"type": "no_such_type"},
    ]:
        refused(anthropic.BadRequestError, of.create, vault.id, auth=wrong)
    first = of.create(vault.id, auth=bearer())
    other = {"type": "environment_variable", "secret_value": "x"}
    refused(anthropic.BadRequestError, of.update, first.id, auth=other, **here)
    for number in range(19):
        of.create(vault.id, auth=bearer(f"https://mcp{number}.example/"))
    refused(
        (anthropic.BadRequestError, anthropic.ConflictError),
        of.create,
        vault.id,
        auth=bearer("https://one-too-many.example/"),
    )
