//! One page of a PDF as a picture, for the reader who wants to see the original.

use std::path::Path;

use pdfium_render::prelude::*;

use super::{ParseError, Reason, formats, pdfium};

/// The narrowest and widest picture, in pixels.
const WIDTH: std::ops::RangeInclusive<u32> = 16..=2400;
/// The tallest picture, in pixels; a page taller than that is drawn narrower.
const HEIGHT: i32 = 6000;

/// Draws page `page` (counted from 1) of the PDF at `path`, `width` pixels wide, as a PNG.
pub(super) fn page(
    library: Option<&Path>,
    path: &Path,
    page: u32,
    width: u32,
) -> Result<Vec<u8>, ParseError> {
    let pdfium = pdfium::bind(library)?;
    let document = formats::open_pdf(&pdfium, path)?;
    let missing = || ParseError::rejected(Reason::Damaged, format!("Page {page} cannot be drawn."));
    let index = page.checked_sub(1).and_then(|index| i32::try_from(index).ok());
    let page = index.and_then(|index| document.pages().get(index).ok()).ok_or_else(missing)?;
    let width = i32::try_from(width.clamp(*WIDTH.start(), *WIDTH.end())).unwrap_or(HEIGHT);
    let config = PdfRenderConfig::new().set_target_width(width).set_maximum_height(HEIGHT);
    let bitmap = page.render_with_config(&config).map_err(|_| missing())?;
    let size = (u32::try_from(bitmap.width()), u32::try_from(bitmap.height()));
    let (Ok(width), Ok(height)) = size else { return Err(missing()) };
    encode(width, height, &bitmap.as_rgba_bytes()).map_err(|_| missing())
}

/// Encodes opaque pixels; the page is white underneath, so transparency says nothing.
fn encode(width: u32, height: u32, rgba: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let rgb: Vec<u8> = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(out)
}
