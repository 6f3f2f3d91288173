//! The Coach view drawn from models made by hand, at both sizes of the design, its keys and clicks.
//!
//! A glyph that no bundled font has fails every test here: the harness refuses to draw it.

mod coach_models;
mod common;

use coach_models::{heel_raises, jog, jumps};
use common::drawing::{SIZES, shows, texts, window};
use egui::{Color32, Key, Modifiers, Rect, Shape, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use surae_dashboard::coach::model::*;
use surae_dashboard::coach::screen;
use surae_dashboard::coach::state::{Ask, CoachState, keys};
use surae_dashboard::model::{Class, Grade};
use surae_dashboard::theme;
use surae_trial::Side;

struct Bench {
    model: CoachModel,
    state: CoachState,
    asked: Vec<Ask>,
}

fn bench(model: CoachModel, size: (f32, f32)) -> Harness<'static, Bench> {
    let draw = |ui: &mut egui::Ui, bench: &mut Bench| {
        let now_s = ui.input(|input| input.time);
        ui.ctx().set_visuals(theme::COACH.visuals());
        let mut asked = keys(ui.ctx());
        let area = ui.max_rect();
        bench.state.watch(&bench.model, now_s, None, true);
        if bench.state.is_blank {
            screen::blank(ui, area);
        } else {
            screen::show(ui, area, &bench.model, &mut bench.state, now_s, &mut asked);
            let bar = Rect::from_min_size(area.min, vec2(area.width(), 56.0 * area.height() / 1000.0));
            screen::bar(ui, bar, 420.0, &bench.model, &bench.state, now_s);
        }
        for ask in &asked {
            bench.state.perform(*ask, &bench.model, now_s);
        }
        bench.asked.extend(asked);
    };
    window(size, draw, Bench { model, state: CoachState::default(), asked: Vec::new() })
}

/// Every state that the view can be in.
fn states() -> Vec<(&'static str, CoachModel)> {
    let mut clear = jog(7);
    clear.legs[0].lead = Some(Lead { median_ms: -142.0, interval_ms: [-174.0, -110.0], n: 7 });
    for card in &mut clear.legs[0].cards {
        card.lead_ms = Some(-140.0);
    }
    let mut gastroc = jog(5);
    gastroc.legs[0].lead = Some(Lead { median_ms: 42.0, interval_ms: [30.0, 54.0], n: 5 });
    let mut bad = jog(3);
    bad.legs[0].quality = Grade::Bad;
    bad.legs[0].bad = vec!["MG".to_owned(), "LG".to_owned()];
    let mut no_knee = jog(3);
    let mut own_peak = jog(3);
    own_peak.references = References::None;
    for card in &mut own_peak.legs[0].cards {
        card.clock.is_of_reference = false;
        card.word = Word { reason: "no reference: load a profile".to_owned(), ..Word::default() };
    }
    let mut no_soleus = jog(3);
    let leg = &mut no_soleus.legs[0];
    leg.lead = None;
    leg.no_lead = surae_dashboard::text::coach::NO_SOLEUS.to_owned();
    for card in &mut leg.cards {
        card.lead_ms = None;
        card.shares[1] = None;
        card.word = Word { reason: "gastrocnemius or soleus missing".to_owned(), ..Word::default() };
        card.clock.rings.truncate(2);
    }
    for card in &mut no_knee.legs[0].cards {
        card.values[2] = None;
        card.reasons[2] = surae_dashboard::text::coach::NO_KNEE.to_owned();
    }
    let mut both = jog(6);
    let mut left = both.legs[0].clone();
    left.side = Some(Side::Left);
    both.legs.insert(0, left);
    let nothing = CoachModel {
        empty: (
            surae_dashboard::text::coach::NOTHING.to_owned(),
            surae_dashboard::text::coach::NEEDS.map(str::to_owned).to_vec(),
        ),
        ..CoachModel::default()
    };
    let reviewing = CoachModel { progress: Some(0.4), ..CoachModel::default() };
    vec![
        ("jog", jog(3)),
        ("one contact", jog(1)),
        ("forty contacts", jog(40)),
        ("soleus first", clear),
        ("gastrocnemius first", gastroc),
        ("bad signal", bad),
        ("no knee", no_knee),
        ("no soleus", no_soleus),
        ("no profile", own_peak),
        ("both legs", both),
        ("jumps", jumps()),
        ("heel raises", heel_raises()),
        ("nothing", nothing),
        ("reviewing", reviewing),
        ("empty", CoachModel::default()),
    ]
}

