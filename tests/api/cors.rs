//! Browsers of the CRM.
