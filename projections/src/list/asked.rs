//! A query whose values are bound, and the SQL that is made of it. Texts come from declarations only; what a client
//! sends is always a parameter.

use uuid::Uuid;

use super::field::{DELETED, RELEVANCE};
use super::place::Place;
use super::view::with_beside;
use super::{Field, Kind, List, ListQuery, Op, SortBy, Value};
use crate::Error;
use crate::page::Start;
use crate::sql::Binds;
use crate::tasks::Gathered;

/// A bound query.
pub(crate) struct Asked<'q> {
    pub(crate) list: &'static List,
    pub(crate) query: &'q ListQuery,
    /// The conditions with their parameters.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) words: Words,
    /// The order, down to what tells any two apart.
    pub(crate) sort: Vec<SortBy>,
    /// Where the page before ended: a parameter for each key of the order, none where the value is absent.
    pub(crate) place: Option<Vec<Option<String>>>,
    /// The position after which it was so: a parameter; none, if it is asked what is so now.
    pub(crate) at: Option<String>,
    /// What of that moment is gathered.
    pub(crate) gathered: Gathered,
    /// Whether it is asked what was deleted.
    pub(crate) deleted: bool,
    pub(crate) take: String,
    pub(crate) skip: String,
    pub(crate) binds: Binds,
}

/// A bound condition.
pub(crate) struct Condition {
    pub(crate) field: &'static Field,
    pub(crate) op: Op,
    pub(crate) value: String,
    pub(crate) several: bool,
    past: bool,
}

/// What is searched for.
pub(crate) enum Words {
    /// Nothing in particular.
    Any,
    /// These, as a `tsquery`.
    These(String),
    /// There is no word in what was asked, so nothing is found.
    Nothing,
}

impl Condition {
    /// As SQL over `d`.
    pub(crate) fn sql(&self) -> String {
        self.field.condition(self.op, &self.value, self.several, self.past)
    }
}

impl<'q> Asked<'q> {
    /// Binds a query, to be continued after `place`.
    pub(crate) fn new(
        list: &'static List,
        tenant: Uuid,
        query: &'q ListQuery,
        sort: Vec<SortBy>,
        place: Option<Place>,
        at: Option<i64>,
    ) -> Result<Self, Error> {
        let mut binds = Binds::default();
        let skip = match query.page.start {
            Start::Offset(skip) => skip,
            _ => 0,
        };
        let tenant = list.shares_words.then_some(tenant);
        let words = match query.q.as_deref().map(|question| crate::words::query(question, tenant)) {
            None => Words::Any,
            Some(None) => Words::Nothing,
            Some(Some(words)) => Words::These(format!("{}::tsquery", binds.bind(words, "text"))),
        };
        let mut conditions = Vec::with_capacity(query.filters.len());
        let deleted = query.is_of_deleted();
        // What lies beside the documents is there for those that can be found.
        let past = at.is_some() || deleted;
        for filter in query.filters.iter().filter(|filter| filter.field.name != DELETED) {
            let (value, several) = bind_all(&mut binds, filter.field.kind, filter.op, &filter.values)?;
            conditions.push(Condition { field: filter.field, op: filter.op, value, several, past });
        }
        let place = match place {
            None => None,
            Some(Place(values)) => {
                let values = values.into_iter().zip(&sort);
                Some(values.map(|(value, key)| value.map(|value| bind(&mut binds, key.field.kind, value))).collect())
            }
        };
        let (take, skip) = (binds.bind(query.page.limit + 1, "int8"), binds.bind(skip, "int8"));
        let at = at.map(|position| binds.bind(position, "int8"));
        Ok(Self {
            list,
            query,
            conditions,
            words,
            sort,
            place,
            at,
            gathered: Gathered::Nothing,
            deleted,
            take,
            skip,
            binds,
        })
    }

    /// Tells the texts apart that can be made of queries of one list: which filters, orders, places and views.
    pub(crate) fn form(&self) -> Vec<u8> {
        let mut form = Vec::with_capacity(16);
        let place = |field: &Field| self.list.fields.iter().position(|own| own.name == field.name).unwrap_or(255) as u8;
        for Condition { field, op, several, .. } in &self.conditions {
            form.extend([place(field), *op as u8 * 2 + u8::from(*several)]);
        }
        form.extend([
            254,
            match self.words {
                Words::Any => 0,
                Words::These(_) => 1,
                Words::Nothing => 2,
            },
        ]);
        form.extend(self.sort.iter().flat_map(|key| [place(key.field), u8::from(key.descending)]));
        form.push(254);
        form.extend(self.place.iter().flatten().map(|value| u8::from(value.is_some())));
        form.push(254);
        form.extend(self.query.view.expand.iter().map(|expand| self.list.place_of(expand)));
        form.extend([254, u8::from(self.at.is_some()), self.gathered as u8, u8::from(self.deleted)]);
        form
    }

    /// Whether the order is by how well things fit.
    pub(crate) fn is_ranked(&self) -> bool {
        self.sort.first().is_some_and(|key| key.field.kind == Kind::Rank)
    }

    /// The list's own condition and all of the query's, over `d`.
    pub(crate) fn which(&self) -> String {
        let there = if self.deleted { self.list.deleted } else { self.list.base };
        let mut which = vec!["d.workspace = $1::uuid".to_owned(), self.list.only.to_owned(), there.to_owned()];
        which.extend(self.conditions.iter().map(Condition::sql));
        match &self.words {
            Words::Any => {}
            Words::These(words) => which.push(format!("d.words @@ {words}")),
            Words::Nothing => which.push("false".to_owned()),
        }
        which.join(" and ")
    }

