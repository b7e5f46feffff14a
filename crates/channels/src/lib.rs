//! How people reach a coach. One module for each channel; so far the web widget.

pub mod web;
