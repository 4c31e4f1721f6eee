//! `/v1/customers`

use docket_domain::customer::{Changes, Fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::operations;
use crate::edge::patch::{Change, Patch};
use crate::edge::scalars::{Line, Text};

crate::routes::resource! {
    /// A customer, for whom projects are done.
    Customer: Fields, may be deleted
}

/// A new customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCustomer {
    /// Its name, unique in the workspace whatever its case.
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "Acme")]
    name: Line<1, 200>,
    /// Its number in the books; unique in the workspace whatever its case.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "C-10492")]
    reference: Option<Line<1, 100>>,
    /// Where to write to.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, example = "books@acme.example")]
    email: Option<Line<3, 254>>,
    /// Its tax number.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "DE123456789")]
    tax_id: Option<Line<1, 50>>,
    /// In which currency it pays: a code of ISO 4217.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 3, example = "EUR")]
    currency: Option<Line<1, 3>>,
    /// Whether work for it is billable unless said otherwise; it is, unless said otherwise.
    #[serde(default)]
    billable_by_default: Option<bool>,
    /// Markdown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    notes: Option<Text<0, 20_000>>,
}

/// A merge patch (RFC 7396): absent fields stay, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCustomer {
    /// A new name.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Change<Line<1, 200>>,
    /// A new number in the books.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    reference: Patch<Line<1, 100>>,
    /// Where to write to from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254)]
    email: Patch<Line<3, 254>>,
    /// A new tax number.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50)]
    tax_id: Patch<Line<1, 50>>,
    /// In which currency it pays from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 3)]
    currency: Patch<Line<1, 3>>,
    /// Whether work for it is billable unless said otherwise.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    billable_by_default: Change<bool>,
    /// New notes.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20000)]
    notes: Patch<Text<0, 20_000>>,
}

impl From<CreateCustomer> for Fields {
    fn from(new: CreateCustomer) -> Self {
        Self {
            name: new.name.into_string(),
            reference: new.reference.map(Line::into_string),
            email: new.email.map(Line::into_string),
            tax_id: new.tax_id.map(Line::into_string),
            currency: new.currency.map(Line::into_string),
            billable_by_default: new.billable_by_default.unwrap_or(true),
            notes: new.notes.map(Text::into_string),
        }
    }
}

impl From<UpdateCustomer> for Changes {
    fn from(set: UpdateCustomer) -> Self {
        Self {
            name: set.name.0.map(Line::into_string),
            reference: set.reference.map(Line::into_string).change(),
            email: set.email.map(Line::into_string).change(),
            tax_id: set.tax_id.map(Line::into_string).change(),
            currency: set.currency.map(Line::into_string).change(),
            billable_by_default: set.billable_by_default.0,
            notes: set.notes.map(Text::into_string).change(),
        }
    }
}

operations! {
    Customers {
        Fields, customer: CreateCustomer, set: UpdateCustomer, shown: Customer,
        tag: "customers", delete: "customers:delete", list: CUSTOMERS
    },
    "/v1/customers" => list_customers create_customer,
    "/v1/customers/batch" => batch_customers CustomerCommand CustomerResult,
    "/v1/customers/{id}" => get_customer update_customer delete_customer,
    "/v1/customers/{id}/restore" => restore_customer,
    "/v1/customers/{id}/activity" => list_customer_activity,
}
