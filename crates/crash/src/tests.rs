//! What a cut leaves done, and what not.
#![cfg(feature = "crash-points")]

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, yield_now};

use crate::{Cut, Ended, Point, Process, here, sent};

/// Runs until its end three tasks that take turns, each of which notes its steps.
async fn steps(cut: Option<Cut>) -> (Ended, Vec<u32>) {
    let done = Arc::new(Mutex::new(Vec::new()));
    let steps = Arc::clone(&done);
    let process = Process::start(cut, async move |_process| {
        let mut tasks = JoinSet::new();
        for _task in 0..3 {
            let steps = Arc::clone(&steps);
            tasks.spawn(async move {
                for step in 0..3 {
                    steps.lock().unwrap().push(step);
                    here(Point::OwnerTell).await;
                    yield_now().await;
                }
            });
        }
        tasks.join_all().await;
    });
    let ended = process.unwrap().ended().await;
    let done = done.lock().unwrap().clone();
    (ended, done)
}

fn cut(point: Point, hit: u32) -> Cut {
    Cut {
        point,
        hit,
        frozen: Duration::ZERO,
    }
}

#[tokio::test]
async fn nothing_happens_in_a_process_after_its_cut() {
    let all = [0, 0, 0, 1, 1, 1, 2, 2, 2];
    assert_eq!(steps(None).await, (Ended::Finished, all.to_vec()));
    for hit in 1..=9 {
        let done = all[..usize::try_from(hit).unwrap()].to_vec();
        let cut = Some(cut(Point::OwnerTell, hit));
        assert_eq!(steps(cut).await, (Ended::Cut, done), "at hit {hit}");
    }
    let never = Some(cut(Point::OwnerTell, 10));
    assert_eq!(steps(never).await, (Ended::Finished, all.to_vec()));
}

#[tokio::test]
async fn a_point_without_a_process_is_nothing() {
    here(Point::OwnerTell).await;
    assert_eq!(sent(Point::OwnerCommitSent, async { 7 }).await, 7);
}

/// A socket, and a task that writes to it what comes through a channel, as a driver does.
async fn ask(server: std::net::SocketAddr) {
    let stream = TcpStream::connect(server).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let (queue, mut queued) = tokio::sync::mpsc::channel::<&str>(8);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Some(text) = queued.recv().await {
            to.write_all(text.as_bytes()).await.unwrap();
        }
    });
    let mut answer = [0; 1];
    queue.send("begin ").await.unwrap();
    sent(Point::OwnerCommitSent, async {
        queue.send("commit").await.unwrap();
        from.read_exact(&mut answer).await.unwrap();
    })
    .await;
    queue.send(" again").await.unwrap();
}

#[tokio::test]
async fn what_was_sent_arrives_and_its_connection_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let cut = Some(cut(Point::OwnerCommitSent, 1));
    let process = Process::start(cut, async move |_process| ask(server).await).unwrap();
    let (mut stream, _address) = listener.accept().await.unwrap();
    let mut arrived = String::new();
    stream.read_to_string(&mut arrived).await.unwrap();
    assert_eq!(arrived, "begin commit");
    assert_eq!(process.ended().await, Ended::Cut);
}

#[tokio::test]
async fn who_panics_has_not_been_cut_off() {
    let process = Process::start(None, async |_process| panic!("as ordered")).unwrap();
    assert_eq!(process.ended().await, Ended::Panicked);
}

#[test]
fn the_points_have_names_of_their_own() {
    let names: BTreeSet<&str> = Point::ALL.iter().map(|point| point.name()).collect();
    assert_eq!(names.len(), Point::ALL.len());
}
