//! Limits on the value of one header, and on the metadata of one request.

mod request;
mod value;

pub(crate) use self::request::RemainingLimits;
pub use self::{
    request::RequestLimits,
    value::{Charset, ValueLimits},
};
