//! Clients and servers over real connections.

mod client;
mod end_to_end;
mod gateway;
mod reqwest;
mod same_vendor;
mod tonic;
mod wire;
