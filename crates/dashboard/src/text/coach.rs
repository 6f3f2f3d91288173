//! The words of the Coach view: the answer, tiles, clock, footer, and what is needed when there is nothing to show.
//!
//! Dominance is relative activity, never force; a lead is told only where its interval leaves no doubt. Numbers are
//! formatted in [`super`].

use super::{MISSING, signed};
use crate::coach::model::{Clock, CoachLeg, Effort, FIRM, Lead, Measure, Turn, Word};
use crate::model::Class;
use surae_trial::{Side, Task};

/// Over the calf clock.
pub const CLOCK: &str = "Calf clock";
/// Before the reason why there is no lead.
pub const NO_LEAD: &str = "No lead";
/// Left end of the lead bar.
pub const SOLEUS_FIRST: &str = "soleus first";
/// Right end of the lead bar.
pub const GASTROCNEMIUS_FIRST: &str = "gastrocnemius first";
/// Left end of the word bar.
pub const SOLEUS: &str = "soleus";
/// Right end of the word bar.
pub const GASTROC: &str = "gastroc.";
/// Legend of the strips.
pub const THIS_ONE: &str = "this one, bar: median";
/// In the footer while there are too few contacts for an interval of their own.
pub const FEW_CONTACTS: &str = "5 contacts make a firm answer";
/// The same for jumps.
pub const FEW_JUMPS: &str = "5 jumps make a firm answer";
/// In the top bar.
pub const ILLUSTRATIVE: &str = "▲ illustrative profile";
/// In the top bar.
pub const NO_PROFILE: &str = "▲ no profile: lead and times only";
/// Keys at the foot.
pub const KEY_REPLAY: &str = "Enter slow replay";
/// Keys at the foot.
pub const KEY_OTHERS: &str = "← → other push-offs";
/// Keys at the foot.
pub const KEY_JUMPS: &str = "← → other jumps";
/// Keys at the foot.
pub const KEY_RAISES: &str = "← → other raises";
/// Keys at the foot.
pub const KEY_LEG: &str = "↑ ↓ leg";
/// The blank screen for screen readers.
pub const BLANK: &str = "blank screen, B shows it again";
/// While a first review runs.
pub const REVIEWING: &str = "Looking at the recording";
/// Nothing has happened yet in a live session.
pub const WAITING: &str = "Waiting for the first push-off";
/// No effort at all.
pub const NOTHING: &str = "No push-off found";
/// Said under it.
pub const NEEDS: [&str; 3] = [
    "A push-off needs foot contacts: a force plate, a foot switch, markers of the foot, or events in the file.",
    "A jump needs a force plate, foot switches, or take-off and landing in the file.",
    "A heel raise needs gastrocnemius and soleus of one leg, and the task plantar flexion.",
];
/// No trial and no device.
pub const NOTHING_OPEN: &str = "Nothing is open";
/// What to do about it.
pub const OPEN_ONE: &str = "Drop a recording on the window, or press F1.";
/// Needs what is missing.
pub const NO_SOLEUS: &str = "soleus was not recorded";
/// Needs what is missing.
pub const NO_GASTROCNEMIUS: &str = "gastrocnemius was not recorded";
/// Needs what is missing.
pub const NO_EMG: &str = "this leg has no sensors";
/// Instead of the lead of a bad signal.
pub const BAD_ADVICE: &str = "Press the electrode on, tape its cable, repeat. Times and angle stay valid.";
/// A force plate alone.
pub const NO_EMG_AT_ALL: &str = "no EMG in this recording: times and heights only";
/// Envelopes have lost the timing.
pub const ENVELOPES: &str = "timing needs raw EMG, not envelopes";
/// Contact without an end.
pub const NO_OFF: &str = "timing needs contact and toe-off";
/// Gaps, mostly.
pub const NOT_WHOLE: &str = "the signal is not whole around a contact";
/// Slow rises have none.
pub const SLOW: &str = "no lead in slow rises";
/// No knee angle in the source.
pub const NO_KNEE: &str = "no knee angle";
/// The angle has a hole there.
pub const NO_KNEE_THERE: &str = "no knee angle at that time";
/// Other foot down or end of the record.
pub const NO_FLIGHT: &str = "no flight, or no landing recorded";
/// A contact that the record cuts.
pub const NO_TOE_OFF: &str = "no toe-off recorded";
/// A jump from standing.
pub const NO_CONTACT: &str = "from standing: no contact before it";
/// The last contact.
pub const NO_NEXT: &str = "no next contact recorded";
/// No references.
pub const NO_REFERENCE: &str = "no reference: load a profile";
/// References of the task itself.
pub const TASK_REFERENCE: &str = "no reference but the task itself: earlier or later only";
/// Not enough repetitions for an interval.
pub const FEW_RAISES: &str = "3 raises make an interval";

