//! `countersign serve`

use tokio_util::sync::CancellationToken;

use crate::app::{App, Ports};
use crate::config::Config;
use crate::telemetry::{self, Form};

/// Serves until the process is asked to stop.
pub async fn serve(config: Config) -> anyhow::Result<String> {
    telemetry::start(Form::Json);
    let (app, screens) = App::ready(config, Ports::system()).await?;
    let listener = app.listen()?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    app.serve(screens, listener, stop).await?;
    Ok(String::new())
}

/// Cancels `stop` at Ctrl+C or SIGTERM.
pub fn stop_on_signal(stop: CancellationToken) {
    tokio::spawn(async move {
        let interrupted = tokio::signal::ctrl_c();
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            if let Ok(mut terminated) = signal(SignalKind::terminate()) {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
                stop.cancel();
                return;
            }
        }
        #[cfg(not(unix))]
        drop(interrupted.await);
        stop.cancel();
    });
}
