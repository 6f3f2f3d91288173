//! Which channels a leg is decided from: fixed when the session starts.
//!
//! Not for the meaning of labels (`surae-io`, `surae-trial`), which is settled before.

use crate::dominance::Reason;
use surae_trial::{Joint, Kind, Muscle, SessionLayout, Side};

/// The muscles of a leg that dominance is made of, in the order of every per-leg array of the pipeline.
pub(super) const MUSCLES: [Muscle; 4] = [Muscle::MG, Muscle::LG, Muscle::GAS, Muscle::SOL];

/// Position of soleus in [`MUSCLES`].
pub(super) const SOL: usize = 3;

/// Electrode sites of one muscle that are averaged.
const MAX_SITES: usize = 4;

/// Positions of one muscle's channels in its stream's frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sites {
    columns: [u16; MAX_SITES],
    len: u8,
}

impl Sites {
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns[..usize::from(self.len)].iter().map(|&column| usize::from(column))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn push(&mut self, column: usize) {
        if usize::from(self.len) < MAX_SITES {
            self.columns[usize::from(self.len)] = column as u16;
            self.len += 1;
        }
    }
}

/// One leg: its EMG stream and, per muscle, its channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LegPlan {
    pub(super) side: Side,
    pub(super) stream: usize,
    pub(super) kind: Kind,
    pub(super) sites: [Sites; 4],
    /// Why this leg can never have a class.
    pub(super) refused: Option<Reason>,
    /// Stream and column of the knee angle.
    pub(super) knee: Option<(usize, usize)>,
}

impl LegPlan {
    /// The plan of a leg; `None` when the layout has no EMG of its triceps surae.
    pub(super) fn of(layout: &SessionLayout, side: Side) -> Option<Self> {
        // The rawest form first: hobby sensors offer raw, rectified and envelope of one muscle side by side.
        let kinds = [Kind::RawEmg, Kind::RectifiedEmg, Kind::Envelope];
        let candidates =
            || kinds.into_iter().flat_map(|kind| (0..layout.streams.len()).map(move |stream| (kind, stream)));
        let sites = |kind, stream| sites_of(layout, side, kind, stream);
        let pair = |s: &[Sites; 4]| s[..SOL].iter().any(|g| !g.is_empty()) && !s[SOL].is_empty();
        let any = |s: &[Sites; 4]| s.iter().any(|m| !m.is_empty());
        let whole = candidates().find(|&(kind, stream)| pair(&sites(kind, stream)));
        let (kind, stream) = whole.or_else(|| candidates().find(|&(k, s)| any(&sites(k, s))))?;
        let refused = if whole.is_some() { None } else { Some(why_not(layout, side, kinds)) };
        Some(Self { side, stream, kind, sites: sites(kind, stream), refused, knee: knee_of(layout, side) })
    }
}

fn sites_of(layout: &SessionLayout, side: Side, kind: Kind, stream: usize) -> [Sites; 4] {
    let mut sites = [Sites::default(); 4];
    for (column, channel) in layout.streams[stream].channels.iter().enumerate() {
        if channel.role.kind != kind || channel.role.side != Some(side) {
            continue;
        }
        if let Some(muscle) = MUSCLES.iter().position(|&m| channel.role.muscle == Some(m)) {
            sites[muscle].push(column);
        }
    }
    sites
}

/// No stream holds both muscles in one form: is one missing, are the forms mixed, or the clocks?
fn why_not(layout: &SessionLayout, side: Side, kinds: [Kind; 3]) -> Reason {
    let has = |kind, gastrocnemius: bool| {
        (0..layout.streams.len()).any(|stream| {
            let sites = sites_of(layout, side, kind, stream);
            if gastrocnemius { sites[..SOL].iter().any(|g| !g.is_empty()) } else { !sites[SOL].is_empty() }
        })
    };
    let any = |gastrocnemius| kinds.iter().any(|&kind| has(kind, gastrocnemius));
    if !any(true) || !any(false) {
        Reason::MissingMuscle
    } else if kinds.iter().any(|&kind| has(kind, true) && has(kind, false)) {
        Reason::DifferentClocks
    } else {
        Reason::ReferenceMismatch
    }
}

/// The knee angle of a leg: the stream named `knee` (made from the chosen source) before any other.
fn knee_of(layout: &SessionLayout, side: Side) -> Option<(usize, usize)> {
    let found = |named: bool| {
        layout.streams.iter().enumerate().filter(move |(_, s)| !named || s.name == "knee").find_map(
            |(at, stream)| {
                let column = stream.channels.iter().position(|c| c.is_angle_of(Joint::Knee, side))?;
                Some((at, column))
            },
        )
    };
    found(true).or_else(|| found(false))
}
