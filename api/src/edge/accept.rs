//! Which form of an answer a caller would rather have, where there are two.

use axum::http::{HeaderMap, header};

/// Whether `Accept` names this type, and at least as gladly as JSON.
pub fn prefers(headers: &HeaderMap, wanted: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let ranges: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    let weight = |wanted: &str| {
        let matching = ranges.iter().filter_map(|range| {
            let (name, parameters) = range.split_once(';').unwrap_or((range, ""));
            let quality = parameters.split(';').find_map(|one| one.trim().strip_prefix("q="));
            let quality = quality.map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
            name.trim().eq_ignore_ascii_case(wanted).then_some(quality)
        });
        matching.fold(0.0, f32::max)
    };
    let weighed = weight(wanted);
    weighed > 0.0 && weighed >= weight("application/json")
}