/// The key of a leg: `right leg`.
#[must_use]
pub fn leg(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Left) => "left leg",
        Some(Side::Right) => "right leg",
        None => "leg not stated",
    }
}

/// Over the answer.
#[must_use]
pub fn question(leg: &CoachLeg) -> String {
    if !leg.has_emg {
        let what = format!("{}, median", measure(leg.measures[0]));
        return leg.side.map_or_else(|| what.clone(), |_| format!("{what}, {}", self::leg(leg.side)));
    }
    let what = match leg.effort {
        Effort::HeelRaise => "More active in heel raises",
        _ => "Who was active first",
    };
    format!("{what}, {}", self::leg(leg.side))
}

/// How many there are: `3 contacts`.
#[must_use]
pub fn count(effort: Effort, n: usize) -> String {
    let (one, many) = match effort {
        Effort::PushOff => ("contact", "contacts"),
        Effort::Jump => ("jump", "jumps"),
        Effort::HeelRaise => ("raise", "raises"),
    };
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The answer: words, and the number beside them where there is one.
#[must_use]
pub fn headline(leg: &CoachLeg) -> (String, String) {
    let alone = |words: &str| (words.to_owned(), String::new());
    if leg.is_bad() {
        return (bad_signal(&leg.bad), String::new());
    }
    if !leg.has_emg {
        return (value_words(leg.measures[0], leg.median(0)), String::new());
    }
    if leg.effort == Effort::HeelRaise {
        return alone(super::headline(leg.set_word.as_ref().map_or(Class::NotClear, |word| word.class)));
    }
    let Some(lead) = leg.shown_lead() else { return alone(NO_LEAD) };
    let by = format!("{:.0} ms", lead.median_ms.abs());
    match lead.first() {
        Some(true) => ("Gastroc. first".to_owned(), by),
        Some(false) => ("Soleus first".to_owned(), by),
        None => alone("No clear lead"),
    }
}

/// No lead from such a signal.
#[must_use]
pub fn bad_signal(channels: &[String]) -> String {
    format!("Signal not good enough: {}", channels.join(", "))
}

/// The answer in one sentence, for screen readers.
#[must_use]
pub fn spoken(leg: &CoachLeg) -> String {
    let (words, _) = headline(leg);
    match leg.shown_lead().filter(|_| leg.effort != Effort::HeelRaise) {
        Some(lead) => format!("{}: {}", question(leg), lead_words(&lead)),
        None if leg.no_lead.is_empty() => format!("{}: {words}", question(leg)),
        None => format!("{}: {words}, {}", question(leg), leg.no_lead),
    }
}

/// `Gastrocnemius first by 42 ms (30 … 54)`, counted from the muscle that was first.
#[must_use]
pub fn lead_words(lead: &Lead) -> String {
    let [low, high] = lead.interval_ms;
    let (who, by, low, high) = match lead.first() {
        Some(true) => ("Gastrocnemius first by", lead.median_ms, low, high),
        Some(false) => ("Soleus first by", -lead.median_ms, -high, -low),
        None => ("No clear lead,", lead.median_ms, low, high),
    };
    let ms = |value: f64| signed(value as f32, 0);
    format!("{who} {} ms ({} … {})", ms(by), ms(low), ms(high))
}

/// The other leg's lead at the foot, short.
#[must_use]
pub fn other_leg(leg: &CoachLeg) -> String {
    let mut name = self::leg(leg.side).to_owned();
    name[..1].make_ascii_uppercase();
    let (words, by) = headline(leg);
    match (leg.has_emg, leg.cards.is_empty()) {
        (false, true) => format!("{name}: no sensors"),
        (false, false) => format!("{name}: no EMG"),
        (true, true) => format!("{name}: no efforts"),
        (true, false) if leg.is_bad() => format!("{name}: bad signal"),
        (true, false) if by.is_empty() => format!("{name}: {}", lower(&words)),
        (true, false) => format!("{name}: {} {by}", lower(&words)),
    }
}

fn lower(words: &str) -> String {
    let mut words = words.to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

/// A leg that is not there at all, at the foot.
#[must_use]
pub fn no_sensors(side: Side) -> &'static str {
    match side {
        Side::Left => "Left leg: no sensors",
        Side::Right => "Right leg: no sensors",
    }
}

/// A leg in one word, beside a number: `left 251`.
#[must_use]
pub fn short_leg(side: Option<Side>, value: &str) -> String {
    format!("{} {value}", side.map_or("other", Side::name))
}

/// An end of the interval beside the lead bar; the unit stands on the upper end.
#[must_use]
pub fn lead_end(value_ms: f64, has_unit: bool) -> String {
    let sign = if value_ms.round() > 0.0 { "+" } else { "" };
    let unit = if has_unit { " ms" } else { "" };
    format!("{sign}{}{unit}", signed(value_ms as f32, 0))
}

/// The scale of the lead bar.
#[must_use]
pub fn lead_scale(limit_ms: f64) -> String {
    format!("±{limit_ms:.0} ms")
}

/// Which one is shown: `Push-off 2 of 3`.
#[must_use]
pub fn which(effort: Effort, at: usize, n: usize) -> String {
    let what = match effort {
        Effort::PushOff => "Push-off",
        Effort::Jump => "Jump",
        Effort::HeelRaise => "Raise",
    };
    format!("{what} {} of {n}", at + 1)
}

/// Title of a tile.
#[must_use]
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Contact => "Contact",
        Measure::Flight => "Flight",
        Measure::Stride => "Stride",
        Measure::Height => "Height",
        Measure::KneeAtToeOff => "Knee at toe-off",
        Measure::KneeAtTakeOff => "Knee at take-off",
        Measure::Knee => "Knee",
        Measure::Length => "Length",
        Measure::Count => "Raises",
    }
}

