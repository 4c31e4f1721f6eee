//! `GET /v1/members/{id}/activity`

crate::routes::activity::activity! {
    list_member_activity, "/v1/members/{id}/activity", "members", docket_domain::member::Member
}
