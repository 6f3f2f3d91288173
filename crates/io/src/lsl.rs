//! Lab Streaming Layer: liblsl, loaded when it is first needed, behind a safe interface.
//!
//! Nothing is linked: a build with the feature `lsl` runs on machines without the library and says so when a stream is asked
//! for. Numbers travel as `f64`, which holds every LSL format but the highest bits of `int64`. Not for what a stream means: its
//! samples become frames in [`crate::device`], its stamps are judged there, and post-processing by liblsl stays off because its
//! de-jittering bends time for minutes after a hole.

#![allow(unsafe_code, reason = "calls into a C library; every call stands in this file")]

use libloading::Library;
use std::ffi::{CStr, CString, c_char, c_double, c_int, c_ulong, c_void};
use std::ptr;
use std::sync::OnceLock;

/// Longest text that is taken from another computer: a description of 1024 channels is far below.
const MOST_TEXT: usize = 1 << 22;
/// Samples of one pull at most.
const MOST_SAMPLES: usize = 1024;
/// Seconds of samples that an inlet or outlet keeps for a slow reader.
const BUFFER_S: i32 = 60;
/// Streams that one search gives at most.
const MOST_FOUND: usize = 64;

/// Why LSL cannot do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LslError {
    /// The library is not there or is not usable.
    #[error("{0}; install liblsl (`pip install pylsl` brings it) and name its file in SURAE_LSL_LIB")]
    Absent(String),
    /// The stream is gone.
    #[error("the stream is gone")]
    Lost,
    /// Nothing came in time.
    #[error("no answer in time")]
    Timeout,
    /// The library refuses.
    #[error("liblsl refuses: {0}")]
    Refused(String),
}

type Handle = *mut c_void;

/// Declares the functions that are used, and how they are found.
macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        #[allow(missing_debug_implementations)]
        struct Api {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// What the functions are part of: never unloaded.
            _library: Library,
        }

        impl Api {
            fn of(library: Library) -> Result<Self, libloading::Error> {
                // SAFETY: the signatures are those of liblsl's C header (1.13 to 1.18); the library outlives the pointers.
                unsafe {
                    Ok(Self {
                        $($name: *library.get(concat!(stringify!($name), "\0").as_bytes())?,)*
                        _library: library,
                    })
                }
            }
        }
    };
}

functions! {
    lsl_library_version: fn() -> i32;
    lsl_local_clock: fn() -> c_double;
    lsl_destroy_string: fn(*mut c_char);
    lsl_resolve_bypred: fn(*mut Handle, u32, *const c_char, i32, c_double) -> i32;
    lsl_resolve_all: fn(*mut Handle, u32, c_double) -> i32;
    lsl_create_streaminfo: fn(*const c_char, *const c_char, i32, c_double, c_int, *const c_char) -> Handle;
    lsl_destroy_streaminfo: fn(Handle);
    lsl_get_name: fn(Handle) -> *const c_char;
    lsl_get_type: fn(Handle) -> *const c_char;
    lsl_get_source_id: fn(Handle) -> *const c_char;
    lsl_get_hostname: fn(Handle) -> *const c_char;
    lsl_get_uid: fn(Handle) -> *const c_char;
    lsl_get_channel_count: fn(Handle) -> i32;
    lsl_get_channel_format: fn(Handle) -> c_int;
    lsl_get_nominal_srate: fn(Handle) -> c_double;
    lsl_get_xml: fn(Handle) -> *mut c_char;
    lsl_get_desc: fn(Handle) -> Handle;
    lsl_append_child: fn(Handle, *const c_char) -> Handle;
    lsl_append_child_value: fn(Handle, *const c_char, *const c_char) -> Handle;
    lsl_create_inlet: fn(Handle, i32, i32, i32) -> Handle;
    lsl_destroy_inlet: fn(Handle);
    lsl_open_stream: fn(Handle, c_double, *mut i32);
    lsl_get_fullinfo: fn(Handle, c_double, *mut i32) -> Handle;
    lsl_time_correction: fn(Handle, c_double, *mut i32) -> c_double;
    lsl_pull_sample_d: fn(Handle, *mut c_double, i32, c_double, *mut i32) -> c_double;
    lsl_pull_chunk_d: fn(Handle, *mut c_double, *mut c_double, c_ulong, c_ulong, c_double, *mut i32) -> c_ulong;
    lsl_pull_sample_str: fn(Handle, *mut *mut c_char, i32, c_double, *mut i32) -> c_double;
    lsl_create_outlet: fn(Handle, i32, i32) -> Handle;
    lsl_destroy_outlet: fn(Handle);
    lsl_push_sample_dtp: fn(Handle, *const c_double, c_double, i32) -> i32;
    lsl_push_sample_strtp: fn(Handle, *const *const c_char, c_double, i32) -> i32;
}

