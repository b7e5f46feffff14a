//! The HTTP surface as its callers meet it, on real databases.

mod accounts;
mod app;
mod channels;
mod chat;
mod client_events;
mod clients;
mod description;
mod erasing;
mod fetching;
mod inbox;
mod knowledge;
mod live;
mod mail;
mod outside;
mod people;
mod portal;
mod roles;
mod telling;
mod tenants;
mod webhooks;
mod widget_secret;
