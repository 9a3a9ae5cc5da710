//! Who tells, follows and reads: the relays, the processes that answer reads, and those who ask.

use core::time::Duration;

use chrono::TimeDelta;
use writ_domain::{Partition, TenantId};

use crate::actors::consumer::{FeedConsumer, TopicConsumer};
use crate::actors::query::{self, Query};
use crate::actors::reader::Reader;
use crate::actors::relay::Relay;
use crate::nemesis::{Cast, RELAYS};
use crate::{Actor, Hears, World};

/// Adds them to a world of so many partitions.
pub(crate) fn add(world: &mut World, partitions: u16, tenants: &[TenantId], cast: &mut Cast) {
    let mut add = |name: String, actor: Box<dyn Actor>| world.add(name, TimeDelta::zero(), actor);
    for number in 0..partitions {
        let partition = Partition(number);
        // Two at once: none of them may need to be the only one.
        let names: [&str; RELAYS] = ["a", "b"];
        for relay in names {
            let name = format!("relay{number}{relay}");
            cast.relays.push(add(name, Box::new(Relay::new(partition))));
        }
        let consumer = TopicConsumer::new(partition);
        add(format!("topic{number}"), Box::new(consumer));
    }
    for (number, hears) in [Hears::Entries, Hears::News].into_iter().enumerate() {
        let query = Query::new(query::Options {
            hears,
            kept: if number == 0 { 64 } else { 12 },
            quiet: Duration::from_secs(1),
            lifetime: Duration::from_secs(40),
            look_every: Duration::from_secs(1),
            patience: Duration::from_secs(3),
            page: 20,
        });
        cast.readers
            .push(add(format!("query{number}"), Box::new(query)));
    }
    for tenant in tenants {
        for (number, polls) in [false, false, true].into_iter().enumerate() {
            let name = format!("{tenant} {number}");
            let consumer = FeedConsumer::new(tenant.clone(), cast.readers.clone(), polls);
            add(name, Box::new(consumer));
        }
    }
    for number in 0..3 {
        let think = Duration::from_millis(400);
        let reader = Reader::new(tenants.to_vec(), cast.readers.clone(), think);
        add(format!("reader{number}"), Box::new(reader));
    }
}
