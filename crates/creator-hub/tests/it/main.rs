//! The HTTP surface as its callers meet it, on real databases.

mod accounts;
mod app;
mod chat;
mod description;
mod fetching;
mod knowledge;
mod portal;
mod roles;
mod tenants;
