//! Filters and scores of points.

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::{
    Condition, DeletePoints, Filter, PointStruct, QueryPoints, ScoredPoint, SparseVector, query, vector,
    vector_input,
};
use tonic::Status;

pub(super) fn id(point: &PointStruct) -> Result<String, Status> {
    match point.id.as_ref().and_then(|id| id.point_id_options.as_ref()) {
        Some(PointIdOptions::Uuid(id)) => Ok(id.clone()),
        other => Err(Status::invalid_argument(format!("a point id like {other:?}"))),
    }
}

/// The filter of a deletion; no other selector is understood.
pub(super) fn deleted(request: &DeletePoints) -> Result<Filter, Status> {
    match request.points.as_ref().and_then(|points| points.points_selector_one_of.as_ref()) {
        Some(PointsSelectorOneOf::Filter(filter)) => Ok(filter.clone()),
        other => Err(Status::unimplemented(format!("deleting by {other:?}"))),
    }
}

/// Whether a point passes a filter of `must` conditions on keywords.
pub(super) fn passes(point: &PointStruct, filter: &Filter) -> Result<bool, Status> {
    if !filter.should.is_empty() || !filter.must_not.is_empty() || filter.min_should.is_some() {
        return Err(Status::unimplemented("filters other than must"));
    }
    for condition in &filter.must {
        if !holds(point, condition)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds(point: &PointStruct, condition: &Condition) -> Result<bool, Status> {
    let Some(ConditionOneOf::Field(field)) = &condition.condition_one_of else {
        return Err(Status::unimplemented("conditions other than on fields"));
    };
    let value = point.payload.get(&field.key).and_then(|value| value.kind.as_ref());
    let Some(Kind::StringValue(value)) = value else { return Ok(false) };
    match field.r#match.as_ref().and_then(|wanted| wanted.match_value.as_ref()) {
        Some(MatchValue::Keyword(wanted)) => Ok(value == wanted),
        Some(MatchValue::Keywords(wanted)) => Ok(wanted.strings.contains(value)),
        other => Err(Status::unimplemented(format!("matching by {other:?}"))),
    }
}

/// The best points for a query, best first.
pub(super) fn search<'p>(
    points: impl Iterator<Item = &'p PointStruct>,
    request: &QueryPoints,
) -> Result<Vec<ScoredPoint>, Status> {
    let filter = request.filter.clone().unwrap_or_default();
    let mut found = Vec::new();
    for point in points {
        if passes(point, &filter)?
            && let Some(score) = score(point, request)?
        {
            found.push(ScoredPoint { id: point.id.clone(), score, ..ScoredPoint::default() });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(usize::try_from(request.limit.unwrap_or(10)).unwrap_or(usize::MAX));
    Ok(found)
}

/// A point's score; none when it shares no dimension with a sparse query.
fn score(point: &PointStruct, request: &QueryPoints) -> Result<Option<f32>, Status> {
    let named = match point.vectors.as_ref().and_then(|vectors| vectors.vectors_options.as_ref()) {
        Some(VectorsOptions::Vectors(named)) => named,
        other => return Err(Status::invalid_argument(format!("vectors like {other:?}"))),
    };
    let own = named.vectors.get(request.using()).and_then(|vector| vector.vector.as_ref());
    let asked = match request.query.as_ref().and_then(|query| query.variant.as_ref()) {
        Some(query::Variant::Nearest(asked)) => asked.variant.as_ref(),
        other => return Err(Status::unimplemented(format!("queries like {other:?}"))),
    };
    match (asked, own) {
        (Some(vector_input::Variant::Dense(asked)), Some(vector::Vector::Dense(own))) => {
            Ok(Some(asked.data.iter().zip(&own.data).map(|(a, b)| a * b).sum()))
        }
        (Some(vector_input::Variant::Sparse(asked)), Some(vector::Vector::Sparse(own))) => {
            Ok(sparse(asked, own))
        }
        _ => {
            Err(Status::invalid_argument(format!("the query does not fit the vector {:?}", request.using())))
        }
    }
}

fn sparse(asked: &SparseVector, own: &SparseVector) -> Option<f32> {
    let mut score = None;
    for (dimension, weight) in asked.indices.iter().zip(&asked.values) {
        if let Some(place) = own.indices.iter().position(|own| own == dimension) {
            *score.get_or_insert(0.0) += weight * own.values[place];
        }
    }
    score
}
