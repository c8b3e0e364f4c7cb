//! Holds a value against a schema.

use super::equal::{equal, hash, measure};
use super::keywords::Schema;
use super::pattern::match_cost;
use crate::csv::cell::is_date;
use crate::error::{FormatError, excerpt};
use crate::findings::Findings;
use crate::limits::Limits;
use serde_json::{Map, Number, Value, json};
use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Adds to `findings` where `value` is not as the schema says.
pub(super) fn validate(
    value: &Value,
    schema: &Schema<'_>,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<(), FormatError> {
    let mut check = Check {
        schema,
        steps: limits.steps,
        // A value and a schema nest as deep as the limit, and references go on from there.
        depth_left: limits.depth * 2,
        path: String::new(),
        quiet: 0,
        findings,
    };
    check.check(value, schema.root).map(|_| ())
}

struct Check<'c, 's> {
    schema: &'c Schema<'s>,
    steps: u64,
    depth_left: usize,
    path: String,
    /// In how many alternatives this is, whose errors are not the value's.
    quiet: usize,
    findings: &'c mut Findings,
}

type Verdict = Result<bool, FormatError>;

impl<'s> Check<'_, 's> {
    fn spend(&mut self, steps: usize) -> Result<(), FormatError> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let left = self.steps.checked_sub(steps);
        self.steps = left.ok_or_else(|| FormatError::new("the schema takes too many steps"))?;
        Ok(())
    }

    /// An error here.
    fn wrong(&mut self, message: impl FnOnce() -> String) -> bool {
        if self.quiet == 0 {
            let path = &self.path;
            self.findings.add(|| json!({"path": path, "message": message()}));
        }
        false
    }

    fn check(&mut self, value: &Value, schema: &'s Value) -> Verdict {
        self.spend(1)?;
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(false) => return Ok(self.wrong(|| "nothing may stand here".to_owned())),
            _ => return Ok(true),
        };
        let Some(left) = self.depth_left.checked_sub(1) else {
            return Err(FormatError::new("the schema refers to itself without an end"));
        };
        self.depth_left = left;
        let mut holds = true;
        for (keyword, rule) in members {
            self.spend(1)?;
            holds &= self.keyword(keyword, rule, members, value)?;
        }
        self.depth_left += 1;
        Ok(holds)
    }

    /// Whether a value keeps to a schema, without saying what is wrong.
    fn holds(&mut self, value: &Value, schema: &'s Value) -> Verdict {
        self.quiet += 1;
        let holds = self.check(value, schema);
        self.quiet -= 1;
        holds
    }

    /// Checks what is inside the value.
    fn inside(&mut self, name: &str, value: &Value, schema: &'s Value) -> Verdict {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let holds = self.check(value, schema);
        self.path.truncate(length);
        holds
    }

    fn keyword(
        &mut self,
        keyword: &str,
        rule: &'s Value,
        members: &'s Map<String, Value>,
        value: &Value,
    ) -> Verdict {
        match keyword {
            "$ref" => {
                let target = self.schema.resolve(rule.as_str().unwrap_or_default())?;
                self.check(value, target)
            }
            "type" => Ok(self.kind(rule, value)),
            "enum" => {
                let options = rule.as_array().map(Vec::as_slice).unwrap_or_default();
                self.spend(options.len().saturating_mul(measure(value).0))?;
                let held = options.iter().any(|option| equal(option, value));
                Ok(held || self.wrong(|| "it is none of the allowed values".to_owned()))
            }
            "const" => {
                let shown = || format!("it is not {}", excerpt(&rule.to_string()));
                Ok(equal(rule, value) || self.wrong(shown))
            }
            "allOf" | "anyOf" | "oneOf" | "not" | "if" => {
                self.combine(keyword, rule, members, value)
            }
            _ => match value {
                Value::String(text) => self.string(keyword, rule, text),
                Value::Number(number) => Ok(self.number(keyword, rule, number)),
                Value::Array(items) => self.array(keyword, rule, members, items),
                Value::Object(object) => self.object(keyword, rule, members, object, value),
                Value::Null | Value::Bool(_) => Ok(true),
            },
        }
    }

    fn kind(&mut self, rule: &Value, value: &Value) -> bool {
        let is = |name: &Value| match name.as_str() {
            Some("null") => value.is_null(),
            Some("boolean") => value.is_boolean(),
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("number") => value.is_number(),
            Some("string") => value.is_string(),
            Some("integer") => match value {
                Value::Number(number) if number.is_f64() => {
                    number.as_f64().is_some_and(|number| number.fract() == 0.0)
                }
                value => value.is_number(),
            },
            _ => false,
        };
        let held = match rule {
            Value::Array(names) => names.iter().any(is),
            name => is(name),
        };
        held || self.wrong(|| format!("it is not of type {}", listed(rule)))
    }

    fn combine(
        &mut self,
        keyword: &str,
        rule: &'s Value,
        members: &'s Map<String, Value>,
        value: &Value,
    ) -> Verdict {
        if keyword == "if" {
            let branch = if self.holds(value, rule)? { "then" } else { "else" };
            return match members.get(branch) {
                Some(schema) => self.check(value, schema),
                None => Ok(true),
            };
        }
        if keyword == "not" {
            let held = self.holds(value, rule)?;
            return Ok(!held || self.wrong(|| "it is what it must not be".to_owned()));
        }
        let schemas = rule.as_array().map(Vec::as_slice).unwrap_or_default();
        if keyword == "allOf" {
            let mut holds = true;
            for schema in schemas {
                holds &= self.check(value, schema)?;
            }
            return Ok(holds);
        }
        let mut matching = 0usize;
        for schema in schemas {
            matching += usize::from(self.holds(value, schema)?);
        }
        let held = if keyword == "oneOf" { matching == 1 } else { matching > 0 };
        let count = schemas.len();
        Ok(held || self.wrong(|| format!("it matches {matching} of the {count} alternatives")))
    }

    fn matches(&mut self, pattern: &str, text: &str) -> Verdict {
        let schema = self.schema;
        let Some((regex, cost)) = schema.compiled(pattern) else { return Ok(true) };
        self.spend(usize::try_from(match_cost(*cost, text)).unwrap_or(usize::MAX))?;
        Ok(regex.is_match(text))
    }

    fn string(&mut self, keyword: &str, rule: &Value, text: &str) -> Verdict {
        let limit = rule.as_u64().unwrap_or_default();
        let length = || u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        Ok(match keyword {
            "minLength" => {
                length() >= limit || self.wrong(|| format!("it is shorter than {limit}"))
            }
            "maxLength" => length() <= limit || self.wrong(|| format!("it is longer than {limit}")),
            "pattern" => {
                let pattern = rule.as_str().unwrap_or_default();
                let shown = || format!("it does not match `{}`", excerpt(pattern));
                self.matches(pattern, text)? || self.wrong(shown)
            }
            "format" => {
                let format = rule.as_str().unwrap_or_default();
                is_format(format, text) || self.wrong(|| format!("it is no {format}"))
            }
            _ => true,
        })
    }

    fn number(&mut self, keyword: &str, rule: &Value, number: &Number) -> bool {
        let (Some(value), Some(bound)) = (number.as_f64(), rule.as_f64()) else { return true };
        let (held, word) = match keyword {
            "minimum" => (value >= bound, "less than"),
            "maximum" => (value <= bound, "more than"),
            "exclusiveMinimum" => (value > bound, "not more than"),
            "exclusiveMaximum" => (value < bound, "not less than"),
            "multipleOf" => (is_multiple(value, bound), "no multiple of"),
            _ => return true,
        };
        held || self.wrong(|| format!("{number} is {word} {rule}"))
    }

    fn array(
        &mut self,
        keyword: &str,
        rule: &'s Value,
        members: &'s Map<String, Value>,
        items: &[Value],
    ) -> Verdict {
        let limit = rule.as_u64().unwrap_or_default();
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Ok(match keyword {
            "minItems" => {
                count >= limit || self.wrong(|| format!("it has fewer than {limit} items"))
            }
            "maxItems" => {
                count <= limit || self.wrong(|| format!("it has more than {limit} items"))
            }
            "uniqueItems" if *rule == Value::Bool(true) => self.unique(items)?,
            "prefixItems" => {
                let schemas = rule.as_array().map(Vec::as_slice).unwrap_or_default();
                let mut holds = true;
                for (at, (item, schema)) in items.iter().zip(schemas).enumerate() {
                    holds &= self.inside(&at.to_string(), item, schema)?;
                }
                holds
            }
            "items" => {
                let prefix = members.get("prefixItems").and_then(Value::as_array);
                let mut holds = true;
                for (at, item) in items.iter().enumerate().skip(prefix.map_or(0, Vec::len)) {
                    holds &= self.inside(&at.to_string(), item, rule)?;
                }
                holds
            }
            "contains" => self.contains(rule, members, items)?,
            _ => true,
        })
    }

    fn unique(&mut self, items: &[Value]) -> Verdict {
        let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            self.spend(measure(item).0)?;
            let same = seen.entry(hash(item)).or_default();
            self.spend(same.len())?;
            let earlier = same.iter().find(|at| items.get(**at).is_some_and(|i| equal(i, item)));
            if let Some(earlier) = earlier {
                return Ok(self.wrong(|| format!("items {earlier} and {at} are the same")));
            }
            same.push(at);
        }
        Ok(true)
    }

    fn contains(
        &mut self,
        rule: &'s Value,
        members: &'s Map<String, Value>,
        items: &[Value],
    ) -> Verdict {
        let bound = |name: &str| members.get(name).and_then(Value::as_u64);
        let (least, most) = (bound("minContains").unwrap_or(1), bound("maxContains"));
        let mut matching = 0u64;
        for item in items {
            matching += u64::from(self.holds(item, rule)?);
        }
        let held = matching >= least && most.is_none_or(|most| matching <= most);
        Ok(held || self.wrong(|| format!("{matching} of its items are what it must contain")))
    }

    fn object(
        &mut self,
        keyword: &str,
        rule: &'s Value,
        members: &'s Map<String, Value>,
        object: &Map<String, Value>,
        value: &Value,
    ) -> Verdict {
        let limit = rule.as_u64().unwrap_or_default();
        let count = u64::try_from(object.len()).unwrap_or(u64::MAX);
        Ok(match keyword {
            "minProperties" => {
                count >= limit || self.wrong(|| format!("it has fewer than {limit} members"))
            }
            "maxProperties" => {
                count <= limit || self.wrong(|| format!("it has more than {limit} members"))
            }
            "required" => self.required(rule, object, ""),
            "dependentRequired" => {
                let mut holds = true;
                for (name, needed) in rule.as_object().into_iter().flatten() {
                    if object.contains_key(name) {
                        holds &= self.required(needed, object, name);
                    }
                }
                holds
            }
            "dependentSchemas" => {
                let mut holds = true;
                for (name, schema) in rule.as_object().into_iter().flatten() {
                    if object.contains_key(name) {
                        holds &= self.check(value, schema)?;
                    }
                }
                holds
            }
            "properties" => {
                let mut holds = true;
                for (name, schema) in rule.as_object().into_iter().flatten() {
                    if let Some(member) = object.get(name) {
                        holds &= self.inside(name, member, schema)?;
                    }
                }
                holds
            }
            "patternProperties" | "additionalProperties" | "propertyNames" => {
                self.names(keyword, rule, members, object)?
            }
            _ => true,
        })
    }

    fn required(&mut self, rule: &Value, object: &Map<String, Value>, by: &str) -> bool {
        let mut holds = true;
        for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                let name = excerpt(name);
                holds = match by {
                    "" => self.wrong(|| format!("`{name}` is missing")),
                    by => self.wrong(|| format!("`{name}` is missing beside `{}`", excerpt(by))),
                };
            }
        }
        holds
    }

    fn names(
        &mut self,
        keyword: &str,
        rule: &'s Value,
        members: &'s Map<String, Value>,
        object: &Map<String, Value>,
    ) -> Verdict {
        let map = |name: &str| members.get(name).and_then(Value::as_object);
        let declared: HashSet<&String> =
            map("properties").into_iter().flat_map(Map::keys).collect();
        let patterns = map("patternProperties");
        let mut holds = true;
        for (name, member) in object {
            if keyword == "propertyNames" {
                if !self.holds(&Value::String(name.clone()), rule)? {
                    let name = excerpt(name);
                    holds = self.wrong(|| format!("`{name}` is not a name it may have"));
                }
                continue;
            }
            let mut matched = false;
            for (pattern, schema) in patterns.into_iter().flatten() {
                if self.matches(pattern, name)? {
                    matched = true;
                    if keyword == "patternProperties" {
                        holds &= self.inside(name, member, schema)?;
                    }
                }
            }
            if keyword == "additionalProperties" && !matched && !declared.contains(name) {
                holds &= self.inside(name, member, rule)?;
            }
        }
        Ok(holds)
    }
}

