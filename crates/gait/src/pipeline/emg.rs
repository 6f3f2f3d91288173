//! The EMG channels of one stream: native values to band-passed signal, envelope and spectrum, with carried state.
//!
//! Channels that the sensor rectified get the envelope filter only; channels that it smoothed pass as they are.

use super::records::SignalState;
use surae_signal::chain::{ChainDesign, Rectify};
use surae_signal::design::{Band, DesignError, Sos, butterworth, notch};
use surae_signal::gap::{GapChain, Mark};
use surae_signal::quality::{ChannelQuality, QualityLimits, QualityMeters, QualitySettings};
use surae_signal::spectrum::{Detrend, StreamingWelch, WelchSettings};
use surae_trial::{Channel, Kind, Scale, Settings, StreamLayout};

/// Frames that are processed together at most: bounds every buffer.
pub(super) const CHUNK: usize = 256;

/// Segments in the running spectrum: about 2 s at half overlap.
const SPECTRUM_SEGMENTS: usize = 8;

/// The filters of a stream at its rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamDesign {
    raw: ChainDesign,
    rectified: ChainDesign,
    pub(super) envelope: Sos,
    /// Longest gap that is bridged.
    bridge_s: f64,
}

impl StreamDesign {
    /// The causal chain of `settings` at `rate_hz`; the upper band edge is reduced to 0.45 of the rate where needed.
    pub(super) fn new(settings: &Settings, rate_hz: f64) -> Result<Self, DesignError> {
        let c = &settings.conditioning;
        let high_hz = c.band_high_hz.min(0.45 * rate_hz);
        let band = butterworth(usize::from(c.band_order), Band::BandPass(c.band_low_hz, high_hz), rate_hz)?;
        let notch = c.notch.map(|n| notch(n.centre_hz, n.quality, rate_hz)).transpose()?;
        let envelope = butterworth(usize::from(c.envelope_order), Band::LowPass(c.envelope_hz), rate_hz)?;
        let raw = ChainDesign { band, notch, rectify: Rectify::Absolute, envelope };
        let rectified = ChainDesign { band: Sos::IDENTITY, notch: None, ..raw };
        Ok(Self { raw, rectified, envelope, bridge_s: settings.bridge_s })
    }
}

/// Channels that share a chain.
#[derive(Clone, Debug)]
struct Group {
    chain: GapChain,
    columns: Vec<usize>,
    input: Vec<f64>,
    band: Vec<f64>,
    envelope: Vec<f64>,
    marks: Vec<Mark>,
}

impl Group {
    fn new(design: &ChainDesign, rate_hz: f64, columns: Vec<usize>) -> Self {
        let room = CHUNK * columns.len();
        Self {
            chain: GapChain::new(design, rate_hz, columns.len()),
            input: vec![0.0; room],
            band: vec![0.0; room],
            envelope: vec![0.0; room],
            marks: vec![Mark::Gap; room],
            columns,
        }
    }

    fn run(&mut self, physical: &[f64], frames: usize, outputs: &mut Outputs) {
        let (n, width) = (self.columns.len(), outputs.width);
        let used = frames * n;
        if used == 0 {
            return;
        }
        if n == width {
            // All columns, in their order: nothing is to be picked out.
            let Outputs { band, envelope, marks, .. } = outputs;
            let out = (&mut band[..used], &mut envelope[..used], &mut marks[..used]);
            self.chain.process(&physical[..used], out.0, out.1, out.2);
            return;
        }
        for (frame, row) in self.input[..used].chunks_exact_mut(n).enumerate() {
            for (value, &column) in row.iter_mut().zip(&self.columns) {
                *value = physical[frame * width + column];
            }
        }
        self.chain.process(
            &self.input[..used],
            &mut self.band[..used],
            &mut self.envelope[..used],
            &mut self.marks[..used],
        );
        for frame in 0..frames {
            for (i, &column) in self.columns.iter().enumerate() {
                let (from, to) = (frame * n + i, frame * width + column);
                outputs.band[to] = self.band[from];
                outputs.envelope[to] = self.envelope[from];
                outputs.marks[to] = self.marks[from];
            }
        }
    }
}

