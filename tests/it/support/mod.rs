//! Vectors, arbitrary values, and tables of several topics.

pub(crate) mod agents;
pub(crate) mod arbitrary;
pub(crate) mod targets;
pub(crate) mod vectors;

pub(crate) use crate::model::fields;
