//! The Review view drawn from trials made by hand, at both sizes of the design.
//!
//! A glyph that no bundled font has fails every test here: the harness refuses to draw it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::drawing::{SIZES, assert_no_overlap, assert_readable, shows, texts, window};
use common::trial::{STRIDE_S, WHOLE, Wanted, reviewed};
use egui::{Key, Modifiers, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::sync::Arc;
use surae_dashboard::model::GapSpan;
use surae_dashboard::review::ReviewView;
use surae_dashboard::review::state::{Against, Face};
use surae_dashboard::reviewed::{Reviewed, Reviewing};
use surae_dashboard::state::Action;
use surae_dashboard::text::missing;
use surae_gait::Mode;
use surae_trial::{Muscle, Side};

struct Bench {
    view: ReviewView,
    reviewing: Reviewing,
    actions: Vec<Action>,
}

type Drawn = Harness<'static, Bench>;

fn bench(reviewed: Reviewed, (width, height): (f32, f32)) -> Drawn {
    let mut reviewing = Reviewing::default();
    reviewing.show(reviewed);
    let mut view = ReviewView::default();
    view.show(&Arc::clone(reviewing.shown().unwrap()));
    drawn(Bench { view, reviewing, actions: Vec::new() }, (width, height))
}

fn drawn(bench: Bench, size: (f32, f32)) -> Drawn {
    let draw = |ui: &mut egui::Ui, bench: &mut Bench| {
        let asked = bench.view.ui(ui, &bench.reviewing);
        for action in &asked {
            bench.view.perform(action, &bench.reviewing);
        }
        bench.actions.extend(asked);
    };
    window(size, draw, bench)
}

/// Trials with more and more missing.
fn variants() -> Vec<(&'static str, Wanted)> {
    vec![
        ("whole", WHOLE),
        ("both legs", Wanted { both_legs: true, ..WHOLE }),
        ("no profile", Wanted { has_profile: false, ..WHOLE }),
        ("no knee", Wanted { has_knee: false, ..WHOLE }),
        ("no contacts", Wanted { has_contacts: false, ..WHOLE }),
        ("no soleus", Wanted { muscles: &[Muscle::MG, Muscle::LG], ..WHOLE }),
        ("one channel", Wanted { muscles: &[Muscle::SOL], has_knee: false, has_contacts: false, ..WHOLE }),
        ("many push-offs", Wanted { strides: 40, ..WHOLE }),
        ("no EMG", Wanted { muscles: &[], ..WHOLE }),
    ]
}

#[test]
fn the_whole_view_says_what_it_must_at_both_sizes() {
    let reviewed = reviewed(WHOLE);
    for size in SIZES {
        let harness = bench(reviewed.clone(), size);
        for words in [
            "by-hand.csv",
            "zero-phase · envelope 10 Hz",
            "profile by hand",
            "Push-offs",
            "Contact at",
            "Linked traces",
            "Knee angle and dominance",
            "Dominance by phase",
            "MG",
            "SOL",
            "G · S",
            "Knee",
            "100 %",
            "knee flexion",
            "Compare legs",
            "0.25×",
        ] {
            assert!(shows(&harness, words), "{size:?}: '{words}' is not drawn");
        }
        harness.get_by_label_contains("Push-off at 0.750 s");
        harness.get_by_label_contains("Window of the trial");
    }
    let harness = bench(reviewed, SIZES[0]);
    for words in ["Who was active first", "Phase view", "foot off 33 %", "Before contact", "Whole trial"] {
        assert!(shows(&harness, words), "'{words}' is not drawn");
    }
}

#[test]
fn no_two_texts_overlap() {
    for (name, wanted) in variants() {
        let reviewed = reviewed(wanted);
        for size in SIZES {
            let harness = bench(reviewed.clone(), size);
            // Labels and bins of the map share a plot by design; the flag of the cursor covers what is below.
            let plotted = |text: &str| text.contains("more active") || text.ends_with(" s");
            assert_no_overlap(&harness, &format!("{name} {size:?}"), plotted);
        }
    }
}

#[test]
fn nothing_is_smaller_than_a_tick_label_or_outside_the_window() {
    let reviewed = reviewed(WHOLE);
    for size in SIZES {
        assert_readable(&bench(reviewed.clone(), size), size);
    }
}

#[test]
fn what_is_missing_is_said_in_words() {
    let no_trial =
        Bench { view: ReviewView::default(), reviewing: Reviewing::default(), actions: Vec::new() };
    assert!(shows(&drawn(no_trial, SIZES[0]), "No trial is open"));
    let said = |wanted: Wanted, words: &str| {
        let harness = bench(reviewed(wanted), SIZES[0]);
        assert!(shows(&harness, words), "'{words}' is not drawn");
    };
    said(Wanted { has_knee: false, ..WHOLE }, missing::KNEE);
    said(Wanted { muscles: &[Muscle::MG, Muscle::LG], ..WHOLE }, missing::SOLEUS);
    said(Wanted { has_profile: false, ..WHOLE }, "no profile");
    said(Wanted { has_profile: false, ..WHOLE }, "own peak");
    said(Wanted { has_contacts: false, muscles: &[Muscle::SOL], has_knee: false, ..WHOLE }, "no push-offs");
}

#[test]
fn sixty_four_channels_and_none_are_drawn() {
    const MANY: [Muscle; 64] = [Muscle::Other; 64];
    for muscles in [&MANY[..], &[]] {
        for size in SIZES {
            let wanted = Wanted { muscles, strides: 3, ..WHOLE };
            let harness = bench(reviewed(wanted), size);
            assert!(texts(&harness).len() > 10);
        }
    }
}

#[test]
fn keys_move_the_cursor_the_window_and_the_choice() {
    let mut harness = bench(reviewed(WHOLE), SIZES[0]);
    let press = |harness: &mut Drawn, modifiers, key| {
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(2);
    };
    press(&mut harness, Modifiers::NONE, Key::J);
    let first = harness.state().view.state.chosen;
    press(&mut harness, Modifiers::NONE, Key::J);
    assert_eq!(harness.state().view.state.chosen, first + 1);
    let at = (first + 1) as f64 * STRIDE_S;
    assert!((harness.state().view.state.cursor_s - at).abs() < 1e-6);
    press(&mut harness, Modifiers::NONE, Key::ArrowRight);
    assert!((harness.state().view.state.cursor_s - at - 0.005).abs() < 1e-6);
    press(&mut harness, Modifiers::SHIFT, Key::ArrowRight);
    assert!((harness.state().view.state.cursor_s - at - 0.055).abs() < 1e-6);
    press(&mut harness, Modifiers::COMMAND, Key::ArrowRight);
    assert!((harness.state().view.state.cursor_s - at - 0.33 * STRIDE_S).abs() < 1e-6, "to the foot off");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let (from, to) = harness.state().view.state.window;
    assert!(to - from < 2.0 && from < at && to > at);
    press(&mut harness, Modifiers::NONE, Key::I);
    assert!((harness.state().view.state.window.0 - at).abs() < 1e-6);
    press(&mut harness, Modifiers::NONE, Key::Num0);
    let whole = harness.state().view.state.window;
    assert_eq!(whole, (0.0, harness.state().view.state.duration_s));
    press(&mut harness, Modifiers::NONE, Key::Plus);
    let zoomed = harness.state().view.state.window;
    assert!((zoomed.1 - zoomed.0 - whole.1 / 2.0).abs() < 1e-6);
    press(&mut harness, Modifiers::NONE, Key::Space);
    assert!(harness.state().view.state.playing && harness.state().view.is_moving());
    press(&mut harness, Modifiers::COMMAND, Key::P);
    assert_eq!(harness.state().actions.last(), Some(&Action::Report));
}

#[test]
fn a_push_off_is_rejected_with_a_reason_and_kept_again() {
    let mut harness = bench(reviewed(WHOLE), SIZES[0]);
    harness.key_press(Key::J);
    harness.run_steps(2);
    harness.key_press(Key::X);
    harness.run_steps(3);
    harness.event(egui::Event::Text("stumble".into()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let recipe = harness.state().actions.iter().find_map(|action| match action {
        Action::Change(recipe) => Some(recipe.clone()),
        _ => None,
    });
    let recipe = recipe.expect("a rejection asks for a new review");
    assert_eq!(recipe.rejected.len(), 1);
    assert_eq!((recipe.rejected[0].side, recipe.rejected[0].reason.as_str()), (Side::Right, "stumble"));
    let before = harness.state().reviewing.shown().unwrap().clone();
    let after = Reviewed::of(&before.material, &recipe, &mut |_| {});
    let leads = |reviewed: &Reviewed| {
        reviewed.report().sides.right.as_ref().unwrap().lead_summary.as_ref().unwrap().n
    };
    assert_eq!(leads(&after) + 1, leads(&before));
    let mut harness = bench(after, SIZES[0]);
    assert!(shows(&harness, "rejected: stumble"));
    harness.state_mut().view.state.chosen = 1;
    harness.key_press(Key::Y);
    harness.run_steps(2);
    assert!(matches!(&harness.state().actions[..], [Action::Change(recipe)] if recipe.rejected.is_empty()));
}

#[test]
fn controls_can_be_clicked_by_name() {
    let mut harness = bench(reviewed(Wanted { both_legs: true, ..WHOLE }), SIZES[0]);
    harness.get_by_label("Compare legs").click();
    harness.run_steps(3);
    assert_eq!(harness.state().view.state.against, Against::OtherLeg);
    assert!(shows(&harness, "left leg") || shows(&harness, "right leg"));
    harness.get_by_label_contains("zero-phase · envelope").click();
    harness.run_steps(2);
    let asked = harness
        .state()
        .actions
        .iter()
        .any(|action| matches!(action, Action::Review(recipe) if recipe.mode == Mode::Causal));
    assert!(asked, "a click on the filters asks for causal ones");
    harness.get_by_label("Settings").click();
    harness.run_steps(3);
    assert!(shows(&harness, "envelope low-pass") && shows(&harness, "Undo"));
    harness.get_by_label("Defaults").click();
    harness.run_steps(2);
    assert!(harness.state().actions.iter().any(|action| matches!(action, Action::Change(_))));
    for (name, action) in [("Report", Action::Report), ("Copy", Action::CopyTable)] {
        harness.get_by_label(name).click();
        harness.run_steps(2);
        assert_eq!(harness.state().actions.last(), Some(&action));
    }
}

#[test]
fn in_the_compact_form_two_panels_share_a_place() {
    let mut harness = bench(reviewed(WHOLE), SIZES[1]);
    assert!(!shows(&harness, "foot off 33 %"));
    harness.get_by_label("Phase view").click();
    harness.run_steps(3);
    assert_eq!(harness.state().view.state.faces, [Face::Second, Face::First]);
    assert!(shows(&harness, "foot off 33 %"));
    harness.get_by_label("Dominance by phase").click();
    harness.run_steps(3);
    assert!(shows(&harness, "Before contact"));
}

#[test]
fn the_brush_sets_the_window_and_a_click_on_a_row_goes_there() {
    let mut harness = bench(reviewed(WHOLE), SIZES[0]);
    let (from, to) = harness.state().view.state.window;
    let third = 2.0 * STRIDE_S;
    let opens_on_three = from == 0.0 && (third + 0.2..third + 0.7).contains(&to);
    assert!(opens_on_three, "it opens on three contacts: {from} {to}");
    harness.key_press(Key::Num0);
    harness.run_steps(2);
    let strip = harness.get_by_label("Window of the trial, s").rect();
    let at = |share: f32| egui::pos2(strip.left() + 6.0 + share * (strip.width() - 12.0), strip.center().y);
    harness.drag_at(at(0.25));
    harness.run_steps(1);
    harness.hover_at(at(0.4));
    harness.run_steps(1);
    harness.hover_at(at(0.5));
    harness.run_steps(1);
    harness.drop_at(at(0.5));
    harness.run_steps(2);
    let (from, to) = harness.state().view.state.window;
    let whole = harness.state().view.state.duration_s;
    assert!((from / whole - 0.25).abs() < 0.01 && (to / whole - 0.5).abs() < 0.01, "{from} {to} of {whole}");
    harness.get_by_label_contains("Push-off at 3.000 s").click();
    harness.run_steps(2);
    assert!((harness.state().view.state.cursor_s - 4.0 * STRIDE_S).abs() < 1e-6);
}

#[test]
fn a_gap_is_hatched_and_says_how_long_it_is() {
    let mut with_gap = reviewed(WHOLE);
    with_gap.gaps = vec![GapSpan { t0_s: 1.2, t1_s: 1.5, lost: 300, certain: true }];
    let harness = bench(with_gap, SIZES[0]);
    assert!(shows(&harness, "gap 300 ms"));
    harness.get_by_label_contains("300 samples lost");
    assert!(!shows(&bench(reviewed(WHOLE), SIZES[0]), "gap"));
}

#[test]
fn the_table_is_copied_with_its_rejections() {
    let harness = bench(reviewed(WHOLE), SIZES[0]);
    let bench = harness.state();
    let table = bench.view.table(&bench.reviewing).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "start\tcontact\tknee off\tlead\tpush-off\trejected because");
    assert_eq!(lines.len(), 1 + WHOLE.strides + 1);
    assert!(
        lines[2].starts_with("0.750\t248 ms\t") || lines[2].starts_with("0.750\t247 ms\t"),
        "{}",
        lines[2]
    );
    assert!(lines[9].ends_with("no foot off for this contact"), "{}", lines[9]);
}

#[test]
fn data_make_the_view_differ_from_an_empty_one() {
    let shapes = |wanted: Wanted| {
        let harness = bench(reviewed(wanted), SIZES[0]);
        let count = |shape: &Shape| match shape {
            Shape::Mesh(mesh) => mesh.indices.len() / 3,
            Shape::Path(path) => path.points.len(),
            _ => 0,
        };
        harness.output().shapes.iter().map(|clipped| count(&clipped.shape)).sum::<usize>()
    };
    assert!(shapes(WHOLE) > shapes(Wanted { muscles: &[], ..WHOLE }) + 5000);
}
