//! The HTTP surface as its callers meet it, on real databases.

mod description;
