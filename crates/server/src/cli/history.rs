//! `writ history`: what concerned somebody or something, who did what, what happened when.

use super::asking::Asking;
use super::show;
use crate::roles::HistoryWords;

/// Arguments of `writ history`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What concerned this user.
    #[arg(long, value_name = "USER", alias = "subject")]
    user: Option<String>,
    /// What concerned this role.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// What concerned this API, by identifier or id.
    #[arg(long, value_name = "NAME", alias = "resource")]
    api: Option<String>,
    /// What concerned this group of Camunda's.
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// What concerned this authorization of Camunda's.
    #[arg(long, value_name = "ID")]
    authorization: Option<String>,
    /// What concerned this permission of Nest Auth's.
    #[arg(long, value_name = "ID")]
    permission_id: Option<String>,
    /// What concerned this admin of Nest Auth's.
    #[arg(long, value_name = "ID")]
    admin: Option<String>,
    /// Only what named this permission.
    #[arg(long, value_name = "NAME")]
    permission: Option<String>,
    /// What this actor asked.
    #[arg(long, value_name = "SUBJECT")]
    actor: Option<String>,
    /// Only from this instant on.
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
    /// Only up to this instant.
    #[arg(long, value_name = "INSTANT")]
    to: Option<String>,
    /// Only nouns of this realm.
    #[arg(long)]
    realm: Option<String>,
    /// The oldest first.
    #[arg(long)]
    oldest_first: bool,
    /// Go on after the page that said so.
    #[arg(long)]
    cursor: Option<u64>,
    /// Entries of a page.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    #[command(flatten)]
    asking: Asking,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let words = HistoryWords {
        realm: args.realm.clone(),
        user: args.user.clone(),
        role: args.role.clone(),
        api: args.api.clone(),
        permission: args.permission.clone(),
        group: args.group.clone(),
        authorization: args.authorization.clone(),
        permission_id: args.permission_id.clone(),
        admin: args.admin.clone(),
        actor: args.actor.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        oldest_first: args.oldest_first,
        cursor: args.cursor,
        limit: args.limit,
    };
    args.asking
        .answer(async |reading| reading.history(&words).await, show::history)
}
