//! The arguments of `lucid serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one. Other machines need a key: `lucid key create`
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4747")]
    pub(crate) listen: SocketAddr,
    /// Another folder of plugins that agents may name, looked at before the bundled ones
    #[arg(long, value_name = "DIR")]
    pub(crate) plugins: Vec<PathBuf>,
    /// A file with `[plugins.NAME]` and `[models."NAME"]` as in a mission: what the plugins and
    /// models that agents name are granted; with `[dreams]`: how dreams go; and with
    /// `[missions]`: which missions `lucid run NAME --server` may name
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Let webhooks go to this machine, and credentials be tried out at addresses of this
    /// machine and its networks, also once there is a key
    #[arg(long)]
    pub(crate) allow_private_targets: bool,
    /// Print a line for every request on standard error
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::args::{Args, Command};

    #[test]
    fn without_a_word_the_server_is_for_this_machine_alone() {
        let parse = |line: &str| Args::try_parse_from(line.split(' '));
        let Command::Serve(args) = parse("lucid serve").unwrap().command else { panic!() };
        assert!(args.listen.ip().is_loopback() && !args.allow_private_targets);
        assert!(parse("lucid serve --listen [::1]:0 --plugins a --plugins b --verbose").is_ok());
        assert!(parse("lucid serve --listen 127.0.0.1").is_err());
        let allowed = parse("lucid serve --allow-private-targets").unwrap().command;
        assert!(matches!(allowed, Command::Serve(args) if args.allow_private_targets));
    }
}
