//! What every mount says of itself.

use reqwest::StatusCode;

use crate::server::{Server, send};

#[tokio::test(flavor = "multi_thread")]
async fn every_mount_has_a_document_a_page_and_a_text() {
    let server = Server::start().await;
    let read = async |path: &str| send(reqwest::Client::new().get(format!("{}{path}", server.url))).await;
    for (mount, document) in docket_api::dialects::served() {
        let json = read(&format!("{mount}/openapi.json")).await;
        assert_eq!((json.status, json.json()), (StatusCode::OK, document.clone()), "{mount}");
        let yaml = read(&format!("{mount}/openapi.yaml")).await;
        assert!(yaml.text.starts_with("\"components\"") || yaml.text.contains("\"openapi\""), "{mount}: {}", yaml.text);
        let page = read(&format!("{mount}/docs")).await;
        assert!(
            page.text.contains(&format!("{mount}/openapi.json")) && !page.text.contains("https://"),
            "{}",
            page.text
        );
        let title = document["info"]["title"].as_str().expect("a title");
        for path in ["/llms-full.txt", &format!("{mount}/llms.txt")] {
            assert!(read(path).await.text.contains(title), "{path}");
        }
        assert!(read("/llms.txt").await.text.contains(title));
        // Every operation says what it takes.
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                assert!(operation["security"].is_array(), "{mount} {method} {path}");
                assert!(operation["operationId"].is_string(), "{mount} {method} {path}");
            }
        }
    }
    let script = read("/docs/swagger-ui-bundle.js").await;
    assert_eq!(script.status, StatusCode::OK);
}
