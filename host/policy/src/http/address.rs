//! Which addresses are of this machine, of the networks around it, or of nobody.
//!
//! From the registries of special-purpose addresses (RFC 6890 and what followed it). For IPv6
//! the list is of what is public: everything outside of 2000::/3 is refused but for the forms
//! that carry an IPv4 address, which is judged itself.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses that no name may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecialBlock {
    /// The range, such as `10.0.0.0/8`.
    pub range: &'static str,
    /// Whose it is.
    pub what: &'static str,
}

impl fmt::Display for SpecialBlock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.range, self.what)
    }
}

/// First bytes, length of the prefix in bits, how it is written, whose it is.
type Row<const BYTES: usize> = ([u8; BYTES], u32, &'static str, &'static str);

const SPECIAL_V4: [Row<4>; 16] = [
    ([0, 0, 0, 0], 8, "0.0.0.0/8", "this network"),
    ([10, 0, 0, 0], 8, "10.0.0.0/8", "private"),
    ([100, 64, 0, 0], 10, "100.64.0.0/10", "shared by a provider"),
    ([127, 0, 0, 0], 8, "127.0.0.0/8", "this machine"),
    ([168, 63, 129, 16], 32, "168.63.129.16/32", "the host of a cloud's machines"),
    ([169, 254, 0, 0], 16, "169.254.0.0/16", "link-local, metadata of clouds"),
    ([172, 16, 0, 0], 12, "172.16.0.0/12", "private"),
    ([192, 0, 0, 0], 24, "192.0.0.0/24", "protocol assignments"),
    ([192, 0, 2, 0], 24, "192.0.2.0/24", "documentation"),
    ([192, 88, 99, 0], 24, "192.88.99.0/24", "relays from 6 to 4"),
    ([192, 168, 0, 0], 16, "192.168.0.0/16", "private"),
    ([198, 18, 0, 0], 15, "198.18.0.0/15", "benchmarks"),
    ([198, 51, 100, 0], 24, "198.51.100.0/24", "documentation"),
    ([203, 0, 113, 0], 24, "203.0.113.0/24", "documentation"),
    ([224, 0, 0, 0], 4, "224.0.0.0/4", "multicast"),
    ([240, 0, 0, 0], 4, "240.0.0.0/4", "reserved, broadcast"),
];

/// Parts of 2000::/3 that are not public: by their first six bytes.
const SPECIAL_V6: [Row<6>; 3] = [
    ([0x20, 0x01, 0x00, 0x00, 0x00, 0x00], 23, "2001::/23", "protocol assignments, Teredo"),
    ([0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00], 32, "2001:db8::/32", "documentation"),
    ([0x3f, 0xff, 0x00, 0x00, 0x00, 0x00], 20, "3fff::/20", "documentation"),
];

/// Parts of the rest, so that a person reads more than that it is outside of 2000::/3.
const NAMED_V6: [Row<6>; 8] = [
    ([0x00, 0x64, 0xff, 0x9b, 0x00, 0x01], 48, "64:ff9b:1::/48", "a network's own IPv4"),
    ([0x01, 0x00, 0x00, 0x00, 0x00, 0x00], 48, "100::/48", "discarded"),
    ([0x5f, 0x00, 0x00, 0x00, 0x00, 0x00], 16, "5f00::/16", "segment routing"),
    ([0xfc, 0x00, 0x00, 0x00, 0x00, 0x00], 7, "fc00::/7", "private"),
    ([0xfe, 0x80, 0x00, 0x00, 0x00, 0x00], 10, "fe80::/10", "link-local"),
    ([0xfe, 0xc0, 0x00, 0x00, 0x00, 0x00], 10, "fec0::/10", "private, site-local"),
    ([0xff, 0x00, 0x00, 0x00, 0x00, 0x00], 8, "ff00::/8", "multicast"),
    ([0x00, 0x00, 0x00, 0x00, 0x00, 0x00], 48, "::/48", "this machine, IPv4-compatible"),
];

/// The range an address is in that nobody may be led to; none for a public address.
#[must_use]
pub fn special_address(address: IpAddr) -> Option<SpecialBlock> {
    match address {
        IpAddr::V4(address) => find(&SPECIAL_V4, &address.octets()),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => find(&SPECIAL_V4, &inner.octets()),
            None => special_v6(address),
        },
    }
}

fn special_v6(address: Ipv6Addr) -> Option<SpecialBlock> {
    let octets = address.octets();
    let [first, ..] = octets;
    let public = first & 0b1110_0000 == 0b0010_0000;
    let table: &[Row<6>] = if public { &SPECIAL_V6 } else { &NAMED_V6 };
    let other = SpecialBlock { range: "outside of 2000::/3", what: "not in public use" };
    find(table, &octets).or((!public).then_some(other))
}

/// The IPv4 address that an IPv6 address stands for: mapped (::ffff:0:0/96), behind a
/// translator (64:ff9b::/96), or 6to4 (2002::/16).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let inner = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(inner.0) << 16 | u32::from(inner.1)))
}

fn find<const BYTES: usize>(rows: &[Row<BYTES>], octets: &[u8]) -> Option<SpecialBlock> {
    let found = rows.iter().find(|(first, bits, ..)| shares_prefix(first, octets, *bits));
    found.map(|(_, _, range, what)| SpecialBlock { range, what })
}

fn shares_prefix(prefix: &[u8], octets: &[u8], bits: u32) -> bool {
    let mut left = bits;
    for (mine, theirs) in prefix.iter().zip(octets) {
        if left == 0 {
            break;
        }
        let here = left.min(8);
        let mask = u8::MAX << (8 - here);
        if mine & mask != theirs & mask {
            return false;
        }
        left -= here;
    }
    true
}
