//! The program as people and scripts meet it: its exit codes, its last lines, its one JSON object.

mod access;
mod admitted;
mod calibrate;
mod data;
mod doors;
mod due;
mod exported;
mod import;
mod open311;
mod past;
mod recipes;
mod report;
mod resident;
mod rest;
mod ringing;
mod rules;
mod running;
mod stage;
mod train;
