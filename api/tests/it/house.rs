//! Who may know whom, as far as cargo and clippy don't see to it.

use std::fs;
use std::path::{Path, PathBuf};

/// Beyond so many lines nobody reads a file any more.
const LONGEST: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file below a folder of the workspace, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    files(folder, |path| path.extension().is_some_and(|extension| extension == "rs"))
}

fn files(folder: &str, wanted: fn(&Path) -> bool) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&path) {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// Every file of the explorer's page, with its text.
fn page() -> Vec<(PathBuf, String)> {
    files("api/src/explorer/page", |_| true)
}

/// The crates that a crate depends on to run.
fn dependencies(package: &str) -> Vec<String> {
    let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("a manifest");
    let section = manifest.split("[dependencies]").nth(1).expect("dependencies");
    let lines = section.lines().skip(1).take_while(|line| !line.starts_with('['));
    let name = |line: &str| Some(line.split(['.', ' ', '=']).next()?.to_owned()).filter(|name| !name.is_empty());
    lines.filter(|line| !line.starts_with('#')).filter_map(name).collect()
}

#[test]
fn each_crate_knows_only_what_it_may() {
    let forbidden: [(&str, &[&str]); 4] = [
        ("domain", &["sqlx", "tokio", "tokio-postgres", "axum", "async-nats", "rand", "docket-commands"]),
        ("commands", &["axum", "tokio-postgres", "docket-projections"]),
        ("projections", &["axum", "sqlx", "docket-commands"]),
        ("bench", &["docket-api", "docket-commands", "docket-projections"]),
    ];
    for (package, strangers) in forbidden {
        let known = dependencies(package);
        assert!(known.len() > 3, "{package}: {known:?}");
        for stranger in strangers {
            assert!(!known.iter().any(|name| name == stranger), "{package} knows {stranger}");
        }
    }
}

#[test]
fn the_api_writes_no_sql() {
    let starts = ["\"select ", "\"insert into ", "\"update ", "\"delete from ", "sqlx::query"];
    for (path, text) in sources("api/src") {
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            assert!(!starts.iter().any(|start| lower.contains(start)), "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn files_stay_small() {
    for folder in ["domain/src", "commands/src", "projections/src", "api/src"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= LONGEST, "{} has {lines} lines: it is about more than one thing", path.display());
        }
    }
}

#[test]
fn the_page_makes_no_markup_of_texts() {
    let ways = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "createContextualFragment",
        "document.write",
        "DOMParser",
        "srcdoc",
        "setHTML",
        "eval(",
        "Function(",
        "javascript:",
        " style=",
        " onclick=",
        " onload=",
        " onerror=",
        "<style",
        "http://",
        "https://",
        "localStorage.setItem(key",
        "@import",
    ];
    let named = ["http://www.w3.org/2000/svg"];
    for (path, text) in page() {
        assert!(text.lines().count() <= LONGEST / 2, "{} is about more than one thing", path.display());
        for (number, line) in text.lines().enumerate() {
            let line = named.iter().fold(line.to_owned(), |line, name| line.replace(name, ""));
            let found = ways.iter().find(|way| line.contains(**way));
            assert_eq!(found, None, "{}:{}: {line}", path.display(), number + 1);
        }
        let inline = text.split("<script").skip(1).any(|rest| !rest.contains(" src="));
        assert!(!inline, "{} has a script inside", path.display());
    }
}

#[test]
fn the_page_is_served_as_a_whole() {
    let served = fs::read_to_string(root().join("api/src/explorer/files.rs")).expect("a text");
    let folder = root().join("api/src/explorer/page");
    for (path, _) in page() {
        let name = path.strip_prefix(&folder).expect("below the folder").display().to_string();
        assert!(served.contains(&format!("\"{name}\"")), "{name} is not served");
    }
}

#[test]
fn no_module_is_called_by_what_it_is_not_about() {
    let empty = ["util", "utils", "helper", "helpers", "common", "misc", "types", "manager", "service"];
    for folder in ["domain/src", "commands/src", "projections/src", "api/src"] {
        for (path, _) in sources(folder) {
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            assert!(!empty.contains(&name), "{}", path.display());
        }
    }
}

#[test]
fn released_migrations_stay_as_they_are() {
    let folder = root().join("migrations");
    let released = fs::read_to_string(folder.join("released.sha384")).expect("a text");
    // What databases remember, and compare: the list is written by sha384sum, so both mean the same bytes.
    let known = sqlx::migrate!("../migrations");
    let mut numbers = Vec::new();
    for line in released.lines() {
        let (sum, name) = line.split_once("  ").expect("a line of sha384sum");
        let number: i64 = name.split_once('_').and_then(|(number, _)| number.parse().ok()).expect("a number");
        let found = known.iter().find(|one| one.version == number && folder.join(name).is_file());
        assert_eq!(
            found.map(|one| hex::encode(&one.checksum)).as_deref(),
            Some(sum),
            "migrations/{name} has run on databases, which then refuse it: add a migration instead of editing one that \
             has been released (see migrations/README.md)"
        );
        numbers.push(number);
    }
    let last = numbers.iter().max().expect("released migrations");
    let early = known.iter().find(|one| one.version < *last && !numbers.contains(&one.version));
    assert_eq!(early.map(|one| one.version), None, "a new migration comes after {last}, the last one released");
}

#[test]
fn what_is_served_has_no_failpoints() {
    let docket = env!("CARGO_BIN_EXE_docket");
    let version = std::process::Command::new(docket).arg("--version").output().expect("docket");
    assert_eq!(String::from_utf8_lossy(&version.stdout), concat!("docket ", env!("CARGO_PKG_VERSION"), "\n"));
    // Put together here, so that what looks for it does not contain it.
    let mark = ["failpoint", ":"].concat();
    let program = fs::read(docket).expect("a program");
    assert!(!String::from_utf8_lossy(&program).contains(&mark), "{docket} has failpoints");
}

#[test]
fn every_failpoint_is_tried_and_told_of() {
    let text = |path: &str| fs::read_to_string(root().join(path)).expect("a text");
    let (bugs, page, mut found) = (text("bench/src/faults/bugs.rs"), text("docs/reliability.md"), 0);
    for (path, text) in ["commands/src", "projections/src", "api/src"].into_iter().flat_map(sources) {
        for name in text.split("failpoint!(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(bugs.contains(&format!("point(\"{name}\"")), "{}: nobody plants {name}", path.display());
            assert!(page.contains(&format!("`{name}`")), "nobody is told of {name}");
            found += 1;
        }
    }
    assert!(found >= bugs.matches("point(\"").count(), "{found}");
}
