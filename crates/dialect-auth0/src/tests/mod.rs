//! The routes whole, before a way into the log that only writes down what comes, over views laid
//! by hand in a real Postgres.

mod manners;
mod reads;
mod scopes;
mod world;
mod writes;