/// What a chunk of frames became; interleaved over all channels of the stream.
#[derive(Clone, Debug)]
pub(super) struct Outputs {
    width: usize,
    pub(super) physical: Vec<f64>,
    pub(super) band: Vec<f64>,
    pub(super) envelope: Vec<f64>,
    marks: Vec<Mark>,
}

/// The running spectrum of one channel.
#[derive(Clone, Debug)]
pub struct ChannelSpectrum {
    /// Column in the stream's frame.
    pub column: usize,
    /// Density of the unfiltered channel.
    pub welch: StreamingWelch,
}

/// The quality meters of the raw channels and what they said last.
#[derive(Clone, Debug)]
struct Watch {
    meters: QualityMeters,
    said: Vec<Said>,
}

/// What the meter of one channel said last.
#[derive(Clone, Debug)]
struct Said {
    column: usize,
    report: Option<ChannelQuality>,
    /// No class may rest on the channel.
    bad: bool,
}

impl Watch {
    /// Meters of these columns; none at a rate that has no band for EMG.
    fn new(stream: &StreamLayout, columns: &[usize]) -> Self {
        let settings: Vec<QualitySettings> = columns
            .iter()
            .map(|column| quality_settings(&stream.channels[*column], stream.rate_hz))
            .collect();
        let meters = QualityMeters::new(&settings).unwrap_or_default();
        let watched = &columns[..meters.len()];
        let said = watched.iter().map(|&column| Said { column, report: None, bad: false }).collect();
        Self { meters, said }
    }

    /// Reads the meters; the whole report only where a screen shows it.
    fn look(&mut self, is_shown: bool) {
        for (at, said) in self.said.iter_mut().enumerate() {
            let Some(meter) = self.meters.get_mut(at) else { continue };
            if is_shown {
                let report = meter.report();
                said.bad = report.is_unusable();
                said.report = Some(report);
            } else {
                said.bad = meter.is_unusable();
            }
        }
    }

    fn reset(&mut self) {
        self.meters.reset();
        self.said.iter_mut().for_each(|said| (said.report, said.bad) = (None, false));
    }
}

fn quality_settings(channel: &Channel, rate_hz: f64) -> QualitySettings {
    let physical = |native| channel.scale.physical(native);
    let volts = channel.unit.volts().filter(|_| channel.amplifier.input_referred);
    QualitySettings {
        rate_hz,
        microvolts_per_unit: volts.map(|volts| volts * 1e6),
        range: channel.amplifier.rails.map(|(low, high)| (physical(low), physical(high))),
        step: None,
        mains: None,
        limits: QualityLimits::default(),
    }
}

/// The EMG channels of one stream.
#[derive(Clone, Debug)]
pub(super) struct EmgStream {
    rate_hz: f64,
    raw: Group,
    rectified: Group,
    pass: Vec<usize>,
    pub(super) outputs: Outputs,
    /// Gain and offset of each column, apart so that a row is scaled a vector at a time.
    gains: Vec<f64>,
    offsets: Vec<f64>,
    spectra: Vec<ChannelSpectrum>,
    /// Whether anybody looks at spectra and reports of quality.
    is_shown: bool,
    watch: Watch,
    /// Frames since the meters were last read, and between two readings: a second.
    unread: (usize, usize),
    /// Values of the raw channels that spectra and meters have not taken yet, [`CHUNK`] places a channel, and how many are held.
    held: Vec<f64>,
    frames_held: usize,
    segment: usize,
}

