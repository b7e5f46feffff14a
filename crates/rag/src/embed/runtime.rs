//! The embedding runtime: a shared library opened at run time, and the model it runs.

use std::path::{Path, PathBuf};

use coxswain_domain::ports::{EmbedError, EmbeddingModel};
use fastembed::{InitOptionsUserDefined, Pooling, TextEmbedding, TokenizerFiles, UserDefinedEmbeddingModel};
use ort::environment::Environment;
use ort::ep::CPU;
use parking_lot::Mutex;

/// Where the runtime and the model lie, and what the model can take.
#[derive(Clone, Debug)]
pub(super) struct ModelFiles {
    runtime: PathBuf,
    folder: PathBuf,
    max_tokens: usize,
    pub(super) model: EmbeddingModel,
}

/// The files fastembed takes, beside the optional weights the graph may refer to.
const FILES: [&str; 5] =
    ["model.onnx", "tokenizer.json", "config.json", "special_tokens_map.json", "tokenizer_config.json"];

impl ModelFiles {
    /// Checks that everything is there, so that a missing file is told before any work.
    pub(super) fn find(runtime: &Path, folder: &Path, max_tokens: usize) -> Result<Self, EmbedError> {
        for path in std::iter::once(runtime.to_owned()).chain(FILES.map(|name| folder.join(name))) {
            if !path.is_file() {
                return Err(missing(&path));
            }
        }
        let config: serde_json::Value = serde_json::from_slice(&read(&folder.join("config.json"))?)
            .map_err(|error| EmbedError::Unavailable(format!("config.json cannot be read: {error}")))?;
        let dimension = config["hidden_size"]
            .as_u64()
            .and_then(|size| u32::try_from(size).ok())
            .ok_or_else(|| EmbedError::Unavailable("config.json does not state hidden_size".into()))?;
        let folder =
            std::path::absolute(folder).map_err(|error| EmbedError::Unavailable(error.to_string()))?;
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        Ok(Self {
            runtime: runtime.to_owned(),
            folder,
            max_tokens,
            model: EmbeddingModel { name, dimension },
        })
    }

    /// The tokenizer file, for counting tokens as the model does.
    pub(super) fn tokenizer(&self) -> PathBuf {
        self.folder.join("tokenizer.json")
    }

    /// Loads a session of one thread.
    pub(super) fn load(&self) -> Result<TextEmbedding, EmbedError> {
        // Batches are spread over sessions already; more threads for splitting words would only compete.
        tokenizers::utils::parallelism::set_parallelism(false);
        let file = |name: &str| read(&self.folder.join(name));
        let tokenizer_files = TokenizerFiles {
            tokenizer_file: file("tokenizer.json")?,
            config_file: file("config.json")?,
            special_tokens_map_file: file("special_tokens_map.json")?,
            tokenizer_config_file: file("tokenizer_config.json")?,
        };
        let model =
            UserDefinedEmbeddingModel::new(file("model.onnx")?, tokenizer_files).with_pooling(Pooling::Mean);
        let options = InitOptionsUserDefined::new()
            .with_environment(environment(&self.runtime)?)
            // The arena keeps the peak of the longest batch for good; plain allocation gives it back.
            .with_execution_providers(vec![CPU::default().with_arena_allocator(false).build()])
            .with_max_length(self.max_tokens)
            .with_intra_threads(1)
            // Weights beside the graph are mapped from there, and shared by all sessions.
            .with_session_config(
                "session.model_external_initializers_file_folder_path",
                self.folder.to_string_lossy(),
            );
        TextEmbedding::try_new_from_user_defined(model, options).map_err(|error| {
            EmbedError::Unavailable(format!("the model in {} does not load: {error}", self.folder.display()))
        })
    }
}

/// The process's one runtime environment, opened from `library` on first use.
fn environment(library: &Path) -> Result<Environment, EmbedError> {
    static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);
    let mut opened = ENVIRONMENT.lock();
    if let Some(environment) = opened.as_ref() {
        return Ok(environment.clone());
    }
    let unavailable = |error: String| {
        EmbedError::Unavailable(format!("the runtime {} does not open: {error}", library.display()))
    };
    let environment = ort::init_from(library)
        .map_err(|error| unavailable(error.to_string()))?
        .with_telemetry(false)
        .build()
        .map_err(|error| unavailable(error.to_string()))?;
    Ok(opened.insert(environment).clone())
}

fn read(path: &Path) -> Result<Vec<u8>, EmbedError> {
    std::fs::read(path).map_err(|_| missing(path))
}

fn missing(path: &Path) -> EmbedError {
    EmbedError::Unavailable(format!("{} is missing; run `make setup`", path.display()))
}
