//! What holds for all values, and what holds for ever.

mod changes;
mod digests;
mod golden;
mod inputs;
mod records;
mod restores;
mod schemas;
mod shown;
mod strategy;
