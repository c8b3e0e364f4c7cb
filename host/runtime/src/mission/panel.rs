//! `grader` of an outcome: one plugin, or one that asks others.

use std::ops::Range;

use lucid_core::{Failure, Result};
use lucid_policy::manifest::Kind;
use toml::{Spanned, Table, Value};

use super::bind::Binder;
use crate::grading::{Graders, Member};

/// How much a member may count at most.
const WEIGHT_MAX: f64 = 1_000.0;

/// Members of a panel, at most.
const MEMBERS_MAX: usize = 20;

/// How a panel decides where the mission does not say.
const RULE: &str = "all";

/// Who sits on a panel, as a mission has it.
struct Seats {
    name: String,
    rule: String,
    members: Vec<(String, f64)>,
}

/// Loads who judges.
pub(super) async fn load(binder: &mut Binder<'_>, section: &Spanned<Value>) -> Result<Graders> {
    let place = section.span();
    let seats = match section.get_ref() {
        Value::String(name) => {
            let grader = binder.plugin(name, &place, Kind::Grader).await?;
            return Ok(Graders { grader, members: Vec::new(), rule: String::new() });
        }
        Value::Table(table) => Seats::read(table),
        _ => Err(Failure::invalid("`grader` is neither a name nor a panel").hint(HOW)),
    };
    let seats = seats.map_err(|failure| binder.source.at(&place, failure))?;
    load_panel(binder, seats, &place).await
}

const HOW: &str = "write `grader = \"NAME\"`, or `grader = { name = \"NAME\", rule = \"all\", \
    members = [\"NAME\", \"NAME\"] }`";

async fn load_panel(
    binder: &mut Binder<'_>,
    seats: Seats,
    place: &Range<usize>,
) -> Result<Graders> {
    // Before it is loaded: what a plugin is granted is settled then.
    binder.panels.insert(seats.name.clone());
    let grader = binder.plugin(&seats.name, place, Kind::Grader).await?;
    if !grader.plugin.capabilities().graders {
        let failure = Failure::invalid(format!("`{}` asks no other graders", seats.name))
            .hint("name it without members, or take a grader whose manifest has `graders = true`");
        return Err(binder.source.at(place, failure));
    }
    let mut members = Vec::new();
    for (name, weight) in seats.members {
        let grader = binder.plugin(&name, place, Kind::Grader).await?;
        members.push(Member { grader, weight });
    }
    Ok(Graders { grader, members, rule: seats.rule })
}

impl Seats {
    fn read(table: &Table) -> Result<Self> {
        let known = ["name", "rule", "members"];
        if let Some(other) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(Failure::invalid(format!("a panel has no `{other}`")).hint(HOW));
        }
        let text = |key: &str| table.get(key).map(|value| value.as_str().map(str::to_owned));
        let wrong =
            |key: &str| Failure::invalid(format!("`{key}` of the panel is no text")).hint(HOW);
        let name = text("name").flatten().ok_or_else(|| wrong("name"))?;
        let rule = match text("rule") {
            None => RULE.to_owned(),
            Some(rule) => rule.ok_or_else(|| wrong("rule"))?,
        };
        let written = table.get("members").and_then(Value::as_array);
        let written = written.filter(|all| (1..=MEMBERS_MAX).contains(&all.len()));
        let written = written.ok_or_else(|| {
            Failure::invalid("the panel has no members, or too many")
                .hint(format!("name 1 to {MEMBERS_MAX} graders in `members`"))
        })?;
        let mut members: Vec<(String, f64)> = Vec::new();
        for value in written {
            let (member, weight) = member(value)?;
            if member == name {
                return Err(Failure::invalid("a panel cannot be its own member")
                    .hint("name the graders that it is to ask"));
            }
            if members.iter().any(|(other, _)| *other == member) {
                return Err(Failure::invalid(format!("`{member}` is a member twice"))
                    .hint("name it once, and give it a weight"));
            }
            members.push((member, weight));
        }
        Ok(Self { name, rule, members })
    }
}

/// `"NAME"`, or `{ name = "NAME", weight = 2 }`.
fn member(value: &Value) -> Result<(String, f64)> {
    if let Value::String(name) = value {
        return Ok((name.clone(), 1.0));
    }
    let wrong = || {
        Failure::invalid("a member of the panel is neither a name nor a name with its weight")
            .hint("write `\"NAME\"` or `{ name = \"NAME\", weight = 2 }`")
    };
    let table = value.as_table().ok_or_else(wrong)?;
    let name = table.get("name").and_then(Value::as_str).ok_or_else(wrong)?;
    if table.keys().any(|key| !["name", "weight"].contains(&key.as_str())) {
        return Err(wrong());
    }
    let weight = match table.get("weight") {
        None => 1.0,
        // A whole number of a weight is exact.
        Some(weight) => {
            weight.as_float().or_else(|| weight.as_integer().map(|n| n as f64)).ok_or_else(wrong)?
        }
    };
    if weight.is_finite() && weight > 0.0 && weight <= WEIGHT_MAX {
        return Ok((name.to_owned(), weight));
    }
    Err(Failure::invalid(format!("a weight of {weight} for `{name}`"))
        .hint("write more than 0, at most 1,000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Seats> {
        let table: Table = format!("grader = {text}").parse().unwrap();
        Seats::read(table["grader"].as_table().unwrap())
    }

    #[test]
    fn a_panel_has_members_that_count() {
        let seats =
            read(r#"{ name = "bench", members = ["facts", { name = "opinion", weight = 2.5 }] }"#);
        let Seats { name, rule, members } = seats.unwrap();
        assert_eq!((name.as_str(), rule.as_str()), ("bench", "all"));
        assert_eq!(members, [("facts".to_owned(), 1.0), ("opinion".to_owned(), 2.5)]);
    }

    #[test]
    fn a_panel_that_makes_no_sense_is_refused_with_what_to_write() {
        for (text, expected) in [
            (r#"{ members = ["facts"] }"#, "`name`"),
            (r#"{ name = "bench" }"#, "no members"),
            (r#"{ name = "bench", members = [] }"#, "no members"),
            (r#"{ name = "bench", members = ["bench"] }"#, "its own member"),
            (r#"{ name = "bench", members = ["a", "a"] }"#, "twice"),
            (r#"{ name = "bench", members = [7] }"#, "neither a name"),
            (r#"{ name = "bench", members = [{ name = "a", weight = 0 }] }"#, "weight of 0"),
            (r#"{ name = "bench", members = ["a"], rule = 1 }"#, "`rule`"),
            (r#"{ name = "bench", members = ["a"], rules = "all" }"#, "no `rules`"),
        ] {
            let Err(refused) = read(text) else { panic!("{text}") };
            assert!(refused.message.contains(expected), "{text}: {refused}");
            assert!(refused.hint.is_some(), "{text}");
        }
    }
}
