//! What mining promises, on made-up sessions.

use super::synthetic::planted;
use super::{select::mine};

#[test]
fn power_report() {
    for n in [100] {
        let mut found = [0; 8];
        let start = std::time::Instant::now();
        let mut all=0;
        for seed in 0..200 {
            let t = planted(seed, n);
            let m = mine(&t, seed, &mut |_| ());
            for f in &m.findings { found[f.column] += 1; }
            all += usize::from((0..3).all(|c| m.findings.iter().any(|f| f.column == c)));
            if seed < 12 { println!("{} {:?}", t.outcomes.iter().filter(|o| **o).count(), m.findings.iter().map(|f| (f.column, f.condition.clone(), f.p_value, f.tried)).collect::<Vec<_>>()); }
        }
        println!("n={n} {found:?} all3={all} {:?} each", start.elapsed() / 200);
    }
}
