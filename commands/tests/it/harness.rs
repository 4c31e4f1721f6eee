use sqlx::{Connection, Executor, PgConnection};
pub struct TestDb { pub url: String, name: String }
pub async fn database() -> TestDb {
    let name = format!("t_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::connect("postgres://postgres@127.0.0.1:5599/postgres").await.unwrap();
    admin.execute(format!("create database {name}").as_str()).await.unwrap();
    let url = format!("postgres://postgres@127.0.0.1:5599/{name}");
    let mut db = PgConnection::connect(&url).await.unwrap();
    db.execute(include_str!("../../../migrations/0001_log.sql")).await.unwrap();
    TestDb { url, name }
}
impl Drop for TestDb {
    fn drop(&mut self) {
        let name = self.name.clone();
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
                let mut admin = PgConnection::connect("postgres://postgres@127.0.0.1:5599/postgres").await.unwrap();
                let _ = admin.execute(format!("drop database {name} with (force)").as_str()).await;
            })
        }).join().unwrap();
    }
}
pub fn nats_url() -> String { std::env::var("T_NATS").unwrap_or("nats://127.0.0.1:5598".into()) }
pub fn nats_prefix() -> String { format!("t{}", uuid::Uuid::new_v4().simple()) }
