//! Opening a database.

use anyhow::Result;
use coxswain_test_support::{contract, db::TestDb};

contract!(a_new_database_answers, a_second_process_opens_it_too);

async fn a_new_database_answers(db: &TestDb) -> Result<()> {
    Ok(db.ping().await?)
}

async fn a_second_process_opens_it_too(db: &TestDb) -> Result<()> {
    Ok(db.open_again().await?.ping().await?)
}
