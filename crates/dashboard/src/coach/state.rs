//! What is set on the Coach view: leg, effort, slow replay, blank screen; and the keys that change it.
//!
//! The newest effort is shown until another one is chosen; while a trial plays, the newest one that has been played.
//! Not for drawing.

use super::model::{CoachLeg, CoachModel};
use egui::{Context, Key, Modifiers};
use surae_trial::Side;

/// Speed of the slow replay.
pub const REPLAY_SPEED: f64 = 0.1;
/// Turns of the slow replay.
pub const REPLAY_TURNS: f64 = 3.0;
/// How long the border tells of a new card, in s.
pub const FLASH_S: f64 = 0.3;

/// What a key or a click asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The effort before.
    Earlier,
    /// The effort after.
    Later,
    /// The other leg.
    OtherLeg,
    /// Replay the effort slowly, or stop that.
    Replay,
    /// Blank screen on or off.
    Blank,
    /// Full screen on or off.
    FullScreen,
}

/// What the keys of this frame ask for.
#[must_use]
pub fn keys(ctx: &Context) -> Vec<Ask> {
    let mut asked = Vec::new();
    if ctx.text_edit_focused() {
        return asked;
    }
    ctx.input_mut(|input| {
        for (key, ask) in [
            (Key::ArrowLeft, Ask::Earlier),
            (Key::PageUp, Ask::Earlier),
            (Key::ArrowRight, Ask::Later),
            (Key::PageDown, Ask::Later),
            (Key::ArrowUp, Ask::OtherLeg),
            (Key::ArrowDown, Ask::OtherLeg),
            (Key::Enter, Ask::Replay),
            (Key::Period, Ask::Replay),
            (Key::B, Ask::Blank),
            (Key::F5, Ask::FullScreen),
        ] {
            if input.consume_key(Modifiers::NONE, key) {
                asked.push(ask);
            }
        }
    });
    asked
}

/// What is set on the view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoachState {
    /// Leg asked for; `None`: the first with calf EMG, the right one before the left.
    pub side: Option<Side>,
    /// Time of the chosen effort; `None` follows the newest.
    chosen_s: Option<f64>,
    /// Place of the playing trial: efforts after it are not followed. `None` follows the last one.
    played_to_s: Option<f64>,
    /// Time of the effort that is replayed slowly: it stays while the hand moves.
    held_s: Option<f64>,
    /// When the slow replay began, on the window's clock.
    replay_from_s: Option<f64>,
    /// When the newest card came, on the window's clock.
    flash_from_s: Option<f64>,
    /// No flash of a new card.
    pub reduces_motion: bool,
    /// Time of the newest card.
    newest_s: Option<f64>,
    /// Place of the playing trial at the last look.
    before_s: Option<f64>,
    /// Nothing is shown.
    pub is_blank: bool,
}

impl CoachState {
    /// Place of the leg that is shown.
    #[must_use]
    pub fn leg(&self, model: &CoachModel) -> Option<usize> {
        let place = |wanted: &dyn Fn(&CoachLeg) -> bool| model.legs.iter().rposition(wanted);
        place(&|leg| self.side.is_some() && leg.side == self.side)
            .or_else(|| place(&|leg| leg.has_emg && !leg.cards.is_empty()))
            .or_else(|| place(&|leg| !leg.cards.is_empty()))
            .or_else(|| place(&|leg| leg.has_emg))
            .or(model.legs.len().checked_sub(1))
    }

    /// Place of the effort that is shown.
    #[must_use]
    pub fn card(&self, leg: &CoachLeg) -> Option<usize> {
        let at = |time_s: f64| leg.cards.iter().position(|card| card.time_s >= time_s - 1e-6);
        let chosen = self.held_s.or(self.chosen_s).and_then(at);
        chosen.or_else(|| self.newest(leg))
    }

    /// The newest effort; of a playing trial the last one whose flight has been played. Before the first one, the last.
    fn newest(&self, leg: &CoachLeg) -> Option<usize> {
        let played =
            self.played_to_s.and_then(|to_s| leg.cards.iter().rposition(|card| card.whole_s <= to_s));
        played.or(leg.cards.len().checked_sub(1))
    }