/// The library, loaded on the first call.
fn api() -> Result<&'static Api, LslError> {
    static API: OnceLock<Result<Api, LslError>> = OnceLock::new();
    API.get_or_init(load).as_ref().map_err(Clone::clone)
}

fn load() -> Result<Api, LslError> {
    let stated = ["SURAE_LSL_LIB", "PYLSL_LIB"].into_iter().find_map(|name| {
        let path = std::env::var(name).ok().filter(|path| !path.is_empty())?;
        Some((name, path))
    });
    let names: Vec<String> = match &stated {
        Some((_, path)) => vec![path.clone()],
        None => USUAL.iter().map(|name| (*name).to_owned()).collect(),
    };
    for name in &names {
        // SAFETY: loading runs the initialisers of a library that the user named or installed under liblsl's own name.
        let Ok(library) = (unsafe { Library::new(name) }) else { continue };
        return Api::of(library).map_err(|error| {
            LslError::Absent(format!("{name} is no liblsl of version 1.13 or later ({error})"))
        });
    }
    Err(LslError::Absent(match stated {
        Some((name, path)) => format!("{name} names {path}, which cannot be loaded"),
        None => format!("liblsl is not installed (looked for {})", USUAL.join(", ")),
    }))
}

#[cfg(target_os = "windows")]
const USUAL: &[&str] = &["lsl.dll", "liblsl.dll", "liblsl64.dll"];
#[cfg(target_os = "macos")]
const USUAL: &[&str] = &[
    "liblsl.dylib",
    "/opt/homebrew/lib/liblsl.dylib",
    "/usr/local/lib/liblsl.dylib",
    "/opt/homebrew/Frameworks/lsl.framework/lsl",
];
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
const USUAL: &[&str] = &["liblsl.so", "liblsl.so.2", "liblsl.so.1"];

/// Version of the library that was found, times 100 (118 is 1.18).
///
/// # Errors
/// There is none.
pub fn version() -> Result<i32, LslError> {
    let api = api()?;
    // SAFETY: no arguments, no state.
    Ok(unsafe { (api.lsl_library_version)() })
}

/// LSL's clock, s: monotonic, the same for all programs of a computer.
///
/// # Errors
/// There is no library.
pub fn local_clock() -> Result<f64, LslError> {
    let api = api()?;
    // SAFETY: no arguments, no state.
    Ok(unsafe { (api.lsl_local_clock)() })
}

/// How an error code of the library is told; 0 is none.
fn checked(code: i32) -> Result<(), LslError> {
    match code {
        0 => Ok(()),
        -1 => Err(LslError::Timeout),
        -2 => Err(LslError::Lost),
        -3 => Err(LslError::Refused("an argument".to_owned())),
        code => Err(LslError::Refused(format!("error {code}"))),
    }
}

fn c_text(text: &str) -> Result<CString, LslError> {
    CString::new(text).map_err(|_| LslError::Refused("a text with a zero byte".to_owned()))
}

/// A text that the library owns.
///
/// # Safety
/// `text` is null or points to a text that ends with a zero and lives during the call.
unsafe fn borrowed(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_TEXT)]).into_owned()
}

/// A stream that was found, or one that is described to be offered.
struct Info(&'static Api, Handle);

// SAFETY: a stream's description is an object of its own, used by one thread at a time.
unsafe impl Send for Info {}

impl Info {
    fn text(&self, get: unsafe extern "C" fn(Handle) -> *const c_char) -> String {
        // SAFETY: the handle is alive; the text belongs to it.
        unsafe { borrowed(get(self.1)) }
    }

    fn xml(&self) -> String {
        // SAFETY: the handle is alive; the text is ours until it is given back.
        unsafe {
            let text = (self.0.lsl_get_xml)(self.1);
            let owned = borrowed(text);
            if !text.is_null() {
                (self.0.lsl_destroy_string)(text);
            }
            owned
        }
    }
}

impl Drop for Info {
    fn drop(&mut self) {
        // SAFETY: made by the library and not destroyed before.
        unsafe { (self.0.lsl_destroy_streaminfo)(self.1) }
    }
}

/// A stream on the network.
pub struct Found {
    info: Info,
    /// Its name.
    pub name: String,
    /// Its content type, such as `EMG`.
    pub kind: String,
    /// What identifies its source across restarts; may be empty.
    pub source_id: String,
    /// Its computer.
    pub hostname: String,
    /// Identifies this run of it.
    pub uid: String,
    /// Channels.
    pub channels: usize,
    /// True for text.
    pub is_text: bool,
    /// Nominal rate, Hz; 0 where samples come when something happens.
    pub rate_hz: f64,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {} channels, {} Hz)", self.name, self.kind, self.channels, self.rate_hz)
    }
}

