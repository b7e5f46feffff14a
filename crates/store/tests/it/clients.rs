//! Channel accounts, clients, identities, widget sessions and consents.

use anyhow::Result;
use chrono::{DateTime, Duration, Utc};
use coxswain_domain::{
    ChannelAccountId, ClientId, ConsentId, ConversationId, CreatorId, IdentityId, WidgetSessionId,
    account::CreatorSettings,
    channel::{ChannelKind, WidgetSettings},
};
use coxswain_store::{
    StoreError,
    channel_accounts::{self, ChannelAccount},
    clients::{self, Client},
    consents::{self, Consent, Evidence},
    creators::{self, Creator},
    identities::{self, Identity},
    page::Page,
    widget_sessions::{self, WidgetSession},
};
use coxswain_test_support::{contract, db::TestDb};

contract!(
    an_account_is_changed_by_one_at_a_time,
    lists_run_from_new_to_old_without_repeats,
    another_creator_finds_nothing,
    a_channel_knows_a_user_once,
    a_token_is_good_until_it_expires,
    one_consent_is_open_at_a_time,
    removing_an_account_removes_what_hangs_on_it,
);

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap_or_default()
}

async fn creator(db: &TestDb) -> Result<CreatorId> {
    let creator = Creator {
        id: CreatorId::new(at(0)),
        name: "Mira".into(),
        settings: CreatorSettings::default(),
        version: 1,
        created_at: at(0),
    };
    let mut tx = db.system().await?;
    creators::insert(&mut tx, &creator).await?;
    tx.commit().await?;
    Ok(creator.id)
}

async fn account(db: &TestDb, creator: CreatorId, second: i64) -> Result<ChannelAccount> {
    let id = ChannelAccountId::new(at(second));
    let account = ChannelAccount {
        id,
        creator_id: creator,
        kind: ChannelKind::Widget,
        name: "Site".into(),
        public_key: format!("cxw_{id}"),
        enabled: true,
        settings: WidgetSettings::default(),
        version: 1,
        created_at: at(second),
    };
    let mut tx = db.write(creator).await?;
    channel_accounts::insert(&mut tx, &account).await?;
    tx.commit().await?;
    Ok(account)
}

async fn client(db: &TestDb, creator: CreatorId, second: i64) -> Result<Client> {
    let client = Client {
        id: ClientId::new(at(second)),
        display_name: "Client 1A2B".into(),
        time_zone: None,
        locale: Some("de".into()),
        created_at: at(second),
        last_seen_at: at(second),
    };
    let mut tx = db.write(creator).await?;
    clients::insert(&mut tx, creator, &client).await?;
    tx.commit().await?;
    Ok(client)
}

fn session(account: &ChannelAccount, client: &Client) -> WidgetSession {
    WidgetSession {
        id: WidgetSessionId::new(at(0)),
        creator_id: account.creator_id,
        channel_account_id: account.id,
        client_id: client.id,
        conversation_id: ConversationId::new(at(0)),
        seen_seq: 0,
        created_at: at(0),
        expires_at: at(60),
    }
}

fn consent(account: &ChannelAccount, client: &Client, second: i64) -> Consent {
    Consent {
        id: ConsentId::new(at(second)),
        client_id: client.id,
        channel_account_id: account.id,
        purpose: consents::CHECK_INS.into(),
        evidence: Evidence {
            channel: "widget".into(),
            shown: Some("May I?".into()),
            time_zone: "Europe/Berlin".into(),
            user_agent: None,
        },
        granted_at: at(second),
        withdrawn_at: None,
    }
}

async fn an_account_is_changed_by_one_at_a_time(db: &TestDb) -> Result<()> {
    let creator = creator(db).await?;
    let account = account(db, creator, 0).await?;
    let mut tx = db.write(creator).await?;
    let ours = ChannelAccount { name: "Ours".into(), enabled: false, ..account.clone() };
    let changed = channel_accounts::update(&mut tx, creator, &ours).await?;
    assert_eq!(changed, Some(ChannelAccount { version: 2, ..ours.clone() }));
    let theirs = ChannelAccount { name: "Theirs".into(), ..account.clone() };
    assert_eq!(channel_accounts::update(&mut tx, creator, &theirs).await?, None);
    assert_eq!(channel_accounts::get(&mut tx, creator, account.id).await?, changed);
    tx.commit().await?;
    let mut tx = db.system_read().await?;
    assert_eq!(channel_accounts::by_public_key(&mut tx, &account.public_key).await?, changed);
    assert_eq!(channel_accounts::by_public_key(&mut tx, "cxw_none").await?, None);
    Ok(())
}

