//! Reading, sending again, checking and giving up a code.
