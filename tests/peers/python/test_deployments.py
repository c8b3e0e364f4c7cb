"""beta.deployments and beta.deployment_runs."""

import datetime

import anthropic
import pytest

from support import ABSENT, newest_first, paged, refused, said, unique

YEARLY = {"type": "cron", "expression": "0 9 1 1 *", "timezone": "Europe/Berlin"}


@pytest.fixture
def deploy(beta, lab):
    """Makes a deployment."""

    def make(agent=None, **fields):
        agent = agent or lab.agent()
        fields.setdefault("environment_id", lab.environment().id)
        fields.setdefault("name", unique("deployment"))
        fields.setdefault("initial_events", [said("Go.")])
        return beta.deployments.create(agent=agent.id, **fields)

    return make


def test_a_deployment_says_when_it_runs(beta, deploy, lab):
    agent = lab.agent()
    made = deploy(agent, schedule=YEARLY, description="Once a year.", metadata={"a": "1"})
    assert made.id.startswith("depl_") and made.type == "deployment" and made.status == "active"
    assert (made.agent.id, made.agent.version) == (agent.id, 1)
    assert made.initial_events[0].content[0].text == "Go." and made.paused_reason is None
    assert made.resources == made.vault_ids == [] and made.metadata == {"a": "1"}
    assert made.schedule.expression == "0 9 1 1 *" and made.schedule.last_run_at is None
    times = made.schedule.upcoming_runs_at
    assert 1 <= len(times) <= 5 and times == sorted(times)
    assert {(at.month, at.day) for at in times} == {(1, 1)}
    assert {at.astimezone(datetime.timezone.utc).hour for at in times} == {8}
    assert beta.deployments.retrieve(made.id) == made
    assert deploy().schedule is None


def test_an_update_changes_what_it_names(beta, deploy, lab):
    agent = lab.agent()
    made = deploy(agent, schedule=YEARLY, metadata={"a": "1", "b": "2"})
    beta.agents.update(agent.id, description="Changed.")
    name = unique("renamed")
    changed = beta.deployments.update(
        made.id, name=name, schedule=None, metadata={"a": None}, description="New."
    )
    assert (changed.name, changed.description, changed.schedule) == (name, "New.", None)
    assert changed.metadata == {"b": "2"} and changed.agent.version == 1
    assert beta.deployments.update(made.id, agent=agent.id).agent.version == 2
    told = beta.deployments.update(made.id, initial_events=[said("One."), said("Two.")])
    assert len(told.initial_events) == 2
    for wrong in [{"name": ""}, {"initial_events": []}]:
        refused(anthropic.BadRequestError, beta.deployments.update, made.id, **wrong)


def test_a_run_makes_a_session(beta, deploy, lab):
    made = deploy()
    run = beta.deployments.run(made.id)
    assert run.id.startswith("drun_") and run.type == "deployment_run"
    assert (run.deployment_id, run.trigger_context.type) == (made.id, "manual")
    assert run.error is None and run.agent == made.agent
    session = beta.sessions.retrieve(run.session_id)
    assert session.deployment_id == made.id
    events = lab.rest(session)
    assert [e.content[0].text for e in events if e.type == "agent.message"] == ["Go."]
    assert [s.id for s in beta.sessions.list(deployment_id=made.id)] == [session.id]
    assert beta.deployment_runs.retrieve(run.id) == run


def test_runs_are_filtered_and_come_in_pages(beta, deploy):
    made = deploy()
    runs = [beta.deployments.run(made.id) for _ in range(3)]
    of = beta.deployment_runs
    listed = paged(of.list, deployment_id=made.id)
    assert len(listed) == 3
    newest_first(listed, runs)
    here = {"deployment_id": made.id}
    assert len(list(of.list(trigger_type="manual", **here))) == 3
    assert list(of.list(trigger_type="schedule", **here)) == []
    assert len(list(of.list(has_error=False, **here))) == 3
    assert list(of.list(has_error=True, **here)) == []
    first = runs[0].created_at
    assert runs[0].id not in [run.id for run in of.list(created_at_gt=first, **here)]
    assert runs[0].id in [run.id for run in of.list(created_at_gte=first, **here)]
    assert list(of.list(created_at_lt=first, **here)) == []
    assert runs[0].id in [run.id for run in of.list(created_at_lte=first, **here)]
    assert list(of.list(deployment_id=f"depl_{ABSENT}")) == []


