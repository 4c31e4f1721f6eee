//! A list's parameters for the OpenAPI document.

use docket_projections::{Field, Kind, List, MOST, Op};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required};

use super::{AS_OF, FARTHEST, Filtered, LIMIT, LONGEST_SEARCH, Listable, Listing, Shown, values};

impl<L: Listable> IntoParams for Listing<L> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let list = L::LIST;
        // What every list takes comes first: the filters are many.
        let mut all = Vec::new();
        if list.searched.is_some() {
            let about = format!(
                "Only those with all of these words in {}; the best come first unless sorted otherwise.",
                list.looked_into().join(" or ")
            );
            all.push(one("q", &about, text().max_length(Some(LONGEST_SEARCH)).build()));
        }
        all.push(sort(list));
        let limit = integer(1, MOST).default(Some(LIMIT.into())).build();
        all.push(one("limit", "How many at most.", limit));
        all.push(one("cursor", "Where the page before ended: its `next_cursor`.", text().build()));
        all.push(one("offset", "How many to skip, instead of a cursor.", integer(0, FARTHEST).build()));
        all.extend(view(list));
        if has_since(list) {
            let schema = of_kind(Kind::Instant);
            all.push(one("updated_since", "Only what changed at this instant or later: `updated_at[gte]`.", schema));
        }
        all.extend(list.fields.iter().flat_map(filters));
        all
    }
}

impl<L: Listable> IntoParams for Filtered<L> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        L::LIST.fields.iter().flat_map(filters).collect()
    }
}

impl<L: Listable> IntoParams for Shown<L> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        view(L::LIST)
    }
}

/// The names of a list's filters.
pub fn filters_of(list: &'static List) -> impl Iterator<Item = String> {
    list.fields.iter().flat_map(|field| field.ops().map(|op| name(field, op)))
}

/// The names of all parameters that a list takes.
pub fn names(list: &'static List) -> impl Iterator<Item = String> {
    let since = has_since(list).then_some("updated_since");
    let others = [list.searched.map(|_| "q"), since, (!list.expand.is_empty()).then_some("expand")];
    let others = others.into_iter().flatten().chain(["fields", "sort", "limit", "cursor", "offset", AS_OF]);
    filters_of(list).chain(others.map(str::to_owned))
}

fn has_since(list: &List) -> bool {
    list.field("updated_at").is_some_and(|field| field.filter)
}

fn name(field: &Field, op: Op) -> String {
    match op.word() {
        "" => field.name.to_owned(),
        word => format!("{}[{word}]", field.name),
    }
}

fn filters(field: &'static Field) -> impl Iterator<Item = Parameter> {
    let about = field.about;
    field.ops().map(move |op| {
        let (meaning, several) = match op {
            Op::Is => (about.to_owned(), true),
            Op::Not => (format!("{about} None of these."), true),
            Op::Gt => (format!("{about} Greater than this."), false),
            Op::Gte => (format!("{about} At least this."), false),
            Op::Lt => (format!("{about} Less than this."), false),
            Op::Lte => (format!("{about} At most this."), false),
            Op::Contains => (format!("{about} These characters anywhere in it."), false),
            Op::Exists => (format!("{about} Whether there is any."), false),
        };
        let kind = if op == Op::Exists { Kind::Bool } else { field.kind };
        if several && values::splits(field) {
            listed(&name(field, op), &meaning, of_kind(kind))
        } else {
            one(&name(field, op), &meaning, of_kind(kind))
        }
    })
}

fn sort(list: &'static List) -> Parameter {
    let words = list.sorts().flat_map(|name| [name.to_owned(), format!("-{name}")]);
    let own = if list.descending { "-" } else { "" };
    let about =
        format!("The order: several keys, the first counts most; `-` turns one round. Else `{own}{}`.", list.tie);
    listed("sort", &about, text().enum_values(Some(words.collect::<Vec<_>>())).build())
}

fn view(list: &'static List) -> Vec<Parameter> {
    let shown: Vec<_> = list.fields.iter().filter(|field| field.shown).map(|field| field.name).collect();
    let fields = listed("fields", "Only these members of each.", text().enum_values(Some(shown)).build());
    let names: Vec<_> = list.expand.iter().map(|expand| expand.name).collect();
    let expand = (!names.is_empty()).then(|| {
        let about = "Show these within each. Each takes the scope that its own list takes.";
        listed("expand", about, text().enum_values(Some(names)).build())
    });
    let about =
        "As it was then: a time (RFC 3339), a day (its end, in UTC), or a position (a number, or a `Docket-Position`).";
    [fields].into_iter().chain(expand).chain([one(AS_OF, about, text().build())]).collect()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn integer(least: i64, most: i64) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most))
}

fn of_kind(kind: Kind) -> Object {
    let format = |format| text().format(Some(SchemaFormat::KnownFormat(format))).build();
    match kind {
        Kind::Id => format(KnownFormat::Uuid),
        Kind::Date => format(KnownFormat::Date),
        Kind::Instant => format(KnownFormat::DateTime),
        Kind::Integer => ObjectBuilder::new().schema_type(Type::Integer).build(),
        Kind::Bool => ObjectBuilder::new().schema_type(Type::Boolean).build(),
        Kind::Word(words) => text().enum_values(Some(words.to_vec())).build(),
        Kind::Text | Kind::Name | Kind::Rank | Kind::Other => text().build(),
    }
}

fn one(name: &str, about: &str, schema: Object) -> Parameter {
    parameter(name, about, Schema::Object(schema)).build()
}

/// Several values, joined by commas.
fn listed(name: &str, about: &str, of: Object) -> Parameter {
    let schema = Schema::Array(ArrayBuilder::new().items(of).build());
    parameter(name, about, schema).style(Some(ParameterStyle::Form)).explode(Some(false)).build()
}

fn parameter(name: &str, about: &str, schema: Schema) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(RefOr::T(schema)))
}
