//! Stories: how they are written, and how they are told.

use std::path::{Path, PathBuf};

use reqwest::Method;

use super::matching::{self, Known};
use crate::server::send;

/// A file of exchanges.
pub struct Story {
    /// The file's name.
    pub name: String,
    /// What happens in it.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
pub struct Exchange {
    /// What happens.
    pub title: String,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    expected_headers: Vec<(String, String)>,
    expected: String,
}

/// The stories of a dialect, in order.
pub fn read(dialect: &str) -> Vec<Story> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dialects").join(dialect);
    let files = std::fs::read_dir(&folder).expect("a folder of stories").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "http")).collect();
    files.sort();
    files.iter().map(Story::parse).collect()
}

impl Story {
    fn parse(file: impl AsRef<Path>) -> Self {
        let file = file.as_ref();
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("a story");
        let blocks = text.split("\n### ").map(|block| block.trim_start_matches("### "));
        let exchanges = blocks.filter(|block| !block.trim().is_empty() && !block.starts_with('#'));
        let exchanges = exchanges.map(|block| Exchange::parse(block).unwrap_or_else(|| panic!("{name}: {block}")));
        Self { exchanges: exchanges.collect(), name }
    }

    /// The rows it covers.
    pub fn rows(&self) -> Vec<String> {
        let words = self.exchanges.iter().flat_map(|exchange| exchange.title.split_whitespace());
        let is_row = |word: &&str| {
            word.split_once('-').is_some_and(|(letter, number)| letter.len() == 1 && number.parse::<u32>().is_ok())
        };
        words.filter(is_row).map(str::to_owned).collect()
    }
}

fn headers(lines: &mut std::str::Lines<'_>) -> Vec<(String, String)> {
    let named = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    lines.by_ref().take_while(|line| !line.is_empty()).filter_map(named).collect()
}

impl Exchange {
    fn parse(block: &str) -> Option<Self> {
        let (request, answer) = block.split_once("\nHTTP ")?;
        let mut lines = request.lines();
        let title = lines.next()?.to_owned();
        let (method, path) = lines.next()?.split_once(' ')?;
        let sent = headers(&mut lines);
        let body = lines.collect::<Vec<_>>().join("\n");
        let mut lines = answer.lines();
        let status = lines.next()?.split(' ').next()?.parse().ok()?;
        let expected_headers = headers(&mut lines);
        let expected = lines.collect::<Vec<_>>().join("\n");
        let (method, path) = (method.parse().ok()?, path.to_owned());
        let body = body.trim_end().to_owned();
        Some(Self {
            title,
            method,
            path,
            headers: sent,
            body,
            status,
            expected_headers,
            expected: expected.trim().to_owned(),
        })
    }

    fn is_of_others(&self) -> bool {
        self.path.contains("{{foreign}}") || self.headers.iter().any(|(_, value)| value.contains("{{foreign}}"))
    }

    /// How often it is to be played.
    pub fn times(&self) -> usize {
        self.title.split_whitespace().find_map(|word| word.strip_suffix('×')?.parse().ok()).unwrap_or(1)
    }

    /// Sends the request and compares the answer.
    pub async fn play(&self, url: &str, known: &mut Known) -> Result<(), String> {
        let fill = |text: &str| matching::filled(text, known);
        let mut request = reqwest::Client::new().request(self.method.clone(), format!("{url}{}", fill(&self.path)?));
        for (name, value) in &self.headers {
            request = request.header(name, fill(value)?);
        }
        if !self.body.is_empty() {
            request = request.body(fill(&self.body)?);
        }
        // Several keys act in a story, each of which is only promised to see its own writes at once.
        if let (Some(position), false) = (known.get("docket-position"), self.is_of_others()) {
            request = request.header("Docket-Min-Position", position.as_str().unwrap_or_default());
        }
        let answer = send(request).await;
        if !answer.header("docket-position").is_empty() && !self.is_of_others() {
            known.insert("docket-position".into(), answer.header("docket-position").into());
        }
        let told =
            || format!("{} {} → {}\n{:?}\n{}", self.method, self.path, answer.status, answer.headers, answer.text);
        if answer.status.as_u16() != self.status {
            return Err(format!("expected {}: {}", self.status, told()));
        }
        for (name, value) in &self.expected_headers {
            let value = serde_json::Value::String(value.clone());
            matching::compare(&value, &answer.header(name).into(), name, known)
                .map_err(|why| format!("{why}\n{}", told()))?;
        }
        if self.expected.is_empty() {
            return if answer.text.is_empty() { Ok(()) } else { Err(format!("expected no body: {}", told())) };
        }
        if let Some(piece) = self.expected.strip_prefix("… ") {
            return if answer.text.contains(piece) {
                Ok(())
            } else {
                Err(format!("“{piece}” is missing: {}", told()))
            };
        }
        let expected = serde_json::from_str(&self.expected).map_err(|error| format!("the expected body: {error}"))?;
        let found = serde_json::from_str(&answer.text).map_err(|error| format!("{error}: {}", told()))?;
        matching::compare(&expected, &found, "", known).map_err(|why| format!("{why}\n{}", told()))
    }
}
