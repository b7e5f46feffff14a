//! The HTTP surface as its callers meet it, on real databases.

mod accounts;
mod app;
mod channels;
mod chat;
mod client_events;
mod clients;
mod description;
mod fetching;
mod inbox;
mod knowledge;
mod live;
mod outside;
mod people;
mod portal;
mod roles;
mod tenants;
mod telling;
mod widget_secret;
mod webhooks;
