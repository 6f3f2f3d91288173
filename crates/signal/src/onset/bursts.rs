//! From "active now" flags to bursts.

/// An interval of activity in samples: `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// First active sample.
    pub start: u64,
    /// First sample after it.
    pub end: u64,
}

/// Turns a stream of flags into bursts: pauses shorter than `min_pause` are filled, bursts shorter than `min_burst` dropped.
///
/// Source of the rule: Bonato et al. 1998, 30 ms for both. A burst is told once it can no longer grow: `min_pause` samples after
/// its end. Works sample by sample, so any partition of the stream gives the same bursts.
///
/// ```
/// use surae_signal::onset::{Burst, Bursts};
/// let mut bursts = Bursts::new(2, 2);
/// let told: Vec<Burst> = [false, true, true, false, true, false, false, true, false, false]
///     .into_iter()
///     .filter_map(|active| bursts.push(active))
///     .collect();
/// assert_eq!(told, [Burst { start: 1, end: 5 }]); // one pause filled, the lone sample 7 dropped
/// ```
#[derive(Clone, Debug)]
pub struct Bursts {
    min_pause: u64,
    min_burst: u64,
    index: u64,
    open: Option<Burst>,
}

impl Bursts {
    /// Lengths in samples; a pause of 0 or 1 fills nothing.
    ///
    /// ```
    /// use surae_signal::onset::{Burst, Bursts};
    /// let mut bursts = Bursts::new(1, 0); // every pause counts, every burst is told
    /// let told: Vec<Burst> = [true, false, true, false].into_iter().filter_map(|active| bursts.push(active)).collect();
    /// assert_eq!(told, [Burst { start: 0, end: 1 }, Burst { start: 2, end: 3 }]);
    /// ```
    pub fn new(min_pause: usize, min_burst: usize) -> Self {
        Self { min_pause: min_pause as u64, min_burst: min_burst as u64, index: 0, open: None }
    }

    /// Takes the next flag; returns a burst when one is complete.
    ///
    /// ```
    /// use surae_signal::onset::{Burst, Bursts};
    /// let mut bursts = Bursts::new(2, 1);
    /// assert_eq!([bursts.push(true), bursts.push(false)], [None, None]); // the pause may still be filled
    /// assert_eq!(bursts.push(false), Some(Burst { start: 0, end: 1 }));
    /// ```
    pub fn push(&mut self, active: bool) -> Option<Burst> {
        let index = self.index;
        self.index += 1;
        let told = match self.open {
            Some(burst) if !active && index + 1 - burst.end >= self.min_pause.max(1) => {
                self.open = None;
                self.long_enough(burst)
            }
            _ => None,
        };
        if active {
            self.open = Some(Burst { start: self.open.map_or(index, |burst| burst.start), end: index + 1 });
        }
        told
    }

    /// Ends the stream (or a stretch before a gap): returns the open burst.
    /// `None` if none is open or the open one is shorter than the shortest burst.
    ///
    /// ```
    /// use surae_signal::onset::{Burst, Bursts};
    /// let mut bursts = Bursts::new(5, 2);
    /// bursts.push(true);
    /// bursts.push(true);
    /// assert_eq!(bursts.finish(), Some(Burst { start: 0, end: 2 }));
    /// bursts.push(true);
    /// assert_eq!(bursts.finish(), None); // one sample is too short
    /// ```
    pub fn finish(&mut self) -> Option<Burst> {
        self.open.take().and_then(|burst| self.long_enough(burst))
    }

    /// Whether a burst that will be told is open, and since which sample.
    ///
    /// ```
    /// let mut bursts = surae_signal::onset::Bursts::new(5, 1);
    /// bursts.push(false);
    /// bursts.push(true);
    /// assert_eq!(bursts.open_since(), Some(1));
    /// ```
    pub fn open_since(&self) -> Option<u64> {
        self.open.map(|burst| burst.start)
    }

    /// Skips `samples` that are missing: ends the open burst and moves the index on.
    ///
    /// ```
    /// use surae_signal::onset::{Burst, Bursts};
    /// let mut bursts = Bursts::new(5, 1);
    /// bursts.push(true);
    /// assert_eq!(bursts.skip(100), Some(Burst { start: 0, end: 1 }));
    /// bursts.push(true);
    /// assert_eq!(bursts.open_since(), Some(101));
    /// ```
    pub fn skip(&mut self, samples: u64) -> Option<Burst> {
        let told = self.finish();
        self.index += samples;
        told
    }

    fn long_enough(&self, burst: Burst) -> Option<Burst> {
        (burst.end - burst.start >= self.min_burst).then_some(burst)
    }
}

