//! Who calls. An endpoint that takes one of these extractors is open to exactly those who hold the right.
//!
//! A caller is looked up with one indexed read and remembered for [`MEMORY`]; whatever takes a right
//! away on this node forgets callers at once, and on other nodes within that time.

use std::{marker::PhantomData, ops::Deref, time::Duration};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use coxswain_domain::{CreatorId, MemberId, account::Role};
use coxswain_http::{Problem, Result};
use coxswain_store::{api_keys, audit::Actor, members, sessions};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{cookies, tokens};
use crate::HubState;

/// How long a caller is remembered.
const MEMORY: Duration = Duration::from_secs(5);
/// How exact the note of a key's last use is.
const LAST_USE: chrono::Duration = chrono::Duration::minutes(1);
/// What API keys begin with.
pub(crate) const KEY_PREFIX: &str = "cxk_";

/// What an API key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reading everything but the team, the keys and the audit log.
    Read,
    /// Knowledge and check-ins; includes reading.
    Knowledge,
    /// Asking questions and reading the answers.
    Chat,
    /// Telling what happened to clients, and reading what was told.
    Events,
    /// Everything an admin may do.
    Admin,
}

impl Scope {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Knowledge => "knowledge",
            Self::Chat => "chat",
            Self::Events => "events",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Read, Self::Knowledge, Self::Chat, Self::Events, Self::Admin]
            .into_iter()
            .find(|scope| scope.name() == name)
    }
}

#[derive(Clone, Debug)]
enum Power {
    Member { role: Role, id: MemberId },
    Key(Vec<Scope>),
}

/// Somebody we know, acting for a creator.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The creator they act for.
    pub creator: CreatorId,
    /// Who they are, for the audit log.
    pub actor: Actor,
    power: Power,
    token: Token,
}

impl Caller {
    fn may<R: Right>(&self) -> bool {
        match &self.power {
            Power::Member { role, .. } => role.covers(R::ROLE),
            Power::Key(scopes) => R::SCOPES.iter().any(|scope| scopes.contains(scope)),
        }
    }

    /// The member, unless the caller is a key.
    pub(crate) const fn member(&self) -> Option<MemberId> {
        match self.power {
            Power::Member { id, .. } => Some(id),
            Power::Key(_) => None,
        }
    }

    /// The member's role; a key with the scope `admin` counts as an admin.
    pub(crate) fn role(&self) -> Role {
        match &self.power {
            Power::Member { role, .. } => *role,
            Power::Key(scopes) if scopes.contains(&Scope::Admin) => Role::Admin,
            Power::Key(_) => Role::Viewer,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Token {
    Member(MemberId, Uuid),
    Key([u8; 32]),
}

/// Callers met lately.
#[derive(Clone, Debug)]
pub(crate) struct Callers(Cache<Token, Caller>);

impl Default for Callers {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(MEMORY).build())
    }
}

impl Callers {
    /// Forgets everybody: somebody's rights changed.
    pub(crate) fn forget(&self) {
        self.0.invalidate_all();
    }
}

/// A right an endpoint asks for.
pub trait Right: Send + Sync + 'static {
    /// The least role of a member that has it.
    const ROLE: Role;
    /// The scopes of a key that give it.
    const SCOPES: &'static [Scope];
}

macro_rules! rights {
    ($($(#[$doc:meta])* $extractor:ident = $right:ident, $role:ident, [$($scope:ident),*];)*) => {$(
        $(#[$doc])*
        pub type $extractor = Authed<$right>;

        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $right;

        impl Right for $right {
            const ROLE: Role = Role::$role;
            const SCOPES: &'static [Scope] = &[$(Scope::$scope),*];
        }
    )*};
}

rights! {
    /// May read.
    Reader = ToRead, Viewer, [Read, Knowledge, Admin];
    /// May ask questions in the test chat.
    Chatter = ToChat, Viewer, [Chat, Admin];
    /// May read conversations.
    Listener = ToListen, Viewer, [Read, Chat, Knowledge, Admin];
    /// May change knowledge and check-ins.
    Editor = ToEdit, Editor, [Knowledge, Admin];
    /// May answer clients: take over, reply, write notes, link channels.
    Responder = ToRespond, Editor, [Admin];
    /// May tell what happened to clients.
    Reporter = ToReport, Editor, [Events, Admin];
    /// May read what was told of clients.
    Historian = ToRecall, Viewer, [Events, Read, Knowledge, Admin];
    /// May change channels, settings, team and keys, and read the audit log.
    Admin = ToAdminister, Admin, [Admin];
}

/// Whoever calls, if they hold the right `R`.
#[derive(Clone, Debug)]
pub struct Authed<R>(Caller, PhantomData<R>);

impl<R> Deref for Authed<R> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<R: Right, S: Send + Sync> FromRequestParts<S> for Authed<R>
where
    HubState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let hub = HubState::from_ref(state);
        let caller = identify(&hub, parts).await?;
        if caller.may::<R>() {
            return Ok(Self(caller, PhantomData));
        }
        Err(Problem::forbidden(match caller.power {
            Power::Member { .. } => format!("This takes the role {} or higher.", R::ROLE.name()),
            Power::Key(_) => {
                let scopes: Vec<_> = R::SCOPES.iter().map(|scope| scope.name()).collect();
                format!("This takes a key with one of the scopes {}.", scopes.join(", "))
            }
        }))
    }
}

