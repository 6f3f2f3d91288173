//! The feed of a running session: snapshots, status and columns into the model, actions into commands.

use super::hands::Hands;
use super::{Feed, lanes, map, phase, words};
use crate::coach::live::LiveSource;
use crate::model::{Dominance, Entry, LabModel, Problem, SessionList, SourceModel, Spectrum, SpectrumLine};
use crate::request::{Opened, SourceFacts};
use crate::state::{Action, ViewState, next_speed};
use crate::text::{self, missing};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use surae_engine::{Columns, Command, Recent, Session, SessionEvent, Snapshot, Speed, View};
use surae_gait::dominance::{Class, dominance_of};
use surae_gait::pipeline::ActivationUnit;
use surae_trial::{Estimator, Kind, Muscle, Profile, Seconds, SessionLayout, Severity, Side};

/// Numbers are renewed this often; traces with each frame.
const NUMBERS: Duration = Duration::from_millis(200);
/// The overview is asked for this often.
const OVERVIEW: Duration = Duration::from_millis(500);
/// After an action the view is drawn at full rate for this long, so that its answer shows at once.
const AFTER_ACTION: Duration = Duration::from_millis(600);
/// Columns of the overview.
const OVERVIEW_COLUMNS: u16 = 640;
/// After this long without anything new, columns are not asked for again.
const STILL: Duration = Duration::from_millis(700);
/// How far back a device's window may be moved, in s: what the strip shows.
const OLDEST_S: f64 = 600.0;
/// Slots of the session's views.
const WINDOW: usize = 0;
const WHOLE: usize = 1;

/// The feed of one session.
pub struct SessionFeed {
    session: Session,
    layout: Arc<SessionLayout>,
    session_origin_s: f64,
    rest_until_s: f64,
    facts: SourceFacts,
    window: Option<Arc<Columns>>,
    whole: Option<Arc<Columns>>,
    drawn: Option<(Option<Side>, u64)>,
    /// The view asked for last with the state it was asked of, and since when both are as they are.
    wanted: Option<((View, u64), Instant)>,
    numbers_at: Option<Instant>,
    overview_at: Option<Instant>,
    acted_at: Option<Instant>,
    looped: bool,
    is_playing: bool,
    is_hidden: bool,
    plays_when_shown: bool,
    fallback_side: Option<Side>,
    hands: Hands,
    newer_profile: Option<Arc<Profile>>,
    happened: Vec<Entry>,
    troubles: Vec<Problem>,
}

impl SessionFeed {
    /// A feed of this session.
    #[must_use]
    pub fn new(opened: Opened) -> Self {
        let Opened { facts, session, .. } = opened;
        let looped = facts.looped;
        Self {
            layout: Arc::new(session.layout().clone()),
            session_origin_s: session.origin().0,
            rest_until_s: 0.0,
            session,
            facts,
            window: None,
            whole: None,
            drawn: None,
            wanted: None,
            numbers_at: None,
            overview_at: None,
            acted_at: None,
            looped,
            is_playing: true,
            is_hidden: false,
            plays_when_shown: true,
            fallback_side: None,
            hands: Hands::default(),
            newer_profile: None,
            happened: Vec::new(),
            troubles: Vec::new(),
        }
    }

    /// What happened, as the session tells it.
    fn listen(&mut self, now_s: f64) {
        while let Ok(event) = self.session.events().try_recv() {
            match event {
                SessionEvent::Source { time_s, text, .. } => {
                    self.happened.push(Entry { time_s: time_s.0, text });
                }
                SessionEvent::Recorded(path) => {
                    self.happened.push(Entry { time_s: now_s, text: text::recorded(&path) });
                    self.hands.ended(path);
                }
                SessionEvent::RecordingFailed(text) => {
                    self.troubles.push(Problem { severity: Severity::Error, text });
                }
                SessionEvent::Note(note) => {
                    self.troubles.push(Problem { severity: note.severity, text: note.text });
                }
                SessionEvent::Ended => {
                    self.happened.push(Entry { time_s: now_s, text: text::ENDED.to_owned() });
                }
            }
        }
    }

