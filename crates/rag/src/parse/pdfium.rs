//! The `PDFium` library: where it is looked for, and how it is bound.
//!
//! `PDFium` is a shared library that `make setup` fetches (see `models/fetch_pdfium.py`). The first
//! of these that exists is used:
//!
//! 1. the setting `ingest.pdfium` (environment `COXSWAIN__INGEST__PDFIUM`); if it is set and no
//!    file is there, nothing else is tried;
//! 2. `libpdfium.so` beside the program, or in `../lib/coxswain/` from there;
//! 3. `models/dist/pdfium/libpdfium.so` under the working directory.

use std::path::{Path, PathBuf};

use pdfium_render::prelude::Pdfium;

use super::ParseError;

/// Finds the library. `setting` is the value of `ingest.pdfium`.
pub fn locate(setting: Option<&Path>) -> Result<PathBuf, ParseError> {
    let name = Pdfium::pdfium_platform_library_name();
    let mut places = Vec::new();
    if let Some(path) = setting {
        places.push(path.to_owned());
    } else {
        let program = std::env::current_exe().unwrap_or_default();
        if let Some(folder) = program.parent() {
            places.push(folder.join(&name));
            places.push(folder.join("../lib/coxswain").join(&name));
        }
        places.push(Path::new("models/dist/pdfium").join(&name));
    }
    // The child gets an absolute path: dlopen searches elsewhere for a bare name.
    let found = places.iter().find(|path| path.is_file());
    found.and_then(|path| path.canonicalize().ok()).ok_or_else(|| {
        let places: Vec<String> = places.iter().map(|p| p.display().to_string()).collect();
        ParseError::Unavailable(format!(
            "PDF files cannot be read yet: the PDFium library was not found in {}. Run `make \
             setup`, which fetches it, or set COXSWAIN__INGEST__PDFIUM to its path.",
            places.join(", ")
        ))
    })
}

/// Loads the library at `path`, which must be [`locate`]d by the parent.
pub(crate) fn bind(path: Option<&Path>) -> Result<Pdfium, ParseError> {
    let path = path.ok_or_else(|| ParseError::Unavailable("No PDFium library was given.".into()))?;
    let bindings = Pdfium::bind_to_library(path).map_err(|error| {
        ParseError::Unavailable(format!(
            "The PDFium library {} could not be loaded ({error:?}). Run `make setup` again.",
            path.display()
        ))
    })?;
    Ok(Pdfium::new(bindings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_says_what_to_run() {
        let error = locate(Some(Path::new("/nowhere/libpdfium.so"))).unwrap_err();
        assert!(error.is_retryable());
        let sentence = error.to_string();
        assert!(sentence.contains("/nowhere/libpdfium.so"), "{sentence}");
        assert!(sentence.contains("make setup"), "{sentence}");
    }
}
