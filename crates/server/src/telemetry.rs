//! Logs on standard error, and metrics in Prometheus' form.

use std::io::{self, IsTerminal};
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Begins to log as the settings say.
pub(crate) fn log(settings: &Settings) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&settings.log.0).context("`log` is not a filter of log lines")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let begun = match settings.log_format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    begun
        .map_err(|error| anyhow::anyhow!(error))
        .context("failed to begin logging")
}

/// Begins to count. The handle renders what was counted.
pub(crate) fn count() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .install_recorder()
        .context("failed to begin counting")
}

/// Keeps what is counted in bounds until `stop`.
pub(crate) async fn keep_counts(
    handle: PrometheusHandle,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(UPKEEP_EVERY);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        handle.run_upkeep();
    }
    Ok(())
}
