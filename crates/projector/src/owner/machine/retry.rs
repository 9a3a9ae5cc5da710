//! How long to wait before owning is tried again, and whether why is news.

use core::time::Duration;

/// The first pause; doubled each time.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// The longest: so much later than it could a partition goes on when what failed is back.
const PAUSE_MAX: Duration = Duration::from_secs(4);
/// Who followed the log for so long had no trouble; what comes then is another one.
const CALM: Duration = Duration::from_secs(2);

/// The tries of one owner.
#[derive(Debug)]
pub(super) struct Retry {
    pause: Duration,
    told: Option<String>,
    /// Since when, as the owner counts time.
    following: Option<Duration>,
}

impl Retry {
    pub(super) fn new() -> Self {
        Self {
            pause: PAUSE_MIN,
            told: None,
            following: None,
        }
    }

    /// The log is open, and the right one.
    pub(super) fn follows(&mut self, now: Duration) {
        self.following = Some(now);
    }

    /// Something was decided: whatever failed is worth another try at once.
    pub(super) fn decides(&mut self) {
        self.pause = PAUSE_MIN;
    }

    /// Owning ended.
    pub(super) fn ended(&mut self, now: Duration) {
        let since = self.following.take();
        let followed = since.map(|since| now.saturating_sub(since));
        if followed.is_some_and(|followed| followed > CALM) {
            *self = Self::new();
        }
    }

    /// Whether a person was not told this last.
    pub(super) fn is_news(&mut self, why: &str) -> bool {
        let news = self.told.as_deref() != Some(why);
        if news {
            self.told = Some(why.to_owned());
        }
        news
    }

    /// How long to wait this time.
    pub(super) fn pause(&mut self) -> Duration {
        let longer = self.pause.saturating_mul(2).min(PAUSE_MAX);
        core::mem::replace(&mut self.pause, longer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_begin_anew_with_what_is_decided() {
        let mut retry = Retry::new();
        let pauses: Vec<Duration> = (0..9).map(|_| retry.pause()).collect();
        assert_eq!(pauses[0], PAUSE_MIN);
        assert!(pauses.is_sorted() && pauses[8] == PAUSE_MAX, "{pauses:?}");
        retry.follows(CALM);
        retry.ended(CALM + CALM);
        assert_eq!(retry.pause(), PAUSE_MAX, "it followed for too short a time");
        retry.decides();
        assert_eq!(retry.pause(), PAUSE_MIN);
        assert!(retry.pause() > PAUSE_MIN);
        retry.follows(CALM);
        retry.ended(CALM * 3);
        assert_eq!(
            retry.pause(),
            PAUSE_MIN,
            "what comes now is another trouble"
        );
    }

    #[test]
    fn the_same_reason_is_news_once() {
        let mut retry = Retry::new();
        let news = ["a", "a", "b", "b", "a"].map(|why| retry.is_news(why));
        assert_eq!(news, [true, false, true, false, true]);
    }
}
