//! `writ check`: may somebody do something?

use super::asking::Asking;
use super::show;
use crate::roles::QuestionWords;

/// A question.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Asked {
    /// A user's id.
    subject: String,
    /// A permission's name.
    permission: String,
    /// The identifier of what the permission belongs to.
    resource: String,
    /// Only in this realm.
    #[arg(long)]
    realm: Option<String>,
}

impl Asked {
    pub(super) fn words(&self) -> QuestionWords {
        QuestionWords {
            realm: self.realm.clone(),
            subject: self.subject.clone(),
            permission: self.permission.clone(),
            resource: self.resource.clone(),
        }
    }
}

/// Arguments of `writ check`.
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
        .answer(async |reading| reading.check(&words).await, show::check)
}
