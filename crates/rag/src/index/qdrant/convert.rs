//! Between our words and Qdrant's.

use std::collections::HashMap;

use coxswain_domain::ports::{Candidate, EmbeddingModel, IndexError, IndexPoint, SearchScope};
use coxswain_domain::{ChunkId, CreatorId, VersionId};
use qdrant_client::Payload;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::{
    Condition, CreateCollection, CreateCollectionBuilder, Distance, Filter, HnswConfigDiffBuilder,
    NamedVectors, PointStruct, ScoredPoint, SparseVectorParamsBuilder, SparseVectorsConfigBuilder, Vector,
    VectorInput, VectorParamsBuilder, VectorsConfigBuilder,
};

use crate::index::bm25;

/// The vector of what a chunk means.
pub(super) const DENSE: &str = "dense";
/// The sparse vector of the words it holds.
pub(super) const LEXICAL: &str = "lexical";
/// Payload: the creator, the tenant key.
pub(super) const CREATOR: &str = "creator_id";
/// Payload: the version.
pub(super) const VERSION: &str = "version_id";
/// Payload: the knowledge base.
pub(super) const BASE: &str = "knowledge_base_id";

/// The name of a model's collection.
pub(super) fn collection(model: &EmbeddingModel) -> String {
    let name: String = model
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '_' })
        .collect();
    format!("coxswain_{name}_{}", model.dimension)
}

/// How a model's collection is laid out: no graph over all creators, one for each.
pub(super) fn layout(name: &str, model: &EmbeddingModel) -> CreateCollection {
    let mut vectors = VectorsConfigBuilder::default();
    vectors
        .add_named_vector_params(DENSE, VectorParamsBuilder::new(model.dimension.into(), Distance::Cosine));
    let mut sparse = SparseVectorsConfigBuilder::default();
    sparse.add_named_vector_params(LEXICAL, SparseVectorParamsBuilder::default());
    CreateCollectionBuilder::new(name)
        .vectors_config(vectors)
        .sparse_vectors_config(sparse)
        .hnsw_config(HnswConfigDiffBuilder::default().m(0).payload_m(16))
        .build()
}

/// A chunk as a point.
pub(super) fn point(creator: CreatorId, point: &IndexPoint) -> PointStruct {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for term in &point.terms {
        *counts.entry(term).or_default() += 1;
    }
    let length = u32::try_from(point.terms.len()).unwrap_or(u32::MAX);
    let weights = counts.into_iter().map(|(term, count)| (term, bm25::passage_weight(count, length)));
    let (indices, values): (Vec<u32>, Vec<f32>) = entries(weights).into_iter().unzip();
    let mut vectors = NamedVectors::default().add_vector(LEXICAL, Vector::new_sparse(indices, values));
    if !point.vector.is_empty() {
        vectors = vectors.add_vector(DENSE, point.vector.clone());
    }
    let mut payload = Payload::new();
    payload.insert(CREATOR, creator.to_string());
    payload.insert("document_id", point.document.to_string());
    payload.insert(VERSION, point.version.to_string());
    payload.insert(BASE, point.base.to_string());
    PointStruct::new(point.chunk.to_string(), vectors, payload)
}

/// A question's words as a sparse vector.
pub(super) fn sparse<'t>(weights: impl Iterator<Item = (&'t str, f32)>) -> VectorInput {
    let (indices, values): (Vec<u32>, Vec<f32>) = entries(weights).into_iter().unzip();
    VectorInput::new_sparse(indices, values)
}

/// Terms as dimensions, rising. Two terms rarely share one; then their weights add up, as the
/// server takes each dimension once.
fn entries<'t>(weights: impl Iterator<Item = (&'t str, f32)>) -> Vec<(u32, f32)> {
    let mut entries: Vec<(u32, f32)> = weights.map(|(term, weight)| (dimension(term), weight)).collect();
    entries.sort_unstable_by_key(|entry| entry.0);
    entries.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    entries
}

/// The dimension of a term: the beginning of its BLAKE3 hash, the same on every node and for ever.
fn dimension(term: &str) -> u32 {
    let hash = blake3::hash(term.as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// What a scope may find.
pub(super) fn within(scope: &SearchScope) -> Filter {
    let mut conditions = vec![Condition::matches(CREATOR, scope.creator.to_string())];
    if !scope.bases.is_empty() {
        conditions
            .push(Condition::matches(BASE, scope.bases.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
    Filter::must(conditions)
}

/// All of a creator's.
pub(super) fn owned(creator: CreatorId) -> Filter {
    Filter::must([Condition::matches(CREATOR, creator.to_string())])
}

/// Some versions of a creator's.
pub(super) fn versions(creator: CreatorId, versions: &[VersionId]) -> Filter {
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    Filter::must([Condition::matches(CREATOR, creator.to_string()), Condition::matches(VERSION, versions)])
}

/// A point that was found.
pub(super) fn candidate(point: &ScoredPoint) -> Result<Candidate, IndexError> {
    let strange = || IndexError::Failed("the server returned a point whose id is not a chunk's".into());
    let id = point.id.as_ref().and_then(|id| id.point_id_options.as_ref());
    let Some(PointIdOptions::Uuid(text)) = id else { return Err(strange()) };
    let chunk: ChunkId = text.parse().map_err(|_| strange())?;
    Ok(Candidate { chunk, score: point.score })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_named_for_its_model() {
        let model = EmbeddingModel { name: "org/model v1.5".into(), dimension: 384 };
        assert_eq!(collection(&model), "coxswain_org_model_v1.5_384");
    }

    #[test]
    fn dimensions_are_rising_and_single() {
        let found = entries([("row", 1.0), ("boat", 2.0), ("row", 3.0)].into_iter());
        assert!(found.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(found.len(), 2);
        assert!(found.contains(&(dimension("row"), 4.0)));
    }
}
