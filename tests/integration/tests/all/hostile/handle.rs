//! Programs that hold more handles than they may, or ones that are not theirs.

use lucid_policy::Access;
use lucid_tests::Corpus;

use super::standard;

#[test]
pub(super) fn own() {
    Corpus::of("hostile_handle_own").attack("", standard()).exceeded("handles");
}

#[test]
pub(super) fn pollables() {
    Corpus::of("hostile_handle_pollables").attack("", standard()).exceeded("resources");
}

#[test]
pub(super) fn streams() {
    Corpus::of("hostile_handle_streams").attack("", standard()).exceeded("resources");
}

/// Each is a folder that the host holds open: that they are closed again is asserted for
/// every attack.
#[test]
pub(super) fn preopens() {
    let corpus = Corpus::of("hostile_handle_preopens");
    corpus.attack("", corpus.view(Access::ReadOnly)).exceeded("resources");
}

/// Each entry of the list is a handle that is lent, also where all are of one thing.
#[test]
pub(super) fn list() {
    Corpus::of("hostile_handle_list").attack("", standard()).exceeded("handles");
}

#[test]
pub(super) fn forged() {
    let attack = Corpus::of("hostile_handle_forged").attack("", standard());
    attack.trapped("unknown handle index");
}

#[test]
pub(super) fn mixed() {
    Corpus::of("hostile_handle_mixed").attack("", standard()).trapped("wrong type");
}

#[test]
pub(super) fn twice() {
    let attack = Corpus::of("hostile_handle_twice").attack("", standard());
    attack.trapped("unknown handle index");
}

#[test]
pub(super) fn parent() {
    Corpus::of("hostile_handle_parent").attack("", standard()).trapped("children");
}
