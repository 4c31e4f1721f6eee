//! Members.

pub mod invite;
pub mod list;

crate::routes::resource! {
    /// A member of the workspace.
    Member: docket_domain::member::Member
}
