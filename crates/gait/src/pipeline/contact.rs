//! Foot contact from foot switches, as it happens.
//!
//! Not for force plates or markers (`events`, in review). A switch is pressed above half of its range: of its rails where the
//! channel states them, else of the range it has shown so far.

use surae_trial::Channel;

/// Hysteresis of a switch, as fractions of its range.
const PRESS: f64 = 0.6;
const RELEASE: f64 = 0.4;

/// One switch channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct SwitchTrack {
    low: f64,
    high: f64,
    fixed: bool,
    pressed: bool,
}

impl SwitchTrack {
    pub(super) fn new(channel: &Channel) -> Self {
        match channel
            .amplifier
            .rails
            .map(|(low, high)| (channel.scale.physical(low), channel.scale.physical(high)))
        {
            Some((low, high)) if high > low => Self { low, high, fixed: true, pressed: false },
            _ => Self { low: f64::INFINITY, high: f64::NEG_INFINITY, fixed: false, pressed: false },
        }
    }

    /// Whether the switch is pressed at this value; a missing value changes nothing.
    pub(super) fn push(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return self.pressed;
        }
        if !self.fixed {
            self.low = self.low.min(value);
            self.high = self.high.max(value);
        }
        if self.high > self.low {
            let at = (value - self.low) / (self.high - self.low);
            self.pressed = if self.pressed { at >= RELEASE } else { at > PRESS };
        }
        self.pressed
    }

    pub(super) fn is_pressed(&self) -> bool {
        self.pressed
    }

    /// Forgets everything but stated rails.
    pub(super) fn reset(&mut self) {
        self.pressed = false;
        if !self.fixed {
            (self.low, self.high) = (f64::INFINITY, f64::NEG_INFINITY);
        }
    }
}

/// The contact state of a foot: any of its switches pressed, confirmed after the debounce time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Foot {
    /// Confirmed state; unknown at the start.
    down: Option<bool>,
    /// A state that differs from the confirmed one, and since which master position.
    candidate: Option<(bool, f64)>,
}

impl Foot {
    /// Takes whether any switch is pressed at `position`; gives a confirmed change and the position where it began.
    ///
    /// The first confirmed state is a state, not an event.
    pub(super) fn push(&mut self, pressed: bool, position: f64, debounce: f64) -> Option<(bool, f64)> {
        if self.down == Some(pressed) {
            self.candidate = None;
            return None;
        }
        let since = match self.candidate {
            Some((state, since)) if state == pressed => since,
            _ => position,
        };
        self.candidate = Some((pressed, since));
        if position - since < debounce {
            return None;
        }
        self.candidate = None;
        self.down.replace(pressed).map(|_| (pressed, since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Role, Unit};

    #[test]
    fn a_step_gives_contact_and_off_at_the_crossing_and_bounces_do_not_count() {
        let mut switch = SwitchTrack::new(&Channel::new("heel", Role::unknown("test"), Unit::Volt));
        let mut foot = Foot::default();
        let mut events = Vec::new();
        // 1 kHz; down from 200 to 800 ms with a bounce of 3 ms at 205 ms.
        for k in 0..1200 {
            let down = (200..800).contains(&k) && !(205..208).contains(&k);
            let pressed = switch.push(if down { 3.1 } else { 0.02 });
            events.extend(foot.push(pressed, f64::from(k), 50.0));
        }
        assert_eq!(events, [(true, 208.0), (false, 800.0)]);
    }
}
