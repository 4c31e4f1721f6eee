//! Which column is what.

use std::str::FromStr;

use anyhow::{bail, ensure};
use csv::StringRecord;

use super::format::{Field, Format, folded};

/// The columns of each field, the one that counts first before the others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    columns: Vec<(Field, Vec<usize>)>,
}

/// What a person says about a field: `title=Summary`; without a column, that it is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    field: Field,
    head: Option<String>,
}

impl FromStr for Said {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, head) = text.split_once('=').ok_or("say FIELD=COLUMN, like title=Summary")?;
        let named = |one: &Field| one.as_str() == field.trim().to_lowercase();
        let Some(field) = Field::ALL.into_iter().find(named) else {
            let fields = Field::ALL.map(Field::as_str).join(", ");
            return Err(format!("{field} is no field: {fields}"));
        };
        Ok(Self { field, head: Some(head.trim().to_owned()).filter(|head| !head.is_empty()) })
    }
}

impl Mapping {
    /// What the format knows, unless something else is said.
    pub fn new(format: &Format, said: &[Said], heads: &[String]) -> anyhow::Result<Self> {
        let mut columns = Vec::new();
        for field in Field::ALL {
            let said: Vec<&Said> = said.iter().filter(|said| said.field == field).collect();
            let wanted: Vec<&str> = if said.is_empty() {
                let known = format.columns.iter().filter(|(known, _)| *known == field);
                known.flat_map(|(_, names)| names.iter().copied()).collect()
            } else {
                said.iter().filter_map(|said| said.head.as_deref()).collect()
            };
            let mut found = Vec::new();
            for name in wanted {
                let same = all(heads, name);
                ensure!(said.is_empty() || !same.is_empty(), "there is no column {name}: {}", heads.join(", "));
                found.extend(same);
            }
            if !found.is_empty() {
                columns.push((field, found));
            }
        }
        let mapping = Self { columns };
        if mapping.of(Field::Title).is_empty() {
            bail!(
                "no column is the title: say which, like --map title={}",
                heads.first().map_or("Name", String::as_str)
            );
        }
        Ok(mapping)
    }

    /// The columns of a field.
    pub fn of(&self, field: Field) -> &[usize] {
        self.columns.iter().find(|(one, _)| *one == field).map_or(&[], |(_, columns)| columns)
    }

    /// The first of a field's cells in which there is something.
    pub fn one<'a>(&self, field: Field, row: &'a StringRecord) -> Option<&'a str> {
        self.several(field, row).next()
    }

    /// All of a field's cells in which there is something.
    pub fn several<'a>(&self, field: Field, row: &'a StringRecord) -> impl Iterator<Item = &'a str> {
        let cells = self.of(field).iter().filter_map(|column| row.get(*column));
        cells.map(str::trim).filter(|cell| !cell.is_empty())
    }

    /// The fields with the names of their columns.
    pub fn shown(&self, heads: &[String]) -> Vec<(&'static str, String)> {
        let name = |columns: &[usize]| {
            let mut names: Vec<&str> = columns.iter().map(|column| heads[*column].as_str()).collect();
            names.dedup();
            names.join(", ")
        };
        self.columns.iter().map(|(field, columns)| (field.as_str(), name(columns))).collect()
    }

    /// The names of the columns that nothing is made of.
    pub fn unused<'a>(&self, heads: &'a [String]) -> Vec<&'a str> {
        let is_used = |column: usize| self.columns.iter().any(|(_, columns)| columns.contains(&column));
        let unused = heads.iter().enumerate().filter(|(column, head)| !is_used(*column) && !head.is_empty());
        let mut names: Vec<&str> = unused.map(|(_, head)| head.as_str()).collect();
        names.dedup();
        names
    }
}

/// All columns with this head: some exports repeat a column for each of its values.
fn all(heads: &[String], name: &str) -> Vec<usize> {
    let is_it = |(_, head): &(usize, &String)| folded(head) == folded(name);
    heads.iter().enumerate().filter(is_it).map(|(column, _)| column).collect()
}

#[cfg(test)]
mod tests {
    use super::super::format::detect;
    use super::*;

    fn heads(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn mapping(said: &[&str], text: &str) -> Result<Mapping, String> {
        let said: Vec<Said> = said.iter().map(|one| one.parse()).collect::<Result<_, _>>()?;
        let heads = heads(text);
        Mapping::new(detect(&heads), &said, &heads).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_column_with_something_in_it_counts() {
        let mapped = mapping(&[], "ID,Team,Title,Cycle Number,Project,Extra").expect("a mapping");
        let row = |cells: [&'static str; 6]| StringRecord::from(cells.to_vec());
        assert_eq!(mapped.one(Field::Project, &row(["E-1", "Eng", "t", "", "Site", ""])), Some("Site"));
        assert_eq!(mapped.one(Field::Project, &row(["E-1", "Eng", "t", "", " ", ""])), Some("Eng"));
        assert_eq!(mapped.unused(&heads("ID,Team,Title,Cycle Number,Project,Extra")), ["Cycle Number", "Extra"]);
    }

    #[test]
    fn a_repeated_column_has_several_values() {
        let mapped = mapping(&[], "Summary,Issue key,Labels,Labels").expect("a mapping");
        let row = StringRecord::from(vec!["t", "W-1", "a", "b"]);
        assert_eq!(mapped.several(Field::Labels, &row).collect::<Vec<_>>(), ["a", "b"]);
        let shown = mapped.shown(&heads("Summary,Issue key,Labels,Labels"));
        assert_eq!(shown[2], ("labels", "Labels".to_owned()));
    }

    #[test]
    fn what_is_said_replaces_what_is_known() {
        let mapped = mapping(&["title=status", "status="], "Title,Status").expect("a mapping");
        assert_eq!((mapped.of(Field::Title), mapped.of(Field::Status)), (&[1][..], &[][..]));
    }

    #[test]
    fn mistakes_are_explained() {
        let says = |said: &[&str], heads: &str, what: &str| {
            assert!(mapping(said, heads).is_err_and(|why| why.contains(what)), "{said:?} {heads}");
        };
        says(&["title=Nope"], "Title,Status", "no column Nope: Title, Status");
        says(&["colour=Title"], "Title", "colour is no field: id, title");
        says(&["Title"], "Title", "FIELD=COLUMN");
        says(&[], "a,b", "--map title=a");
        says(&["title="], "Title", "no column is the title");
    }
}
