//! What a list can be asked for: its fields, declared once. Filters, orders, the choice of members and the parameters
//! in the OpenAPI document are all made from these declarations.

/// The field that asks for what was taken away.
pub(super) const DELETED: &str = "deleted";

/// A field of a resource, and what a list of it can do with it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing a list can do, independent of the others")]
pub struct Field {
    /// Its name on the wire; for one that is shown, also the member of the document.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// One line for the reference.
    pub about: &'static str,
    /// Whether lists can be filtered by it.
    pub filter: bool,
    /// Whether lists can be ordered by it.
    pub sort: bool,
    /// Whether it may be absent; absent values come last in every order.
    pub nullable: bool,
    /// Whether it is a member of the document.
    pub shown: bool,
    /// Whether nobody knows what it was: it can't be asked for together with a moment of the past.
    pub fleeting: bool,
    /// Whether its texts are keys, with no comma in them, so that a comma stands between two.
    pub keys: bool,
    /// Whether its words go from least to most, so that there is a range of them.
    pub ranged: bool,
    source: Source,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A UUID.
    Id,
    /// A day.
    Date,
    /// An instant.
    Instant,
    /// A whole number.
    Integer,
    /// Yes or no.
    Bool,
    /// Any text.
    Text,
    /// A name, whose case does not matter: its column holds it in lower case.
    Name,
    /// One of these words, in this order.
    Word(&'static [&'static str]),
    /// How well a search fits; only to order by.
    Rank,
    /// Anything else: only shown.
    Other,
}

/// Where a field's value is found.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// In the document itself: good for lists of some thousands.
    Document,
    /// In a column (or an expression over `d`). A word is stored as its place among the words, in an `int2`.
    Column(&'static str),
    /// In this member of the document, which is a list: any number of values.
    Within(&'static str),
    /// In a table beside it, with rows (workspace, this column, number), and in this member of the document: any number
    /// of values.
    Beside(&'static str, &'static str, &'static str),
    /// In the ids of these rows `b`: any number of values.
    Among(&'static str),
    /// In this column, a time that goes along with the positions in the other: what is before or after a time is found by
    /// them.
    Along(&'static str, &'static str),
    /// In what this column refers to: a row of a table (workspace, id), in this column of it.
    OfIts {
        /// What refers to the row.
        by: &'static str,
        /// Where it is.
        table: &'static str,
        /// What of it.
        column: &'static str,
    },
}

/// What a filter asks of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// It is one of the values: `status=todo,done`.
    Is,
    /// It is none of the values: `status[not]=done`.
    Not,
    /// It is greater: `due_date[gt]=2026-01-01`.
    Gt,
    /// It is greater or equal.
    Gte,
    /// It is less.
    Lt,
    /// It is less or equal.
    Lte,
    /// It is there at all: `due_date[exists]=false`.
    Exists,
    /// It has these characters somewhere: `name[contains]=acm`.
    Contains,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Is, Self::Not, Self::Gt, Self::Gte, Self::Lt, Self::Lte, Self::Exists, Self::Contains];

    /// The word between brackets; none for [`Op::Is`].
    pub fn word(self) -> &'static str {
        ["", "not", "gt", "gte", "lt", "lte", "exists", "contains"][self as usize]
    }
}

impl Kind {
    /// Its type in SQL.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Id => "uuid",
            Self::Date => "date",
            Self::Instant => "timestamptz",
            Self::Integer => "int8",
            Self::Bool => "bool",
            Self::Text | Self::Name | Self::Other => "text",
            Self::Word(_) => "int2",
            Self::Rank => "float4",
        }
    }

    /// Whether its values lie on a line.
    fn has_ranges(self) -> bool {
        matches!(self, Self::Date | Self::Instant | Self::Integer)
    }
}