async fn lists_run_from_new_to_old_without_repeats(db: &TestDb) -> Result<()> {
    let creator = creator(db).await?;
    for second in 0..3 {
        account(db, creator, second).await?;
        client(db, creator, second).await?;
    }
    let mut tx = db.read(creator).await?;
    let page = |after| Page { limit: 2, after };
    let first = channel_accounts::list(&mut tx, creator, page(None)).await?;
    let second = channel_accounts::list(&mut tx, creator, page(first.next)).await?;
    let times: Vec<_> = first.items.iter().chain(&second.items).map(|one| one.created_at).collect();
    assert_eq!((times, second.next), (vec![at(2), at(1), at(0)], None));
    let first = clients::list(&mut tx, creator, page(None)).await?;
    let second = clients::list(&mut tx, creator, page(first.next)).await?;
    let times: Vec<_> = first.items.iter().chain(&second.items).map(|one| one.client.created_at).collect();
    assert_eq!((times, second.next), (vec![at(2), at(1), at(0)], None));
    assert_eq!(clients::count(&mut tx, creator).await?, 3);
    Ok(())
}

async fn another_creator_finds_nothing(db: &TestDb) -> Result<()> {
    let (ours, theirs) = (creator(db).await?, creator(db).await?);
    let account = account(db, ours, 0).await?;
    let client = client(db, ours, 0).await?;
    let mut tx = db.write(ours).await?;
    consents::grant(&mut tx, ours, &consent(&account, &client, 0)).await?;
    tx.commit().await?;

    let mut tx = db.write(theirs).await?;
    let page = Page { limit: 10, after: None };
    assert_eq!(channel_accounts::get(&mut tx, theirs, account.id).await?, None);
    assert!(channel_accounts::list(&mut tx, theirs, page).await?.items.is_empty());
    assert_eq!(channel_accounts::update(&mut tx, theirs, &account).await?, None);
    assert!(!channel_accounts::delete(&mut tx, theirs, account.id).await?);
    assert_eq!(clients::get(&mut tx, theirs, client.id).await?, None);
    assert!(clients::list(&mut tx, theirs, page).await?.items.is_empty());
    assert!(!clients::set_time_zone(&mut tx, theirs, client.id, "UTC").await?);
    clients::seen(&mut tx, at(99), theirs, client.id).await?;
    assert!(identities::of_client(&mut tx, theirs, client.id).await?.is_empty());
    assert_eq!(consents::open(&mut tx, theirs, client.id, consents::CHECK_INS).await?, None);
    assert!(!consents::withdraw(&mut tx, at(1), theirs, client.id, consents::CHECK_INS).await?);
    assert!(consents::of_client(&mut tx, theirs, client.id).await?.is_empty());
    tx.commit().await?;
    let mut tx = db.read(ours).await?;
    assert_eq!(clients::get(&mut tx, ours, client.id).await?, Some(client.clone()));
    assert!(consents::open(&mut tx, ours, client.id, consents::CHECK_INS).await?.is_some());
    Ok(())
}

async fn a_channel_knows_a_user_once(db: &TestDb) -> Result<()> {
    let creator = creator(db).await?;
    let account = account(db, creator, 0).await?;
    let client = client(db, creator, 0).await?;
    let identity = Identity {
        id: IdentityId::new(at(0)),
        client_id: client.id,
        channel_account_id: account.id,
        provider_user_id: "42".into(),
        verified: false,
        created_at: at(0),
    };
    let mut tx = db.write(creator).await?;
    identities::insert(&mut tx, creator, &identity).await?;
    assert_eq!(identities::of_client(&mut tx, creator, client.id).await?, [identity.clone()]);
    let twin = Identity { id: IdentityId::new(at(1)), ..identity };
    let refused = identities::insert(&mut tx, creator, &twin).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    Ok(())
}