    /// What a key of the order is ordered by, as an expression.
    fn key(&self, field: &Field) -> String {
        match (&self.words, field.kind) {
            (Words::These(words), Kind::Rank) => (self.list.rank)(words),
            (_, Kind::Rank) => "0::float4".to_owned(),
            _ => field.value(),
        }
    }

    /// The order; absent values come last.
    pub(crate) fn order(&self) -> String {
        let keys = self.sort.iter().map(|SortBy { field, descending }| {
            let direction = if *descending { "desc" } else { "asc" };
            let nulls = if field.nullable { " nulls last" } else { "" };
            format!("{} {direction}{nulls}", self.key(field))
        });
        keys.collect::<Vec<_>>().join(", ")
    }

    /// What comes after the place, if there is one: beyond it in the first key that differs.
    pub(crate) fn after(&self) -> String {
        let Some(place) = &self.place else { return "true".to_owned() };
        let mut ways = Vec::new();
        let mut same = Vec::new();
        for (SortBy { field, descending }, value) in self.sort.iter().zip(place) {
            let key = self.key(field);
            let beyond = if *descending { "<" } else { ">" };
            match value {
                Some(value) => {
                    let further = if field.nullable {
                        format!("({key} {beyond} {value} or {key} is null)")
                    } else {
                        format!("{key} {beyond} {value}")
                    };
                    ways.push(same.iter().cloned().chain([further]).collect::<Vec<_>>().join(" and "));
                    same.push(format!("{key} = {value}"));
                }
                // Nothing comes after what is absent but more of it.
                None => same.push(format!("{key} is null")),
            }
        }
        format!("({})", ways.iter().map(|way| format!("({way})")).collect::<Vec<_>>().join(" or "))
    }

    /// The columns of a page's rows: the document, and how well it fits where the next cursor needs that.
    pub(crate) fn columns(&self) -> String {
        let mut doc = self.list.doc(self.at.is_some());
        // What stands beside is there as it is now only.
        if let (Words::These(words), Some((_, beside)), None) = (&self.words, self.list.beside, &self.at) {
            doc = with_beside(&doc, &beside(words));
        }
        if self.is_ranked() {
            format!("{doc} as doc, {} as rank", self.key(&RELEVANCE))
        } else {
            format!("{doc} as doc")
        }
    }

    /// The documents of the page, in order.
    pub(crate) fn answer(&self) -> String {
        let (columns, from, which, after) = (self.columns(), self.list.from, self.which(), self.after());
        let (order, take, skip) = (self.order(), &self.take, &self.skip);
        format!("select {columns} from {from} where {which} and {after} order by {order} limit {take} offset {skip}")
    }

    /// How many there are, counted.
    pub(crate) fn counted(&self) -> String {
        format!("(select count(*) from {} where {})", self.list.from, self.which())
    }
}

/// The order asked for, or the list's own; and last by what no two share.
pub(super) fn order(list: &'static List, query: &ListQuery) -> Vec<SortBy> {
    let mut sort = query.sort.clone();
    if sort.is_empty() && query.q.is_some() && list.searched.is_some() {
        sort.push(SortBy { field: &RELEVANCE, descending: true });
    }
    let Some(tie) = list.field(list.tie) else { return sort };
    if let Some(at) = sort.iter().position(|key| key.field.name == tie.name) {
        sort.truncate(at + 1);
    } else {
        let descending = sort.last().map_or(list.descending, |key| key.descending);
        sort.push(SortBy { field: tie, descending });
    }
    sort
}

/// Binds the values of a filter; answers the parameter, and whether it is an array.
fn bind_all(binds: &mut Binds, kind: Kind, op: Op, values: &[Value]) -> Result<(String, bool), Error> {
    let values: Vec<Value> = values.iter().map(|value| folded(kind, value.clone())).collect();
    let misfit = || Error::Bug(format!("{values:?} are no values of a filter by {kind:?}"));
    // A word is always one of several: one text serves for any number of them.
    let several = matches!(op, Op::Is | Op::Not) && (values.len() != 1 || matches!(kind, Kind::Word(_)));
    if !several {
        let [value] = values.as_slice() else { return Err(misfit()) };
        return Ok((bind(binds, kind, value.clone()), false));
    }
    macro_rules! array {
        ($variant:ident) => {
            binds.bind(
                values
                    .iter()
                    .map(|value| if let Value::$variant(value) = value { Ok(value.clone()) } else { Err(misfit()) })
                    .collect::<Result<Vec<_>, _>>()?,
                &format!("{}[]", kind.sql()),
            )
        };
    }
    let parameter = match kind {
        Kind::Id => array!(Id),
        Kind::Date => array!(Date),
        Kind::Instant => array!(Instant),
        Kind::Integer => array!(Integer),
        Kind::Bool => array!(Bool),
        Kind::Text | Kind::Name => array!(Text),
        Kind::Word(_) => array!(Word),
        Kind::Rank | Kind::Other => return Err(misfit()),
    };
    Ok((parameter, true))
}

/// The value as its column holds it.
fn folded(kind: Kind, value: Value) -> Value {
    match value {
        Value::Text(text) if kind == Kind::Name => Value::Text(text.to_lowercase()),
        value => value,
    }
}

/// Binds one value.
fn bind(binds: &mut Binds, kind: Kind, value: Value) -> String {
    match folded(kind, value) {
        Value::Id(id) => binds.bind(id, "uuid"),
        Value::Date(date) => binds.bind(date, "date"),
        Value::Instant(instant) => binds.bind(instant, "timestamptz"),
        Value::Integer(number) => binds.bind(number, "int8"),
        Value::Bool(yes) => binds.bind(yes, "bool"),
        Value::Text(text) => binds.bind(text, "text"),
        Value::Word(place) => binds.bind(place, "int2"),
        Value::Rank(rank) => binds.bind(rank, "float4"),
    }
}