impl EmgStream {
    pub(super) fn new(stream: &StreamLayout, design: &StreamDesign, settings: &Settings) -> Self {
        let of = |kind| {
            let channels = stream.channels.iter().enumerate();
            channels.filter(|(_, c)| c.role.kind == kind).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let width = stream.channels.len();
        let plan = welch_settings(settings, stream.rate_hz);
        // One planned transform, cloned per channel; without a plan the stream has no spectrum.
        let spectra = StreamingWelch::new(plan, SPECTRUM_SEGMENTS).map_or_else(
            |_| Vec::new(),
            |welch| {
                let raw = of(Kind::RawEmg).into_iter();
                raw.map(|column| ChannelSpectrum { column, welch: welch.clone() }).collect()
            },
        );
        let raw = of(Kind::RawEmg);
        let held = vec![f64::NAN; CHUNK * raw.len().max(1)];
        let watch = Watch::new(stream, &raw);
        let group = |design: &ChainDesign, bridge_s: f64, columns: Vec<usize>| {
            let mut group = Group::new(design, stream.rate_hz, columns);
            group.chain.set_longest_bridge(bridge_s, stream.rate_hz);
            group
        };
        Self {
            watch,
            unread: (0, (stream.rate_hz.round() as usize).max(1)),
            rate_hz: stream.rate_hz,
            raw: group(&design.raw, design.bridge_s, raw),
            rectified: group(&design.rectified, design.bridge_s, of(Kind::RectifiedEmg)),
            pass: of(Kind::Envelope),
            outputs: Outputs {
                width,
                physical: vec![f64::NAN; CHUNK * width],
                band: vec![f64::NAN; CHUNK * width],
                envelope: vec![f64::NAN; CHUNK * width],
                marks: vec![Mark::Gap; CHUNK * width],
            },
            gains: stream.channels.iter().map(|channel| channel.scale.gain).collect(),
            offsets: stream.channels.iter().map(|channel| channel.scale.offset).collect(),
            spectra,
            is_shown: true,
            held,
            frames_held: 0,
            segment: plan.segment,
        }
    }

    /// New filters, all channels start afresh. Does not allocate.
    pub(super) fn set_design(&mut self, design: &StreamDesign) {
        self.raw.chain.set_design(&design.raw, self.rate_hz);
        self.rectified.chain.set_design(&design.rectified, self.rate_hz);
        self.raw.chain.set_longest_bridge(design.bridge_s, self.rate_hz);
        self.rectified.chain.set_longest_bridge(design.bridge_s, self.rate_hz);
    }

    /// Equals a new stream.
    pub(super) fn reset(&mut self) {
        self.raw.chain.reset();
        self.rectified.chain.reset();
        self.spectra.iter_mut().for_each(|spectrum| spectrum.welch.reset());
        self.watch.reset();
        (self.unread.0, self.frames_held) = (0, 0);
    }

    /// Frames that never came.
    pub(super) fn lost(&mut self, frames: u64) {
        self.raw.chain.lost(frames);
        self.rectified.chain.lost(frames);
        self.hand_over();
        self.watch.meters.lost(frames);
        self.held.fill(f64::NAN);
        for spectrum in &mut self.spectra {
            if frames > self.segment as u64 {
                spectrum.welch.reset();
                continue;
            }
            let mut left = frames as usize;
            while left > 0 {
                let now = left.min(CHUNK);
                spectrum.welch.push(&self.held[..now]);
                left -= now;
            }
        }
    }

    /// Conditions at most [`CHUNK`] whole frames of native values into `outputs`.
    pub(super) fn run(&mut self, native: &[f64]) {
        let width = self.outputs.width;
        let frames = native.len() / width.max(1);
        for (row, source) in
            self.outputs.physical.chunks_exact_mut(width).zip(native.chunks_exact(width)).take(frames)
        {
            let scales = self.gains.iter().zip(&self.offsets);
            for ((value, &native), (&gain, &offset)) in row.iter_mut().zip(source).zip(scales) {
                *value = Scale { gain, offset }.physical(native);
            }
        }
        let physical = std::mem::take(&mut self.outputs.physical);
        self.raw.run(&physical, frames, &mut self.outputs);
        self.rectified.run(&physical, frames, &mut self.outputs);
        for frame in 0..frames {
            for &column in &self.pass {
                let at = frame * width + column;
                self.outputs.envelope[at] = physical[at];
                self.outputs.marks[at] = if physical[at].is_finite() { Mark::Clean } else { Mark::Gap };
            }
        }
        self.hold(&physical, frames);
        self.outputs.physical = physical;
    }

    /// Holds the raw channels for spectra and meters, and reads the meters every second of frames, wherever blocks are cut.
    ///
    /// A stretch at a time costs a fraction of what a few samples at a time do: decisions cut the frames every few milliseconds. The
    /// spectra are at most one stretch behind.
    fn hold(&mut self, physical: &[f64], frames: usize) {
        let (width, every) = (self.outputs.width, self.unread.1);
        let mut from = 0;
        while from < frames {
            let now = (frames - from).min(every - self.unread.0).min(CHUNK - self.frames_held);
            for (slot, &column) in self.raw.columns.iter().enumerate() {
                let held = &mut self.held[slot * CHUNK + self.frames_held..][..now];
                for (value, frame) in held.iter_mut().zip(physical[from * width..].chunks_exact(width)) {
                    *value = frame[column];
                }
            }
            self.frames_held += now;
            self.unread.0 += now;
            let full = self.unread.0 == every;
            if full || self.frames_held == CHUNK {
                self.hand_over();
            }
            if full {
                self.watch.look(self.is_shown);
                self.unread.0 = 0;
            }
            from += now;
        }
    }

    /// Gives spectra and meters what is held for them.
    fn hand_over(&mut self) {
        let frames = std::mem::take(&mut self.frames_held);
        let of = |slot: usize| &self.held[slot * CHUNK..][..frames];
        for (slot, spectrum) in self.spectra.iter_mut().enumerate().filter(|_| self.is_shown) {
            spectrum.welch.push(of(slot));
        }
        self.watch.meters.push(&self.held, CHUNK, frames);
    }

    /// What the meter of a raw channel said last; `None` in the first second and for other channels.
    pub(super) fn quality(&self, column: usize) -> Option<&ChannelQuality> {
        self.watch.said.iter().find(|said| said.column == column)?.report.as_ref()
    }

    /// Envelope of a channel in a frame of the last chunk, and how far to trust it.
    pub(super) fn envelope(&self, frame: usize, column: usize) -> (f64, SignalState) {
        let at = frame * self.outputs.width + column;
        let state = match self.outputs.marks[at] {
            Mark::Clean => SignalState::Clean,
            Mark::Bridged => SignalState::Bridged,
            Mark::Settling => SignalState::Settling,
            Mark::Gap => SignalState::Missing,
        };
        (self.outputs.envelope[at], state)
    }

    /// Whether a channel's quality forbids a class.
    pub(super) fn is_bad(&self, column: usize) -> bool {
        self.watch.said.iter().any(|said| said.column == column && said.bad)
    }

    pub(super) fn leave_out_display(&mut self) {
        self.is_shown = false;
    }

    pub(super) fn spectra(&self) -> &[ChannelSpectrum] {
        &self.spectra
    }
}

/// Segment of `segment_s`, as the next power of two of samples.
fn welch_settings(settings: &Settings, rate_hz: f64) -> WelchSettings {
    let wanted = (settings.spectrum.segment_s * rate_hz).clamp(16.0, 65_536.0);
    let segment = (wanted.ceil() as usize).next_power_of_two();
    let overlap = ((segment as f64 * settings.spectrum.overlap) as usize).min(segment - 1);
    WelchSettings { segment, overlap, detrend: Detrend::Constant, rate_hz }
}
