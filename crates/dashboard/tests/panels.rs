//! The Lab view drawn from models made by hand, at both sizes of the design.
//!
//! A glyph that no bundled font has fails every test here: the harness refuses to draw it.

mod common;

use common::drawing::{SIZES, assert_no_overlap, assert_readable, shows, texts, window};
use common::{board, full, lane};
use egui::{Key, Modifiers, Shape, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use surae_dashboard::lab::LabView;
use surae_dashboard::model::*;
use surae_dashboard::shell::Shell;
use surae_dashboard::state::{Action, ViewState};
use surae_dashboard::text::{RELATIVE, missing};
use surae_dashboard::theme;

struct Bench {
    view: LabView,
    shell: Shell,
    model: LabModel,
    actions: Vec<Action>,
}

fn bench(model: LabModel, size: (f32, f32)) -> Harness<'static, Bench> {
    let view = LabView::new(ViewState { hides_pointer: true, ..ViewState::default() });
    let draw = move |ui: &mut egui::Ui, bench: &mut Bench| {
        let asked = bench.view.ui(ui, &bench.model);
        for action in &asked {
            bench.view.perform(action, &bench.model);
        }
        bench.actions.extend(asked);
        bench.shell.overlays(ui, &theme::DARK, size.1 - 48.0, &mut bench.actions);
    };
    window(size, draw, Bench { view, shell: Shell::default(), model, actions: Vec::new() })
}

#[test]
fn the_whole_view_says_what_it_must_at_both_sizes() {
    for size in SIZES {
        let harness = bench(full(), size);
        for words in [
            "Soleus more active",
            RELATIVE,
            "● Live",
            "1499.98 Hz",
            "0.22 %",
            "450 samples",
            "MG",
            "mains hum 14 %",
            "Re-wet or move",
            "of reference",
            "±600 mV",
            "gap 300 ms",
            "450 samples lost",
            "−0.53",
            "−0.66 … −0.36",
            "24°",
            "knee flexion",
            "▲ gastrocnemius more active",
            "▼ soleus more active",
            "Published range not drawn",
            "Running mixes gait phases",
            "Source and session",
            "foot off 60 %",
            "00:14.20",
            "time, min:s",
        ] {
            assert!(shows(&harness, words), "{size:?}: '{words}' is not drawn");
        }
        harness.get_by_label_contains("Soleus more active; relative to its own maximum");
        harness.get_by_label_contains("LG, lateral gastrocnemius, fair: mains hum 14 %");
    }
}

#[test]
fn no_two_texts_overlap() {
    let mut no_profile = full();
    no_profile.source.profile = None;
    no_profile.dominance = Dominance {
        reason: "references of different kinds".to_owned(),
        has_soleus: true,
        has_gastrocnemius: true,
        ..Dominance::default()
    };
    let mut broken = full();
    broken.signals.lanes.iter_mut().for_each(|lane| {
        lane.quality = Quality { grade: Grade::Bad, reason: "no samples".to_owned(), ..Quality::default() };
        lane.activation = None;
    });
    let with_lanes = |n: usize| {
        let mut model = full();
        model.signals.lanes = (1..=n).map(|k| lane(&format!("CH{k}"), "", None, 100.0)).collect();
        model
    };
    let models = [
        ("whole", full()),
        ("empty", LabModel::default()),
        ("no profile", no_profile),
        ("broken", broken),
        ("2 channels", with_lanes(2)),
        ("64 channels", with_lanes(64)),
        ("a board", board(false)),
        ("recording", board(true)),
    ];
    for size in SIZES {
        for (name, model) in &models {
            let harness = bench(model.clone(), size);
            // Map labels and bins share a plot by design.
            let plotted = |text: &str| text.contains("hum:") || text.contains("more active");
            assert_no_overlap(&harness, &format!("{name} {size:?}"), plotted);
        }
    }
}

#[test]
fn nothing_is_smaller_than_a_tick_label_or_outside_the_window() {
    for size in SIZES {
        for model in [full(), board(true)] {
            assert_readable(&bench(model, size), size);
        }
    }
}

