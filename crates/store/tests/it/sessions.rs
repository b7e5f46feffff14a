//! Sessions of members.

use anyhow::{Context, Result};
use coxswain_domain::{MemberId, SessionId, account::Role};
use coxswain_store::{
    Db, members,
    sessions::{self, Session},
};
use coxswain_test_support::{contract, db::TestDb, seed::Coach};
use uuid::Uuid;

use crate::{
    later,
    members::{add, member},
    now, two,
};

contract!(a_token_is_spent_once, ending_a_family_ends_its_tokens_and_no_others, expired_tokens_are_forgotten);

async fn signed_in(db: &Db, coach: Coach, email: &str, family: Uuid, hash: &[u8]) -> Result<Session> {
    let robin = member(email, Role::Owner);
    add(db, coach.id, &robin).await?;
    insert(db, coach, robin.id, family, hash).await
}

async fn insert(db: &Db, coach: Coach, member: MemberId, family: Uuid, hash: &[u8]) -> Result<Session> {
    let session = Session {
        id: SessionId::new(now()),
        creator_id: coach.id,
        member_id: member,
        family_id: family,
        created_at: now(),
        expires_at: later(60),
        spent_at: None,
        revoked_at: None,
    };
    let mut tx = db.system().await?;
    sessions::insert(&mut tx, &session, hash).await?;
    tx.commit().await?;
    Ok(session)
}

async fn a_token_is_spent_once(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let session = signed_in(db, mine, "a@x.org", Uuid::new_v4(), b"hash").await?;
    let mut tx = db.system().await?;
    let found = sessions::by_hash(&mut tx, b"hash").await?.context("the session")?;
    assert_eq!((found.id, found.spent_at, found.expires_at), (session.id, None, later(60)));
    assert!(sessions::by_hash(&mut tx, b"other").await?.is_none());
    assert!(sessions::spend(&mut tx, later(1), session.id).await?);
    assert!(!sessions::spend(&mut tx, later(2), session.id).await?);
    let spent = sessions::by_hash(&mut tx, b"hash").await?.context("the session")?;
    assert_eq!(spent.spent_at, Some(later(1)));
    Ok(())
}

async fn ending_a_family_ends_its_tokens_and_no_others(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let (phone, laptop) = (Uuid::new_v4(), Uuid::new_v4());
    let session = signed_in(db, mine, "a@x.org", phone, b"one").await?;
    insert(db, mine, session.member_id, phone, b"two").await?;
    insert(db, mine, session.member_id, laptop, b"three").await?;
    let mut tx = db.system().await?;
    assert!(members::acting(&mut tx, session.member_id, phone).await?.is_some());
    assert_eq!(sessions::revoke_family(&mut tx, later(1), phone).await?, 2);
    assert!(members::acting(&mut tx, session.member_id, phone).await?.is_none());
    let (creator, robin) = members::acting(&mut tx, session.member_id, laptop).await?.context("still in")?;
    assert_eq!((creator, robin.id), (mine.id, session.member_id));
    assert!(!sessions::spend(&mut tx, later(2), session.id).await?, "ended tokens are worth nothing");
    assert_eq!(sessions::revoke_member(&mut tx, later(3), mine.id, session.member_id).await?, 1);
    assert!(members::acting(&mut tx, session.member_id, laptop).await?.is_none());
    assert!(!sessions::lasts(&mut tx, session.created_at, laptop).await?);
    Ok(())
}

async fn expired_tokens_are_forgotten(db: &TestDb) -> Result<()> {
    let (mine, _) = two(db).await?;
    let family = Uuid::new_v4();
    let session = signed_in(db, mine, "a@x.org", family, b"hash").await?;
    let mut tx = db.system().await?;
    assert!(sessions::lasts(&mut tx, session.created_at, family).await?);
    assert!(!sessions::lasts(&mut tx, session.expires_at, family).await?);
    assert!(!sessions::lasts(&mut tx, session.created_at, Uuid::new_v4()).await?, "nobody's");
    assert_eq!(sessions::prune(&mut tx, later(60)).await?, 0);
    assert_eq!(sessions::prune(&mut tx, later(61)).await?, 1);
    assert!(sessions::by_hash(&mut tx, b"hash").await?.is_none());
    Ok(())
}
