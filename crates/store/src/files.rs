//! The files creators upload: in a local directory, one file per version, never changed once there.

use std::{
    fs::TryLockError,
    io,
    path::{Path, PathBuf},
};

use coxswain_domain::{CreatorId, VersionId};
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};

/// Where files are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

/// Why a file could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is larger than allowed: nothing of it was kept.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The most that is allowed.
        limit: u64,
    },
    /// The disk failed.
    #[error("the file could not be kept")]
    Io(#[from] io::Error),
}

/// A file that is being received. Dropped before [`Incoming::keep`], it leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    path: TempPath,
    target: PathBuf,
    key: String,
    hash: Sha256,
    bytes: u64,
    limit: u64,
}

/// A file that is safely on the disk. Unless [`Kept::commit`] is called, dropping it deletes the file:
/// the transaction that should have named it did not come about.
#[derive(Debug)]
pub struct Kept {
    /// What the database calls it.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    path: Option<TempPath>,
    /// Held until the file is named, or deleted.
    _lock: File,
}

impl Files {
    /// Files under `root`, which is made when it is missing.
    pub async fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        fs::create_dir_all(&root).await?;
        Ok(Self { root })
    }

    /// Begins to receive the file of a version, of at most `limit` bytes.
    pub async fn receive(
        &self,
        creator: CreatorId,
        version: VersionId,
        limit: u64,
    ) -> Result<Incoming, FileError> {
        let key = format!("{creator}/{version}");
        let folder = self.root.join(creator.to_string());
        fs::create_dir_all(&folder).await?;
        let temporary = tokio::task::spawn_blocking(move || {
            let temporary = tempfile::Builder::new().prefix(".incoming-").tempfile_in(folder)?;
            // Ends with this process, however that ends: see [`Files::abandoned`].
            temporary.as_file().lock_shared()?;
            io::Result::Ok(temporary)
        })
        .await
        .map_err(io::Error::other)??;
        let (file, path) = temporary.into_parts();
        let target = self.root.join(&key);
        let file = File::from_std(file);
        Ok(Incoming { file, path, target, key, hash: Sha256::new(), bytes: 0, limit })
    }

    /// Where the file with this key lies. Keys come from the database only.
    pub fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// Opens a file; `None` when it is not there.
    pub async fn open_file(&self, key: &str) -> io::Result<Option<File>> {
        match File::open(self.path(key)).await {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The creators who have files.
    pub async fn creators(&self) -> io::Result<Vec<CreatorId>> {
        let names = names(&self.root).await?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// The keys of a creator's files, half-received ones among them.
    pub async fn keys(&self, creator: CreatorId) -> io::Result<Vec<String>> {
        let names = names(&self.root.join(creator.to_string())).await?;
        Ok(names.into_iter().map(|name| format!("{creator}/{name}")).collect())
    }

    /// The file, when nobody is receiving it: then it belongs to a version, or to nothing.
    pub async fn abandoned(&self, key: &str) -> io::Result<Option<File>> {
        let Some(file) = self.open_file(key).await? else { return Ok(None) };
        let file = file.into_std().await;
        match file.try_lock() {
            Ok(()) => Ok(Some(File::from_std(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Deletes a file; that it is gone already is no error.
    pub async fn delete(&self, key: &str) -> io::Result<()> {
        match fs::remove_file(self.path(key)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

async fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut entries = fs::read_dir(folder).await?;
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

impl Incoming {
    /// Takes in the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.limit {
            return Err(FileError::TooLarge { limit: self.limit });
        }
        self.hash.update(bytes);
        self.file.write_all(bytes).await?;
        Ok(())
    }

    /// Makes the file durable under its key.
    pub async fn keep(mut self) -> Result<Kept, FileError> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let (path, target) = (self.path, self.target);
        let path = tokio::task::spawn_blocking(move || {
            let kept = path.persist(&target).map_err(|error| error.error);
            kept.and_then(|()| sync_folder(&target)).map(|()| TempPath::try_from_path(target))
        })
        .await
        .map_err(io::Error::other)???;
        Ok(Kept {
            key: self.key,
            bytes: self.bytes,
            sha256: self.hash.finalize().to_vec(),
            path: Some(path),
            _lock: self.file,
        })
    }
}

/// Makes the new name in a file's folder durable.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

impl Kept {
    /// Lets the file stay: the transaction that names it is committed.
    pub fn commit(mut self) {
        if let Some(path) = self.path.take() {
            // Forgetting the guard cannot fail where no file has to be changed.
            let _ = path.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (CreatorId, VersionId) {
        (CreatorId(uuid::Uuid::from_u128(1)), VersionId(uuid::Uuid::from_u128(2)))
    }

    fn count(root: &Path) -> usize {
        std::fs::read_dir(root)
            .unwrap()
            .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
            .count()
    }

    #[tokio::test]
    async fn a_file_stays_only_once_committed() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::open(root.path()).await.unwrap();
        let (creator, version) = ids();
        let mut incoming = files.receive(creator, version, 10).await.unwrap();
        incoming.write(b"steady").await.unwrap();
        let kept = incoming.keep().await.unwrap();
        assert_eq!(std::fs::read(files.path(&kept.key)).unwrap(), b"steady");
        drop(kept);
        assert_eq!(count(root.path()), 0, "no transaction, no file");

        let mut incoming = files.receive(creator, version, 10).await.unwrap();
        incoming.write(b"water").await.unwrap();
        let kept = incoming.keep().await.unwrap();
        assert_eq!(kept.bytes, 5);
        let key = kept.key.clone();
        kept.commit();
        assert!(files.open_file(&key).await.unwrap().is_some());
        files.delete(&key).await.unwrap();
        files.delete(&key).await.unwrap();
        assert_eq!(count(root.path()), 0);
    }

    #[tokio::test]
    async fn only_files_nobody_is_receiving_are_abandoned() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::open(root.path()).await.unwrap();
        let (creator, version) = ids();
        let mut incoming = files.receive(creator, version, 10).await.unwrap();
        incoming.write(b"steady").await.unwrap();
        let keys = files.keys(creator).await.unwrap();
        assert_eq!((files.creators().await.unwrap(), keys.len()), (vec![creator], 1));
        assert!(files.abandoned(&keys[0]).await.unwrap().is_none(), "half received");
        let kept = incoming.keep().await.unwrap();
        assert!(files.abandoned(&kept.key).await.unwrap().is_none(), "not yet named");
        let key = kept.key.clone();
        kept.commit();
        assert_eq!(files.keys(creator).await.unwrap(), [key.as_str()]);
        assert!(files.abandoned(&key).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn too_large_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::open(root.path()).await.unwrap();
        let (creator, version) = ids();
        let mut incoming = files.receive(creator, version, 4).await.unwrap();
        incoming.write(b"1234").await.unwrap();
        assert!(matches!(incoming.write(b"5").await, Err(FileError::TooLarge { limit: 4 })));
        drop(incoming);
        assert_eq!(count(root.path()), 0);
    }
}
