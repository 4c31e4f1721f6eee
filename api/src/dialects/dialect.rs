//! What a dialect consists of.

use std::future::Future;
use std::pin::Pin;

use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use docket_projections::List;
use serde_json::Value;

use super::call::Call;
use super::field::{Codec, Field};
use super::ids::IdForm;
use super::native::Native;
use crate::auth::Caller;
use crate::auth::access::{self, Rule, Verb};
use crate::limits::Mount;
use crate::problem::Problem;

/// Another product's API.
pub struct Dialect {
    /// Its name, as the history has it.
    pub name: &'static str,
    /// The product's, as its document has it.
    pub title: &'static str,
    /// What its document says first. Markdown.
    pub about: &'static str,
    /// Whose limits hold.
    pub limits: Mount,
    /// Where it is: what its base URL ends in.
    pub mount: &'static str,
    /// Where the page is that shows its document, besides `/docs`.
    pub pages: &'static [&'static str],
    /// Where its guide is, if it has one, and what it says. Markdown.
    pub guide: Option<(&'static [&'static str], &'static str)>,
    /// Where agents find its operations as tools, if they do.
    pub agents: Option<&'static str>,
    /// What its ids look like.
    pub ids: IdForm,
    /// What it answers.
    pub operations: &'static [Operation],
    /// Where a key may be sent besides `Authorization`.
    pub token: Token,
    /// Parameters that any of its requests may have.
    pub parameters: &'static [&'static str],
    /// Whether a parameter that it does not know is refused; else it is passed over, with a `Warning`.
    pub strict: bool,
    /// Whether a body may come as what `curl -d` says it is, or without saying what it is.
    pub forms: bool,
    /// Whether a request is called by a UUID, so that no other name that a client has for it is taken over.
    pub uuid_requests: bool,
    /// What must hold of a request besides its key, if anything.
    pub admits: Option<fn(&Parts, &Caller) -> Result<(), Problem>>,
    /// The path behind a request, for a product that has other places for what is asked than paths.
    pub rewrite: Option<fn(&Method, &Uri) -> Result<Option<Uri>, Problem>>,
    /// Headers that any of its requests may have.
    pub headers: &'static [Header],
    /// Its document with the addresses that clients write, made of one that has a path for each operation; none: that
    /// one.
    pub document: Option<fn(Value) -> Value>,
    /// The same as OpenAPI can say it, where it can't say that; none: that one.
    pub gathered: Option<fn(Value) -> Value>,
    /// The body of an answer that is one resource, from the resource; none: the resource itself.
    pub one: Option<fn(&str) -> String>,
    /// The body of an answer that is a list.
    pub list: fn(Rows) -> String,
    /// The body of the answer to a DELETE, from the id in its form; none: 204.
    pub deleted: Option<fn(&str) -> String>,
    /// The status and the body of a failure.
    pub failure: fn(&Failure<'_>) -> (StatusCode, String),
}

