//! The guided calibration of a running session: rest, goniometer, maximal contractions, straight knee.
//!
//! A side panel over the right edge of the Lab view, never a dialog: recording, marks and keys go on. What is asked, how
//! long, what is refused and why is the step machine of `surae-gait`; this panel shows it and hands it samples.

mod panel;

use crate::feed::Feed;
use crate::state::Action;
use crate::text::calibration as words;
use crate::theme::Theme;
use egui::{Rect, Ui};
use surae_gait::calibrate::run::{CalibrationRun, Phase, Plan};
use surae_trial::{Profile, SessionLayout};

/// Width of the panel.
pub const WIDTH: f32 = 380.0;

/// The panel and the run it shows.
#[derive(Debug, Default)]
pub struct CalibrationPanel {
    /// Shown.
    pub is_open: bool,
    run: Option<CalibrationRun>,
    /// Why no run could begin; empty when one could.
    refusal: String,
    athlete: String,
    placement: String,
    now_s: f64,
}

impl CalibrationPanel {
    /// Opens the panel, with a new run where none is under way; closes it when it is open. What was accepted stays.
    pub fn toggle(&mut self, layout: Option<&SessionLayout>, base: Option<&Profile>) {
        self.is_open = !self.is_open;
        if self.is_open && self.run.as_ref().is_none_or(|run| *run.phase() == Phase::Done) {
            self.begin(layout, base);
        }
    }

    /// Another source is open: its channels need another plan.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    fn begin(&mut self, layout: Option<&SessionLayout>, base: Option<&Profile>) {
        self.run = None;
        let Some(layout) = layout else {
            self.refusal = words::NO_BOARD.to_owned();
            return;
        };
        match Plan::new(layout, &Plan::possible(layout), &[]) {
            Ok(mut plan) if !plan.steps.is_empty() => {
                if self.athlete.is_empty() {
                    self.athlete = base.map(|profile| profile.athlete.clone()).unwrap_or_default();
                    self.placement = base.map(|profile| profile.placement.clone()).unwrap_or_default();
                }
                plan.base = base.filter(|profile| !profile.illustrative).cloned();
                self.refusal.clear();
                self.run = Some(CalibrationRun::new(plan));
            }
            Ok(_) => self.refusal = words::NOTHING_TO_CALIBRATE.to_owned(),
            Err(why) => self.refusal = words::refused(&why),
        }
    }

    /// Brings the run up to the newest sample, and hands it the samples it waits for.
    pub fn follow(&mut self, feed: &mut dyn Feed, now_s: f64) {
        self.now_s = now_s;
        let Some(run) = &mut self.run else { return };
        run.tick(now_s);
        if matches!(run.phase(), Phase::Judging { .. })
            && let Some(recent) = feed.recent()
        {
            run.give(&recent.trial, recent.from_s);
        }
    }

    /// True while something counts down or is recorded: the window is then drawn at full rate.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        let phase = self.run.as_ref().map(CalibrationRun::phase);
        self.is_open
            && matches!(
                phase,
                Some(Phase::Countdown { .. } | Phase::Recording { .. } | Phase::Judging { .. })
            )
    }

    /// The run, for tests.
    #[must_use]
    pub fn run(&self) -> Option<&CalibrationRun> {
        self.run.as_ref()
    }

    /// The profile that the accepted recordings give.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        let mut profile = self.run.as_ref()?.calibration().profile;
        profile.athlete.clone_from(&self.athlete);
        profile.placement.clone_from(&self.placement);
        Some(profile)
    }

    /// Draws the panel into `area`.
    pub fn show(&mut self, ui: &mut Ui, area: Rect, theme: &Theme, actions: &mut Vec<Action>) {
        panel::show(self, ui, area, theme, actions);
    }
}
