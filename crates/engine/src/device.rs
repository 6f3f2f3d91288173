//! Live sources. Placeholder until the ports land.
use crate::{DeviceSpec, Error, Session, SessionOptions};
pub(crate) fn start(specs: Vec<DeviceSpec>, options: SessionOptions) -> Result<Session, Error> {
    let _ = (specs, options);
    Err(Error::Empty("live sources are not built yet".to_owned()))
}