/// Where a key may be sent besides `Authorization`.
pub enum Token {
    /// Nowhere.
    Bearer,
    /// In this query parameter.
    Parameter(&'static str),
    /// In this header.
    Header(&'static str),
}

/// One operation.
pub struct Operation {
    /// Its method.
    pub method: Verb,
    /// Its path below the mount, as the router has it.
    pub path: &'static str,
    /// Its name in the document.
    pub id: &'static str,
    /// What it does.
    pub act: Act,
}

/// What an operation does.
pub enum Act {
    /// Lists resources.
    List(&'static Resource, Paging),
    /// Shows one.
    Get(&'static Resource),
    /// Creates one.
    Create(&'static Resource),
    /// Changes one.
    Update(&'static Resource),
    /// Takes one away.
    Delete(&'static Resource),
    /// Something of its own.
    Do(Own),
    /// Nothing: what people do when signed in, and no key does; the text says why. What they ask of it.
    Refuse(&'static str, &'static [Parameter]),
}

/// What an operation of its own does.
pub struct Own {
    /// What that is, for its document.
    pub about: &'static str,
    /// The native operation whose rule says who may; none: anybody, with or without a key.
    pub rule: Option<(Verb, &'static str)>,
    /// What its query string may have.
    pub asks: &'static [Parameter],
    /// What its body is like, if it takes one.
    pub takes: Option<&'static Resource>,
    /// What it answers with, if that is one resource.
    pub gives: Option<&'static Resource>,
    /// What it shows within that.
    pub shows: &'static [&'static Resource],
    /// Else what its answer is an array of: any of these.
    pub finds: &'static [&'static Resource],
    /// Whether what it answers with is new.
    pub creates: bool,
    /// How it is done.
    pub answer: fn(Call) -> Answered,
}

/// A parameter: its name, whether it must be there, and its JSON Schema.
pub type Parameter = (&'static str, bool, &'static str);

/// A header: its name, what it says, and its JSON Schema.
pub type Header = (&'static str, &'static str, &'static str);

/// An answer to come.
pub type Answered = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;

/// How a product speaks of a native resource.
pub struct Resource {
    /// What it calls one.
    pub noun: &'static str,
    /// What is behind it.
    pub native: &'static Native,
    /// Its members, in their order.
    pub fields: &'static [Field],
    /// What its list can be filtered by.
    pub filters: &'static [Field],
    /// What is always asked of the native list, as its query string.
    pub asked: &'static str,
    /// What is shown within each native one, joined by commas.
    pub expand: &'static str,
}

/// Which part of a list is answered.
#[derive(Clone, Copy)]
pub struct Paging {
    /// How many, unless said otherwise.
    pub usual: i64,
    /// How many at most; more is as if this were asked for.
    pub most: i64,
    /// How a client says where it starts.
    pub by: By,
}

/// How a client says where a page starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Not at all: the first ones are all there are.
    Nothing,
    /// `offset`.
    Offset,
    /// `cursor`.
    Cursor,
    /// `offset`, `page` or `cursor`; all there are, if it says nothing.
    Anything,
    /// `cursor`; all there are, if it says nothing.
    CursorIfAny,
}

/// A page, on its way into a dialect's envelope.
pub struct Rows {
    /// The resources, as the elements of a JSON array.
    pub items: String,
    /// How many there are on all pages.
    pub total: i64,
    /// How many were asked for.
    pub limit: i64,
    /// After how many the page starts.
    pub offset: i64,
    /// Whether more follow.
    pub has_more: bool,
    /// Where they follow.
    pub next_cursor: Option<String>,
    /// Whether the client goes by cursors, so that nobody knows how many come before.
    pub by_cursor: bool,
    /// Whether it is a page, and not all there are.
    pub paged: bool,
}

/// A failure, on its way into a dialect's shape.
pub struct Failure<'a> {
    /// What went wrong.
    pub problem: &'a Problem,
    /// The request's id.
    pub request_id: &'a str,
    /// The address of the mount, as the client has it.
    pub base: &'a str,
    /// What the operation is about, if it is known.
    pub noun: Option<&'static str>,
}

impl Rows {
    /// The resources between two texts, where they are: room for a second copy of a large text costs more than to move it.
    pub fn between(self, before: &str, after: &str) -> String {
        let mut text = self.items;
        text.insert_str(0, before);
        text.push_str(after);
        text
    }
}

impl Dialect {
    /// A resource in its envelope.
    pub fn one(&self, resource: String) -> String {
        match self.one {
            Some(envelope) => envelope(&resource),
            None => resource,
        }
    }
}

impl Operation {
    /// The rule of the native operation behind this one; none: anybody, with or without a key.
    pub fn rule(&self) -> Option<&'static Rule> {
        let (method, path) = match &self.act {
            Act::List(resource, _) => (Verb::Get, resource.native.all),
            Act::Get(resource) => (Verb::Get, resource.native.one),
            Act::Create(resource) => (Verb::Post, resource.native.all),
            Act::Update(resource) => (Verb::Patch, resource.native.one),
            Act::Delete(resource) => (Verb::Delete, resource.native.one),
            Act::Do(own) => own.rule?,
            // Whoever calls: it is the same for every key.
            Act::Refuse(..) => (Verb::Get, "/v1/me"),
        };
        access::RULES.iter().find(|rule| rule.method == method && rule.path == path)
    }

    /// All scopes that it takes: what is shown within something takes the scope that its own list takes.
    pub fn scopes(&self) -> Vec<String> {
        let Some(rule) = self.rule() else { return Vec::new() };
        let shown = if let Act::Do(own) = &self.act { own.shows } else { &[] };
        let lists = shown.iter().map(|resource| resource.native.list);
        let lists = lists.chain(self.resource().into_iter().flat_map(Resource::within));
        let within = lists.map(|list| format!("{}:read", list.name));
        rule.scope.map(str::to_owned).into_iter().chain(within).collect()
    }

    /// Refuses who may not do it natively, or whose key lacks one of its scopes.
    pub fn admit(&self, scopes: &[String], caller: &Caller) -> Result<(), Problem> {
        if let Some(rule) = self.rule() {
            rule.check(caller)?;
        }
        match scopes.iter().find(|scope| !caller.has(scope)) {
            Some(scope) => Err(access::missing(scope)),
            None => Ok(()),
        }
    }

    /// What it is about.
    pub fn resource(&self) -> Option<&'static Resource> {
        match &self.act {
            Act::List(resource, _)
            | Act::Get(resource)
            | Act::Create(resource)
            | Act::Update(resource)
            | Act::Delete(resource) => Some(resource),
            Act::Do(own) => own.gives,
            Act::Refuse(..) => None,
        }
    }
}

impl Resource {
    /// One that is called so, of which nothing is said yet.
    pub const fn of(noun: &'static str, native: &'static Native) -> Self {
        Self { noun, native, fields: &[], filters: &[], asked: "", expand: "" }
    }

    /// The lists of what is shown within one. Ids alone are its own: they say what it belongs to.
    fn within(&self) -> impl Iterator<Item = &'static List> {
        let is_shown = |name: &str| {
            let mut fields = self.fields.iter().filter(|field| !matches!(field.codec, Codec::Id(_) | Codec::Ids(_)));
            fields.any(|field| field.ours.split_once('/').is_some_and(|(within, _)| within == name))
        };
        let all = self.native.list.expand.iter();
        all.filter(move |expand| self.expand.split(',').any(|name| name == expand.name) && is_shown(expand.name))
            .map(|expand| (expand.list)())
    }
}

/// Declares the operations that every resource has.
macro_rules! operation {
    ($($name:ident, $method:ident, $act:ident;)*) => {$(
        #[doc = concat!("The operation `", stringify!($name), "` on a resource.")]
        pub const fn $name(path: &'static str, id: &'static str, resource: &'static Resource) -> Operation {
            Operation { method: Verb::$method, path, id, act: Act::$act(resource) }
        }
    )*};
}

operation! {
    get, Get, Get;
    create, Post, Create;
    put, Put, Update;
    patch, Patch, Update;
    delete, Delete, Delete;
}

/// An operation of its own, for anybody unless it is `like` a native one.
pub const fn own(
    method: Verb,
    path: &'static str,
    id: &'static str,
    about: &'static str,
    answer: fn(Call) -> Answered,
) -> Operation {
    let own =
        Own { about, rule: None, asks: &[], takes: None, gives: None, shows: &[], finds: &[], creates: false, answer };
    Operation { method, path, id, act: Act::Do(own) }
}

/// Declares what can be said besides of operations of their own.
macro_rules! besides {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) $field:ident = $value:expr;)*) => {
        impl Operation { $(
            $(#[$doc])*
            pub const fn $name(self, $($arg: $type),*) -> Self {
                match self.act {
                    Act::Do(own) => Self { act: Act::Do(Own { $field: $value, ..own }), ..self },
                    _ => self,
                }
            }
        )* }
    };
}

