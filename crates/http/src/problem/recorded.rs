//! For tests: what this crate logs on the test's thread, as lines.
//!
//! SUBTLE: one subscriber for the whole process, and not one per test. Whether anybody listens is
//! remembered per place in the code by whichever thread comes there first; a subscriber of another
//! thread's would then never be asked.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Record};
use tracing::{Event, Id, Metadata, Subscriber};

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// The lines, in order: spans by name when they are made, events by level when they happen.
#[derive(Debug)]
pub(crate) struct Recorded;

impl Recorded {
    /// Records what this thread logs from now on.
    pub(crate) fn start() -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            tracing::subscriber::set_global_default(ToThread).unwrap();
            tracing::callsite::rebuild_interest_cache();
        });
        LINES.set(Some(Vec::new()));
        Self
    }

    /// Ends the recording.
    #[expect(clippy::unused_self, reason = "only what was started can be ended")]
    pub(crate) fn lines(self) -> Vec<String> {
        LINES.take().unwrap()
    }
}

struct ToThread;

impl ToThread {
    fn push(head: &str, line: &Line) {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.push(format!("{head}{}{}", line.message, line.fields));
            }
        });
    }
}

impl Subscriber for ToThread {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("writ_http")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        attributes.record(&mut line);
        Self::push(attributes.metadata().name(), &line);
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        Self::push(event.metadata().level().as_str(), &line);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => write!(self.message, " {value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        }
        .unwrap();
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
