//! Skills: folders with a `SKILL.md`, uploaded in versions.

mod front_matter;
mod upload;

use lucid_core::{SkillId, SkillVersionId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::{one_of, text};
use crate::error::{ApiError, Result};

pub use upload::{SKILL_BYTES_MAX, SKILL_FILES_MAX, SkillFile, Upload};

const DISPLAY_NAME_MAX: usize = 255;
const SOURCES: [&str; 4] = ["custom", "anthropic", "anthropic_example", "plugin"];

/// A skill as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Its id.
    pub id: SkillId,
    /// What people call it.
    pub display_name: String,
    /// What its folder is called, in every version.
    pub name: String,
    /// Its newest version; there always is one.
    pub latest_version_id: SkillVersionId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its versions last changed.
    pub updated_at: Timestamp,
}

/// A version of a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "skill_version")]
pub struct SkillVersion {
    /// Its id.
    pub id: SkillVersionId,
    /// The skill.
    pub skill_id: SkillId,
    /// What its folder is called.
    pub name: String,
    /// What it is for, from its `SKILL.md`.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Skill {
    /// Makes a skill and its first version.
    ///
    /// # Errors
    /// Invalid, when the name for people is too long or has more than one line.
    pub fn create(
        display_name: Option<String>,
        upload: &Upload,
        id: SkillId,
        version: SkillVersionId,
        now: Timestamp,
    ) -> Result<(Self, SkillVersion)> {
        let given = display_name.filter(|name| !name.is_empty());
        let display_name = given.unwrap_or_else(|| upload.name.clone());
        text("display_name", &display_name, 1..=DISPLAY_NAME_MAX)?;
        if display_name.chars().any(char::is_control) {
            return Err(ApiError::invalid("display_name: one line of text may be here"));
        }
        let skill = Self {
            id,
            display_name,
            name: upload.name.clone(),
            latest_version_id: version.clone(),
            created_at: now,
            updated_at: now,
        };
        let version = skill.version_of(upload, version, now);
        Ok((skill, version))
    }

    /// The skill with one more version, and that version.
    ///
    /// # Errors
    /// Invalid, when the upload is of a skill with another name.
    pub fn with_version(
        &self,
        upload: &Upload,
        version: SkillVersionId,
        now: Timestamp,
    ) -> Result<(Self, SkillVersion)> {
        if upload.name != self.name {
            let (has, other) = (&self.name, &upload.name);
            return Err(ApiError::invalid(format!(
                "files: this skill is named `{has}`, and the upload `{other}`; a name stays, so \
                 make another skill"
            )));
        }
        let mut skill = self.clone();
        skill.latest_version_id = version.clone();
        skill.updated_at = now;
        Ok((skill, self.version_of(upload, version, now)))
    }

    /// The skill without a version; `rest` are those that are left, newest first.
    ///
    /// # Errors
    /// Invalid, when none is left.
    pub fn without_version(&self, rest: &[SkillVersionId], now: Timestamp) -> Result<Self> {
        let Some(latest) = rest.first() else {
            return Err(ApiError::invalid(format!(
                "`{}` has no other version, and a skill has at least one: delete the skill",
                self.id
            )));
        };
        let mut skill = self.clone();
        skill.latest_version_id = latest.clone();
        skill.updated_at = now;
        Ok(skill)
    }

    fn version_of(&self, upload: &Upload, id: SkillVersionId, now: Timestamp) -> SkillVersion {
        SkillVersion {
            id,
            skill_id: self.id.clone(),
            name: upload.name.clone(),
            description: upload.description.clone(),
            created_at: now,
        }
    }

    /// The skill as the API writes it.
    #[must_use]
    pub fn to_object(&self) -> Value {
        json!({
            "id": self.id,
            "type": "skill",
            "display_name": self.display_name,
            "latest_version_id": self.latest_version_id,
            "source": {"type": "custom"},
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

/// Whether a list of skills from this source has any: all that are here were uploaded.
///
/// # Errors
/// Invalid, when there is no such source.
pub fn is_from_here(source: Option<&str>) -> Result<bool> {
    let Some(source) = source else { return Ok(true) };
    one_of("source", source, &SOURCES)?;
    Ok(source == "custom")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(name: &str) -> Upload {
        let text = format!("---\nname: {name}\ndescription: Does it.\n---\nHow.");
        let file = SkillFile { path: format!("{name}/SKILL.md"), bytes: text.into_bytes() };
        Upload::read(vec![file]).unwrap()
    }

    fn version(n: u32) -> SkillVersionId {
        SkillVersionId::parse(&format!("skillver_{n}")).unwrap()
    }

    fn skill(display_name: Option<&str>) -> Result<(Skill, SkillVersion)> {
        let id = SkillId::parse("skill_1").unwrap();
        let name = display_name.map(str::to_owned);
        Skill::create(name, &upload("pdf"), id, version(1), Timestamp(1))
    }

    #[test]
    fn a_skill_and_its_version_are_written_as_the_api_writes_them() {
        let (skill, version) = skill(None).unwrap();
        let time = "1970-01-01T00:00:00.001Z";
        let expected = json!({"id": "skill_1", "type": "skill", "display_name": "pdf",
            "latest_version_id": "skillver_1", "source": {"type": "custom"},
            "created_at": time, "updated_at": time});
        assert_eq!(skill.to_object(), expected);
        let expected = json!({"type": "skill_version", "id": "skillver_1", "skill_id": "skill_1",
            "name": "pdf", "description": "Does it.", "created_at": time});
        assert_eq!(serde_json::to_value(version).unwrap(), expected);
    }

    #[test]
    fn a_name_for_people_is_one_line_of_at_most_255_characters() {
        assert_eq!(skill(Some("My PDF")).unwrap().0.display_name, "My PDF");
        assert_eq!(skill(Some("")).unwrap().0.display_name, "pdf");
        assert!(skill(Some(&"ä".repeat(255))).is_ok());
        assert!(skill(Some(&"ä".repeat(256))).is_err());
        assert!(skill(Some("a\nb")).is_err());
    }

    #[test]
    fn a_skill_keeps_its_name_and_at_least_one_version() {
        let (skill, _) = skill(None).unwrap();
        let (second, _) = skill.with_version(&upload("pdf"), version(2), Timestamp(2)).unwrap();
        assert_eq!((&second.latest_version_id, second.updated_at), (&version(2), Timestamp(2)));
        assert!(skill.with_version(&upload("docx"), version(2), Timestamp(2)).is_err());
        let first = second.without_version(&[version(1)], Timestamp(3)).unwrap();
        assert_eq!(first.latest_version_id, version(1));
        assert!(first.without_version(&[], Timestamp(4)).is_err());
    }

    #[test]
    fn a_list_is_asked_for_by_a_source_there_is() {
        assert_eq!((is_from_here(None), is_from_here(Some("custom"))), (Ok(true), Ok(true)));
        assert_eq!(is_from_here(Some("anthropic")), Ok(false));
        assert!(is_from_here(Some("elsewhere")).is_err());
    }
}
