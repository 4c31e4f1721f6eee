//! The figures: one file each, in the order they are measured.

mod catch_up;
mod create;
mod delivery;
mod dialects;
mod flat;
mod hot;
mod lists;
mod oracles;
mod overload;
mod past;
mod patch;
mod proof;
mod reads;
mod rebuild;
mod reports;
mod slow;
mod sprint;
mod visibility;

use anyhow::Result;

use crate::checks;
use crate::options::Part;
use crate::stage::{FEW, Stage};

/// Measures all that is wanted.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let wants = |stage: &Stage, part| stage.options.wants(part);
    let flatness = wants(stage, Part::Flatness);
    let few = if flatness || wants(stage, Part::Reads) { Some(reads::run(stage, FEW as i64).await?) } else { None };
    let few = match few {
        Some(reads) if flatness => Some(flat::Sizes { reads, create: create::alone(stage).await? }),
        _ => None,
    };
    // Some connections are opened when first needed.
    stage.call_connections().await?;
    if wants(stage, Part::Create) {
        create::run(stage).await?;
    }
    if wants(stage, Part::Hot) {
        hot::run(stage).await?;
    }
    if wants(stage, Part::Patch) {
        patch::run(stage).await?;
    }
    if wants(stage, Part::Visibility) {
        visibility::run(stage).await?;
    }
    stage.naive = None;
    if stage.options.wants_many() {
        catch_up::run(stage).await?;
    }
    if let Some(few) = few {
        flat::run(stage, &few).await?;
    }
    if wants(stage, Part::Lists) {
        lists::run(stage).await?;
    }
    if wants(stage, Part::Past) {
        past::run(stage).await?;
        proof::run(stage).await?;
    }
    if wants(stage, Part::Reports) {
        reports::run(stage).await?;
    }
    if wants(stage, Part::Dialects) {
        dialects::run(stage).await?;
    }
    if wants(stage, Part::Sprint) {
        sprint::run(stage).await?;
    }
    if wants(stage, Part::Rebuild) {
        rebuild::run(stage).await?;
    }
    // It kills servers: only if it is asked for by name.
    if stage.options.names(Part::Delivery) {
        delivery::run(stage).await?;
    }
    // It leaves nothing for anybody else meanwhile.
    if stage.options.names(Part::Overload) {
        overload::run(stage).await?;
    }
    if stage.options.names(Part::Slow) {
        slow::run(stage).await?;
    }
    // It says nothing about speed, and takes its time.
    if stage.options.names(Part::Oracles) {
        oracles::run(stage).await?;
    }
    if wants(stage, Part::Check) {
        checks::run(stage).await?;
    }
    Ok(())
}
