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
    pub fn new(min_pause: usize, min_burst: usize) -> Self {
        Self { min_pause: min_pause as u64, min_burst: min_burst as u64, index: 0, open: None }
    }

    /// Takes the next flag; returns a burst when one is complete.
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
    pub fn finish(&mut self) -> Option<Burst> {
        self.open.take().and_then(|burst| self.long_enough(burst))
    }

    /// Whether a burst that will be told is open, and since which sample.
    pub fn open_since(&self) -> Option<u64> {
        self.open.map(|burst| burst.start)
    }

    /// Skips `samples` that are missing: ends the open burst and moves the index on.
    pub fn skip(&mut self, samples: u64) -> Option<Burst> {
        let told = self.finish();
        self.index += samples;
        told
    }

    fn long_enough(&self, burst: Burst) -> Option<Burst> {
        (burst.end - burst.start >= self.min_burst).then_some(burst)
    }
}

/// The bursts of a whole recording of flags.
pub fn bursts(flags: &[bool], min_pause: usize, min_burst: usize) -> Vec<Burst> {
    let mut stage = Bursts::new(min_pause, min_burst);
    let mut found: Vec<Burst> = flags.iter().filter_map(|&active| stage.push(active)).collect();
    found.extend(stage.finish());
    found
}
