//! The promises that every log keeps.

use crate::support::Database;

writ_log::conformance_tests!(Database::create());
