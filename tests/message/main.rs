//! Sending by each provider: what goes out, what an answer is taken for, and that nothing leaks.

#[cfg(test)]
mod email;
#[cfg(test)]
mod file;
#[cfg(test)]
#[expect(dead_code, reason = "the harness serves several test binaries")]
#[path = "../support/gateway.rs"]
mod gateway;
#[cfg(test)]
mod given;
#[cfg(test)]
mod sms;
#[cfg(test)]
#[path = "../support/smtp.rs"]
mod smtp;
#[cfg(test)]
mod twilio;
