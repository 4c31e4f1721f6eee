//! A request is carried out in the name of who its caller is, not of who they were a moment ago: what is remembered of a
//! key may be a second old. Reads and writes notice in the database; and nobody is refused for what they once were.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Caller;
use crate::app::App;
use crate::edge::lent::Lent;
use crate::problem::{Problem, ROLE_CHANGED};

/// Carries out a request; once more, if the caller turns out to be somebody else by now.
pub async fn carry_out<A: Future<Output = Response>>(
    app: &App,
    mut caller: Caller,
    request: Request,
    run: impl Fn(Caller, Request) -> A,
) -> Response {
    let (parts, body) = request.into_parts();
    let (body, lent) = Lent::out(body);
    let response = run(caller.clone(), Request::from_parts(parts.clone(), body)).await;
    if !is_doubtful(&response) {
        return response;
    }
    let known = match app.keys.again(&caller).await {
        Ok(known) => known,
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => return problem.into_response(),
        Err(_) => return response,
    };
    match caller.take_over(&known).then(|| lent.back()).flatten() {
        Some(body) => run(caller, Request::from_parts(parts, body)).await,
        None => response,
    }
}

/// Whether another role might have got another answer.
fn is_doubtful(response: &Response) -> bool {
    let problem = response.extensions().get::<Problem>();
    problem.is_some_and(|problem| problem.status == StatusCode::FORBIDDEN || problem.code == ROLE_CHANGED)
}