    /// Source and transport.
    fn status(&mut self, model: &mut LabModel) {
        let is_live = !self.facts.is_trial;
        let status = self.session.status();
        let transport = status.transport;
        model.recording = self.hands.recording(&status.recording, model.signals.now_s);
        if transport.loops > 0 && transport.duration_s.is_finite() {
            let seam_s = transport.offset_s + self.session_origin_s;
            model.signals.seams_s = vec![seam_s - transport.duration_s, seam_s];
        }
        let source = status.sources.first().cloned().unwrap_or_default();
        let frames: u64 = status.sources.iter().map(|source| source.frames).sum();
        let lost: u64 = status.sources.iter().map(|source| source.losses.lost_frames).sum();
        let recent: u64 = status.sources.iter().map(|source| source.losses.lost_frames_10s).sum();
        self.is_playing = is_live || transport.playing;

        let measured = source.measured_rate_hz.is_finite();
        let rate = if measured { source.measured_rate_hz } else { source.rate_hz };
        let settings = self.session.settings();
        model.source = SourceModel {
            name: self.facts.name.clone(),
            state: words::state(source.state, self.is_playing),
            silent_s: None,
            rate_hz: (rate > 0.0).then_some(rate),
            rate_is_measured: measured,
            lost_session: (frames > 0).then(|| lost as f64 / (frames + lost) as f64),
            lost_10s: Some(recent),
            lag_filter_ms: Some(self.session.lag().envelope_s * 1e3),
            lag_decision_ms: None,
            profile: self.facts.profile.clone(),
            profile_is_illustrative: self.facts.profile_is_illustrative,
            task: settings.task,
            envelope_hz: settings.conditioning.envelope_hz,
            envelope_order: settings.conditioning.envelope_order,
            tick_ms: settings.tick_s * 1e3,
        };
        let duration_s = Some(transport.duration_s).filter(|d| d.is_finite() && *d > 0.0 && !is_live);
        model.transport.is_replay = !is_live;
        let live_s = self.hands.frozen_s.unwrap_or(model.signals.now_s);
        model.transport.position_s = if is_live { live_s } else { transport.position_s };
        model.transport.duration_s = duration_s;
        model.transport.playing = self.is_playing && self.hands.frozen_s.is_none();
        model.transport.bookmarks = match duration_s {
            Some(length_s) => self.hands.bookmarks_s.iter().map(|at| (at / length_s) as f32).collect(),
            None => Vec::new(),
        };
        model.transport.speed = if is_live { 1.0 } else { transport.speed };
        model.transport.looped = self.looped;
    }

    /// Asks for the columns that the next frames need.
    fn request(&mut self, view: &ViewState, model: &LabModel) {
        let pixels = view.lane_pixels.max(16);
        let edge_s = self.hands.frozen_s.unwrap_or(model.signals.now_s);
        let (t0_s, t1_s) = lanes::window(edge_s, self.session.origin().0, view.window_s, pixels);
        let wanted = (View { t0_s, t1_s, pixels }, self.session.snapshot().generation);
        if self.wanted.is_none_or(|(before, _)| before != wanted) {
            self.wanted = Some((wanted, Instant::now()));
        }
        // An answer wakes the window: a source that stands still is asked no more, or the two would chase each other.
        let is_new = self.wanted.is_some_and(|(_, since)| since.elapsed() < STILL);
        if is_new {
            self.session.request_view(WINDOW, wanted.0);
        }
        if (is_new || self.whole.is_none()) && self.overview_at.is_none_or(|at| at.elapsed() >= OVERVIEW) {
            self.overview_at = Some(Instant::now());
            let (t0_s, t1_s) = self.whole_span(model);
            self.session.request_view(WHOLE, View { t0_s, t1_s, pixels: OVERVIEW_COLUMNS });
        }
        if let Some(columns) = self.session.columns(WINDOW) {
            self.window = Some(columns);
        }
        if let Some(columns) = self.session.columns(WHOLE) {
            self.whole = Some(columns);
        }
    }

    /// The whole trial in session time, or the last ten minutes of a device.
    fn whole_span(&mut self, model: &LabModel) -> (f64, f64) {
        let origin_s = self.session.origin().0;
        let transport = self.session.status().transport;
        match model.transport.duration_s {
            Some(duration_s) => {
                let start_s = transport.offset_s + origin_s;
                (start_s, start_s + duration_s)
            }
            None => ((model.signals.now_s - OLDEST_S).max(origin_s), model.signals.now_s.max(origin_s + 1.0)),
        }
    }

