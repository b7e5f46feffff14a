//! A private `PostgreSQL` for tests.
//!
//! `cargo nextest` runs every test in a process of its own, so the server is shared: the first test
//! that needs it starts it, later ones find it, and it stops itself half a minute after the last.
//! `COXSWAIN_TEST_POSTGRES` names a server to use instead: the URL of a superuser.

use std::{
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hasher},
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context, Result, anyhow, bail};
use coxswain_store::{Db, DbOptions};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

const MISSING: &str = "PostgreSQL's programs initdb and pg_ctl were not found: install it (Debian: `apt-get \
     install postgresql`), or set COXSWAIN_TEST_ENGINES=sqlite to leave PostgreSQL untested";

/// The server this process uses, and the lock that keeps it running.
struct Server {
    url: String,
    _in_use: Option<File>,
}

/// A database of its own, gone when dropped.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// Makes a migrated, empty database on the shared server, starting that when nobody has yet.
    pub async fn create() -> Result<Self> {
        let server = tokio::task::spawn_blocking(server).await??;
        let mut admin = PgConnection::connect(&server.url).await?;
        let template = template(&mut admin, &server.url).await?;
        let name = format!("test_{}", Uuid::new_v4().simple());
        run(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        admin.close().await?;
        Ok(Self { name })
    }

    /// Its URL, as a superuser.
    pub fn url(&self) -> Result<String> {
        Ok(replace_database(&server()?.url, &self.name))
    }

    async fn remove(name: String) -> Result<()> {
        let mut admin = PgConnection::connect(&server()?.url).await?;
        run(&mut admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        Ok(admin.close().await?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // A thread of its own, because the dropping one may be inside a runtime already.
        let removing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(Self::remove(name))
        });
        // What is left behind here goes with the server.
        let _ = removing.join();
    }
}

/// The name of a database with today's migrations, made once: copying it is quicker than migrating.
async fn template(admin: &mut PgConnection, url: &str) -> Result<String> {
    let mut fingerprint = DefaultHasher::new();
    for migration in sqlx::migrate!("../../migrations/postgres").iter() {
        fingerprint.write(&migration.checksum);
    }
    let name = format!("template_{:016x}", fingerprint.finish());
    // One process makes it, the others wait; the lock ends with its transaction.
    let mut turn = admin.begin().await?;
    turn.execute("SELECT pg_advisory_xact_lock(1)").await?;
    let there: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_one(&mut *turn)
        .await?;
    if there.0 == 0 {
        // Whoever finds it under its final name finds it complete.
        let draft = format!("{name}_draft");
        let mut maker = PgConnection::connect(url).await?;
        run(&mut maker, format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await?;
        run(&mut maker, format!("CREATE DATABASE {draft} TEMPLATE template0")).await?;
        let options = DbOptions { url: replace_database(url, &draft), connections: 1 };
        Db::open(&options).await?.close().await;
        run(&mut maker, format!("ALTER DATABASE {draft} RENAME TO {name}")).await?;
        maker.close().await?;
    }
    turn.commit().await?;
    Ok(name)
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<()> {
    connection.execute(sqlx::AssertSqlSafe(statement)).await?;
    Ok(())
}

fn replace_database(url: &str, name: &str) -> String {
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let end = address.rfind('/').filter(|&at| !address[..at].ends_with('/')).unwrap_or(address.len());
    let options = if options.is_empty() { String::new() } else { format!("?{options}") };
    format!("{}/{name}{options}", &address[..end])
}

fn server() -> Result<&'static Server> {
    static SERVER: OnceLock<Result<Server>> = OnceLock::new();
    SERVER.get_or_init(find_or_start).as_ref().map_err(|error| anyhow!("{error:#}"))
}

fn find_or_start() -> Result<Server> {
    if let Ok(url) = env::var("COXSWAIN_TEST_POSTGRES") {
        return Ok(Server { url, _in_use: None });
    }
    let owner = env::var("USER").unwrap_or_else(|_| "anyone".into());
    let home = env::temp_dir().join(format!("coxswain-test-postgres-{owner}"));
    fs::create_dir_all(&home)?;
    let starting = File::create(home.join("start"))?;
    starting.lock()?;
    let in_use = File::create(home.join("users"))?;
    in_use.lock_shared()?;
    let port_file = home.join("port");
    let running = fs::read_to_string(&port_file).ok().filter(|port| answers(port));
    let port = if let Some(port) = running {
        port
    } else {
        let port = start(&home)?;
        fs::write(&port_file, &port)?;
        port
    };
    Ok(Server { url: format!("postgres://coxswain@127.0.0.1:{port}/postgres"), _in_use: Some(in_use) })
}

fn answers(port: &str) -> bool {
    port.parse().is_ok_and(|port: u16| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())
}

/// Starts the server and whatever stops it later; the port it listens on.
fn start(home: &Path) -> Result<String> {
    let programs = programs().context(MISSING)?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port().to_string();
    let log = home.join("log");
    let mut script = Command::new("sh")
        .args(["-c", include_str!("postgres.sh"), "coxswain-test-postgres"])
        .args([programs.as_path(), home])
        .arg(&port)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?)
        // It outlives this process, and an interrupt meant for the tests.
        .process_group(0)
        .spawn()?;
    let mut line = String::new();
    if let Some(out) = script.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    if line.trim() != "ready" {
        bail!("PostgreSQL did not start: {}", fs::read_to_string(&log).unwrap_or_default().trim());
    }
    Ok(port)
}

/// The folder of the newest PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| ["initdb", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = debian.map(|entry| entry.path().join("bin")).filter(complete).max_by_key(version);
    newest.or_else(|| env::split_paths(&env::var_os("PATH")?).find(complete))
}

#[cfg(test)]
mod tests {
    use super::replace_database;

    #[test]
    fn only_the_database_of_a_url_is_replaced() {
        let expected = "postgres://me@127.0.0.1:1/new";
        assert_eq!(replace_database("postgres://me@127.0.0.1:1/old", "new"), expected);
        assert_eq!(replace_database("postgres://me@127.0.0.1:1", "new"), expected);
        assert_eq!(
            replace_database("postgres://h/old?sslmode=disable", "new"),
            "postgres://h/new?sslmode=disable"
        );
    }
}
