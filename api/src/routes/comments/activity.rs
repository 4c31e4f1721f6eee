//! `GET /v1/comments/{id}/activity`

crate::routes::activity::activity! {
    list_comment_activity, "/v1/comments/{id}/activity", "comments", docket_domain::comment::Comment
}
