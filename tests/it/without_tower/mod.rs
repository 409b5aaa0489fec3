//! Reading and writing without Tower and without a `HeaderMap`.

mod pairs;
mod provider;
mod requirements;