/// The bursts of a whole recording of flags, by the rule of [`Bursts`]: lengths in samples, one flag a sample.
///
/// ```
/// use surae_signal::onset::{bursts, Burst};
/// let flags = [false, true, true, true, false, false, true];
/// assert_eq!(bursts(&flags, 2, 2), [Burst { start: 1, end: 4 }]); // the lone sample 6 is too short
/// ```
pub fn bursts(flags: &[bool], min_pause: usize, min_burst: usize) -> Vec<Burst> {
    let mut stage = Bursts::new(min_pause, min_burst);
    let mut found: Vec<Burst> = flags.iter().filter_map(|&active| stage.push(active)).collect();
    found.extend(stage.finish());
    found
}

/// The bursts of every channel of interleaved flags, as [`TkeoOnset::process`](super::TkeoOnset::process) writes them: the rule of
/// [`Bursts`] on a whole recording.
///
/// Looks only at stretches in which a flag changes. Lengths in samples; channels in order; an incomplete last frame is not looked at.
///
/// ```
/// use surae_signal::onset::{bursts_of_channels, Burst};
/// let flags = [false, true, true, true, true, false, false, false]; // two channels, four frames
/// let found = bursts_of_channels(&flags, 2, 1, 2);
/// assert_eq!(found, [vec![Burst { start: 1, end: 3 }], vec![Burst { start: 0, end: 2 }]]);
/// ```
pub fn bursts_of_channels(
    flags: &[bool],
    channels: usize,
    min_pause: usize,
    min_burst: usize,
) -> Vec<Vec<Burst>> {
    let mut found: Vec<Vec<Burst>> = vec![Vec::new(); channels];
    if channels == 0 {
        return found;
    }
    let whole = flags.len() / channels * channels;
    let Some(last) = whole.checked_sub(channels) else { return found };
    for (bursts, &active) in found.iter_mut().zip(flags) {
        if active {
            change(bursts, true, 0, min_pause as u64);
        }
    }
    // Flags against those of the frame before, many at a time: few differ.
    let (before, now) = (&flags[..last], &flags[channels..whole]);
    for (at, (before, now)) in before.chunks(COMPARED).zip(now.chunks(COMPARED)).enumerate() {
        if before == now {
            continue;
        }
        for (part, (before, now)) in before.chunks(WORD).zip(now.chunks(WORD)).enumerate() {
            let same = match (<&[bool; WORD]>::try_from(before), <&[bool; WORD]>::try_from(now)) {
                (Ok(before), Ok(now)) => before == now,
                _ => before == now,
            };
            if same {
                continue;
            }
            for (i, (before, now)) in before.iter().zip(now).enumerate() {
                if before != now {
                    let at = at * COMPARED + part * WORD + i;
                    change(&mut found[at % channels], *now, (at / channels + 1) as u64, min_pause as u64);
                }
            }
        }
    }
    for (bursts, &active) in found.iter_mut().zip(&flags[last..whole]) {
        if active {
            change(bursts, false, (whole / channels) as u64, min_pause as u64);
        }
    }
    for bursts in &mut found {
        bursts.retain(|burst| burst.end - burst.start >= min_burst as u64);
    }
    found
}

/// Flags that are compared at a time, and in a stretch that differs.
const COMPARED: usize = 128;
const WORD: usize = 8;

/// A flag rises or falls at `index`.
fn change(bursts: &mut Vec<Burst>, rises: bool, index: u64, min_pause: u64) {
    match bursts.last_mut() {
        Some(burst) if !rises => burst.end = index,
        // A short pause: the last burst goes on.
        Some(burst) if index - burst.end < min_pause => {}
        _ => bursts.push(Burst { start: index, end: index }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Burst, Bursts, bursts_of_channels};

    #[test]
    fn whole_recordings_give_the_bursts_of_the_stream() {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 100
        };
        for channels in 1..5 {
            for (min_pause, min_burst) in [(0, 0), (1, 3), (4, 2), (6, 9)] {
                let mut flags = vec![false; channels];
                for i in channels..channels * 500 {
                    let before = flags[i - channels];
                    flags.push(if next() < 20 { !before } else { before });
                }
                let found = bursts_of_channels(&flags, channels, min_pause, min_burst);
                for (channel, found) in found.iter().enumerate() {
                    let mut stream = Bursts::new(min_pause, min_burst);
                    let own = flags.iter().skip(channel).step_by(channels);
                    let mut told: Vec<Burst> = own.filter_map(|&active| stream.push(active)).collect();
                    told.extend(stream.finish());
                    assert_eq!(*found, told, "channel {channel} of {channels}, {min_pause}, {min_burst}");
                }
            }
        }
    }
}
