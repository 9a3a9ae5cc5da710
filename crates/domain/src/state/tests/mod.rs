mod cache;
mod fold;
mod limits;
