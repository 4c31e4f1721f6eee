//! JSON-RPC 2.0 as the Model Context Protocol has it: one message in each request, no batches.

use serde_json::{Value, json};

use crate::dialects::inbound::Object;
use crate::edge::json;
use crate::problem::Problem;

/// The versions of the protocol that are spoken, the newest first.
const VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];
/// The method that calls a tool.
pub const CALL: &str = "tools/call";
/// There is no such method.
const METHOD_NOT_FOUND: i32 = -32601;
/// There is no such tool, or its arguments are not what it takes.
const INVALID_PARAMS: i32 = -32602;

/// What a client says.
#[derive(Clone)]
pub enum Message {
    /// It wants an answer.
    Asks(Asked),
    /// It wants none: a notification, or an answer to what nobody asked.
    Tells,
}

/// What a client wants an answer to.
#[derive(Clone)]
pub struct Asked {
    /// What the answer is to be called.
    pub id: Value,
    /// What is to be done.
    pub method: String,
    params: Object,
}

/// The call of a tool.
pub struct Call<'a> {
    /// Its name.
    pub tool: &'a str,
    /// What it is given.
    pub arguments: Object,
}

/// Why something that is asked for is not done at all.
#[derive(Clone)]
pub struct Refusal {
    code: i32,
    message: String,
}

impl Message {
    /// Reads one.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut sent: Object = json::parse(bytes)?;
        if sent.get("jsonrpc").is_none_or(|version| version != "2.0") {
            return Err(unreadable("A message of JSON-RPC 2.0 is expected."));
        }
        let Some(method) = sent.remove("method") else {
            let is_answer = ["result", "error"].iter().any(|name| sent.contains_key(*name));
            return if is_answer { Ok(Self::Tells) } else { Err(unreadable("The message has no method.")) };
        };
        let Value::String(method) = method else { return Err(unreadable("The method must be a string.")) };
        let params = match sent.remove("params") {
            None => Object::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(unreadable("The params must be an object.")),
        };
        match sent.remove("id") {
            None => Ok(Self::Tells),
            Some(id) if id.is_string() || id.is_i64() => Ok(Self::Asks(Asked { id, method, params })),
            Some(_) => Err(unreadable("The id must be a string or a whole number.")),
        }
    }

    /// Whether it is the first one, in which versions are agreed upon.
    pub fn is_first(&self) -> bool {
        matches!(self, Self::Asks(asked) if asked.method == "initialize")
    }
}

impl Asked {
    /// The version to go on with: the client's, if it is spoken, else the newest.
    pub fn version(&self) -> &'static str {
        let asked = self.params.get("protocolVersion").and_then(Value::as_str);
        VERSIONS.into_iter().find(|version| asked == Some(*version)).unwrap_or(VERSIONS[0])
    }

    /// The tool that is called, if [`CALL`] is what is asked for.
    pub fn call(&self) -> Result<Call<'_>, Refusal> {
        let Some(Value::String(tool)) = self.params.get("name") else {
            return Err(Refusal::argument("name", "must be the name of a tool"));
        };
        match self.params.get("arguments") {
            None => Ok(Call { tool, arguments: Object::new() }),
            Some(Value::Object(arguments)) => Ok(Call { tool, arguments: arguments.clone() }),
            Some(_) => Err(Refusal::argument("arguments", "must be an object")),
        }
    }
}

impl Refusal {
    /// There is nothing of this kind with that name.
    pub fn unknown(what: &str) -> Self {
        let code = if what == "method" { METHOD_NOT_FOUND } else { INVALID_PARAMS };
        Self { code, message: format!("There is no such {what}.") }
    }

    /// A tool can't be called with this.
    pub fn argument(name: &str, must: &str) -> Self {
        Self { code: INVALID_PARAMS, message: format!("{name} {must}.") }
    }
}

/// Whether this version of the protocol is spoken.
pub fn is_spoken(version: &[u8]) -> bool {
    VERSIONS.iter().any(|known| known.as_bytes() == version)
}

/// The failure of a message in another version.
pub fn unspoken() -> Problem {
    Problem::bad_request(
        "unsupported-version",
        format!("The versions of MCP that are spoken are {}.", VERSIONS.join(", ")),
    )
}

fn unreadable(why: &'static str) -> Problem {
    Problem::bad_request("invalid-message", why)
}

/// An answer.
pub fn result(id: &Value, result: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

/// The answer that there is none.
pub fn failed(id: &Value, refusal: &Refusal) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": refusal.code, "message": refusal.message}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Message, Problem> {
        Message::read(text.as_bytes())
    }

    #[test]
    fn what_wants_an_answer_says_how_to_call_it() {
        for id in ["1", "\"one\"", "-7"] {
            let Ok(Message::Asks(asked)) = read(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)) else {
                panic!("{id} is an id")
            };
            assert_eq!((asked.method.as_str(), asked.id.to_string()), ("ping", id.to_owned()));
        }
        for told in [r#""method":"notifications/initialized""#, r#""id":1,"result":{}"#, r#""id":1,"error":{}"#] {
            assert!(matches!(read(&format!(r#"{{"jsonrpc":"2.0",{told}}}"#)), Ok(Message::Tells)), "{told}");
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for wrong in [
            "[]",
            "{",
            r#"{"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_version_that_is_unknown_is_answered_with_the_newest() {
        let version = |sent: &str| {
            let text =
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"{sent}"}}}}"#);
            let Ok(Message::Asks(asked)) = read(&text) else { panic!("{sent}") };
            asked.version()
        };
        assert_eq!(["2025-06-18", "2025-11-25", "1999-01-01"].map(version), ["2025-06-18", "2025-11-25", "2025-11-25"]);
    }
}
