use std::path::Path;

use super::*;

fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/dist")
}

fn embedder() -> OnnxEmbedder {
    OnnxEmbedder::open(&EmbedSettings::in_folder(&dist())).expect("run `make setup` first")
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What the authors' own implementation computes: the first eight components.
const REFERENCE: [(&str, [f32; 8]); 2] = [
    (
        "A coxswain sits in the boat with the crew.",
        [
            0.017_747_958,
            0.000_772_296,
            -0.087_786_71,
            0.011_135_747,
            0.007_603_518,
            -0.028_920_164,
            0.043_651_898,
            0.038_275_576,
        ],
    ),
    (
        "How do I start a morning habit?",
        [
            0.043_109_033,
            0.020_385_536,
            0.020_692_51,
            0.036_554_889,
            0.031_370_26,
            0.052_194_806,
            0.005_718_967,
            -0.004_003_747,
        ],
    ),
];

#[tokio::test]
async fn vectors_are_those_of_the_reference_implementation() {
    let embedder = embedder();
    assert_eq!(embedder.model(), &EmbeddingModel { name: "all-MiniLM-L6-v2".into(), dimension: 384 });
    for (text, expected) in REFERENCE {
        let vector = embedder.embed_query(text).await.unwrap();
        assert_eq!(vector.len(), 384);
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-5);
        for (got, wanted) in vector.iter().zip(expected) {
            assert!((got - wanted).abs() < 1e-5, "{text}: {got} is not {wanted}");
        }
    }
}

#[tokio::test]
async fn batching_changes_neither_order_nor_vectors() {
    let embedder = embedder();
    let texts: Vec<String> =
        (1..40).map(|n| format!("Row {n} strokes {}", "and breathe out ".repeat(n % 13))).collect();
    let together = embedder.embed_passages(texts.clone()).await.unwrap();
    assert_eq!(together.len(), texts.len());
    for (text, vector) in texts.iter().zip(&together).step_by(7) {
        let alone = embedder.embed_query(text).await.unwrap();
        assert!(cosine(&alone, vector) > 0.99999, "{text}");
    }
}

#[test]
fn a_missing_model_says_what_to_run() {
    let error = OnnxEmbedder::open(&EmbedSettings::in_folder(Path::new("/nonexistent"))).err().unwrap();
    assert!(error.to_string().contains("make setup"), "{error}");
}

#[test]
fn a_batch_holds_similar_lengths_and_every_text_once() {
    let lengths = [900, 20, 1500, 25, 30, 0, 700, 400];
    let plan = batches(lengths.into_iter());
    let mut seen: Vec<_> = plan.iter().flatten().copied().collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
    for batch in &plan {
        let longest = batch.iter().map(|&place| lengths[place]).max().unwrap();
        assert!(batch.len() == 1 || longest * batch.len() <= BATCH_BYTES);
    }
}
