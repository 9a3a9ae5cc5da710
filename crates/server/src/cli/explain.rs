//! `writ explain`: why somebody may do something, or who took it away.

use super::asking::Asking;
use super::check::Asked;
use super::show;

/// Arguments of `writ explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    asking: Asking,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let words = args.asked.words();
    args.asking
        .answer(async |reading| reading.explain(&words).await, show::explain)
}
