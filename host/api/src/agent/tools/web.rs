//! What the tools that reach the web may be told besides.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::union::{at, nothing_else, tagged, unknown};
use crate::check::text;
use crate::error::{ApiError, Result};
use crate::read::value as read;

const DOMAINS_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;
const LABEL_MAX: usize = 63;
const REFERENCES_MAX: usize = 128;
const PLACE_MAX: usize = 255;
/// Names that no public name server has.
const AT_HOME: [&str; 5] = ["localhost", "localdomain", "local", "internal", "lan"];

/// Checks a list of domains, named `field`.
pub(super) fn domains(field: &str, list: &[String], paths: bool) -> Result<()> {
    if !(1..=DOMAINS_MAX).contains(&list.len()) {
        let has = list.len();
        let why = format!("{field}: {has} entries, where 1 to {DOMAINS_MAX} may be");
        return Err(ApiError::invalid(why));
    }
    let wrong = list.iter().position(|entry| !is_domain(entry, paths));
    wrong.map_or(Ok(()), |at| {
        let why = "not a plain host name such as `docs.example.com`";
        Err(ApiError::invalid(format!("{field}[{at}]: {why}")))
    })
}

fn is_domain(entry: &str, paths: bool) -> bool {
    let (host, path) = match entry.split_once('/') {
        Some((host, path)) if paths => (host, path),
        Some(_) => return false,
        None => (entry, ""),
    };
    let labels: Vec<&str> = host.split('.').collect();
    let plain = |label: &&str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = labels.last().copied().unwrap_or_default();
    let home = AT_HOME.iter().any(|name| last.eq_ignore_ascii_case(name));
    (1..=DOMAIN_MAX).contains(&entry.len())
        && labels.len() > 1
        && labels.iter().all(plain)
        && !last.bytes().all(|b| b.is_ascii_digit())
        && !home
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#')
}

/// Where a search is meant to come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "approximate")]
pub struct UserLocation {
    /// The city.
    pub city: Option<String>,
    /// The country in two letters, such as `DE`.
    pub country: Option<String>,
    /// The region or state.
    pub region: Option<String>,
    /// The time zone, such as `Europe/Berlin`.
    pub timezone: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Location {
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    timezone: Option<String>,
}

/// Reads a location.
pub(super) fn location(value: Value) -> Result<UserLocation> {
    let (kind, rest) = tagged(value)?;
    if kind != "approximate" {
        return Err(unknown(&kind, &["approximate"]));
    }
    let Location { city, country, region, timezone } = read(rest)?;
    for (name, place) in [("city", &city), ("region", &region), ("timezone", &timezone)] {
        place.as_deref().map_or(Ok(()), |place| text(name, place, 1..=PLACE_MAX))?;
    }
    let letters = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if country.as_ref().is_some_and(|code| !letters(code)) {
        return Err(ApiError::invalid("country: two upper-case letters, such as `DE`"));
    }
    Ok(UserLocation { city, country, region, timezone })
}

/// Which results may name a page that is fetched afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UrlSource {
    /// All of them.
    All,
    /// None of them.
    None,
    /// Those of these tools.
    Only {
        /// The tools.
        tools: Vec<ToolReference>,
    },
    /// Those of all tools but these.
    Except {
        /// The tools.
        tools: Vec<ToolReference>,
    },
}

/// A tool by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "tool_reference")]
pub struct ToolReference {
    /// The name.
    pub name: String,
}

/// Where the URLs come from that may be fetched; none of a kind: all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlSources {
    /// What the user wrote.
    pub user_input: Option<UrlSource>,
    /// What custom tools answered.
    pub client_tool_results: Option<UrlSource>,
    /// What searches and fetches answered.
    pub server_tool_results: Option<UrlSource>,
}

