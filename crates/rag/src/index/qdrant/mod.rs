//! The index on a Qdrant server or cluster.
//!
//! One collection for each embedding model holds the points of all creators, with the creator's
//! id as tenant key. Every request filters by it. Words go as sparse vectors whose weights are
//! computed here, from the same counts as in the embedded index: a server's own inverse
//! document frequencies would mix creators.

mod convert;

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use coxswain_domain::ports::{
    Candidate, EmbeddingModel, IndexError, IndexPoint, IndexRef, SearchScope, TermWeight, VectorIndex,
};
use coxswain_domain::{CreatorId, VersionId};
use coxswain_store::Db;
use parking_lot::Mutex;
use qdrant_client::config::QdrantConfig;
use qdrant_client::qdrant::{
    CreateFieldIndexCollectionBuilder, DeletePointsBuilder, FieldType, Filter, KeywordIndexParamsBuilder,
    PointStruct, Query, QueryPointsBuilder, SearchParamsBuilder, UpsertPointsBuilder,
};
use qdrant_client::{Qdrant, QdrantError};

use super::copies::{Content, Copies};
use convert::{BASE, CREATOR, DENSE, LEXICAL, VERSION};

/// Points in one request: about 1 MB.
const BATCH: usize = 256;
/// Chunks of a creator up to which a search is exact; above, the tenant's graph is searched.
const EXACT: usize = 20_000;
/// How many neighbours the graph search keeps in view; twice the server's default, for recall.
const BREADTH: u64 = 256;

/// Where the server is.
#[derive(Clone)]
pub struct QdrantSettings {
    /// Its gRPC address, such as `http://localhost:6334`.
    pub url: String,
    /// Its API key, if it asks for one.
    pub api_key: Option<String>,
    /// How long a request may take.
    pub timeout: Duration,
    /// Bytes of memory for counting words, roughly.
    pub budget: usize,
}

impl std::fmt::Debug for QdrantSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let api_key = self.api_key.as_ref().map(|_| "[secret]");
        f.debug_struct("QdrantSettings")
            .field("url", &self.url)
            .field("api_key", &api_key)
            .finish_non_exhaustive()
    }
}

/// The index on a Qdrant server or cluster.
pub struct QdrantIndex {
    client: Qdrant,
    counts: Copies,
    /// Collections known to be there.
    collections: Mutex<HashSet<String>>,
}

impl QdrantIndex {
    /// An index on this server, with word counts from this store. Connects with the first request.
    pub fn new(db: Db, settings: &QdrantSettings) -> Result<Self, IndexError> {
        let mut config =
            QdrantConfig::from_url(&settings.url).timeout(settings.timeout).skip_compatibility_check();
        if let Some(key) = &settings.api_key {
            config.set_api_key(key);
        }
        let client = config.build().map_err(|error| failed(&error))?;
        let counts = Copies::new(db, Content::Words, settings.budget);
        Ok(Self { client, counts, collections: Mutex::default() })
    }

    /// The collection of a model, made if it is not there.
    async fn collection(&self, model: &EmbeddingModel) -> Result<String, IndexError> {
        let name = convert::collection(model);
        if self.collections.lock().contains(&name) {
            return Ok(name);
        }
        if !self.client.collection_exists(&name).await.map_err(|error| failed(&error))? {
            let made = self.client.create_collection(convert::layout(&name, model)).await;
            // Another node may have been faster.
            if let Err(error) = made
                && !self.client.collection_exists(&name).await.unwrap_or(false)
            {
                return Err(failed(&error));
            }
        }
        for (field, tenant) in [(CREATOR, true), (VERSION, false), (BASE, false)] {
            let keyword = KeywordIndexParamsBuilder::default().is_tenant(tenant);
            let index = CreateFieldIndexCollectionBuilder::new(&name, field, FieldType::Keyword)
                .field_index_params(keyword)
                .wait(true);
            self.client.create_field_index(index).await.map_err(|error| failed(&error))?;
        }
        self.collections.lock().insert(name.clone());
        Ok(name)
    }

    async fn delete(&self, index: &IndexRef, filter: Filter) -> Result<(), IndexError> {
        let name = self.collection(&index.model).await?;
        let delete = DeletePointsBuilder::new(name).points(filter).wait(true);
        self.client.delete_points(delete).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    async fn query(
        &self,
        scope: &SearchScope,
        query: QueryPointsBuilder,
    ) -> Result<Vec<Candidate>, IndexError> {
        let query = query.filter(convert::within(scope));
        let found = self.client.query(query).await.map_err(|error| failed(&error))?;
        found.result.iter().map(convert::candidate).collect()
    }
}

#[async_trait]
impl VectorIndex for QdrantIndex {
    async fn upsert(
        &self,
        creator: CreatorId,
        index: &IndexRef,
        points: Vec<IndexPoint>,
    ) -> Result<(), IndexError> {
        let name = self.collection(&index.model).await?;
        for batch in points.chunks(BATCH) {
            let points: Vec<PointStruct> = batch.iter().map(|point| convert::point(creator, point)).collect();
            let upsert = UpsertPointsBuilder::new(&name, points).wait(true);
            self.client.upsert_points(upsert).await.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    async fn remove(
        &self,
        creator: CreatorId,
        index: &IndexRef,
        versions: &[VersionId],
    ) -> Result<(), IndexError> {
        if versions.is_empty() {
            return Ok(());
        }
        self.delete(index, convert::versions(creator, versions)).await
    }

    async fn clear(&self, creator: CreatorId, index: &IndexRef) -> Result<(), IndexError> {
        self.counts.forget((creator, index.id));
        self.delete(index, convert::owned(creator)).await
    }

    async fn dense(
        &self,
        scope: &SearchScope,
        vector: &[f32],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError> {
        let name = self.collection(&scope.index.model).await?;
        let exact = self.counts.with(scope, |counts| counts.findable() <= EXACT).await?;
        let query = QueryPointsBuilder::new(name)
            .query(Query::new_nearest(vector.to_vec()))
            .using(DENSE)
            .params(SearchParamsBuilder::default().exact(exact).hnsw_ef(BREADTH))
            .limit(k as u64);
        self.query(scope, query).await
    }

    async fn lexical(
        &self,
        scope: &SearchScope,
        terms: &[TermWeight],
        k: usize,
    ) -> Result<Vec<Candidate>, IndexError> {
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let name = self.collection(&scope.index.model).await?;
        let asked = terms.to_vec();
        let weights = self.counts.with(scope, move |counts| counts.weights(&asked)).await?;
        let names = terms.iter().map(|term| term.term.as_str());
        let query = QueryPointsBuilder::new(name)
            .query(Query::new_nearest(convert::sparse(names.zip(weights))))
            .using(LEXICAL)
            .limit(k as u64);
        self.query(scope, query).await
    }

    async fn check(&self) -> Result<(), IndexError> {
        self.client.health_check().await.map_err(|error| failed(&error))?;
        Ok(())
    }
}

/// What a failure means for the caller. A server that is away, busy or slow is worth a retry.
fn failed(error: &QdrantError) -> IndexError {
    use tonic::Code;
    let retry = match error {
        QdrantError::ResponseError { status } => {
            matches!(
                status.code(),
                Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Aborted
            )
        }
        QdrantError::ResourceExhaustedError { .. } | QdrantError::Io(_) => true,
        _ => false,
    };
    if retry { IndexError::Unreachable(error.to_string()) } else { IndexError::Failed(error.to_string()) }
}