#[test]
fn a_board_has_a_record_button_a_note_and_a_calibration() {
    for size in SIZES {
        let mut harness = bench(board(true), size);
        assert!(shows(&harness, "⏺ 00:14.2") && shows(&harness, "disk time left"));
        for (name, action) in [
            ("⏺ 00:14.2", Action::Record),
            ("⌖ Calibrate", Action::Calibrate),
            ("❄ Freeze", Action::PlayPause),
            ("N note", Action::Note),
        ] {
            harness.state_mut().actions.clear();
            harness.get_by_label(name).click();
            harness.run_steps(2);
            assert_eq!(harness.state().actions, [action]);
        }
        assert!(!shows(&bench(board(false), size), "⏺ 00:"), "nothing runs");
    }
}

#[test]
fn a_typed_note_is_marked_at_its_key_and_keys_rest_while_it_is_typed() {
    let mut harness = bench(board(true), SIZES[0]);
    harness.key_press(Key::N);
    harness.run_steps(3);
    assert_eq!(harness.state().actions, [Action::Note], "the mark comes with the key, not with Enter");
    harness.event(egui::Event::Text("good 1st step".to_owned()));
    harness.key_press(Key::R);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let said = Action::NoteText("good 1st step".to_owned());
    assert_eq!(harness.state().actions, [Action::Note, said], "R was part of typing");
    assert!(harness.state().view.noting.is_none());
}

#[test]
fn bins_outside_the_published_range_are_flagged_only_where_the_range_is_drawn() {
    for size in SIZES {
        assert!(!shows(&bench(full(), size), "outside published"));
        let mut model = full();
        model.map.published = Some(PublishedRange { reference_deg: 0.0, reference_log_ratio: 0.0 });
        model.map.not_published = String::new();
        assert!(shows(&bench(model, size), "◇ at 30°: outside published group means"));
    }
}

#[test]
fn an_empty_source_says_so_everywhere() {
    for size in SIZES {
        let harness = bench(LabModel::default(), size);
        assert!(shows(&harness, "No EMG channel in this source"));
        assert!(shows(&harness, "Not clear"));
        assert!(shows(&harness, "straight-knee/bent-knee comparison is not available"));
        assert!(shows(&harness, "no mark so far"));
    }
}

#[test]
fn without_a_knee_angle_the_phase_view_takes_the_place_of_the_map() {
    for size in SIZES {
        let mut model = full();
        model.signals.knee = None;
        let harness = bench(model, size);
        harness.get_by_label(missing::KNEE);
        assert!(!shows(&harness, "Knee angle and dominance"));
        assert!(shows(&harness, "foot off 60 %"));
    }
}

#[test]
fn without_soleus_there_is_no_gauge_and_the_sentence_is_there() {
    let mut model = full();
    model.signals.lanes.retain(|lane| lane.name != "SOL");
    model.dominance = Dominance { has_gastrocnemius: true, ..Dominance::default() };
    let harness = bench(model, SIZES[0]);
    assert!(shows(&harness, missing::SOLEUS));
    assert!(!shows(&harness, "balanced"));
}

#[test]
fn without_a_profile_the_class_is_not_clear_and_says_why() {
    let mut model = full();
    model.source.profile = None;
    model.dominance = Dominance {
        class: Class::NotClear,
        reason: surae_dashboard::text::reason::NO_REFERENCE.to_owned(),
        has_soleus: true,
        has_gastrocnemius: true,
        ..Dominance::default()
    };
    for lane in &mut model.signals.lanes {
        lane.activation = None;
    }
    for size in SIZES {
        let harness = bench(model.clone(), size);
        assert!(shows(&harness, "Not clear") && shows(&harness, "no reference"));
        let amount = if size == SIZES[0] { "mV, no reference" } else { "mV" };
        assert!(texts(&harness).iter().any(|(text, _)| text == amount));
        assert!(shows(&harness, "No profile"));
    }
}

#[test]
fn an_envelope_sensor_has_no_spectrum() {
    let mut model = full();
    model.signals.lanes.iter_mut().for_each(|lane| lane.is_envelope = true);
    model.spectrum = Spectrum { missing: missing::SPECTRUM_OF_ENVELOPE.to_owned(), ..Spectrum::default() };
    let harness = bench(model, SIZES[0]);
    assert!(shows(&harness, missing::SPECTRUM_OF_ENVELOPE));
    assert!(shows(&harness, "envelope from the sensor"));
}

