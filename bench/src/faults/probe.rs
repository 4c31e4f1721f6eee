//! How long a fault is felt: the longest time in which nothing could be written through each API node and read again
//! through the other.

use std::cell::Cell;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Longer than any fault is felt.
const PATIENCE: Duration = Duration::from_mins(2);
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// Somebody who looks whether all is well.
pub struct Probe {
    http: Client,
    key: String,
    apis: Vec<u16>,
    rng: rand::rngs::StdRng,
}

impl Probe {
    /// With this key of a workspace of its own.
    pub fn new(key: String, apis: Vec<u16>) -> Self {
        Self { http: Client::new(), key, apis, rng: rand::rngs::StdRng::seed_from_u64(0) }
    }

    /// Looks again and again until something is over and all is well: the longest time for which it was not, on all nodes
    /// or, if one is `enough`, on any. Nothing if it does not end.
    pub async fn watch(&mut self, over: &Cell<bool>, enough: bool) -> Option<Duration> {
        let (mut well, mut worst) = (Instant::now(), Duration::ZERO);
        while well.elapsed() < PATIENCE {
            let last = over.get();
            if self.is_well(enough).await {
                worst = worst.max(well.elapsed());
                well = Instant::now();
                if last {
                    return Some(worst);
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
        None
    }

    async fn is_well(&mut self, enough: bool) -> bool {
        let (one, other) = (self.apis[0], self.apis[1]);
        if enough {
            return self.look(one, one).await || self.look(other, other).await;
        }
        self.look(one, other).await && self.look(other, one).await
    }

    async fn look(&mut self, here: u16, there: u16) -> bool {
        let wanted = json!({ "name": format!("Probe {}", self.rng.random::<u32>()) });
        let request = self.http.post(format!("http://127.0.0.1:{here}/v1/labels"));
        let request = request.bearer_auth(&self.key).timeout(TIMEOUT).json(&wanted);
        let Ok(answer) = request.send().await.and_then(reqwest::Response::error_for_status) else { return false };
        let Ok(made) = answer.json::<Value>().await else { return false };
        let url = format!("http://127.0.0.1:{there}/v1/labels/{}", made["id"].as_str().unwrap_or_default());
        let read = self.http.get(url).bearer_auth(&self.key).timeout(TIMEOUT).send().await;
        read.is_ok_and(|answer| answer.status().is_success())
    }
}
