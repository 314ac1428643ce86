//! The command `countersign`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    countersign::cli::run(std::env::args_os(), std::env::vars()).await
}
