//! The official SDKs against the server: `tests/peers`, which asks the binary that was built
//! everything there is to ask, and checks every answer.

mod python;
mod typescript;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// A language that there is an official SDK for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Tested with pytest.
    Python,
    /// Tested with Node's own runner.
    TypeScript,
}

impl Peer {
    /// All of them, in the order in which they are run.
    pub(crate) const ALL: [Self; 2] = [Self::Python, Self::TypeScript];

    /// Its name on the command line, and of its folder.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::TypeScript => "typescript",
        }
    }

    /// The one of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }
}

/// Runs the SDK of one language against the server, or those of all; the arguments go to the
/// test runner of the language.
pub(crate) fn run(
    workspace: &Workspace,
    peer: Option<Peer>,
    arguments: &[String],
) -> Result<(), Failure> {
    let mut peers = Peer::ALL.into_iter().filter(|each| peer.is_none_or(|wanted| wanted == *each));
    peers.try_for_each(|each| match each {
        Peer::Python => python::run(workspace, arguments),
        Peer::TypeScript => typescript::run(workspace, arguments),
    })
}
