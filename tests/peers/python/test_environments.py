"""beta.environments."""

import anthropic
from anthropic.types.beta import (
    BetaEnvironmentArchivedError,
    BetaEnvironmentNotFoundError,
    BetaInvalidConfigTypeChangeError,
    BetaInvalidMetadataError,
)

from support import ABSENT, error_type, paged, refused, unique


def test_a_cloud_environment_comes_back_with_everything_filled_in(beta):
    name = unique("cloud")
    made = beta.environments.create(name=name)
    assert made.id.startswith("env_") and made.type == "environment" and made.name == name
    assert made.config.type == "cloud" and made.config.networking.type == "unrestricted"
    packages = made.config.packages
    kinds = [packages.apt, packages.cargo, packages.gem, packages.go, packages.npm, packages.pip]
    assert kinds == [[]] * 6
    assert made.description is None and made.metadata == {} and made.archived_at is None
    assert beta.environments.retrieve(made.id) == made


def test_an_environment_has_what_it_was_asked_for(beta):
    limited = {"type": "limited", "allowed_hosts": ["api.example", "*.cdn.example"]}
    made = beta.environments.create(
        name=unique("limited"),
        description="Little of the network.",
        config={"type": "cloud", "networking": limited},
        metadata={"a": "1"},
        scope="organization",
    )
    networking = made.config.networking
    assert networking.allowed_hosts == limited["allowed_hosts"]
    assert (networking.allow_mcp_servers, networking.allow_package_managers) == (False, False)
    assert made.description == "Little of the network." and made.scope == "organization"
    hosted = beta.environments.create(name=unique("own"), config={"type": "self_hosted"})
    assert hosted.config.type == "self_hosted"


def test_an_update_changes_what_it_names(beta):
    made = beta.environments.create(name=unique("first"), metadata={"a": "1", "b": "2"})
    name = unique("second")
    changed = beta.environments.update(
        made.id, name=name, description="New.", metadata={"a": None, "c": "3"}
    )
    assert (changed.name, changed.description) == (name, "New.")
    assert changed.metadata == {"b": "2", "c": "3"} and changed.config == made.config
    assert beta.environments.update(made.id, description=None).description is None


def test_the_kind_of_an_environment_stays(beta):
    made = beta.environments.create(name=unique("kind"))
    error = refused(
        BetaInvalidConfigTypeChangeError,
        beta.environments.update,
        made.id,
        config={"type": "self_hosted"},
    )
    assert error.status_code == 400


def test_a_name_is_taken_once(beta):
    made = beta.environments.create(name=unique("once"))
    error = refused(anthropic.ConflictError, beta.environments.create, name=made.name)
    assert error_type(error) == "conflict_error"
    beta.environments.archive(made.id)
    assert beta.environments.create(name=made.name).id != made.id


def test_archived_environments_are_read_only_and_start_nothing(beta, lab):
    made = lab.environment()
    agent = lab.agent()
    archived = beta.environments.archive(made.id)
    assert archived.archived_at is not None
    assert made.id not in [e.id for e in beta.environments.list()]
    assert made.id in [e.id for e in beta.environments.list(include_archived=True)]
    gone = BetaEnvironmentArchivedError
    refused(gone, beta.environments.update, made.id, name=unique("no"))
    refused(gone, beta.sessions.create, agent=agent.id, environment_id=made.id)


def test_an_environment_is_deleted_when_no_session_has_it(beta, lab):
    made = lab.environment()
    session = lab.session(environment=made)
    error = refused(anthropic.ConflictError, beta.environments.delete, made.id)
    assert error.response.headers["x-should-retry"] == "false"
    beta.sessions.delete(session.id)
    deleted = beta.environments.delete(made.id)
    assert (deleted.id, deleted.type) == (made.id, "environment_deleted")
    refused(BetaEnvironmentNotFoundError, beta.environments.retrieve, made.id)


def test_lists_come_in_pages(beta):
    made = [beta.environments.create(name=unique("listed")).id for _ in range(3)]
    assert set(made) <= {e.id for e in paged(beta.environments.list)}


def test_what_is_wrong_is_refused(beta):
    nobody = f"env_{ABSENT}"
    refused(BetaEnvironmentNotFoundError, beta.environments.retrieve, nobody)
    refused(BetaEnvironmentNotFoundError, beta.environments.update, nobody, name="x")
    refused(BetaEnvironmentNotFoundError, beta.environments.archive, nobody)
    refused(BetaEnvironmentNotFoundError, beta.environments.delete, nobody)
    name = unique("wrong")
    for wrong in [
        {"name": ""},
        {"description": "x" * 1_025},
        {"config": {"type": "cloud", "networking": {"type": "limited", "allowed_hosts": ["a/b"]}}},
        {"config": {"type": "self_hosted", "packages": {}}},
        {"scope": "account"},
        {"extra_body": {"nonsense": 1}},
    ]:
        refused(anthropic.BadRequestError, beta.environments.create, **{"name": name, **wrong})
    refused(
        BetaInvalidMetadataError,
        beta.environments.create,
        name=name,
        metadata={"k" * 65: "too long"},
    )