/// A value and its unit, as shown.
#[must_use]
pub fn value(measure: Measure, shown: Option<f64>) -> (String, &'static str) {
    let Some(shown) = shown.filter(|v| v.is_finite()) else { return (MISSING.to_owned(), "") };
    let number = |decimals| signed(shown as f32, decimals);
    match measure {
        Measure::Contact | Measure::Flight => (number(0), "ms"),
        Measure::Stride | Measure::Length => (number(2), "s"),
        Measure::Height if shown.abs() < 9.95 => (number(1), "cm"),
        Measure::Height => (number(0), "cm"),
        Measure::KneeAtToeOff | Measure::KneeAtTakeOff | Measure::Knee => (format!("{}°", number(0)), ""),
        Measure::Count => (number(0), ""),
    }
}

/// A value with its unit in one word group: `244 ms`.
#[must_use]
pub fn value_words(measure: Measure, shown: Option<f64>) -> String {
    let (number, unit) = value(measure, shown);
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// Under a strip: the best, or the median where nothing is best.
#[must_use]
pub fn best(leg: &CoachLeg, tile: usize) -> String {
    let measure = leg.measures[tile];
    let word = match measure {
        Measure::Contact => "shortest",
        Measure::Flight => "longest",
        _ => "highest",
    };
    match (leg.best(tile), leg.median(tile)) {
        (Some(best), _) => format!("{word} {}", value_words(measure, Some(best))),
        (None, Some(median)) => format!("median {}", value_words(measure, Some(median))),
        (None, None) => String::new(),
    }
}

/// Raises per minute.
#[must_use]
pub fn per_minute(per_min: Option<f64>) -> String {
    per_min.map_or_else(String::new, |per_min| format!("{per_min:.0} a minute"))
}

/// Over the word bar.
#[must_use]
pub fn word_caption(effort: Effort) -> &'static str {
    match effort {
        Effort::PushOff => "At push-off · relative to its own maximum, says nothing about force",
        Effort::Jump => "Before take-off · relative to its own maximum, says nothing about force",
        Effort::HeelRaise => "In this raise · relative to its own maximum, says nothing about force",
    }
}

