//! What every trial promises, whatever the bytes it came from; `crates/io/fuzz` asks for it too.

use surae_trial::Trial;

/// # Panics
/// When a promise is broken: that is the finding.
pub fn promises(trial: &Trial) {
    for stream in &trial.streams {
        assert!(stream.rate_hz.is_finite() && stream.rate_hz > 0.0, "{}: {} Hz", stream.name, stream.rate_hz);
        let width = stream.channels.len();
        assert!(width > 0 && stream.samples.len().is_multiple_of(width), "{}: {width} channels", stream.name);
        let frames = stream.samples.len() / width;
        assert!(stream.times_s.is_empty() || stream.times_s.len() == frames, "{}: times", stream.name);
        assert!(
            stream.gaps.windows(2).all(|pair| pair[0].index < pair[1].index),
            "{}: gaps in order",
            stream.name
        );
    }
    if let Some(set) = &trial.markers {
        assert!(set.rate_hz.is_finite() && set.rate_hz > 0.0, "markers: {} Hz", set.rate_hz);
        let length = set.markers.first().map_or(0, |marker| marker.position.len());
        assert!(set.markers.iter().all(|marker| marker.position.len() == length), "markers of one length");
    }
    assert!(trial.notes.iter().all(|note| !note.code.is_empty() && !note.text.is_empty()));
}