#[test]
fn broken_numbers_are_drawn_as_missing_and_never_panic() {
    let mut model = full();
    for lane in &mut model.signals.lanes {
        lane.columns.low = vec![f32::NAN; 7];
        lane.columns.high = vec![f32::INFINITY; 900];
        lane.columns.envelope.clear();
        lane.scale = f32::NAN;
        lane.activation = Some(f32::NAN);
        lane.quality = Quality { grade: Grade::Bad, reason: "no samples".to_owned(), ..Quality::default() };
    }
    model.signals.t1_s = model.signals.t0_s;
    model.signals.now_s = f64::NAN;
    if let Some(knee) = &mut model.signals.knee {
        knee.columns = vec![f32::NAN; 3];
        knee.now_deg = None;
        knee.stale_s = Some(0.4);
        knee.range_deg = (0.0, 0.0);
    }
    model.dominance.value = Some(f32::NAN);
    model.dominance.interval = Some((f32::NAN, f32::NAN));
    model.map.bins.push(MapBin {
        knee_deg: f32::NAN,
        mean: f32::NAN,
        interval: None,
        n: 0,
        bound: Bound::AtMost,
        is_outside: true,
    });
    model.transport.duration_s = Some(0.0);
    model.transport.position_s = f64::NAN;
    model.source.rate_hz = None;
    for size in SIZES {
        let harness = bench(model.clone(), size);
        assert!(shows(&harness, "—"));
        assert!(shows(&harness, "angle 0.4 s old"));
        assert!(shows(&harness, "bad: no samples"));
    }
}

#[test]
fn two_and_sixty_four_channels_have_their_lanes() {
    for size in SIZES {
        let mut model = full();
        model.signals.lanes.truncate(2);
        let harness = bench(model.clone(), size);
        harness.get_by_label_contains("MG, medial gastrocnemius");
        model.signals.lanes = (1..=64).map(|k| lane(&format!("CH{k}"), "", None, 100.0)).collect();
        let mut harness = bench(model, size);
        assert!(shows(&harness, "CH1") && !shows(&harness, "CH64"), "the rest is scrolled to");
        let lanes = harness.get_by_label_contains("CH3,").rect();
        harness.hover_at(lanes.center());
        harness.run_steps(1);
        harness.event(egui::Event::MouseWheel {
            source: egui::MouseWheelSource::Wheel,
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, -1e5),
            modifiers: Modifiers::NONE,
            phase: egui::TouchPhase::Move,
        });
        harness.run_steps(40);
        assert!(shows(&harness, "CH64"), "{size:?}: the last lane cannot be reached");
    }
}

#[test]
fn a_lane_of_data_draws_more_than_an_empty_one() {
    let triangles = |model: LabModel| -> usize {
        let harness = bench(model, SIZES[0]);
        let shapes = &harness.output().shapes;
        let mesh = |shape: &Shape| match shape {
            Shape::Mesh(mesh) => mesh.indices.len() / 3,
            _ => 0,
        };
        shapes.iter().map(|clipped| mesh(&clipped.shape)).sum()
    };
    let mut empty = full();
    for lane in &mut empty.signals.lanes {
        lane.columns = Columns::default();
    }
    let drawn = triangles(full()) - triangles(empty);
    // Two triangles a column and lane, but for the hole of 22 columns.
    assert_eq!(drawn, 4 * 2 * (common::COLUMNS - 22));
}

#[test]
fn keys_become_actions() {
    let mut harness = bench(full(), SIZES[0]);
    let keys = [
        (Modifiers::NONE, Key::Space, Action::PlayPause),
        (Modifiers::NONE, Key::ArrowRight, Action::Step(0.1)),
        (Modifiers::SHIFT, Key::ArrowLeft, Action::Step(-1.0)),
        (Modifiers::NONE, Key::Home, Action::Start),
        (Modifiers::NONE, Key::End, Action::End),
        (Modifiers::NONE, Key::OpenBracket, Action::Faster(-1)),
        (Modifiers::NONE, Key::CloseBracket, Action::Faster(1)),
        (Modifiers::NONE, Key::L, Action::Loop),
        (Modifiers::NONE, Key::Num3, Action::Mark(3)),
    ];
    for (modifiers, key, action) in keys {
        harness.state_mut().actions.clear();
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(2);
        assert_eq!(harness.state().actions, [action]);
    }
}

