//! One stream inside the pipeline: which of its channels go where, and where its index stands.

use super::angle::{AngleDesign, AngleTrack};
use super::contact::SwitchTrack;
use super::core::Core;
use super::decide::Amplitudes;
use super::emg::{CHUNK, ChannelSpectrum, EmgStream, StreamDesign};
use super::plan::LegPlan;
use super::records::{Output, SignalState};
use surae_signal::gap::longest_bridge;
use surae_signal::quality::ChannelQuality;
use surae_trial::log::BlockHeader;
use surae_trial::{Kind, SampleIndex, Scale, SessionLayout, Settings, Side, StreamId, Unit};

/// A knee angle channel of a leg.
#[derive(Clone, Debug)]
struct KneeChannel {
    column: usize,
    leg: usize,
    scale: Scale,
    /// Degrees per physical unit. Sign and zero stand in the channel's scale already.
    factor: f64,
    /// Rate and kind of the leg's EMG, whose lag the angle must share.
    emg_rate_hz: f64,
    emg_kind: Kind,
    track: AngleTrack,
}

/// A foot switch.
#[derive(Clone, Debug)]
struct SwitchChannel {
    column: usize,
    side: Side,
    scale: Scale,
    track: SwitchTrack,
}

/// One stream.
#[derive(Clone, Debug)]
pub(super) struct StreamState {
    id: StreamId,
    rate_hz: f64,
    /// Longest gap that the filters bridge.
    bridge_s: f64,
    width: usize,
    emg: Option<EmgStream>,
    knees: Vec<KneeChannel>,
    switches: Vec<SwitchChannel>,
    /// Next index; unknown before the first block.
    pub(super) expected: Option<u64>,
    /// Indices below this were announced as lost, from the first one on.
    announced: (u64, u64),
    /// Index, position and step of the last block's end.
    mapped: (u64, f64, f64),
    /// Frames of the last chunk.
    last_frames: usize,
}

