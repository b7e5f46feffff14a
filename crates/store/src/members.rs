//! Members: the people on a creator's team.

use chrono::{DateTime, Utc};
use coxswain_domain::{CreatorId, MemberId, account::Role};
use uuid::Uuid;

use crate::{
    Result, StoreError, Tx,
    error::known,
    page::{Cursor, Listed, Page},
};

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// Lower-cased address, unique over all creators.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// Since when they may no longer log in.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A member as log-in needs them.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose team they are on.
    pub creator: CreatorId,
    /// The member.
    pub member: Member,
    /// PHC string of the password.
    pub password_hash: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: MemberId,
    email: String,
    name: String,
    role: String,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct CredentialsRow {
    creator_id: CreatorId,
    password_hash: String,
    #[sqlx(flatten)]
    member: Row,
}

impl TryFrom<Row> for Member {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            email: row.email,
            name: row.name,
            role: known(Role::from_name(&row.role), "role", &row.role)?,
            created_at: row.created_at,
            disabled_at: row.disabled_at,
        })
    }
}

/// Adds a member. False: the address is taken (perhaps on another creator's team).
pub async fn insert(tx: &mut Tx, creator: CreatorId, new: &Member, password_hash: &str) -> Result<bool> {
    let touched = execute!(
        tx,
        "INSERT INTO members (id, creator_id, email, name, password_hash, role, created_at, disabled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        new.id,
        creator,
        &new.email,
        &new.name,
        password_hash,
        new.role.name(),
        new.created_at,
        new.disabled_at,
    )?;
    Ok(touched == 1)
}

/// Whose address this is. System transaction.
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Credentials>> {
    let row = fetch_optional!(
        tx,
        CredentialsRow,
        "SELECT creator_id, password_hash, id, email, name, role, created_at, disabled_at FROM members WHERE email = $1",
        email,
    )?;
    row.map(|row| {
        Ok(Credentials {
            creator: row.creator_id,
            password_hash: row.password_hash,
            member: row.member.try_into()?,
        })
    })
    .transpose()
}

/// One member of a creator.
pub async fn get(tx: &mut Tx, creator: CreatorId, id: MemberId) -> Result<Option<Member>> {
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT id, email, name, role, created_at, disabled_at FROM members WHERE creator_id = $1 AND id = $2",
        creator,
        id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The member behind an access token, if they may still act: not disabled, and the log-in not ended.
/// System transaction.
pub async fn acting(tx: &mut Tx, id: MemberId, family: Uuid) -> Result<Option<(CreatorId, Member)>> {
    let row = fetch_optional!(
        tx,
        CredentialsRow,
        "SELECT creator_id, '' AS password_hash, id, email, name, role, created_at, disabled_at FROM members
         WHERE id = $1 AND disabled_at IS NULL AND EXISTS (
           SELECT 1 FROM sessions WHERE sessions.family_id = $2 AND sessions.member_id = members.id AND sessions.revoked_at IS NULL)",
        id,
        family,
    )?;
    row.map(|row| Ok((row.creator_id, row.member.try_into()?))).transpose()
}

/// A creator's members, the newest first.
pub async fn list(tx: &mut Tx, creator: CreatorId, page: Page) -> Result<Listed<Member>> {
    let after = page.cursor();
    let rows = fetch_all!(
        tx,
        Row,
        "SELECT id, email, name, role, created_at, disabled_at FROM members
         WHERE creator_id = $1 AND (created_at < $2 OR (created_at = $2 AND id < $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
        creator,
        after.at,
        after.id,
        page.fetch(),
    )?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Member>>>()?;
    Ok(page.cut(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// Puts name, role and the end of access in place. False: no such member.
pub async fn update(tx: &mut Tx, creator: CreatorId, member: &Member) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE members SET name = $1, role = $2, disabled_at = $3 WHERE creator_id = $4 AND id = $5",
        &member.name,
        member.role.name(),
        member.disabled_at,
        creator,
        member.id,
    )?;
    Ok(touched == 1)
}

/// Takes a member off the team, their sessions too. False: no such member.
pub async fn delete(tx: &mut Tx, creator: CreatorId, id: MemberId) -> Result<bool> {
    let touched = execute!(tx, "DELETE FROM members WHERE creator_id = $1 AND id = $2", creator, id)?;
    Ok(touched == 1)
}

/// How many owners of a creator may log in.
///
/// Locks the creator's row on `PostgreSQL`, so that two owners who remove each other queue here
/// (on `SQLite` writers queue anyway).
pub async fn owners(tx: &mut Tx, creator: CreatorId) -> Result<i64> {
    execute!(tx, "UPDATE creators SET version = version WHERE id = $1", creator)?;
    let (owners,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM members WHERE creator_id = $1 AND role = 'owner' AND disabled_at IS NULL",
        creator,
    )?;
    Ok(owners)
}
