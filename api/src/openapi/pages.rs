//! The pages that show the OpenAPI documents, and those that explain what such a document does not.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{MethodRouter, get};
use utoipa_swagger_ui::Config;

use super::{native, yaml};
use crate::edge::conditional;

/// The content type of plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The content type of a page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Answers with a text that is made when it is first asked for, and with its tag.
pub fn text<S: Clone + Send + Sync + 'static>(
    kind: &'static str,
    make: impl Fn() -> String + Clone + Send + Sync + 'static,
) -> MethodRouter<S> {
    let made = Arc::new(OnceLock::<Bytes>::new());
    get(async move |asked: HeaderMap| {
        let text = made.get_or_init(|| make().into()).clone();
        let etag = conditional::etag_of_view(0, crc32fast::hash(&text));
        conditional::respond(&asked, etag, || ([(header::CONTENT_TYPE, kind)], text).into_response())
    })
}

/// `/openapi.json`, `/openapi.yaml`, the reference page at `/docs`, which needs nothing from elsewhere, and what problems point to.
pub fn pages() -> Router {
    let messages = async || ([(header::CONTENT_TYPE, "application/yaml")], include_str!("../asyncapi.yaml"));
    let page = page("Docket: the API", "/openapi.json");
    let shown = text(HTML, move || page.clone());
    let problems =
        async || ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], include_str!("../../../docs/api.md"));
    Router::new()
        .route("/openapi.json", text("application/json", || native().to_string()))
        .route("/openapi.yaml", text("application/yaml", || yaml::of(native())))
        .route("/asyncapi.yaml", get(messages))
        .route("/docs/messages", get(async || Html(messages_page())))
        .route("/docs/problems", get(problems))
        .route("/docs", shown.clone())
        .route("/docs/", shown)
        .route("/docs/reference.js", text(SCRIPT, || include_str!("reference.js").to_owned()))
        .route("/docs/reference.css", text(STYLE, || include_str!("reference.css").to_owned()))
        .route("/docs/swagger-ui.css", text(STYLE, || swagger("swagger-ui.css")))
        .route("/docs/swagger-ui-bundle.js", text(SCRIPT, || swagger("swagger-ui-bundle.js")))
}

/// A file of Swagger UI.
fn swagger(name: &str) -> String {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::new(["/openapi.json"]))).ok().flatten();
    file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default()
}

/// What messages there are and how to get them over NATS: a page for people, where `/asyncapi.yaml` is for programs.
fn messages_page() -> String {
    let (about_events, about_nats) = (include_str!("../../../docs/events.md"), include_str!("../../../docs/nats.md"));
    let section = about_events.split("\n## ").find(|section| section.starts_with("Messages")).unwrap_or_default();
    let text = format!("{about_nats}\n## {section}");
    // Pages of the repository are not here.
    guide(
        "Docket's messages",
        &text.replace("](events.md#messages)", "](#messages)").replace("](api.md", "](/docs/problems"),
    )
}

/// A page of text, from Markdown.
pub fn guide(title: &str, markdown: &str) -> String {
    let mut text = String::new();
    let parser = pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES);
    pulldown_cmark::html::push_html(&mut text, parser);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>body {{ font: 1em/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em }} \
         pre {{ overflow: auto; background: #f4f4f4; padding: 1em }} \
         td, th {{ text-align: left; padding: .2em 1em .2em 0 }}</style>\n</head>\n<body>\n{text}</body>\n</html>\n"
    )
}

/// A page that shows the OpenAPI document at `url`. ⌘K begins a search.
pub fn page(title: &str, url: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"/explorer/icon.svg\">\n<link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\">\n\
         <link rel=\"stylesheet\" href=\"/docs/reference.css\">\n</head>\n<body>\n<div id=\"swagger-ui\"></div>\n\
         <script src=\"/docs/swagger-ui-bundle.js\"></script>\n\
         <script src=\"/docs/reference.js\" data-document=\"{url}\"></script>\n</body>\n</html>\n"
    )
}
