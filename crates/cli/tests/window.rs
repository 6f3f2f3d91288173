//! The real window under Xvfb: its pictures of the bundled walk against those of the documentation.
//!
//! The comparison is of small blocks with a tolerance: another font hinter or driver passes, a blank view, a missing panel or
//! another theme does not. Where there is no Xvfb the test says so; with SURAE_REQUIRE_WINDOW=1 that fails.

#![cfg(feature = "dashboard")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests; a skipped test says so")]

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Pixels along the side of a block.
const BLOCK: usize = 20;
/// Levels of 255 by which a block counts as another one.
const LEVELS: f64 = 10.0;

/// A picture as means of blocks, three colours each.
struct Picture {
    width: usize,
    blocks: Vec<[f64; 3]>,
}

impl Picture {
    fn of(width: usize, height: usize, rgb: &[u8]) -> Self {
        let (across, down) = (width / BLOCK, height / BLOCK);
        let mut blocks = vec![[0.0; 3]; across * down];
        for y in 0..down * BLOCK {
            for x in 0..across * BLOCK {
                let block = &mut blocks[y / BLOCK * across + x / BLOCK];
                for (sum, value) in block.iter_mut().zip(&rgb[3 * (y * width + x)..]) {
                    *sum += f64::from(*value) / (BLOCK * BLOCK) as f64;
                }
            }
        }
        Self { width: across, blocks }
    }

    fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        Self::of(info.width as usize, info.height as usize, &bytes)
    }

    /// The share of blocks that differ, over the columns of blocks `columns`.
    fn differing(&self, other: &Self, columns: std::ops::Range<usize>) -> f64 {
        assert_eq!((self.width, self.blocks.len()), (other.width, other.blocks.len()), "another size");
        let pairs = self.blocks.iter().zip(&other.blocks).enumerate();
        let inside: Vec<_> = pairs.filter(|(at, _)| columns.contains(&(at % self.width))).collect();
        let other = inside.iter().filter(|(_, (a, b))| (0..3).any(|k| (a[k] - b[k]).abs() > LEVELS)).count();
        other as f64 / inside.len() as f64
    }

    /// The same size in one colour.
    fn blank(&self, level: f64) -> Self {
        Self { width: self.width, blocks: vec![[level; 3]; self.blocks.len()] }
    }
}

fn documented(name: &str) -> Picture {
    Picture::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images").join(name))
}

/// A picture that the window takes of itself; `None` where there is no Xvfb.
fn taken(folder: &Path, view: &str, after_s: u32) -> Option<Picture> {
    let path: PathBuf = folder.join(format!("{view}.png"));
    let mut command = Command::new("xvfb-run");
    command.args(["-a", "-s", "-screen 0 1600x1000x24", env!("CARGO_BIN_EXE_surae"), "dashboard"]);
    command.args(["--demo", "walk", "--view", view, "--after", &after_s.to_string(), "--screenshot"]);
    command.arg(&path).env("LIBGL_ALWAYS_SOFTWARE", "1").current_dir(folder);
    match command.output() {
        Err(error) => {
            let is_required = std::env::var_os("SURAE_REQUIRE_WINDOW").is_some_and(|value| value == "1");
            assert!(!is_required, "no Xvfb: {error}");
            eprintln!("skipped: xvfb-run cannot be started ({error})");
            None
        }
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(Picture::read(&path))
        }
    }
}

#[test]
fn blank_and_foreign_pictures_differ_from_every_view() {
    let views = ["dashboard.png", "review.png", "coach.png"].map(documented);
    for view in &views {
        let all = 0..view.width;
        for level in [0.0, 16.0, 240.0, 255.0] {
            let share = view.differing(&view.blank(level), all.clone());
            assert!(share > 0.3, "a blank view differs in {share:.2} of its blocks only");
        }
        assert_eq!(view.differing(view, all), 0.0);
    }
    assert!(views[1].differing(&views[2], 0..views[1].width) > 0.15, "Review and Coach look alike");
}

#[test]
fn the_views_look_as_the_documentation_shows_them() {
    let folder = tempfile::tempdir().unwrap();
    // Review stands still. Coach replays: another push-off differs in 5 % of its blocks, the border of a new card in 9 %.
    for (view, file, most) in [("review", "review.png", 0.08), ("coach", "coach.png", 0.2)] {
        let Some(picture) = taken(folder.path(), view, 2) else { return };
        let share = picture.differing(&documented(file), 0..picture.width);
        assert!(share < most, "{view}: {:.1} % of the blocks differ from docs/images/{file}", share * 100.0);
    }
}

#[test]
fn the_lab_view_shows_its_panels_while_traces_move() {
    let folder = tempfile::tempdir().unwrap();
    let Some(picture) = taken(folder.path(), "lab", 6) else { return };
    // The bar, the cards beside the lanes and the frames of the panels stand still; what moves is thin.
    let documented = documented("dashboard.png");
    let share = picture.differing(&documented, 0..picture.width);
    let blank = picture.differing(&documented.blank(16.0), 0..picture.width);
    assert!(share < 0.3, "{:.1} % of the blocks differ from docs/images/dashboard.png", share * 100.0);
    assert!(blank > 2.0 * share, "{blank} {share}: a blank view would pass");
}
