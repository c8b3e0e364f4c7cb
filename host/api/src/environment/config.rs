//! What an environment is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agent::union::{at, nothing_else, tagged, unknown};
use crate::check::text;
use crate::error::{ApiError, Result};
use crate::read::value as read;

const PACKAGE_MAX: usize = 256;
const HOST_MAX: usize = 255;
const LABEL_MAX: usize = 63;

/// What an environment is, with everything filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EnvironmentConfig {
    /// Sessions work in the server's sandbox.
    Cloud(CloudConfig),
    /// Workers of one's own do the work.
    SelfHosted {},
}

/// The server's sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CloudConfig {
    /// What it can reach.
    pub networking: Networking,
    /// What is installed in it.
    pub packages: Packages,
}

/// What a sandbox can reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Networking {
    /// Whatever the server grants.
    #[default]
    Unrestricted,
    /// Some of that.
    Limited {
        /// Hosts by name; `*.example.com` for all below one.
        allowed_hosts: Vec<String>,
        /// Whether MCP servers of agents can be reached as well.
        allow_mcp_servers: bool,
        /// Whether packages can be installed.
        allow_package_managers: bool,
    },
}

/// What is installed, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename = "packages")]
pub struct Packages {
    /// Of Debian or Ubuntu.
    pub apt: Vec<String>,
    /// Of Rust.
    pub cargo: Vec<String>,
    /// Of Ruby.
    pub gem: Vec<String>,
    /// Of Go.
    pub go: Vec<String>,
    /// Of Node.
    pub npm: Vec<String>,
    /// Of Python.
    pub pip: Vec<String>,
}