impl StreamState {
    pub(super) fn new(layout: &SessionLayout, at: usize, settings: &Settings, legs: &[LegPlan]) -> Self {
        let stream = &layout.streams[at];
        let emg = stream.channels.iter().any(|channel| channel.role.kind.is_emg());
        let design = emg.then(|| StreamDesign::new(settings, stream.rate_hz).ok()).flatten();
        let mut state = Self {
            id: StreamId(at as u8),
            rate_hz: stream.rate_hz,
            bridge_s: settings.bridge_s,
            width: stream.channels.len(),
            emg: design.map(|design| EmgStream::new(stream, &design, settings)),
            knees: Vec::new(),
            switches: Vec::new(),
            expected: None,
            announced: (0, 0),
            mapped: (0, 0.0, 1.0),
            last_frames: 0,
        };
        for (leg, plan) in legs.iter().enumerate() {
            if let Some((_, column)) = plan.knee.filter(|(stream, _)| *stream == at) {
                let channel = &stream.channels[column];
                let emg_rate_hz = layout.streams[plan.stream].rate_hz;
                state.knees.push(KneeChannel {
                    column,
                    leg,
                    scale: channel.scale,
                    factor: if channel.unit == Unit::Radian { 1.0_f64.to_degrees() } else { 1.0 },
                    emg_rate_hz,
                    emg_kind: plan.kind,
                    track: AngleTrack::new(angle_design(settings, emg_rate_hz, plan.kind, stream.rate_hz)),
                });
            }
        }
        for (column, channel) in stream.channels.iter().enumerate() {
            if let (Kind::Switch, Some(side)) = (channel.role.kind, channel.role.side) {
                let track = SwitchTrack::new(channel);
                state.switches.push(SwitchChannel { column, side, scale: channel.scale, track });
            }
        }
        state
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn set_design(&mut self, settings: &Settings) {
        self.bridge_s = settings.bridge_s;
        // A stream that is too slow for the new filters keeps its old ones only if it is not the master: the master was checked.
        if let (Some(emg), Ok(design)) = (&mut self.emg, StreamDesign::new(settings, self.rate_hz)) {
            emg.set_design(&design);
        }
        for knee in &mut self.knees {
            knee.track.set_design(angle_design(settings, knee.emg_rate_hz, knee.emg_kind, self.rate_hz));
        }
    }

    /// Equals a new stream.
    pub(super) fn reset(&mut self) {
        if let Some(emg) = &mut self.emg {
            emg.reset();
        }
        self.knees.iter_mut().for_each(|knee| knee.track.reset());
        self.switches.iter_mut().for_each(|switch| switch.track.reset());
        (self.expected, self.announced, self.last_frames) = (None, (0, 0), 0);
        self.mapped = (0, 0.0, 1.0);
    }

    /// An entry of the log says that these samples are lost.
    pub(super) fn announce(&mut self, first: u64, lost: u64) {
        let end = first.saturating_add(lost);
        // Neighbouring losses are one stretch.
        self.announced = if self.announced.1 == first { (self.announced.0, end) } else { (first, end) };
    }

    pub(super) fn is_announced(&self, from: u64, to: u64) -> bool {
        self.announced.0 <= from && to <= self.announced.1
    }

    pub(super) fn bridges(&self, lost: u64) -> bool {
        lost <= longest_bridge(self.bridge_s, self.rate_hz)
    }

    /// Position of an index on the master clock, from the last block.
    pub(super) fn position_of(&self, index: u64) -> f64 {
        self.mapped.1 + (index as f64 - self.mapped.0 as f64) * self.mapped.2
    }

    pub(super) fn remember(&mut self, header: &BlockHeader, frames: u64) {
        let end = header.first.0 + frames;
        self.expected = Some(end);
        self.mapped = (end, header.position + frames as f64 * header.step, header.step);
    }

    pub(super) fn lost(&mut self, frames: u64) {
        if let Some(emg) = &mut self.emg {
            emg.lost(frames);
        }
        self.knees.iter_mut().for_each(|knee| knee.track.lost(frames));
    }

    /// Frames of the master stream. Chunks end where something is decided, so that cuts of blocks change nothing.
    pub(super) fn master_frames(
        &mut self,
        core: &mut Core,
        first: u64,
        native: &[f64],
        out: &mut impl Output,
    ) {
        let (mut index, mut rest) = (first, native);
        while !rest.is_empty() {
            let until = core.next_stop().max(index);
            let frames =
                (rest.len() / self.width).min(CHUNK).min((until - index + 1).min(CHUNK as u64) as usize);
            let (now, later) = rest.split_at(frames * self.width);
            self.condition(SampleIndex(index), now, frames, out);
            for frame in 0..frames {
                let at = index + frame as u64;
                let row = &now[frame * self.width..][..self.width];
                core.position = at + 1;
                self.push_switches(core, row, at as f64, out);
                if core.tick_is_due(at) {
                    let emg = self.emg.as_ref();
                    core.capture(at, |plan| amplitudes(emg, frame, plan), out);
                }
                self.push_knees(core, row, at as f64, out);
                if frame + 1 == frames {
                    core.pass(at, out);
                }
            }
            index += frames as u64;
            rest = later;
        }
    }

    /// Frames of any other stream, one by one at their positions on the master clock.
    pub(super) fn other_frames(
        &mut self,
        core: &mut Core,
        header: &BlockHeader,
        native: &[f64],
        out: &mut impl Output,
    ) {
        for (frame, row) in native.chunks_exact(self.width).enumerate() {
            let position = header.position + frame as f64 * header.step;
            if self.emg.is_some() {
                self.condition(SampleIndex(header.first.0 + frame as u64), row, 1, out);
                for leg in 0..core.legs.len() {
                    if core.legs[leg].plan.stream == usize::from(self.id.0) {
                        let now = amplitudes(self.emg.as_ref(), 0, &core.legs[leg].plan);
                        core.emg_point(leg, position, now, out);
                    }
                }
            }
            self.push_switches(core, row, position, out);
            self.push_knees(core, row, position, out);
        }
    }

    fn condition(&mut self, first: SampleIndex, native: &[f64], frames: usize, out: &mut impl Output) {
        if let Some(emg) = &mut self.emg {
            emg.run(native);
            let used = frames * self.width;
            out.frames(self.id, first, &emg.outputs.band[..used], &emg.outputs.envelope[..used]);
            self.last_frames = frames;
        }
    }

    fn push_switches(&mut self, core: &mut Core, row: &[f64], position: f64, out: &mut impl Output) {
        if self.switches.is_empty() {
            return;
        }
        for switch in &mut self.switches {
            switch.track.push(switch.scale.physical(row[switch.column]));
        }
        for side in Side::BOTH {
            let mut of_side = self.switches.iter().filter(|switch| switch.side == side).peekable();
            if of_side.peek().is_some() {
                let pressed = of_side.any(|switch| switch.track.is_pressed());
                core.foot(side, pressed, position, out);
            }
        }
    }

    fn push_knees(&mut self, core: &mut Core, row: &[f64], position: f64, out: &mut impl Output) {
        for knee in &mut self.knees {
            let deg = knee.scale.physical(row[knee.column]) * knee.factor;
            if let Some((from, to)) = knee.track.push(deg, position, core.rate_hz) {
                core.knee_point(knee.leg, from, to, out);
            }
        }
    }

    pub(super) fn latest(&self, column: usize) -> (f64, SignalState) {
        match &self.emg {
            Some(emg) if self.last_frames > 0 && column < self.width => {
                emg.envelope(self.last_frames - 1, column)
            }
            _ => (f64::NAN, SignalState::Missing),
        }
    }

    pub(super) fn quality(&self, column: usize) -> Option<&ChannelQuality> {
        self.emg.as_ref()?.quality(column)
    }

    pub(super) fn leave_out_display(&mut self) {
        if let Some(emg) = &mut self.emg {
            emg.leave_out_display();
        }
    }

    pub(super) fn spectra(&self) -> &[ChannelSpectrum] {
        self.emg.as_ref().map_or(&[], EmgStream::spectra)
    }
}

/// Envelopes of a leg's muscles in a frame of the last chunk: the mean over sites, and the worst state of any.
fn amplitudes(emg: Option<&EmgStream>, frame: usize, plan: &LegPlan) -> Amplitudes {
    let Some(emg) = emg else { return Amplitudes::MISSING };
    let mut now = Amplitudes { values: [f64::NAN; 4], state: SignalState::Clean, bad: false };
    for (value, sites) in now.values.iter_mut().zip(&plan.sites) {
        if sites.is_empty() {
            continue;
        }
        let (mut sum, mut n) = (0.0, 0.0);
        for column in sites.columns() {
            let (envelope, state) = emg.envelope(frame, column);
            now.state = now.state.max(state);
            now.bad |= emg.is_bad(column);
            sum += envelope;
            n += 1.0;
        }
        *value = sum / n;
    }
    now
}

fn angle_design(settings: &Settings, emg_rate_hz: f64, emg_kind: Kind, rate_hz: f64) -> AngleDesign {
    let c = &settings.conditioning;
    let design = StreamDesign::new(settings, emg_rate_hz).ok().filter(|_| emg_kind != Kind::Envelope);
    let envelope = design.as_ref().map(|design| (&design.envelope, emg_rate_hz));
    AngleDesign::new(envelope, c.envelope_hz, c.envelope_order, rate_hz)
}
