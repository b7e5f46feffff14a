//! Progress bars on standard error; nothing when that is no terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// A group of bars.
pub(crate) fn bars() -> MultiProgress {
    MultiProgress::new()
}

/// One bar with a name before it and a note behind.
pub(crate) fn bar(bars: &MultiProgress, name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:28!} {bar:24} {pos:>5}/{len:<5} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = bars.add(ProgressBar::new(0).with_style(style));
    bar.set_prefix(name.to_owned());
    bar
}