impl Field {
    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        let source = Source::Document;
        let (filter, shown) = (true, true);
        let (sort, nullable, fleeting, keys, ranged) = (false, false, false, false, false);
        Self { name, kind, about, filter, sort, nullable, shown, fleeting, keys, ranged, source }
    }

    /// An id to filter by.
    pub(crate) const fn id(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Id, about)
    }

    /// A day to filter and order by.
    pub(crate) const fn date(name: &'static str, about: &'static str) -> Self {
        Self { sort: true, ..Self::new(name, Kind::Date, about) }
    }

    /// An instant to filter and order by.
    pub(crate) const fn instant(name: &'static str, about: &'static str) -> Self {
        Self { sort: true, ..Self::new(name, Kind::Instant, about) }
    }

    /// A whole number to filter and order by.
    pub(crate) const fn integer(name: &'static str, about: &'static str) -> Self {
        Self { sort: true, ..Self::new(name, Kind::Integer, about) }
    }

    /// Yes or no, to filter by.
    pub(crate) const fn bool(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Bool, about)
    }

    /// A text to filter and order by.
    pub(crate) const fn text(name: &'static str, about: &'static str) -> Self {
        Self { sort: true, ..Self::new(name, Kind::Text, about) }
    }

    /// A name to filter and order by, whatever its case; the column holds it in lower case.
    pub(crate) const fn name(name: &'static str, column: &'static str, about: &'static str) -> Self {
        Self { sort: true, ..Self::new(name, Kind::Name, about) }.column(column)
    }

    /// A key: a text without commas, to filter and order by.
    pub(crate) const fn key(name: &'static str, about: &'static str) -> Self {
        Self { keys: true, ..Self::text(name, about) }
    }

    /// One of some words, to filter and order by, in the order of the words.
    pub(crate) const fn word(name: &'static str, words: &'static [&'static str], about: &'static str) -> Self {
        Self { sort: true, ..Self::new(name, Kind::Word(words), about) }
    }

    /// Who made it.
    pub(crate) const fn created_by() -> Self {
        Self::id("created_by", "Who made it: the id of a member, or of a key that acts for none.")
            .nullable()
            .column("(d.doc::json #>> '{created_by,id}')::uuid")
    }

    /// Whether it was taken away: asks for what was, instead of what is there. Which those are, the list says itself.
    pub(crate) const fn deleted() -> Self {
        Self::bool(
            DELETED,
            "With `true`, what was deleted and can be restored, instead of what is there. Takes the scope and the role that \
             restoring it takes.",
        )
    }

    /// A member that is only shown.
    pub(crate) const fn member(name: &'static str) -> Self {
        Self { filter: false, ..Self::new(name, Kind::Other, "") }
    }

    /// It may be absent.
    pub(crate) const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// It is found in this column (or expression over `d`) rather than in the document.
    pub(crate) const fn column(self, column: &'static str) -> Self {
        Self { source: Source::Column(column), ..self }
    }

    /// It is found in this column, and never goes back along the positions in another.
    pub(crate) const fn along(self, column: &'static str, position: &'static str) -> Self {
        Self { source: Source::Along(column, position), ..self }
    }

    /// It is any of the ids in this member of the document, which is a list.
    pub(crate) const fn within(self, member: &'static str) -> Self {
        Self { source: Source::Within(member), nullable: true, ..self.unshown() }
    }

    /// It is found in rows (workspace, `column`, number) of a table beside the documents, and in the list that is this
    /// member of the document; it may have many values.
    pub(crate) const fn beside(self, table: &'static str, column: &'static str, member: &'static str) -> Self {
        Self { source: Source::Beside(table, column, member), nullable: true, ..self.unshown() }
    }

    /// Its words go from least to most.
    pub(crate) const fn ranged(self) -> Self {
        Self { ranged: true, ..self }
    }

    /// It is any of the ids of some rows `b`, which are `from … where …`.
    pub(crate) const fn among(self, rows: &'static str) -> Self {
        Self { source: Source::Among(rows), nullable: true, ..self.unshown() }
    }

    /// Nobody knows what it was.
    pub(crate) const fn fleeting(self) -> Self {
        Self { fleeting: true, ..self }
    }

    /// Lists can't be ordered by it.
    pub(crate) const fn unsorted(self) -> Self {
        Self { sort: false, ..self }
    }

    /// It is found in a row (workspace, id) of another table, which the column `by` refers to.
    pub(crate) const fn of_its(self, by: &'static str, table: &'static str, column: &'static str) -> Self {
        Self { source: Source::OfIts { by, table, column }, nullable: true, ..self.unshown() }
    }

    /// It is not a member of the document: only to filter by.
    pub(crate) const fn unshown(self) -> Self {
        Self { shown: false, sort: false, ..self }
    }

    /// What a list can be asked about it.
    pub fn ops(&self) -> impl Iterator<Item = Op> + use<> {
        let Self { filter, kind, nullable, ranged, .. } = *self;
        Op::ALL.into_iter().filter(move |op| {
            filter
                && match op {
                    Op::Is => true,
                    Op::Not => kind != Kind::Bool,
                    Op::Exists => nullable,
                    Op::Contains => kind == Kind::Name,
                    _ => ranged || kind.has_ranges(),
                }
        })
    }

    /// Its value, as an expression over `d`.
    pub(crate) fn value(&self) -> String {
        let name = self.name;
        match (self.source, self.kind) {
            (Source::Column(column) | Source::Along(column, _), _) => column.to_owned(),
            (Source::Document, Kind::Word(words)) => {
                format!("(array_position('{{{}}}'::text[], d.doc::json->>'{name}') - 1)::int2", words.join(","))
            }
            (_, Kind::Text | Kind::Name | Kind::Other) => format!("(d.doc::json->>'{name}')"),
            (_, kind) => format!("(d.doc::json->>'{name}')::{}", kind.sql()),
        }
    }

    /// A condition over `d`. `value` is a parameter: an array where a filter takes several values, else one. What lies
    /// beside the documents is there for those of now only; in the `past`, they are asked themselves.
    pub(crate) fn condition(&self, op: Op, value: &str, several: bool, past: bool) -> String {
        let is = |one: &str| if several { format!("{one} = any ({value})") } else { format!("{one} = {value}") };
        let many = match self.source {
            // No index leads to any at all.
            Source::Beside(_, _, member) if op == Op::Exists => {
                return format!("(json_array_length(d.doc::json->'{member}') > 0) = {value}");
            }
            Source::Beside(table, column, _) if !past => Some((
                format!("select from {table} b where b.workspace = $1::uuid and b.number = d.number"),
                format!("b.{column}"),
            )),
            Source::Within(member) | Source::Beside(_, _, member) => Some((
                format!("select from json_array_elements_text(d.doc::json->'{member}') b(one) where true"),
                format!("b.one::{}", self.kind.sql()),
            )),
            Source::Among(rows) => Some((format!("select from {rows}"), "b.id".to_owned())),
            Source::OfIts { by, table, column } => Some((
                format!(
                    "select from {table} b where b.workspace = $1::uuid and b.id = d.{by} and b.{column} is not null"
                ),
                format!("b.{column}"),
            )),
            Source::Along(_, position) => {
                let last_at = |time: String| format!("(select log.position_at($2::int2, {time}))");
                let (at, before) = (last_at(value.to_owned()), last_at(format!("{value} - interval '1 microsecond'")));
                match op {
                    Op::Gt => return format!("{position} > {at}"),
                    Op::Gte => return format!("{position} > {before}"),
                    Op::Lt => return format!("{position} <= {before}"),
                    Op::Lte => return format!("{position} <= {at}"),
                    _ => None,
                }
            }
            Source::Document | Source::Column(_) => None,
        };
        if let Some((some, one)) = many {
            return match op {
                Op::Not => format!("not exists ({some} and {})", is(&one)),
                Op::Exists => format!("exists ({some}) = {value}"),
                _ => format!("exists ({some} and {})", is(&one)),
            };
        }
        let field = self.value();
        let sign = match op {
            Op::Is => return is(&field),
            Op::Not if several => return format!("({}) is not true", is(&field)),
            Op::Contains => return format!("strpos({field}, {value}) > 0"),
            Op::Exists => return format!("({field} is not null) = {value}"),
            Op::Not => "is distinct from",
            Op::Gt => ">",
            Op::Gte => ">=",
            Op::Lt => "<",
            Op::Lte => "<=",
        };
        format!("{field} {sign} {value}")
    }
}

/// How well a search fits, with which a list can only be ordered.
pub(crate) static RELEVANCE: Field = Field {
    filter: false,
    shown: false,
    sort: true,
    ..Field::new(
        "relevance",
        Kind::Rank,
        "How well it fits `q`: only with `q`, and then the order unless said otherwise.",
    )
};
