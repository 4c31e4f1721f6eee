//! A customer: for whom projects are done, and who pays.

use super::fields::fields;
use super::{Entry, Error, Kind, Names, claim};
use crate::aggregate::Claim;
use crate::words::{is_address, is_currency};

/// A customer of the workspace.
pub type Customer = Entry<Fields>;
/// What one can ask of a customer.
pub type Command = super::Command<Fields>;
/// What can have happened to a customer.
pub type Event = super::Event<Fields>;

fields! {
    /// What a customer has of its own.
    CustomerFields {
        /// Its name, unique in the workspace whatever its case.
        name: String,
        /// Its number in the books, for example `C-10492`; unique in the workspace whatever its case.
        reference: Option<String>,
        /// Where to write to.
        email: Option<String>,
        /// Its tax number.
        tax_id: Option<String>,
        /// In which currency it pays: a code of ISO 4217.
        currency: Option<String>,
        /// Whether work for it is billable unless said otherwise.
        billable_by_default: bool,
        /// Markdown.
        notes: Option<String>,
    }
}

impl Kind for Fields {
    type Changes = Changes;
    const KIND: &'static str = "customer";
    const EVENTS: Names = Names {
        created: "customer.created",
        changed: "customer.changed",
        deleted: "customer.deleted",
        restored: "customer.restored",
    };

    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&self) -> Vec<Claim> {
        let reference = self.reference.as_deref().map(|text| claim("customer.reference", text, "/reference"));
        [claim("customer.name", &self.name, "/name")].into_iter().chain(reference).collect()
    }

    fn also_known_as(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        if !self.email.as_deref().is_none_or(is_address) {
            return Err(Error::NotAnAddress);
        }
        if !self.currency.as_deref().is_none_or(is_currency) {
            return Err(Error::NotACurrency);
        }
        Ok(())
    }
}
