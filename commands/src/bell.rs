//! Being told by the database that something was committed, on whatever node.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;

/// What rings when something was committed, for as long as it is held. It takes a connection of the pool.
pub(crate) fn rung_by(pool: &PgPool) -> Arc<Notify> {
    let bell = Arc::new(Notify::new());
    let (rung, pool) = (Arc::downgrade(&bell), pool.clone());
    tokio::spawn(async move {
        while rung.strong_count() > 0 {
            let Ok(mut listener) = PgListener::connect_with(&pool).await else {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            };
            if listener.listen("docket").await.is_err() {
                continue;
            }
            while let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(5), listener.recv()).await {
                match rung.upgrade() {
                    Some(bell) => bell.notify_one(),
                    None => return,
                }
            }
        }
    });
    bell
}