    /// The leg to show: the one asked for, else the first that can have a class, else the first.
    fn side(&mut self, view: &ViewState, sides: &[Side]) -> Option<Side> {
        if self.fallback_side.is_none() {
            let legs = &self.session.snapshot().legs;
            let able = legs.iter().rev().find(|leg| leg.refused.is_none());
            self.fallback_side = able.or(legs.last()).map(|leg| leg.side);
        }
        let wanted = view.side.filter(|side| sides.contains(side));
        wanted.or(self.fallback_side.filter(|side| sides.contains(side))).or(sides.last().copied())
    }
}

impl Feed for SessionFeed {
    fn update(&mut self, view: &mut ViewState, model: &mut LabModel) {
        let layout = Arc::clone(&self.layout);
        let sides = lanes::sides(&layout);
        model.side = self.side(view, &sides);
        model.sides = sides;
        model.signals.now_s = self.session.snapshot().time_s;
        self.listen(model.signals.now_s);
        self.status(model);
        self.request(view, model);

        let is_new_side = self.drawn.is_none_or(|(side, _)| side != model.side);
        let is_due = is_new_side || self.numbers_at.is_none_or(|at| at.elapsed() >= NUMBERS);
        let side = model.side;
        let snapshot = self.session.snapshot();
        let generation = snapshot.generation;
        if is_new_side {
            model.signals.lanes = lanes::lanes(&layout, side);
            model.signals.knee = side.and_then(|side| lanes::knee(&layout, snapshot, side));
        }
        if is_due {
            lanes::numbers(&mut model.signals, &layout, snapshot, side, &self.facts);
            model.dominance = dominance(&layout, snapshot, side);
            model.spectrum = spectrum(&layout, snapshot, side, &self.facts);
            self.numbers_at = Some(Instant::now());
        }
        if is_new_side || self.drawn.is_none_or(|(_, drawn)| drawn != generation) {
            let leg = snapshot.legs.iter().find(|leg| Some(leg.side) == side);
            let is_active = leg.and_then(|leg| leg.last).is_some_and(|last| last.class != Class::Rest);
            if !is_active || is_new_side || snapshot.time_s < self.rest_until_s {
                self.rest_until_s = snapshot.time_s;
            }
            let active_s = snapshot.time_s - self.rest_until_s;
            map::fill(&mut model.map, snapshot, side, &self.facts, active_s);
        }
        self.drawn = Some((side, generation));
        if let Some(columns) = &self.window {
            lanes::columns(&mut model.signals, columns, &layout, side, &self.facts, view);
            for mark in model.signals.marks.iter_mut().filter(|mark| mark.label == text::mark_label(u8::MAX))
            {
                mark.words = self.hands.words_at(mark.time_s).to_owned();
            }
            if is_due {
                model.phase = phase::of(&model.signals, model.source.lag_filter_ms);
            }
        }
        if let Some(columns) = &self.whole {
            lanes::overview(&mut model.transport, columns, &model.signals, &layout, side);
            model.transport.span_s = (!self.facts.is_trial).then_some((columns.t0_s, columns.t1_s));
            if is_due {
                model.session = self.list(columns, model);
            }
        }
    }

    fn perform(&mut self, action: &Action, model: &LabModel) {
        self.acted_at = Some(Instant::now());
        self.overview_at = None;
        let now_s = model.signals.now_s;
        let oldest_s = (now_s - OLDEST_S).max(self.session.origin().0);
        if !self.facts.is_trial && self.hands.look(action, oldest_s, now_s) {
            return;
        }
        if let Some(command) = self.hands.command(action, now_s) {
            self.session.command(command);
            return;
        }
        let transport = &model.transport;
        let end_s = transport.duration_s.unwrap_or(0.0);
        let command = match action {
            Action::Bookmark if self.facts.is_trial => return self.hands.bookmark(transport.position_s),
            Action::Jump(by) => match self.hands.next_bookmark(transport.position_s, *by) {
                Some(to_s) => Command::Seek(Seconds(to_s)),
                None => return,
            },
            Action::PlayPause if transport.playing => Command::Pause,
            Action::PlayPause => Command::Play,
            Action::Seek(to_s) => Command::Seek(Seconds(*to_s)),
            Action::Step(by_s) => Command::Seek(Seconds((transport.position_s + by_s).clamp(0.0, end_s))),
            Action::Start => Command::Seek(Seconds(0.0)),
            Action::End => Command::Seek(Seconds(end_s)),
            Action::Speed(speed) => Command::Speed(speed_of(*speed)),
            Action::Faster(by) => Command::Speed(speed_of(next_speed(transport.speed, *by))),
            Action::Loop => {
                self.looped = !self.looped;
                Command::Loop(self.looped)
            }
            _ => return,
        };
        self.session.command(command);
    }

