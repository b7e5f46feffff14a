//! The services: what is understood, and what is refused by name.

use std::future::Future;
use std::pin::Pin;

use ::qdrant_client::qdrant::collections_server::Collections;
use ::qdrant_client::qdrant::points_server::Points;
use ::qdrant_client::qdrant::qdrant_server::Qdrant;
// The lint passes wildcards by in test code.
#[cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the service speaks nearly all of the generated messages")
)]
use ::qdrant_client::qdrant::*;
use tonic::{Request, Response, Status};

use super::points;
use super::{Asked, Shared, State};

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

/// Methods no part of the product calls.
macro_rules! refuse {
    ($($name:ident($request:ty) -> $response:ty;)*) => {$(
        fn $name<'s, 'a>(&'s self, _: Request<$request>) -> Answer<'a, $response>
        where
            's: 'a,
            Self: 'a,
        {
            Box::pin(async { Err(Status::unimplemented(stringify!($name))) })
        }
    )*};
}

impl Shared {
    /// Runs one request on the state, unless the server plays dead.
    fn handle<T>(&self, work: impl FnOnce(&mut State) -> Result<T, Status>) -> Result<Response<T>, Status> {
        let mut state = self.0.lock();
        if state.away {
            return Err(Status::unavailable("the server is away"));
        }
        work(&mut state).map(Response::new)
    }
}

fn unknown(collection: &str) -> Status {
    Status::not_found(format!("Collection `{collection}` doesn't exist!"))
}

#[tonic::async_trait]
impl Qdrant for Shared {
    async fn health_check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckReply>, Status> {
        self.handle(|_| Ok(HealthCheckReply { title: "fake".into(), version: "1.20.0".into(), commit: None }))
    }
}

#[tonic::async_trait]
impl Collections for Shared {
    async fn create(
        &self,
        request: Request<CreateCollection>,
    ) -> Result<Response<CollectionOperationResponse>, Status> {
        let request = request.into_inner();
        self.handle(|state| {
            let name = request.collection_name.clone();
            if state.collections.contains_key(&name) {
                return Err(Status::already_exists(format!("Collection `{name}` already exists!")));
            }
            state.collections.insert(name, std::collections::HashMap::new());
            state.asked.push(Asked::Create(Box::new(request)));
            Ok(CollectionOperationResponse { result: true, time: 0.0 })
        })
    }

    async fn collection_exists(
        &self,
        request: Request<CollectionExistsRequest>,
    ) -> Result<Response<CollectionExistsResponse>, Status> {
        self.handle(|state| {
            let exists = state.collections.contains_key(&request.into_inner().collection_name);
            Ok(CollectionExistsResponse { result: Some(CollectionExists { exists }), time: 0.0 })
        })
    }

    refuse! {
        get(GetCollectionInfoRequest) -> GetCollectionInfoResponse;
        list(ListCollectionsRequest) -> ListCollectionsResponse;
        update(UpdateCollection) -> CollectionOperationResponse;
        delete(DeleteCollection) -> CollectionOperationResponse;
        update_aliases(ChangeAliases) -> CollectionOperationResponse;
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse;
        list_aliases(ListAliasesRequest) -> ListAliasesResponse;
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse;
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse;
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse;
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse;
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse;
    }
}

#[tonic::async_trait]
impl Points for Shared {
    async fn upsert(
        &self,
        request: Request<UpsertPoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        self.handle(|state| {
            let name = &request.collection_name;
            let collection = state.collections.get_mut(name).ok_or_else(|| unknown(name))?;
            for point in &request.points {
                collection.insert(points::id(point)?, point.clone());
            }
            state.asked.push(Asked::Upsert(Box::new(request)));
            Ok(PointsOperationResponse::default())
        })
    }

    async fn delete(
        &self,
        request: Request<DeletePoints>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        self.handle(|state| {
            let name = &request.collection_name;
            let collection = state.collections.get_mut(name).ok_or_else(|| unknown(name))?;
            let filter = points::deleted(&request)?;
            let mut gone = Vec::new();
            for (id, point) in collection.iter() {
                if points::passes(point, &filter)? {
                    gone.push(id.clone());
                }
            }
            for id in gone {
                collection.remove(&id);
            }
            state.asked.push(Asked::Delete(Box::new(request)));
            Ok(PointsOperationResponse::default())
        })
    }

    async fn create_field_index(
        &self,
        request: Request<CreateFieldIndexCollection>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        self.handle(|state| {
            if !state.collections.contains_key(&request.collection_name) {
                return Err(unknown(&request.collection_name));
            }
            state.asked.push(Asked::FieldIndex(Box::new(request)));
            Ok(PointsOperationResponse::default())
        })
    }

    async fn query(&self, request: Request<QueryPoints>) -> Result<Response<QueryResponse>, Status> {
        let request = request.into_inner();
        self.handle(|state| {
            let name = &request.collection_name;
            let collection = state.collections.get(name).ok_or_else(|| unknown(name))?;
            let result = points::search(collection.values(), &request)?;
            state.asked.push(Asked::Query(Box::new(request)));
            Ok(QueryResponse { result, ..QueryResponse::default() })
        })
    }

    refuse! {
        get(GetPoints) -> GetResponse;
        update_vectors(UpdatePointVectors) -> PointsOperationResponse;
        delete_vectors(DeletePointVectors) -> PointsOperationResponse;
        set_payload(SetPayloadPoints) -> PointsOperationResponse;
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse;
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse;
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse;
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse;
        create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse;
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse;
        search(SearchPoints) -> SearchResponse;
        search_batch(SearchBatchPoints) -> SearchBatchResponse;
        search_groups(SearchPointGroups) -> SearchGroupsResponse;
        scroll(ScrollPoints) -> ScrollResponse;
        recommend(RecommendPoints) -> RecommendResponse;
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse;
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse;
        discover(DiscoverPoints) -> DiscoverResponse;
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse;
        count(CountPoints) -> CountResponse;
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse;
        query_batch(QueryBatchPoints) -> QueryBatchResponse;
        query_groups(QueryPointGroups) -> QueryGroupsResponse;
        facet(FacetCounts) -> FacetResponse;
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse;
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse;
    }
}
