//! Accepts listeners on one address, lets those in that may listen, and gives each a thread.

use super::WAITING;
use super::client::{self, Guard};
use crate::priority::Rank;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Listeners of one address at most: a bound on threads, not a limit anybody meets.
const MOST_LISTENERS: usize = 32;

/// Time between two looks for newcomers.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Longest wait for listeners to take what was sent before the end.
const FAREWELL: Duration = Duration::from_millis(1000);

/// One listening address.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// Queues of those who passed the handshake.
    pub(super) joined: Receiver<Sender<Arc<str>>>,
    stop: Arc<AtomicBool>,
    busy: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn open(at: SocketAddr, websocket: bool, token: Option<&str>) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let guard = Arc::new(Guard { token: token.map(str::to_owned), websocket });
        let (tx, joined) = bounded(MOST_LISTENERS);
        let (stop, busy) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let flags = (Arc::clone(&stop), Arc::clone(&busy));
        let thread = thread::Builder::new()
            .name("publish".to_owned())
            .spawn(move || accept(&listener, &guard, &tx, &flags.0, &flags.1))?;
        Ok(Self { address, joined, stop, busy, thread: Some(thread) })
    }

    /// Ends the accepting thread, and waits a moment for listeners to get what was sent to them.
    pub(super) fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // Whoever joined unseen is let go.
        while self.joined.try_recv().is_ok() {}
        let mut waited = Duration::ZERO;
        while self.busy.load(Ordering::Relaxed) > 0 && waited < FAREWELL {
            thread::sleep(LOOK_EVERY);
            waited += LOOK_EVERY;
        }
    }
}

fn accept(
    listener: &TcpListener,
    guard: &Arc<Guard>,
    joined: &Sender<Sender<Arc<str>>>,
    stop: &AtomicBool,
    busy: &Arc<AtomicUsize>,
) {
    while !stop.load(Ordering::Relaxed) {
        match listener.accept() {
            // Beyond the bound the connection is closed at once.
            Ok((stream, _)) if busy.load(Ordering::Relaxed) < MOST_LISTENERS => {
                start(stream, guard, joined, busy);
            }
            Ok(_) => {}
            Err(_) => thread::sleep(LOOK_EVERY),
        }
    }
}

fn start(stream: TcpStream, guard: &Arc<Guard>, joined: &Sender<Sender<Arc<str>>>, busy: &Arc<AtomicUsize>) {
    let (guard, joined, counted) = (Arc::clone(guard), joined.clone(), Arc::clone(busy));
    busy.fetch_add(1, Ordering::Relaxed);
    let run = move || {
        Rank::Last.take();
        // Closing early is the only answer to a listener that fails: there is nobody to tell.
        let _ = client::serve(stream, &guard, |lines| {
            let (tx, rx) = bounded(WAITING);
            *lines = Some(rx);
            joined.try_send(tx).is_ok()
        });
        counted.fetch_sub(1, Ordering::Relaxed);
    };
    if thread::Builder::new().name("listener".to_owned()).spawn(run).is_err() {
        busy.fetch_sub(1, Ordering::Relaxed);
    }
}
