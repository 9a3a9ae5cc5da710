//! The promises that every log keeps.

use crate::support::Topic;

writ_log::conformance_tests!(Topic::create());
