//! Answers what the window asks for: sources to open, files to write, what to keep for the next start.

use super::opener::Opener;
use super::remembered;
use crate::failure::Failure;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use surae_dashboard::browser::{Entry, Folder};
use surae_dashboard::request::{Demo, Opened, Opening, Port, Request, Requests, Response, Written};
use surae_dashboard::reviewed::Reviewed;
use surae_engine::Job;

/// Answers what the window asks for.
pub fn requests(opener: Opener) -> Requests {
    Box::new(move |request| match request {
        Request::OpenTrial(path) => {
            let name = path.display().to_string();
            let kept = Some(std::path::absolute(&path).unwrap_or_else(|_| path.clone()));
            opening(&opener, name, kept, move |opener| opener.trial(&path, &[], None))
        }
        Request::OpenDemo(demo) => {
            let name = match demo {
                Demo::Walk => "the demo walk",
                Demo::Sprint => "the demo sprint",
                Demo::Jump => "the demo jumps",
            };
            opening(&opener, name.to_owned(), None, move |opener| opener.demo(demo))
        }
        Request::Connect { device, port } => {
            opening(&opener, port.clone(), None, move |opener| opener.board(&device, &port))
        }
        Request::ListPorts => match surae_io::port::list() {
            Ok(ports) => Response::Ports(
                ports.into_iter().map(|port| Port { path: port.path, what: port.description }).collect(),
            ),
            Err(error) => Response::Refused(error.to_string()),
        },
        Request::ListFolder(path) => match list(&path) {
            Ok(folder) => Response::Folder(folder),
            Err(why) => Response::Refused(format!("{}: cannot be listed: {why}", path.display())),
        },
        Request::OpenFile(path) => match open_file(&path) {
            Ok(()) => Response::Nothing,
            Err(why) => Response::Refused(format!(
                "{}: no viewer could be started ({why}). Copy the path and open it there.",
                path.display()
            )),
        },
        Request::Remember(what) => {
            // Settings that cannot be kept are not worth a word while somebody works: the next start has the defaults.
            let _ = remembered::write(&what);
            Response::Nothing
        }
        Request::ReadTrial(path) => {
            let opener = opener.clone();
            Response::Reading(Job::start("surae-read", move |_| {
                opener.material(&path).map_err(|failure| failure.to_string())
            }))
        }
        Request::WriteReport(reviewed) => Response::Writing(Job::start("surae-report", move |_| {
            write_report(&reviewed).map_err(|failure| failure.to_string())
        })),
        Request::SaveProfile(mut profile) => {
            if profile.date.is_empty() {
                profile.date = surae_engine::utc_now().chars().take(10).collect();
            }
            let stem: String = profile.athlete.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
            let stem = if stem.is_empty() { "profile".to_owned() } else { stem.to_lowercase() };
            let path = free(Path::new(&format!("{stem}.toml")));
            Response::Writing(Job::start("surae-profile", move |_| {
                surae_io::profile::write(&path, &profile).map_err(|error| error.to_string())?;
                Ok(written("Profile", &[path]))
            }))
        }
        Request::SavePng { path, width, height, rgba, replaces } => {
            let path = if replaces { path } else { free(&path) };
            match write_png(&path, width, height, &rgba) {
                Ok(()) => Response::Done(format!("{}: {width} x {height} pixels", path.display())),
                Err(why) => Response::Refused(format!("{}: cannot be written: {why}", path.display())),
            }
        }
    })
}

/// Endings of files that may hold a trial; others are shown only when asked for.
const ENDINGS: [&str; 19] = [
    "c3d", "csv", "txt", "tsv", "mot", "sto", "trc", "anc", "edf", "bdf", "xdf", "mat", "h5", "hdf5",
    "parquet", "npy", "npz", "wav", "tdms",
];

/// What a folder holds: folders first, then files, each by name; hidden ones are left out.
fn list(path: &Path) -> std::io::Result<Folder> {
    let path = if path.as_os_str().is_empty() { std::env::current_dir()? } else { path.to_owned() };
    let path = std::path::absolute(&path)?;
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(&path)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link counts as what it leads to.
        let is_folder = entry.path().is_dir();
        let ending = Path::new(&name).extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_trial = !is_folder && ENDINGS.contains(&ending.as_str());
        if !name.starts_with('.') {
            entries.push(Entry { name, is_folder, is_trial });
        }
    }
    entries.sort_by_cached_key(|entry| (!entry.is_folder, entry.name.to_lowercase()));
    Ok(Folder { path, entries })
}

fn opening(
    opener: &Opener,
    name: String,
    path: Option<PathBuf>,
    open: impl FnOnce(&Opener) -> Result<Opened, Failure> + Send + 'static,
) -> Response {
    let opener = opener.clone();
    let job =
        Job::start("surae-open", move |_| open(&opener).map(Box::new).map_err(|failure| failure.to_string()));
    Response::Opening(Opening { name, path, job })
}

/// The path itself, or the first of `name-2`, `name-3`, ... that is not taken: nothing is overwritten by a key.
fn free(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let named =
        |k: usize| if k == 1 { path.to_owned() } else { path.with_file_name(format!("{stem}-{k}.{ending}")) };
    (1..1000).map(named).find(|path| !path.exists()).unwrap_or_else(|| path.to_owned())
}

/// Files with their whole paths.
fn written(words: &str, files: &[PathBuf]) -> Written {
    let whole = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    Written { words: words.to_owned(), files: files.iter().map(whole).collect() }
}

/// Hands a file to the viewer of the system; it is not waited for.
fn open_file(path: &Path) -> std::io::Result<()> {
    let mut command = if cfg!(windows) {
        let mut command = std::process::Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else {
        std::process::Command::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" })
    };
    let mut viewer = command
        .arg(path)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    // Its end is taken note of, so that no dead process is left behind.
    std::thread::spawn(move || viewer.wait());
    Ok(())
}

/// Writes the page, the PDF and the JSON of a review into the working folder, and says where.
fn write_report(reviewed: &Reviewed) -> Result<Written, Failure> {
    let stem = Path::new(&reviewed.material.name).file_stem();
    let stem = stem.map_or_else(|| "trial".into(), |stem| stem.to_string_lossy().into_owned());
    let page = free(Path::new(&format!("{}.html", stem.replace([':', '/', '\\'], ""))));
    let json = free(&page.with_extension("json"));
    let printed = free(&page.with_extension("pdf"));
    let pdf = crate::review::pdf(&reviewed.model)?;
    let mut text = Vec::new();
    crate::output::write_json(&mut text, &reviewed.model.report)?;
    crate::output::write_file(&page, crate::html::page(&reviewed.model).as_bytes())?;
    crate::output::write_file(&json, &text)?;
    let mut files = vec![page, json];
    if let Some(pdf) = pdf {
        crate::output::write_file(&printed, &pdf)?;
        files.insert(1, printed);
    }
    Ok(written("Report", &files))
}

/// Eight bits a channel; what is behind the window is not part of the picture.
fn write_png(path: &Path, width: u32, height: u32, rgba: &[u8]) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let rgb: Vec<u8> = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    writer.write_image_data(&rgb)?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_reads_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.png");
        write_png(&path, 2, 1, &[1, 2, 3, 255, 4, 5, 6, 255]).unwrap();
        let decoder = png::Decoder::new(std::io::BufReader::new(File::open(&path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; 6];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_file_that_is_there_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jog-panel-1.png");
        assert_eq!(free(&path), path);
        std::fs::write(&path, "kept").unwrap();
        assert_eq!(free(&path), folder.path().join("jog-panel-1-2.png"));
    }
}
