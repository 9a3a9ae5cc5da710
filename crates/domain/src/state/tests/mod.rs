mod cache;
mod fold;
mod learn;
mod limits;
