//! Which node this is, over restarts.
//!
//! A worker's id begins with its node's, so that a node that comes back knows what its former life held. It may
//! end those leases at once only when that life is surely over: as long as a process lives it holds a lock on the
//! file with the node's id, and the operating system lets go of it when the process dies, however it dies.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
};

use uuid::Uuid;

/// Bytes of a worker's id that name its node; the others name one life of it.
const NAME: usize = 8;

/// A node of an installation.
#[derive(Debug)]
pub struct Node {
    worker: Uuid,
    /// Held as long as the process lives. `None`: nobody will know this node again.
    lock: Option<File>,
}

impl Node {
    /// A node for this process only.
    pub fn passing() -> Self {
        Self { worker: Uuid::new_v4(), lock: None }
    }

    /// The node whose id is kept in this file, made when missing. When another process is that node already
    /// (two may share a folder), this one is a node for itself.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn kept_in(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Self::passing()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut bytes = *Uuid::new_v4().as_bytes();
        let name = name(&mut file)?;
        if let Some(name) = name {
            bytes[..NAME].copy_from_slice(&name);
        } else {
            // The last bytes of such an id are all random but for two bits.
            bytes.rotate_left(NAME);
            let text = hex::encode(&bytes[..NAME]);
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        Ok(Self { worker: Uuid::from_bytes(bytes), lock: Some(file) })
    }

    /// The id under which this process works.
    pub const fn worker(&self) -> Uuid {
        self.worker
    }

    /// The first and the last id under which this node may ever work. `None`: it has no other life.
    pub fn lives(&self) -> Option<(Uuid, Uuid)> {
        self.lock.as_ref()?;
        let (mut first, mut last) = (*self.worker.as_bytes(), *self.worker.as_bytes());
        first[NAME..].fill(0);
        last[NAME..].fill(u8::MAX);
        Some((Uuid::from_bytes(first), Uuid::from_bytes(last)))
    }
}

/// The name in a node's file; `None` when there is none that can be used.
fn name(file: &mut File) -> io::Result<Option<[u8; NAME]>> {
    let mut text = String::new();
    // What is no text is no name.
    if let Err(error) = file.read_to_string(&mut text) {
        return if error.kind() == io::ErrorKind::InvalidData { Ok(None) } else { Err(error) };
    }
    Ok(u64::from_str_radix(text.trim(), 16)
        .ok()
        .filter(|_| text.trim().len() == 2 * NAME)
        .map(u64::to_be_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_known_again_after_its_life_and_nobody_else_is_it_meanwhile() {
        let folder = std::env::temp_dir().join(format!("coxswain-node-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("node");
        let first = Node::kept_in(&path).unwrap();
        let beside = Node::kept_in(&path).unwrap();
        assert!(beside.lives().is_none(), "it has a name of its own as long as the other lives");
        let (from, to) = first.lives().unwrap();
        assert!((from..=to).contains(&first.worker()) && !(from..=to).contains(&beside.worker()));
        let before = first.worker();
        drop(first);
        let again = Node::kept_in(&path).unwrap();
        assert_eq!(again.lives(), Some((from, to)));
        assert_ne!(again.worker(), before, "each life works under an id of its own");
        drop(again);
        std::fs::write(&path, b"\xff not a name").unwrap();
        assert!(Node::kept_in(&path).unwrap().lives().is_some_and(|lives| lives != (from, to)));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
