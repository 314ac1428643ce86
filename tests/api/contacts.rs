//! Who may be sent anything, and changed details.
