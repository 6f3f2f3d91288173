//! Plays a trial as a session: its log at a chosen speed, with pause, seek and loop.
//!
//! A seek starts the pipeline anew a settling time before the place asked for, so that no estimate there rests on filters that have
//! not seen the signal. Session time never runs backwards; [`Transport::offset_s`] relates it to the place in the trial.

use crate::history::HistoryMessage;
use crate::ring::{Item, Sender};
use crate::session::{Command, Speed};
use crate::status::{SessionEvent, SourceNow, SourceState, Status, Summary, Transport};
use crate::threads::{Hub, Pause};
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_gait::log_of_trial::{Script, Step, TrialLog};
use surae_trial::log::{Entry, Stamped};
use surae_trial::{SampleIndex, Seconds, Trial};

/// Blocks of played trials at real speed: short enough that the screen moves evenly.
const BLOCK_S: f64 = 0.01;

/// Time between two reports of the status.
const STATUS_EVERY: Duration = Duration::from_millis(16);

/// A paused trial looks for more than commands this often; a command ends the wait.
const PAUSED: Duration = Duration::from_millis(250);

/// Where wall clock and trial were last the same.
#[derive(Clone, Copy)]
struct Anchor {
    at: Instant,
    position_s: f64,
}

pub(crate) struct Player<'a> {
    log: TrialLog<'a>,
    rate_hz: f64,
    duration_s: f64,
    looped: bool,
    settling_s: f64,
    transport: Transport,
    anchor: Anchor,
    /// Next master sample to be sent.
    index: u64,
    frames: u64,
    name: String,
    stream: String,
    pipeline: Sender,
    hub: Hub,
    reported: Instant,
    stopped: bool,
}

pub(crate) struct PlayerSetup {
    pub(crate) script: Script,
    pub(crate) speed: Speed,
    pub(crate) looped: bool,
    pub(crate) settling_s: f64,
    pub(crate) pipeline: Sender,
    pub(crate) hub: Hub,
}

/// Plays until the end, a stop, or until nobody listens.
pub(crate) fn play(trial: &Arc<Trial>, setup: PlayerSetup) -> Summary {
    let log = TrialLog::of_script(trial, setup.script);
    let master = log.layout().master_stream();
    let rate_hz = master.map_or(1.0, |stream| stream.rate_hz);
    let stream = master.map_or_else(String::new, |stream| stream.name.clone());
    let frames = match setup.speed {
        Speed::Max => TrialLog::BLOCK_FRAMES,
        Speed::Times(times) => (rate_hz * BLOCK_S * times).clamp(1.0, 64.0) as u32,
    };
    let now = Instant::now();
    let mut player = Player {
        rate_hz,
        duration_s: log.span() as f64 / rate_hz,
        looped: setup.looped,
        settling_s: setup.settling_s,
        transport: Transport {
            speed: setup.speed.times(),
            playing: true,
            duration_s: log.span() as f64 / rate_hz,
            ..Transport::default()
        },
        anchor: Anchor { at: now, position_s: 0.0 },
        index: 0,
        frames: 0,
        name: trial.path.clone(),
        stream,
        pipeline: setup.pipeline,
        hub: setup.hub,
        reported: now,
        stopped: false,
        log: log.with_block_frames(frames),
    };
    player.report(SourceState::Replay, true);
    player.run();
    player.close()
}

