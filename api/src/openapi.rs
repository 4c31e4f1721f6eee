//! The OpenAPI document: what the code says of itself, completed from the access table, and the pages that show it.

mod examples;
pub mod llms;
mod partial;
mod shared;
pub mod yaml;

use std::sync::{Arc, LazyLock, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{MethodRouter, get};
use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::auth::access;
use crate::edge::conditional;

/// Adds what no single operation knows: the key, the scopes and roles, the answers all operations share.
pub fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Docket")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("openapi.md")))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/").description(Some("The server this is from.")).build()]);
    let about = "An API key: `dkt_live_…`, as `docket dev` and `POST /v1/keys` show it.";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about)).build();
    let bearer = SecurityScheme::Http(bearer);
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("key", bearer);
    components.schemas.insert(shared::PROBLEM.to_owned(), shared::problem().into());
    components.schemas.extend(shared::dry_run_schemas());
    for rule in access::RULES {
        let Some(item) = document.paths.paths.get_mut(rule.path) else { continue };
        let operation = match rule.method {
            access::Verb::Get => &mut item.get,
            access::Verb::Post => &mut item.post,
            access::Verb::Patch => &mut item.patch,
            access::Verb::Put => &mut item.put,
            access::Verb::Delete => &mut item.delete,
        };
        let Some(operation) = operation else { continue };
        operation.security = Some(vec![SecurityRequirement::new("key", rule.scope)]);
        let takes = match rule.scope {
            Some(scope) => format!("Takes the scope `{scope}` and the role {:?} or above.", rule.role),
            None => "Takes any valid key.".to_owned(),
        };
        operation.description = Some(match operation.description.take() {
            Some(text) => format!("{text}\n\n{takes}"),
            None => takes,
        });
        shared::add(operation, rule);
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        shared::explain(operation);
        examples::add(operation);
    }
    prune(&mut document);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    [get, post, put, patch, delete].into_iter().flatten()
}

/// The content type of plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";

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

/// The native document, as JSON.
pub fn native() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut document = serde_json::to_value(crate::router::document()).unwrap_or_default();
        partial::add(&mut document);
        document
    });
    &DOCUMENT
}

/// Leaves out what nothing refers to.
fn prune(document: &mut OpenApi) {
    loop {
        let text = document.to_json().unwrap_or_default();
        let Some(components) = &mut document.components else { return };
        let before = components.schemas.len();
        components.schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if components.schemas.len() == before {
            return;
        }
    }
}

/// `/openapi.json`, `/openapi.yaml`, the reference page at `/docs`, which needs nothing from elsewhere, and what problems point to.
pub fn pages() -> Router {
    let messages = async || ([(header::CONTENT_TYPE, "application/yaml")], include_str!("asyncapi.yaml"));
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").try_it_out_enabled(true));
    let problems =
        async || ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], include_str!("../../docs/api.md"));
    Router::new()
        .route("/openapi.json", text("application/json", || native().to_string()))
        .route("/openapi.yaml", text("application/yaml", || yaml::of(native())))
        .route("/asyncapi.yaml", get(messages))
        .route("/docs/messages", get(async || Html(messages_page())))
        .route("/docs/problems", get(problems))
        .merge(page)
}

/// What messages there are and how to get them over NATS: a page for people, where `/asyncapi.yaml` is for programs.
fn messages_page() -> String {
    let (about_events, about_nats) = (include_str!("../../docs/events.md"), include_str!("../../docs/nats.md"));
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

/// A page that shows the OpenAPI document at `url`, with what the page at `/docs` is made of. ⌘K begins a search.
pub fn page(title: &str, url: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\">\n</head>\n<body>\n<div id=\"swagger-ui\"></div>\n\
         <script src=\"/docs/swagger-ui-bundle.js\"></script>\n\
         <script>SwaggerUIBundle({{url: {url:?}, dom_id: \"#swagger-ui\", deepLinking: true, \
         tryItOutEnabled: true, persistAuthorization: true, filter: true}});\n\
         addEventListener(\"keydown\", (event) => {{ if (event.key === \"k\" && (event.metaKey || event.ctrlKey)) \
         {{ event.preventDefault(); document.querySelector(\".operation-filter-input\")?.focus() }} }})</script>\n</body>\n</html>\n"
    )
}
