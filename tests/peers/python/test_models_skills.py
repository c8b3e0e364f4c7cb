"""beta.models, beta.skills and beta.skills.versions."""

import io
import zipfile

import anthropic

from support import ABSENT, FILES, paged, refused, unique

SKILL = "---\nname: {name}\ndescription: {description}\n---\n\n# {name}\n"


def files(name, description="How to do it.", **others):
    """The files of a skill, in a folder of its name."""
    front = SKILL.format(name=name, description=description)
    all_ = {"SKILL.md": front, **others}
    return [(f"{name}/{path}", text.encode(), "text/plain") for path, text in all_.items()]


def test_there_is_a_model_for_every_plugin(beta):
    models = list(beta.models.list())
    ids = [model.id for model in models]
    assert len(set(ids)) == len(ids) and {"plugin:echo", "plugin:script"} <= set(ids)
    assert {model.type for model in models} == {"model"}
    echo = beta.models.retrieve("plugin:echo")
    assert echo.id == "plugin:echo" and echo.lifecycle == "active" and echo.display_name
    refused(anthropic.NotFoundError, beta.models.retrieve, "plugin:nobody-has-it")


def test_models_come_in_pages(beta):
    everything = [model.id for model in beta.models.list()]
    first = beta.models.list(limit=1)
    assert [m.id for m in first.data] == everything[:1] and first.has_more == (len(everything) > 1)
    second = beta.models.list(limit=1, after_id=everything[0])
    assert [m.id for m in second.data] == everything[1:2]
    before = beta.models.list(before_id=everything[1])
    assert [m.id for m in before.data] == everything[:1]
    assert [m.id for m in beta.models.list(limit=1)] == everything
    assert list(beta.models.list(lifecycle=["retired"])) == []
    assert [m.id for m in beta.models.list(lifecycle=["active"])] == everything


def test_a_skill_has_versions(beta):
    name = unique("skill").replace(" ", "-")
    skill = beta.skills.create(files=files(name, **{"more.md": "More.\n"}), display_name="Mine")
    assert skill.id.startswith("skill_") and skill.type == "skill"
    assert skill.display_name == "Mine" and skill.source.type == "custom"
    assert beta.skills.retrieve(skill.id) == skill
    of, here = beta.skills.versions, {"skill_id": skill.id}
    first = of.retrieve("latest", **here)
    assert (first.id, first.name) == (skill.latest_version_id, name)
    assert first.description == "How to do it." and first.skill_id == skill.id
    second = of.create(skill.id, files=files(name, "Better."))
    assert second.description == "Better." and second.type == "skill_version"
    assert beta.skills.retrieve(skill.id).latest_version_id == second.id
    assert [v.id for v in paged(of.list, skill.id, limit=1)] == [second.id, first.id]
    with zipfile.ZipFile(io.BytesIO(of.download(first.id, **here).read())) as archive:
        assert sorted(archive.namelist()) == [f"{name}/SKILL.md", f"{name}/more.md"]
        assert archive.read(f"{name}/more.md") == b"More.\n"
    deleted = of.delete(first.id, **here)
    assert (deleted.id, deleted.type) == (first.id, "skill_version_deleted")
    refused(anthropic.NotFoundError, of.retrieve, first.id, **here)


def test_skills_are_listed_and_deleted(beta):
    made = [beta.skills.create(files=files(unique("skill").replace(" ", "-"))) for _ in range(3)]
    ids = {skill.id for skill in paged(beta.skills.list)}
    assert {skill.id for skill in made} <= ids
    assert {skill.id for skill in made} <= {s.id for s in beta.skills.list(source="custom")}
    only, here = made[0].latest_version_id, {"skill_id": made[0].id}
    refused(anthropic.BadRequestError, beta.skills.versions.delete, only, **here)
    deleted = beta.skills.delete(made[0].id)
    assert (deleted.id, deleted.type) == (made[0].id, "skill_deleted")
    refused(anthropic.NotFoundError, beta.skills.retrieve, made[0].id)
    refused(anthropic.NotFoundError, beta.skills.versions.retrieve, only, **here)


def test_an_agent_has_a_skill_in_the_version_there_is(beta):
    skill = beta.skills.create(files=files(unique("skill").replace(" ", "-")))
    agent = beta.agents.create(
        name="Skilled",
        model="plugin:echo",
        tools=[FILES],
        skills=[{"type": "custom", "skill_id": skill.id}],
    )
    (mine,) = agent.skills
    assert (mine.type, mine.skill_id) == ("custom", skill.id)
    assert mine.version in (skill.latest_version_id, "latest")


def test_what_is_wrong_is_refused(beta):
    nobody = f"skill_{ABSENT}"
    for call in [beta.skills.retrieve, beta.skills.delete]:
        refused(anthropic.NotFoundError, call, nobody)
    of = beta.skills.versions
    refused(anthropic.NotFoundError, lambda: of.list(nobody))
    refused(anthropic.NotFoundError, of.create, nobody, files=files("a-skill"))
    for call in [of.retrieve, of.delete, of.download]:
        refused(anthropic.NotFoundError, call, "latest", skill_id=nobody)
    for wrong in [
        [("a/OTHER.md", b"x", "text/plain")],
        [("a/SKILL.md", b"no front matter", "text/plain")],
        [*files("two"), ("other/x.md", b"x", "text/plain")],
        [*files("up"), ("up/../../x.md", b"x", "text/plain")],
    ]:
        refused(anthropic.BadRequestError, beta.skills.create, files=wrong)