async fn a_token_is_good_until_it_expires(db: &TestDb) -> Result<()> {
    let creator = creator(db).await?;
    let account = account(db, creator, 0).await?;
    let session = session(&account, &client(db, creator, 0).await?);
    let mut tx = db.write(creator).await?;
    widget_sessions::insert(&mut tx, &session, b"hash").await?;
    tx.commit().await?;

    let mut tx = db.system().await?;
    assert_eq!(widget_sessions::by_token(&mut tx, at(59), b"hash").await?, Some(session.clone()));
    assert_eq!(widget_sessions::by_token(&mut tx, at(60), b"hash").await?, None);
    assert_eq!(widget_sessions::by_token(&mut tx, at(0), b"other").await?, None);
    tx.commit().await?;

    let mut tx = db.write(creator).await?;
    widget_sessions::extend(&mut tx, creator, session.id, at(120)).await?;
    assert_eq!(widget_sessions::last_event(&mut tx, creator, session.conversation_id).await?, None);
    assert_eq!(widget_sessions::unread(&mut tx, creator, session.conversation_id, 0).await?, 0);
    tx.commit().await?;

    let mut tx = db.system().await?;
    assert_eq!(widget_sessions::prune(&mut tx, at(120)).await?, 0);
    assert!(widget_sessions::by_token(&mut tx, at(119), b"hash").await?.is_some());
    assert_eq!(widget_sessions::prune(&mut tx, at(121)).await?, 1);
    Ok(())
}

async fn one_consent_is_open_at_a_time(db: &TestDb) -> Result<()> {
    let creator = creator(db).await?;
    let account = account(db, creator, 0).await?;
    let client = client(db, creator, 0).await?;
    let mut tx = db.write(creator).await?;
    let first = consent(&account, &client, 0);
    assert_eq!(consents::grant(&mut tx, creator, &first).await?, first);
    assert_eq!(consents::grant(&mut tx, creator, &consent(&account, &client, 1)).await?, first);
    assert!(consents::withdraw(&mut tx, at(2), creator, client.id, consents::CHECK_INS).await?);
    assert!(!consents::withdraw(&mut tx, at(3), creator, client.id, consents::CHECK_INS).await?);
    let again = consent(&account, &client, 4);
    assert_eq!(consents::grant(&mut tx, creator, &again).await?, again);
    let ended = Consent { withdrawn_at: Some(at(2)), ..first };
    assert_eq!(consents::of_client(&mut tx, creator, client.id).await?, [again, ended]);
    tx.commit().await?;
    let mut tx = db.read(creator).await?;
    let listed = clients::list(&mut tx, creator, Page { limit: 1, after: None }).await?;
    assert!(listed.items.iter().all(|row| row.consented));
    Ok(())
}

async fn removing_an_account_removes_what_hangs_on_it(db: &TestDb) -> Result<()> {
    let creator = creator(db).await?;
    let account = account(db, creator, 0).await?;
    let client = client(db, creator, 0).await?;
    let mut tx = db.write(creator).await?;
    widget_sessions::insert(&mut tx, &session(&account, &client), b"hash").await?;
    consents::grant(&mut tx, creator, &consent(&account, &client, 0)).await?;
    clients::seen(&mut tx, at(9), creator, client.id).await?;
    assert!(channel_accounts::delete(&mut tx, creator, account.id).await?);
    tx.commit().await?;
    let mut tx = db.read(creator).await?;
    assert_eq!(consents::open(&mut tx, creator, client.id, consents::CHECK_INS).await?, None);
    let left = clients::get(&mut tx, creator, client.id).await?;
    assert_eq!(left.map(|client| client.last_seen_at - at(0)), Some(Duration::seconds(9)));
    drop(tx);
    let mut tx = db.system_read().await?;
    assert_eq!(widget_sessions::by_token(&mut tx, at(1), b"hash").await?, None);
    Ok(())
}
