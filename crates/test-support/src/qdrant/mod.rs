//! A Qdrant server in this process: the real protocol over the real generated stubs, exact search.
//!
//! It understands what the product asks of a server and refuses the rest by name, so that a test
//! that needs more fails and does not pass by accident.

mod points;
mod service;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use parking_lot::Mutex;
use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_client::qdrant::qdrant_server::QdrantServer;
use qdrant_client::qdrant::{
    CreateCollection, CreateFieldIndexCollection, DeletePoints, PointStruct, QueryPoints, UpsertPoints,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;

/// What the server was asked, in order.
#[derive(Clone, Debug)]
pub enum Asked {
    /// To make a collection.
    Create(Box<CreateCollection>),
    /// To index a payload field.
    FieldIndex(Box<CreateFieldIndexCollection>),
    /// To keep points.
    Upsert(Box<UpsertPoints>),
    /// To forget points.
    Delete(Box<DeletePoints>),
    /// To search.
    Query(Box<QueryPoints>),
}

#[derive(Default)]
struct State {
    /// Points by collection and id.
    collections: HashMap<String, HashMap<String, PointStruct>>,
    asked: Vec<Asked>,
    /// Answer everything with "unavailable".
    away: bool,
}

/// What the services share.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<State>>);

/// A running server; it ends when dropped.
pub struct FakeQdrant {
    address: SocketAddr,
    shared: Shared,
    server: JoinHandle<()>,
}

impl FakeQdrant {
    /// Starts one on a free port of this machine.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Shared::default();
        let routes = Server::builder()
            .add_service(QdrantServer::new(shared.clone()))
            .add_service(CollectionsServer::new(shared.clone()))
            .add_service(PointsServer::new(shared.clone()));
        let server = tokio::spawn(async move {
            // It only ends by being dropped; an error would show as a refused connection in the test.
            let _ = routes.serve_with_incoming(TcpListenerStream::new(listener)).await;
        });
        Ok(Self { address, shared, server })
    }

    /// Its address, as the client takes it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.0.lock().asked.clone()
    }

    /// Points it holds, over all collections.
    pub fn points(&self) -> usize {
        self.shared.0.lock().collections.values().map(HashMap::len).sum()
    }

    /// From now on, answers everything with "unavailable", or again as it should.
    pub fn set_away(&self, away: bool) {
        self.shared.0.lock().away = away;
    }
}

impl Drop for FakeQdrant {
    fn drop(&mut self) {
        self.server.abort();
    }
}
