//! The admin console: who gets in and stays in, what each role may do, and what it does to whom.

mod attempt;
mod delivery;
mod door;
mod export;
mod faults;
mod keys;
mod pages;
mod records;
mod roles;
mod settings;
mod trials;
mod users;
mod wordings;