impl<R: Right> Authed<R> {
    /// Whether the caller still holds the right, for what outlives a request: they may have logged out since,
    /// their log-in may have ended, or somebody took the right away.
    pub(crate) async fn still(&self, hub: &HubState) -> Result<bool> {
        if let Token::Member(_, family) = self.0.token {
            let mut tx = hub.db.system_read().await?;
            if !sessions::lasts(&mut tx, hub.clock.now(), family).await? {
                return Ok(false);
            }
        }
        let now = meet(hub, self.0.token).await?;
        Ok(now.is_some_and(|caller| caller.creator == self.0.creator && caller.may::<R>()))
    }
}

/// The token of an API key or a log-in, where the request names one itself. Browsers never do on behalf of others.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// Finds out who calls: by bearer token, or by the portal's cookie.
async fn identify(hub: &HubState, parts: &Parts) -> Result<Caller> {
    let token = match bearer(&parts.headers) {
        Some(key) if key.starts_with(KEY_PREFIX) => Token::Key(tokens::hash(key)),
        Some(token) => member_token(hub, token)?,
        None => {
            let token = cookies::access(&parts.headers).ok_or_else(Problem::unauthenticated)?;
            cookies::check_same_site(&parts.method, &parts.headers)?;
            member_token(hub, token)?
        }
    };
    meet(hub, token).await?.ok_or_else(Problem::unauthenticated)
}

/// Who holds a token, if it still stands for somebody.
async fn meet(hub: &HubState, token: Token) -> Result<Option<Caller>> {
    if let Some(caller) = hub.callers.0.get(&token) {
        return Ok(Some(caller));
    }
    let caller = match token {
        Token::Key(hash) => by_key(hub, &hash).await?,
        Token::Member(id, family) => by_member(hub, id, family).await?,
    };
    if let Some(caller) = &caller {
        hub.callers.0.insert(token, caller.clone());
    }
    Ok(caller)
}

fn member_token(hub: &HubState, token: &str) -> Result<Token> {
    let claims = hub.keys.read(hub.clock.now(), token).ok_or_else(Problem::unauthenticated)?;
    Ok(Token::Member(claims.sub, claims.fam))
}

async fn by_member(hub: &HubState, id: MemberId, family: Uuid) -> Result<Option<Caller>> {
    let mut tx = hub.db.system_read().await?;
    let found = members::acting(&mut tx, id, family).await?;
    Ok(found.map(|(creator, member)| Caller {
        creator,
        actor: Actor { kind: "member", id: Some(id.0), name: Some(member.name) },
        power: Power::Member { role: member.role, id },
        token: Token::Member(id, family),
    }))
}

async fn by_key(hub: &HubState, hash: &[u8; 32]) -> Result<Option<Caller>> {
    let mut tx = hub.db.system_read().await?;
    let Some((creator, key)) = api_keys::by_hash(&mut tx, hash).await? else {
        return Ok(None);
    };
    drop(tx);
    let now = hub.clock.now();
    if key.last_used_at.is_none_or(|last| last + LAST_USE <= now) {
        let mut tx = hub.db.write(creator).await?;
        api_keys::used(&mut tx, now, creator, key.id).await?;
        tx.commit().await?;
    }
    Ok(Some(Caller {
        creator,
        actor: Actor { kind: "api_key", id: Some(key.id.0), name: Some(key.name) },
        power: Power::Key(key.scopes.iter().filter_map(|name| Scope::from_name(name)).collect()),
        token: Token::Key(*hash),
    }))
}
