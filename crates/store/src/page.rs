//! Pages of lists: by keyset, so that inserts between two pages neither skip nor repeat a row.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Where a page begins: after the row with this time and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The row's ordering time.
    pub at: DateTime<Utc>,
    /// Its id, which breaks ties.
    pub id: Uuid,
}

/// What part of a list is wanted, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Rows at most, 1 to 100.
    pub limit: u32,
    /// The last row of the page before.
    pub after: Option<Cursor>,
}

impl Page {
    /// The rows to ask the database for: one more than wanted, to know whether more follow.
    pub(crate) fn fetch(self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The cursor to bind; lists run from new to old.
    pub(crate) fn cursor(self) -> Cursor {
        // Both engines hold years up to 9999 only.
        let far = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.after.unwrap_or(Cursor { at: far, id: Uuid::max() })
    }

    /// Cuts the extra row off; the cursor of the next page, if one follows.
    pub(crate) fn cut<T>(self, mut rows: Vec<T>, key: impl Fn(&T) -> Cursor) -> Listed<T> {
        let wanted = self.limit as usize;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = if more { rows.last().map(key) } else { None };
        Listed { items: rows, next }
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

impl<T> Listed<T> {
    /// The same page with each row turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        Listed { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
