//! The processes of the world: production code's state machines, and a `match` to drive each.
