//! CPU to build one frame of the Lab and of the Review view: 16 and 64 traces of 60 s at 2 kHz, from layout to triangles.
//! `cargo bench -p surae-dashboard`.

#[path = "../tests/common/mod.rs"]
mod common;

use common::trial::{WHOLE, Wanted, reviewed};
use common::{full, lane};
use egui::{Context, RawInput, Rect, Ui, vec2};
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;
use surae_dashboard::lab::LabView;
use surae_dashboard::review::ReviewView;
use surae_dashboard::reviewed::Reviewing;
use surae_dashboard::theme;
use surae_trial::Muscle;

/// Frames before counting, and counted ones.
const WARM: usize = 30;
const COUNTED: usize = 200;

/// Processor time of this thread in ms where the system tells it (Linux), else the time on the wall.
fn spent_ms(begun: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent_ns = told.and_then(|told| told.split_ascii_whitespace().next()?.parse::<f64>().ok());
    spent_ns.map_or_else(|| begun.elapsed().as_secs_f64() * 1e3, |ns| ns * 1e-6)
}

/// Median and 99th percentile of the processor time to build a frame and to cut it into triangles, in ms.
fn cost(mut draw: impl FnMut(&mut Ui)) -> (f64, f64) {
    let ctx = Context::default();
    ctx.set_fonts(theme::fonts());
    let mut times = Vec::new();
    let start = Instant::now();
    for frame in 0..WARM + COUNTED {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, vec2(1600.0, 1000.0))),
            time: Some(frame as f64 / 60.0),
            ..RawInput::default()
        };
        let begun_ms = spent_ms(start);
        let output = ctx.run_ui(input, &mut draw);
        let triangles = ctx.tessellate(output.shapes, 1.0);
        times.push(spent_ms(start) - begun_ms);
        assert!(!triangles.is_empty());
    }
    let mut times = times.split_off(WARM);
    times.sort_by(f64::total_cmp);
    (times[COUNTED / 2], times[COUNTED * 99 / 100])
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    for n in [16, 64] {
        let mut model = full();
        model.signals.lanes = (1..=n).map(|k| lane(&format!("CH{k}"), "", None, 100.0)).collect();
        let mut view = LabView::default();
        let (median, p99) = cost(|ui| drop(view.ui(ui, &model)));
        writeln!(out, "Lab, {n} traces of 60 s: median {median:.2} ms, p99 {p99:.2} ms")?;
    }
    const MANY: [Muscle; 64] = {
        let mut all = [Muscle::Other; 64];
        all[0] = Muscle::MG;
        all[1] = Muscle::LG;
        all[2] = Muscle::SOL;
        all
    };
    for n in [16, 64] {
        let wanted = Wanted { muscles: &MANY[..n], strides: 80, ..WHOLE };
        let mut reviewing = Reviewing::default();
        reviewing.show(reviewed(wanted));
        let mut view = ReviewView::default();
        if let Some(shown) = reviewing.shown() {
            view.show(&Arc::clone(shown));
        }
        let (median, p99) = cost(|ui| drop(view.ui(ui, &reviewing)));
        writeln!(out, "Review, {n} channels of 60 s: median {median:.2} ms, p99 {p99:.2} ms")?;
    }
    Ok(())
}
