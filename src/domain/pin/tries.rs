//! What wrong PINs come to: so many in a row and the PIN is locked until it is set anew; a right one clears them.