impl Packages {
    /// The lists, by name.
    pub fn lists(&self) -> [(&'static str, &[String]); 6] {
        [
            ("apt", &self.apt),
            ("cargo", &self.cargo),
            ("gem", &self.gem),
            ("go", &self.go),
            ("npm", &self.npm),
            ("pip", &self.pip),
        ]
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }
}

/// What a request says of it. What is left out of a change stays.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct ConfigParam(Form);

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Cloud { networking: Option<NetworkParam>, packages: Option<PackagesParam> },
    SelfHosted,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloudParam {
    #[serde(default)]
    networking: Option<Value>,
    #[serde(default)]
    packages: Option<PackagesParam>,
}

#[derive(Debug, Clone, PartialEq)]
enum NetworkParam {
    Unrestricted,
    Limited(LimitedParam),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitedParam {
    #[serde(default)]
    allowed_hosts: Option<Vec<String>>,
    #[serde(default)]
    allow_mcp_servers: Option<bool>,
    #[serde(default)]
    allow_package_managers: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackagesParam {
    #[serde(rename = "type", default)]
    _kind: Option<PackagesKind>,
    #[serde(default)]
    apt: Option<Vec<String>>,
    #[serde(default)]
    cargo: Option<Vec<String>>,
    #[serde(default)]
    gem: Option<Vec<String>>,
    #[serde(default)]
    go: Option<Vec<String>>,
    #[serde(default)]
    npm: Option<Vec<String>>,
    #[serde(default)]
    pip: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PackagesKind {
    Packages,
}

impl Default for ConfigParam {
    fn default() -> Self {
        Self(Form::Cloud { networking: None, packages: None })
    }
}

impl TryFrom<Value> for ConfigParam {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Self::read(value).map_err(|error| error.message)
    }
}

impl ConfigParam {
    fn read(value: Value) -> Result<Self> {
        let (kind, rest) = tagged(value)?;
        match kind.as_str() {
            "cloud" => {
                let CloudParam { networking, packages } = read(rest)?;
                let networking = networking.map(|value| at("networking", network(value)));
                Ok(Self(Form::Cloud { networking: networking.transpose()?, packages }))
            }
            "self_hosted" => nothing_else(&rest).map(|()| Self(Form::SelfHosted)),
            _ => Err(unknown(&kind, &["cloud", "self_hosted"])),
        }
    }

    /// The config of a new environment.
    pub(super) fn create(self) -> Result<EnvironmentConfig> {
        match self.0 {
            Form::Cloud { networking, packages } => cloud(networking, packages, Default::default()),
            Form::SelfHosted => Ok(EnvironmentConfig::SelfHosted {}),
        }
    }

    /// The config after a change.
    pub(super) fn over(self, before: EnvironmentConfig) -> Result<EnvironmentConfig> {
        match (self.0, before) {
            (Form::Cloud { networking, packages }, EnvironmentConfig::Cloud(before)) => {
                cloud(networking, packages, before)
            }
            (Form::SelfHosted, EnvironmentConfig::SelfHosted {}) => {
                Ok(EnvironmentConfig::SelfHosted {})
            }
            _ => {
                let why = "config: its `type` stays as it is; make another environment";
                Err(ApiError::invalid(why).code("invalid_config_type_change"))
            }
        }
    }
}

fn network(value: Value) -> Result<NetworkParam> {
    let (kind, rest) = tagged(value)?;
    match kind.as_str() {
        "unrestricted" => nothing_else(&rest).map(|()| NetworkParam::Unrestricted),
        "limited" => Ok(NetworkParam::Limited(read(rest)?)),
        _ => Err(unknown(&kind, &["unrestricted", "limited"])),
    }
}

fn cloud(
    networking: Option<NetworkParam>,
    packages: Option<PackagesParam>,
    before: CloudConfig,
) -> Result<EnvironmentConfig> {
    let networking = match networking {
        None => before.networking,
        Some(NetworkParam::Unrestricted) => Networking::Unrestricted,
        Some(NetworkParam::Limited(limited)) => limited.over(before.networking),
    };
    let packages = match packages {
        None => before.packages,
        Some(param) => param.over(before.packages),
    };
    if let Networking::Limited { allowed_hosts, .. } = &networking
        && let Some(n) = allowed_hosts.iter().position(|host| !is_host(host))
    {
        let why = "a name such as `example.com` or `*.example.com`, without scheme, port or path";
        return Err(ApiError::invalid(format!("config.networking.allowed_hosts[{n}]: {why}")));
    }
    for (manager, list) in packages.lists() {
        for (n, package) in list.iter().enumerate() {
            let field = format!("config.packages.{manager}[{n}]");
            text(&field, package, 1..=PACKAGE_MAX)?;
            // What begins so would be an option of the package manager.
            if package.starts_with('-') || package.chars().any(char::is_control) {
                return Err(ApiError::invalid(format!("{field}: not a package's name")));
            }
        }
    }
    if let Networking::Limited { allow_package_managers: false, .. } = &networking
        && !packages.is_empty()
    {
        return Err(ApiError::invalid(
            "config.packages: with a limited network they need `allow_package_managers`",
        ));
    }
    Ok(EnvironmentConfig::Cloud(CloudConfig { networking, packages }))
}

impl LimitedParam {
    fn over(self, before: Networking) -> Networking {
        let (hosts, servers, managers) = match before {
            Networking::Unrestricted => (Vec::new(), false, false),
            Networking::Limited { allowed_hosts, allow_mcp_servers, allow_package_managers } => {
                (allowed_hosts, allow_mcp_servers, allow_package_managers)
            }
        };
        Networking::Limited {
            allowed_hosts: self.allowed_hosts.unwrap_or(hosts),
            allow_mcp_servers: self.allow_mcp_servers.unwrap_or(servers),
            allow_package_managers: self.allow_package_managers.unwrap_or(managers),
        }
    }
}

impl PackagesParam {
    fn over(self, before: Packages) -> Packages {
        Packages {
            apt: self.apt.unwrap_or(before.apt),
            cargo: self.cargo.unwrap_or(before.cargo),
            gem: self.gem.unwrap_or(before.gem),
            go: self.go.unwrap_or(before.go),
            npm: self.npm.unwrap_or(before.npm),
            pip: self.pip.unwrap_or(before.pip),
        }
    }
}

fn is_host(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    let plain = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= HOST_MAX && name.split('.').all(plain)
}
