//! Labels.

pub mod create;
pub mod list;

crate::routes::resource! {
    /// A label.
    Label: docket_domain::label::Label
}
