//! Long polling: one worker asks for a bot's updates at a time.

use chrono::{DateTime, Utc};
use coxswain_domain::ChannelAccountId;
use uuid::Uuid;

use crate::{Result, Tx, jobs::Lease};

/// Takes, or holds on to, the right to poll a bot; the next update to ask for.
/// `None`: another worker polls it, or it is not connected any more. System transaction.
pub async fn claim_poll(
    tx: &mut Tx,
    now: DateTime<Utc>,
    account: ChannelAccountId,
    lease: Lease,
) -> Result<Option<i64>> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "UPDATE connections SET polled_by = $1, polled_until = $2
         WHERE channel_account_id = $3 AND state = 'connected'
           AND (polled_by IS NULL OR polled_by = $1 OR polled_until <= $4)
         RETURNING next_update",
        lease.worker,
        now + lease.length,
        account,
        now,
    )?;
    Ok(row.map(|(next,)| next))
}

/// Gives the right to poll back. System transaction.
pub async fn release_poll(tx: &mut Tx, account: ChannelAccountId, worker: Uuid) -> Result<()> {
    execute!(
        tx,
        "UPDATE connections SET polled_by = NULL, polled_until = NULL WHERE channel_account_id = $1 AND polled_by = $2",
        account,
        worker,
    )?;
    Ok(())
}

/// Takes the right to poll from workers with ids from `first` to `last`, `living` excepted: they are known to be
/// dead. System transaction.
pub async fn end_polls(tx: &mut Tx, (first, last): (Uuid, Uuid), living: Uuid) -> Result<u64> {
    execute!(
        tx,
        "UPDATE connections SET polled_by = NULL, polled_until = NULL
         WHERE polled_by >= $1 AND polled_by <= $2 AND polled_by <> $3",
        first,
        last,
        living,
    )
}

/// Notes which update to ask for next: in the transaction that received those before it, since asking confirms them.
/// It may go back: Telegram begins anew after a week of silence.
/// False: another worker polls now, so do not commit. System transaction.
pub async fn advance_updates(
    tx: &mut Tx,
    account: ChannelAccountId,
    worker: Uuid,
    next_update: i64,
) -> Result<bool> {
    let touched = execute!(
        tx,
        "UPDATE connections SET next_update = $1 WHERE channel_account_id = $2 AND polled_by = $3",
        next_update,
        account,
        worker,
    )?;
    Ok(touched == 1)
}
