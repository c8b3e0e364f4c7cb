//! `lucid run`.

mod attend;
mod recording;
mod shown;

use lucid_core::{Failure, Result};
use lucid_runtime::{LimitChanges, Runtime, RuntimeOptions};
use lucid_verbs::{RunAsked, RunBegan, RunKind, StartRun, WatchRun, check_run, run_mission};

use super::ask;
use crate::args::RunArgs;
use crate::failure;
use crate::place::{Place, Site};
use crate::show::sight::Sight;
pub(crate) use attend::attend;

pub(crate) async fn run(site: Site, args: RunArgs, json: bool) -> failure::Result {
    match site {
        Site::Here(options) => here(*options, &args, json).await,
        Site::There(remote) => there(&Place::There(remote), &args, json).await,
    }
}

/// What is asked of a run, wherever it runs.
fn asked(args: &RunArgs) -> RunAsked {
    RunAsked {
        seed: args.seed,
        held_out: args.held_out,
        training: args.training,
        shuffle_labels: args.shuffle_labels,
        plots: args.plots.is_some(),
        deterministic: args.deterministic,
        resume: args.resume,
    }
}

/// Runs a mission in this process.
async fn here(mut options: RuntimeOptions, args: &RunArgs, json: bool) -> failure::Result {
    let Some(folder) = &args.mission else {
        return Err(Failure::invalid("--watch needs a server, which goes on with its runs")
            .hint("name it with `--server URL` or LUCID_SERVER")
            .into());
    };
    options.limits = LimitChanges::parse(args.limits.iter().map(String::as_str))?;
    options.transports = recording::transports(args)?;
    let (runtime, mission) = Runtime::open_for(options, folder).await?;
    let asked = asked(args);
    check_run(&mission, &asked)?;
    shown::check(args)?;
    let place = Place::here(runtime.clone());
    let sight = Sight::begin(RunKind::of(&mission, &asked), &place, json);
    let approver = ask::approver(args.later, sight.progress());
    let run = run_mission(&runtime, &mission, &asked, approver, sight.observer());
    // On the heap: a run holds all that its sessions do.
    let ran = Box::pin(run).await;
    sight.end().await;
    let ended = match ran {
        Ok(result) => shown::show(&place, &result, args, json).await,
        Err(failure) => Err(failure.into()),
    };
    place.close().await?;
    ended
}

/// Has a server run one of its missions, and waits for it.
async fn there(place: &Place, args: &RunArgs, json: bool) -> failure::Result {
    check_there(args)?;
    shown::check(args)?;
    let began = match (&args.watch, &args.mission) {
        (Some(id), _) => {
            let watch = WatchRun { id: id.clone(), after: 0, wait_ms: 0 };
            let seen = place.ask(watch).await?;
            RunBegan { id: seen.id, kind: seen.kind }
        }
        (None, mission) => {
            let mission = mission.as_deref().map(|name| name.display().to_string());
            let (mission, asked) = (mission.unwrap_or_default(), asked(args));
            place.ask(StartRun { mission, asked, later: args.later }).await?
        }
    };
    let result = attend(place, &began, args.later, json).await?;
    shown::show(place, &result, args, json).await
}

/// Refuses what belongs to the machine that runs a mission.
fn check_there(args: &RunArgs) -> Result<()> {
    let of_the_machine = [
        ("--record", args.record.is_some()),
        ("--replay", args.replay.is_some()),
        ("--limit", !args.limits.is_empty()),
    ];
    match of_the_machine.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::invalid(format!(
            "{option} does not work over a server: it belongs to the machine that runs the mission"
        ))
        .hint("leave it out, or run the mission where it lies, with `--state DIR`")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    fn parse(line: &str) -> RunArgs {
        match Args::try_parse_from(line.split(' ')).unwrap().command {
            Command::Run(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_belongs_to_the_machine_is_refused_over_a_server() {
        for option in ["--record f", "--replay f", "--limit fuel=1"] {
            let failure = check_there(&parse(&format!("lucid run m {option}"))).unwrap_err();
            assert!(failure.message.contains("over a server") && failure.hint.is_some());
        }
        for options in
            ["m --seed 7 --deterministic --resume --report f --plots d", "--watch latest"]
        {
            assert_eq!(check_there(&parse(&format!("lucid run {options}"))), Ok(()), "{options}");
        }
    }

    #[test]
    fn all_that_makes_another_run_is_asked_for() {
        let line = "lucid run m --seed 7 --held-out 3 --training 4 --shuffle-labels \
                    --deterministic --resume --plots d";
        let all = RunAsked {
            seed: Some(7),
            held_out: Some(3),
            training: Some(4),
            shuffle_labels: true,
            plots: true,
            deterministic: true,
            resume: true,
        };
        assert_eq!(asked(&parse(&line.split_whitespace().collect::<Vec<_>>().join(" "))), all);
        assert_eq!(asked(&parse("lucid run m")), RunAsked::default());
    }
}
