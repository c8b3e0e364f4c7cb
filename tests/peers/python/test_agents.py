"""beta.agents and beta.agents.versions."""

import datetime

import anthropic
import pytest

from support import ABSENT, FILES, custom, error_type, newest_first, paged, refused, unique


def test_an_agent_has_every_field_as_it_was_asked_for_or_its_default(beta):
    agent = beta.agents.create(name="Plain", model="plugin:echo")
    assert agent.id.startswith("agent_") and agent.type == "agent"
    assert (agent.name, agent.version, agent.model.id) == ("Plain", 1, "plugin:echo")
    assert agent.model.speed == "standard" and agent.model.effort.type
    assert agent.description is None and agent.system is None and agent.multiagent is None
    assert agent.tools == agent.skills == agent.mcp_servers == [] and agent.metadata == {}
    assert agent.execution_identity.type == "service_account"
    assert agent.created_at == agent.updated_at and agent.archived_at is None
    assert agent.created_at.tzinfo == datetime.timezone.utc
    assert beta.agents.retrieve(agent.id) == agent


def test_tools_come_back_with_everything_filled_in(beta):
    agent = beta.agents.create(
        name="Tooled",
        description="It has tools.",
        model={"id": "plugin:echo", "effort": "low", "speed": "standard"},
        system="You use tools.",
        mcp_servers=[{"type": "url", "name": "docs", "url": "https://docs.example/mcp"}],
        tools=[
            {**FILES, "configs": [{"name": "bash", "enabled": False}]},
            {"type": "mcp_toolset", "mcp_server_name": "docs"},
            custom("weather", city={"type": "string"}),
        ],
        metadata={"team": "a"},
    )
    builtin, mcp, own = agent.tools
    assert builtin.default_config.enabled is True
    assert builtin.default_config.permission_policy.type == "always_allow"
    (bash,) = builtin.configs
    assert (bash.name, bash.type, bash.enabled) == ("bash", "bash", False)
    assert bash.permission_policy.type == "always_allow"
    assert mcp.mcp_server_name == "docs" and mcp.configs == []
    assert mcp.default_config.permission_policy.type == "always_ask"
    assert own.name == "weather" and own.input_schema.required == ["city"]
    assert own.input_schema.properties == {"city": {"type": "string"}}
    assert agent.model.effort.type == "low" and agent.metadata == {"team": "a"}
    assert agent.mcp_servers[0].url == "https://docs.example/mcp"
    assert agent.description == "It has tools." and agent.system == "You use tools."


def test_a_coordinator_pins_the_versions_of_its_agents(beta):
    member = beta.agents.create(name="Member", model="plugin:echo")
    lead = beta.agents.create(
        name="Lead",
        model="plugin:echo",
        multiagent={"type": "coordinator", "agents": [member.id, {"type": "self"}]},
    )
    pinned, itself = lead.multiagent.agents
    assert (pinned.type, pinned.id, pinned.version) == ("agent", member.id, 1)
    assert (itself.id, itself.version) == (lead.id, 1)
    refused(
        anthropic.BadRequestError,
        beta.agents.create,
        name="Too deep",
        model="plugin:echo",
        multiagent={"type": "coordinator", "agents": [lead.id]},
    )


def test_every_change_is_a_version_and_no_change_is_none(beta):
    first = beta.agents.create(name="Changing", model="plugin:echo", system="One.")
    second = beta.agents.update(first.id, system="Two.", metadata={"a": "1", "b": "2"})
    assert (second.version, second.system, second.name) == (2, "Two.", "Changing")
    assert second.created_at == first.created_at and second.updated_at >= first.updated_at
    assert beta.agents.update(first.id, system="Two.") == second
    third = beta.agents.update(first.id, description=None, system=None, metadata={"a": None})
    assert (third.version, third.system, third.metadata) == (3, None, {"b": "2"})
    assert beta.agents.retrieve(first.id) == third
    assert beta.agents.retrieve(first.id, version=1).system == "One."
    assert beta.agents.retrieve(first.id, version=2).metadata == {"a": "1", "b": "2"}
    versions = paged(beta.agents.versions.list, first.id)
    assert [agent.version for agent in versions] == [3, 2, 1]
    assert {agent.id for agent in versions} == {first.id}


def test_an_update_may_ask_for_the_version_it_changes(beta):
    agent = beta.agents.create(name="Guarded", model="plugin:echo")
    assert beta.agents.update(agent.id, version=1, name="Changed").version == 2
    error = refused(anthropic.ConflictError, beta.agents.update, agent.id, version=1, name="Again")
    assert error_type(error) == "conflict_error"
    assert error.response.headers["x-should-retry"] == "false"
    refused(anthropic.ConflictError, beta.agents.update, agent.id, version=1, name="Changed")


def test_an_archived_agent_is_listed_only_where_that_is_asked(beta):
    agent = beta.agents.create(name="Old", model="plugin:echo")
    archived = beta.agents.archive(agent.id)
    assert archived.archived_at is not None and archived.id == agent.id
    assert agent.id not in [a.id for a in beta.agents.list()]
    assert agent.id in [a.id for a in beta.agents.list(include_archived=True)]
    with pytest.raises((anthropic.BadRequestError, anthropic.ConflictError)):
        beta.agents.update(agent.id, name="New")


def test_lists_are_newest_first_and_come_in_pages(beta):
    made = [beta.agents.create(name=unique("listed"), model="plugin:echo") for _ in range(5)]
    since = made[0].created_at
    listed = paged(beta.agents.list, created_at_gte=since)
    assert len(listed) == 5
    newest_first(listed, made)
    until = beta.agents.list(created_at_lte=since, limit=100)
    assert made[0].id in [a.id for a in until.data] and made[4].id not in [a.id for a in until.data]


def test_what_is_wrong_is_refused(beta):
    refused(anthropic.NotFoundError, beta.agents.retrieve, f"agent_{ABSENT}")
    refused(anthropic.NotFoundError, beta.agents.update, f"agent_{ABSENT}", name="x")
    refused(anthropic.NotFoundError, beta.agents.archive, f"agent_{ABSENT}")
    refused(anthropic.NotFoundError, lambda: beta.agents.versions.list(f"agent_{ABSENT}"))
    agent = beta.agents.create(name="Right", model="plugin:echo")
    refused(anthropic.NotFoundError, beta.agents.retrieve, agent.id, version=9)
    for wrong in [
        {"name": ""},
        {"name": "x" * 257},
        {"description": "x" * 2_049},
        {"metadata": {str(n): "" for n in range(17)}},
        {"tools": [custom("no spaces")]},
        {"tools": [{"type": "mcp_toolset", "mcp_server_name": "nowhere"}]},
        {"mcp_servers": [{"type": "url", "name": "unused", "url": "https://a.example"}]},
        {"extra_body": {"nonsense": 1}},
    ]:
        error = refused(
            anthropic.BadRequestError,
            beta.agents.create,
            **{"name": "Wrong", "model": "plugin:echo", **wrong},
        )
        assert error_type(error) == "invalid_request_error"
    refused(anthropic.BadRequestError, lambda: beta.agents.list(page="page"))
    refused(anthropic.BadRequestError, lambda: beta.agents.list(limit=101))
