//! Development shim.
mod commands;
mod harness;