#[test]
fn the_keys_overlay_opens_and_closes() {
    let mut harness = bench(full(), SIZES[1]);
    harness.state_mut().shell.help_open = true;
    harness.run_steps(3);
    assert!(shows(&harness, "full screen") && shows(&harness, "fit scales"));
    assert!(harness.state_mut().shell.escape());
    harness.run_steps(3);
    assert!(!shows(&harness, "full screen"));
}

#[test]
fn controls_can_be_clicked_by_name() {
    let mut harness = bench(full(), SIZES[0]);
    harness.get_by_label("⏸ Pause").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::PlayPause]);
    harness.state_mut().actions.clear();
    harness.get_by_label("↔ Fit scales").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::FitScales]);
    harness.state_mut().actions.clear();
    let strip = harness.get_by_label("Place in the trial, s").rect();
    harness.drag_at(strip.center());
    harness.run_steps(1);
    harness.drop_at(strip.center());
    harness.run_steps(2);
    let sought = harness.state().actions.iter().find_map(|action| match action {
        Action::Seek(to_s) => Some(*to_s),
        _ => None,
    });
    assert!((sought.expect("a click on the strip seeks") - 10.0).abs() < 0.1, "{sought:?}");
}

#[test]
fn errors_are_notes_that_can_be_closed() {
    let mut harness = bench(full(), SIZES[1]);
    harness.state_mut().shell.note("broken.c3d, byte 12: truncated. Ask for the file again.", true);
    harness.run_steps(3);
    assert!(shows(&harness, "byte 12"));
    harness.get_by_role_and_label(egui::accesskit::Role::Button, "✖").click();
    harness.run_steps(3);
    assert!(!shows(&harness, "byte 12"));
}

#[test]
fn theme_and_light_are_drawn_too() {
    let mut harness = bench(full(), SIZES[0]);
    harness.key_press(Key::T);
    harness.run_steps(3);
    let light = theme::LIGHT.panel;
    let filled = harness.output().shapes.iter().any(|clipped| match &clipped.shape {
        Shape::Rect(rect) => rect.fill == light,
        _ => false,
    });
    assert!(filled);
}

/// Names of the lanes from the top, by where their cards stand.
fn lanes_from_the_top(harness: &Harness<'_, Bench>) -> Vec<String> {
    let mut cards: Vec<(f32, String)> = ["MG", "LG", "SOL", "TA"]
        .into_iter()
        .map(|name| {
            let label = format!("Lane {name}: drag it, or Alt ↑ ↓");
            (harness.get_by_label(&label).rect().top(), name.to_owned())
        })
        .collect();
    cards.sort_by(|a, b| a.0.total_cmp(&b.0));
    cards.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn lanes_are_reordered_by_dragging_and_by_keys() {
    let mut harness = bench(full(), SIZES[0]);
    assert_eq!(lanes_from_the_top(&harness), ["MG", "LG", "SOL", "TA"]);
    let place = |harness: &Harness<'_, Bench>, name: &str| {
        let label = format!("Lane {name}: drag it, or Alt ↑ ↓");
        harness.get_by_label(&label).rect().center()
    };
    let (from, to) = (place(&harness, "MG"), place(&harness, "SOL"));
    harness.drag_at(from);
    harness.run_steps(2);
    harness.hover_at(from + (to - from) * 0.5);
    harness.run_steps(2);
    harness.hover_at(to);
    harness.run_steps(2);
    harness.drop_at(to);
    harness.run_steps(3);
    assert_eq!(lanes_from_the_top(&harness), ["LG", "SOL", "MG", "TA"]);
    harness.get_by_label("Lane TA: drag it, or Alt ↑ ↓").focus();
    harness.run_steps(2);
    for (key, order) in [
        (Key::ArrowUp, ["LG", "SOL", "TA", "MG"]),
        (Key::ArrowUp, ["LG", "TA", "SOL", "MG"]),
        (Key::ArrowDown, ["LG", "SOL", "TA", "MG"]),
    ] {
        harness.key_press_modifiers(egui::Modifiers::ALT, key);
        harness.run_steps(3);
        assert_eq!(lanes_from_the_top(&harness), order);
    }
}
