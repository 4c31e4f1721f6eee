//! The native API's operations: one file each, holding its documentation, its wire types and its handler.

pub mod activity;
pub mod audit;
pub mod batch;
pub mod catalog;
pub mod comments;
pub mod events;
pub mod follow;
pub mod health;
pub mod history;
pub mod keys;
pub mod me;
pub mod members;
pub mod notifications;
pub mod paging;
pub mod phases;
pub mod projects;
pub mod reports;
pub mod search;
pub mod sprints;
pub mod tasks;
pub mod timelogs;
pub mod undo;
pub mod webhooks;
pub mod workspace;

/// Documents a resource: the fields of an aggregate's state between what every resource has. What `may be deleted` says
/// so, where its state does not.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident: $state:ty, may be deleted) => {
        $crate::routes::resource! {
            $(#[$doc])*
            $name: $state,
            /// Whether it was deleted; only there if it was.
            #[serde(default)]
            deleted: bool
        }
    };
    ($(#[$doc:meta])* $name:ident: $state:ty $(, $(#[$extra_doc:meta])* $extra:ident: $type:ty)*) => {
        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// Id, UUID v4.
            pub id: uuid::Uuid,
            /// Dense number in the workspace: 1, 2, 3 …
            pub number: i64,
            /// The fields of its own.
            #[serde(flatten)]
            pub fields: $state,
            $($(#[$extra_doc])* pub $extra: $type,)*
            /// Who created it.
            pub created_by: docket_domain::Actor,
            /// When it came into being.
            pub created_at: chrono::DateTime<chrono::Utc>,
            /// When it last changed.
            pub updated_at: chrono::DateTime<chrono::Utc>,
            /// How often it changed; the `ETag`.
            pub version: i64,
        }
    };
}
pub(crate) use resource;
