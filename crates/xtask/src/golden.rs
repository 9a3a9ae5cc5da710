//! `cargo xtask golden`: writes this release's golden logs, which no release changes afterwards.
//!
//! They are made where they are tested, in `projector`, by the code that decides.

use anyhow::Result;

use crate::run;

/// The test that writes what it does not find.
const TEST: &str = "rebuild::tests::golden::this_release_has_its_golden_logs";

pub(crate) fn run() -> Result<()> {
    let mut test = run::cargo(&["test", "--quiet", "--package", "writ-projector", "--lib"]);
    run::run(
        test.args(["--", "--exact", TEST])
            .env("WRIT_GOLDEN", "write"),
    )
}
