//! One partition: read, fold, copy, each while the others work.
//!
//! **Correctness.** The fold ends only when its reader said so; a reader that breaks off is not an
//! end. Whoever fails lets go of its channels, on which the others wait.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use writ_store::rebuild::{Chunk, Filler, Loader, Stopped};

use super::Error;

/// Lots of items that are read and not yet folded, at most.
const LOTS_MAX: usize = 4;
/// Chunks that are folded and not yet copied, at most.
const CHUNKS_MAX: usize = 2;

/// What a reader sends.
#[derive(Debug)]
enum Input<T> {
    /// The next ones, in order.
    Items(Vec<T>),
    /// That was all.
    End,
}

/// Where a reader puts what it reads.
#[derive(Debug)]
pub(super) struct Sender<T>(mpsc::Sender<Input<T>>);

impl<T> Sender<T> {
    /// Sends the next ones, in order.
    pub(super) async fn items(&self, items: Vec<T>) -> Result<(), Error> {
        self.send(Input::Items(items)).await
    }

    /// Says that this was all.
    pub(super) async fn end(self) -> Result<(), Error> {
        self.send(Input::End).await
    }

    async fn send(&self, input: Input<T>) -> Result<(), Error> {
        self.0.send(input).await.map_err(|_unsent| Error::Stopped)
    }
}

/// Where a fold takes it from.
#[derive(Debug)]
pub(super) struct Inputs<T>(mpsc::Receiver<Input<T>>);

impl<T> Inputs<T> {
    /// Waits for the next ones; `None` at the end.
    pub(super) fn blocking_next(&mut self) -> Result<Option<Vec<T>>, Error> {
        match self.0.blocking_recv() {
            Some(Input::Items(items)) => Ok(Some(items)),
            Some(Input::End) => Ok(None),
            None => Err(Error::Stopped),
        }
    }
}

/// A channel for items.
pub(super) fn inputs<T>() -> (Sender<T>, Inputs<T>) {
    let (sender, receiver) = mpsc::channel(LOTS_MAX);
    (Sender(sender), Inputs(receiver))
}

/// `work`, or [`Error::Stopped`].
pub(super) async fn unless_stopped<T>(
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(Error::Stopped),
        done = work => done,
    }
}

/// What is computed of items, on a thread of its own.
pub(super) trait Fold: Send + 'static {
    /// What is folded.
    type Item: Send + 'static;

    /// Folds the next items; says how many entries they were.
    fn take(&mut self, items: Vec<Self::Item>, filler: &mut Filler) -> Result<u64, Error>;

    /// Writes what only the end can tell.
    fn rest(&mut self, filler: &mut Filler) -> Result<(), Error>;
}

/// Folds what `reading` sends into `loader`, to the end; answers the fold.
///
/// `folded` counts entries; `told` is called when it may have grown. `reading` MUST own its sender.
pub(super) async fn run<F: Fold>(
    fold: F,
    (reading, items): (impl Future<Output = Result<(), Error>>, Inputs<F::Item>),
    mut loader: Loader,
    folded: Arc<AtomicU64>,
    told: impl Fn(),
) -> Result<F, Error> {
    let (chunks, mut copied) = mpsc::channel::<Chunk>(CHUNKS_MAX);
    let folding = tokio::task::spawn_blocking(move || compute(fold, items, chunks, &folded));
    // Owns its receiver: after an error the fold must not wait for room.
    let copying = async move {
        while let Some(chunk) = copied.recv().await {
            loader.write(chunk).await?;
            told();
        }
        Ok::<(), Error>(())
    };
    let (read, copied, folded) = futures_util::join!(reading, copying, folding);
    let folded = folded.map_err(Error::Broken)?;
    // The one that failed is the cause; the others say only that they were stopped by it.
    let is_cause = |error: &Error| !matches!(error, Error::Stopped);
    match (copied, read, folded) {
        (Err(cause), _, _) | (_, Err(cause), _) | (_, _, Err(cause)) if is_cause(&cause) => {
            Err(cause)
        }
        (Ok(()), Ok(()), Ok(fold)) => Ok(fold),
        _ => Err(Error::Stopped),
    }
}

fn compute<F: Fold>(
    mut fold: F,
    mut items: Inputs<F::Item>,
    chunks: mpsc::Sender<Chunk>,
    folded: &AtomicU64,
) -> Result<F, Error> {
    let mut filler =
        Filler::new(move |chunk| chunks.blocking_send(chunk).map_err(|_unsent| Stopped));
    while let Some(items) = items.blocking_next()? {
        let entries = fold.take(items, &mut filler)?;
        folded.fetch_add(entries, Ordering::Relaxed);
    }
    fold.rest(&mut filler)?;
    filler.finish()?;
    Ok(fold)
}
