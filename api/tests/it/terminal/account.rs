//! Logging in and out.

use std::os::unix::fs::PermissionsExt as _;

use super::{Person, complaint};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_checked_and_kept_for_its_owner_alone() {
    let server = Server::start().await;
    let person = Person::new();
    let said = person.complains(&["tasks", "list"]).await;
    assert!(said.contains("docket login"), "{said}");

    let wrong = person.told(&["login", "--url", &server.url], "dkt_live_nonsense\n").await;
    assert!(!wrong.status.success() && complaint(&wrong).contains("401"), "{}", complaint(&wrong));
    let file = person.home.join("config/docket/profiles.json");
    assert!(!file.exists(), "what does not work is not kept");

    let done = person.told(&["login", "--url", &format!("{}/", server.url)], &format!("{}\n", server.key())).await;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("as Owner, owner (profile default)"), "{said}{}", complaint(&done));
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(
        person.says(&["projects", "list", "--json"]).await.trim_end(),
        server.get("/v1/projects?limit=200").await.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_chosen_listed_and_forgotten() {
    let server = Server::start().await;
    let other = server.another_workspace().await;
    let mut person = Person::new();
    let login = |key: &str| ["login", "--url", &server.url, "--key", key].map(str::to_owned);
    for (profile, key) in [("default", server.key()), ("other", &other.keys[0].token)] {
        let args = login(key);
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        args.extend(["--profile", profile]);
        person.says(&args).await;
    }
    server.project("Here").await;
    assert!(person.says(&["projects", "list"]).await.contains("Here"));
    assert!(!person.says(&["projects", "list", "--profile", "other"]).await.contains("Here"));

    let listed = person.says(&["profiles"]).await;
    assert!(listed.contains("*     default") && listed.contains("      other"), "{listed}");
    assert!(!listed.contains(server.key()) && !person.says(&["profiles", "--json"]).await.contains(server.key()));

    let said = person.complains(&["projects", "list", "--url", "http://127.0.0.1:1"]).await;
    assert!(said.contains("the key of profile default is for"), "{said}");
    person.variables.push(("DOCKET_PROFILE", "other".to_owned()));
    assert!(!person.says(&["projects", "list"]).await.contains("Here"));
    person.says(&["logout"]).await;
    let said = person.complains(&["projects", "list"]).await;
    assert!(said.contains("no profile other"), "{said}");
    assert!(person.says(&["projects", "list", "--profile", "default"]).await.contains("Here"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named() {
    let person = Person::new();
    let said = person.complains(&["tasks", "list", "--url", "http://127.0.0.1:1", "--key", "k"]).await;
    assert!(said.contains("http://127.0.0.1:1 does not answer"), "{said}");
    let said = person.complains(&["login", "--url", "docket.example.com", "--key", "k"]).await;
    assert!(said.contains("docket.example.com is no address"), "{said}");
}
