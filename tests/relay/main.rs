//! Emails through a real SMTP server that nobody here wrote.

#[cfg(test)]
mod relay;
