//! The window as a whole, drawn without a display: keys and tabs change views, files are opened beside the window.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::full;
use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use surae_dashboard::app::App;
use surae_dashboard::feed::Feed;
use surae_dashboard::lab::LabView;
use surae_dashboard::model::LabModel;
use surae_dashboard::request::{Demo, Opened, Opening, Port, Request, Response};
use surae_dashboard::state::{Action, Tab, ViewState};
use surae_dashboard::theme;
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
    let mut harness = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .with_context_setup(|ctx| ctx.set_fonts(theme::fonts()))
        .build_ui_state(|ui, app: &mut App| app.draw(ui), app);
    harness.run_steps(3);
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
            _ => Response::Nothing,
        };
        kept.borrow_mut().push(request);
        response
    };
    let mut app = App::new(Box::new(answer), LabView::default());
    app.start.devices = vec!["ascii".to_owned()];
    app.start.recents = vec![PathBuf::from("/data/monday/walk.c3d")];
    let mut harness = Harness::builder()
        .with_size(vec2(size.0, size.1))
        .with_context_setup(|ctx| ctx.set_fonts(theme::fonts()))
        .build_ui_state(|ui, app: &mut App| app.draw(ui), app);
    harness.run_steps(3);
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
