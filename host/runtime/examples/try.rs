//! tmp
use lucid_runtime::*;
use std::sync::Arc;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let rt = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    let seed: u64 = args[2].parse().unwrap();
    let shuffle = args.get(3).is_some_and(|a| a == "shuffle");
    let held: u32 = args.get(4).map_or(200, |a| a.parse().unwrap());
    rt.block_on(async move {
        let options = RuntimeOptions { state: args[1].clone().into(), bundled: vec!["target/release/plugins".into()], owner: "me".into() };
        let runtime = Runtime::open(options).unwrap();
        let mission = runtime.load("examples/lumara".as_ref()).await;
        let mission = match mission { Ok(m) => m, Err(f) => { eprintln!("{f:?}"); return } };
        let t = std::time::Instant::now();
        let o = StudyOptions { seed: Some(seed), shuffle_labels: shuffle, held_out: Some(held), deterministic: false, training: None };
        let r = runtime.run_study(&mission, &o, Arc::new(NoObserver)).await;
        match r { Ok(r) => {
          let p = &r.report;
          println!("seed {} train {}/{} before {}/{} after {}/{} held {:?} rules {} ops {} rej {} dream {}ms wall {}ms calls {} threads {} events {}", seed, p.training_succeeded, p.training_sessions, p.before.succeeded, p.before.total, p.after.succeeded, p.after.total, p.held_out, p.dream.rules, p.dream.operations, r.dream.rejections.len(), p.dream.ms, t.elapsed().as_millis(), p.tool_calls, p.threads, p.events);
          let regress = p.before.tasks.iter().zip(&p.after.tasks).filter(|(b,a)| b.success && !a.success).count();
          println!("  regress {regress}");
          for s in &p.dream.playbook { println!("  {} {:?} {:?} p={}", s.statement, s.followed, s.not_followed, s.p_value); }
          if args.get(5).is_some() { for d in &r.diff { println!("{d}"); } for x in &r.dream.rejections { println!("{x:?}"); } println!("{}", r.dream.summary); for t in &p.before.tasks { println!("{t:?}"); } }
        }, Err(f) => eprintln!("{f:?}") }
    });
}
