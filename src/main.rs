//! The command `countersign`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A request makes many small values and lets them go: this one takes half the time of the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    countersign::cli::run(std::env::args_os(), std::env::vars()).await
}
