//! Shapes that several endpoints show.

use chrono::{DateTime, Utc};
use coxswain_domain::{
    ClientId, CreatorId, MemberId,
    account::{CreatorSettings, Role},
};
use coxswain_store::{creators::Creator, members::Member};
use serde::Serialize;
use utoipa::ToSchema;

/// A person on a creator's team.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberView {
    /// Their id.
    pub(crate) id: MemberId,
    /// Their address.
    pub(crate) email: String,
    /// What they are called.
    pub(crate) name: String,
    /// What they may do.
    pub(crate) role: Role,
    /// When they joined.
    pub(crate) created_at: DateTime<Utc>,
    /// Since when they may no longer log in.
    pub(crate) disabled_at: Option<DateTime<Utc>>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            email: member.email,
            name: member.name,
            role: member.role,
            created_at: member.created_at,
            disabled_at: member.disabled_at,
        }
    }
}

/// A creator.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Creator)]
pub(crate) struct CreatorView {
    /// Its id.
    pub(crate) id: CreatorId,
    /// The name people know it by.
    pub(crate) name: String,
    /// What holds for all its clients.
    pub(crate) settings: CreatorSettings,
    /// For `If-Match`.
    pub(crate) version: i64,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Creator> for CreatorView {
    fn from(creator: Creator) -> Self {
        Self {
            id: creator.id,
            name: creator.name,
            settings: creator.settings,
            version: creator.version,
            created_at: creator.created_at,
        }
    }
}

/// Who is logged in, and for whom they act.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Who is logged in.
    pub(crate) member: MemberView,
    /// For whom they act.
    pub(crate) creator: CreatorView,
}

/// A client as other things name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ClientRef {
    /// Their id.
    pub(crate) id: ClientId,
    /// What the team sees; not necessarily a name.
    pub(crate) display_name: String,
}
