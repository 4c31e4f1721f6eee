//! Lets libFuzzer search for bytes that break the law of the target that `DOCKET_FUZZ` names.
#![no_main]

use std::sync::LazyLock;

use docket_fuzz::{Target, target};
use libfuzzer_sys::fuzz_target;

static CHOSEN: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("DOCKET_FUZZ").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("DOCKET_FUZZ names no target: {name:?}"))
});

fuzz_target!(|bytes: &[u8]| (CHOSEN.law)(bytes));