#[test]
fn the_jog_says_what_the_design_says_at_both_sizes() {
    for size in SIZES {
        let harness = bench(jog(3), size);
        for words in [
            "Who was active first, right leg",
            "3 contacts",
            "No clear lead",
            "−13",
            "+8 ms",
            "soleus first",
            "gastrocnemius first",
            "Push-off 3 of 3",
            "this one, bar: median",
            "Contact",
            "268",
            "shortest 244 ms",
            "longest 128 ms",
            "Knee at toe-off",
            "7°",
            "median 7°",
            "says nothing about force",
            "Balanced",
            "Calf clock",
            "one stride",
            "MG",
            "LG",
            "SOL",
            "right foot on ground",
            "Already active before contact",
            "12 %",
            "Left leg: no sensors",
            "5 contacts make a firm answer",
            "illustrative profile",
            "Quality ✔ good",
        ] {
            assert!(shows(&harness, words), "{size:?}: '{words}' is not drawn");
        }
        assert_eq!(shows(&harness, "Enter slow replay"), size == SIZES[0]);
        harness.get_by_label_contains("No clear lead, −3 ms (−13 … 8)");
        harness.get_by_label_contains("Contact: 268 ms");
    }
}

#[test]
fn no_two_texts_overlap_and_none_leaves_the_window_in_any_state() {
    for size in SIZES {
        let window = Rect::from_min_size(egui::Pos2::ZERO, size.into()).expand(1.0);
        for (name, model) in states() {
            let harness = bench(model, size);
            let texts = texts(&harness);
            for (at, (a, here)) in texts.iter().enumerate() {
                assert!(window.contains_rect(*here), "{name} {size:?}: '{a}' {here:?} leaves the window");
                for (b, there) in &texts[at + 1..] {
                    let shared = here.intersect(*there);
                    let overlap = shared.width() > 1.5 && shared.height() > 2.5;
                    // The same words at the same place are one heavy text.
                    let is_heavy = a == b && here.center().distance(there.center()) < 12.0;
                    assert!(!overlap || is_heavy, "{name} {size:?}: '{a}' {here:?} and '{b}' {there:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_is_cut_short_in_the_states_of_the_design() {
    for size in SIZES {
        for (name, model) in states() {
            for (text, _) in texts(&bench(model, size)) {
                assert!(!text.is_empty(), "{name}");
            }
            let harness = bench(jog(3), size);
            for clipped in &harness.output().shapes {
                if let Shape::Text(text) = &clipped.shape {
                    assert!(!text.galley.elided, "{name} {size:?}: '{}' is cut", text.galley.text());
                }
            }
        }
    }
}

#[test]
fn the_answer_can_be_read_from_afar() {
    // UI rules: headline 150 pixels of the design, numbers 112, words 84, nothing under 28.
    for size in SIZES {
        // The harness keeps a margin of 8 around what it draws.
        let scale = ((size.0 - 16.0) / 1600.0).min((size.1 - 16.0) / 1000.0);
        let harness = bench(jog(3), size);
        let mut sizes: Vec<(String, f32)> = Vec::new();
        for clipped in &harness.output().shapes {
            if let Shape::Text(text) = &clipped.shape {
                for section in &text.galley.job.sections {
                    sizes.push((text.galley.text().to_owned(), section.format.font_id.size / scale));
                }
            }
        }
        let of = |words: &str| sizes.iter().find(|(text, _)| text == words).map_or(0.0, |(_, size)| *size);
        assert!(of("No clear lead") >= 149.0, "{}", of("No clear lead"));
        assert!(of("268") >= 111.0);
        assert!(of("Balanced") >= 83.0);
        let bar = 56.0 * scale;
        let small = texts(&harness).into_iter().filter(|(_, rect)| rect.top() > bar);
        for (text, _) in small {
            assert!(of(&text) >= 27.9, "'{text}' has {}", of(&text));
        }
    }
}

#[test]
fn each_state_says_what_is_missing() {
    let drawn = |name: &str| {
        let model = states().into_iter().find(|(one, _)| *one == name).unwrap().1;
        bench(model, SIZES[0])
    };
    let bad = drawn("bad signal");
    assert!(shows(&bad, "Signal not good enough: MG, LG"));
    assert!(!shows(&bad, "No clear lead") && !shows(&bad, "soleus first"), "no lead below fair");
    let one = drawn("one contact");
    assert!(shows(&one, "1 contact"));
    let first = drawn("soleus first");
    assert!(shows(&first, "Soleus first") && shows(&first, "142 ms"));
    assert!(!shows(&first, "make a firm answer"), "seven are firm");
    assert!(shows(&drawn("gastrocnemius first"), "Gastroc. first"));
    let no_knee = drawn("no knee");
    assert!(shows(&no_knee, "—") && shows(&no_knee, "no knee angle"));
    let no_soleus = drawn("no soleus");
    assert!(shows(&no_soleus, "No lead") && shows(&no_soleus, "soleus was not recorded"));
    let jump = drawn("jumps");
    for words in [
        "31",
        "cm",
        "Height",
        "Knee at take-off",
        "Before take-off",
        "to landing",
        "Already active before landing",
    ] {
        assert!(shows(&jump, words), "'{words}'");
    }
    let raises = drawn("heel raises");
    for words in ["More active in heel raises", "Soleus more active", "Raises", "24 a minute", "one raise"] {
        assert!(shows(&raises, words), "'{words}'");
    }
    let nothing = drawn("nothing");
    assert!(shows(&nothing, "No push-off found") && shows(&nothing, "foot contacts"));
    assert!(shows(&drawn("reviewing"), "40 %"));
    let both = drawn("both legs");
    assert!(shows(&both, "Left leg: no clear lead") && shows(&both, "left 2"));
}

#[test]
fn keys_move_through_efforts_and_legs() {
    let both = states().into_iter().find(|(name, _)| *name == "both legs").unwrap().1;
    let mut harness = bench(both, SIZES[0]);
    let press = |harness: &mut Harness<'_, Bench>, key: Key| {
        harness.key_press_modifiers(Modifiers::NONE, key);
        harness.run_steps(2);
    };
    assert!(shows(&harness, "Push-off 6 of 6"));
    press(&mut harness, Key::ArrowLeft);
    assert!(shows(&harness, "Push-off 5 of 6"));
    press(&mut harness, Key::PageUp);
    assert!(shows(&harness, "Push-off 4 of 6"));
    press(&mut harness, Key::PageDown);
    press(&mut harness, Key::ArrowRight);
    assert!(shows(&harness, "Push-off 6 of 6"));
    press(&mut harness, Key::ArrowDown);
    assert!(shows(&harness, "Who was active first, left leg"));
    press(&mut harness, Key::ArrowUp);
    assert!(shows(&harness, "Who was active first, right leg"));
    press(&mut harness, Key::B);
    assert!(texts(&harness).is_empty(), "blank");
    press(&mut harness, Key::B);
    assert!(shows(&harness, "Calf clock"));
    press(&mut harness, Key::F5);
    assert_eq!(harness.state().asked.last(), Some(&Ask::FullScreen));
}

#[test]
fn the_hand_moves_at_a_tenth_of_the_speed_and_stops() {
    let mut harness = bench(jog(3), SIZES[0]);
    assert!(shows(&harness, "toe-off: 268 ms after contact"));
    harness.key_press_modifiers(Modifiers::NONE, Key::Period);
    harness.run_steps(1);
    harness.run_steps(6);
    let said: Vec<String> = texts(&harness).into_iter().map(|(text, _)| text).collect();
    let now = said.iter().find(|text| text.starts_with("now:")).expect("a moving hand");
    assert!(said.iter().any(|text| text.contains("replay 0.1×")));
    harness.run_steps(5);
    let later: Vec<String> = texts(&harness).into_iter().map(|(text, _)| text).collect();
    assert!(!later.contains(now), "the hand moves on from {now}");
    harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
    harness.run_steps(2);
    assert!(shows(&harness, "toe-off:"), "the same key stops it: {:?}", texts(&harness));
}

#[test]
fn a_click_on_the_clock_replays_and_on_the_other_leg_changes_it() {
    let both = states().into_iter().find(|(name, _)| *name == "both legs").unwrap().1;
    let mut harness = bench(both, SIZES[0]);
    harness.get_by_label_contains("Calf clock, one stride").click();
    harness.run_steps(2);
    assert!(shows(&harness, "now:"));
    harness.get_by_label_contains("Left leg: no clear lead").click();
    harness.run_steps(2);
    assert!(shows(&harness, "Who was active first, left leg"));
}

#[test]
fn broken_numbers_are_drawn_as_missing_and_never_panic() {
    let mut model = jog(3);
    let leg = &mut model.legs[0];
    leg.lead = Some(Lead { median_ms: f64::NAN, interval_ms: [f64::NAN, f64::INFINITY], n: 3 });
    for card in &mut leg.cards {
        card.values = [Some(f64::NAN), Some(f64::INFINITY), Some(-1e300)];
        card.lead_ms = Some(f64::NAN);
        card.shares = [Some(f64::NAN), None];
        card.word.value = Some(f32::NAN);
        card.word.interval = Some((f32::NAN, f32::NAN));
        card.clock.length_s = f64::NAN;
        card.clock.off_s = Some(f64::INFINITY);
        card.clock.ground = vec![(f32::NAN, 2.0), (0.5, 0.1)];
        for ring in &mut card.clock.rings {
            ring.values = vec![f32::NAN, f32::INFINITY, -3.0];
        }
    }
    for size in SIZES {
        bench(model.clone(), size);
    }
}

#[test]
fn the_view_is_not_blank_and_has_every_colour_of_its_words() {
    let harness = bench(jog(3), SIZES[0]);
    let mut colours = std::collections::HashSet::new();
    fn collect(shape: &Shape, into: &mut std::collections::HashSet<Color32>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, into)),
            Shape::Path(path) => {
                into.insert(path.fill);
            }
            Shape::Rect(rect) => {
                into.insert(rect.fill);
            }
            _ => {}
        }
    }
    let shapes = &harness.output().shapes;
    shapes.iter().for_each(|clipped| collect(&clipped.shape, &mut colours));
    assert!(shapes.len() > 250, "{} shapes", shapes.len());
    for colour in [theme::COACH.mg, theme::COACH.lg, theme::COACH.sol, theme::COACH.text] {
        assert!(colours.contains(&colour), "{colour:?}");
    }
    assert_ne!(Class::Balanced, Class::NotClear);
}

#[test]
fn a_picture_of_one_panel_has_the_whole_of_it() {
    for size in SIZES {
        let harness = bench(jog(3), size);
        let area = Rect::from_min_size(egui::Pos2::ZERO, vec2(size.0, size.1));
        // What stands below the top bar and above the footer belongs to a panel and is not cut by it.
        let foot = area.top() + 930.0 * (size.0 / 1600.0).min(size.1 / 1000.0);
        let top = area.top() + 58.0 * (size.0 / 1600.0).min(size.1 / 1000.0);
        let mut panels = Vec::new();
        for (words, rect) in texts(&harness) {
            if rect.top() < top || rect.bottom() > foot {
                continue;
            }
            let Some(panel) = screen::panel_at(area, rect.center()) else { continue };
            assert!(
                panel.expand(2.0).contains_rect(rect),
                "{size:?}: '{words}' is cut: {rect:?} of {panel:?}"
            );
            if !panels.contains(&panel) {
                panels.push(panel);
            }
        }
        assert_eq!(panels.len(), 7, "{size:?}");
        assert_eq!(screen::panel_at(area, egui::pos2(5.0, 5.0)), None);
    }
}