/// The class in two words.
#[must_use]
pub fn short(class: Class) -> &'static str {
    match class {
        Class::Gastrocnemius => "Gastroc. more",
        Class::Soleus => "Soleus more",
        Class::Balanced => "Balanced",
        Class::Rest => "Rest",
        Class::NotClear => "Not clear",
    }
}

/// The word with its reason, for screen readers.
#[must_use]
pub fn spoken_word(word: &Word) -> String {
    match word.reason.is_empty() {
        true => super::headline(word.class).to_owned(),
        false => format!("{}, {}", super::headline(word.class), word.reason),
    }
}

/// Title of the tile with two numbers, and what the numbers are.
#[must_use]
pub fn shares(effort: Effort) -> (&'static str, [&'static str; 2]) {
    match effort {
        Effort::PushOff => ("Already active before contact", ["of gastroc. EMG", "of soleus EMG"]),
        Effort::Jump => ("Already active before landing", ["of gastroc. EMG", "of soleus EMG"]),
        Effort::HeelRaise => ("Mean activity in this raise", ["gastrocnemius", "soleus"]),
    }
}

/// What one turn is.
#[must_use]
pub fn turn(clock: &Clock) -> String {
    let what = match clock.turn {
        Turn::Stride => "one stride".to_owned(),
        Turn::FromContact => format!("{:.1} s from contact", clock.length_s),
        Turn::Jump => "to landing".to_owned(),
        Turn::Raise => "one raise".to_owned(),
    };
    if clock.is_of_reference { what } else { format!("{what}, of own peak") }
}

/// Where the hand is: `now: 150 ms after contact`.
#[must_use]
pub fn now(clock: &Clock, at_s: f64, is_moving: bool) -> String {
    let ms = (at_s - clock.zero_s) * 1e3;
    let off_ms = clock.off_s.map(|off| (off - clock.zero_s) * 1e3);
    let when = match clock.turn {
        Turn::Jump if ms.abs() < 0.5 => "take-off".to_owned(),
        Turn::Jump if ms < 0.0 => format!("{:.0} ms before take-off", -ms),
        Turn::Jump => format!("{ms:.0} ms after take-off"),
        Turn::Raise => format!("{:.1} s after the start", at_s),
        _ => format!("{ms:.0} ms after contact"),
    };
    match (is_moving, off_ms, clock.turn) {
        (true, _, _) => format!("now: {when}"),
        (false, Some(_), Turn::Stride | Turn::FromContact) => format!("toe-off: {when}"),
        (false, _, Turn::Jump) => "hand: take-off".to_owned(),
        (false, _, Turn::Raise) => "hand: start of the raise".to_owned(),
        (false, _, _) => format!("hand: {when}"),
    }
}

/// Legend of the ground ring.
#[must_use]
pub fn on_ground(side: Option<Side>) -> String {
    match side {
        Some(side) => format!("{} foot on ground", side.name()),
        None => "foot on ground".to_owned(),
    }
}