/// Streams on the network for which `predicate` (XPath 1.0, such as `type='EMG'`) holds; all when there is none. Waits until
/// `minimum` are found or `timeout_s` has passed.
///
/// # Errors
/// There is no library, or it refuses the predicate.
pub fn resolve(predicate: Option<&str>, minimum: i32, timeout_s: f64) -> Result<Vec<Found>, LslError> {
    let api = api()?;
    let mut handles = [ptr::null_mut(); MOST_FOUND];
    let room = MOST_FOUND as u32;
    let found = match predicate {
        Some(predicate) => {
            let predicate = c_text(predicate)?;
            // SAFETY: the buffer has `room` places; the text lives during the call.
            unsafe {
                (api.lsl_resolve_bypred)(handles.as_mut_ptr(), room, predicate.as_ptr(), minimum, timeout_s)
            }
        }
        // SAFETY: the buffer has `room` places.
        None => unsafe { (api.lsl_resolve_all)(handles.as_mut_ptr(), room, timeout_s) },
    };
    if found < 0 {
        checked(found)?;
    }
    Ok(handles
        .into_iter()
        .take(found as usize)
        .filter(|handle| !handle.is_null())
        .map(|h| describe(api, h))
        .collect())
}

fn describe(api: &'static Api, handle: Handle) -> Found {
    let info = Info(api, handle);
    // SAFETY: the handle is alive.
    let (channels, format, rate_hz) = unsafe {
        (
            (api.lsl_get_channel_count)(handle),
            (api.lsl_get_channel_format)(handle),
            (api.lsl_get_nominal_srate)(handle),
        )
    };
    Found {
        name: info.text(api.lsl_get_name),
        kind: info.text(api.lsl_get_type),
        source_id: info.text(api.lsl_get_source_id),
        hostname: info.text(api.lsl_get_hostname),
        uid: info.text(api.lsl_get_uid),
        channels: usize::try_from(channels).unwrap_or(0),
        is_text: format == STRING,
        rate_hz,
        info,
    }
}

/// `cft_string`, `cft_float32` of the C header.
const STRING: c_int = 3;
const FLOAT: c_int = 1;

/// The receiving end of a stream. It does not recover by itself: a connection that ends is [`LslError::Lost`], and whoever holds
/// it opens another one.
pub struct Inlet {
    api: &'static Api,
    handle: Handle,
    channels: usize,
    is_text: bool,
    chunk: Vec<f64>,
    times: Vec<f64>,
}

// SAFETY: liblsl's inlets may be used from any thread; this one is used by one at a time.
unsafe impl Send for Inlet {}

impl Inlet {
    /// Connects.
    ///
    /// # Errors
    /// The stream is gone or does not answer.
    pub fn open(found: &Found, timeout_s: f64) -> Result<Self, LslError> {
        let api = found.info.0;
        // SAFETY: the description is alive and is copied by the library.
        let handle = unsafe { (api.lsl_create_inlet)(found.info.1, BUFFER_S, 0, 0) };
        if handle.is_null() {
            return Err(LslError::Refused("an inlet".to_owned()));
        }
        let (chunk, times) = (vec![0.0; found.channels * MOST_SAMPLES], vec![0.0; MOST_SAMPLES]);
        let inlet = Self { api, handle, channels: found.channels, is_text: found.is_text, chunk, times };
        let mut code = 0;
        // SAFETY: the inlet is alive.
        unsafe { (api.lsl_open_stream)(handle, timeout_s, &raw mut code) };
        checked(code)?;
        Ok(inlet)
    }