besides! {
    /// Who may do it is who may do this natively.
    like(method: Verb, path: &'static str) rule = Some((method, path));
    /// Its query string may have these.
    asks(parameters: &'static [Parameter]) asks = parameters;
    /// Its body is like this.
    takes(resource: &'static Resource) takes = Some(resource);
    /// It answers with one of these.
    gives(resource: &'static Resource) gives = Some(resource);
    /// It shows these within that.
    shows(resources: &'static [&'static Resource]) shows = resources;
    /// It answers with an array of any of these.
    finds(resources: &'static [&'static Resource]) finds = resources;
    /// What it answers with is new.
    creates() creates = true;
}

/// An operation that no key may use.
pub const fn refuse(method: Verb, path: &'static str, id: &'static str, why: &'static str) -> Operation {
    refuse_asking(method, path, id, why, &[])
}

/// The same, for what would be asked this.
pub const fn refuse_asking(
    method: Verb,
    path: &'static str,
    id: &'static str,
    why: &'static str,
    asks: &'static [Parameter],
) -> Operation {
    Operation { method, path, id, act: Act::Refuse(why, asks) }
}

/// The operation that lists a resource.
pub const fn list(path: &'static str, id: &'static str, resource: &'static Resource, paging: Paging) -> Operation {
    Operation { method: Verb::Get, path, id, act: Act::List(resource, paging) }
}
