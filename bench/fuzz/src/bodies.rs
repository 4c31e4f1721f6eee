//! JSON bodies: those of any object, as the dialects read them, and those of native operations.

use docket_api::edge::json;
use docket_api::problem::Problem;
use docket_api::routes::batch::Batch;
use docket_api::routes::catalog::{self, customers, labels, positions, spaces, teams};
use docket_api::routes::{
    comments, keys, members, notifications, phases, projects, sprints, tasks, timelogs, webhooks, workspace,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads a body as one operation does. The same is written anew, if it is an object.
type Reads = fn(&[u8], Option<&[u8]>);

/// What creates, changes or does something.
const BODIES: &[Reads] = &[
    reads::<tasks::create::CreateTask>,
    reads::<tasks::update::UpdateTask>,
    reads::<projects::create::CreateProject>,
    reads::<projects::update::UpdateProject>,
    reads::<phases::add::AddPhase>,
    reads::<phases::update::UpdatePhase>,
    reads::<sprints::create::CreateSprint>,
    reads::<sprints::update::UpdateSprint>,
    reads::<sprints::close::CloseSprint>,
    reads::<timelogs::log::LogTime>,
    reads::<timelogs::correct::CorrectTimelog>,
    reads::<timelogs::start::StartTimer>,
    reads::<timelogs::stop::StopTimer>,
    reads::<comments::create::CreateComment>,
    reads::<comments::edit::EditComment>,
    reads::<members::invite::InviteMember>,
    reads::<members::update::UpdateMember>,
    reads::<keys::mint::MintKey>,
    reads::<keys::update::UpdateKey>,
    reads::<keys::rotate::RotateKey>,
    reads::<workspace::update::UpdateWorkspace>,
    reads::<notifications::send::SendNotification>,
    reads::<notifications::preferences::UpdateNotificationPreferences>,
    reads::<webhooks::replay::ReplayWebhook>,
    reads::<webhooks::rotate::RotateWebhook>,
    reads::<customers::CreateCustomer>,
    reads::<customers::UpdateCustomer>,
    reads::<labels::CreateLabel>,
    reads::<labels::UpdateLabel>,
    reads::<positions::CreatePosition>,
    reads::<positions::UpdatePosition>,
    reads::<spaces::CreateSpace>,
    reads::<spaces::UpdateSpace>,
    reads::<teams::CreateTeam>,
    reads::<teams::UpdateTeam>,
    reads::<catalog::webhooks::CreateWebhook>,
    reads::<catalog::webhooks::UpdateWebhook>,
];

/// What does many things at once.
const BATCHES: &[Reads] = &[
    batched::<tasks::batch::TaskCommand>,
    batched::<projects::batch::ProjectCommand>,
    batched::<phases::batch::PhaseCommand>,
    batched::<sprints::batch::SprintCommand>,
    batched::<timelogs::batch::TimelogCommand>,
    batched::<comments::batch::CommentCommand>,
    batched::<members::batch::MemberCommand>,
    batched::<notifications::batch::NotificationCommand>,
    batched::<customers::CustomerCommand>,
    batched::<labels::LabelCommand>,
    batched::<positions::PositionCommand>,
    batched::<spaces::SpaceCommand>,
    batched::<teams::TeamCommand>,
    batched::<catalog::webhooks::WebhookCommand>,
];

/// What is accepted is what any reader of JSON makes of it, small and shallow, and reads the same when it is written
/// anew.
pub fn objects(bytes: &[u8]) {
    match json::parse::<Map<String, Value>>(bytes) {
        Ok(object) => {
            assert_eq!(serde_json::from_slice::<Map<String, Value>>(bytes).ok().as_ref(), Some(&object));
            assert!(object.len() <= 256 && depth(&object.clone().into()) <= 17);
            let text = serde_json::to_string(&object).expect("JSON");
            assert!(has_no_nul(&object.clone().into()));
            assert_eq!(json::parse::<Map<String, Value>>(text.as_bytes()).ok(), Some(object));
        }
        Err(problem) => refused(&problem),
    }
}

/// A body that an operation takes, it takes in any spelling; one that it refuses, it refuses for a reason.
pub fn patches(bytes: &[u8]) {
    all(BODIES, bytes);
}

/// The same of batches, and of each of their commands, which are read by themselves.
pub fn batches(bytes: &[u8]) {
    all(BATCHES, bytes);
}

fn all(readers: &[Reads], bytes: &[u8]) {
    let object = json::parse::<Map<String, Value>>(bytes).ok();
    let anew = object.map(|object| serde_json::to_vec_pretty(&object).expect("JSON"));
    for reads in readers {
        reads(bytes, anew.as_deref());
    }
}

fn reads<T: DeserializeOwned>(bytes: &[u8], anew: Option<&[u8]>) {
    match (json::parse::<T>(bytes), anew) {
        (Ok(_), Some(text)) => assert!(json::parse::<T>(text).is_ok(), "{}", String::from_utf8_lossy(text)),
        (Ok(_), None) => panic!("taken, but no object"),
        (Err(problem), _) => refused(&problem),
    }
}

fn batched<C: DeserializeOwned>(bytes: &[u8], anew: Option<&[u8]>) {
    reads::<Batch<C>>(bytes, anew);
    let (Ok(batch), Some(anew)) = (json::parse::<Batch<C>>(bytes), anew) else { return };
    let again = json::parse::<Batch<C>>(anew).unwrap_or_else(|problem| panic!("taken before: {problem:?}"));
    assert_eq!(batch.commands.len(), again.commands.len());
    for (one, other) in batch.commands.iter().zip(&again.commands) {
        match (one.read(), other.read()) {
            (Ok(_), Ok(_)) => {}
            (Err(problem), Err(other)) => {
                refused(&problem);
                assert_eq!(problem.status, other.status);
            }
            (Ok(_), Err(problem)) | (Err(problem), Ok(_)) => panic!("in one spelling only: {problem:?}"),
        }
    }
}

fn refused(problem: &Problem) {
    assert!([400, 422].contains(&problem.status.as_u16()), "{problem:?}");
    assert!(!problem.code.is_empty());
}

fn has_no_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(all) => all.iter().all(has_no_nul),
        Value::Object(members) => members.iter().all(|(name, value)| !name.contains('\0') && has_no_nul(value)),
        _ => true,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
