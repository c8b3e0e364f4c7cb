//! Running missions: while somebody waits for it, or behind the back of whoever asked.

pub(crate) mod list;
pub(crate) mod mission;
pub(crate) mod note;
pub(crate) mod start;
pub(crate) mod watch;
pub(crate) mod work;