    /// Chooses the effort at this time.
    pub fn choose(&mut self, time_s: f64) {
        self.chosen_s = Some(time_s);
    }

    /// Carries out what was asked for. Full screen is the window's.
    pub fn perform(&mut self, ask: Ask, model: &CoachModel, now_s: f64) {
        let leg = self.leg(model).and_then(|at| model.legs.get(at));
        match ask {
            Ask::Blank => self.is_blank = !self.is_blank,
            Ask::Replay if self.replay_from_s.is_some() => self.stop(),
            Ask::Replay => {
                let shown = leg.and_then(|leg| leg.cards.get(self.card(leg)?));
                self.held_s = shown.map(|card| card.time_s);
                self.replay_from_s = self.held_s.map(|_| now_s);
            }
            Ask::OtherLeg => {
                let shown = leg.and_then(|leg| leg.side);
                if let Some(other) = model.legs.iter().find(|leg| leg.side != shown) {
                    self.side = other.side;
                    self.stop();
                }
            }
            Ask::Earlier | Ask::Later => {
                let Some((leg, at)) = leg.and_then(|leg| Some((leg, self.card(leg)?))) else { return };
                let last = leg.cards.len() - 1;
                let at = if ask == Ask::Earlier { at.saturating_sub(1) } else { (at + 1).min(last) };
                // At the newest one the view follows again.
                let is_followed = self.newest(leg) == Some(at) && at == last;
                self.chosen_s = (!is_followed).then_some(leg.cards[at].time_s);
                self.stop();
            }
            Ask::FullScreen => {}
        }
    }

    fn stop(&mut self) {
        (self.replay_from_s, self.held_s) = (None, None);
    }

    /// Ends what hides or moves; false when there is nothing of the kind.
    pub fn escape(&mut self) -> bool {
        let is_blank = std::mem::take(&mut self.is_blank);
        let was_moving = self.replay_from_s.is_some();
        self.stop();
        is_blank || was_moving || self.chosen_s.take().is_some()
    }

    /// Looks whether a new card came. `played_to_s` is the place of a playing trial, where a chosen effort stays; on a
    /// device a new effort takes over. The first card of a source is not new.
    pub fn watch(&mut self, model: &CoachModel, now_s: f64, played_to_s: Option<f64>, is_live: bool) {
        self.played_to_s = played_to_s;
        let times = model.legs.iter().filter_map(|leg| Some(leg.cards.get(self.newest(leg)?)?.time_s));
        let newest_s = times.max_by(f64::total_cmp);
        // A trial that began again shows its last card until the first one comes anew.
        let is_again = played_to_s < self.before_s;
        self.before_s = played_to_s;
        if newest_s == self.newest_s {
            return;
        }
        let is_running = is_live || played_to_s.is_some();
        let is_first = self.newest_s.is_none() && !is_live;
        self.newest_s = newest_s;
        if is_running && !is_first && !is_again && newest_s.is_some() {
            self.flash_from_s = Some(now_s);
            if is_live {
                self.chosen_s = None;
                self.stop();
            }
        }
    }

    /// Forgets everything of the source before.
    pub fn reset(&mut self) {
        *self = Self { is_blank: self.is_blank, ..Self::default() };
    }

    /// True while the border tells of a new card.
    #[must_use]
    pub fn is_flashing(&self, now_s: f64) -> bool {
        !self.reduces_motion && self.flash_from_s.is_some_and(|from| (0.0..FLASH_S).contains(&(now_s - from)))
    }

    /// Where the slow replay is, in s after 12 o'clock of a turn of this length; ends it after its turns.
    pub fn replay_s(&mut self, length_s: f64, now_s: f64) -> Option<f64> {
        let from_s = self.replay_from_s?;
        let turns = (now_s - from_s).max(0.0) * REPLAY_SPEED / length_s;
        if turns.is_nan() || turns >= REPLAY_TURNS {
            self.stop();
            return None;
        }
        Some(turns.fract() * length_s)
    }

