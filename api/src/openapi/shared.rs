//! The headers and answers that operations share.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{
    ArrayBuilder, ContentBuilder, ObjectBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::access::{Rule, Verb};
use crate::edge::dry_run::{DRY_RUN, DryRun};

/// The name of the schema of problems.
pub const PROBLEM: &str = "Problem";

/// What is done beside a resource and not to it: no version of it is expected.
const BESIDE: [&str; 5] = ["/undo", "/test", "/replay", "/comments", "/batch"];

/// Adds what an operation of this rule has in common with others.
pub fn add(operation: &mut Operation, rule: &Rule) {
    let is_somewhere = rule.path.contains("{id}");
    let is_beside = BESIDE.iter().any(|end| rule.path.ends_with(end));
    let of_one = (is_somewhere || rule.path == "/v1/workspace") && !is_beside;
    let writes = rule.method != Verb::Get;
    let parameters = operation.parameters.get_or_insert_with(Vec::new);
    if writes {
        parameters
            .push(header("Idempotency-Key", "Makes it safe to send the request again: the stored answer comes back."));
        parameters.push(dry_run());
        if of_one {
            parameters.push(header("If-Match", "Only if the resource is still at this `ETag`."));
        }
    } else {
        parameters.push(header(
            "Docket-Min-Position",
            "Only answer once this `Docket-Position` is readable. One's own writes always are.",
        ));
        if rule.path.ends_with("{id}") {
            parameters.push(header("If-None-Match", "Answer 304 if the resource is still at this `ETag`."));
        }
    }
    let mut answers =
        vec![("400", "The request is malformed."), ("401", "The key is missing, unknown, expired or revoked.")];
    if rule.scope.is_some() {
        answers.push(("403", "The key lacks the scope, or its member the role."));
    }
    // What a batch is about is a matter of its commands.
    if is_somewhere && !rule.path.ends_with("/batch") {
        answers.push(("404", "There is no such resource in this workspace."));
    }
    if writes {
        answers.push(("409", "The present state does not allow it."));
        if of_one {
            answers.push(("412", "The resource is no longer at the version of `If-Match`."));
        }
        answers.push(("413", "The body is too large."));
        answers.push(("415", "The content type is not JSON."));
    }
    // Of reads, too: no parameter may have U+0000.
    answers.push(("422", "A value is not acceptable; `errors` says which."));
    answers.push(("429", "Too many requests; `Retry-After` says when to come back."));
    answers.push(("503", "Not just now; `Retry-After` says when to come back."));
    for (status, why) in answers {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| described(why).into());
    }
    if writes {
        tried(operation);
    }
}

/// What a tried command answers with.
pub fn dry_run_schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(DryRun::name().into_owned(), DryRun::schema())];
    DryRun::schemas(&mut schemas);
    schemas
}

/// Says what it answers to those who only try it.
fn tried(operation: &mut Operation) {
    let answer = operation.responses.responses.entry("200".to_owned()).or_insert_with(|| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(DryRun::name())));
        let about = "What it would come to, asked with `dry_run`.";
        ResponseBuilder::new().description(about).content("application/json", content.build()).build().into()
    });
    if let RefOr::T(answer) = answer
        && !answer.description.contains("`dry_run`")
    {
        answer.description.push_str(" With `dry_run`, a `DryRun` instead.");
    }
}

fn header(name: &str, description: &str) -> RefOr<Parameter> {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
        .into()
}

fn dry_run() -> RefOr<Parameter> {
    ParameterBuilder::new()
        .name(DRY_RUN)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "Show the events it would come to (`DryRun`), and store nothing. What would be refused is refused.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::Boolean)))
        .build()
        .into()
}

fn described(why: &str) -> Response {
    ResponseBuilder::new().description(why).build()
}

/// Lets every answer that is an error be a problem.
pub fn explain(operation: &mut Operation) {
    let answers = &mut operation.responses.responses;
    if !answers.keys().any(|status| status.starts_with('4')) {
        answers.insert("400".to_owned(), described("The request is malformed.").into());
    }
    for (status, answer) in answers {
        if let RefOr::T(answer) = answer
            && (status.starts_with('4') || status.starts_with('5'))
            && answer.content.is_empty()
        {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build();
            answer.content.insert("application/problem+json".to_owned(), content.into());
        }
    }
}

/// An event that stands in the way of undoing others.
fn in_the_way() -> ObjectBuilder {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let number = |about: &str| ObjectBuilder::new().schema_type(Type::Integer).description(Some(about));
    ObjectBuilder::new()
        .property("position", number("Its place in the history."))
        .property("type", text("What happened."))
        .property("kind", text("What kind of thing it happened to."))
        .property("resource_id", text("What it happened to."))
        .property("version", number("The resource's version after it."))
        .property("recorded_at", text("When it was committed."))
        .property("actor", ObjectBuilder::new().description(Some("Who did it.")))
        .property("why", text("`later`: it came after what is to be undone; `lasting`: it can't be undone."))
}

/// What a problem looks like.
pub fn problem() -> Schema {
    let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about));
    let error = ObjectBuilder::new()
        .property("pointer", text("Which part of the body, as a JSON pointer (RFC 6901)."))
        .property("parameter", text("Or which parameter of the query."))
        .property("code", text("What is wrong with it, for programs."))
        .property("detail", text("The same for people."))
        .required("code")
        .required("detail");
    ObjectBuilder::new()
        .description(Some("What went wrong (RFC 9457). Branch on `code`."))
        .property("type", text("Where the code is explained."))
        .property("title", text("The code in words."))
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).description(Some("The status.")))
        .property("code", text("What went wrong, for programs."))
        .property("detail", text("The same for people."))
        .property("errors", ArrayBuilder::new().items(error).description(Some("The fields at fault.")))
        .property("request_id", text("What the request is called in the log."))
        .property(
            "in_the_way",
            ArrayBuilder::new().items(in_the_way()).description(Some("What stands in the way of undoing.")),
        )
        .property("more", ObjectBuilder::new().schema_type(Type::Integer).description(Some("How many more do.")))
        .required("type")
        .required("title")
        .required("status")
        .required("code")
        .required("request_id")
        .build()
        .into()
}
