//! Between signals and interleaved frames, where eight signals turn as squares of eight.

/// Signals that are filtered side by side: two vectors of four, or one of eight.
pub(crate) const TOGETHER: usize = 8;

/// Samples `first ..` of the signals into interleaved frames.
pub(crate) fn interleave(signals: &[&[f64]], first: usize, frames: &mut [f64]) {
    let channels = signals.len();
    let count = frames.len() / channels;
    if let Ok(signals) = <&[&[f64]; TOGETHER]>::try_from(signals) {
        let signals = signals.map(|signal| &signal[first..first + count]);
        let blocks = signals.map(|signal| signal.as_chunks::<TOGETHER>());
        let (frames, _) = frames.as_chunks_mut::<TOGETHER>();
        let (square, rest) = frames.as_chunks_mut::<TOGETHER>();
        for (at, square) in square.iter_mut().enumerate() {
            let columns = blocks.map(|(blocks, _)| &blocks[at]);
            for t in 0..TOGETHER {
                square[t] = columns.map(|column| column[t]);
            }
        }
        for (t, frame) in rest.iter_mut().enumerate() {
            *frame = blocks.map(|(_, rest)| rest[t]);
        }
        return;
    }
    for (channel, signal) in signals.iter().enumerate() {
        for (frame, sample) in frames.chunks_exact_mut(channels).zip(&signal[first..]) {
            frame[channel] = *sample;
        }
    }
}

/// Interleaved frames into samples `first ..` of the signals.
pub(crate) fn separate(frames: &[f64], first: usize, signals: &mut [Vec<f64>]) {
    let channels = signals.len();
    let count = frames.len() / channels;
    if let Ok(signals) = <&mut [Vec<f64>; TOGETHER]>::try_from(&mut *signals) {
        let mut blocks =
            signals.each_mut().map(|signal| signal[first..first + count].as_chunks_mut::<TOGETHER>());
        let (frames, _) = frames.as_chunks::<TOGETHER>();
        let (square, rest) = frames.as_chunks::<TOGETHER>();
        for (at, square) in square.iter().enumerate() {
            for (channel, (blocks, _)) in blocks.iter_mut().enumerate() {
                blocks[at] = square.map(|frame| frame[channel]);
            }
        }
        for (t, frame) in rest.iter().enumerate() {
            for (channel, (_, rest)) in blocks.iter_mut().enumerate() {
                rest[t] = frame[channel];
            }
        }
        return;
    }
    for (channel, signal) in signals.iter_mut().enumerate() {
        for (frame, sample) in frames.chunks_exact(channels).zip(&mut signal[first..]) {
            *sample = frame[channel];
        }
    }
}
