//! The window as a whole, drawn without a display: keys and tabs change views, files are opened beside the window.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{drawing, full};
use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use surae_dashboard::app::App;
use surae_dashboard::browser::{Entry, Folder};
use surae_dashboard::feed::Feed;
use surae_dashboard::lab::LabView;
use surae_dashboard::model::LabModel;
use surae_dashboard::request::{Demo, Opened, Opening, Port, Request, Response};
use surae_dashboard::state::{Action, Tab, ViewState};
use surae_engine::Job;

/// A feed that gives one model and keeps what it is asked for.
struct Fixed {
    model: LabModel,
    asked: Rc<RefCell<Vec<Action>>>,
    shown: Rc<RefCell<Vec<bool>>>,
}

impl Feed for Fixed {
    fn update(&mut self, _view: &mut ViewState, model: &mut LabModel) {
        model.clone_from(&self.model);
    }
    fn perform(&mut self, action: &Action, _model: &LabModel) {
        self.asked.borrow_mut().push(action.clone());
    }
    fn replace(&mut self, _opened: Opened) {}
    fn show(&mut self, is_shown: bool) {
        self.shown.borrow_mut().push(is_shown);
    }
    fn is_moving(&self) -> bool {
        false
    }
}

/// A file dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only the path is used".to_owned())
    }
}

struct Window {
    harness: Harness<'static, App>,
    asked: Rc<RefCell<Vec<Action>>>,
    shown: Rc<RefCell<Vec<bool>>>,
    requests: Rc<RefCell<Vec<Request>>>,
}

fn window() -> Window {
    let (asked, shown, requests) = (Rc::default(), Rc::default(), Rc::new(RefCell::new(Vec::new())));
    let feed = Fixed { model: full(), asked: Rc::clone(&asked), shown: Rc::clone(&shown) };
    let kept = Rc::clone(&requests);
    let answer = move |request: Request| {
        kept.borrow_mut().push(request);
        let job = Job::start("test", |_| Err("walk.c3d, byte 12: truncated".to_owned()));
        Response::Opening(Opening { name: "walk.c3d".to_owned(), path: None, job })
    };
    let app = App::new(Box::new(answer), LabView::default()).with_feed(Box::new(feed));
    let harness = drawing::window(drawing::SIZES[1], |ui, app: &mut App| app.draw(ui), app);
    Window { harness, asked, shown, requests }
}

impl Window {
    fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_steps(3);
    }

    fn tab(&self) -> Tab {
        self.harness.state().shell.tab
    }
}

#[test]
fn keys_and_tabs_change_the_view() {
    let mut window = window();
    for (key, tab) in [(Key::F2, Tab::Review), (Key::F3, Tab::Coach), (Key::F1, Tab::Lab)] {
        window.press(key);
        assert_eq!(window.tab(), tab);
    }
    for (name, tab) in [("Review", Tab::Review), ("Coach", Tab::Coach), ("Lab", Tab::Lab)] {
        window.harness.get_by_role_and_label(egui::accesskit::Role::Tab, name).click();
        window.harness.run_steps(3);
        assert_eq!(window.tab(), tab);
    }
}

#[test]
fn a_trial_stands_still_while_another_view_is_shown() {
    let mut window = window();
    window.press(Key::F2);
    assert_eq!(window.shown.borrow().last(), Some(&false));
    window.press(Key::F1);
    assert_eq!(window.shown.borrow().last(), Some(&true));
}

#[test]
fn keys_reach_the_session_and_the_overlay() {
    let mut window = window();
    window.press(Key::Space);
    assert_eq!(*window.asked.borrow(), [Action::PlayPause]);
    window.press(Key::Questionmark);
    assert!(window.harness.state().shell.help_open);
    window.press(Key::Escape);
    assert!(!window.harness.state().shell.help_open);
    window.press(Key::Num4);
    assert_eq!(window.asked.borrow().last(), Some(&Action::Mark(4)));
    assert_eq!(window.harness.state().shell.notes.len(), 1);
}

#[test]
fn a_dropped_file_is_opened_beside_the_window_and_a_refusal_is_a_note() {
    let mut window = window();
    window.harness.input_mut().dropped_files.push(std::sync::Arc::new(Dropped(PathBuf::from("walk.c3d"))));
    window.harness.run_steps(1);
    assert!(
        matches!(&window.requests.borrow()[..], [Request::OpenTrial(path)] if path.ends_with("walk.c3d"))
    );
    for _ in 0..200 {
        window.harness.run_steps(1);
        if !window.harness.state().shell.notes.is_empty() {
            break;
        }
        std::thread::yield_now();
    }
    assert!(window.harness.state().shell.notes[0].text.contains("byte 12"));
}

