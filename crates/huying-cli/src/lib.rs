//! The command line huying.

pub mod city;
pub mod people;
pub mod progress;
pub mod replay;
pub mod report;