    fn replace(&mut self, opened: Opened) {
        // The old session ends in order when it is dropped.
        *self = Self::new(opened);
    }

    fn show(&mut self, is_shown: bool) {
        // A device goes on being read and recorded whatever is on screen.
        if !self.facts.is_trial || is_shown != self.is_hidden {
            return;
        }
        self.is_hidden = !is_shown;
        if self.is_hidden {
            self.plays_when_shown = self.is_playing;
            self.session.command(Command::Pause);
        } else if self.plays_when_shown {
            self.acted_at = Some(Instant::now());
            self.session.command(Command::Play);
        }
    }

    fn recent(&mut self) -> Option<Arc<Recent>> {
        self.session.request_recent();
        self.session.recent()
    }

    fn live_source(&self) -> Option<LiveSource> {
        (!self.facts.is_trial).then(|| LiveSource {
            name: self.facts.name.clone(),
            profile: Feed::profile(self),
            settings: self.facts.task_settings,
        })
    }

    fn take_recorded(&mut self) -> Vec<PathBuf> {
        self.hands.take_recorded()
    }

    fn layout(&self) -> Option<Arc<SessionLayout>> {
        (!self.facts.is_trial).then(|| Arc::clone(&self.layout))
    }

    fn profile(&self) -> Option<Arc<Profile>> {
        let newer = self.newer_profile.clone();
        newer.or_else(|| self.session.profile().map(|profile| Arc::new(profile.clone())))
    }

    fn refer(&mut self, profile: &Profile) {
        // The session takes rectified means; other measures are never mixed with them.
        for one in profile.references.iter().filter(|one| one.estimator == Estimator::Arv) {
            let (muscle, side) = (one.muscle, one.side);
            self.session.command(Command::Reference { muscle, side, reference: one.value, rest: one.rest });
        }
        for straight in &profile.straight {
            self.session.command(Command::Straight { side: straight.side, log_ratio: straight.log_ratio });
        }
        self.facts.profile = Some(profile.athlete.clone());
        self.facts.profile_is_illustrative = profile.illustrative;
        self.facts.straight.clone_from(&profile.straight);
        self.newer_profile = Some(Arc::new(profile.clone()));
    }

    fn bookmarks(&self) -> &[f64] {
        &self.hands.bookmarks_s
    }

    fn shown_index(&mut self) -> Option<u64> {
        (!self.facts.is_trial).then(|| self.session.snapshot().index)
    }

    fn is_moving(&self) -> bool {
        self.is_playing || self.acted_at.is_some_and(|at| at.elapsed() < AFTER_ACTION)
    }
}

fn speed_of(speed: f64) -> Speed {
    if speed.is_infinite() { Speed::Max } else { Speed::Times(speed) }
}

impl SessionFeed {
    /// Problems and what happened.
    fn list(&self, columns: &Columns, model: &LabModel) -> SessionList {
        let mut problems = self.troubles.clone();
        if model.source.profile_is_illustrative {
            let text = text::problem::ILLUSTRATIVE.to_owned();
            problems.push(Problem { severity: Severity::Warning, text });
        }
        if let Some(recent) = model.source.lost_10s.filter(|n| *n > 0) {
            problems.push(Problem { severity: Severity::Warning, text: text::problem::lost(recent) });
        }
        for lane in &model.signals.lanes {
            if !lane.quality.advice.is_empty() {
                let quality = &lane.quality;
                let text = format!("{}: {}. {}.", lane.name, quality.reason, quality.advice);
                problems.push(Problem { severity: Severity::Warning, text });
            }
        }
        if lanes::has_unstated_gain(&self.layout, model.side) {
            let text = text::problem::GAIN.to_owned();
            problems.push(Problem { severity: Severity::Info, text });
        }
        if let [only] = model.sides[..] {
            problems.push(Problem { severity: Severity::Info, text: text::problem::no_leg(only.other()) });
        }
        let notes = self.facts.notes.iter();
        problems.extend(notes.map(|note| Problem { severity: note.severity, text: note.text.clone() }));
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
        problems.dedup();

        let mut entries = self.happened.clone();
        entries.extend(columns.gaps.iter().map(|gap| Entry {
            time_s: gap.t0_s,
            text: text::gap_entry(gap.t1_s - gap.t0_s, gap.lost_samples, gap.certain),
        }));
        entries.extend(
            lanes::marks(columns)
                .map(|(time_s, code)| Entry { time_s, text: self.hands.entry(time_s, code) }),
        );
        entries.sort_by(|a, b| b.time_s.total_cmp(&a.time_s));
        SessionList { problems, entries }
    }
}