impl Player<'_> {
    fn run(&mut self) {
        while !self.stopped {
            while let Ok(command) = self.hub.commands.try_recv() {
                self.obey(command);
            }
            if self.stopped || self.pipeline.is_abandoned() {
                return;
            }
            if !self.transport.playing {
                self.idle(PAUSED);
            } else if self.wait_until_due() && !self.send_next() {
                if !self.looped || self.duration_s <= 0.0 {
                    return;
                }
                self.transport.loops += 1;
                self.go_to(0.0, self.transport.offset_s + self.duration_s);
            }
        }
    }

    /// Waits for a command, at most this long.
    fn idle(&mut self, wait: Duration) {
        self.report(SourceState::Replay, false);
        if let Ok(command) = self.hub.commands.recv_timeout(wait) {
            self.obey(command);
        }
    }

    /// True when the next sample is due; waits a little when it is not.
    fn wait_until_due(&mut self) -> bool {
        self.report(SourceState::Replay, false);
        if self.transport.speed.is_infinite() {
            return true;
        }
        let due_s = (self.index as f64 / self.rate_hz - self.anchor.position_s) / self.transport.speed;
        let passed_s = self.anchor.at.elapsed().as_secs_f64();
        if passed_s >= due_s {
            return true;
        }
        self.idle(Duration::from_secs_f64((due_s - passed_s).min(0.02)));
        false
    }

    /// Sends one step of the log; false at its end.
    fn send_next(&mut self) -> bool {
        // The entry that ends a log ends the pipeline: a looped trial has no end.
        let looped = self.looped;
        loop {
            let (hub, pipeline) = (&mut self.hub, &mut self.pipeline);
            match self.log.next_step() {
                None => return false,
                Some(Step::Block(header, native)) => {
                    let stamped = Stamped { at: SampleIndex(self.index), entry: Entry::Block(header) };
                    Pause::wait(|| pipeline.try_block(stamped, native) || pipeline.is_abandoned());
                    hub.wake_pipeline();
                    if hub.is_shown() {
                        hub.show(HistoryMessage::Block { header, native: native.to_vec() }, true);
                    }
                    if Some(header.stream) == self.log.layout().master {
                        self.index = header.first.0 + u64::from(header.frames);
                        self.frames += u64::from(header.frames);
                        self.transport.position_s = self.index as f64 / self.rate_hz;
                        return true;
                    }
                }
                Some(Step::Entry(stamped)) => {
                    let end = matches!(stamped.entry, Entry::End);
                    if !(end && looped) {
                        let item = Item::Entry(stamped);
                        Pause::wait(|| pipeline.try_item(item) || pipeline.is_abandoned());
                    }
                }
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let at = SampleIndex(self.index);
        match command {
            Command::Play => self.transport.playing = true,
            Command::Pause => self.transport.playing = false,
            Command::Speed(speed) => self.transport.speed = speed.times(),
            Command::Loop(looped) => self.looped = looped,
            Command::Seek(Seconds(to_s)) => {
                let to_s = if to_s.is_finite() { to_s.clamp(0.0, self.duration_s) } else { 0.0 };
                let session_s = self.transport.offset_s + self.transport.position_s;
                // On a sample, so that session time neither jumps nor runs back by a part of one.
                let start_s = ((to_s - self.settling_s).max(0.0) * self.rate_hz).round() / self.rate_hz;
                self.go_to(start_s, session_s - start_s);
            }
            Command::Mark(code) => self.insert(Stamped { at, entry: Entry::Mark { code, index: at } }),
            Command::Settings(settings) => self.insert(Stamped { at, entry: Entry::Settings(settings) }),
            Command::Reference { muscle, side, reference, rest } => {
                self.insert(Stamped { at, entry: Entry::Reference { muscle, side, reference, rest } });
            }
            Command::Straight { side, log_ratio } => {
                self.insert(Stamped { at, entry: Entry::Straight { side, log_ratio } });
            }
            Command::Stop => self.stopped = true,
            // A trial is a recording already.
            Command::Record | Command::StopRecording | Command::Note(_) => {}
        }
        self.anchor = Anchor { at: Instant::now(), position_s: self.index as f64 / self.rate_hz };
        self.report(SourceState::Replay, true);
    }

    fn insert(&mut self, stamped: Stamped) {
        let pipeline = &mut self.pipeline;
        Pause::wait(|| pipeline.try_item(Item::Entry(stamped)) || pipeline.is_abandoned());
        self.hub.wake_pipeline();
    }

    /// Starts the pipeline anew at a place in the trial; trial time 0 becomes session time `offset_s`.
    fn go_to(&mut self, start_s: f64, offset_s: f64) {
        let index = (start_s * self.rate_hz).round() as u64;
        self.log.seek(SampleIndex(index));
        self.index = index;
        self.transport.position_s = index as f64 / self.rate_hz;
        self.transport.offset_s = offset_s;
        self.anchor = Anchor { at: Instant::now(), position_s: self.transport.position_s };
        let origin = Seconds(offset_s + self.log.origin().0);
        let pipeline = &mut self.pipeline;
        Pause::wait(|| pipeline.try_item(Item::Restart(origin)) || pipeline.is_abandoned());
        self.hub.wake_pipeline();
        if let Some(settings) = self.log.settings_before() {
            self.insert(Stamped { at: SampleIndex(index), entry: Entry::Settings(settings) });
        }
        let loops = self.transport.loops;
        self.hub.show(HistoryMessage::Restart { offset_s, loops }, true);
        self.report(SourceState::Replay, true);
    }

    fn report(&mut self, state: SourceState, now: bool) {
        if now || self.reported.elapsed() >= STATUS_EVERY {
            self.reported = Instant::now();
            let (source, transport) = (self.source(state), self.transport);
            self.hub.publish(|status: &mut Status| {
                status.sources.clear();
                status.sources.push(source);
                status.transport = transport;
            });
        }
    }

    fn source(&self, state: SourceState) -> SourceNow {
        SourceNow {
            name: self.name.clone(),
            stream: self.stream.clone(),
            state,
            rate_hz: self.rate_hz,
            measured_rate_hz: f64::NAN,
            frames: self.frames,
            losses: self.hub.losses(),
            sync_offset_ms: f64::NAN,
            sync_residual_ms: f64::NAN,
            host_line: None,
        }
    }

    fn close(mut self) -> Summary {
        let pipeline = &mut self.pipeline;
        Pause::wait(|| pipeline.try_item(Item::Close) || pipeline.is_abandoned());
        self.hub.wake_pipeline();
        self.transport.playing = false;
        self.report(SourceState::Ended, true);
        self.hub.tell(SessionEvent::Ended);
        Summary { sources: vec![self.source(SourceState::Ended)], ..Summary::default() }
    }
}