fn listed(rule: &Value) -> String {
    match rule {
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        name => name.as_str().unwrap_or_default().to_owned(),
    }
}

/// Whether one number is a multiple of another, as far as binary fractions can tell.
fn is_multiple(value: f64, of: f64) -> bool {
    let quotient = value / of;
    of > 0.0 && (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
}

fn is_format(format: &str, text: &str) -> bool {
    match format {
        "date" => is_date(text),
        "date-time" => is_date_time(text),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uuid" => {
            text.len() == 36
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => byte.is_ascii_hexdigit(),
                })
        }
        _ => true,
    }
}

/// A moment of RFC 3339: `2026-02-28T12:30:00.5Z`, or with an offset.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else { return false };
    let Some((clock, offset)) = time.find(['Z', 'z', '+', '-']).map(|at| time.split_at(at)) else {
        return false;
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let two = |part: &str, most: u8| {
        part.len() == 2
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|part| part <= most)
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return false };
    let offset = match offset.strip_prefix(['+', '-']) {
        None => offset.eq_ignore_ascii_case("z"),
        Some(offset) => offset.split_once(':').is_some_and(|(h, m)| two(h, 23) && two(m, 59)),
    };
    is_date(date)
        && two(hours, 23)
        && two(minutes, 59)
        && two(seconds, 60)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && offset
}