def test_a_deployment_is_paused_and_goes_on(beta, deploy):
    made = deploy(schedule=YEARLY)
    paused = beta.deployments.pause(made.id)
    assert (paused.status, paused.paused_reason.type) == ("paused", "manual")
    assert paused.schedule.upcoming_runs_at
    assert beta.deployments.run(made.id).session_id
    assert made.id in [d.id for d in beta.deployments.list(status="paused")]
    assert made.id not in [d.id for d in beta.deployments.list(status="active")]
    active = beta.deployments.unpause(made.id)
    assert (active.status, active.paused_reason) == ("active", None)


def test_an_archived_deployment_runs_no_more(beta, deploy):
    made = deploy(schedule=YEARLY)
    archived = beta.deployments.archive(made.id)
    assert archived.archived_at is not None and archived.status == "active"
    assert not archived.schedule.upcoming_runs_at
    refused((anthropic.BadRequestError, anthropic.ConflictError), beta.deployments.run, made.id)
    assert made.id not in [d.id for d in beta.deployments.list()]
    assert made.id in [d.id for d in beta.deployments.list(include_archived=True)]


def test_what_cannot_run_says_why(beta, deploy, lab):
    environment = lab.environment()
    made = deploy(environment_id=environment.id)
    beta.environments.archive(environment.id)
    run = beta.deployments.run(made.id)
    assert run.session_id is None and run.error.type == "environment_archived_error"
    assert run.error.message
    assert [r.id for r in beta.deployment_runs.list(has_error=True, deployment_id=made.id)] == [
        run.id
    ]


def test_an_archived_agent_takes_its_deployments_along(beta, deploy, lab):
    agent = lab.agent()
    made = deploy(agent)
    beta.agents.archive(agent.id)
    assert beta.deployments.retrieve(made.id).archived_at is not None


def test_deployments_are_filtered_and_come_in_pages(beta, deploy, lab):
    agent = lab.agent()
    made = [deploy(agent) for _ in range(3)]
    listed = paged(beta.deployments.list, agent_id=agent.id)
    assert len(listed) == 3
    newest_first(listed, made)
    first = made[0].created_at
    after = beta.deployments.list(agent_id=agent.id, created_at_gte=first)
    assert len(list(after)) == 3
    before = beta.deployments.list(agent_id=agent.id, created_at_lte=first)
    assert made[2].id not in [d.id for d in before]


def test_what_is_wrong_is_refused(beta, deploy):
    nobody, of = f"depl_{ABSENT}", beta.deployments
    for call in [of.retrieve, of.archive, of.pause, of.unpause, of.run]:
        refused(anthropic.NotFoundError, call, nobody)
    refused(anthropic.NotFoundError, of.update, nobody, name="x")
    refused(anthropic.NotFoundError, beta.deployment_runs.retrieve, f"drun_{ABSENT}")
    for wrong in [
        {"initial_events": []},
        {"initial_events": [said("x")] * 51},
        {"schedule": {**YEARLY, "expression": "@daily"}},
        {"schedule": {**YEARLY, "expression": "* * * * * *"}},
        {"schedule": {**YEARLY, "timezone": "Mars/Olympus"}},
        {"name": ""},
    ]:
        refused(anthropic.BadRequestError, deploy, **wrong)
    refused(
        anthropic.BadRequestError,
        lambda: beta.deployments.list(status="active", include_archived=True),
    )