/// A window with nothing open, and what it asks for.
fn start(size: (f32, f32)) -> (Harness<'static, App>, Rc<RefCell<Vec<Request>>>) {
    let requests: Rc<RefCell<Vec<Request>>> = Rc::default();
    let kept = Rc::clone(&requests);
    let answer = move |request: Request| {
        let response = match &request {
            Request::ListPorts => Response::Ports(vec![Port {
                path: "/dev/ttyACM0".to_owned(),
                what: "Arduino Uno".to_owned(),
            }]),
            Request::ListFolder(path) => Response::Folder(Folder {
                path: if path.as_os_str().is_empty() { PathBuf::from("/data") } else { path.clone() },
                entries: [("monday", true), ("jog.c3d", false)]
                    .map(|(name, is_folder)| Entry { name: name.to_owned(), is_folder, is_trial: !is_folder })
                    .to_vec(),
            }),
            _ => Response::Nothing,
        };
        kept.borrow_mut().push(request);
        response
    };
    let mut app = App::new(Box::new(answer), LabView::default());
    app.start.devices = vec!["ascii".to_owned()];
    app.start.recents = vec![PathBuf::from("/data/monday/walk.c3d")];
    let harness = drawing::window(size, |ui, app: &mut App| app.draw(ui), app);
    (harness, requests)
}

#[test]
fn with_nothing_open_there_are_three_choices() {
    for size in [(1600.0, 1000.0), (1280.0, 720.0)] {
        let (mut harness, requests) = start(size);
        harness.get_by_label("Sprint").click();
        harness.run_steps(2);
        assert!(matches!(requests.borrow().last(), Some(Request::OpenDemo(Demo::Sprint))));
        harness.get_by_label("walk.c3d").click();
        harness.run_steps(2);
        assert!(
            matches!(requests.borrow().last(), Some(Request::OpenTrial(path)) if path.ends_with("monday/walk.c3d"))
        );
        harness.get_by_label("List the ports").click();
        harness.run_steps(3);
        harness.get_by_label_contains("Arduino Uno").click();
        harness.run_steps(3);
        harness.get_by_label("Connect").click();
        harness.run_steps(2);
        let asked = requests.borrow();
        let Some(Request::Connect { device, port }) = asked.last() else { panic!("{:?}", asked.last()) };
        assert_eq!((device.as_str(), port.as_str()), ("ascii", "/dev/ttyACM0"));
    }
}

#[test]
fn a_file_is_found_by_keys_alone() {
    let (mut harness, requests) = start((1600.0, 1000.0));
    harness.get_by_label("Browse …").click();
    harness.run_steps(4);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(
        matches!(requests.borrow().last(), Some(Request::ListFolder(path)) if path.ends_with("monday")),
        "{:?}",
        requests.borrow().last()
    );
    harness.event(egui::Event::Text("JOG".to_owned()));
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let asked = requests.borrow();
    assert!(
        matches!(asked.last(), Some(Request::OpenTrial(path)) if path.ends_with("monday/jog.c3d")),
        "{:?}",
        asked.last()
    );
}

#[test]
fn a_calibration_without_a_board_says_what_it_needs_and_blocks_nothing() {
    let mut window = window();
    window.press(Key::G);
    assert!(window.harness.state().calibration.is_open);
    assert!(drawing::shows(&window.harness, "A board is needed"));
    window.press(Key::Num2);
    assert_eq!(window.asked.borrow().last(), Some(&Action::Mark(2)), "keys go on");
    window.press(Key::Escape);
    window.press(Key::Escape);
    assert!(!window.harness.state().calibration.is_open);
}

#[test]
fn a_window_that_shows_nothing_new_sleeps_until_a_note_ends() {
    let feed = Fixed { model: full(), asked: Rc::default(), shown: Rc::default() };
    let app = App::new(Box::new(|_| Response::Nothing), LabView::default()).with_feed(Box::new(feed));
    let mut window = surae_dashboard::headless::Headless::new(app);
    for tab in Tab::ALL {
        window.app.shell.tab = tab;
        for _ in 0..60 {
            window.frame(0.1);
        }
        assert_eq!(window.rests(), std::time::Duration::MAX, "{tab:?}");
    }
    for (tab, is_told) in [(Tab::Lab, true), (Tab::Coach, false), (Tab::Review, true)] {
        window.app.shell.notes.clear();
        window.app.shell.tab = tab;
        window.app.shell.note("saved", false);
        for _ in 0..60 {
            window.frame(0.1);
        }
        let rests = window.rests().as_secs_f64();
        assert_eq!((5.0..=8.1).contains(&rests), is_told, "{tab:?}: {rests} s");
    }
    // A file that was written stays until it is closed.
    window.app.shell.notes.clear();
    window.app.shell.wrote("saved", PathBuf::from("report.html"));
    for _ in 0..60 {
        window.frame(0.1);
    }
    assert_eq!(window.rests(), std::time::Duration::MAX);
}
