//! Starts deployments when their time has come.
//!
//! Whoever starts one first writes into its document that it does, against the revision it
//! read: of two servers on one store one succeeds, and the other looks again. What a server
//! took and never ended is written down as failed when enough time has gone by: starting it
//! once more could start it twice.

use std::sync::Arc;
use std::time::Duration;

use lucid_api::ApiError;
use lucid_api::deployment::{Deployment, Firing, Run, Trigger};
use lucid_core::Timestamp;
use lucid_store::DocumentFilter;
use tokio_util::sync::CancellationToken;

use super::run::{self, Sessions, Start};
use super::said::Said;
use super::{DEPLOYMENT, agent, change};
use crate::documents::Stored;
use crate::space::Space;

/// How often deployments are looked at: one that is made or changed meanwhile is seen, and a
/// machine that slept notices what it missed.
const LOOK: Duration = Duration::from_secs(5);

/// Runs a workspace's schedules until the server stops. A session that is being started then
/// is started whole.
pub(crate) async fn run(space: Arc<Space>, stopping: CancellationToken) {
    // Archived ones as well until that was done once: a run may have been begun before.
    let mut archived = true;
    let said = Arc::new(Said::default());
    loop {
        let (looks, stops, says) = (space.clone(), stopping.clone(), said.clone());
        // A task of its own: one that breaks does not end the schedules.
        let looked =
            tokio::spawn(async move { look(&looks, &Sessions, archived, &stops, &says).await });
        match looked.await {
            Ok(all_well) => archived &= !all_well,
            Err(error) => space.log.error(&format!("deployments: {error}")),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stopping.cancelled() => break,
        }
    }
}

/// Looks once at every deployment, and starts those whose time has come. What goes wrong with one
/// is told, and the others go on; what is due by then stays so until its time can be taken. Says
/// whether all went well.
pub(super) async fn look(
    space: &Arc<Space>,
    start: &dyn Start,
    archived: bool,
    stopping: &CancellationToken,
    said: &Said,
) -> bool {
    let filter = DocumentFilter { archived, ..DEPLOYMENT.filter() };
    let found = space.list::<Deployment>(&filter).await;
    let mut all_well = well(space, said, "deployments", &found);
    for Stored { value: deployment, .. } in found.unwrap_or_default() {
        if stopping.is_cancelled() {
            break;
        }
        let looked = look_at(space, start, &deployment).await;
        all_well &= well(space, said, &deployment.id, &looked);
    }
    all_well
}

/// Whether something went well; else it is told, once for as long as it goes wrong in one way.
fn well<T>(space: &Space, said: &Said, what: &str, went: &Result<T, ApiError>) -> bool {
    let Err(error) = went else {
        said.forget(what);
        return true;
    };
    let why = error.internal.as_ref().unwrap_or(&error.message);
    if said.is_news(what, why) {
        space.log.error(&format!("deployments: {what}: {why}"));
    }
    false
}

async fn look_at(
    space: &Arc<Space>,
    start: &dyn Start,
    deployment: &Deployment,
) -> Result<(), ApiError> {
    let now = space.clock.now();
    if let Some(firing) = deployment.stale(now) {
        return settle_lost(space, deployment, firing).await;
    }
    if deployment.has_come(now).is_none() {
        return Ok(());
    }
    if agent::is_gone(space, deployment).await? {
        change(space, &deployment.id, |before| Ok(before.archived(now))).await?;
        space.hooks.tell("deployment.archived", &deployment.id);
        return Ok(());
    }
    if let Some(claimed) = claim(space, deployment, now).await? {
        fire(space, start, &claimed).await?;
    }
    Ok(())
}

/// Takes the time that has come; none, when somebody else took it or it is not there any more.
async fn claim(
    space: &Space,
    deployment: &Deployment,
    now: Timestamp,
) -> Result<Option<Deployment>, ApiError> {
    let run_id = run::new_id(space);
    let id = &deployment.id;
    let (after, put) = change(space, id, |before| {
        Ok(before.claimed(run_id.clone(), now).unwrap_or_else(|| before.clone()))
    })
    .await?;
    let mine = after.firing.as_ref().is_some_and(|firing| firing.run_id == run_id);
    Ok((put && mine).then_some(after))
}

/// Runs a deployment whose time was taken.
async fn fire(space: &Arc<Space>, start: &dyn Start, claimed: &Deployment) -> Result<(), ApiError> {
    let Some(Firing { run_id, nominal, .. }) = claimed.firing.clone() else { return Ok(()) };
    space.hooks.tell("deployment_run.started", &run_id);
    let trigger = Trigger::Schedule { scheduled_at: nominal };
    let recorded = run::record_as(space, start, claimed, trigger, run_id).await;
    match recorded {
        Ok(run) => settle(space, &run).await,
        // There is a run of this time already: this one is at its end.
        Err(error) if error.status == 409 => {
            unclaim(space, claimed).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Lets a deployment go on after a run that was written down.
async fn settle(space: &Space, run: &Run) -> Result<(), ApiError> {
    let failed = run.error.is_some();
    let kind = if failed { "deployment_run.failed" } else { "deployment_run.succeeded" };
    let (now, id) = (space.clock.now(), &run.deployment_id);
    let (after, put) = change(space, id, |before| Ok(before.settled(run, now))).await?;
    if put {
        space.hooks.tell(kind, &run.id);
    }
    if put && failed && after.paused_reason.is_some() && after.updated_at == now {
        space.hooks.tell("deployment.paused", id);
    }
    Ok(())
}

/// Lets a deployment go on whose server is gone.
async fn settle_lost(
    space: &Space,
    deployment: &Deployment,
    firing: &Firing,
) -> Result<(), ApiError> {
    // The run may have been written down before the server ended.
    if let Some(found) = space.runtime.store.document(&firing.run_id).await? {
        let run = crate::documents::stored::<Run>(found)?.value;
        return settle(space, &run).await;
    }
    let trigger = Trigger::Schedule { scheduled_at: firing.nominal };
    let recorded = run::record_lost(space, deployment, trigger, firing.run_id.clone()).await;
    match recorded {
        Ok(run) => settle(space, &run).await,
        Err(error) if error.status == 409 => unclaim(space, deployment).await,
        Err(error) => Err(error),
    }
}

/// Takes back that a deployment is being run.
async fn unclaim(space: &Space, claimed: &Deployment) -> Result<(), ApiError> {
    change(space, &claimed.id, |before| {
        let same = before.firing == claimed.firing;
        let firing = before.firing.clone().filter(|_| !same);
        Ok(Deployment { firing, ..before.clone() })
    })
    .await?;
    Ok(())
}