impl UrlSources {
    /// The custom tools that are named.
    pub(super) fn custom_tools(&self) -> impl Iterator<Item = &str> {
        let of = match &self.client_tool_results {
            Some(UrlSource::Only { tools } | UrlSource::Except { tools }) => tools.as_slice(),
            _ => &[],
        };
        of.iter().map(|tool| tool.name.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sources {
    #[serde(default)]
    user_input: Option<Value>,
    #[serde(default)]
    client_tool_results: Option<Value>,
    #[serde(default)]
    server_tool_results: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct References {
    tools: Vec<Value>,
}

/// Reads the sources; `"all"` and `"none"` stand for the objects of these types.
pub(super) fn sources(value: Value) -> Result<UrlSources> {
    let Sources { user_input, client_tool_results, server_tool_results } = read(value)?;
    let of = |field: &str, value: Option<Value>, lists: bool| {
        value.map(|value| at(field, source(value, lists))).transpose()
    };
    let sources = UrlSources {
        user_input: of("user_input", user_input, false)?,
        client_tool_results: of("client_tool_results", client_tool_results, true)?,
        server_tool_results: of("server_tool_results", server_tool_results, true)?,
    };
    let UrlSources { user_input, client_tool_results, server_tool_results } = &sources;
    if [user_input, client_tool_results, server_tool_results]
        .iter()
        .all(|source| **source == Some(UrlSource::None))
    {
        return Err(ApiError::invalid("all three are `none`: switch the tool off instead"));
    }
    if let Some(UrlSource::Only { tools } | UrlSource::Except { tools }) = server_tool_results
        && tools.iter().any(|tool| tool.name != "web_search" && tool.name != "web_fetch")
    {
        let why = "server_tool_results: only `web_search` and `web_fetch` may be named";
        return Err(ApiError::invalid(why));
    }
    Ok(sources)
}

fn source(value: Value, lists: bool) -> Result<UrlSource> {
    let known: &[&str] = if lists { &["all", "none", "only", "except"] } else { &["all", "none"] };
    let (kind, rest) = match value {
        Value::String(word) if word == "all" || word == "none" => {
            (word, Value::Object(serde_json::Map::new()))
        }
        value => tagged(value)?,
    };
    match kind.as_str() {
        "all" => nothing_else(&rest).map(|()| UrlSource::All),
        "none" => nothing_else(&rest).map(|()| UrlSource::None),
        "only" if lists => Ok(UrlSource::Only { tools: references(rest)? }),
        "except" if lists => Ok(UrlSource::Except { tools: references(rest)? }),
        _ => Err(unknown(&kind, known)),
    }
}

fn references(rest: Value) -> Result<Vec<ToolReference>> {
    let References { tools } = read(rest)?;
    if !(1..=REFERENCES_MAX).contains(&tools.len()) {
        let has = tools.len();
        let why = format!("tools: {has} entries, where 1 to {REFERENCES_MAX} may be");
        return Err(ApiError::invalid(why));
    }
    let mut names = BTreeSet::new();
    let mut references = Vec::new();
    for tool in tools {
        let (kind, rest) = tagged(tool)?;
        if kind != "tool_reference" {
            return Err(unknown(&kind, &["tool_reference"]));
        }
        let name = rest.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        text("tools: name", &name, 1..=REFERENCES_MAX)?;
        if !names.insert(name.clone()) {
            return Err(ApiError::invalid("tools: the same tool is named twice"));
        }
        references.push(ToolReference { name });
    }
    Ok(references)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_domain_is_a_plain_name_of_the_public_web() {
        for right in ["example.com", "a.b-c.example", "xn--bcher-kva.example", "1.example"] {
            assert!(is_domain(right, false), "{right}");
        }
        for wrong in [
            "com",
            "",
            "*.example.com",
            "https://example.com",
            "example.com:80",
            "127.0.0.1",
            "[::1]",
            "a.localhost",
            "printer.local",
            "bücher.example",
            "a..b",
            "-a.example",
            "a-.example",
            "example.com.",
            "example.com/a",
            "a b.example",
        ] {
            assert!(!is_domain(wrong, false), "{wrong}");
        }
        assert!(is_domain("example.com/docs", true));
        assert!(!is_domain("example.com/docs?x", true));
        let label = "a".repeat(63);
        assert!(is_domain(&format!("{label}.example"), false));
        assert!(!is_domain(&format!("a{label}.example"), false));
        let long = |n: usize| format!("{}.example", ["a"; 200].join(".").split_at(n).0);
        assert!(is_domain(&long(247), false));
        assert!(!is_domain(&long(249), false));
    }

    #[test]
    fn a_list_of_domains_has_one_to_sixty_four() {
        let of = |n: usize| vec!["example.com".to_owned(); n];
        assert!(domains("x", &of(1), false).is_ok() && domains("x", &of(64), false).is_ok());
        assert!(domains("x", &of(0), false).is_err() && domains("x", &of(65), false).is_err());
        let wrong = ["example.com".to_owned(), "com".to_owned()];
        let error = domains("allowed_domains", &wrong, false).unwrap_err();
        assert!(error.message.starts_with("allowed_domains[1]"), "{error}");
    }

    #[test]
    fn a_location_is_approximate() {
        let place = json!({"type": "approximate", "city": "Ulm", "country": "DE",
            "region": null, "timezone": null});
        let read = location(place.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), place);
        for wrong in [
            json!({"type": "exact"}),
            json!({"type": "approximate", "country": "de"}),
            json!({"type": "approximate", "city": ""}),
            json!({"type": "approximate", "x": 1}),
        ] {
            assert!(location(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sources_are_words_or_objects_and_come_back_as_objects() {
        let read = sources(json!({"user_input": "none", "client_tool_results":
            {"type": "only", "tools": [{"type": "tool_reference", "name": "orders"}]}}))
        .unwrap();
        assert_eq!(read.custom_tools().collect::<Vec<_>>(), ["orders"]);
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!(written["user_input"], json!({"type": "none"}));
        assert_eq!(written["server_tool_results"], Value::Null);
        assert_eq!(sources(written).unwrap(), read);
    }

    #[test]
    fn sources_that_make_no_sense_are_refused() {
        let named = |n: usize| {
            let one = |n: usize| json!({"type": "tool_reference", "name": format!("t{n}")});
            json!({"client_tool_results": {"type": "except",
                "tools": (0..n).map(one).collect::<Vec<_>>()}})
        };
        assert!(sources(named(1)).is_ok() && sources(named(128)).is_ok());
        let twice = [
            json!({"type": "tool_reference", "name": "web_fetch"}),
            json!({"type": "tool_reference", "name": "web_fetch"}),
        ];
        for wrong in [
            named(0),
            named(129),
            json!({"user_input": "some"}),
            json!({"user_input": {"type": "only", "tools": twice[..1]}}),
            json!({"server_tool_results": {"type": "only", "tools": twice}}),
            json!({"server_tool_results": {"type": "only",
                "tools": [{"type": "tool_reference", "name": "bash"}]}}),
            json!({"user_input": "none", "client_tool_results": "none",
                "server_tool_results": "none"}),
            json!({"elsewhere": "all"}),
        ] {
            assert!(sources(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
