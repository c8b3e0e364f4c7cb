//! Numbers that follow from a seed, a branch, a name and a number.

use sha2::{Digest as _, Sha256};

/// Where a branch's numbers come from.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    seed: u64,
    branch: u32,
}

impl Draw {
    /// The numbers of one branch.
    pub fn new(seed: u64, branch: u32) -> Self {
        Self { seed, branch }
    }

    /// A number with all of its bits drawn.
    pub fn bits(self, name: &str, number: u32) -> u64 {
        let hash = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(self.branch.to_le_bytes())
            .chain_update(number.to_le_bytes())
            .chain_update(name)
            .finalize();
        let mut head = [0; 8];
        head.copy_from_slice(&hash[..8]);
        u64::from_le_bytes(head)
    }

    /// A number below a limit; 0 where the limit is 0.
    pub fn below(self, name: &str, number: u32, limit: u32) -> u32 {
        // The bias of a remainder of 64 bits is far below what matters.
        let drawn = self.bits(name, number) % u64::from(limit.max(1));
        u32::try_from(drawn).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_branch_name_and_number_each_give_other_numbers() {
        let base = Draw::new(1, 2).bits("day", 3);
        assert_eq!(base, Draw::new(1, 2).bits("day", 3));
        for other in [
            Draw::new(2, 2).bits("day", 3),
            Draw::new(1, 3).bits("day", 3),
            Draw::new(1, 2).bits("units", 3),
            Draw::new(1, 2).bits("day", 4),
        ] {
            assert_ne!(base, other);
        }
        assert!((0..1_000).all(|number| Draw::new(1, 2).below("day", number, 7) < 7));
        assert_eq!(Draw::new(1, 2).below("day", 0, 0), 0);
    }
}