    /// True while the hand moves or the border tells of a new card.
    #[must_use]
    pub fn is_moving(&self, now_s: f64) -> bool {
        self.replay_from_s.is_some() || self.is_flashing(now_s)
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::CoachCard;
    use super::*;

    fn model(times: &[f64]) -> CoachModel {
        let leg = |side| CoachLeg {
            side: Some(side),
            has_emg: true,
            cards: times.iter().map(|t| CoachCard { time_s: *t, ..CoachCard::default() }).collect(),
            ..CoachLeg::default()
        };
        CoachModel { legs: Side::BOTH.map(leg).to_vec(), ..CoachModel::default() }
    }

    #[test]
    fn the_newest_is_followed_until_another_is_chosen() {
        let mut state = CoachState::default();
        let three = model(&[1.0, 2.0, 3.0]);
        assert_eq!(state.card(&three.legs[1]), Some(2));
        state.perform(Ask::Earlier, &three, 0.0);
        assert_eq!(state.card(&three.legs[1]), Some(1));
        let four = model(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(state.card(&four.legs[1]), Some(1));
        for _ in 0..9 {
            state.perform(Ask::Later, &four, 0.0);
        }
        assert_eq!(state.card(&four.legs[1]), Some(3));
        assert_eq!(state.card(&model(&[1.0, 2.0, 3.0, 4.0, 5.0]).legs[1]), Some(4));
    }

    #[test]
    fn three_turns_at_a_tenth_of_the_speed() {
        let mut state = CoachState::default();
        state.perform(Ask::Replay, &model(&[1.0]), 10.0);
        assert!((state.replay_s(0.75, 11.5).unwrap() - 0.15).abs() < 1e-9);
        assert!(state.replay_s(0.75, 10.0 + 3.0 * 7.5 - 0.01).is_some());
        assert!(state.replay_s(0.75, 10.0 + 3.0 * 7.5 + 0.01).is_none());
        assert!(!state.is_moving(40.0));
        state.perform(Ask::Replay, &model(&[1.0]), 50.0);
        assert!(state.replay_s(0.0, 51.0).is_none());
    }

    #[test]
    fn a_new_card_flashes_and_the_first_one_does_not() {
        let mut state = CoachState::default();
        state.watch(&model(&[1.0]), 0.0, None, false);
        assert!(!state.is_flashing(0.1));
        state.perform(Ask::Earlier, &model(&[1.0, 2.0]), 0.0);
        state.watch(&model(&[1.0, 2.0]), 5.0, None, true);
        assert!(state.is_flashing(5.2) && !state.is_flashing(5.4));
        assert_eq!(state.card(&model(&[1.0, 2.0]).legs[0]), Some(1));
    }

    #[test]
    fn a_playing_trial_shows_what_has_been_played() {
        let mut state = CoachState::default();
        let mut three = model(&[1.0, 2.0, 3.0]);
        for card in three.legs.iter_mut().flat_map(|leg| &mut leg.cards) {
            card.whole_s = card.time_s + 0.4;
        }
        let mut shown = Vec::new();
        for (now_s, played_s) in
            [(0.0, 0.5), (1.0, 1.3), (2.0, 1.5), (3.0, 2.5), (4.0, 3.39), (5.0, 3.41), (6.0, 0.2)]
        {
            state.watch(&three, now_s, Some(played_s), false);
            shown.push((state.card(&three.legs[1]).unwrap(), state.is_flashing(now_s + 0.1)));
        }
        let expected = [(2, false), (2, false), (0, true), (1, true), (1, false), (2, true), (2, false)];
        assert_eq!(shown, expected);
        state.perform(Ask::Earlier, &three, 7.0);
        state.watch(&three, 8.0, Some(1.5), false);
        assert_eq!(state.card(&three.legs[1]), Some(1), "a chosen effort stays while the trial plays on");
        assert!(state.escape());
        assert_eq!(state.card(&three.legs[1]), Some(0));
        state.perform(Ask::Replay, &three, 9.0);
        state.watch(&three, 9.1, Some(2.5), false);
        assert_eq!(state.card(&three.legs[1]), Some(0), "the one that is replayed stays");
    }

    #[test]
    fn escape_ends_one_thing_or_says_there_is_none() {
        let mut state = CoachState { is_blank: true, ..CoachState::default() };
        assert!(state.escape() && !state.is_blank);
        assert!(!state.escape());
    }
}
