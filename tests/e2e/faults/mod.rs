//! What a server survives.

mod restart;
