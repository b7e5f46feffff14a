//! Members.

use anyhow::{Context, Result};
use coxswain_domain::{CreatorId, MemberId, account::Role};
use coxswain_store::{
    Db,
    members::{self, Member},
    page::Page,
};
use coxswain_test_support::{contract, db::TestDb};

use crate::{ALL, later, now, paged, two};

contract!(
    an_address_belongs_to_one_member_anywhere,
    they_change_and_go,
    lists_come_newest_first_in_pages,
    only_owners_who_may_log_in_count,
);

pub(crate) fn member(email: &str, role: Role) -> Member {
    Member {
        id: MemberId::new(now()),
        email: email.into(),
        name: "Robin".into(),
        role,
        created_at: now(),
        disabled_at: None,
    }
}

pub(crate) async fn add(db: &Db, creator: CreatorId, member: &Member) -> Result<bool> {
    let mut tx = db.write(creator).await?;
    let added = members::insert(&mut tx, creator, member, "$argon2id$x").await?;
    tx.commit().await?;
    Ok(added)
}

async fn an_address_belongs_to_one_member_anywhere(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let robin = member("robin@example.org", Role::Owner);
    assert!(add(db, mine.id, &robin).await?);
    assert!(!add(db, other.id, &member("robin@example.org", Role::Owner)).await?);
    let mut tx = db.system_read().await?;
    let found = members::by_email(&mut tx, "robin@example.org").await?.context("robin")?;
    assert_eq!((found.creator, found.member, found.password_hash.as_str()), (mine.id, robin, "$argon2id$x"));
    assert!(members::by_email(&mut tx, "nobody@example.org").await?.is_none());
    Ok(())
}

async fn they_change_and_go(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    let mut robin = member("robin@example.org", Role::Viewer);
    add(db, mine.id, &robin).await?;
    robin.name = "Robin R.".into();
    robin.role = Role::Admin;
    robin.disabled_at = Some(later(1));
    let mut tx = db.write(other.id).await?;
    assert!(!members::update(&mut tx, other.id, &robin).await?);
    assert!(!members::delete(&mut tx, other.id, robin.id).await?);
    assert_eq!(members::get(&mut tx, other.id, robin.id).await?, None);
    drop(tx);
    let mut tx = db.write(mine.id).await?;
    assert!(members::update(&mut tx, mine.id, &robin).await?);
    assert_eq!(members::get(&mut tx, mine.id, robin.id).await?, Some(robin.clone()));
    assert!(members::delete(&mut tx, mine.id, robin.id).await?);
    assert_eq!(members::get(&mut tx, mine.id, robin.id).await?, None);
    Ok(())
}

async fn lists_come_newest_first_in_pages(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    add(db, other.id, &member("other@example.org", Role::Owner)).await?;
    for minute in 0..5 {
        let robin =
            Member { created_at: later(minute / 2), ..member(&format!("{minute}@x.org"), Role::Viewer) };
        add(db, mine.id, &robin).await?;
    }
    let mut tx = db.read(mine.id).await?;
    let at_once = members::list(&mut tx, mine.id, ALL).await?;
    assert_eq!(at_once.next, None);
    assert_eq!(at_once.items.len(), 5);
    assert!(at_once.items.is_sorted_by_key(|member| std::cmp::Reverse((member.created_at, member.id))));
    assert_eq!(paged!(|page| members::list(&mut tx, mine.id, page)), at_once.items);
    let full = members::list(&mut tx, mine.id, Page { limit: 5, after: None }).await?;
    assert_eq!(full.next, None, "a full last page has no next");
    Ok(())
}

async fn only_owners_who_may_log_in_count(db: &TestDb) -> Result<()> {
    let (mine, other) = two(db).await?;
    add(db, mine.id, &member("a@x.org", Role::Owner)).await?;
    add(db, mine.id, &Member { disabled_at: Some(now()), ..member("b@x.org", Role::Owner) }).await?;
    add(db, mine.id, &member("c@x.org", Role::Admin)).await?;
    let mut tx = db.write(mine.id).await?;
    assert_eq!(members::owners(&mut tx, mine.id).await?, 1);
    drop(tx);
    let mut tx = db.write(other.id).await?;
    assert_eq!(members::owners(&mut tx, other.id).await?, 0);
    Ok(())
}
