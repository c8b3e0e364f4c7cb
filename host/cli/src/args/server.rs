//! The arguments that say which server is asked.

use std::path::PathBuf;

use clap::Args as Group;

/// Which server is asked instead of the folder of state. That both are not named is checked in
/// `reach`: of options that stand before and behind a verb clap does not know that they conflict.
#[derive(Debug, Default, Group)]
pub(crate) struct ServerArgs {
    /// Ask the `lucid serve` at this URL instead of a folder here [default: LUCID_SERVER]; its
    /// key comes from LUCID_API_KEY
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The file that the server's API key is in, instead of LUCID_API_KEY
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// The file with the certificates (PEM) of the authorities that may vouch for the server,
    /// instead of the public ones [default: LUCID_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Ask a server on another machine without TLS: everybody on the way sees the key and
    /// what is said
    #[arg(long, global = true)]
    pub(crate) insecure: bool,
}

impl ServerArgs {
    /// An option that is given and means nothing without a server.
    pub(crate) fn needs_server(&self) -> Option<&'static str> {
        let given = [
            ("--api-key-file", self.api_key_file.is_some()),
            ("--ca-file", self.ca_file.is_some()),
            ("--insecure", self.insecure),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::args::Args;

    #[test]
    fn a_server_is_named_before_or_behind_the_verb() {
        let parse = |line: &str| Args::try_parse_from(line.split(' '));
        let args = parse("lucid session list --server http://localhost:1 --json").unwrap();
        assert_eq!(args.server.server.as_deref(), Some("http://localhost:1"));
        let args = parse("lucid --server http://localhost:1 --insecure session list").unwrap();
        assert!(args.server.server.is_some() && args.server.insecure);
    }
}
