//! One capability, one module: *link* puts its functions in the linker, *grant* lets policy
//! decide what a call gets of it, *state* is what one call holds.

pub(crate) mod clocks;
pub(crate) mod digests;
pub(crate) mod dream;
pub(crate) mod environment;
pub(crate) mod files;
pub(crate) mod graders;
pub(crate) mod http;
pub(crate) mod log;
pub(crate) mod model;
pub(crate) mod sockets;
