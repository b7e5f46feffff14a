//! Who may do what: passwords, tokens, sessions, callers.

pub(crate) mod caller;
pub(crate) mod cookies;
pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod tokens;

pub use caller::{
    Admin, Authed, Caller, Chatter, Editor, Historian, Listener, Reader, Reporter, Responder, Right, Scope,
};
pub use tokens::TokenKeys;