/// Dominance of the leg now.
fn dominance(layout: &SessionLayout, snapshot: &Snapshot, side: Option<Side>) -> Dominance {
    let has = |wanted: &dyn Fn(Muscle) -> bool| {
        layout.streams.iter().flat_map(|stream| &stream.channels).any(|channel| {
            channel.role.kind.is_emg() && channel.role.side == side && channel.role.muscle.is_some_and(wanted)
        })
    };
    let mut now = Dominance {
        has_soleus: has(&|muscle| muscle == Muscle::SOL),
        has_gastrocnemius: has(&Muscle::is_gastrocnemius),
        is_single_head: !(has(&|muscle| muscle == Muscle::MG) && has(&|muscle| muscle == Muscle::LG)),
        ..Dominance::default()
    };
    let Some(leg) = snapshot.legs.iter().find(|leg| Some(leg.side) == side) else {
        let is_unstated = side.is_none() && (now.has_soleus || now.has_gastrocnemius);
        let reason = if is_unstated { text::reason::NO_LEG } else { text::reason::MISSING_MUSCLE };
        now.reason = reason.to_owned();
        return now;
    };
    if let Some(reason) = leg.refused {
        now.reason = words::reason(reason).to_owned();
    }
    let Some(last) = leg.last else { return now };
    now.class = words::class(last.class);
    now.reason = last.reason.or(leg.refused).map_or_else(String::new, |r| words::reason(r).to_owned());
    let finite = |value: f64| value.is_finite().then_some(value as f32);
    now.value = finite(dominance_of(last.ratio.log_ratio));
    now.bound = words::bound(last.ratio.bound);
    let [low, high] = last.ratio.ci90.map(|end| finite(dominance_of(end)));
    now.interval = low.zip(high);
    if last.unit == ActivationUnit::Reference {
        now.gastrocnemius = finite(last.gastrocnemius);
        now.soleus = finite(last.soleus);
    }
    now
}

/// Spectra of the leg's raw channels, each against its own strongest bin.
fn spectrum(
    layout: &SessionLayout,
    snapshot: &Snapshot,
    side: Option<Side>,
    facts: &SourceFacts,
) -> Spectrum {
    let settings = facts.settings.spectrum;
    let mut spectrum = Spectrum {
        caption: format!("Welch {} s, running mean", text::figure(settings.segment_s as f32)),
        band_hz: (settings.low_hz, settings.high_hz),
        ..Spectrum::default()
    };
    let mut has_raw = false;
    for place in lanes::places(layout, side) {
        let channel = &layout.streams[place.stream].channels[place.channel];
        has_raw |= channel.role.kind == Kind::RawEmg;
        let found = snapshot
            .spectra
            .iter()
            .find(|s| usize::from(s.stream.0) == place.stream && usize::from(s.channel) == place.channel);
        let Some(now) = found.filter(|now| now.segments > 0) else { continue };
        let in_band = now.density.iter().enumerate().filter(|(k, _)| *k as f64 * now.resolution_hz >= 5.0);
        let peak = in_band.map(|(_, p)| *p).filter(|p| p.is_finite()).fold(0.0, f64::max);
        if peak > 0.0 {
            spectrum.lines.push(SpectrumLine {
                name: lanes::name(channel),
                muscle: channel.role.muscle,
                first_hz: 0.0,
                step_hz: now.resolution_hz,
                decibel: now.density.iter().map(|p| (10.0 * (p / peak).log10()) as f32).collect(),
                median_hz: now.median_hz.is_finite().then_some(now.median_hz as f32),
            });
        }
    }
    if !has_raw {
        spectrum.missing = missing::SPECTRUM_OF_ENVELOPE.to_owned();
    }
    spectrum
}
