//! The OpenAPI document: what the code says of itself, completed from the access table. `pages` shows it.

mod examples;
mod headers;
pub mod llms;
mod pages;
mod partial;
mod shared;
mod tags;
pub mod yaml;

use std::sync::LazyLock;

use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};

pub use pages::{HTML, TEXT, guide, page, pages, text};

use crate::auth::access;

/// Adds what no single operation knows: the key, the scopes and roles, the answers all operations share.
pub fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Docket")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("openapi.md")))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    document.tags = Some(tags::all());
    document.servers = Some(vec![ServerBuilder::new().url("/").description(Some("The server this is from.")).build()]);
    let about = "An API key: `dkt_live_…`, as `docket dev` and `POST /v1/keys` show it.";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about)).build();
    let bearer = SecurityScheme::Http(bearer);
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("key", bearer);
    components.schemas.insert(shared::PROBLEM.to_owned(), shared::problem().into());
    components.schemas.extend(shared::dry_run_schemas());
    components.examples.extend(examples::problems());
    components.headers.extend(headers::all());
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
        // A summary is plain text.
        operation.summary = operation.summary.take().map(|text| text.replace('`', ""));
        shared::explain(operation);
        examples::add(operation);
        headers::add(operation);
    }
    prune(&mut document);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    [get, post, put, patch, delete].into_iter().flatten()
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
