//! Filler in files that Surae wrote: a record must be full, so samples that never were hold a code that no sample has.
//! Reading takes them out again: holes are gaps, an edge is trimmed, a single channel without a value is `NaN`.

use surae_trial::{Gap, SampleIndex, Samples, Seconds, Stream};

/// Removes frames whose every value is its channel's filler, and makes the remaining fillers `NaN`.
pub fn take_out(stream: &mut Stream, voids: &[Option<i32>]) {
    if voids.iter().all(Option::is_none) {
        return;
    }
    let count = stream.channels.len();
    let fillers: Vec<f64> = voids.iter().map(|code| code.map_or(f64::NAN, f64::from)).collect();
    let frames = stream.frames();
    let samples = &stream.samples;
    let value = |frame: usize, channel: usize| samples.get(frame * count + channel);
    let empty: Vec<bool> = (0..frames).map(|f| (0..count).all(|c| value(f, c) == fillers[c])).collect();
    let partial = (0..frames).any(|f| !empty[f] && (0..count).any(|c| value(f, c) == fillers[c]));
    if !partial && !empty.contains(&true) {
        return;
    }
    let kept: Vec<(u64, usize)> =
        (0..frames).filter(|f| !empty[*f]).map(|f| (stream.index_of_frame(f).0, f)).collect();
    let first = kept.first().map_or(0, |(index, _)| *index);
    let mut gaps: Vec<Gap> = Vec::new();
    let mut next = first;
    for (index, _) in &kept {
        if *index > next {
            gaps.push(Gap {
                index: SampleIndex(next - first),
                time_s: Seconds(stream.time_of(next).0),
                lost_samples: index - next,
                certain: true,
            });
        }
        next = index + 1;
    }
    let pick = |frame: usize| (frame * count)..(frame + 1) * count;
    stream.samples = if partial {
        let clean =
            |at: usize| Some(samples.get(at)).filter(|v| *v != fillers[at % count]).unwrap_or(f64::NAN);
        Samples::F64(kept.iter().flat_map(|(_, f)| pick(*f)).map(clean).collect())
    } else {
        match samples {
            Samples::I16(v) => {
                Samples::I16(kept.iter().flat_map(|(_, f)| v[pick(*f)].iter().copied()).collect())
            }
            Samples::I32(v) => {
                Samples::I32(kept.iter().flat_map(|(_, f)| v[pick(*f)].iter().copied()).collect())
            }
            other => other.clone(),
        }
    };
    stream.start_s = stream.time_of(first);
    stream.gaps = gaps;
}
