//! `writ grants`: what somebody may do, and who may do something.

use super::asking::Asking;
use super::show;
use crate::roles::GrantsWords;

/// Arguments of `writ grants`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What this user may do.
    #[arg(long, value_name = "USER")]
    subject: Option<String>,
    /// What this role may do, or, beside --subject, what the user may do by it.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// What this group may do, or, beside --subject, what the user may do by it.
    #[arg(long, value_name = "GROUP", conflicts_with = "role")]
    group: Option<String>,
    /// Only this permission.
    #[arg(long, value_name = "NAME")]
    permission: Option<String>,
    /// Only with this resource; alone, who may do something with it.
    #[arg(long, value_name = "IDENTIFIER", alias = "api")]
    resource: Option<String>,
    /// Only in this realm.
    #[arg(long)]
    realm: Option<String>,
    /// Go on after the page that said so.
    #[arg(long)]
    cursor: Option<String>,
    /// Grants of a page.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    #[command(flatten)]
    asking: Asking,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let words = GrantsWords {
        realm: args.realm.clone(),
        subject: args.subject.clone(),
        role: args.role.clone(),
        group: args.group.clone(),
        permission: args.permission.clone(),
        resource: args.resource.clone(),
        cursor: args.cursor.clone(),
        limit: args.limit,
    };
    args.asking
        .answer(async |reading| reading.grants(&words).await, show::grants)
}
