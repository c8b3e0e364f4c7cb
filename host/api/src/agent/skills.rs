//! The skills that an agent may use.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Known;
use crate::check;
use crate::error::{ApiError, Result};

/// Skills of an agent at most.
const SKILLS_MAX: usize = 500;
const ID_MAX: usize = 128;
/// What stands for the newest version.
const LATEST: &str = "latest";

/// Whose skill it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkillKind {
    /// One that Anthropic has; a server has none of these by itself.
    Anthropic,
    /// One that was uploaded.
    Custom,
}

/// A skill in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillReference {
    /// Whose it is.
    #[serde(rename = "type")]
    pub kind: SkillKind,
    /// Its id.
    pub skill_id: String,
    /// The id of the version.
    pub version: String,
}

/// A skill as a request has it. A version that is left out is the newest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkillParam {
    #[serde(rename = "type")]
    kind: SkillKind,
    skill_id: String,
    #[serde(default)]
    version: Option<String>,
}

/// A skill that has to be looked up before an agent with it can be made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkillWanted {
    /// Its id.
    pub skill_id: String,
    /// A version, or `latest`.
    pub version: String,
}

impl SkillParam {
    /// What has to be looked up.
    #[must_use]
    pub fn wanted(&self) -> SkillWanted {
        let version = self.version.as_deref().filter(|version| !version.is_empty());
        let version = version.unwrap_or(LATEST).to_owned();
        SkillWanted { skill_id: self.skill_id.clone(), version }
    }
}

/// Checks the skills and gives them with the versions that were looked up.
pub(super) fn skills(params: Vec<SkillParam>, known: &Known) -> Result<Vec<SkillReference>> {
    if params.len() > SKILLS_MAX {
        let has = params.len();
        return Err(ApiError::invalid(format!("skills: {has} skills, at most {SKILLS_MAX}")));
    }
    let mut seen = BTreeSet::new();
    let mut skills = Vec::new();
    for (at, param) in params.into_iter().enumerate() {
        check::text(&format!("skills[{at}].skill_id"), &param.skill_id, 1..=ID_MAX)?;
        if !seen.insert(param.skill_id.clone()) {
            let why = format!("skills[{at}]: the same skill is there twice");
            return Err(ApiError::invalid(why));
        }
        let wanted = param.wanted();
        let found = known.skills.get(&wanted).filter(|_| param.kind == SkillKind::Custom);
        let Some(version) = found else {
            let shown: String = wanted.skill_id.chars().filter(|c| !c.is_control()).collect();
            let more = match param.kind {
                SkillKind::Anthropic => "this server has none of Anthropic's: upload one",
                SkillKind::Custom => "see the list of skills and their versions",
            };
            let why = format!("skills[{at}]: there is no skill `{shown}` in that version; {more}");
            return Err(ApiError::invalid(why));
        };
        let (kind, skill_id, version) = (param.kind, param.skill_id, version.clone());
        skills.push(SkillReference { kind, skill_id, version });
    }
    Ok(skills)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(list: Value) -> Result<Vec<SkillReference>> {
        let mut known = Known::default();
        for n in 0..501 {
            let skill_id = format!("skill_{n}");
            let wanted = SkillWanted { skill_id, version: LATEST.into() };
            known.skills.insert(wanted, "skillver_9".into());
        }
        let wanted = SkillWanted { skill_id: "skill_1".into(), version: "skillver_7".into() };
        known.skills.insert(wanted, "skillver_7".into());
        skills(crate::read::value(list)?, &known)
    }

    #[test]
    fn a_skill_comes_back_with_the_version_it_has_now() {
        for version in [json!(null), json!(""), json!("latest")] {
            let skill = json!({"type": "custom", "skill_id": "skill_1", "version": version});
            assert_eq!(read(json!([skill])).unwrap()[0].version, "skillver_9");
        }
        let pinned = json!([{"type": "custom", "skill_id": "skill_1", "version": "skillver_7"}]);
        assert_eq!(serde_json::to_value(read(pinned.clone()).unwrap()).unwrap(), pinned);
    }

    #[test]
    fn a_skill_that_is_not_there_is_refused() {
        for wrong in [
            json!([{"type": "custom", "skill_id": "skill_x"}]),
            json!([{"type": "anthropic", "skill_id": "xlsx"}]),
            json!([{"type": "anthropic", "skill_id": "skill_1"}]),
            json!([{"type": "custom", "skill_id": "skill_1", "version": "skillver_8"}]),
            json!([{"type": "other", "skill_id": "skill_1"}]),
            json!([{"type": "custom", "skill_id": ""}]),
            json!([{"type": "custom", "skill_id": "skill_1"},
                {"type": "custom", "skill_id": "skill_1", "version": "skillver_7"}]),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_agent_has_at_most_five_hundred_skills() {
        let of = |count: usize| {
            let one = |n: usize| json!({"type": "custom", "skill_id": format!("skill_{n}")});
            read((0..count).map(one).collect())
        };
        assert!(of(500).is_ok());
        assert!(of(501).is_err());
    }
}