    /// The stream's description with all that its source says about channels.
    ///
    /// # Errors
    /// The stream is gone or does not answer.
    pub fn xml(&self, timeout_s: f64) -> Result<String, LslError> {
        let mut code = 0;
        // SAFETY: the inlet is alive; the description is ours.
        let handle = unsafe { (self.api.lsl_get_fullinfo)(self.handle, timeout_s, &raw mut code) };
        checked(code)?;
        if handle.is_null() {
            return Err(LslError::Timeout);
        }
        Ok(Info(self.api, handle).xml())
    }

    /// What is to be added to the stream's stamps to have them on this computer's [`local_clock`], s.
    ///
    /// # Errors
    /// The stream is gone, or its clock has not been compared within the time.
    pub fn time_correction(&self, timeout_s: f64) -> Result<f64, LslError> {
        let mut code = 0;
        // SAFETY: the inlet is alive.
        let correction = unsafe { (self.api.lsl_time_correction)(self.handle, timeout_s, &raw mut code) };
        checked(code)?;
        Ok(correction)
    }

    /// Takes the samples that are there, waiting up to `timeout_s` for the first: appends their stamps, and their values sample
    /// after sample. Gives how many.
    ///
    /// # Errors
    /// The stream is gone; or it is text.
    pub fn pull(
        &mut self,
        timeout_s: f64,
        stamps: &mut Vec<f64>,
        values: &mut Vec<f64>,
    ) -> Result<usize, LslError> {
        if self.is_text || self.channels == 0 {
            return Err(LslError::Refused("numbers from a stream of text".to_owned()));
        }
        let mut code = 0;
        let width = self.channels;
        // SAFETY: `chunk` has room for `width` values, which is how long the library is told it is.
        let stamp = unsafe {
            (self.api.lsl_pull_sample_d)(
                self.handle,
                self.chunk.as_mut_ptr(),
                width as i32,
                timeout_s,
                &raw mut code,
            )
        };
        match checked(code) {
            Err(LslError::Timeout) => return Ok(0),
            other => other?,
        }
        if stamp == 0.0 {
            return Ok(0);
        }
        stamps.push(stamp);
        values.extend_from_slice(&self.chunk[..width]);
        // SAFETY: both buffers have the length that the library is told.
        let filled = unsafe {
            (self.api.lsl_pull_chunk_d)(
                self.handle,
                self.chunk.as_mut_ptr(),
                self.times.as_mut_ptr(),
                self.chunk.len() as c_ulong,
                self.times.len() as c_ulong,
                0.0,
                &raw mut code,
            )
        };
        let more = (filled as usize / width).min(self.times.len());
        stamps.extend_from_slice(&self.times[..more]);
        values.extend_from_slice(&self.chunk[..more * width]);
        Ok(1 + more)
    }

    /// The next text of a stream of markers, waiting up to `timeout_s`: its stamp and its first channel.
    ///
    /// # Errors
    /// The stream is gone; or it is numbers.
    pub fn pull_text(&mut self, timeout_s: f64) -> Result<Option<(f64, String)>, LslError> {
        if !self.is_text || self.channels == 0 {
            return Err(LslError::Refused("text from a stream of numbers".to_owned()));
        }
        let mut texts = vec![ptr::null_mut::<c_char>(); self.channels];
        let mut code = 0;
        // SAFETY: `texts` has a place for each channel; what the library puts there is ours and given back below.
        let stamp = unsafe {
            (self.api.lsl_pull_sample_str)(
                self.handle,
                texts.as_mut_ptr(),
                self.channels as i32,
                timeout_s,
                &raw mut code,
            )
        };
        // SAFETY: null, or a text of the library that ends with a zero.
        let first = unsafe { borrowed(texts[0]) };
        for text in texts.into_iter().filter(|text| !text.is_null()) {
            // SAFETY: made by the library, given back once.
            unsafe { (self.api.lsl_destroy_string)(text) };
        }
        match checked(code) {
            Err(LslError::Timeout) => Ok(None),
            Err(other) => Err(other),
            Ok(()) => Ok((stamp != 0.0).then_some((stamp, first))),
        }
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        // SAFETY: made by the library and not destroyed before.
        unsafe { (self.api.lsl_destroy_inlet)(self.handle) }
    }
}

/// What is offered to other programs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Name of the stream.
    pub name: String,
    /// Content type, such as `EMG` or `Markers`.
    pub kind: String,
    /// What identifies the source, so that a listener finds it again after a restart.
    pub source_id: String,
    /// Rate in Hz; 0 where samples come when something happens.
    pub rate_hz: f64,
    /// Label, unit and type of each channel.
    pub channels: Vec<(String, String, String)>,
    /// Whether samples are text (markers).
    pub is_text: bool,
}