/// The clock for screen readers.
#[must_use]
pub fn clock_spoken(clock: &Clock) -> String {
    let muscles: Vec<&str> = clock.rings.iter().map(|ring| ring.name.as_str()).collect();
    format!("{CLOCK}, {}: {}; Enter replays it slowly", turn(clock), muscles.join(", "))
}

/// What is missing until the answer is firm.
#[must_use]
pub fn few(effort: Effort) -> Option<&'static str> {
    match effort {
        Effort::PushOff => Some(FEW_CONTACTS),
        Effort::Jump => Some(FEW_JUMPS),
        Effort::HeelRaise => None,
    }
}

/// Contacts against those that make a firm answer, for screen readers.
#[must_use]
pub fn firm(n: usize) -> String {
    format!("{n} of {FIRM}")
}

/// The key that goes to the other efforts.
#[must_use]
pub fn key_others(effort: Effort) -> &'static str {
    match effort {
        Effort::PushOff => KEY_OTHERS,
        Effort::Jump => KEY_JUMPS,
        Effort::HeelRaise => KEY_RAISES,
    }
}

/// The task as the beginning of a title.
#[must_use]
pub fn task(task: Task) -> &'static str {
    match task {
        Task::Standing => "Standing",
        Task::PlantarFlexion => "Heel raises",
        Task::Walk => "Walk",
        Task::Run => "Run",
        Task::Sprint => "Sprint",
        Task::Jump => "Jump",
        Task::KneeExtension => "Knee extension",
    }
}

/// What runs beside the card, in the top bar.
#[must_use]
pub fn running(replay_speed: Option<f64>) -> String {
    replay_speed
        .map_or_else(|| "live".to_owned(), |speed| format!("replay {}", crate::state::speed_text(speed)))
}

/// The slow replay of the clock, in the top bar.
pub const SLOW_REPLAY: &str = "replay 0.1×";

/// How far a first review has come.
#[must_use]
pub fn progress(share: f32) -> String {
    format!("{REVIEWING}: {:.0} %", share * 100.0)
}

/// Quality in the top bar.
pub const QUALITY: &str = "Quality";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_told_from_the_muscle_that_was_first() {
        let lead = Lead { median_ms: -42.0, interval_ms: [-54.0, -30.0], n: 5 };
        assert_eq!(lead_words(&lead), "Soleus first by 42 ms (30 … 54)");
        let lead = Lead { median_ms: 42.0, interval_ms: [30.0, 54.0], n: 5 };
        assert_eq!(lead_words(&lead), "Gastrocnemius first by 42 ms (30 … 54)");
        let lead = Lead { median_ms: -3.0, interval_ms: [-13.0, 8.0], n: 3 };
        assert_eq!(lead_words(&lead), "No clear lead, −3 ms (−13 … 8)");
        assert_eq!((lead_end(-13.0, false), lead_end(8.2, true)), ("−13".to_owned(), "+8 ms".to_owned()));
    }

    #[test]
    fn values_stand_with_their_unit() {
        assert_eq!(value_words(Measure::Contact, Some(256.4)), "256 ms");
        assert_eq!(value_words(Measure::Height, Some(8.94)), "8.9 cm");
        assert_eq!(value_words(Measure::Height, Some(31.2)), "31 cm");
        assert_eq!(value_words(Measure::KneeAtToeOff, Some(-2.0)), "−2°");
        assert_eq!(value_words(Measure::Flight, None), MISSING);
    }

    #[test]
    fn the_hand_says_when_it_stands() {
        let stride = Clock { length_s: 0.75, off_s: Some(0.256), ..Clock::default() };
        assert_eq!(now(&stride, 0.15, true), "now: 150 ms after contact");
        assert_eq!(now(&stride, 0.256, false), "toe-off: 256 ms after contact");
        let jump = Clock { turn: Turn::Jump, length_s: 0.8, zero_s: 0.3, ..Clock::default() };
        assert_eq!(now(&jump, 0.1, true), "now: 200 ms before take-off");
    }
}
