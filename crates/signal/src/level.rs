//! Which vector instructions the signal path uses.
//!
//! The level is found once, at run time, and only changes speed: every level gives the bits of [`Level::Scalar`] (see the crate's tests).
//! Benches pick a level to measure each one that the machine has.

use pulp::WithSimd;

/// A set of vector instructions. Levels of other processor families do not exist on this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// One value at a time; always there.
    Scalar,
    /// Two f64 at a time: SSE2 to SSE4.2 (x86-64-v2).
    #[cfg(target_arch = "x86_64")]
    Sse,
    /// Four f64 at a time (x86-64-v3).
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Eight f64 at a time (x86-64-v4).
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Two f64 at a time on 64-bit ARM.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// The fastest level that this machine has.
    ///
    /// ```
    /// use surae_signal::level::Level;
    /// let best = Level::best();
    /// assert_eq!(Level::available().last(), Some(best)); // slowest first
    /// ```
    pub fn best() -> Self {
        Self::available().last().unwrap_or(Self::Scalar)
    }

    /// The fastest level for a stream of `channels` channels: vectors of eight that would stay half empty cost more than vectors of four,
    /// and four lanes hold two sections of a filter over one or two channels.
    ///
    /// ```
    /// use surae_signal::level::Level;
    /// assert!(Level::available().any(|level| level == Level::best_for(2)));
    /// ```
    pub fn best_for(channels: usize) -> Self {
        match channels {
            #[cfg(target_arch = "x86_64")]
            0..=6 if Self::Avx2.is_available() => Self::Avx2,
            0 | 1 => Self::Scalar,
            #[cfg(target_arch = "x86_64")]
            2 if Self::Sse.is_available() => Self::Sse,
            _ => Self::best(),
        }
    }

    /// The level at which passes run over vectors of channels alone: one or two channels do not fill four lanes.
    pub(crate) fn of_passes(self, channels: usize) -> Self {
        match (self, channels) {
            #[cfg(target_arch = "x86_64")]
            (Self::Avx2, 1) => Self::Scalar,
            #[cfg(target_arch = "x86_64")]
            (Self::Avx2, 2) => Self::Sse,
            _ => self,
        }
    }

    /// Every level that this machine has, slowest first.
    ///
    /// ```
    /// use surae_signal::level::Level;
    /// assert_eq!(Level::available().next(), Some(Level::Scalar));
    /// ```
    pub fn available() -> impl Iterator<Item = Self> {
        Self::all().iter().copied().filter(|level| level.is_available())
    }

    /// Name for tables: `scalar`, `sse`, `avx2`, `avx512`, `neon`.
    ///
    /// ```
    /// use surae_signal::level::Level;
    /// assert_eq!(Level::Scalar.name(), "scalar");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Self::Sse => "sse",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "neon",
        }
    }

    fn all() -> &'static [Self] {
        &[
            Self::Scalar,
            #[cfg(target_arch = "x86_64")]
            Self::Sse,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512,
            #[cfg(target_arch = "aarch64")]
            Self::Neon,
        ]
    }

    fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Sse => pulp::x86::V2::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => pulp::x86::V4::is_available(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => pulp::aarch64::Neon::is_available(),
        }
    }

    /// Runs `op` with this level's instructions, or one value at a time where the machine lacks them.
    pub(crate) fn run<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self {
            Self::Scalar => op.with_simd(pulp::Scalar),
            #[cfg(target_arch = "x86_64")]
            Self::Sse => match pulp::x86::V2::try_new() {
                Some(simd) => pulp::Simd::vectorize(simd, op),
                None => op.with_simd(pulp::Scalar),
            },
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => match pulp::x86::V3::try_new() {
                Some(simd) => pulp::Simd::vectorize(simd, op),
                None => op.with_simd(pulp::Scalar),
            },
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => match pulp::x86::V4::try_new() {
                Some(simd) => pulp::Simd::vectorize(simd, op),
                None => op.with_simd(pulp::Scalar),
            },
            #[cfg(target_arch = "aarch64")]
            Self::Neon => match pulp::aarch64::Neon::try_new() {
                Some(simd) => pulp::Simd::vectorize(simd, op),
                None => op.with_simd(pulp::Scalar),
            },
        }
    }
}