/// The sending end of a stream. Samples that a listener does not take within a minute are lost to that listener alone.
pub struct Outlet {
    api: &'static Api,
    handle: Handle,
    channels: usize,
    is_text: bool,
}

// SAFETY: liblsl's outlets may be used from any thread; this one is used by one at a time.
unsafe impl Send for Outlet {}

impl Outlet {
    /// Offers a stream: `float32` or text.
    ///
    /// # Errors
    /// There is no library, or it refuses the description.
    pub fn open(offer: &Offer) -> Result<Self, LslError> {
        let api = api()?;
        let (name, kind, id) = (c_text(&offer.name)?, c_text(&offer.kind)?, c_text(&offer.source_id)?);
        let channels =
            i32::try_from(offer.channels.len()).map_err(|_| LslError::Refused("channels".to_owned()))?;
        let format = if offer.is_text { STRING } else { FLOAT };
        // SAFETY: the texts live during the call.
        let handle = unsafe {
            (api.lsl_create_streaminfo)(
                name.as_ptr(),
                kind.as_ptr(),
                channels,
                offer.rate_hz,
                format,
                id.as_ptr(),
            )
        };
        if handle.is_null() {
            return Err(LslError::Refused(format!("a stream called '{}'", offer.name)));
        }
        let info = Info(api, handle);
        describe_channels(&info, &offer.channels)?;
        // SAFETY: the description is alive and is copied by the library.
        let handle = unsafe { (api.lsl_create_outlet)(info.1, 0, BUFFER_S) };
        if handle.is_null() {
            return Err(LslError::Refused(format!("to offer '{}'", offer.name)));
        }
        Ok(Self { api, handle, channels: offer.channels.len(), is_text: offer.is_text })
    }

    /// Sends one sample with its stamp on [`local_clock`]; 0 stamps it now.
    ///
    /// # Errors
    /// It has another number of values than the stream, or the stream is text.
    pub fn push(&mut self, values: &[f64], stamp: f64) -> Result<(), LslError> {
        if self.is_text || values.len() != self.channels {
            return Err(LslError::Refused(format!("{} values for {} channels", values.len(), self.channels)));
        }
        // SAFETY: one value for each channel.
        checked(unsafe { (self.api.lsl_push_sample_dtp)(self.handle, values.as_ptr(), stamp, 1) })
    }

    /// Sends one marker.
    ///
    /// # Errors
    /// The stream is not one channel of text.
    pub fn push_text(&mut self, text: &str, stamp: f64) -> Result<(), LslError> {
        if !self.is_text || self.channels != 1 {
            return Err(LslError::Refused("text for a stream of numbers".to_owned()));
        }
        let text = c_text(text)?;
        let texts = [text.as_ptr()];
        // SAFETY: one text for the one channel, alive during the call.
        checked(unsafe { (self.api.lsl_push_sample_strtp)(self.handle, texts.as_ptr(), stamp, 1) })
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        // SAFETY: made by the library and not destroyed before.
        unsafe { (self.api.lsl_destroy_outlet)(self.handle) }
    }
}

/// `desc/channels/channel/{label,unit,type}` and the manufacturer, as LSL's metadata convention has them.
fn describe_channels(info: &Info, channels: &[(String, String, String)]) -> Result<(), LslError> {
    let api = info.0;
    let value = |parent: Handle, name: &CStr, text: &str| -> Result<(), LslError> {
        let text = c_text(text)?;
        // SAFETY: the element belongs to the living description; the texts live during the call.
        unsafe { (api.lsl_append_child_value)(parent, name.as_ptr(), text.as_ptr()) };
        Ok(())
    };
    // SAFETY: the description is alive; elements belong to it.
    let (desc, all) = unsafe {
        let desc = (api.lsl_get_desc)(info.1);
        (desc, (api.lsl_append_child)(desc, c"channels".as_ptr()))
    };
    value(desc, c"manufacturer", "Surae")?;
    for (label, unit, kind) in channels {
        // SAFETY: as above.
        let channel = unsafe { (api.lsl_append_child)(all, c"channel".as_ptr()) };
        value(channel, c"label", label)?;
        value(channel, c"unit", unit)?;
        value(channel, c"type", kind)?;
    }
    Ok(())
}
