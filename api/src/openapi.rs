//! The OpenAPI document: what the code says of itself, completed from the access table, and the pages that show it.

pub mod llms;
pub mod yaml;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::auth::access;

/// Adds what no single operation knows: the key, the scopes and roles, the answers all operations share.
pub fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Docket")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("openapi.md")))
        .build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("key", bearer);
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
    document
}

mod shared {
    //! The headers and answers that operations share.

    use serde_json::json;
    use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
    use utoipa::openapi::{ContentBuilder, ObjectBuilder, RefOr, Required, ResponseBuilder, Type};

    use crate::auth::access::{Rule, Verb};
    use crate::edge::dry_run::DRY_RUN;

    pub fn add(operation: &mut Operation, rule: &Rule) {
        let of_one = rule.path.contains("{id}") || rule.path == "/v1/workspace";
        let writes = rule.method != Verb::Get;
        let parameters = operation.parameters.get_or_insert_with(Vec::new);
        if writes {
            parameters.push(header(
                "Idempotency-Key",
                "Makes it safe to send the request again: the stored answer comes back.",
            ));
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
        answers.push(("403", "The key lacks the scope, or its member the role."));
        if of_one {
            answers.push(("404", "There is no such resource in this workspace."));
        }
        if writes {
            answers.push(("409", "The present state does not allow it."));
            if of_one {
                answers.push(("412", "The resource is no longer at the version of `If-Match`."));
            }
            answers.push(("413", "The body is too large."));
            answers.push(("415", "The content type is not JSON."));
            answers.push(("422", "A value is not acceptable; `errors` says which."));
        }
        answers.push(("429", "Too many requests; `Retry-After` says when to come back."));
        answers.push(("503", "Not just now; `Retry-After` says when to come back."));
        for (status, why) in answers {
            operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(why).into());
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

    fn problem(why: &str) -> utoipa::openapi::Response {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let schema = ObjectBuilder::new()
            .property("type", text())
            .property("title", text())
            .property("status", ObjectBuilder::new().schema_type(Type::Integer))
            .property("code", text())
            .property("detail", text())
            .property("errors", utoipa::openapi::ArrayBuilder::new().items(ObjectBuilder::new().schema_type(Type::Object)))
            .property("request_id", text())
            .required("type")
            .required("title")
            .required("status")
            .required("code")
            .required("request_id")
            .examples([json!({"type": "/docs/problems#not-found", "title": "Not found", "status": 404, "code": "not-found", "request_id": "6f1f2d1c-6c1a-4c0e-9d51-0e2f6a3f6a55"})]);
        let content = ContentBuilder::new().schema(Some(schema)).build();
        ResponseBuilder::new().description(why).content("application/problem+json", content).build()
    }
}

/// `/openapi.json`, `/openapi.yaml`, the reference page at `/docs`, which needs nothing from elsewhere, and what problems point to.
pub fn pages(document: &OpenApi) -> Router {
    let text = document.to_json().unwrap_or_default();
    let yaml = yaml::of(&serde_json::from_str(&text).unwrap_or_default());
    let yaml = move || {
        let text = yaml.clone();
        async move { ([(header::CONTENT_TYPE, "application/yaml")], text) }
    };
    let json = move || {
        let text = text.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text) }
    };
    let messages = async || ([(header::CONTENT_TYPE, "application/yaml")], include_str!("asyncapi.yaml"));
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").try_it_out_enabled(true));
    let problems =
        async || ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], include_str!("../../docs/api.md"));
    Router::new()
        .route("/openapi.json", get(json))
        .route("/openapi.yaml", get(yaml))
        .route("/asyncapi.yaml", get(messages))
        .route("/docs/problems", get(problems))
        .merge(page)
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

/// A page that shows the OpenAPI document at `url`, with what the page at `/docs` is made of.
pub fn page(title: &str, url: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\">\n</head>\n<body>\n<div id=\"swagger-ui\"></div>\n\
         <script src=\"/docs/swagger-ui-bundle.js\"></script>\n\
         <script>SwaggerUIBundle({{url: {url:?}, dom_id: \"#swagger-ui\", deepLinking: true, \
         tryItOutEnabled: true, persistAuthorization: true, filter: true}})</script>\n</body>\n</html>\n"
    )
}
