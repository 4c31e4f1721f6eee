//! Fields, and other values for some of them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// Other values for some fields of `F`: what a patch asks for, and what an event says.
pub trait Patch<F>: Clone + std::fmt::Debug + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// What makes `after` of `before`.
    fn between(before: &F, after: &F) -> Self;

    /// Puts the values in.
    fn apply(self, fields: &mut F);
}

/// Declares a kind's `Fields`, and the `Changes` that have each of them optional: `None` leaves one as it is.
macro_rules! fields {
    ($(#[$doc:meta])* $schema:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = $schema))]
        pub struct Fields {
            $(
                $(#[$field_doc])*
                #[cfg_attr(feature = "openapi", schema(required))]
                pub $field: $type,
            )+
        }

        /// Other values for some of the fields: `None` leaves one as it is.
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct Changes {
            $(
                $(#[$field_doc])*
                #[serde(
                    default,
                    deserialize_with = "crate::catalog::fields::given",
                    skip_serializing_if = "Option::is_none"
                )]
                pub $field: Option<$type>,
            )+
        }

        impl $crate::catalog::Patch<Fields> for Changes {
            fn between(before: &Fields, after: &Fields) -> Self {
                Self { $($field: (before.$field != after.$field).then(|| after.$field.clone()),)+ }
            }

            fn apply(self, fields: &mut Fields) {
                $(if let Some(value) = self.$field {
                    fields.$field = value;
                })+
            }
        }
    };
}
pub(crate) use fields;

/// A value that is there, be it null.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
